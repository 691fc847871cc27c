package workflow

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const agreements = `
	O01:
	O02: pre: [{step: O01}]; records: [{kind: agreement, each: rows, title: row_text, state: row_state, due: row_due}]`

func (w *world) agree(rows ...form.Answers) {
	w.t.Helper()
	a := word()
	a["rows"] = form.Value{Rows: rows}
	w.do(command.Submit{Meta: by("FED"), Ref: w.current("O02").Ref, Answers: a})
}

func agreedOn(text, due string) form.Answers {
	return form.Answers{"row_text": {Text: text}, "row_due": {Text: due}}
}

// TestAnAgreementIsReviewedByTheTandem: the day after its date, once, and not
// what was looked at before.
func TestAnAgreementIsReviewedByTheTandem(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.do(command.Assign{Meta: by("SVC"), Role: "LOK", Person: process.Person{Email: "lokal@verein.example"}})
	w.agree(agreedOn("Geheime Absprache", "2026-04-20"), agreedOn("Andere Absprache", "2026-04-20"))
	w.do(command.SetRecord{Meta: by("EXT"), Record: "agreement#O02#1#2", State: "kept", Reason: "schon geprüft"})
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.turn(w.now.AddDate(0, 0, 10))
	if n := len(w.subjects("lokal@verein.example", "Vereinbarung")); n != 0 {
		t.Errorf("%d mails in a pause, want none", n)
	}
	w.do(command.Resume{Meta: by("SVC")})
	w.days(5)
	mails := w.to("lokal@verein.example")
	if n := len(w.subjects("lokal@verein.example", "Vereinbarung")); n != 1 {
		t.Errorf("%d mails, want one: %v", n, mails)
	}
	for _, m := range mails {
		if strings.Contains(m.Text+m.HTML, "Absprache") {
			t.Errorf("a mail tells what was agreed: %s", m.Text)
		}
	}
	tasks, err := w.x.Tasks(w.ctx, w.id)
	if err != nil || len(tasks) != 1 || tasks[0].Kind != cases.TaskReview || tasks[0].Role != "TAN" || tasks[0].Closed {
		t.Fatalf("tasks are %+v %v, want the tandem's", tasks, err)
	}
	w.do(command.SetRecord{Meta: by("LOK"), Record: "agreement#O02#1#1", State: "broken", Reason: "nicht eingehalten"})
	if open, err := w.x.TaskOpen(w.ctx, w.id, tasks[0].Name); err != nil || open {
		t.Errorf("the task is still open: %t %v", open, err)
	}
	w.sameAsEvents()
}

func TestTheStateOfAnAgreementIsEnteredAtTheDesk(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.agree(agreedOn("Geheime Absprache", ""))
	b := w.svc()
	shows(t, b, "/vorgaenge/"+w.id, "Vereinbarung: Geheime Absprache", "offen", "Stand eintragen")
	path := "/vorgaenge/" + w.id + "/stand?eintrag=agreement.O02.1.1"
	page := shows(t, b, path, "Geheime Absprache", "eingehalten")
	if strings.Contains(page.Text(), "veröffentlicht") {
		t.Error("an agreement is offered the states of a document")
	}
	if r := b.Post(path, fill(page, url.Values{"state": {"public"}, "reason": {"Grund"}})); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a state that it can't have: status %d", r.Status)
	}
	if r := b.Post(path, fill(page, url.Values{"state": {"kept"}, "reason": {"beim Treffen geprüft"}})); r.Status != http.StatusSeeOther {
		t.Fatalf("entering the state: status %d\n%s", r.Status, r.Text())
	}
	shows(t, b, "/vorgaenge/"+w.id, "eingehalten", "beim Treffen geprüft", "Vereinbarung: jetzt eingehalten")
	if r := b.Get(path); r.Status != http.StatusNotFound {
		t.Errorf("there is nothing more to enter: status %d", r.Status)
	}
}

// sameRecords compares agreements and documents with what the events lead to.
func (w *world) sameRecords(built process.State) {
	w.t.Helper()
	list, err := w.x.Service.Records(w.ctx, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	stored := process.State{Records: map[string]process.Record{}}
	for _, r := range list {
		stored.Records[r.ID] = r
	}
	if len(list) == 0 && len(built.Records) == 0 {
		return
	}
	if got, want := built.Bare().Records, stored.Bare().Records; !reflect.DeepEqual(got, want) {
		w.t.Errorf("the events lead to\n%+v\nstored is\n%+v", got, want)
	}
}

// TestACorrectedDateIsReviewedAnew: the first review of an agreement was asked
// for, then its date is put off. It is asked for on the new date, too, and what
// was asked for the old one is settled.
func TestACorrectedDateIsReviewedAnew(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.do(command.Assign{Meta: by("SVC"), Role: "LOK", Person: process.Person{Email: "lokal@verein.example"}})
	w.agree(agreedOn("Absprache", "2026-04-20"))
	w.turn(w.now.AddDate(0, 0, 10))
	a := word()
	a["rows"] = form.Value{Rows: []form.Answers{agreedOn("Absprache", "2026-05-04")}}
	w.do(command.Correct{Meta: by("SVC"), Ref: w.current("O02").Ref, Answers: a, Reason: "später prüfen"})
	if open, err := w.x.TaskOpen(w.ctx, w.id, "agreement#O02#1#1"); err != nil || open {
		t.Errorf("before the new date the tandem's task is open: %t %v", open, err)
	}
	w.turn(w.now.AddDate(0, 0, 20))
	if n := len(w.subjects("lokal@verein.example", "Vereinbarung")); n != 2 {
		t.Errorf("%d mails, want one for each date", n)
	}
	if open, err := w.x.TaskOpen(w.ctx, w.id, "agreement#O02#1#1"); err != nil || !open {
		t.Errorf("after the new date the tandem's task is open: %t %v", open, err)
	}
	w.sameAsEvents()
}

// TestAReviewLeadsToItsAgreement: the desk and the case name the agreement with
// one date, and lead to where its state is entered, also after the case's end.
func TestAReviewLeadsToItsAgreement(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.agree(agreedOn("Ruhezeiten am Platz", "2026-04-20"))
	w.days(10)
	b := w.svc()
	stand := "/vorgaenge/" + w.id + "/stand?eintrag=agreement.O02.1.1"
	for _, path := range []string{"/aufgaben", "/vorgaenge/" + w.id} {
		r := shows(t, b, path, "Prüftermin vorbei", "Ruhezeiten am Platz", "20.04.2026")
		if !slices.ContainsFunc(r.All("main a"), func(e webtest.Element) bool { return e.Attr("href") == stand }) {
			t.Errorf("%s does not lead to %s:\n%s", path, stand, r.Body)
		}
		if strings.Contains(r.Text(), "seit 21.04.2026") || strings.Contains(r.Text(), "(21.04.2026)") || strings.Contains(r.Text(), "bis 20.04.2026") {
			t.Errorf("%s gives another date: %s", path, r.Text())
		}
		if strings.Contains(r.Body, "/erledigen?aufgabe=") {
			t.Errorf("%s settles the task and leaves the agreement open", path)
		}
	}
	w.do(command.Stop{Meta: by("SVC"), Reason: "es geht hier nicht mehr weiter"})
	shows(t, b, "/vorgaenge/"+w.id, "Prüftermin vorbei", "Stand eintragen")
	page := shows(t, b, stand, "Ruhezeiten am Platz")
	if r := b.Post(stand, fill(page, url.Values{"state": {"kept"}, "reason": {"nachgefragt"}})); r.Status != http.StatusSeeOther {
		t.Fatalf("entering the state: %d\n%s", r.Status, r.Text())
	}
	if text := shows(t, b, "/aufgaben").Text(); strings.Contains(text, "Prüftermin vorbei") {
		t.Errorf("the task stays: %s", text)
	}
	w.sameAsEvents()
}

package workflow

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// choose opens the page that shows who would be reminded of these steps.
func (w *world) choose(b *webtest.Browser, steps ...string) *webtest.Response {
	w.t.Helper()
	q := url.Values{}
	for _, s := range steps {
		q.Add("schritt", w.id+"."+s+".1")
	}
	return shows(w.t, b, "/aufgaben/erinnern?"+q.Encode())
}

// confirm sends what the page would send.
func confirm(r *webtest.Response) url.Values {
	v := fill(r, url.Values{})
	for _, in := range r.All("main form input[name=schritt]") {
		v.Add("schritt", in.Attr("value"))
	}
	return v
}

func TestRemindingByHandShowsItsMailsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	w.days(1) // a Tuesday, with the mails of yesterday gone out
	b := w.svc()
	list := shows(t, b, "/aufgaben?sicht=kommunen", "Steuerungsgruppe einrichten", "federführendes Amt (Amt für Zusammenleben)")
	if got := list.All("input[name=schritt]"); len(got) < 3 || got[0].Attr("aria-label") == "" {
		t.Fatalf("%d steps can be chosen, want some, each with a label", len(got))
	}
	sent := len(w.box.sent)
	page := w.choose(b, "A03", "A05", "A03", "O02", "A99")
	people := page.All("main .list .item")
	if len(people) != 2 {
		t.Fatalf("%d people would be reminded, want lead office and expert office:\n%s", len(people), page.Text())
	}
	if text := people[0].Text() + people[1].Text(); !strings.Contains(text, "amt@musterstadt.example") || !strings.Contains(text, "fachstelle@musterstadt.example") || !strings.Contains(text, "jetzt gleich") {
		t.Errorf("the page does not say who gets what when: %s", text)
	}
	if text := page.Text(); !strings.Contains(text, "O02 Angaben prüfen, Musterstadt ("+w.no+"): nicht mehr offen") || strings.Contains(text, "A99") {
		t.Errorf("what is left out is not told: %s", text)
	}
	w.tick()
	if len(w.box.sent) != sent {
		t.Fatal("looking at the page has sent mail")
	}
	for range 2 { // sent twice by a double click
		r := b.Post("/aufgaben/erinnern", confirm(page))
		if r.Status != http.StatusSeeOther || r.Location() != "/aufgaben?erinnert=2" {
			t.Fatalf("reminding: status %d, %s\n%s", r.Status, r.Location(), r.Text())
		}
	}
	shows(t, b, "/aufgaben?erinnert=2", "Erinnerte Schritte: 2")
	w.tick()
	if got := len(w.box.sent) - sent; got != 2 {
		t.Errorf("%d mails went out, want 2", got)
	}
	if got := w.subjects("fachstelle@musterstadt.example", "Ressourcen und Angebote erfassen"); len(got) != 2 || !strings.Contains(got[1], "Erinnerung") {
		t.Errorf("the expert office got %q, want the step and a reminder", got)
	}
	shows(t, b, "/vorgaenge/"+w.id, "Von Hand erinnert: A03", "Servicestelle")
	w.sameAsEvents()

	again := w.choose(b, "A03")
	if text := again.Text(); !strings.Contains(text, "heute schon von Hand erinnert") || len(again.All("main form")) > 0 {
		t.Errorf("the step can be reminded of once more today: %s", text)
	}
	late := fill(page, url.Values{"schritt": {w.id + ".A03.1"}})
	late.Set("_command", "another")
	if r := b.Post("/aufgaben/erinnern", late); r.Location() != "/aufgaben?ausgelassen=1&erinnert=0" {
		t.Errorf("reminding by an old page leads to %s", r.Location())
	}
	w.tick()
	if got := len(w.box.sent) - sent; got != 2 {
		t.Errorf("after that %d mails went out, want still 2", got)
	}
	w.days(1)
	w.do(command.Nudge{Meta: by("EXT"), Ref: w.current("A03").Ref})
}

// Who has had the mail of the day is named, with the day on which theirs goes.
func TestRemindingByHandKeepsToOneMailADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.turn(w.now.Add(time.Hour)) // the mail about O05 goes out
	page := w.choose(w.svc(), "O05")
	text := page.Text()
	if !strings.Contains(text, "hat heute schon eine E-Mail bekommen") || !strings.Contains(text, "frühestens 14.04.2026, 08:00 Uhr") {
		t.Errorf("the page does not say that the mail waits: %s", text)
	}
	w.svc().Post("/aufgaben/erinnern", confirm(page))
	w.turn(monday.AddDate(0, 0, 1).Add(-2 * time.Hour))
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 1 {
		t.Fatalf("on the same day, and before eight on the next, %q went out", got)
	}
	w.turn(monday.AddDate(0, 0, 1))
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 2 {
		t.Errorf("on the next day went out %q, want the reminder", got)
	}
}

// A reminder that waits is of no use once its step is done.
func TestNothingIsSentForAStepThatIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.turn(w.now.Add(time.Hour))
	w.do(command.Nudge{Meta: by("SVC"), Ref: w.current("O05").Ref})
	ref := w.current("O05").Ref
	w.submit("O05", "LEI")
	w.refuses(command.Nudge{Meta: by("SVC"), Ref: ref}, command.ErrNotOpen)
	w.days(2)
	if got := w.subjects(lead, "Erinnerung: Kooperationsvereinbarung"); len(got) != 0 {
		t.Errorf("%q went out for a step that is done", got)
	}
}

func TestWhoMayRemindByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	ref := w.current("A03").Ref
	for _, role := range []string{"KUF", "LEI", "STG", "TRA", "KM", "EVA"} {
		w.refuses(command.Nudge{Meta: by(role), Ref: ref}, command.ErrRole)
	}
	kuf := w.signedIn("fachstelle@musterstadt.example", "KUF")
	if r := w.choose(kuf, "A03"); len(r.All("main form")) > 0 || strings.Contains(r.Text(), "amt@musterstadt.example") {
		t.Errorf("who only reads can remind, or sees whom: %s", r.Text())
	}
	if r := kuf.Post("/aufgaben/erinnern", url.Values{"schritt": {w.id + ".A03.1"}, "_command": {"x"}}); r.Location() != "/aufgaben?erinnert=0" {
		t.Errorf("who only reads is led to %s", r.Location())
	}
	foreign := w.signedIn("amt@anderswo.example", "FED")
	if r := w.choose(foreign, "A03"); strings.Contains(r.Text(), "Musterstadt") {
		t.Errorf("somebody from elsewhere learns of the case: %s", r.Text())
	}
	if w.current("A03").Nudged != (lang.Date{}) {
		t.Error("somebody was reminded")
	}
	w.do(command.Nudge{Meta: by("FED"), Ref: ref})
	w.refuses(command.Nudge{Meta: by("SVC"), Ref: ref}, command.ErrNudged)
	w.beginFor(municipality.Municipality{Key: "09999125", Name: "Musterdorf", Land: "BY"}, process.People{"FED": {{Email: "amt@musterdorf.example"}}})
	w.refuses(command.Nudge{Meta: by("SVC"), Ref: w.current("O02").Ref}, command.ErrNobody)
	if text := w.choose(w.svc(), "O02").Text(); !strings.Contains(text, "Schritt der Servicestelle selbst") {
		t.Errorf("the service office can remind itself: %s", text)
	}
	nobody := w.newCaseWithoutLead(t)
	w.refuses(command.Nudge{Meta: by("SVC"), Ref: nobody}, command.ErrNobody)
}

// newCaseWithoutLead is a case in which nobody is there to do O05.
func (w *world) newCaseWithoutLead(t *testing.T) process.Ref {
	t.Helper()
	w.beginFor(municipality.Municipality{Key: "09999124", Name: "Beispielheim", Land: "BY"}, process.People{"FED": {{Email: "amt@beispielheim.example"}}})
	for _, s := range []string{"O02", "O03", "O04"} {
		w.submit(s, "SVC")
	}
	ref := process.Ref{Step: "O05", Iteration: 1}
	st := w.current("O05")
	st.Asked = nil
	w.overwrite(st)
	return ref
}

// When of the outbox and what the outbox does are the same thing twice.
func TestOutboxSaysWhenAMailGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := mail.Entry{Key: "a", Template: "remind1", To: lead, Land: "BY", Class: mail.Step}
	friday := monday.AddDate(0, 0, 4)
	for _, c := range []struct{ now, want string }{
		{monday.Format(layout), monday.Format(layout)}, {friday.Format(layout), "2026-04-20T08:00"},
	} {
		now := at(t, c.now)
		got, had, err := w.x.Outbox.When(t.Context(), e, now)
		if err != nil || had || got.In(lang.Berlin()).Format(layout) != c.want {
			t.Errorf("at %s it goes at %v, %t, %v; want %s", c.now, got, had, err, c.want)
		}
	}
	e.Class = mail.Safety
	if got, _, err := w.x.Outbox.When(t.Context(), e, friday); err != nil || !got.Equal(friday) {
		t.Errorf("what is urgent goes at %v, %v", got, err)
	}
}

const layout = "2006-01-02T15:04"

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation(layout, s, lang.Berlin())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// overwrite stores a step as it could not come about here.
func (w *world) overwrite(st process.Step) {
	w.t.Helper()
	k := cases.Key(w.id, cases.RefSK("step", st.Ref))
	it, err := w.table.Get(w.ctx, k)
	if err == nil {
		it.Body = []byte(cases.Compact(st))
		err = w.table.Write(w.ctx, table.Put(it))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

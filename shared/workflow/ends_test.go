package workflow

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

func TestACompletedCaseThanksAndIsAskedOnceMore(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]
		R06: pre: [{step: O01}]; acts: [KM]; repeatable: true; repeat: {every: on_demand}`)
	for role, who := range map[string]string{"LEI": "leitung", "EXT": "extern", "LOK": "amt"} {
		w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: who + "@musterstadt.example"}})
	}
	w.finish("C15", "SVC", "next_on", "2026-06-02")
	w.days(3)
	for _, who := range []string{"leitung", "extern", "amt"} {
		if n := len(w.subjects(who+"@musterstadt.example", "Abschluss und Nachsorge")); n != 1 {
			t.Errorf("%s got %d closing mails, want one", who, n)
		}
	}
	follow := func() int {
		all, err := w.x.Desk(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, on := range all {
			if on.Why == cases.TaskFollow {
				n++
			}
		}
		return n
	}
	if n := follow(); n != 0 {
		t.Errorf("before its day the follow-up stands on the desk")
	}
	w.turn(w.now.AddDate(0, 2, 0))
	if n := follow(); n != 1 {
		t.Errorf("on its day the desk has %d follow-ups, want one", n)
	}
	w.do(command.Settle{Meta: by("SVC"), Task: "follow#C15#1"})
	w.days(2)
	if n := follow(); n != 0 {
		t.Errorf("a settled follow-up stands on the desk")
	}
	w.sameAsEvents()
}

func TestASettledFollowUpStaysSettled(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
	w.finish("C15", "SVC", "next_on", "2026-06-02")
	w.do(command.Settle{Meta: by("SVC"), Task: "follow#C15#1"}) // asked early
	w.turn(w.now.AddDate(0, 2, 0))
	if err := w.x.Due(w.ctx, cases.Key(w.id, "task#follow#C15#1"), w.now); err != nil {
		t.Fatal(err)
	}
	if open, err := w.x.TaskOpen(w.ctx, w.id, "follow#C15#1"); err != nil || open {
		t.Errorf("the task is open again: %t %v", open, err)
	}
}

var codeInMail = regexp.MustCompile(`[0-9]{6}`)

// unlock asks for the code of a page behind a link and types it.
func (w *world) unlock(b *webtest.Browser, path, address string) {
	w.t.Helper()
	if r := b.Post(path+"/code", url.Values{}); r.Status != http.StatusSeeOther {
		w.t.Fatalf("asking for a code: status %d\n%s", r.Status, r.Text())
	}
	w.tick()
	mails := w.to(address)
	code := codeInMail.FindString(mails[len(mails)-1].Text)
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusSeeOther {
		w.t.Fatalf("typing code %q: status %d\n%s", code, r.Status, r.Text())
	}
}

func TestASecondPersonAcceptsByLink(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, LEI]; four_eyes: true
		O03: pre: [{step: O02}]; acts: [FED]`)
	const one, two = "amt@musterstadt.example", "leitung@musterstadt.example"
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: two}})
	w.days(1)
	b, path := w.browser(), w.link(one, "O02")
	if r := b.Post(path, fill(b.Get(path), url.Values{"word": {"Geheimnis"}})); r.Status != http.StatusSeeOther {
		t.Fatalf("sending in: status %d\n%s", r.Status, r.Text())
	}
	w.days(1)
	if n := len(w.subjects(two, "bitte gegenlesen")); n != 1 || len(w.subjects(one, "bitte gegenlesen")) != 0 {
		t.Fatalf("%d mails to the second person, and to the first %v", n, w.subjects(one, "gegenlesen"))
	}
	other := w.browser()
	path = w.link(two, "O02")
	if page := other.Get(path); page.Status != http.StatusOK || strings.Contains(page.Body, "Geheimnis") {
		t.Fatalf("following the link: status %d, and it must not show what somebody wrote\n%s", page.Status, page.Text())
	}
	if r := other.Post(path+"/gegenlesen", url.Values{"decision": {"accept"}}); r.Status == http.StatusOK {
		t.Error("the step is accepted by who has not read it")
	}
	w.unlock(other, path, two)
	page := other.Get(path)
	if !strings.Contains(page.Body, "Geheimnis") {
		t.Fatalf("after the code the answers are not shown\n%s", page.Text())
	}
	if r := other.Post(path+"/gegenlesen", fill(page, url.Values{})); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a decision: status %d", r.Status)
	}
	if r := other.Post(path+"/gegenlesen", fill(page, url.Values{"decision": {"accept"}})); r.Status != http.StatusOK {
		t.Fatalf("accepting: status %d\n%s", r.Status, r.Text())
	}
	if h := w.head(); h.Steps["O02"].State != process.Done || h.Steps["O03"].State != process.Open {
		t.Errorf("after accepting: %v", h.Steps)
	}
	w.sameAsEvents()
}

func TestNobodyAcceptsAtTheDeskWhatTheySubmitted(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, KUF]; four_eyes: true`)
	w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Email: "amt@musterstadt.example"}})
	w.user = &web.User{Email: "amt@musterstadt.example", Roles: []web.Role{{Code: "FED", Municipality: w.id}}}
	b, base := w.browser(), "/vorgaenge/"+w.id+"/schritte/O02"
	if r := b.Post(base, fill(b.Get(base), url.Values{"word": {"x"}})); r.Status != http.StatusSeeOther {
		t.Fatalf("sending in: status %d\n%s", r.Status, r.Text())
	}
	page := b.Get(base + "/annehmen")
	if r := b.Post(base+"/annehmen", fill(page, url.Values{})); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "jemand anderen") {
		t.Errorf("accepting one's own: status %d\n%s", r.Status, r.Text())
	}
	all, err := w.x.Desk(w.ctx)
	if err != nil || len(all) != 1 || all[0].Why != cases.WhyReview {
		t.Errorf("on the service office's desk is %+v %v, want the step that waits", all, err)
	}
}

func TestTheMunicipalityWithdrawsByItsLink(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O01}]; acts: [KUF]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Email: "kuf@musterstadt.example"}})
	w.days(1)
	b := w.browser()
	if r := b.Get(w.link("kuf@musterstadt.example", "O03") + "/zurueckziehen"); r.Status != http.StatusNotFound {
		t.Errorf("who does not speak for the municipality: status %d", r.Status)
	}
	path := w.link("amt@musterstadt.example", "O02") + "/zurueckziehen"
	page := b.Get(path)
	if r := b.Post(path, fill(page, url.Values{"reason": {"der Rat hat es abgelehnt"}})); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the word that all steps end: status %d", r.Status)
	}
	sent := url.Values{"reason": {"der Rat hat es abgelehnt"}, "sure": {"OK"}}
	if r := b.Post(path, fill(page, sent)); r.Status != http.StatusOK {
		t.Fatalf("withdrawing: status %d\n%s", r.Status, r.Text())
	}
	if h := w.head(); h.Status != process.Withdrawn || len(h.Pending()) > 0 {
		t.Errorf("the case is %q with %v", h.Status, h.Pending())
	}
	w.days(1)
	if n := len(w.subjects(office, "hat die Teilnahme beendet")); n != 1 {
		t.Errorf("%d mails to the service office, want one", n)
	}
}

// TestWhoStandsInByALinkDoesNotWithdraw: whoever found a link of the lead office
// could have named them.
func TestWhoStandsInByALinkDoesNotWithdraw(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]`)
	const own, regular = "amt@musterstadt.example", "amt-vertretung@musterstadt.example"
	w.do(command.Absence{Meta: by("FED"), Email: own, Own: true, Away: process.Period{From: w.day(0), To: w.day(5), Deputy: deputy}})
	w.days(1)
	b := w.browser()
	if r := b.Get(w.link(deputy, "O02") + "/zurueckziehen"); r.Status != http.StatusNotFound {
		t.Errorf("named for the time of an absence: status %d", r.Status)
	}
	w.do(command.Absence{Meta: by("FED"), Email: own, Own: true, Away: process.Period{From: w.day(0), To: w.day(5), Deputy: regular}})
	w.days(2)
	if r := b.Get(w.link(regular, "O02") + "/zurueckziehen"); r.Status != http.StatusOK {
		t.Errorf("the deputy whom the case knows: status %d", r.Status)
	}
}

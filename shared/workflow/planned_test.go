package workflow

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// tiny runs a process that is written a step a line.
func tiny(t *testing.T, text string) *world {
	t.Helper()
	w := worldOf(t, processtest.Files(text), nil)
	w.begin()
	return w
}

// word answers the form that all steps of tiny processes have.
func word(pairs ...string) form.Answers {
	a := form.Answers{"word": {Text: "x"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		a[pairs[i]] = form.Value{Text: pairs[i+1]}
	}
	return a
}

// finish does a step by command.
func (w *world) finish(step, role string, pairs ...string) {
	w.t.Helper()
	w.do(command.Submit{Meta: by(role), Ref: w.current(step).Ref, Answers: word(pairs...)})
}

const waiting = `
	O01:
	O02: pre: [{step: O01}]
	O03: pre: [{step: O02, wait_wt: 3}]`

func TestAPlannedStepOpensOnItsDayByAnEvent(t *testing.T) {
	t.Parallel()
	w := tiny(t, waiting)
	w.finish("O02", "FED") // on Monday, 13 April
	if st := w.current("O03"); st.State != process.Planned || len(w.subjects("amt@musterstadt.example", "Schritt O03")) != 0 {
		t.Errorf("O03 is %+v, want planned and no mail", st)
	}
	w.turn(lang.Date{Year: 2026, Month: 4, Day: 15}.At(23, 0))
	if m := w.head().Steps["O03"]; m.State != process.Planned {
		t.Errorf("on the day before O03 is %q", m.State)
	}
	w.turn(lang.Date{Year: 2026, Month: 4, Day: 16}.At(12, 0))
	if m := w.head().Steps["O03"]; m.State != process.Open || m.Iteration != 1 {
		t.Errorf("on its day O03 is %+v, want open", m)
	}
	if row, e := w.last(process.Opened); row.By.Role != process.ByClock || e.Step != "O03" {
		t.Errorf("the history says %+v by %+v, want O03 opened by the clock", e, row.By)
	}
	if got := w.subjects("amt@musterstadt.example", "Schritt O03"); len(got) != 1 {
		t.Errorf("mails about O03: %v, want one", got)
	}
	w.sameAsEvents()
}

// TestATimerOfAPlannedStepThatMovedDoesNothing: WF-5 for what is planned.
func TestATimerOfAPlannedStepThatMovedDoesNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"taken back": func(w *world) { w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "noch einmal"}) },
		"resting":    func(w *world) { w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"}) },
		"moved": func(w *world) {
			w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
			w.set(w.now.AddDate(0, 0, 2))
			w.do(command.Resume{Meta: by("SVC")})
		},
		"ended":  func(w *world) { w.do(command.Withdraw{Meta: by("SVC"), Reason: "kein Beschluss"}) },
		"opened": func(w *world) { w.do(command.Open{Meta: by("EXT"), Ref: w.current("O03").Ref}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tiny(t, waiting)
			w.finish("O02", "FED")
			change(w)
			w.set(lang.Date{Year: 2026, Month: 4, Day: 16}.At(12, 0))
			before := w.head()
			if err := w.x.Due(w.ctx, cases.Key(w.id, "step#O03#1"), w.now); err != nil {
				t.Fatal(err)
			}
			if after := w.head(); after.Seq != before.Seq {
				t.Errorf("the timer did something: %+v", after)
			}
			for shard := range table.Shards() {
				for it, err := range table.All(w.ctx, w.table, table.DueUntil(shard, w.now)) {
					if err == nil && strings.HasPrefix(it.SK, "step#O03") {
						t.Errorf("%s is still due: the tick would come by for ever", it.SK)
					}
				}
			}
		})
	}
}

func TestALinkToWhatIsOnDemandLeadsToThePresentRound(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		R06: pre: [{step: O01}]; repeatable: true; repeat: {every: on_demand}`)
	w.days(1)
	mails := w.to("amt@musterstadt.example")
	if len(mails) != 1 || !strings.Contains(mails[0].Subject, "ab jetzt jederzeit") || strings.Contains(mails[0].Text, "[[") {
		t.Fatalf("mails: %+v, want one that says that there is no due date", mails)
	}
	b, first := w.browser(), w.link("amt@musterstadt.example", "R06")
	for n := range 3 {
		path, page := first, b.Get(first)
		if page.Status == http.StatusSeeOther {
			path = page.Location()
			page = b.Get(path)
		}
		if page.Status != http.StatusOK || !strings.Contains(page.Text(), "jederzeit") {
			t.Fatalf("round %d: status %d\n%s", n+1, page.Status, page.Text())
		}
		if done := b.Post(path, fill(page, url.Values{"word": {"Hinweis"}})); done.Status != http.StatusSeeOther {
			t.Fatalf("round %d: sending in: status %d\n%s", n+1, done.Status, done.Text())
		}
	}
	if m := w.head().Steps["R06"]; m.Iteration != 4 || m.State != process.Open {
		t.Errorf("after three rounds R06 is %+v, want the fourth open", m)
	}
	w.days(30)
	if n := len(w.to("amt@musterstadt.example")); n != 1 {
		t.Errorf("%d mails, want one for all rounds and no reminders", n)
	}
	w.sameAsEvents()
}

// TestAnswersOfOtherStepsStandInTheForm: what was counted at once, what somebody
// wrote after the code, and nothing over what was entered.
func TestAnswersOfOtherStepsStandInTheForm(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02}]; repeatable: true; repeat: {every: "1 week"}; prefill: [{question: next_on, from: "O02.next_on"}, {question: why, from: "O02.why"}]`)
	w.finish("O02", "FED", "next_on", "2026-06-24", "why", "Geschriebenes")
	w.days(1)
	b, path := w.browser(), w.link("amt@musterstadt.example", "O03")
	page := b.Get(path)
	if !strings.Contains(page.Body, "2026-06-24") && !strings.Contains(page.Body, "24.06.2026") || strings.Contains(page.Body, "Geschriebenes") {
		t.Errorf("behind the link the date is to be seen, and not what somebody wrote\n%s", page.Body)
	}
	shows(t, w.svc(), "/vorgaenge/"+w.id+"/schritte/O03")
	if body := w.svc().Get("/vorgaenge/" + w.id + "/schritte/O03").Body; !strings.Contains(body, "Geschriebenes") {
		t.Error("at the desk all of it is to be seen")
	}
	b.Post(path, fill(page, url.Values{"why": {"Eigenes"}, "next_on": {""}, "_save": {"1"}}))
	if page = b.Get(path); !strings.Contains(page.Body, "Eigenes") || strings.Contains(page.Body, "2026-06-24") {
		t.Error("what was entered is overwritten")
	}
	w.finish("O03", "FED", "why", "Erste Runde")
	w.days(8)
	if page := b.Get(w.link("amt@musterstadt.example", "O03")); strings.Contains(page.Body, "Erste Runde") || strings.Contains(page.Text(), "noch einmal") {
		t.Errorf("the next round does not begin anew\n%s", page.Text())
	}
}

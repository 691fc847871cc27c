package workflow

import (
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// termed is a process whose second step has to be done in so many working days.
func termed(wt string) string {
	return `
	O01:
	O02: pre: [{step: O01}]; acts: [FED]; due_wt: ` + wt
}

// TestANewTimeKeepsWhatAPauseAdded: the days of a pause are no days on which
// somebody could have done the step, by the old version as by the new one.
func TestANewTimeKeepsWhatAPauseAdded(t *testing.T) {
	t.Parallel()
	w := tiny(t, termed("40"))
	shipped, former := w.retermed("30")
	w.recount(shipped, former)
	opened := w.current("O02").Opened
	w.days(7)
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	began := w.day(0)
	w.days(70)
	w.do(command.Resume{Meta: by("SVC")})
	cal, lost := municipality.CalendarOf("BY", municipality.Settings{}), 0
	for d := began; d.Before(w.day(0)); d = d.AddDays(1) {
		if cal.WorkingDay(d) {
			lost++
		}
	}
	was, want := w.current("O02").Due, cal.AddWorkingDays(opened, 40+lost)
	if was != cal.AddWorkingDays(opened, 30+lost) {
		t.Fatalf("after the pause it is due %s", was)
	}
	w.sameAsEvents()
	shows(t, w.svc(), "/vorgaenge/prozess/umstellung?von="+former.Hash,
		"hat einen anderen Termin: bisher "+lang.Short(lang.DE, was)+", neu berechnet "+lang.Short(lang.DE, want))
	w.recount(former, shipped)
	if got := w.current("O02").Due; got != want {
		t.Errorf("due %s, want %s", got, want)
	}
	w.sameAsEvents()
}

// retermed is another version, with another time.
func (w *world) retermed(wt string) (shipped, other *process.Definition) {
	w.t.Helper()
	return w.version(func(source map[string]string) {
		for name, f := range processtest.Files(termed(wt)) {
			source[name] = string(f.Data)
		}
	})
}

// recount moves all cases, and works the date of O02 out anew.
func (w *world) recount(from, to *process.Definition) {
	w.t.Helper()
	plan := process.Plan{
		From: from.Hash, To: to.Hash, Reason: whyMove,
		Steps: map[string]process.Decision{"O02": {Due: process.Recount}},
	}
	if done, left, err := w.x.Move(w.ctx, plan, to, 10, w.now); err != nil || left > 0 {
		w.t.Fatal(done, left, err)
	}
}

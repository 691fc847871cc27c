package workflow

import (
	"slices"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestAQuestionWithoutAnswerComesBackToTheDesk: what the municipality was asked is nobody's step meanwhile,
// and not forgotten.
func TestAQuestionWithoutAnswerComesBackToTheDesk(t *testing.T) {
	t.Parallel()
	answer := func(w *world) {
		t.Helper()
		ops, err := w.x.Answered(w.ctx, w.no, w.now)
		if err == nil {
			err = w.table.Write(w.ctx, ops...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC", "complete", "N", process.QuestionsField, "Bitte ergänzen Sie Abschnitt drei.")
	on := w.current("O02").Unanswered()
	if want := w.current("O02").Calendar().AddWorkingDays(lang.DateOf(w.now), 10); on != want {
		t.Errorf("asked again on %s, want %s", on, want)
	}
	w.turn(on.AddDays(-1).At(20, 0))
	if why := w.onDesk()["O02"]; why != "" {
		t.Errorf("on the day before it stands on the desk as %q", why)
	}
	w.turn(on.At(9, 0))
	if why := w.onDesk()["O02"]; why != cases.TaskQuery {
		t.Errorf("without an answer it stands on the desk as %q", why)
	}
	answer(w)
	if why := w.onDesk()["O02"]; why != cases.WhyOwn {
		t.Errorf("after the answer it stands on the desk as %q", why)
	}
	w.sameAsEvents()
	w.submit("O02", "SVC", "complete", "N", process.QuestionsField, "Bitte ergänzen Sie Abschnitt vier.")
	answer(w) // in time
	w.days(30)
	tasks, err := w.x.Tasks(w.ctx, w.id)
	if err != nil || slices.ContainsFunc(tasks, func(k cases.Task) bool { return !k.Closed }) {
		t.Errorf("after answers in time and late there are tasks: %+v %v", tasks, err)
	}
	w.submit("O02", "SVC", "complete", "N", process.QuestionsField, "Bitte ergänzen Sie Abschnitt fünf.")
	w.do(command.Stop{Meta: by("SVC"), Reason: "die Kommune hat sich aufgelöst"})
	w.days(30)
	if why := w.onDesk()["O02"]; why != "" {
		t.Errorf("in a case that has ended it stands on the desk as %q", why)
	}
}

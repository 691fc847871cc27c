package workflow

import (
	"testing"

	"kokoma/shared/workflow/process"
)

// TestInvitationListIsForgottenWithItsSurvey submits A06 with addresses and
// looks for them after the survey has closed.
func TestInvitationListIsForgottenWithItsSurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for _, s := range []struct{ step, role string }{{"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}, {"O08", "LOK"}, {"A01", "LOK"}, {"A03", "FED"}} {
		w.submit(s.step, s.role)
	}
	const list = "a@x.example b@x.example c@x.example d@x.example e@x.example"
	w.submit("A06", "FED", "survey_mode", "closed", "addresses", list)
	if got := w.current("A06").Answers.Text("addresses"); got != list {
		t.Fatalf("while the survey runs the step holds %q, want the list: a cancelled survey begins with it again", got)
	}
	if err := w.x.SurveyClosed(w.ctx, w.id, "A06", 1, "SURVEY1", w.now); err != nil {
		t.Fatal(err)
	}
	st := w.current("A06")
	if st.State != process.Done || st.Answers.Text("addresses") != "" || st.Answers.Text("survey_mode") != "closed" {
		t.Errorf("after the survey the step is %q and holds %v", st.State, st.Answers)
	}
	w.sameAsEvents()
}

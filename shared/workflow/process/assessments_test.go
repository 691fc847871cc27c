package process

import (
	"fmt"
	"testing"
	"time"

	"kokoma/shared/form"
)

func text(s string) form.Value { return form.Value{Text: s} }

// assessed is a step in which a stage was given on a day of 2027.
func assessed(state StepState, month time.Month, total string, sides ...string) Step {
	st := Step{
		State: state, At: time.Date(2027, month, 1, 9, 0, 0, 0, time.UTC), By: Actor{Role: "EXT"},
		Answers: form.Answers{"glasl_total": text(total), "glasl_confidence": text("medium"), "glasl_reason": text("gehört")},
	}
	var rows []form.Answers
	for _, s := range sides {
		rows = append(rows, form.Answers{"glasl_party": text(s[1:]), "glasl_stage": text(s[:1]), "glasl_party_confidence": text("low")})
	}
	st.Answers[partiesRepeat] = form.Value{Rows: rows}
	return st
}

func TestAssessmentsAreASeriesOverAllIterations(t *testing.T) {
	t.Parallel()
	last := assessed(Done, 9, "2")
	last.By = Actor{Role: "LOK", For: "STG"}
	got := Assessments(map[Ref]Step{
		{"B14", 1}: last,
		{"A08", 2}: assessed(Done, 3, "4", "7Verein", "3Rat", "0Presse"),
		{"A08", 1}: assessed(Done, 1, "5"),
		{"B12", 1}: assessed(Submitted, 6, "3", "2Verein"),
		{"B12", 2}: assessed(Open, 7, "9"),
		{"A08", 3}: assessed(Done, 4, "0"),
		{"A02", 1}: {State: Done, Answers: form.Answers{"case_title": text("Platz")}},
	})
	var told []string
	for _, a := range got {
		told = append(told, fmt.Sprintf("%s/%d %s %s %d-%d %s", a.Step, a.Iteration, a.On, a.By, a.Total, a.Highest(), a.Confidence))
	}
	want := "[A08/1 2027-01-01 EXT 5-5 medium A08/2 2027-03-01 EXT 4-7 medium B12/1 2027-06-01 EXT 3-3 medium B14/1 2027-09-01 STG 2-2 medium]"
	if s := fmt.Sprint(told); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if p := got[1].Parties; len(p) != 2 || p[0] != (PartyStage{Party: "Verein", Stage: 7, Confidence: "low"}) {
		t.Errorf("sides of the second: %+v", p)
	}
}

func TestLatestIsTheNewestAnsweredIteration(t *testing.T) {
	t.Parallel()
	steps := map[Ref]Step{
		{"B07", 1}: {State: Done, Cmd: "eins"}, {"B07", 2}: {State: Done, Cmd: "zwei"}, {"B07", 3}: {State: Open}, {"B08", 1}: {State: Skipped},
	}
	if st, ok := Latest(steps, "B07"); !ok || st.Cmd != "zwei" || st.Iteration != 2 {
		t.Errorf("got %+v %t, want the second iteration", st, ok)
	}
	if _, ok := Latest(steps, "B08"); ok {
		t.Error("a skipped step has no answers")
	}
}

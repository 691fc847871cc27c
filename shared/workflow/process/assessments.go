package process

import (
	"cmp"
	"slices"
	"strconv"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Assessment is how far a conflict had gone, by Glasl's stages, in the eyes of
// those who did a step.
type Assessment struct {
	Ref
	On         lang.Date
	By         string // role
	Total      int    // stage from 1 to 9
	Confidence string // low medium high; "" when nobody was asked
	Reason     string
	Parties    []PartyStage
}

// PartyStage is how far one side had gone. Sides may be on different stages.
type PartyStage struct {
	Party      string
	Stage      int
	Confidence string
	Reason     string
}

// Highest is the highest stage of the whole and of all sides.
func (a Assessment) Highest() int {
	high := a.Total
	for _, p := range a.Parties {
		high = max(high, p.Stage)
	}
	return high
}

// The names of the questions are the same in all steps that assess.
const (
	stageQuestion  = "glasl_total"
	partiesRepeat  = "glasl_parties"
	highestOfStage = 9
)

// Assessments are all that were made in the steps of a case, in every iteration
// of A08, B12, B14 and whichever step asks for the stage, oldest first.
func Assessments(steps map[Ref]Step) []Assessment {
	var out []Assessment
	for ref, st := range steps {
		total := stage(st.Answers, stageQuestion)
		if total == 0 || st.State != Done && st.State != Submitted {
			continue
		}
		a := Assessment{
			Ref: ref, On: lang.DateOf(st.At), By: cmp.Or(st.By.For, st.By.Role), Total: total,
			Confidence: st.Answers.Text("glasl_confidence"), Reason: st.Answers.Text("glasl_reason"),
		}
		for _, row := range st.Answers.Rows(partiesRepeat) {
			if n := stage(row, "glasl_stage"); n > 0 {
				a.Parties = append(a.Parties, PartyStage{
					Party: row.Text("glasl_party"), Stage: n,
					Confidence: row.Text("glasl_party_confidence"), Reason: row.Text("glasl_party_reason"),
				})
			}
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Assessment) int {
		return cmp.Or(a.On.Compare(b.On), order(a.Step, b.Step), cmp.Compare(a.Iteration, b.Iteration))
	})
	return out
}

// stage reads a stage, 0 for none.
func stage(a form.Answers, name string) int {
	n, err := strconv.Atoi(a.Text(name))
	if err != nil || n < 1 || n > highestOfStage {
		return 0
	}
	return n
}

// Latest is the newest iteration of a step that was answered; false when there
// is none.
func Latest(steps map[Ref]Step, key string) (Step, bool) {
	best, found := Step{}, false
	for ref, st := range steps {
		if ref.Step == key && (st.State == Done || st.State == Submitted) && (!found || ref.Iteration > best.Iteration) {
			best, found = st, true
			best.Ref = ref
		}
	}
	return best, found
}

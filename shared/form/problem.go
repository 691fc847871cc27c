package form

import (
	"slices"

	"kokoma/shared/lang"
)

// Level says what a problem asks of people.
type Level string

// Levels, the gravest first.
const (
	Error   Level = "error"   // must be corrected
	Warning Level = "warning" // must be corrected or confirmed
	Hint    Level = "hint"    // is good to know
)

// Problem is what Check has to say about a field.
type Problem struct {
	Field   string // "kind", "actors[1].actor_label"
	Page    string // the top-level group it stands in, "" for none
	Level   Level
	Label   lang.Text // of the field, as people know it
	Message lang.Text // what is wrong, and what one can do
}

// Problems stand in the order of the form.
type Problems []Problem

// Errors says whether something must be corrected.
func (p Problems) Errors() bool {
	return slices.ContainsFunc(p, func(q Problem) bool { return q.Level == Error })
}

// Blocking says whether the form can't go on: there are errors, or warnings
// of a field that was not confirmed. Answers.Confirmed knows what was.
func (p Problems) Blocking(confirmed func(field string) bool) bool {
	return slices.ContainsFunc(p, func(q Problem) bool {
		return q.Level == Error || q.Level == Warning && (confirmed == nil || !confirmed(q.Field))
	})
}

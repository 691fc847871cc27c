// Package advice says what fits a conflict, by a table of rules that the office
// can read and change: shared/workflow/suggestions.yaml. Rules suggest and warn,
// each with its number and its reason; people decide. The package is pure and
// knows no form that is filled in: nothing can be preselected or hidden by it.
//
// Read advice.go (the table and what it says), load.go (its file), facts.go (what
// a case tells; facts.yaml lists what rules can ask for).
package advice

import (
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Table is the rules and the steps on which they are shown.
type Table struct {
	steps []string
	rules []rule
}

type rule struct {
	Rule
	when *form.Expr
}

// Rule is what a rule says once it applies.
type Rule struct {
	Number  int
	Because lang.Text
	Suggest []lang.Text // formats that fit
	Against []lang.Text // formats that do not, at least not as a first step
	Advice  lang.Text   // what else is suggested
	Warn    lang.Text
}

// On says whether suggestions are shown on a step.
func (t *Table) On(step string) bool { return slices.Contains(t.steps, step) }

// Say gives the rules that apply to the facts, in the order of the table. What
// one of them advises against no other suggests.
func (t *Table) Say(facts form.Answers) []Rule {
	var out []Rule
	var against []lang.Text
	for _, r := range t.rules {
		if r.when.Bool(facts, form.Env{}) {
			out = append(out, r.Rule)
			against = append(against, r.Against...)
		}
	}
	for i := range out {
		out[i].Suggest = slices.DeleteFunc(slices.Clone(out[i].Suggest), func(f lang.Text) bool { return slices.Contains(against, f) })
	}
	return out
}

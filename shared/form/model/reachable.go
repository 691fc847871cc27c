package model

import (
	"time"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// How many combinations of answers are tried to find out whether one question
// can show at all, and for all questions of a form together.
const (
	most    = 2000
	mostAll = 100_000
)

// reachable finds questions that can never show and choices that can never be
// offered, by trying all answers to the choice questions that they depend on.
// Where something else than a choice of one matters, nothing is said.
func (c *compiler) reachable() {
	tries := mostAll
	for _, n := range c.form.Nodes {
		if rules := n.conditions(); n.RelevantIf != nil && !possible(&tries, rules, n) {
			c.Fail(n.At.Of("relevant"), "define.unreachable.answers", n.Name)
		}
		if n.OfferedIf != nil {
			c.offerable(n, &tries)
		}
	}
}

// conditions are the node's own and those of the groups around it.
func (n *Node) conditions() []*Rule {
	var out []*Rule
	for m := n; m != nil; m = m.Parent {
		if m.RelevantIf != nil {
			out = append(out, m.RelevantIf)
		}
	}
	return out
}

func (c *compiler) offerable(n *Node, tries *int) {
	for _, ch := range n.Options.Choices {
		if !possible(tries, []*Rule{n.OfferedIf}, n, ch) {
			c.Warn(ch.At.Of("name"), "define.choice.unused", ch.Name, n.List, n.Name)
		}
	}
}

// possible says whether some answers make all rules hold, as far as that can be
// found out with the tries that are left.
func possible(tries *int, rules []*Rule, at *Node, choice ...define.Choice) bool {
	t := trial{answers: map[*Node]string{}, choice: choice}
	total := 1
	var asked []*Node
	for _, r := range rules {
		if r.X.UsesSelf() {
			return true
		}
		for _, m := range r.Refs {
			if m.Kind != define.One || m.OfferedIf != nil || !at.Within(m.Repeat) {
				return true
			}
			if _, known := t.answers[m]; !known {
				asked, t.answers[m] = append(asked, m), ""
				total *= len(m.Options.Choices) + 1
			}
			if total > most {
				return true
			}
		}
	}
	if *tries -= total; *tries < 0 {
		return true
	}
	return t.holds(rules, asked)
}

// trial is one combination of answers.
type trial struct {
	expr.Env
	rule    *Rule
	answers map[*Node]string
	choice  []define.Choice
	open    *bool // something else was asked for, such as today: nothing is certain
}

func (t trial) holds(rules []*Rule, asked []*Node) bool {
	if len(asked) == 0 {
		return t.all(rules)
	}
	n := asked[0]
	for i := range len(n.Options.Choices) + 1 {
		t.answers[n] = ""
		if i > 0 {
			t.answers[n] = n.Options.Choices[i-1].Name
		}
		if t.holds(rules, asked[1:]) {
			return true
		}
	}
	return false
}

func (t trial) all(rules []*Rule) bool {
	for _, r := range rules {
		uncertain := false
		t.rule, t.open = r, &uncertain
		if !r.X.Bool(t) && !uncertain {
			return false
		}
	}
	return true
}

func (t trial) Ref(i int) expr.Value { return expr.TextOf(t.answers[t.rule.Refs[i]]) }

func (t trial) Choice(column string) expr.Value {
	if len(t.choice) == 0 {
		return expr.Value{}
	}
	return expr.TextOf(t.choice[0].Column(column))
}

func (t trial) Today() lang.Date {
	*t.open = true
	return lang.Date{Year: 2026, Month: 1, Day: 1}
}

func (t trial) Now() time.Time {
	*t.open = true
	return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
}

func (t trial) Row(int) int {
	*t.open = true
	return 1
}

func (t trial) Indexed(int, []int, []int) expr.Value {
	*t.open = true
	return expr.Value{}
}

func (t trial) ChoiceName(int, string) string {
	*t.open = true
	return ""
}

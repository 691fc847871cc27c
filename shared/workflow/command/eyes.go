package command

import (
	"slices"

	"kokoma/shared/workflow/process"
)

// This file holds the rule of four eyes: what one person submitted, another one
// accepts. It is kept in the decision, and so in the write.

// MayAccept says whether a role accepts what was submitted, or sends it back: the
// reviewer, and with four eyes whoever else does the step.
func MayAccept(role string, t *process.Template) bool {
	return t.ReviewedBy(role) || t.FourEyes && t.ActsFor(role)
}

// submitForTwo hands in what somebody else has to accept. Who nobody knows can
// not be told from the second.
func (x *decision) submitForTwo(t *process.Template, by process.Actor, e process.Event) error {
	if by.Who == "" {
		return ErrSame
	}
	x.row.By.Who = by.Who
	for _, a := range x.accepting(t, x.state.Steps[e.Ref()].Rev) {
		if process.WhoHash(a.Email) != by.Who {
			e.Asked = append(e.Asked, a)
		}
	}
	x.hand(t, e)
	return nil
}

// accepting are who holds a role that may accept the step.
func (x *decision) accepting(t *process.Template, rev int) []process.Asked {
	out, _ := x.state.Ask(t, rev, x.today())
	if t.Reviewer == "" {
		return out
	}
	reviewers, _ := x.state.Ask(&process.Template{Acts: []string{t.Reviewer}}, rev, x.today())
	for _, a := range reviewers {
		if !slices.ContainsFunc(out, func(o process.Asked) bool { return o.Email == a.Email }) {
			out = append(out, a)
		}
	}
	return out
}

// second refuses who is not somebody else.
func (x *decision) second(t *process.Template, by process.Actor, st process.Step) error {
	if !t.FourEyes {
		return nil
	}
	if by.Who == "" || by.Who == st.By.Who {
		return ErrSame
	}
	x.row.By.Who = by.Who
	return nil
}

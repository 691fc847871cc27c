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
	if e.Asked = x.others(t, x.state.Steps[e.Ref()].Rev, by.Who); len(e.Asked) == 0 {
		e.Gap = process.Unnamed
	}
	x.hand(t, e)
	return nil
}

// others are those who may accept what somebody submitted, without them, and
// without who was named by who is away: that can be by a link, and accepting
// begins with reading.
func (x *decision) others(t *process.Template, rev int, who string) []process.Asked {
	return slices.DeleteFunc(x.accepting(t, rev), func(a process.Asked) bool { return a.Lent || process.WhoHash(a.Email) == who })
}

// readdressSecond asks who may accept a submitted step now: who was asked keeps
// their link.
func (x *decision) readdressSecond(st process.Step, t *process.Template) {
	e := process.Event{Kind: process.Readdressed, Step: st.Ref.Step, Iteration: st.Iteration}
	for _, a := range x.others(t, st.Rev+1, st.By.Who) {
		was := slices.IndexFunc(st.Asked, func(o process.Asked) bool { return o.Email == a.Email })
		if was >= 0 {
			a.Rev = st.Asked[was].Rev
		} else {
			e.Roles = append(e.Roles, a.Role)
		}
		e.Asked = append(e.Asked, a)
	}
	if len(e.Asked) == 0 {
		e.Gap = process.Unnamed
	}
	if !slices.Equal(e.Asked, st.Asked) || e.Gap != st.Gap {
		x.emit(e)
	}
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

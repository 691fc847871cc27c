package command

import (
	"cmp"
	"slices"

	"kokoma/shared/workflow/process"
)

func (x *decision) handover(c Handover) error {
	st, t, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	asked := slices.Clone(st.Asked)
	at := slices.IndexFunc(asked, func(a process.Asked) bool { return a.Email == c.From })
	was := process.Asked{Role: t.Actors()[0]}
	switch {
	case c.From != "" && at < 0:
		return ErrNobody
	case c.From == "":
		if !MayAsk(c.By.Role, t) {
			return ErrRole
		}
	default:
		was = asked[at]
		asked = slices.Delete(asked, at, at+1)
	}
	e := process.Event{Kind: process.HandedOver, Step: c.Step, Iteration: c.Iteration, Role: was.Role, Reason: c.Reason}
	e.Beside = c.From == ""
	if c.To.Email == "" {
		return x.knowsNobody(e, st, was, asked)
	}
	if slices.ContainsFunc(asked, func(a process.Asked) bool { return a.Email == c.To.Email }) || c.To.Email == c.From {
		return ErrNobody
	}
	if !x.state.People.Reachable(c.To.Email, x.today()) {
		return ErrAway
	}
	e.Out = slices.DeleteFunc(slices.Clone(st.Out), func(o string) bool { return o == c.To.Email })
	e.Asked = append(asked, process.Asked{
		Role: was.Role, Name: c.To.Name, Email: c.To.Email, Rev: st.Rev + 1, Handed: true,
		Lang: cmp.Or(c.To.Lang, x.state.Head.Lang), For: cmp.Or(was.For, was.Email), By: c.By.Role,
	})
	x.emit(e)
	return nil
}

// knowsNobody leaves a step to the service office. Nobody else is asked in the
// place of who gave it up, but by the service office or a new naming.
func (x *decision) knowsNobody(e process.Event, st process.Step, was process.Asked, rest []process.Asked) error {
	if was.Email == "" {
		return ErrNobody
	}
	if blank(e.Reason) {
		return ErrReason
	}
	e.Asked, e.Gap, e.Out = rest, process.Unknown, append(slices.Clone(st.Out), was.Email)
	if was.For != "" {
		e.Out = append(e.Out, was.For)
	}
	x.emit(e)
	return nil
}

// takeBack gives a step back with the link that its holder had: nothing is
// mailed. Who does not hold the role any more gets nothing back.
func (x *decision) takeBack(c TakeBack) error {
	st, t, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	asked, out := slices.Clone(st.Asked), slices.Clone(st.Out)
	if c.From == "" { // nobody was known
		if !slices.Contains(out, c.To.Email) {
			return ErrNobody
		}
		out = slices.DeleteFunc(out, func(o string) bool { return o == c.To.Email || o == c.To.For })
		asked = append(asked, process.Asked{Role: c.To.Role, Handed: true, For: cmp.Or(c.To.For, c.To.Email)})
	}
	at := slices.IndexFunc(asked, func(a process.Asked) bool { return a.Email == c.From && a.Handed })
	if at < 0 || asked[at].For != cmp.Or(c.To.For, c.To.Email) || asked[at].Role != c.To.Role {
		return ErrNobody
	}
	now, _ := x.state.Ask(t, c.To.Rev, x.today())
	if !c.To.Handed && !slices.ContainsFunc(now, func(a process.Asked) bool { return a.Email == c.To.Email }) {
		return ErrNobody
	}
	asked[at] = c.To
	x.emit(process.Event{Kind: process.TakenBack, Step: c.Step, Iteration: c.Iteration, Role: c.To.Role, Asked: asked, Out: out})
	return nil
}

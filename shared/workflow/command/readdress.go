package command

import (
	"slices"

	"kokoma/shared/workflow/process"
)

// name takes over who holds roles, if that changes anything, and sends open
// steps to who is to be asked now.
func (x *decision) name(e process.Event, roles ...string) {
	e.Roles = slices.DeleteFunc(slices.Clone(roles), func(r string) bool {
		return slices.EqualFunc(e.People[r], x.state.People[r], process.Person.Equal)
	})
	if len(e.Roles) == 0 {
		return
	}
	x.emit(e)
	x.readdressAll()
}

// readdressAll looks at all open steps: who was reached in one role can be the
// deputy of another, or have been handed a step of a third. In a case that rests
// or has ended nobody is written to; it is made up for when the case goes on.
func (x *decision) readdressAll() {
	if !x.state.Head.Status.Running() {
		return
	}
	for _, ref := range x.state.Head.Open() {
		if st, ok := x.state.Steps[ref]; ok {
			x.readdress(st)
		}
	}
	for _, ref := range seconds(x.def, x.state.Head) {
		if st, ok := x.state.Steps[ref]; ok {
			x.readdressSecond(st, x.def.Template(ref.Step))
		}
	}
}

// whom are the short hashes of who has a step by an event, so that the history can
// say to whom it went as long as the case knows them: of who is new to it, or
// else of all who keep it.
func (x *decision) whom(e process.Event) []string {
	if e.Kind != process.HandedOver && e.Kind != process.Readdressed {
		return nil
	}
	rev, all := x.state.Steps[e.Ref()].Rev+1, []string(nil)
	var fresh []string
	for _, a := range e.Asked {
		all = append(all, process.WhoHash(a.Email))
		if a.Rev == rev {
			fresh = append(fresh, process.WhoHash(a.Email))
		}
	}
	if len(fresh) > 0 {
		return fresh
	}
	return all
}

// readdress keeps who is still right, with the link that they have, and adds
// who is new. Who was named for this step alone keeps it while they are there.
func (x *decision) readdress(st process.Step) {
	if t := x.def.Template(st.Ref.Step); t != nil {
		if e, changed := x.readdressed(st, t); changed {
			x.emit(e)
		}
	}
}

// readdressed is the event that sends the step to who does it by a template,
// and whether that changes anything.
func (x *decision) readdressed(st process.Step, t *process.Template) (process.Event, bool) {
	today := x.today()
	asked := slices.DeleteFunc(slices.Clone(st.Asked), func(a process.Asked) bool {
		return !a.Handed || slices.Contains(st.Out, a.Email) || !x.state.People.Reachable(a.Email, today)
	})
	handed := slices.Clip(asked)
	now, gap := x.state.Ask(t, st.Rev+1, today, st.Out...)
	e := process.Event{Kind: process.Readdressed, Step: st.Ref.Step, Iteration: st.Iteration, Out: st.Out}
	for _, a := range now {
		was := slices.IndexFunc(st.Asked, func(o process.Asked) bool { return o.Email == a.Email })
		if slices.ContainsFunc(handed, func(h process.Asked) bool { return h.Email == a.Email || x.covers(h, a, was >= 0) }) {
			continue
		}
		if was >= 0 && !st.Asked[was].Handed {
			a.Rev = st.Asked[was].Rev
		} else {
			e.Roles = append(e.Roles, a.Role)
		}
		asked = append(asked, a)
	}
	e.Asked = asked
	if len(asked) == 0 {
		e.Gap = gap
	}
	flagged := st.Gap == process.Unknown && len(asked) > 0
	return e, !slices.Equal(asked, st.Asked) || e.Gap != st.Gap && !flagged
}

// covers says whether who was handed a step has it in the place of somebody who
// would be asked by role: they gave it away, or stand in for who did, or have
// come to the role only since.
func (x *decision) covers(h, a process.Asked, asked bool) bool {
	switch {
	case h.Role != a.Role:
		return false
	case h.For == "":
		return h.By == "" // of before it was noted who handed over; else in addition
	case h.For == a.Email || h.For == a.For:
		return true
	}
	still := slices.ContainsFunc(x.state.People[h.Role], func(p process.Person) bool {
		return p.Email == h.For && p.Holds(x.today())
	})
	return !still && !asked
}

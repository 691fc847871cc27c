package command

import (
	"cmp"
	"slices"

	"kokoma/shared/workflow/process"
)

// longest is how many days an absence can last that somebody enters; who is
// away for longer gives up the role.
const longest = 400

// absence notes when somebody is away, in place of what it overlaps.
func (x *decision) absence(c Absence) error {
	today, away := x.today(), c.Away
	away.From = cmp.Or(away.From, today)
	if away.To.IsZero() || away.To.Before(today) || away.To.Before(away.From) || away.From.DaysUntil(away.To) > longest {
		return ErrPeriod
	}
	if away.Deputy == c.Email {
		away.Deputy, away.DeputyName = "", ""
	}
	if away.Deputy != "" && !x.state.People.Reachable(away.Deputy, today) {
		return ErrAway
	}
	people, roles, err := x.entries(c.By, c.Email, c.Own, func(p *process.Person) {
		p.Away = slices.DeleteFunc(p.Away, func(old process.Period) bool {
			return old.To.Before(today) || !old.To.Before(away.From) && !old.From.After(away.To)
		})
		p.Away = append(p.Away, away)
	})
	if err != nil {
		return err
	}
	x.name(process.Event{Kind: process.WentAway, People: people, Who: c.Email, From: away.From, Due: away.To, Reason: c.Reason}, roles...)
	return nil
}

// entries changes what is kept of an address in all roles that it holds or will
// hold. Who says it for somebody else must be allowed to name them in each.
func (x *decision) entries(by process.Actor, email string, own bool, change func(p *process.Person)) (process.People, []string, error) {
	people := x.state.People.Clone()
	var roles []string
	for role, list := range people {
		for i, p := range list {
			if p.Email != email || p.Left(x.today()) {
				continue
			}
			if !own && !MayName(by.Role, role) {
				return nil, nil, ErrRole
			}
			change(&list[i])
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return nil, nil, ErrNobody
	}
	slices.Sort(roles)
	return people, slices.Compact(roles), nil
}

// comeBack ends the present absence and drops those to come.
func (x *decision) comeBack(c Return) error {
	today := x.today()
	people, roles, err := x.entries(c.By, c.Email, c.Own, func(p *process.Person) {
		var past []process.Period
		for _, a := range p.Away {
			if a.Holds(today) {
				a.To = today.AddDays(-1)
			}
			if a.To.Before(today) && !a.To.Before(a.From) {
				past = append(past, a)
			}
		}
		p.Away = past
	})
	if err != nil {
		return err
	}
	x.name(process.Event{Kind: process.CameBack, People: people, Who: c.Email, Reason: c.Reason}, roles...)
	return nil
}

// bounce marks an address to which mail comes back, of who holds a role and of
// deputies; for a single step its owner is not asked again.
func (x *decision) bounce(c Bounce) error {
	if err := x.needs(c.By, process.ByClock, "SVC"); err != nil {
		return err
	}
	people, today := x.state.People.Clone(), x.today()
	var roles []string
	for role, list := range people {
		for i, p := range list {
			if p.Email == c.Email && p.Bounced.IsZero() {
				list[i].Bounced = today
			}
			if p.Deputy == c.Email && p.DeputyBounced.IsZero() {
				list[i].DeputyBounced = today
			}
			if !list[i].Equal(p) {
				roles = append(roles, role)
			}
		}
	}
	slices.Sort(roles)
	x.name(process.Event{Kind: process.Unreachable, People: people}, slices.Compact(roles)...)
	for _, ref := range x.state.Head.Open() {
		st, ok := x.state.Steps[ref]
		if ok && slices.ContainsFunc(st.Asked, func(a process.Asked) bool { return a.Handed && a.Email == c.Email }) {
			st.Out = append(slices.Clone(st.Out), c.Email)
			x.without(st, c.Email)
		}
	}
	return nil
}

// without asks others in the place of an address to which mail comes back. In a
// case that rests nobody is; why nobody is left is found, and told, when it goes
// on.
func (x *decision) without(st process.Step, email string) {
	if x.state.Head.Status.Running() {
		x.readdress(st)
		return
	}
	e := process.Event{Kind: process.Readdressed, Step: st.Ref.Step, Iteration: st.Iteration, Out: st.Out, Quiet: true}
	e.Asked = slices.DeleteFunc(slices.Clone(st.Asked), func(a process.Asked) bool { return a.Email == email })
	x.emit(e)
}

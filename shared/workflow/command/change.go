package command

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// This file holds the commands that change what is under way: dates, people,
// answers, and the pause of a case.

func (x *decision) extend(c Extend) error {
	st, _, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, "SVC", "EXT"); err != nil {
		return err
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if !c.Due.After(lang.DateOf(x.now)) || c.Due == st.Due || st.Due.IsZero() {
		return ErrDate
	}
	e := process.Event{Kind: process.Extended, Step: c.Step, Iteration: c.Iteration, Due: c.Due, Reason: c.Reason}
	st.Due = c.Due
	e.Stage = st.Passed(x.calendar(), x.now)
	x.emit(e)
	return nil
}

func (x *decision) handover(c Handover) error {
	st, t, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	asked := slices.Clone(st.Asked)
	at := slices.IndexFunc(asked, func(a process.Asked) bool { return a.Email == c.From })
	role := t.Actors()[0]
	switch {
	case c.From != "" && at < 0:
		return ErrNobody
	case c.From == "":
		if !MayAsk(c.By.Role, t) {
			return ErrRole
		}
	default:
		role = asked[at].Role
		asked = slices.Delete(asked, at, at+1)
	}
	if slices.ContainsFunc(asked, func(a process.Asked) bool { return a.Email == c.To.Email }) || c.To.Email == c.From {
		return ErrNobody
	}
	to := process.Asked{
		Role: role, Name: c.To.Name, Email: c.To.Email, Rev: st.Rev + 1, Handed: true,
		Lang: cmp.Or(c.To.Lang, x.state.Head.Lang),
	}
	x.emit(process.Event{
		Kind: process.HandedOver, Step: c.Step, Iteration: c.Iteration, Role: role, Reason: c.Reason,
		Asked: append(asked, to),
	})
	return nil
}

// correct changes finished answers. What the answers led to stays, so answers
// that would lead elsewhere are refused.
func (x *decision) correct(c Correct) error {
	st, t, err := x.finished(c.Ref)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"SVC", "EXT", "LOK"}, c.By.Role) && !t.ActsFor(c.By.Role) {
		return ErrRole
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if t.Survey != "" || t.FourEyes || !slices.Equal(x.unmet(t, st.Answers), x.unmet(t, c.Answers)) || !sameEffects(x.effects(t, st.Answers), x.effects(t, c.Answers)) {
		return ErrDecides
	}
	x.emit(process.Event{
		Kind: process.Corrected, Step: c.Step, Iteration: c.Iteration, Reason: c.Reason,
		Hash: process.HashAnswers(c.Answers), Answers: c.Answers,
	})
	if st.State == process.Done {
		x.leave(t, c.Ref, c.Answers)
	}
	x.nameAll(t, c.Answers)
	return nil
}

// finished gives a step whose answers can be corrected. Where the next round has
// begun by itself, the one before still can.
func (x *decision) finished(ref process.Ref) (process.Step, *process.Template, error) {
	st, t, err := x.open(ref, process.Done, process.Submitted)
	if !errors.Is(err, ErrNotOpen) {
		return st, t, err
	}
	st, t = x.state.Steps[ref], x.def.Template(ref.Step)
	next := x.state.Head.Steps[ref.Step]
	if t == nil || t.Repeat == nil || st.State != process.Done || next.Iteration != ref.Iteration+1 {
		return st, nil, ErrNotOpen
	}
	return st, t, nil
}

func sameEffects(a, b []process.Outcome) bool {
	return slices.EqualFunc(a, b, func(p, q process.Outcome) bool { return p.Effect == q.Effect && p.Step == q.Step })
}

// reopen lets a step be done again; a decision that was taken or put off can
// be taken anew.
func (x *decision) reopen(c Reopen) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if blank(c.Reason) {
		return ErrReason
	}
	t, mark := x.def.Template(c.Step), x.state.Head.Steps[c.Step]
	if t == nil || !t.HasForm() || mark.State != process.Done && mark.State != process.Skipped {
		return ErrNotOpen
	}
	switch s := x.state.Head.Status; {
	case s.Running():
	case (s == process.Waiting || s == process.Declined || s == process.Referred) && len(t.Outcomes) > 0:
		since := x.state.Head.Since
		x.emit(process.Event{Kind: process.StatusChanged, Status: process.Intake})
		x.wake(since)
	default:
		return ErrResting
	}
	x.emit(process.Event{Kind: process.Reopened, Step: c.Step, Iteration: mark.Iteration + 1, Reason: c.Reason})
	x.openStep(t, mark.Iteration+1, c.Reason)
	x.withhold(c.Step)
	return nil
}

// MayName says whether one role names who holds another. The lead office names
// its own side: who is of the tandem reads notes that are not for it.
func MayName(by, role string) bool {
	switch by {
	case "SVC":
		return process.IsRole(role) && role != "SVC" && role != "TAN"
	case "FED":
		return slices.Contains([]string{"FED", "KUF", "LEI", "STG", "BUE", "KM", "DSB"}, role)
	}
	return false
}

// MayAsk says whether a role can ask somebody in addition to do a step: the
// lead office where it can name who does it.
func MayAsk(by string, t *process.Template) bool {
	if by == "FED" {
		return !slices.ContainsFunc(t.Actors(), func(r string) bool { return !MayName(by, r) })
	}
	return slices.Contains([]string{"SVC", "EXT", "LOK"}, by)
}

func (x *decision) assign(c Assign) error {
	if !MayName(c.By.Role, c.Role) || c.Person.Email == "" {
		return ErrRole
	}
	people := x.state.People.Clone()
	people[c.Role] = []process.Person{c.Person}
	x.name(people, []string{c.Role}, c.Reason)
	return nil
}

// nameAll takes over whom the answers name for which role.
func (x *decision) nameAll(t *process.Template, answers form.Answers) {
	if len(t.Roles) == 0 {
		return
	}
	named := map[string][]process.Person{}
	var order []string
	add := func(role string, n process.Naming, row form.Answers) {
		p := personOf(n, row)
		if p.Email == "" || !process.IsRole(role) || role == "SVC" || role == "TAN" {
			return
		}
		if named[role] == nil {
			order = append(order, role)
		}
		if !slices.ContainsFunc(named[role], func(q process.Person) bool { return q.Email == p.Email }) {
			named[role] = append(named[role], p)
		}
	}
	for _, n := range t.Roles {
		if n.Each == "" {
			add(n.Role, n, answers)
			continue
		}
		for _, row := range answers.Rows(n.Each) {
			add(row.Text(n.Role), n, row)
		}
	}
	people := x.state.People.Clone()
	for role, list := range named {
		people[role] = x.keepLang(role, list)
	}
	x.name(people, order, "")
}

func personOf(n process.Naming, a form.Answers) process.Person {
	p := process.Person{Email: process.Address(a.Text(n.Email)), Name: strings.TrimSpace(a.Text(n.Name))}
	if d := process.Address(a.Text(n.DeputyField)); strings.Contains(d, "@") && d != p.Email {
		p.Deputy = d
	}
	return p
}

// keepLang lets people who were known keep what their new naming does not say.
func (x *decision) keepLang(role string, list []process.Person) []process.Person {
	for i, p := range list {
		for _, old := range x.state.People[role] {
			if old.Email == p.Email {
				list[i].Lang = cmp.Or(p.Lang, old.Lang)
				list[i].Name = cmp.Or(p.Name, old.Name)
				list[i].Deputy = cmp.Or(p.Deputy, old.Deputy)
			}
		}
	}
	return list
}

// name sets who holds roles, and sends open steps of these roles to them. Who
// was named for one step alone keeps it.
func (x *decision) name(people process.People, named []string, reason string) {
	changed := slices.DeleteFunc(slices.Clone(named), func(r string) bool {
		return slices.Equal(people[r], x.state.People[r])
	})
	if len(changed) == 0 {
		return
	}
	x.emit(process.Event{Kind: process.Named, Roles: changed, People: people, Reason: reason})
	for _, ref := range x.state.Head.Open() {
		st, ok := x.state.Steps[ref]
		t := x.def.Template(ref.Step)
		if !ok || t == nil || !t.ActsFor(changed...) {
			continue
		}
		asked := x.readdress(st, t)
		if !slices.Equal(asked, st.Asked) {
			x.emit(process.Event{Kind: process.Readdressed, Step: ref.Step, Iteration: ref.Iteration, Asked: asked})
		}
	}
}

// readdress keeps who is still right, with the link that they have, and adds
// who is new.
func (x *decision) readdress(st process.Step, t *process.Template) []process.Asked {
	var out []process.Asked
	handed := map[string]bool{}
	for _, a := range st.Asked {
		if a.Handed {
			out = append(out, a)
			handed[a.Role] = true
		}
	}
	for _, a := range x.state.Ask(t, st.Rev+1) {
		if handed[a.Role] || slices.ContainsFunc(out, func(o process.Asked) bool { return o.Email == a.Email }) {
			continue
		}
		for _, old := range st.Asked {
			if old.Email == a.Email {
				a.Rev = old.Rev
			}
		}
		out = append(out, a)
	}
	return out
}

func (x *decision) pause(c Pause) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if !x.state.Head.Status.Running() {
		return ErrResting
	}
	if blank(c.Reason) {
		return ErrReason
	}
	x.emit(process.Event{Kind: process.StatusChanged, Status: process.Paused, Reason: c.Reason})
	x.rest()
	return nil
}

// rest keeps timers from what is under way.
func (x *decision) rest() {
	for _, ref := range x.state.Head.Pending() {
		x.emit(process.Event{Kind: process.Rested, Step: ref.Step, Iteration: ref.Iteration})
	}
}

func (x *decision) resume(c Resume) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if x.state.Head.Status != process.Paused {
		return ErrResting
	}
	since := x.state.Head.Since
	x.emit(process.Event{Kind: process.StatusChanged, Status: x.state.Head.Before})
	x.wake(since)
	return nil
}

// wake moves due dates, and the days of what is planned, by the working days
// that were lost since a day.
func (x *decision) wake(since lang.Date) {
	cal, lost := x.calendar(), 0
	for d := since; !since.IsZero() && d.Before(x.today()); d = d.AddDays(1) {
		if cal.WorkingDay(d) {
			lost++
		}
	}
	for _, ref := range x.state.Head.Pending() {
		st := x.state.Steps[ref]
		e := process.Event{Kind: process.Resumed, Step: ref.Step, Iteration: ref.Iteration}
		switch {
		case st.State == process.Planned:
			e.On = moved(cal, st.Opens, lost)
		case !st.Due.IsZero():
			st.Due = moved(cal, st.Due, lost)
			e.Due, e.Stage = st.Due, st.Passed(cal, x.now)
		}
		x.emit(e)
	}
}

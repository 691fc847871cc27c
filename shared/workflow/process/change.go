package process

import (
	"cmp"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// This file holds the commands that change what is under way: dates, people,
// answers, and the pause of a case.

func (x *decision) extend(c Extend) error {
	st, _, err := x.open(c.Ref, Open)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, "SVC", "EXT"); err != nil {
		return err
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if !c.Due.After(lang.DateOf(x.now)) || c.Due == st.Due {
		return ErrDate
	}
	e := Event{Kind: Extended, Step: c.Step, Iteration: c.Iteration, Due: c.Due, Reason: c.Reason}
	st.Due = c.Due
	e.Stage = st.passed(x.calendar(), x.now)
	x.emit(e)
	return nil
}

func (x *decision) handover(c Handover) error {
	st, t, err := x.open(c.Ref, Open)
	if err != nil {
		return err
	}
	asked := slices.Clone(st.Asked)
	at := slices.IndexFunc(asked, func(a Asked) bool { return a.Email == c.From })
	role := t.Actors()[0]
	switch {
	case c.From != "" && at < 0:
		return ErrNobody
	case c.From == "":
		if err := x.needs(c.By, "SVC", "EXT", "LOK", "FED"); err != nil {
			return err
		}
	default:
		role = asked[at].Role
		asked = slices.Delete(asked, at, at+1)
	}
	if slices.ContainsFunc(asked, func(a Asked) bool { return a.Email == c.To.Email }) || c.To.Email == c.From {
		return ErrNobody
	}
	to := Asked{
		Role: role, Name: c.To.Name, Email: c.To.Email, Rev: st.Rev + 1, Handed: true,
		Lang: cmp.Or(c.To.Lang, x.state.Head.Lang),
	}
	x.emit(Event{
		Kind: HandedOver, Step: c.Step, Iteration: c.Iteration, Role: role, Reason: c.Reason,
		Asked: append(asked, to),
	})
	return nil
}

// correct changes finished answers. What the answers led to stays, so answers
// that would lead elsewhere are refused.
func (x *decision) correct(c Correct) error {
	st, t, err := x.open(c.Ref, Done, Submitted)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"SVC", "EXT", "LOK"}, c.By.Role) && !t.ActsFor(c.By.Role) {
		return ErrRole
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if t.Survey != "" || !slices.Equal(x.unmet(t, st.Answers), x.unmet(t, c.Answers)) || !sameEffects(x.effects(t, st.Answers), x.effects(t, c.Answers)) {
		return ErrDecides
	}
	x.emit(Event{
		Kind: Corrected, Step: c.Step, Iteration: c.Iteration, Reason: c.Reason,
		Hash: HashAnswers(c.Answers), Answers: c.Answers,
	})
	x.nameAll(t, c.Answers)
	return nil
}

func sameEffects(a, b []Outcome) bool {
	return slices.EqualFunc(a, b, func(p, q Outcome) bool { return p.Effect == q.Effect && p.Step == q.Step })
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
	if t == nil || !t.HasForm() || mark.State != Done && mark.State != Skipped {
		return ErrNotOpen
	}
	switch s := x.state.Head.Status; {
	case s.Running():
	case (s == Waiting || s == Declined || s == Referred) && len(t.Outcomes) > 0:
		x.emit(Event{Kind: StatusChanged, Status: Intake})
	default:
		return ErrResting
	}
	x.emit(Event{Kind: Reopened, Step: c.Step, Iteration: mark.Iteration + 1, Reason: c.Reason})
	x.openStep(t, mark.Iteration+1, c.Reason)
	return nil
}

func (x *decision) assign(c Assign) error {
	if err := x.needs(c.By, "SVC", "FED"); err != nil {
		return err
	}
	if !slices.Contains(roles, c.Role) || c.Role == "SVC" || c.Role == "TAN" || c.Person.Email == "" {
		return ErrRole
	}
	people := x.state.People.Clone()
	people[c.Role] = []Person{c.Person}
	x.name(people, []string{c.Role}, c.Reason)
	return nil
}

// nameAll takes over whom the answers name for which role.
func (x *decision) nameAll(t *Template, answers form.Answers) {
	if len(t.Roles) == 0 {
		return
	}
	named := map[string][]Person{}
	var order []string
	add := func(role string, n Naming, row form.Answers) {
		p := n.person(row)
		if p.Email == "" || !slices.Contains(roles, role) || role == "SVC" || role == "TAN" {
			return
		}
		if named[role] == nil {
			order = append(order, role)
		}
		if !slices.ContainsFunc(named[role], func(q Person) bool { return q.Email == p.Email }) {
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

func (n Naming) person(a form.Answers) Person {
	p := Person{Email: Address(a.Text(n.Email)), Name: strings.TrimSpace(a.Text(n.Name))}
	if d := Address(a.Text(n.DeputyField)); strings.Contains(d, "@") && d != p.Email {
		p.Deputy = d
	}
	return p
}

// keepLang lets people who were known keep what their new naming does not say.
func (x *decision) keepLang(role string, list []Person) []Person {
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

// Address is the spelling under which an address is kept and compared.
func Address(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// name sets who holds roles, and sends open steps of these roles to them. Who
// was named for one step alone keeps it.
func (x *decision) name(people People, named []string, reason string) {
	changed := slices.DeleteFunc(slices.Clone(named), func(r string) bool {
		return slices.Equal(people[r], x.state.People[r])
	})
	if len(changed) == 0 {
		return
	}
	x.emit(Event{Kind: Named, Roles: changed, People: people, Reason: reason})
	for _, ref := range x.state.Head.Open() {
		st, ok := x.state.Steps[ref]
		t := x.def.Template(ref.Step)
		if !ok || t == nil || !t.ActsFor(changed...) {
			continue
		}
		asked := x.readdress(st, t)
		if !slices.Equal(asked, st.Asked) {
			x.emit(Event{Kind: Readdressed, Step: ref.Step, Iteration: ref.Iteration, Asked: asked})
		}
	}
}

// readdress keeps who is still right, with the link that they have, and adds
// who is new.
func (x *decision) readdress(st Step, t *Template) []Asked {
	var out []Asked
	handed := map[string]bool{}
	for _, a := range st.Asked {
		if a.Handed {
			out = append(out, a)
			handed[a.Role] = true
		}
	}
	for _, a := range x.state.ask(t, st.Rev+1) {
		if handed[a.Role] || slices.ContainsFunc(out, func(o Asked) bool { return o.Email == a.Email }) {
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
	x.emit(Event{Kind: StatusChanged, Status: Paused, Reason: c.Reason})
	for _, ref := range x.state.Head.Open() {
		x.emit(Event{Kind: Rested, Step: ref.Step, Iteration: ref.Iteration})
	}
	return nil
}

// resume moves due dates by the working days that were lost.
func (x *decision) resume(c Resume) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if x.state.Head.Status != Paused {
		return ErrResting
	}
	cal, today, lost := x.calendar(), lang.DateOf(x.now), 0
	for d := x.state.Head.Since; d.Before(today); d = d.AddDays(1) {
		if cal.WorkingDay(d) {
			lost++
		}
	}
	x.emit(Event{Kind: StatusChanged, Status: x.state.Head.Before})
	for _, ref := range x.state.Head.Open() {
		st := x.state.Steps[ref]
		if lost > 0 {
			st.Due = cal.AddWorkingDays(st.Due, lost)
		}
		x.emit(Event{Kind: Resumed, Step: ref.Step, Iteration: ref.Iteration, Due: st.Due, Stage: st.passed(cal, x.now)})
	}
	return nil
}

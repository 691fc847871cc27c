package command

import (
	"cmp"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// The commands about people.
type (
	// Handover asks somebody else for this one step, in place of From; with no
	// From in addition. With no address in To, From knows nobody: the service
	// office has to find somebody.
	Handover struct {
		Meta
		process.Ref
		From   string
		To     process.Person
		Reason string
	}
	// TakeBack undoes a handover: who has the step by it is not asked any more,
	// who gave it away is again. With no From they had known nobody.
	TakeBack struct {
		Meta
		process.Ref
		From string        // who has it now
		To   process.Asked // as they were asked before
	}
	// Assign names who holds a role, from a day on and perhaps up to one: in
	// place of who holds it then, or beside them.
	Assign struct {
		Meta
		Role   string
		Person process.Person
		Add    bool
		Reason string
	}
	// EndRole says on which day somebody holds a role for the last time.
	EndRole struct {
		Meta
		Role, Email string
		Last        lang.Date
		Reason      string
	}
	// Absence says when somebody is away, in all their roles. Own: they say so
	// themselves.
	Absence struct {
		Meta
		Email  string
		Away   process.Period
		Own    bool
		Reason string
	}
	// Return ends an absence, and those to come.
	Return struct {
		Meta
		Email  string
		Own    bool
		Reason string
	}
	// Bounce tells that mail to an address comes back for good.
	Bounce struct {
		Meta
		Email string
	}
	// Readdress sends open steps to who is to be asked today: the clock gives
	// it on days on which a role or an absence begins or has ended.
	Readdress struct{ Meta }
)

func (x *decision) decidePeople(c Command) error {
	switch c := c.(type) {
	case Handover:
		return x.handover(c)
	case TakeBack:
		return x.takeBack(c)
	case Assign:
		return x.assign(c)
	case EndRole:
		return x.endRole(c)
	case Absence:
		return x.absence(c)
	case Return:
		return x.comeBack(c)
	case Bounce:
		return x.bounce(c)
	case Readdress:
		if !x.state.Head.Status.Running() {
			return ErrResting
		}
		x.readdressAll()
		return x.needs(c.By, process.ByClock)
	}
	return ErrRole
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
	p, today := c.Person, x.today()
	if process.Address(p.Deputy) == p.Email {
		p.Deputy, p.DeputyName = "", ""
	}
	if !p.To.IsZero() && (p.To.Before(today) || p.To.Before(p.From)) {
		return ErrPeriod
	}
	first := p.From
	if first.Before(today) {
		first = today // who held the role so far did so up to yesterday
	}
	people := x.state.People.Clone()
	trust(people, p.Email)
	list := keep(people[c.Role], []process.Person{p}, today)
	list[0].To = p.To
	people[c.Role] = succeed(people[c.Role], list, first, c.Add)
	x.name(process.Event{Kind: process.Named, People: people, From: p.From, Due: p.To, Reason: c.Reason}, c.Role)
	return nil
}

// trust forgets that mail to an address came back: somebody says that it is
// right.
func trust(people process.People, email string) {
	for _, list := range people {
		for i, p := range list {
			if p.Email == email {
				list[i].Bounced = lang.Date{}
			}
			if p.Deputy == email {
				list[i].DeputyBounced = lang.Date{}
			}
		}
	}
}

// keep lets people who hold the role keep what their new naming does not say.
func keep(now, named []process.Person, today lang.Date) []process.Person {
	for i, p := range named {
		for _, old := range now {
			if old.Email != p.Email || old.Left(today) {
				continue
			}
			p.Lang, p.Name, p.Phone = cmp.Or(p.Lang, old.Lang), cmp.Or(p.Name, old.Name), cmp.Or(p.Phone, old.Phone)
			if p.Deputy == "" || p.Deputy == old.Deputy {
				p.Deputy, p.DeputyName, p.DeputyBounced = old.Deputy, cmp.Or(p.DeputyName, old.DeputyName), old.DeputyBounced
			}
			p.To, p.Away, p.Bounced = cmp.Or(p.To, old.To), old.Away, old.Bounced
			if old.Holds(today) || p.From.IsZero() {
				p.From = old.From
			}
			named[i] = p
			break
		}
		if p.From.IsZero() && !slices.ContainsFunc(now, func(o process.Person) bool { return o.Email == p.Email && !o.Left(today) }) {
			named[i].From = today
		}
	}
	return named
}

// maxLeft is how many of those who held a role stand behind those who do: that
// a step was handed to somebody who left has to be known.
const maxLeft = 4

// succeed puts people in the place of those who hold a role on a day, or beside
// them. Who would have held it for no day is left out.
func succeed(now, next []process.Person, first lang.Date, beside bool) []process.Person {
	last, left := first.AddDays(-1), 0
	var out []process.Person
	for _, p := range slices.Backward(now) {
		if slices.ContainsFunc(next, func(n process.Person) bool { return n.Email == p.Email }) {
			continue
		}
		if !beside && (p.To.IsZero() || p.To.After(last)) {
			p.To = last
		}
		if !p.To.IsZero() && !p.From.IsZero() && p.To.Before(p.From) {
			continue
		}
		if p.Left(first) {
			if left++; left > maxLeft {
				continue
			}
		}
		out = append(out, p)
	}
	slices.Reverse(out)
	return append(out, next...)
}

// endRole sets the last day on which somebody holds a role.
func (x *decision) endRole(c EndRole) error {
	if !MayName(c.By.Role, c.Role) {
		return ErrRole
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if c.Last.IsZero() {
		return ErrDate
	}
	people := x.state.People.Clone()
	list := people[c.Role]
	at := slices.IndexFunc(list, func(p process.Person) bool { return p.Email == c.Email && !p.Left(x.today()) })
	if at < 0 {
		return ErrNobody
	}
	list[at].To = c.Last
	if c.Last.Before(list[at].From) {
		people[c.Role] = slices.Delete(list, at, at+1) // they never began
	}
	x.name(process.Event{Kind: process.RoleEnded, People: people, Due: c.Last, Reason: c.Reason}, c.Role)
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
	people, today := x.state.People.Clone(), x.today()
	for role, list := range named {
		people[role] = succeed(people[role], keep(people[role], list, today), today, false)
	}
	x.name(process.Event{Kind: process.Named, People: people}, order...)
}

func personOf(n process.Naming, a form.Answers) process.Person {
	p := process.Person{Email: process.Address(a.Text(n.Email)), Name: strings.TrimSpace(a.Text(n.Name))}
	if d := process.Address(a.Text(n.DeputyField)); strings.Contains(d, "@") && d != p.Email {
		p.Deputy = d
	}
	return p
}

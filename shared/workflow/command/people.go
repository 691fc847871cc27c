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
// case that rests nobody is, until it goes on.
func (x *decision) without(st process.Step, email string) {
	if x.state.Head.Status.Running() {
		x.readdress(st)
		return
	}
	e := process.Event{Kind: process.Readdressed, Step: st.Ref.Step, Iteration: st.Iteration, Out: st.Out, Quiet: true}
	e.Asked = slices.DeleteFunc(slices.Clone(st.Asked), func(a process.Asked) bool { return a.Email == email })
	if len(e.Asked) == 0 {
		e.Gap = process.Bounced
	}
	x.emit(e)
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

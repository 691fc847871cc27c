package process

import (
	"cmp"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Period is a stretch of days, the first and the last one included. A day that
// is left out leaves that end open.
type Period struct {
	From lang.Date `json:"f,omitzero"`
	To   lang.Date `json:"t,omitzero"`
	// Who stands in for this time alone, named by who is away.
	Deputy     string `json:"d,omitempty"`
	DeputyName string `json:"n,omitempty"`
}

// Holds says whether a day is in the period.
func (p Period) Holds(day lang.Date) bool {
	return !p.over(day) && (p.From.IsZero() || !p.From.After(day))
}

func (p Period) over(day lang.Date) bool { return !p.To.IsZero() && p.To.Before(day) }

// Person holds a role, for a time.
type Person struct {
	Name       string    `json:"n,omitempty"`
	Email      string    `json:"e"`
	Lang       lang.Lang `json:"l,omitempty"`
	Phone      string    `json:"p,omitempty"`
	Deputy     string    `json:"d,omitempty"` // address of who stands in
	DeputyName string    `json:"dn,omitempty"`
	From       lang.Date `json:"f,omitzero"` // first day; open: since the case began
	To         lang.Date `json:"t,omitzero"` // last day; open: until further notice
	Away       []Period  `json:"a,omitempty"`

	Bounced       lang.Date `json:"b,omitzero"` // since then mail to the address comes back
	DeputyBounced lang.Date `json:"db,omitzero"`
}

// Equal says whether nothing about two people differs.
func (p Person) Equal(q Person) bool {
	away := slices.Equal(p.Away, q.Away)
	p.Away, q.Away = nil, nil
	return away && p.same(q)
}

func (p Person) same(q Person) bool {
	return p.Name == q.Name && p.Email == q.Email && p.Lang == q.Lang && p.Phone == q.Phone &&
		p.Deputy == q.Deputy && p.DeputyName == q.DeputyName && p.From == q.From && p.To == q.To &&
		p.Bounced == q.Bounced && p.DeputyBounced == q.DeputyBounced
}

// Left says whether the person does not hold the role any more.
func (p Person) Left(today lang.Date) bool { return Period{To: p.To}.over(today) }

// Holds says whether the person holds the role on a day.
func (p Person) Holds(day lang.Date) bool { return Period{From: p.From, To: p.To}.Holds(day) }

// Absence is the period of a day on which the person is away.
func (p Person) Absence(day lang.Date) (Period, bool) {
	at := slices.IndexFunc(p.Away, func(a Period) bool { return a.Holds(day) })
	if at < 0 {
		return Period{}, false
	}
	return p.Away[at], true
}

// Gap is why nobody can be asked for somebody, "" when somebody can.
type Gap string

// The reasons, the weightiest last: it is the one that is told.
const (
	Unnamed Gap = "unnamed" // nobody holds the role
	Left    Gap = "left"    // who held it holds it no longer
	Absent  Gap = "absent"  // away, and nobody stands in
	Bounced Gap = "bounced" // mail comes back, and nobody stands in
	Unknown Gap = "unknown" // who was asked cannot do it and knows nobody
)

var gaps = []Gap{"", Unnamed, Left, Absent, Bounced, Unknown}

// Gaps are the reasons, for who has to write each in words.
func Gaps() []Gap { return gaps[1:] }

func weightier(a, b Gap) Gap {
	if slices.Index(gaps, b) > slices.Index(gaps, a) {
		return b
	}
	return a
}

// People are who holds which role, who will, and who lately did. Events say
// that a role was named, never by whom: people can be forgotten while the
// history stays whole.
type People map[string][]Person

// Clone copies.
func (p People) Clone() People {
	out := make(People, len(p))
	for role, list := range p {
		out[role] = slices.Clone(list)
		for i := range out[role] {
			out[role][i].Away = slices.Clone(list[i].Away)
		}
	}
	return out
}

// RolesOf are the roles that an address holds on a day, in order.
func (p People) RolesOf(email string, today lang.Date) []string {
	var out []string
	for role, list := range p {
		if slices.ContainsFunc(list, func(x Person) bool { return x.Email == email && x.Holds(today) }) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return out
}

// absence is the period of a day on which an address is away, whichever role it
// was noted with.
func (p People) absence(email string, day lang.Date) (Period, bool) {
	for _, list := range p {
		for _, x := range list {
			if away, ok := x.Absence(day); ok && x.Email == email && !x.Left(day) {
				return away, true
			}
		}
	}
	return Period{}, false
}

// bounces says whether mail to an address comes back.
func (p People) bounces(email string) bool {
	for _, list := range p {
		for _, x := range list {
			if x.Email == email && !x.Bounced.IsZero() || x.Deputy == email && !x.DeputyBounced.IsZero() {
				return true
			}
		}
	}
	return false
}

// gap says why a person who was named for a role cannot be asked on a day.
func (p People) gap(x Person, today lang.Date) Gap {
	_, away := p.absence(x.Email, today)
	switch {
	case x.Left(today):
		return Left
	case !x.Holds(today):
		return Unnamed // not yet
	case away:
		return Absent
	case p.bounces(x.Email):
		return Bounced
	}
	return ""
}

// Reachable says whether mail to an address meets somebody who is there: it is
// not that of somebody who is away or left, and does not come back. An address
// that holds no role is taken for one that does meet somebody.
func (p People) Reachable(email string, today lang.Date) bool {
	if _, away := p.absence(email, today); away || p.bounces(email) {
		return false
	}
	known, stays := false, false
	for _, list := range p {
		for _, x := range list {
			if x.Email == email {
				known, stays = true, stays || !x.Left(today)
			}
		}
	}
	return stays || !known
}

// Turn is the next day after today on which a role or an absence begins or has
// ended; false when none is to come.
func (p People) Turn(today lang.Date) (next lang.Date, ok bool) {
	see := func(d lang.Date) {
		if d.After(today) && (!ok || d.Before(next)) {
			next, ok = d, true
		}
	}
	for _, list := range p {
		for _, x := range list {
			for _, span := range append([]Period{{From: x.From, To: x.To}}, x.Away...) {
				see(span.From)
				if !span.To.IsZero() {
					see(span.To.AddDays(1))
				}
			}
		}
	}
	return next, ok
}

// Address is the spelling under which an address is kept and compared.
func Address(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Asked is somebody to whom a step was sent.
type Asked struct {
	Role   string    `json:"r"`
	Name   string    `json:"n,omitempty"`
	Email  string    `json:"e"`
	Lang   lang.Lang `json:"l,omitempty"`
	Deputy string    `json:"d,omitempty"`
	Rev    int       `json:"v,omitempty"` // how often the step had been handed over
	Handed bool      `json:"h,omitempty"` // named for this step alone

	// In whose place: of who is away, or of who handed the step over.
	For     string `json:"f,omitempty"`
	ForName string `json:"fn,omitempty"`
	By      string `json:"b,omitempty"` // role that handed it over
	Lent    bool   `json:"t,omitempty"` // named by who is away, for that time alone
}

// StandsIn says whether they are asked because who holds the role is not there.
func (a Asked) StandsIn() bool { return a.For != "" && !a.Handed }

// holders are who holds a role; the service office is not a matter of the case.
func (s State) holders(role string) []Person {
	if role == "SVC" {
		return s.Office
	}
	return s.People[role]
}

// Reach gives who is asked for a role on a day: who holds it and is there, for
// the others who stands in for them.
func (s State) Reach(role string, today lang.Date) []Asked {
	out, _ := s.reach(role, today)
	return out
}

func (s State) reach(role string, today lang.Date) ([]Asked, Gap) {
	why := Unnamed
	var own, standing []Asked
	for _, p := range s.holders(role) {
		a, gap := s.stand(p, today)
		a.Role, a.Lang = role, cmp.Or(p.Lang, s.Head.Lang)
		switch why = weightier(why, gap); {
		case gap != "":
		case a.StandsIn():
			standing = append(standing, a)
		default:
			own = append(own, a)
		}
	}
	return onceEach(append(own, standing...)), why
}

// onceEach leaves out who is there twice: who holds a role is not asked again
// as a deputy.
func onceEach(list []Asked) []Asked {
	var out []Asked
	for _, a := range list {
		if !slices.ContainsFunc(out, func(o Asked) bool { return o.Email == a.Email }) {
			out = append(out, a)
		}
	}
	return out
}

// stand gives who is asked when a person should be: they, or their deputy.
func (s State) stand(p Person, today lang.Date) (Asked, Gap) {
	gap := s.People.gap(p, today)
	if gap == "" {
		a := Asked{Name: p.Name, Email: p.Email}
		if p.Deputy != "" && s.People.Reachable(p.Deputy, today) {
			a.Deputy = p.Deputy
		}
		return a, ""
	}
	if gap != Absent && gap != Bounced {
		return Asked{}, gap
	}
	away, _ := s.People.absence(p.Email, today)
	for _, d := range []Asked{
		{Name: away.DeputyName, Email: away.Deputy, Lent: away.Deputy != p.Deputy},
		{Name: p.DeputyName, Email: p.Deputy},
	} {
		if d.Email != "" && d.Email != p.Email && s.People.Reachable(d.Email, today) {
			d.For, d.ForName = p.Email, p.Name
			return d, ""
		}
	}
	return Asked{}, gap
}

// Ask gives who a step is sent to on a day, but these addresses, and why nobody
// is left, if so. An address that holds two of the roles is asked once.
func (s State) Ask(t *Template, rev int, today lang.Date, but ...string) ([]Asked, Gap) {
	var out []Asked
	why := Unnamed
	for _, role := range t.Actors() {
		list, gap := s.reach(role, today)
		why = weightier(why, gap)
		for _, a := range list {
			if slices.Contains(but, a.Email) {
				why = weightier(why, Unknown)
				continue
			}
			a.Rev = rev
			out = append(out, a)
		}
	}
	if out = onceEach(out); len(out) > 0 {
		why = ""
	}
	return out, why
}

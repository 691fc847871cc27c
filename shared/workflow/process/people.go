package process

import (
	"cmp"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Person holds a role.
type Person struct {
	Name   string    `json:"n,omitempty"`
	Email  string    `json:"e"`
	Lang   lang.Lang `json:"l,omitempty"`
	Deputy string    `json:"d,omitempty"` // address of who stands in
}

// People are who holds which role. Events say that a role was named, never by
// whom: people can be forgotten while the history stays whole.
type People map[string][]Person

// Clone copies.
func (p People) Clone() People {
	out := make(People, len(p))
	for role, list := range p {
		out[role] = slices.Clone(list)
	}
	return out
}

// RolesOf are the roles that an address holds, in order.
func (p People) RolesOf(email string) []string {
	var out []string
	for role, list := range p {
		if slices.ContainsFunc(list, func(x Person) bool { return x.Email == email }) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return out
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
}

// holders are who holds a role; the service office is not a matter of the case.
func (s State) holders(role string) []Person {
	if role == "SVC" {
		return s.Office
	}
	return s.People[role]
}

// Ask gives who a step is sent to. An address that holds two of the roles is
// asked once.
func (s State) Ask(t *Template, rev int) []Asked {
	var out []Asked
	for _, role := range t.Actors() {
		for _, p := range s.holders(role) {
			if slices.ContainsFunc(out, func(a Asked) bool { return a.Email == p.Email }) {
				continue
			}
			out = append(out, Asked{
				Role: role, Name: p.Name, Email: p.Email, Deputy: p.Deputy, Rev: rev,
				Lang: cmp.Or(p.Lang, s.Head.Lang),
			})
		}
	}
	return out
}

package process

import (
	"maps"
	"slices"

	"kokoma/shared/municipality"
)

// News are the steps that were done and that somebody is informed of who has
// not heard yet: by role, their keys one behind the other ("A04A05"). Whoever
// holds the role hears of them in the next mail that asks a step of them, never
// in one of its own. So being informed costs a few bytes of the head.
type News map[string]string

// maxNews is how many steps wait for a role; of more the newest are kept, and
// all stand at the desk.
const maxNews = 8

// keyLen is the length of a step's key.
const keyLen = 3

// Heard takes a step in for roles.
func (n News) Heard(step string, roles []string) News {
	if len(roles) == 0 {
		return n
	}
	out := maps.Clone(n)
	if out == nil {
		out = News{}
	}
	for _, r := range roles {
		all := append(News{r: out[r]}.Steps(r), step)
		out[r] = ""
		for _, key := range all[max(0, len(all)-maxNews):] {
			out[r] += key
		}
	}
	return out
}

// Told leaves out what roles have heard of now.
func (n News) Told(roles []string) News {
	out := maps.Clone(n)
	maps.DeleteFunc(out, func(r, _ string) bool { return slices.Contains(roles, r) })
	if len(out) == 0 {
		return nil
	}
	return out
}

// Steps are what waits for a role, oldest first.
func (n News) Steps(role string) []string {
	var out []string
	for keys := n[role]; len(keys) >= keyLen; keys = keys[keyLen:] {
		out = append(out, keys[:keyLen])
	}
	return out
}

// After is what is waiting when an event has happened.
func (n News) After(e Event) News {
	switch {
	case e.Kind == Finished:
		return n.Heard(e.Step, e.Roles)
	case e.Kind == Opened && !e.Quiet:
		return n.Told(e.Roles)
	}
	return n
}

// Informs are the roles that hear when the step was done. The service office
// sees it at the desk; who did it knows.
func (t *Template) Informs() []string {
	return slices.DeleteFunc(expand(t.Informed), func(r string) bool { return r == "SVC" || r == "EVA" || t.ActsFor(r) })
}

// Hears are those of the roles that are asked by mail for whom there is news.
func (n News) Hears(asked []Asked, s municipality.Settings) []string {
	var out []string
	for _, a := range asked {
		if n[a.Role] != "" && !a.Writes(s) && !slices.Contains(out, a.Role) {
			out = append(out, a.Role)
		}
	}
	return out
}

package process

import (
	"cmp"
	"slices"

	"kokoma/shared/lang"
)

// This file is what a move to another version of the process does to a case. The
// events say all of it: no rule of either version is asked again.

// Live says whether something is still to come of a step in this state: it waits
// for somebody, for a day, for a review, for an answer. A move decides on it.
func (s StepState) Live() bool { return s == Open || s == Planned || s == Submitted || s == Query }

// Live are the steps that are under way, in order.
func (h Head) Live() []Ref {
	var out []Ref
	for key, m := range h.Steps {
		if m.State.Live() {
			out = append(out, Ref{key, m.Iteration})
		}
	}
	slices.SortFunc(out, func(a, b Ref) int { return order(a.Step, b.Step) })
	return out
}

// AnsweredOn is the version of the process on which a step was answered: it has
// the form that its answers belong to. Steps that were finished before cases
// could be moved do not say it.
func (h Head) AnsweredOn(st Step) string {
	return cmp.Or(st.Definition, h.Began, h.Definition)
}

// moved takes the case to another version. Where it is back on the one that it
// began on, it stands as if it had never been moved.
func (s *State) moved(e Event) {
	h := &s.Head
	h.Began = cmp.Or(h.Began, h.Definition)
	if h.Began == e.Process {
		h.Began = ""
	}
	h.Definition = e.Process
	h.Unmet = e.Unmet
}

// carried takes a step that is under way along, perhaps under another key.
func (s *State) carried(e Event, r Row) {
	st := s.Steps[e.Ref()]
	st.Definition = s.Head.Definition
	st.Stage = max(st.Stage, e.Stage)
	if !e.Due.IsZero() {
		st.Moved = append(slices.Clip(st.Moved), Move{From: st.Due, On: lang.DateOf(r.At)})
		st.Due, st.Stage, st.WT = e.Due, e.Stage, e.WT
		st.Unposted, st.Lettered, st.Told = false, 0, 0
		st.toPost(e)
	}
	if e.Into == (Ref{}) {
		s.Steps[e.Ref()] = st
		return
	}
	delete(s.Steps, e.Ref())
	delete(s.Head.Steps, e.Step)
	if e.Left != Locked {
		s.Head.Steps[e.Step] = Mark{e.Left, e.Iteration - 1}
	}
	st.Ref, st.Version = e.Into, 0
	s.Steps[e.Into] = st
	s.Head.Steps[e.Into.Step] = Mark{st.State, e.Into.Iteration}
}

// becoming names the steps that a row changes by what they are after it.
func (r Row) becoming(refs []Ref) []Ref {
	for _, e := range r.Events {
		if e.Kind != Carried || e.Into == (Ref{}) {
			continue
		}
		refs = slices.DeleteFunc(refs, func(ref Ref) bool { return ref == e.Ref() || ref == e.Into })
		refs = append(refs, e.Into)
	}
	return refs
}

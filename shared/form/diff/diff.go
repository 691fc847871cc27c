// Package diff says what a new version of a form changes, and what each change
// means for who is filling it in, for exports, for the comparison of survey
// waves and for what is computed from answers.
//
// Of compares two versions; Against compares with everything that was ever
// live, since a name or a choice keeps its meaning for good. Columns says which
// variables of several versions are one column (columns.go), Stale which
// translations are older than their German (stale.go).
package diff

import (
	"cmp"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// Kind is what sort of change it is.
type Kind string

// The kinds.
const (
	Added            Kind = "added"
	Removed          Kind = "removed"
	Renamed          Kind = "renamed" // by x_alias
	Moved            Kind = "moved"
	Type             Kind = "type"
	Text             Kind = "text"
	ChoiceAdded      Kind = "choice_added"
	ChoiceRemoved    Kind = "choice_removed"
	ChoiceRelabelled Kind = "choice_relabelled"
	Condition        Kind = "condition" // relevant, required, calculation and other keys of one value
	Setting          Kind = "setting"
	Reused           Kind = "reused" // a name that belongs to another variable
)

// Severity is how much care a change needs.
type Severity string

// The severities. A version with a Refused change must not be published.
const (
	Harmless Severity = "harmless"
	Careful  Severity = "careful"
	Refused  Severity = "refused"
)

// Change is one thing that is different.
type Change struct {
	Kind     Kind
	Severity Severity
	Name     string    // of the question, as the new version has it; "" for settings
	Label    lang.Text // of the question
	Key      string    // label, relevant, … or the name of the choice
	Before   lang.Text // zero where there was nothing
	After    lang.Text
	Means    lang.Text // one or two sentences
	Version  string    // an earlier version than the live one that it contradicts; "" for the one before
}

// Report is all that is different between two versions.
type Report struct {
	ID, Old, New string // form_id and versions
	Changes      []Change
}

// Refused says whether the new version must not be published.
func (r Report) Refused() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Severity == Refused })
}

// Of compares two versions, in the order of the new one; what was removed
// stands at the end.
func Of(old, new *form.Form) Report {
	c := &comparison{old: read(old), new: read(new)}
	c.pair()
	c.settings()
	for _, now := range c.new.entries {
		if was := c.partner[now]; was != nil {
			c.compare(was, now)
		} else {
			c.added(now)
		}
	}
	for _, was := range c.old.entries {
		if c.follower[was] == nil {
			c.removed(was)
		}
	}
	return Report{ID: new.ID, Old: old.Version, New: new.Version, Changes: c.changes}
}

// Against compares a new version with the live one, which is the last of the
// history (oldest first), and adds what contradicts an earlier one: a name or a
// choice that had another meaning there. Without a history nothing is
// different.
func Against(history []*form.Form, new *form.Form) Report {
	if len(history) == 0 {
		return Report{ID: new.ID, New: new.Version}
	}
	live := history[len(history)-1]
	r := Of(live, new)
	for _, h := range slices.Backward(history[:len(history)-1]) {
		before := Of(h, live) // what the live version contradicts already is nothing new
		for _, c := range Of(h, new).Changes {
			if c.Severity != Refused || c.Kind == Setting || has(before.Changes, c) || has(r.Changes, c) {
				continue
			}
			c.Version = h.Version
			r.Changes = append(r.Changes, c)
		}
	}
	r.Changes = append(r.Changes, reused(history, new)...)
	return r
}

func has(list []Change, c Change) bool {
	return slices.ContainsFunc(list, func(d Change) bool {
		return d.Severity == Refused && d.Kind == c.Kind && d.Name == c.Name && d.Key == c.Key
	})
}

// reused are the names of the new version that share a column with another of
// its questions: an alias says that they were one variable.
func reused(history []*form.Form, new *form.Form) []Change {
	names := joined(append(slices.Clone(history), new))
	taken := map[string]string{}
	var out []Change
	for _, f := range new.Fields() {
		root := names.root(f.Name)
		first, twice := taken[root]
		if !twice {
			taken[root] = f.Name
			continue
		}
		out = append(out, Change{
			Kind: Reused, Severity: Refused, Name: f.Name, Label: f.Label, Before: plain(first), After: plain(f.Name),
			Means: say("diff.reused", f.Name, first),
		})
	}
	return out
}

// comparison is the work of one Of.
type comparison struct {
	old, new *version
	partner  map[*entry]*entry // what an entry of the new version was
	follower map[*entry]*entry // what became of one of the old version
	stayed   map[*entry]bool   // entries of the new version that kept their place among the others
	changes  []Change
}

// version is a form with its entries in the order of the document.
type version struct {
	form    *form.Form
	entries []*entry
	byName  map[string]*entry
}

// entry is a question, a note, a group or a repeat.
type entry struct {
	*define.Question
	field  form.Field // zero of notes and groups
	parent *entry
	at     int // place in the document
}

// variable says whether answers of it are kept.
func (e *entry) variable() bool { return e.field.Name != "" }

func read(f *form.Form) *version {
	v := &version{form: f, byName: map[string]*entry{}}
	fields := map[string]form.Field{}
	for _, field := range f.Fields() {
		fields[field.Name] = field
	}
	v.add(f.Definition().Survey, nil, fields)
	return v
}

func (v *version) add(list []*define.Question, parent *entry, fields map[string]form.Field) {
	for _, q := range list {
		e := &entry{Question: q, field: fields[q.Name], parent: parent, at: len(v.entries)}
		v.entries = append(v.entries, e)
		v.byName[q.Name] = e
		v.add(q.Children, e, fields)
	}
}

// pair finds what belongs together: the same name, else an earlier name that
// x_alias gives.
func (c *comparison) pair() {
	c.partner, c.follower = map[*entry]*entry{}, map[*entry]*entry{}
	join := func(was, now *entry) {
		if was != nil && c.follower[was] == nil && c.partner[now] == nil {
			c.partner[now], c.follower[was] = was, now
		}
	}
	for _, now := range c.new.entries {
		join(c.old.byName[now.Name], now)
	}
	for _, now := range c.new.entries {
		for _, name := range now.field.Aliases {
			join(c.old.byName[name], now)
		}
	}
	c.stayed = c.inOrder()
}

// inOrder are the entries that kept their place among those that they stand
// with.
func (c *comparison) inOrder() map[*entry]bool {
	beside := map[*entry][]*entry{} // by what they stand in
	for _, now := range c.new.entries {
		if was := c.partner[now]; was != nil && c.sameGroup(was, now) {
			beside[now.parent] = append(beside[now.parent], now)
		}
	}
	kept := map[*entry]bool{}
	for _, list := range beside {
		for _, i := range rising(len(list), func(i int) int { return c.partner[list[i]].at }) {
			kept[list[i]] = true
		}
	}
	return kept
}

// sameGroup says whether both stand in the same group, page or repeat.
func (c *comparison) sameGroup(was, now *entry) bool {
	if now.parent == nil {
		return was.parent == nil
	}
	return was.parent != nil && was.parent == c.partner[now.parent]
}

// rising is the longest run of indexes whose places only grow, backwards: what
// stands outside of it was moved.
func rising(n int, place func(i int) int) []int {
	var ends []int // ends[k] ends the run of length k+1 that ends at the least place
	before := make([]int, n)
	for i := range n {
		k, _ := slices.BinarySearchFunc(ends, place(i), func(end, at int) int { return cmp.Compare(place(end), at) })
		if before[i] = -1; k > 0 {
			before[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		}
		ends[k] = i
	}
	var run []int
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			run = append(run, i)
		}
	}
	return run
}

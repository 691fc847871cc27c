package evaluation

import (
	"cmp"
	"maps"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/score"
)

// A value over all that followed each closing would give every further municipality away: what it
// changes by is that municipality. So a value is published in steps, and the next one waits until those
// that are new in it could be shown by themselves: three, none with more than 60 % of their answers.
//
// Why that is enough however often it is repeated: each publication holds at least three municipalities'
// surveys that no earlier one holds. In any sum of multiples of what was published, those that came in
// with the latest publication in it all have the same factor. So what can be worked out always has three
// municipalities in it, none of them dominant.

// steps says of surveys with which publication of their wave they came in.
type steps map[string]int

// steps reads what was published. An overview of before there were steps has one: what it showed.
func (o Overview) steps() steps {
	done := steps{}
	for _, w := range o.Waves {
		shown := slices.ContainsFunc(w.Values, func(v Value) bool { return v.Withheld == "" && v.As.IsZero() })
		seen := map[string]bool{}
		for _, e := range w.Surveys {
			who := cmp.Or(e.Key, e.Case)
			switch {
			case e.Step > 0:
				done[e.ID] = e.Step
			case shown && !seen[who]:
				done[e.ID] = 1
			}
			seen[who] = true
		}
	}
	return done
}

// wave is what the values over all of one wave are made of: its snapshots, the newest first.
type wave struct {
	ru    disclosure.Rules
	snaps []survey.Snapshot
	done  steps
}

// renewed takes what is new in with another step, if that makes a value that may be published.
func (w wave) renewed() wave {
	next, step := wave{w.ru, w.snaps, maps.Clone(w.done)}, w.last()+1
	for _, s := range newest(w.snaps) {
		if next.done[s.Survey] == 0 {
			next.done[s.Survey] = step
		}
	}
	for _, c := range w.constructs() {
		if next.published(c).step == step {
			return next
		}
	}
	return w
}

func (w wave) last() int {
	last := 0
	for _, s := range w.snaps {
		last = max(last, w.done[s.Survey])
	}
	return last
}

func (w wave) constructs() []string {
	var keys []string
	for _, s := range newest(w.snaps) {
		for _, m := range s.Result.Constructs {
			if !slices.Contains(keys, m.Key) {
				keys = append(keys, m.Key)
			}
		}
	}
	return keys
}

func (w wave) values() []Value {
	keys := w.constructs()
	out := make([]Value, 0, len(keys))
	for _, k := range keys {
		out = append(out, w.value(k))
	}
	return out
}

// value is the last published one. Before the first it says why there is none.
func (w wave) value(construct string) Value {
	p := w.published(construct)
	if p.step == 0 {
		all := members(newest(w.snaps), construct)
		return Value{Construct: construct, Municipalities: len(all), Withheld: w.ru.Project(parts(all))}
	}
	v := Value{Construct: construct, Municipalities: len(p.members)}
	for _, m := range p.members {
		v.N += m.N
		if m.to.After(v.As) {
			v.As = m.to
		}
	}
	unweighted, weighted := score.Project(parts(p.members))
	v.Unweighted, v.Weighted = disclosure.Round(unweighted), disclosure.Round(weighted)
	return v
}

// publication is the step with which a construct was last published, and what is in it.
type publication struct {
	step    int
	members []member
}

// published goes through the steps again. A step that makes a value for one construct may not be enough
// for another one, that is hidden in more municipalities: that one waits for a later step.
func (w wave) published(construct string) publication {
	var p publication
	for step := 1; step <= w.last(); step++ {
		all := members(newest(w.upTo(step)), construct)
		if w.ru.Renew(parts(all), parts(without(all, p.members))) == "" {
			p = publication{step, all}
		}
	}
	return p
}

func (w wave) upTo(step int) []survey.Snapshot {
	var out []survey.Snapshot
	for _, s := range w.snaps {
		if n := w.done[s.Survey]; n > 0 && n <= step {
			out = append(out, s)
		}
	}
	return out
}

// newest keeps the latest survey of each municipality: each counts once.
func newest(sorted []survey.Snapshot) []survey.Snapshot {
	seen := map[string]bool{}
	var out []survey.Snapshot
	for _, s := range sorted {
		who := cmp.Or(s.Municipality.Key, s.Case)
		if !seen[who] {
			out = append(out, s)
		}
		seen[who] = true
	}
	return out
}

// member is a survey's share in a construct over all.
type member struct {
	score.Part
	survey string
	to     lang.Date
}

// members are those that have a value to show. A hidden one is not in it, so nothing can be subtracted
// from the whole that is not shown anyway.
func members(snaps []survey.Snapshot, construct string) []member {
	var out []member
	for _, s := range snaps {
		for _, m := range s.Result.Constructs {
			if m.Key == construct && m.Hidden == "" {
				out = append(out, member{score.Part{N: m.N, Index: m.Index}, s.Survey, s.To})
			}
		}
	}
	return out
}

func without(all, old []member) []member {
	return slices.DeleteFunc(slices.Clone(all), func(m member) bool {
		return slices.ContainsFunc(old, func(o member) bool { return o.survey == m.survey })
	})
}

func parts(of []member) []score.Part {
	out := make([]score.Part, 0, len(of))
	for _, m := range of {
		out = append(out, m.Part)
	}
	return out
}

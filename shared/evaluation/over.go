package evaluation

import (
	"cmp"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/score"
)

// A value over all that followed each closing would give every further municipality away: what it
// changes by is that municipality. So a value is published again only when those that are new in it could
// be shown by themselves: three, none with more than 60 % of their answers.
//
// Why that is enough however often it is repeated: each publication holds at least three municipalities'
// surveys that no earlier one holds. In any sum of multiples of what was published, those that came in
// with the latest publication in it all have the same factor. So what can be worked out always has three
// municipalities in it, none of them dominant.

// share is what a survey brings to the values over all.
type share struct {
	Survey string    `json:"survey"`
	Whose  string    `json:"whose"` // municipality, or case of one without a key: each counts once
	To     lang.Date `json:"to"`
	Of     []portion `json:"of"`
}

// portion is a survey's part in one construct. A hidden one has no number, so nothing can be subtracted
// from the whole that is not shown anyway.
type portion struct {
	Construct string  `json:"c"`
	Hidden    bool    `json:"hidden,omitempty"`
	N         int     `json:"n,omitempty"`
	Index     float64 `json:"index,omitempty"`
}

func shareOf(s survey.Snapshot) share {
	out := share{Survey: s.Survey, Whose: cmp.Or(s.Municipality.Key, s.Case), To: s.To}
	for _, m := range s.Result.Constructs {
		if m.Hidden != "" {
			out.Of = append(out.Of, portion{Construct: m.Key, Hidden: true})
			continue
		}
		out.Of = append(out.Of, portion{Construct: m.Key, N: m.N, Index: m.Index})
	}
	return out
}

// renewed makes the values of all shares of the wave, in the order in which they came in. Each construct
// by itself takes in what is new, if that may be published, or stays as it was. It is pure, and again with
// the same shares it changes nothing.
func (w Wave) renewed(ru disclosure.Rules, all []share) Wave {
	now := newest(all)
	out := Wave{Form: w.Form, Taken: w.Taken, Made: len(all)}
	for _, construct := range constructs(now) {
		at := slices.IndexFunc(w.Values, func(v Value) bool { return v.Construct == construct })
		old := Value{Construct: construct}
		if at >= 0 {
			old = w.Values[at]
		}
		out.Values = append(out.Values, old.renewed(ru, members(now, construct), members(newest(all[:old.Last]), construct), len(all)))
	}
	return out
}

// renewed is the value over all these members, if it may take the place of the one over those that were
// in it before. Before the first it says why there is none.
func (v Value) renewed(ru disclosure.Rules, all, before []member, last int) Value {
	withheld := ru.Renew(parts(all), parts(without(all, before)))
	if withheld != "" {
		if v.Last == 0 {
			v.Municipalities, v.Withheld = len(all), withheld
		}
		return v
	}
	out := Value{Construct: v.Construct, Municipalities: len(all), Last: last}
	for _, m := range all {
		out.N += m.N
		if m.to.After(out.As) {
			out.As = m.to
		}
	}
	unweighted, weighted := score.Project(parts(all))
	out.Unweighted, out.Weighted = disclosure.Round(unweighted), disclosure.Round(weighted)
	return out
}

// newest keeps the latest survey of each municipality: each counts once.
func newest(all []share) []share {
	latest := map[string]share{}
	for _, s := range all {
		if l, ok := latest[s.Whose]; !ok || cmp.Or(s.To.Compare(l.To), cmp.Compare(l.Survey, s.Survey)) > 0 {
			latest[s.Whose] = s
		}
	}
	var out []share
	for _, s := range all {
		if latest[s.Whose].Survey == s.Survey {
			out = append(out, s)
		}
	}
	return out
}

// constructs are those that were asked, in the order of the survey that asked last.
func constructs(of []share) []string {
	var keys []string
	seen := map[string]bool{}
	for _, s := range slices.Backward(of) {
		for _, p := range s.Of {
			if !seen[p.Construct] {
				seen[p.Construct] = true
				keys = append(keys, p.Construct)
			}
		}
	}
	return keys
}

// member is a survey's share in a construct over all.
type member struct {
	score.Part
	survey string
	to     lang.Date
}

// members are those that have a value to show.
func members(of []share, construct string) []member {
	var out []member
	for _, s := range of {
		for _, p := range s.Of {
			if p.Construct == construct && !p.Hidden {
				out = append(out, member{score.Part{N: p.N, Index: p.Index}, s.Survey, s.To})
			}
		}
	}
	return out
}

func without(all, old []member) []member {
	in := map[string]bool{}
	for _, o := range old {
		in[o.survey] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(m member) bool { return in[m.survey] })
}

func parts(of []member) []score.Part {
	out := make([]score.Part, 0, len(of))
	for _, m := range of {
		out = append(out, m.Part)
	}
	return out
}

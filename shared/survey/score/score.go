// Package score turns the answers of one survey into numbers: recoded items, constructs, indices,
// groups. It is pure, knows no disclosure rule and stores nothing: what it gives has to pass package
// disclosure before anybody may see or keep it.
//
// The rules are kokoma.md 4.6: a reversed item counts as 6 - x; a construct has a value in a response
// when two thirds of its items (rounded up) are answered, and is then their mean; its index is
// (mean - 1) / 4 * 100; the value of a group is the mean of its responses' indices.
package score

import (
	"cmp"
	"slices"
	"strconv"
)

// NA is the option "cannot judge" and "prefer not to say": it counts as not answered.
const NA = "NA"

// Question is what has to be known of a scale item.
type Question struct {
	Key       string
	Construct string // empty: the item stands for itself, and there is no index
	Reversed  bool
	Min, Max  int // ends of its scale
}

// Response is one filled-in survey: question -> option. A question that is not in it was skipped.
type Response map[string]string

// Sheet says what is scored and by which profile question results are split.
type Sheet struct {
	Questions []Question
	Sector    string   // profile question, empty: no split
	Sectors   []string // its options in order, without NA
}

// Unstated is the group of those who did not say where they come from.
const Unstated = "NONE"

// Result is a survey in numbers. Hidden measures and cells hold no number at all.
type Result struct {
	Answers    int       `json:"answers,omitempty"`   // submitted
	Completed  int       `json:"completed,omitempty"` // with at least half of the scale items answered
	Hidden     Reason    `json:"hidden,omitempty"`    // the whole survey says nothing
	Constructs []Measure `json:"constructs,omitempty"`
	Items      []Measure `json:"items,omitempty"`
	Sectors    []Sector  `json:"sectors,omitempty"`
}

// Reason is why something is not shown; empty when it is.
type Reason string

// The reasons.
const (
	Few        Reason = "few"        // fewer answers than the rule asks for
	Same       Reason = "same"       // everybody answered alike, so the value would tell each answer
	Complement Reason = "complement" // it would tell what is hidden beside it
)

// Measure is one construct or one item for a group.
type Measure struct {
	Key       string  `json:"key"`
	Construct string  `json:"construct,omitempty"` // of an item that is part of an index
	Reversed  bool    `json:"reversed,omitempty"`
	Hidden    Reason  `json:"hidden,omitempty"`
	N         int     `json:"n,omitempty"`      // valid answers
	Mean      float64 `json:"mean,omitempty"`   // on the item's own scale, not recoded
	Index     float64 `json:"index,omitempty"`  // 0-100: of a construct, or of an item's mean as it stands
	SD        float64 `json:"sd,omitempty"`     // of a sample; of a construct on 0-100, of an item on its scale
	Top       float64 `json:"top,omitempty"`    // share of values >= 4, five-point scales only
	Bottom    float64 `json:"bottom,omitempty"` // share of values <= 2, five-point scales only
	// Counts is the distribution: of an item one number for each option, of a construct the four bands
	// up to 2, below 3, below 4, from 4. Nil when the distribution is not shown.
	Counts []int `json:"counts,omitempty"`
	NA     int   `json:"na,omitempty"` // said that they cannot judge

	Same bool `json:"-"` // all valid answers are one value
}

// Sector is a group with one cell for each construct, in the order of Result.Constructs.
type Sector struct {
	Code  string `json:"code"`
	Cells []Cell `json:"cells"`
}

// Cell is the value of one construct in one sector.
type Cell struct {
	Hidden Reason  `json:"hidden,omitempty"`
	N      int     `json:"n,omitempty"`
	Index  float64 `json:"index,omitempty"`

	Same bool `json:"-"`
}

// Compute gives everything that can be said about the responses.
func Compute(s Sheet, responses []Response) Result {
	r := Result{Answers: len(responses)}
	for _, resp := range responses {
		if complete(s.Questions, resp) {
			r.Completed++
		}
	}
	for _, q := range s.Questions {
		r.Items = append(r.Items, item(q, responses))
	}
	constructs := s.Constructs()
	for _, c := range constructs {
		r.Constructs = append(r.Constructs, construct(c, s.of(c), responses))
	}
	if s.Sector == "" {
		return r
	}
	for _, code := range append(slices.Clone(s.Sectors), Unstated) {
		r.Sectors = append(r.Sectors, sector(s, code, constructs, responses))
	}
	return r
}

// Constructs lists the constructs in the order of their first item.
func (s Sheet) Constructs() []string {
	var keys []string
	for _, q := range s.Questions {
		if q.Construct != "" && !slices.Contains(keys, q.Construct) {
			keys = append(keys, q.Construct)
		}
	}
	return keys
}

func (s Sheet) of(construct string) []Question {
	var qs []Question
	for _, q := range s.Questions {
		if q.Construct == construct {
			qs = append(qs, q)
		}
	}
	return qs
}

// complete: at least half of the scale items have an answer that counts.
func complete(qs []Question, r Response) bool {
	n := 0
	for _, q := range qs {
		if _, ok := q.value(r); ok {
			n++
		}
	}
	return n > 0 && 2*n >= len(qs)
}

// value is what somebody answered, as it stands.
func (q Question) value(r Response) (int, bool) {
	v, err := strconv.Atoi(r[q.Key])
	if err != nil || v < q.Min || v > q.Max {
		return 0, false
	}
	return v, true
}

func item(q Question, responses []Response) Measure {
	m := Measure{Key: q.Key, Construct: q.Construct, Reversed: q.Reversed}
	values := make([]float64, 0, len(responses))
	m.Counts = make([]int, q.Max-q.Min+1)
	for _, r := range responses {
		if r[q.Key] == NA {
			m.NA++
		}
		if v, ok := q.value(r); ok {
			values = append(values, float64(v))
			m.Counts[v-q.Min]++
		}
	}
	m.N, m.Mean, m.SD, m.Same = len(values), mean(values), deviation(values), same(values)
	if m.N == 0 {
		return m
	}
	m.Index = (m.Mean - float64(q.Min)) / float64(q.Max-q.Min) * 100
	if q.Min == 1 && q.Max == 5 {
		m.Bottom = float64(m.Counts[0]+m.Counts[1]) / float64(m.N)
		m.Top = float64(m.Counts[3]+m.Counts[4]) / float64(m.N)
	}
	return m
}

// mark is one response's value of a construct: sum of its k answered items. Kept as whole numbers, so
// that no band depends on how a fraction was rounded.
type mark struct{ sum, k int }

func (m mark) index() float64 { return float64(25*(m.sum-m.k)) / float64(m.k) }

func (m mark) band() int {
	switch {
	case m.sum <= 2*m.k:
		return 0
	case m.sum < 3*m.k:
		return 1
	case m.sum < 4*m.k:
		return 2
	}
	return 3
}

// One gives a response's value of a construct, false when too few of its items are answered.
func one(qs []Question, r Response) (mark, bool) {
	var m mark
	for _, q := range qs {
		v, ok := q.value(r)
		if !ok {
			continue
		}
		if q.Reversed {
			v = q.Min + q.Max - v
		}
		m.sum += v
		m.k++
	}
	needed := (2*len(qs) + 2) / 3
	return m, m.k > 0 && m.k >= needed
}

func construct(key string, qs []Question, responses []Response) Measure {
	m := Measure{Key: key, Counts: make([]int, 4)}
	indices := make([]float64, 0, len(responses))
	for _, r := range responses {
		if v, ok := one(qs, r); ok {
			indices = append(indices, v.index())
			m.Counts[v.band()]++
		}
	}
	m.N, m.Index, m.SD, m.Same = len(indices), mean(indices), deviation(indices), same(indices)
	if m.N > 0 {
		m.Bottom = float64(m.Counts[0]) / float64(m.N)
		m.Top = float64(m.Counts[3]) / float64(m.N)
	}
	return m
}

func sector(s Sheet, code string, constructs []string, responses []Response) Sector {
	group := slices.DeleteFunc(slices.Clone(responses), func(r Response) bool {
		return s.sectorOf(r) != code
	})
	out := Sector{Code: code, Cells: make([]Cell, 0, len(constructs))}
	for _, c := range constructs {
		m := construct(c, s.of(c), group)
		out.Cells = append(out.Cells, Cell{N: m.N, Index: m.Index, Same: m.Same})
	}
	return out
}

func (s Sheet) sectorOf(r Response) string {
	if slices.Contains(s.Sectors, r[s.Sector]) {
		return r[s.Sector]
	}
	return Unstated
}

// Rate is the response rate as a share: of those who could be reached, who completed. An open link
// invites nobody, so it has none.
func Rate(completed, invited, bounced int) (float64, bool) {
	reached := invited - bounced
	if reached <= 0 {
		return 0, false
	}
	return float64(completed) / float64(reached), true
}

// Part is one municipality's share in a value over all.
type Part struct {
	N     int
	Index float64
}

// Project gives the value over all municipalities: each counting once, which is the headline, and each
// by its answers.
func Project(parts []Part) (unweighted, weighted float64) {
	n := 0
	for _, p := range parts {
		unweighted += p.Index
		weighted += p.Index * float64(p.N)
		n += p.N
	}
	if n == 0 {
		return 0, 0
	}
	return unweighted / float64(len(parts)), weighted / float64(n)
}

func same(values []float64) bool {
	return len(values) > 0 && slices.MinFunc(values, cmp.Compare) == slices.MaxFunc(values, cmp.Compare)
}

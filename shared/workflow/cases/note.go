package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// Note travels with a case in the list of all cases, so that the list reads no
// case. What older notes lack is empty, and not known.
type Note struct {
	Status     process.Status `json:"s"`
	Phase      string         `json:"p"`
	Name       string         `json:"m"`
	Key        string         `json:"k,omitempty"`
	Land       string         `json:"l,omitempty"`
	Who        []string       `json:"h,omitempty"` // short hashes of the addresses that hold a role
	Open       Dues           `json:"o,omitempty"`
	Milestones int            `json:"x,omitempty"` // bit n is set when Mn is reached
}

// Reached says whether the milestone with that code ("M3") is reached.
func (n Note) Reached(code string) bool {
	at, ok := milestoneBit(code)
	return ok && n.Milestones&at != 0
}

func milestoneBit(code string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(code, "M"))
	return 1 << max(0, n), err == nil && n >= 0 && n < 30
}

// Overdue counts the open steps whose due date is over.
func (n Note) Overdue(today lang.Date) int {
	late := 0
	for _, d := range n.Open {
		if d.Late(today) {
			late++
		}
	}
	return late
}

// Due is an open step with its due date; it is zero when the step has none, or
// when it is not known.
type Due struct {
	Step string
	On   lang.Date
}

// Late says whether the date is over.
func (d Due) Late(today lang.Date) bool { return !d.On.IsZero() && d.On.Before(today) }

// Dues are the open steps of a case, the earliest first. They are stored as one
// short text, "A04k3m A05": a step and its day, counted from 2020 to base 36,
// because what travels with the head must not make it larger than 1 KB.
type Dues []Due

var dueEpoch = lang.Date{Year: 2020, Month: 1, Day: 1}

const dueBase = 36

// MarshalJSON writes them.
func (d Dues) MarshalJSON() ([]byte, error) {
	words := make([]string, len(d))
	for i, one := range d {
		words[i] = one.Step
		if !one.On.IsZero() {
			words[i] += strconv.FormatInt(int64(dueEpoch.DaysUntil(one.On)), dueBase)
		}
	}
	return json.Marshal(strings.Join(words, " "))
}

// UnmarshalJSON reads them back.
func (d *Dues) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*d = nil
	for word := range strings.FieldsSeq(text) {
		if len(word) < 3 {
			return fmt.Errorf("reading the open steps of a case: %q is too short", word)
		}
		one := Due{Step: word[:3]}
		if word = word[3:]; word != "" {
			n, err := strconv.ParseInt(word, dueBase, 32)
			if err != nil {
				return fmt.Errorf("reading the open steps of a case: %q is no day", word)
			}
			one.On = dueEpoch.AddDays(int(n))
		}
		*d = append(*d, one)
	}
	return nil
}

// next are the open steps after a command. Of those that it did not touch the
// earlier note knows the dates.
func (d Dues) next(s process.State) Dues {
	var out Dues
	for _, ref := range s.Head.Open() {
		one := Due{Step: ref.Step}
		if at := slices.IndexFunc(d, func(o Due) bool { return o.Step == ref.Step }); at >= 0 {
			one = d[at]
		}
		if st, ok := s.Steps[ref]; ok {
			one.On = st.Due
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b Due) int {
		if a.On.IsZero() != b.On.IsZero() {
			return strings.Compare(b.On.String(), a.On.String()) // without a date last
		}
		return a.On.Compare(b.On)
	})
	return out
}

func (c *Record) note() string {
	m := c.Head.Municipality
	n := Note{
		Status: c.Head.Status, Phase: c.Head.Phase(), Name: m.Name, Key: m.Key, Land: m.Land,
		Open: c.open.next(c.State),
	}
	for _, t := range c.milestones() {
		if bit, ok := milestoneBit(t.Milestone); ok && c.Head.Steps[t.Key].State == process.Done {
			n.Milestones |= bit
		}
	}
	for _, list := range c.People {
		for _, p := range list {
			n.Who = append(n.Who, WhoHash(p.Email))
		}
	}
	slices.Sort(n.Who)
	n.Who = slices.Compact(n.Who)
	return Compact(n)
}

func (c *Record) milestones() []*process.Template {
	if c.Def == nil {
		return nil
	}
	return c.Def.Milestones()
}

package municipality

import (
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Settings is what holds in one municipality beyond the calendar of its Land,
// and how it wants to be written to. The zero value is what most have.
type Settings struct {
	Feasts []Feast `json:"f,omitempty"`
	Closed []Range `json:"c,omitempty"` // its offices are closed: no work, no mail
	Window Window  `json:"w,omitempty"`
	Paper  bool    `json:"p,omitempty"` // letters instead of mails
}

// Feast is a holiday that is kept in some municipalities of a Land only.
type Feast string

// The feasts that a municipality may add to those of its Land.
const (
	Assumption    Feast = "assumption"     // 15 August: most of Bavaria
	CorpusChristi Feast = "corpus_christi" // parts of Saxony and Thuringia
	PeaceFeast    Feast = "peace_feast"    // 8 August: Augsburg
)

// Feasts are those that a municipality of this Land may add.
func Feasts(land string) []Feast {
	switch land {
	case "BY":
		return []Feast{Assumption, PeaceFeast}
	case "SN", "TH":
		return []Feast{CorpusChristi}
	}
	return nil
}

// Range is a span of days, both ends in it. It is stored as
// "2026-07-01/2026-07-14".
type Range struct{ From, To lang.Date }

// Has reports whether d lies in the range.
func (r Range) Has(d lang.Date) bool { return !d.Before(r.From) && !d.After(r.To) }

// MarshalText writes the range.
func (r Range) MarshalText() ([]byte, error) {
	return []byte(r.From.String() + "/" + r.To.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (r *Range) UnmarshalText(b []byte) error {
	from, to, _ := strings.Cut(string(b), "/")
	var err error
	if r.From, err = lang.ParseDate(from); err != nil {
		return fmt.Errorf("%q is no span of days such as 2026-07-01/2026-07-14", b)
	}
	if r.To, err = lang.ParseDate(to); err != nil || r.To.Before(r.From) {
		return fmt.Errorf("%q is no span of days such as 2026-07-01/2026-07-14", b)
	}
	return nil
}

// Window is the part of the day in which mail suits a municipality, as step
// O07 offers it; none stands for the whole of the mailing hours.
type Window string

// The windows beside the usual one.
const (
	Mornings   Window = "AM"
	Afternoons Window = "PM"
)

// Hours are the first hour in which a mail may go out, and the one before
// which it must have.
func (w Window) Hours() (from, until int) {
	switch w {
	case Mornings:
		return mailFrom, mailNoon
	case Afternoons:
		return mailNoon, mailUntil
	}
	return mailFrom, mailUntil
}

// MaxClosed is how many spans of closed days a municipality can have: they
// travel with every open step, which is to stay below one KB.
const MaxClosed = 6

// Tidy brings settings to the form in which they are stored: feasts that the
// Land knows, windows that there are, spans in order and without those that
// ended before today.
func (s Settings) Tidy(land string, today lang.Date) Settings {
	out := Settings{Paper: s.Paper}
	if s.Window == Mornings || s.Window == Afternoons {
		out.Window = s.Window
	}
	for _, f := range Feasts(land) {
		if slices.Contains(s.Feasts, f) {
			out.Feasts = append(out.Feasts, f)
		}
	}
	for _, r := range s.Closed {
		if !r.From.IsZero() && !r.To.Before(r.From) && !r.To.Before(today) {
			out.Closed = append(out.Closed, r)
		}
	}
	slices.SortFunc(out.Closed, func(a, b Range) int { return a.From.Compare(b.From) })
	out.Closed = slices.Compact(out.Closed)
	out.Closed = out.Closed[:min(len(out.Closed), MaxClosed)]
	return out
}

// Equal reports whether two settings say the same.
func (s Settings) Equal(o Settings) bool {
	return s.Window == o.Window && s.Paper == o.Paper && slices.Equal(s.Feasts, o.Feasts) && slices.Equal(s.Closed, o.Closed)
}

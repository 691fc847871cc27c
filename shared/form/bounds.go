package form

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
)

// bounds are the parameters of a number or a date: min, max and step.
type bounds struct {
	lo, hi *bound
	step   *big.Rat
	places int // decimal places that answers can need
}

// bound is a number, a date, or a distance from today.
type bound struct {
	number *big.Rat
	date   lang.Date
	today  bool
	offset int
	unit   byte // d, m or y
}

// readBounds reads "min=0 max=5 step=0.05" or "min=today max=today+18m".
func readBounds(src string, k kind) (bounds, error) {
	var b bounds
	for part := range strings.FieldsSeq(src) {
		key, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return b, fmt.Errorf("%q is not key=value; write \"min=0 max=5\"", part)
		}
		switch key {
		case "min", "max":
			bd, err := readBound(value, k)
			if err != nil {
				return b, err
			}
			if key == "min" {
				b.lo = bd
			} else {
				b.hi = bd
			}
		case "step":
			if !k.in(kindInteger, kindDecimal) {
				return b, fmt.Errorf("step is for numbers only")
			}
			step, ok := plainDecimal(value)
			if !ok || step.Sign() <= 0 {
				return b, fmt.Errorf("step is %q; it must be a number above 0 such as 0.05", value)
			}
			b.step = step
		default:
			return b, fmt.Errorf("%q is unknown; min, max and step are known", key)
		}
		b.places = max(b.places, places(value))
	}
	if b.lo != nil && b.hi != nil && b.lo.number != nil && b.hi.number != nil && b.lo.number.Cmp(b.hi.number) > 0 {
		return b, fmt.Errorf("min is above max; no answer fits")
	}
	return b, nil
}

var fromToday = regexp.MustCompile(`^today(?:([+-][0-9]{1,4})([dmy]?))?$`)

func readBound(value string, k kind) (*bound, error) {
	if k.in(kindInteger, kindDecimal) {
		number, ok := plainDecimal(value)
		if !ok {
			return nil, fmt.Errorf("%q is no number; write it with a point, 0.5", value)
		}
		return &bound{number: number}, nil
	}
	if m := fromToday.FindStringSubmatch(value); m != nil {
		b := &bound{today: true, unit: 'd'}
		b.offset, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			b.unit = m[2][0]
		}
		return b, nil
	}
	full := value
	switch len(value) {
	case len("2026"):
		full += "-01-01"
	case len("2026-03"):
		full += "-01"
	}
	d, err := lang.ParseDate(full)
	if err != nil || d.IsZero() {
		return nil, fmt.Errorf("%q is no bound for a date; write 2026-03-01, today, today-1d, today+18m or today+2y", value)
	}
	return &bound{date: d}, nil
}

// on is the bound as a date on that day.
func (b *bound) on(today lang.Date) lang.Date {
	if !b.today {
		return b.date
	}
	switch b.unit {
	case 'm':
		return addMonths(today, b.offset)
	case 'y':
		return addMonths(today, 12*b.offset)
	}
	return today.AddDays(b.offset)
}

// addMonths keeps the day of the month where the month has it, else takes its
// last: 31 January and a month is 28 February.
func addMonths(d lang.Date, n int) lang.Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return lang.Date{Year: first.Year(), Month: first.Month(), Day: min(d.Day, last)}
}

// numberFault says what is wrong with a number, "" for nothing.
func (b bounds) numberFault(r *big.Rat) (string, []speaker) {
	low := b.lo != nil && r.Cmp(b.lo.number) < 0
	high := b.hi != nil && r.Cmp(b.hi.number) > 0
	switch {
	case (low || high) && b.lo != nil && b.hi != nil:
		return "form.range", []speaker{b.figure(b.lo.number), b.figure(b.hi.number)}
	case low:
		return "form.atleast", []speaker{b.figure(b.lo.number)}
	case high:
		return "form.atmost", []speaker{b.figure(b.hi.number)}
	case b.step != nil:
		return b.stepFault(r)
	}
	return "", nil
}

func (b bounds) stepFault(r *big.Rat) (string, []speaker) {
	from := new(big.Rat)
	if b.lo != nil {
		from = b.lo.number
	}
	steps := new(big.Rat).Quo(new(big.Rat).Sub(r, from), b.step)
	if steps.IsInt() {
		return "", nil
	}
	below := new(big.Int).Div(steps.Num(), steps.Denom())
	near := new(big.Rat).Add(from, new(big.Rat).Mul(b.step, new(big.Rat).SetInt(below)))
	return "form.step", []speaker{b.figure(b.step), b.figure(near)}
}

// dateFault says what is wrong with a date, "" for nothing. d is the first day
// of what was answered: of the day, the month or the year.
func (b bounds) dateFault(d, today lang.Date, k kind) (string, []speaker) {
	if b.lo != nil {
		if at := k.floor(b.lo.on(today)); d.Before(at) {
			return b.lo.word("form.past", "form.early"), []speaker{dateText{at, k}}
		}
	}
	if b.hi != nil {
		if at := k.floor(b.hi.on(today)); d.After(at) {
			return b.hi.word("form.future", "form.late"), []speaker{dateText{at, k}}
		}
	}
	return "", nil
}

// word chooses the plainer words where the bound is this very day.
func (b *bound) word(today, else_ string) string {
	if b.today && b.offset == 0 {
		return today
	}
	return else_
}

// floor is the first day of the month or year that k asks for.
func (k kind) floor(d lang.Date) lang.Date {
	switch k {
	case kindMonth:
		d.Day = 1
	case kindYear:
		d.Month, d.Day = 1, 1
	}
	return d
}

// dateText writes a date as precisely as its question asks for it.
type dateText struct {
	date lang.Date
	kind kind
}

func (t dateText) In(l lang.Lang) string {
	switch t.kind {
	case kindMonth:
		return lang.Month(l, t.date.Year, t.date.Month)
	case kindYear:
		return strconv.Itoa(t.date.Year)
	}
	return lang.Short(l, t.date)
}

// figure writes a number with as few places as it needs.
func (b bounds) figure(r *big.Rat) speaker {
	s := r.FloatString(b.places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return figure(s)
}

// figure is a number in canonical form, such as -1234.50.
type figure string

func (f figure) In(l lang.Lang) string {
	v, err := strconv.ParseFloat(string(f), 64)
	if err != nil {
		return string(f)
	}
	return lang.Number(l, v, places(string(f)))
}

// places counts the digits after the point.
func places(number string) int {
	_, after, _ := strings.Cut(number, ".")
	return len(after)
}

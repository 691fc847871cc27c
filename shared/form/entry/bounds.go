package entry

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// Bounds are the parameters of a number or a date: min, max and step.
type Bounds struct {
	Lo, Hi *Bound
	Step   *big.Rat
	places int // decimal places that answers can need
}

// Bound is a number, a date, or a distance from today.
type Bound struct {
	Number *big.Rat
	date   lang.Date
	today  bool
	offset int
	unit   byte // d, m or y
}

// mostSteps is how many values a range offers at most.
const mostSteps = 1000

// ReadBounds reads "min=0 max=5 step=0.05", "min=today max=today+18m", or
// "start=1 end=10 step=1" of a range, whose defaults these are.
func ReadBounds(src string, k define.Kind) (Bounds, error) {
	var b Bounds
	if k == define.Range {
		src = "start=1 end=10 step=1 " + src
	}
	for part := range strings.FieldsFuncSeq(src, func(r rune) bool { return strings.ContainsRune(" \t\n;,", r) }) {
		key, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return b, define.Fault("define.bounds.form", part)
		}
		if err := b.read(key, value, k); err != nil {
			return b, err
		}
		b.places = max(b.places, places(value))
	}
	if b.Lo != nil && b.Hi != nil && b.Lo.Number != nil && b.Lo.Number.Cmp(b.Hi.Number) > 0 {
		return b, define.Fault("define.bounds.order")
	}
	if k == define.Range && b.steps().Cmp(big.NewRat(mostSteps, 1)) > 0 {
		return b, define.Fault("define.bounds.many", mostSteps)
	}
	return b, nil
}

// steps is how many steps lie between the bounds.
func (b Bounds) steps() *big.Rat {
	return new(big.Rat).Quo(new(big.Rat).Sub(b.Hi.Number, b.Lo.Number), b.Step)
}

// Whole says that a range has whole numbers only.
func (b Bounds) Whole() bool { return b.Lo.Number.IsInt() && b.Step.IsInt() }

// Short says that a range offers so few values that each can be shown.
func (b Bounds) Short() bool { return b.steps().Cmp(big.NewRat(10, 1)) <= 0 }

// Values are all that a range offers, in canonical form.
func (b Bounds) Values() []string {
	var out []string
	for r := b.Lo.Number; r.Cmp(b.Hi.Number) <= 0; r = new(big.Rat).Add(r, b.Step) {
		out = append(out, decimalText(r))
	}
	return out
}

var boundKeys = map[string]string{"start": "min", "end": "max", "step": "step"}

func (b *Bounds) read(key, value string, k define.Kind) (err error) {
	if k == define.Range {
		known, ok := boundKeys[key]
		if !ok {
			return define.Fault("define.bounds.range", key)
		}
		key = known
	}
	switch key {
	case "min":
		b.Lo, err = readBound(value, k)
	case "max":
		b.Hi, err = readBound(value, k)
	case "step":
		b.Step, err = readStep(value, k)
	default:
		err = define.Fault("define.bounds.key", key)
	}
	return err
}

func readStep(value string, k define.Kind) (*big.Rat, error) {
	if !k.In(define.Integer, define.Decimal, define.Range) {
		return nil, define.Fault("define.bounds.step.date")
	}
	step, ok := plainDecimal(value)
	if !ok || step.Sign() <= 0 {
		return nil, define.Fault("define.bounds.step", value)
	}
	return step, nil
}

var fromToday = later(`^today(?:([+-][0-9]{1,4})([dmy]?))?$`)

func readBound(value string, k define.Kind) (*Bound, error) {
	if k.In(define.Integer, define.Decimal, define.Range) {
		number, ok := plainDecimal(value)
		if !ok {
			return nil, define.Fault("define.bounds.number", value)
		}
		return &Bound{Number: number}, nil
	}
	if m := fromToday().FindStringSubmatch(value); m != nil {
		b := &Bound{today: true, unit: 'd'}
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
		return nil, define.Fault("define.bounds.date", value)
	}
	return &Bound{date: d}, nil
}

// on is the bound as a date on that day.
func (b *Bound) on(today lang.Date) lang.Date {
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

// NumberFault says what is wrong with a number, "" for nothing.
func (b Bounds) NumberFault(r *big.Rat) (string, []Spoken) {
	low := b.Lo != nil && r.Cmp(b.Lo.Number) < 0
	high := b.Hi != nil && r.Cmp(b.Hi.Number) > 0
	switch {
	case (low || high) && b.Lo != nil && b.Hi != nil:
		return "form.range", []Spoken{b.Figure(b.Lo.Number), b.Figure(b.Hi.Number)}
	case low:
		return "form.atleast", []Spoken{b.Figure(b.Lo.Number)}
	case high:
		return "form.atmost", []Spoken{b.Figure(b.Hi.Number)}
	case b.Step != nil:
		return b.stepFault(r)
	}
	return "", nil
}

func (b Bounds) stepFault(r *big.Rat) (string, []Spoken) {
	from := new(big.Rat)
	if b.Lo != nil {
		from = b.Lo.Number
	}
	steps := new(big.Rat).Quo(new(big.Rat).Sub(r, from), b.Step)
	if steps.IsInt() {
		return "", nil
	}
	below := new(big.Int).Div(steps.Num(), steps.Denom())
	near := new(big.Rat).Add(from, new(big.Rat).Mul(b.Step, new(big.Rat).SetInt(below)))
	return "form.step", []Spoken{b.Figure(b.Step), b.Figure(near)}
}

// DateFault says what is wrong with a date, "" for nothing. d is the first day
// of what was answered: of the day, the month or the year.
func (b Bounds) DateFault(d, today lang.Date, k define.Kind) (string, []Spoken) {
	if b.Lo != nil {
		if at := floor(k, b.Lo.on(today)); d.Before(at) {
			return b.Lo.word("form.past", "form.early"), []Spoken{dateText{at, k}}
		}
	}
	if b.Hi != nil {
		if at := floor(k, b.Hi.on(today)); d.After(at) {
			return b.Hi.word("form.future", "form.late"), []Spoken{dateText{at, k}}
		}
	}
	return "", nil
}

// word chooses the plainer words where the bound is this very day.
func (b *Bound) word(today, else_ string) string {
	if b.today && b.offset == 0 {
		return today
	}
	return else_
}

// floor is the first day of the month or year that k asks for.
func floor(k define.Kind, d lang.Date) lang.Date {
	switch k {
	case define.Month:
		d.Day = 1
	case define.Year:
		d.Month, d.Day = 1, 1
	}
	return d
}

// dateText writes a date as precisely as its question asks for it.
type dateText struct {
	date lang.Date
	kind define.Kind
}

func (t dateText) In(l lang.Lang) string {
	switch t.kind {
	case define.Month:
		return lang.Month(l, t.date.Year, t.date.Month)
	case define.Year:
		return strconv.Itoa(t.date.Year)
	}
	return lang.Short(l, t.date)
}

// Figure writes a number with as few places as it needs.
func (b Bounds) Figure(r *big.Rat) Spoken {
	s := r.FloatString(b.places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return Figure(s)
}

// Figure is a number in canonical form, such as -1234.50.
type Figure string

func (f Figure) In(l lang.Lang) string {
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

package expr

import (
	"math"
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// Kind is the type of a value or of an expression.
type Kind uint8

// Kinds. Any is what nothing is known about before it is evaluated.
const (
	Any Kind = iota
	Text
	Number
	Bool
	Date
	Nodes // what stands in the rows of a repeat
)

func (k Kind) String() string {
	return [...]string{"a value", "a text", "a number", "a condition", "a date", "a list of rows"}[k]
}

// Value is the result of an expression. The zero Value is the empty text,
// which is also what a question without an answer has.
type Value struct {
	kind  Kind
	text  string
	num   float64 // Number; Bool as 0 or 1; Date as days since 1970
	nodes []Value
}

// TextOf is a text.
func TextOf(s string) Value { return Value{kind: Text, text: s} }

// NumberOf is a number.
func NumberOf(f float64) Value { return Value{kind: Number, num: f} }

// BoolOf is true or false.
func BoolOf(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// epoch is the day from which ODK counts.
var epoch = lang.Date{Year: 1970, Month: 1, Day: 1}

// DateOf is a date; the zero Date is the empty text.
func DateOf(d lang.Date) Value {
	if d.IsZero() {
		return Value{}
	}
	return Value{kind: Date, text: d.String(), num: float64(epoch.DaysUntil(d))}
}

// NodesOf are the values of one question in all rows of its repeat, or one
// value a row for the repeat itself.
func NodesOf(vs []Value) Value { return Value{kind: Nodes, nodes: vs} }

// Empty says that there is nothing: the empty text or not a number.
func (v Value) Empty() bool {
	switch v.kind {
	case Number:
		return math.IsNaN(v.num)
	case Bool, Date:
		return false
	case Nodes:
		return len(v.nodes) == 0
	}
	return v.text == ""
}

// Text converts as XPath does: 1.0 is "1", true is "true".
func (v Value) Text() string {
	switch v.kind {
	case Number:
		return numberText(v.num)
	case Bool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case Nodes:
		if len(v.nodes) > 0 {
			return v.nodes[0].Text()
		}
		return ""
	}
	return v.text
}

func numberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.Abs(f) < tiny:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// tiny is the distance below which ODK takes two numbers for equal.
const tiny = 1e-12

// Number converts as ODK does; the empty text and whatever is no number are
// NaN. A text that is an ISO date counts its days, as in Enketo.
func (v Value) Number() float64 {
	switch v.kind {
	case Number, Bool, Date:
		return v.num
	case Nodes:
		if len(v.nodes) > 0 {
			return v.nodes[0].Number()
		}
		return math.NaN()
	}
	return textNumber(v.text)
}

func textNumber(s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN()
	}
	if f, ok := plainNumber(s); ok {
		return f
	}
	if d, err := lang.ParseDate(s); err == nil {
		return float64(epoch.DaysUntil(d))
	}
	return math.NaN()
}

// plainNumber reads -12.5 or 12,5: no exponent, no infinity.
func plainNumber(s string) (float64, bool) {
	for i := range len(s) {
		c := s[i]
		if c != '.' && c != ',' && (c != '-' || i > 0) && (c < '0' || c > '9') {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return f, err == nil
}

// Bool converts as XPath does: a text is true unless empty, a number unless
// zero or NaN.
func (v Value) Bool() bool {
	switch v.kind {
	case Number:
		return math.Abs(v.num) > tiny && !math.IsNaN(v.num)
	case Bool:
		return v.num != 0
	case Nodes:
		return len(v.nodes) > 0
	}
	return v.text != ""
}

// date converts to a date; ok is false when there is none in it.
func (v Value) date() (lang.Date, bool) {
	switch v.kind {
	case Number, Date:
		if math.IsNaN(v.num) || math.Abs(v.num) > 3e6 {
			return lang.Date{}, false
		}
		return epoch.AddDays(int(math.Floor(v.num))), true
	case Bool, Nodes:
		return lang.Date{}, false
	}
	d, err := lang.ParseDate(v.text)
	return d, err == nil && !d.IsZero()
}

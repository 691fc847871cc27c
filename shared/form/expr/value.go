package expr

import (
	"math"
	"time"

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
	Nodes    // what stands in the rows of a repeat
	DateTime // a point in time, as the clock in Berlin shows it
	Time     // a time of day
)

var kindKeys = [...]string{"any", "text", "number", "bool", "date", "nodes", "datetime", "time"}

// Said is how messages call the kind.
func (k Kind) Said() lang.Text { return say("expr.kind." + kindKeys[k]) }

func (k Kind) String() string { return k.Said().EN }

// counts says whether values of the kind can be compared as numbers.
func (k Kind) counts() bool { return k == Number || k == Date || k == DateTime }

// Value is the result of an expression. The zero Value is the empty text,
// which is also what a question without an answer has.
type Value struct {
	kind    Kind
	answer  bool // of a question: it compares with another answer as a text
	decimal bool // a number that is written with a decimal point always
	text    string
	num     float64 // Number; Bool as 0 or 1; Date and DateTime as days since 1970
	nodes   []Value
}

// TextOf is a text.
func TextOf(s string) Value { return Value{kind: Text, text: s} }

// NumberOf is a number.
func NumberOf(f float64) Value { return Value{kind: Number, num: f} }

// DecimalOf is the answer of a decimal question: ODK writes 5 as 5.0.
func DecimalOf(f float64) Value { return Value{kind: Number, decimal: true, num: f} }

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
	return Value{kind: Date, num: float64(epoch.DaysUntil(d))}
}

// DateTimeOf is a point in time. text is what stands in the answers; "" writes
// it as ODK does.
func DateTimeOf(t time.Time, text string) Value {
	wall := wallClock(t)
	if text == "" {
		text = momentText(wall)
	}
	return Value{kind: DateTime, text: text, num: days(wall)}
}

// TimeOf is a time of day, "09:30".
func TimeOf(text string) Value { return Value{kind: Time, text: text} }

// NodesOf are the values of one question in all rows of its repeat, or one
// value a row for the repeat itself.
func NodesOf(vs []Value) Value { return Value{kind: Nodes, nodes: vs} }

// Missing is what stands in a row that does not exist: no answer at all. Unlike
// an empty answer it is not different from others either, and no part of min()
// and join().
func Missing() Value { return Value{kind: Nodes} }

// Empty says that there is nothing: the empty text or not a number.
func (v Value) Empty() bool {
	switch v.kind {
	case Number:
		return math.IsNaN(v.num)
	case Bool, Date, DateTime:
		return false
	case Nodes:
		return len(v.nodes) == 0
	}
	return v.text == ""
}

// Text converts as XPath does: 1.0 is "1", true is "true", what is no number
// is "".
func (v Value) Text() string {
	switch v.kind {
	case Number, Date:
		if v.text != "" {
			return v.text
		}
		return string(v.appendText(make([]byte, 0, 24)))
	case Bool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case Nodes:
		return v.first().Text()
	}
	return v.text
}

// first is the value in the first row, the empty text where there is none.
func (v Value) first() Value {
	if len(v.nodes) == 0 {
		return Value{}
	}
	return v.nodes[0]
}

// appendText writes the text without making a string of it.
func (v Value) appendText(b []byte) []byte {
	switch {
	case v.text != "":
	case v.kind == Number && v.decimal:
		return appendDecimal(b, v.num)
	case v.kind == Number:
		return appendNumber(b, v.num)
	case v.kind == Date:
		return time.Unix(int64(v.num)*86400, 0).UTC().AppendFormat(b, time.DateOnly)
	case v.kind == Bool || v.kind == Nodes:
		return append(b, v.Text()...)
	}
	return append(b, v.text...)
}

// Number converts as ODK does; the empty text and whatever is no number are
// NaN. A text that is an ISO date counts its days.
func (v Value) Number() float64 {
	switch v.kind {
	case Number, Date, DateTime:
		return v.num
	case Bool:
		if v.answer { // of a calculation: it stands there as a text
			return math.NaN()
		}
		return v.num
	case Nodes:
		return v.first().Number()
	}
	return textNumber(v.text)
}

// Bool converts as XPath does: a text is true unless empty, a number unless
// zero or NaN.
func (v Value) Bool() bool {
	switch v.kind {
	case Number, Bool, Date, DateTime:
		return v.num != 0 && !math.IsNaN(v.num)
	case Nodes:
		return len(v.nodes) > 0
	}
	return v.text != ""
}

// computed says that v is a value of one of the kinds that XPath calls a
// number, and not an answer.
func (v Value) computed() bool { return !v.answer && v.kind.counts() }

// filled says that something stands in an answer, or that a condition holds:
// what checklist() counts.
func (v Value) filled() bool {
	if v.answer {
		return v.Text() != ""
	}
	return v.Bool()
}

// each gives the values in rows one by one, or v alone.
func (v Value) each(yield func(Value) bool) {
	if v.kind != Nodes {
		yield(v)
		return
	}
	for _, n := range v.nodes {
		n.answer = true
		if !yield(n) {
			return
		}
	}
}

// equal follows ODK: as conditions if one is a condition, as texts if both are
// answers, as numbers if one is a number, else as texts.
func equal(a, b Value) bool {
	switch {
	case a.kind == Bool && !a.answer || b.kind == Bool && !b.answer:
		return a.Bool() == b.Bool()
	case !(a.answer && b.answer) && (a.computed() || b.computed()):
		return a.Number() == b.Number()
	}
	return sameText(a, b)
}

func sameText(a, b Value) bool {
	if (a.kind == Text || a.kind == Any) && (b.kind == Text || b.kind == Any) {
		return a.text == b.text
	}
	if a.kind == Number && b.kind == Number && a.text == b.text && a.decimal == b.decimal {
		return a.num == b.num || math.IsNaN(a.num) && math.IsNaN(b.num)
	}
	var left, right [64]byte
	return string(a.appendText(left[:0])) == string(b.appendText(right[:0]))
}

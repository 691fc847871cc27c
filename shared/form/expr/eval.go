package expr

import (
	"math"
	"strings"
	"time"

	"kokoma/shared/lang"
)

// Env gives an expression what it asks for, as seen from the question where it
// stands.
type Env interface {
	// Ref is the answer to question Names()[i]: one value where the question
	// stands in the same row or around it, Nodes (in document order) where it
	// stands in rows below the nearest repeat that both share. For a repeat it
	// is Nodes with one value a row.
	Ref(i int) Value
	// Self is the own answer, ".".
	Self() Value
	// Choice is a column of the choice that a choice filter looks at: "name" or
	// an attribute of the list.
	Choice(column string) Value
	// Row is the place, from 1, of the own row in its repeat; up 1 is the row of
	// the repeat around that one. 0 where there is none.
	Row(up int) int
	// Indexed is the answer to question Names()[i] in the rows, counted from 1,
	// of the repeats Names()[repeats[k]], outermost first; Missing where there
	// is no such row.
	Indexed(i int, repeats, rows []int) Value
	// ChoiceName is the label, in the language of the page, of a choice of the
	// select Names()[i]; "" where there is none.
	ChoiceName(i int, choice string) string
	Today() lang.Date
	// Now is the local time in Europe/Berlin.
	Now() time.Time
}

// Eval evaluates to one value. It never fails: what makes no sense is empty or
// false.
func (x *Expr) Eval(env Env) Value {
	v := x.root.eval(env)
	if v.kind == Nodes {
		return v.first()
	}
	return v
}

// Bool evaluates a condition.
func (x *Expr) Bool(env Env) bool { return x.root.eval(env).Bool() }

func (n *node) eval(env Env) Value {
	switch n.op {
	case opLit:
		return n.lit
	case opRef:
		return answer(env.Ref(n.ref))
	case opSelf:
		return answer(env.Self())
	case opChoice:
		return answer(env.Choice(n.column))
	case opOr:
		return BoolOf(n.args[0].eval(env).Bool() || n.args[1].eval(env).Bool())
	case opAnd:
		return BoolOf(n.args[0].eval(env).Bool() && n.args[1].eval(env).Bool())
	case opEq, opNe:
		a, b := n.args[0].eval(env), n.args[1].eval(env)
		if a.kind == Nodes || b.kind == Nodes {
			return BoolOf(false) // what is missing is neither equal nor different
		}
		return BoolOf(equal(a, b) == (n.op == opEq))
	case opNeg:
		return NumberOf(-n.number(env, 0))
	}
	switch {
	case n.op <= opGe:
		return BoolOf(compare(n.op, n.number(env, 0), n.number(env, 1)))
	case n.op <= opMod:
		return NumberOf(compute(n.op, n.number(env, 0), n.number(env, 1)))
	case n.op <= opWeighted:
		return BoolOf(n.condition(env))
	case n.op <= opPosition:
		return n.figure(env)
	case n.op <= opChoiceName:
		return TextOf(n.words(env))
	}
	return n.other(env)
}

func answer(v Value) Value {
	v.answer = true
	return v
}

func (n *node) number(env Env, i int) float64 { return n.args[i].eval(env).Number() }
func (n *node) text(env Env, i int) string    { return n.args[i].eval(env).Text() }

func compare(o op, a, b float64) bool {
	switch o {
	case opLt:
		return a < b
	case opLe:
		return a <= b
	case opGt:
		return a > b
	}
	return a >= b
}

func compute(o op, a, b float64) float64 {
	switch o {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return a * b
	case opDiv:
		return a / b
	}
	return math.Mod(a, b)
}

// condition evaluates the functions that are true or false.
func (n *node) condition(env Env) bool {
	switch n.op {
	case opNot:
		return !n.args[0].eval(env).Bool()
	case opBoolean:
		return n.args[0].eval(env).Bool()
	case opBooleanFromString:
		s := n.text(env, 0)
		return s == "1" || s == "true"
	case opSelected:
		return selected(n.text(env, 0), n.text(env, 1))
	case opContains:
		return strings.Contains(n.text(env, 0), n.text(env, 1))
	case opStartsWith:
		return strings.HasPrefix(n.text(env, 0), n.text(env, 1))
	case opEndsWith:
		return strings.HasSuffix(n.text(env, 0), n.text(env, 1))
	case opRegex:
		return n.re.MatchString(n.text(env, 0))
	case opWeighted:
		return n.weighted(env)
	}
	return n.checklist(env)
}

func (n *node) checklist(env Env) bool {
	t, open := newTally(n.number(env, 0), n.number(env, 1))
	if !open {
		return true
	}
	for _, a := range n.args[2:] {
		for v := range a.eval(env).each {
			if v.filled() && !t.add(1) {
				return false
			}
		}
	}
	return t.sum >= t.least
}

func (n *node) weighted(env Env) bool {
	t, open := newTally(n.number(env, 0), n.number(env, 1))
	if !open {
		return true
	}
	for i := 2; i < len(n.args); i += 2 {
		if n.args[i].eval(env).filled() && !t.add(n.number(env, i+1)) {
			return false
		}
	}
	return t.sum >= t.least
}

// figure evaluates the functions that are numbers.
func (n *node) figure(env Env) Value {
	switch n.op {
	case opNumber:
		return toNumber(n.args[0].eval(env))
	case opMin, opMax:
		return NumberOf(n.extreme(env))
	case opSum:
		return NumberOf(sum(n.args[0].eval(env)))
	case opCount:
		return NumberOf(float64(len(n.args[0].eval(env).nodes)))
	case opCountNonEmpty:
		return NumberOf(countNonEmpty(n.args[0].eval(env)))
	case opPosition:
		return NumberOf(float64(env.Row(n.ref)))
	case opLength:
		return NumberOf(float64(length(n.text(env, 0))))
	case opCountSelected:
		return NumberOf(float64(countSelected(n.text(env, 0))))
	case opDecimalDateTime:
		return NumberOf(decimalDays(n.args[0].eval(env)))
	case opDecimalTime:
		return NumberOf(decimalTime(n.text(env, 0)))
	}
	return NumberOf(n.arithmetic(env))
}

func (n *node) arithmetic(env Env) float64 {
	f := n.number(env, 0)
	switch n.op {
	case opInt:
		return math.Trunc(f)
	case opAbs:
		return math.Abs(f)
	case opPow:
		return power(f, n.number(env, 1))
	}
	if len(n.args) == 1 {
		return roundTo(f, 0)
	}
	return roundTo(f, n.number(env, 1))
}

// toNumber is number(): a date that was computed stays one, as in ODK.
func toNumber(v Value) Value {
	if v.computed() {
		return v
	}
	return NumberOf(v.Number())
}

// extreme is the least or greatest of all; what is no number spoils it.
func (n *node) extreme(env Env) float64 {
	best, found := math.NaN(), false
	for _, a := range n.args {
		for v := range a.eval(env).each {
			f := v.Number()
			switch {
			case math.IsNaN(f):
				return f
			case !found || n.op == opMin && f < best || n.op == opMax && f > best:
				best, found = f, true
			}
		}
	}
	return best
}

// sum is no number if one of the values is none, or if there is no value.
func sum(v Value) float64 {
	if len(v.nodes) == 0 {
		return math.NaN()
	}
	total := 0.0
	for _, n := range v.nodes {
		total += n.Number()
	}
	return total
}

func countNonEmpty(v Value) float64 {
	n := 0
	for _, item := range v.nodes {
		if item.Text() != "" {
			n++
		}
	}
	return float64(n)
}

// words evaluates the functions that are texts.
func (n *node) words(env Env) string {
	switch n.op {
	case opConcat:
		return n.join(env, "", n.args)
	case opJoin:
		return n.join(env, n.text(env, 0), n.args[1:])
	case opCoalesce:
		if s := n.text(env, 0); s != "" {
			return s
		}
		return n.text(env, 1)
	case opOnce:
		if s := env.Self().Text(); s != "" {
			return s
		}
	case opSubstr:
		return n.substr(env)
	case opBefore:
		return before(n.text(env, 0), n.text(env, 1))
	case opAfter:
		return after(n.text(env, 0), n.text(env, 1))
	case opTranslate:
		return translate(n.text(env, 0), n.text(env, 1), n.text(env, 2))
	case opNormalize:
		return normalize(n.text(env, 0))
	case opSelectedAt:
		return selectedAt(n.text(env, 0), n.args[1].eval(env))
	case opFormat:
		return formatMoment(n.args[0].eval(env), n.args[1].lit.text).text
	case opChoiceName:
		return env.ChoiceName(n.ref, n.text(env, 0))
	}
	return n.text(env, 0)
}

// maxText bounds what is joined, in bytes: texts of texts would grow without
// end. What is longer is empty.
const maxText = 1 << 16

func (n *node) join(env Env, separator string, args []*node) string {
	var b strings.Builder
	first := true
	for _, a := range args {
		for v := range a.eval(env).each {
			if !first {
				b.WriteString(separator)
			}
			first = false
			b.WriteString(v.Text())
			if b.Len() > maxText {
				return ""
			}
		}
	}
	return b.String()
}

func (n *node) substr(env Env) string {
	if len(n.args) == 2 {
		return substr(n.text(env, 0), n.args[1].eval(env), Value{}, true)
	}
	return substr(n.text(env, 0), n.args[1].eval(env), n.args[2].eval(env), false)
}

func (n *node) other(env Env) Value {
	switch n.op {
	case opIf:
		if n.args[0].eval(env).Bool() {
			return n.args[1].eval(env)
		}
		return n.args[2].eval(env)
	case opIndexed:
		return answer(n.indexed(env))
	case opToday:
		return DateOf(env.Today())
	case opNow:
		return momentOf(wallClock(env.Now()))
	}
	return toMoment(n.args[0].eval(env))
}

func (n *node) indexed(env Env) Value {
	rows := make([]int, len(n.args))
	for i, a := range n.args {
		f := a.eval(env).Number()
		if f != math.Trunc(f) || f < 1 || f > math.MaxInt32 {
			return Missing() // also what is no number
		}
		rows[i] = int(f)
	}
	return env.Indexed(n.ref, n.refs, rows)
}

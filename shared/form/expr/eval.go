package expr

import (
	"math"
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
	// of the repeats Names()[repeats[k]], outermost first; the empty Value where
	// there is no such row.
	Indexed(i int, repeats, rows []int) Value
	// ChoiceName is the label, in the language of the page, of a choice of the
	// select Names()[i]; "" where there is none.
	ChoiceName(i int, choice string) string
	Today() lang.Date
	// Now is the local time in Europe/Berlin.
	Now() time.Time
}

// Eval evaluates. It never fails: what makes no sense is empty or false.
func (x *Expr) Eval(env Env) Value { return x.root.eval(env) }

// Bool evaluates a condition.
func (x *Expr) Bool(env Env) bool { return x.root.eval(env).Bool() }

func (n *node) eval(env Env) Value {
	switch n.op {
	case opLit:
		return n.lit
	case opRef:
		return env.Ref(n.ref)
	case opSelf:
		return env.Self()
	case opChoice:
		return env.Choice("name")
	case opOr:
		return BoolOf(n.args[0].eval(env).Bool() || n.args[1].eval(env).Bool())
	case opAnd:
		return BoolOf(n.args[0].eval(env).Bool() && n.args[1].eval(env).Bool())
	case opNeg:
		return NumberOf(-n.args[0].eval(env).Number())
	case opCall:
		return n.call(env)
	case opEq, opNe:
		return BoolOf(equal(n.args[0].eval(env), n.args[1].eval(env)) == (n.op == opEq))
	}
	a, b := n.args[0].eval(env).Number(), n.args[1].eval(env).Number()
	if n.op <= opGe {
		return BoolOf(compare(n.op, a, b))
	}
	return NumberOf(compute(n.op, a, b))
}

// equal follows ODK: as conditions if one is a condition, as numbers if one
// is a number, else as texts.
func equal(a, b Value) bool {
	switch {
	case a.kind == Bool || b.kind == Bool:
		return a.Bool() == b.Bool()
	case a.kind == Number || b.kind == Number:
		x, y := a.Number(), b.Number()
		return x == y || math.Abs(x-y) < tiny
	}
	return a.Text() == b.Text()
}

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

func (n *node) call(env Env) Value {
	switch n.fn.name {
	case "if":
		if n.args[0].eval(env).Bool() {
			return n.args[1].eval(env)
		}
		return n.args[2].eval(env)
	case "coalesce":
		return n.coalesce(env)
	case "regex":
		return BoolOf(n.re.MatchString(n.args[0].eval(env).Text()))
	case "today":
		return DateOf(env.Today())
	}
	args := make([]Value, len(n.args))
	for i, a := range n.args {
		args[i] = a.eval(env)
	}
	return n.fn.call(args)
}

func (n *node) coalesce(env Env) Value {
	for _, a := range n.args {
		if v := a.eval(env); !v.Empty() {
			return v
		}
	}
	return Value{}
}

package expr

import (
	"math"

	"kokoma/shared/lang"
)

// Env gives an expression the answers it asks for.
type Env interface {
	Ref(i int) Value // the answer to question Names()[i]
	Self() Value     // the own answer, "."
	Choice() Value   // the choice that a choice filter looks at
	Today() lang.Date
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
		return env.Choice()
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

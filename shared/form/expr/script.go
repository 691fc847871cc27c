package expr

import (
	"encoding/json"
	"math"
)

// Place says where the answer to a question stands, seen from the page that a
// script runs on.
type Place struct {
	// Control is the name of the control on this page that holds the answer; ""
	// where the answer can't change while the page is open.
	Control string
	// As says how the script reads the control: one of the As… constants.
	As string
	// Told says that who sees the page may know an answer that can't change.
	Told bool
	// Lost says that the answer can change in a way that no script follows.
	Lost bool
}

// How a script reads a control.
const (
	AsChoice  = "o" // one choice, or a box
	AsChoices = "m" // all that are ticked, or placed, in the order of the page
	AsInteger = "i"
	AsDecimal = "d"
	AsText    = "t"
)

// Script writes a condition for the script of a page, as compact JSON: texts,
// numbers and conditions stand for themselves, everything else is an array
// that begins with an operator, a function, "$" for a control or "a" for an
// answer. What can't change is evaluated already. ok is false where the script
// could not evaluate exactly as Eval does, or where nothing can change.
func (x *Expr) Script(env Env, where func(i int) Place) (src string, ok bool) {
	w := &scripter{env: env, where: where}
	tree := w.condition(x.root)
	if _, settled := tree.(bool); settled || w.failed {
		return "", false
	}
	b, err := json.Marshal(tree)
	return string(b), err == nil
}

// scripter turns a parsed expression into what is written as JSON.
type scripter struct {
	env    Env
	where  func(i int) Place
	failed bool
}

// scripted are the operators and functions that the script knows, by the name
// that it knows them under.
var scripted = map[op]string{
	opOr: "or", opAnd: "and", opEq: "=", opNe: "!=", opLt: "<", opLe: "<=", opGt: ">", opGe: ">=",
	opAdd: "+", opSub: "-", opMul: "*", opDiv: "div", opMod: "mod", opNeg: "neg",
	opNot: "not", opBoolean: "boolean", opSelected: "selected", opCountSelected: "count-selected",
	opNumber: "number", opCoalesce: "coalesce", opIf: "if",
}

func (w *scripter) fail() any {
	w.failed = true
	return nil
}

// condition writes n where only its truth is wanted: then what can't change is
// true or false, whatever it is made of.
func (w *scripter) condition(n *node) any {
	if w.fixed(n) {
		return n.eval(w.env).Bool()
	}
	if n.op == opAnd || n.op == opOr {
		return w.joined(n)
	}
	return w.write(n)
}

// joined leaves out the side that can't change, or the other one where it
// settles the whole: so a page tells no more of what it may not tell than what
// is shown on it.
func (w *scripter) joined(n *node) any {
	a, b := w.condition(n.args[0]), w.condition(n.args[1])
	for range 2 {
		if settled, ok := a.(bool); ok {
			if settled == (n.op == opOr) {
				return settled
			}
			return b
		}
		a, b = b, a
	}
	return []any{scripted[n.op], a, b}
}

// write writes n where its value is wanted.
func (w *scripter) write(n *node) any {
	if w.fixed(n) {
		return w.constant(n)
	}
	if n.op == opRef {
		return w.ref(n)
	}
	if n.op == opAnd || n.op == opOr {
		return w.joined(n)
	}
	name, known := scripted[n.op]
	if !known {
		return w.fail()
	}
	out := []any{name}
	for i, a := range n.args {
		if n.wantsCondition(i) {
			out = append(out, w.condition(a))
			continue
		}
		out = append(out, w.write(a))
	}
	return out
}

// wantsCondition says whether only the truth of the argument counts.
func (n *node) wantsCondition(i int) bool {
	switch n.op {
	case opNot, opBoolean:
		return true
	}
	return n.op == opIf && i == 0
}

func (w *scripter) ref(n *node) any {
	p := w.where(n.ref)
	if p.Lost {
		return w.fail()
	}
	return []any{"$", p.Control, p.As}
}

// fixed says that nothing on the page changes the value.
func (w *scripter) fixed(n *node) bool {
	switch n.op {
	case opRef:
		p := w.where(n.ref)
		return p.Control == "" && !p.Lost
	case opSelf, opChoice, opPosition, opIndexed, opChoiceName, opOnce:
		return false
	}
	for _, a := range n.args {
		if !w.fixed(a) {
			return false
		}
	}
	return true
}

// constant writes a value that can't change: a condition, or what is made of
// literals and of answers that may be told.
func (w *scripter) constant(n *node) any {
	v := n.eval(w.env)
	if v.kind != Bool && !w.told(n) {
		return w.fail()
	}
	var out any
	switch {
	case v.kind == Bool && !v.answer:
		out = v.num != 0
	case v.kind == Text || v.kind == Any:
		out = v.text
	case v.kind == Number && !v.decimal && v.text == "" && !math.IsNaN(v.num) && !math.IsInf(v.num, 0):
		out = v.num
	default:
		return w.fail()
	}
	if v.answer {
		return []any{"a", out}
	}
	return out
}

// told says that everything in it may be known to who sees the page.
func (w *scripter) told(n *node) bool {
	if n.op == opRef {
		return w.where(n.ref).Told
	}
	for _, a := range n.args {
		if !w.told(a) {
			return false
		}
	}
	return true
}

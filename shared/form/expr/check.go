package expr

import (
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Decl is what is known of a question that an expression asks for.
type Decl struct {
	Kind     Kind     // Nodes: a repeat, or a question in the rows of one
	Choices  []string // of a select
	Multiple bool     // several choices can be selected
	Repeat   string   // the repeat in whose rows it stands, for Nodes
}

// Scope is what an expression may ask for where it stands.
type Scope struct {
	Question func(name string) (Decl, bool)
	Names    []string // of all questions, for suggestions
	Self     *Decl    // the own question; nil where "." means nothing
	Filter   []string // choices of the list that is filtered; nil elsewhere
}

// Check finds what can't be meant: unknown questions and choices, texts taken
// for numbers, conditions that are none. want is the kind that is needed, Any
// for whatever comes.
func (x *Expr) Check(want Kind, s Scope) (Kind, []error) {
	t := typer{x: x, scope: s}
	k := t.kind(x.root)
	if want == Bool {
		t.condition(x.root, k)
	}
	if want == Any && k == Nodes {
		t.scalar(x.root, k)
	}
	return k, t.errs
}

// Constant says whether the expression always has the same value.
func (x *Expr) Constant() bool { return x.root.constant() }

func (n *node) constant() bool {
	switch n.op {
	case opRef, opSelf, opChoice:
		return false
	case opCall:
		if n.fn.name == "today" {
			return false
		}
	}
	return !slices.ContainsFunc(n.args, func(a *node) bool { return !a.constant() })
}

type typer struct {
	x     *Expr
	scope Scope
	errs  []error
}

func (t *typer) fail(n *node, format string, args ...any) {
	t.errs = append(t.errs, &Error{Pos: n.pos, Msg: fmt.Sprintf(format, args...)})
}

// decl is what is known of the question that n stands for.
func (t *typer) decl(n *node) (Decl, bool) {
	switch n.op {
	case opRef:
		return t.scope.Question(t.x.names[n.ref])
	case opSelf:
		if t.scope.Self != nil {
			return *t.scope.Self, true
		}
	case opChoice:
		return Decl{Kind: Text, Choices: t.scope.Filter}, t.scope.Filter != nil
	}
	return Decl{}, false
}

// called is how n is written, for messages.
func (t *typer) called(n *node) string {
	switch n.op {
	case opRef:
		return "${" + t.x.names[n.ref] + "}"
	case opSelf:
		return "the own answer ."
	case opLit:
		return "'" + n.lit.Text() + "'"
	case opCall:
		return n.fn.name + "()"
	}
	return "this"
}

func (t *typer) kind(n *node) Kind {
	switch n.op {
	case opLit:
		return n.lit.kind
	case opRef, opSelf, opChoice:
		return t.question(n)
	case opOr, opAnd:
		for _, a := range n.args {
			t.condition(a, t.kind(a))
		}
		return Bool
	case opEq, opNe:
		t.equality(n)
		return Bool
	case opLt, opLe, opGt, opGe:
		t.order(n)
		return Bool
	case opCall:
		return t.call(n)
	}
	for _, a := range n.args {
		t.number(a, t.kind(a))
	}
	return Number
}

func (t *typer) question(n *node) Kind {
	d, ok := t.decl(n)
	if ok {
		return d.Kind
	}
	switch n.op {
	case opSelf:
		t.fail(n, "there is no own answer here: name the question, ${…}")
	case opChoice:
		t.fail(n, "the word name is the choice that a choice_filter looks at; a question is ${name}")
	default:
		name := t.x.names[n.ref]
		t.fail(n, "there is no question ${%s}%s", name, Suggest(name, t.scope.Names))
	}
	return Any
}

func (t *typer) scalar(n *node, k Kind) bool {
	if k != Nodes {
		return true
	}
	t.fail(n, "%s has many rows: count(), sum(), min(), max() or join() make one value of them", t.called(n))
	return false
}

func (t *typer) condition(n *node, k Kind) {
	if k != Bool && k != Any && t.scalar(n, k) {
		t.fail(n, "%s is %s, not a condition: compare it, for instance %s != ''", t.called(n), k, t.called(n))
	}
}

// number complains about n where a number or a date is needed.
func (t *typer) number(n *node, k Kind) {
	switch {
	case k == Number || k == Date || k == Any || !t.scalar(n, k):
	case k == Bool:
		t.fail(n, "%s is a condition, not a number", t.called(n))
	case n.op == opLit:
		if v := n.lit.Number(); v != v {
			t.fail(n, "%s is neither a number nor a date such as '2026-03-01'", t.called(n))
		}
	default:
		d, _ := t.decl(n)
		if d.Multiple || !slices.ContainsFunc(d.Choices, func(c string) bool { _, ok := plainNumber(c); return ok }) {
			t.fail(n, "%s is a text, not a number: number(…) would make it one", t.called(n))
		}
	}
}

func (t *typer) order(n *node) {
	a, b := n.args[0], n.args[1]
	ka, kb := t.kind(a), t.kind(b)
	t.number(a, ka)
	t.number(b, kb)
	t.dates(a, b, ka)
	t.dates(b, a, kb)
}

// dates complains when a date meets a bare number.
func (t *typer) dates(a, b *node, ka Kind) {
	if ka != Date || b.op != opLit {
		return
	}
	if b.lit.kind == Number {
		t.fail(b, "%s is a date: compare it with a date, for instance date('2026-03-01') or today() + 30", t.called(a))
		return
	}
	if _, err := lang.ParseDate(b.lit.text); err != nil && b.lit.text != "" {
		t.fail(b, "'%s' is no date of the calendar; dates are written '2026-03-01'", b.lit.text)
	}
}

func (t *typer) equality(n *node) {
	a, b := n.args[0], n.args[1]
	ka, kb := t.kind(a), t.kind(b)
	if !t.scalar(a, ka) || !t.scalar(b, kb) || ka == Any || kb == Any {
		return
	}
	if (ka == Bool) != (kb == Bool) {
		t.fail(n, "a condition is compared with something else; true() and false() are conditions")
		return
	}
	t.dates(a, b, ka)
	t.dates(b, a, kb)
	t.against(a, b, ka)
	t.against(b, a, kb)
}

// against looks at a question that is compared with a literal.
func (t *typer) against(q, lit *node, k Kind) {
	if lit.op != opLit || lit.lit.Text() == "" {
		return
	}
	if k == Number && q.op != opLit {
		t.number(lit, lit.lit.kind)
		return
	}
	d, ok := t.decl(q)
	if !ok || d.Choices == nil {
		return
	}
	if d.Multiple {
		t.fail(q, "%s can have several choices: write selected(%s, %s)", t.called(q), t.x.source(q), t.called(lit))
		return
	}
	t.choice(lit, d)
}

func (t *typer) choice(lit *node, d Decl) {
	name := lit.lit.Text()
	if d.Choices == nil || slices.Contains(d.Choices, name) {
		return
	}
	t.fail(lit, "'%s' is none of the choices %s", name, strings.Join(d.Choices, ", "))
}

// source is how a question is written.
func (x *Expr) source(n *node) string {
	switch n.op {
	case opRef:
		return "${" + x.names[n.ref] + "}"
	case opSelf:
		return "."
	}
	return "name"
}

func (t *typer) call(n *node) Kind {
	kinds := make([]Kind, len(n.args))
	for i, a := range n.args {
		kinds[i] = t.kind(a)
	}
	switch n.fn.name {
	case "if":
		t.condition(n.args[0], kinds[0])
		return common(kinds[1:])
	case "coalesce":
		return common(kinds)
	case "selected", "count-selected":
		t.selection(n)
		return n.fn.result
	case "min", "max":
		if len(kinds) == 1 && kinds[0] == Nodes {
			return Number
		}
		for i, a := range n.args {
			t.number(a, kinds[i])
		}
		return Number
	}
	for i, a := range n.args {
		t.argument(n, a, kinds[i], n.fn.wants(i))
	}
	return n.fn.result
}

func (t *typer) argument(call, a *node, k, want Kind) {
	switch want {
	case Bool:
		t.condition(a, k)
	case Number:
		t.number(a, k)
	case Date:
		if k == Text && a.op == opLit {
			t.dates(&node{op: opCall, fn: call.fn}, a, Date)
			return
		}
		if k == Bool {
			t.fail(a, "%s is a condition, not a date", t.called(a))
		}
		t.scalar(a, k)
	case Nodes:
		if k != Nodes && k != Any {
			t.fail(a, "%s() takes a repeat or a question in one, seen from outside of it; %s is %s", call.fn.name, t.called(a), k)
		}
	default:
		t.scalar(a, k)
	}
}

// selection checks selected() and count-selected().
func (t *typer) selection(n *node) {
	d, ok := t.decl(n.args[0])
	if !ok {
		return
	}
	if d.Choices == nil && d.Kind != Any {
		t.fail(n.args[0], "%s() asks for choices, but %s is %s", n.fn.name, t.called(n.args[0]), d.Kind)
		return
	}
	if len(n.args) == 2 && n.args[1].op == opLit {
		t.choice(n.args[1], d)
	}
}

// common is the kind that all have, else Any.
func common(kinds []Kind) Kind {
	for _, k := range kinds[1:] {
		if k != kinds[0] {
			return Any
		}
	}
	return kinds[0]
}

// Suggest proposes the name that was probably meant: "; did you mean …?", or
// nothing.
func Suggest(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Nearest is the known name that was probably meant, "" where none comes near.
func Nearest(name string, known []string) string {
	best, least := "", 2+len(name)/4
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	return best
}

// distance counts insertions, deletions and replacements (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

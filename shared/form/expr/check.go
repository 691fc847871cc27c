package expr

import (
	"maps"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Decl is what is known of a question that an expression asks for.
type Decl struct {
	Kind     Kind     // Nodes: a repeat, or a question in the rows of one
	Item     Kind     // of one answer, where Kind is Nodes
	Choices  []string // of a select
	Multiple bool     // several choices can be selected
	Repeat   string   // the repeat in whose rows it stands, for Nodes; of a repeat, the one around it
}

// Scope is what an expression may ask for where it stands.
type Scope struct {
	Question func(name string) (Decl, bool)
	Names    []string // of all questions, for suggestions
	Self     *Decl    // the own question; nil where "." means nothing
	Filter   []string // choices of the list that is filtered; nil elsewhere
	// Columns are those of the list that is filtered, without name, with the
	// values that stand in them.
	Columns map[string][]string
	// Above says which repeat position(..) counts in: steps climbed from the
	// parent of the own question lead to the own row (0) or to a row around it
	// (1 …). nil: there are no rows.
	Above func(steps int) (up int, ok bool)
}

// Check finds what can't be meant: unknown questions and choices, texts taken
// for numbers, conditions that are none. want is the kind that is needed, Any
// for whatever comes. It is called once, before anything is evaluated.
func (x *Expr) Check(want Kind, s Scope) (Kind, []error) {
	t := typer{x: x, scope: s}
	k := t.kind(x.root)
	if want == Bool {
		t.condition(x.root, k)
	}
	if want == Any && k == Nodes {
		t.scalar(x.root, k)
	}
	if want == Number {
		t.number(x.root, k)
	}
	return k, t.errs
}

// Constant says whether the expression always has the same value.
func (x *Expr) Constant() bool { return x.root.constant() }

func (n *node) constant() bool {
	switch n.op {
	case opRef, opSelf, opChoice, opToday, opNow, opOnce, opPosition, opIndexed, opChoiceName:
		return false
	}
	return !slices.ContainsFunc(n.args, func(a *node) bool { return !a.constant() })
}

// isAnswer says whether n stands for an answer, not for a computed value.
func (n *node) isAnswer() bool {
	return n.op == opRef || n.op == opSelf || n.op == opChoice || n.op == opIndexed
}

type typer struct {
	x     *Expr
	scope Scope
	errs  []error
}

func (t *typer) fail(n *node, key string, args ...any) {
	t.errs = append(t.errs, &Error{Pos: n.pos, Text: say(key, args...)})
}

// decl is what is known of the question that n stands for.
func (t *typer) decl(n *node) (Decl, bool) {
	switch n.op {
	case opRef, opIndexed:
		return t.scope.Question(t.x.names[n.ref])
	case opSelf:
		if t.scope.Self != nil && (t.scope.Filter == nil || n.strict) {
			return *t.scope.Self, true
		}
	case opChoice:
		return t.column(n.column)
	}
	return Decl{}, false
}

func (t *typer) column(name string) (Decl, bool) {
	if name == "name" {
		return Decl{Kind: Text, Choices: t.scope.Filter}, t.scope.Filter != nil
	}
	values, ok := t.scope.Columns[name]
	return Decl{Kind: Text, Choices: values}, ok && t.scope.Filter != nil
}

// called is how n is written, for messages.
func (t *typer) called(n *node) lang.Text {
	name := ""
	switch {
	case n.op == opRef:
		name = "${" + t.x.names[n.ref] + "}"
	case n.op == opSelf:
		return say("expr.own")
	case n.op == opChoice:
		name = n.column
	case n.op == opLit && n.lit.kind == Bool:
		name = n.lit.Text() + "()"
	case n.op == opLit:
		name = "'" + n.lit.Text() + "'"
	case n.fn != nil:
		name = n.fn.name + "()"
	default:
		return say("expr.this")
	}
	return lang.Text{DE: name, EN: name}
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
	case opPosition:
		t.position(n)
		return Number
	}
	if n.fn != nil {
		return t.call(n)
	}
	for _, a := range n.args {
		t.number(a, t.kind(a))
	}
	return Number
}

func (t *typer) question(n *node) Kind {
	d, ok := t.decl(n)
	switch {
	case ok && n.op == opRef && !n.strict && t.scope.Filter != nil && t.isRelative(n):
		t.fail(n, "expr.filter.relative", t.x.names[n.ref])
		return d.Kind
	case ok:
		return d.Kind
	}
	switch {
	case n.op == opSelf && t.scope.Filter != nil:
		t.fail(n, "expr.filter.self")
	case n.op == opSelf:
		t.fail(n, "expr.self")
	case n.op == opChoice && t.scope.Filter != nil:
		known := append([]string{"name"}, slices.Sorted(maps.Keys(t.scope.Columns))...)
		t.fail(n, "expr.column", n.column, strings.Join(known, ", "), Suggest(n.column, known))
	case n.op == opChoice && n.column == "name":
		t.fail(n, "expr.column.name")
	case n.op == opChoice:
		t.fail(n, "expr.word", n.column)
	default:
		name := t.x.names[n.ref]
		t.fail(n, "expr.question", name, Suggest(name, t.scope.Names))
	}
	return Any
}

func (t *typer) isRelative(n *node) bool {
	return slices.ContainsFunc(t.x.relatives, func(r Relative) bool { return r.Pos == n.pos })
}

// position finds out which rows position(..) counts.
func (t *typer) position(n *node) {
	if t.scope.Above == nil {
		t.fail(n, "expr.position.none")
		return
	}
	up, ok := t.scope.Above(n.ref)
	if !ok {
		t.fail(n, "expr.position.steps")
		return
	}
	n.ref = up
}

func (t *typer) scalar(n *node, k Kind) bool {
	if k != Nodes {
		return true
	}
	t.fail(n, "expr.rows", t.called(n))
	return false
}

// condition refuses answers, which are always true in ODK Web Forms.
func (t *typer) condition(n *node, k Kind) {
	if k == Bool && !n.isAnswer() || k == Any && !n.isAnswer() || !t.scalar(n, k) {
		return
	}
	if _, known := t.decl(n); k == Any && !known {
		return // it was reported as unknown
	}
	t.fail(n, "expr.condition", t.called(n), k.Said())
}

// number complains about n where a number or a date is needed.
func (t *typer) number(n *node, k Kind) {
	switch {
	case k.counts() || k == Any || !t.scalar(n, k):
	case k == Bool:
		t.fail(n, "expr.number.condition", t.called(n))
	case k == Time:
		t.fail(n, "expr.number.time", t.called(n), t.x.source(n))
	case n.op == opLit:
		if v := n.lit.Number(); v != v {
			t.fail(n, "expr.number.literal", t.called(n))
		}
	default:
		d, _ := t.decl(n)
		if d.Multiple || !slices.ContainsFunc(d.Choices, plainNumber) {
			t.fail(n, "expr.number.text", t.called(n))
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
	if ka != Date && ka != DateTime || b.op != opLit {
		return
	}
	if b.lit.kind == Number {
		t.fail(b, "expr.date.number", t.called(a))
		return
	}
	t.isDate(b)
}

// isDate complains about a text that is no date.
func (t *typer) isDate(n *node) {
	if s := n.lit.text; n.lit.kind == Text && s != "" {
		if _, ok := parseMoment(s); !ok {
			t.fail(n, "expr.date.literal", s)
		}
	}
}

func (t *typer) equality(n *node) {
	a, b := n.args[0], n.args[1]
	ka, kb := t.kind(a), t.kind(b)
	if !t.scalar(a, ka) || !t.scalar(b, kb) {
		return
	}
	if t.truth(a, b, ka, kb) || ka == Any || kb == Any {
		return
	}
	t.dates(a, b, ka)
	t.dates(b, a, kb)
	t.against(a, b, ka)
	t.against(b, a, kb)
}

// truth complains when a condition is compared with something else; an answer
// is never a condition.
func (t *typer) truth(a, b *node, ka, kb Kind) bool {
	if ka != Bool && kb != Bool {
		return false
	}
	bare := func(n *node, k Kind) bool { return n.isAnswer() || k != Bool && k != Any }
	if bare(a, ka) || bare(b, kb) {
		q := a
		if ka == Bool {
			q = b
		}
		t.fail(q, "expr.truth", t.called(q))
	}
	return true
}

// against looks at a question that is compared with a literal.
func (t *typer) against(q, lit *node, k Kind) {
	if lit.op != opLit || lit.lit.Text() == "" || lit.lit.kind == Bool {
		return
	}
	switch {
	case k == Number && q.op != opLit:
		t.number(lit, lit.lit.kind)
		return
	case k == Time:
		t.fail(lit, "expr.time.equal", t.called(q), t.x.source(q))
		return
	case k == DateTime && q.isAnswer() && lit.lit.kind == Text:
		t.fail(lit, "expr.datetime.equal", t.called(q), t.x.source(q), lit.lit.text)
		return
	}
	d, ok := t.decl(q)
	if !ok || d.Choices == nil {
		return
	}
	if d.Multiple {
		t.fail(q, "expr.selected", t.called(q), t.x.source(q), t.called(lit))
		return
	}
	t.choice(lit, d)
}

func (t *typer) choice(lit *node, d Decl) {
	name := lit.lit.Text()
	if d.Choices == nil || slices.Contains(d.Choices, name) {
		return
	}
	t.fail(lit, "expr.choice", name, listed(d.Choices))
}

// listed names choices; of many, the first.
func listed(names []string) string {
	if len(names) > 20 {
		return strings.Join(names[:20], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// source is how a question is written.
func (x *Expr) source(n *node) string {
	switch n.op {
	case opRef:
		return "${" + x.names[n.ref] + "}"
	case opSelf:
		return "."
	case opChoice:
		return n.column
	}
	return "…"
}

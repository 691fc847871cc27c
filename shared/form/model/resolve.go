package model

import (
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
)

// resolve gives expressions their questions and checks their types.
func (c *compiler) resolve() {
	names := c.form.names()
	for _, p := range c.rules {
		c.bind(p, names)
	}
}

func (c *compiler) bind(p pending, names []string) {
	for _, name := range p.rule.X.Names() {
		p.rule.Refs = append(p.rule.Refs, c.form.ByName[name])
	}
	scope := expr.Scope{Names: names, Question: func(name string) (expr.Decl, bool) {
		n, ok := c.form.ByName[name]
		if !ok || n.Kind.In(define.Group, define.Note) {
			return expr.Decl{}, false
		}
		return n.decl(p.node), true
	}}
	if p.self {
		own := p.node.decl(p.node)
		scope.Self = &own
	}
	if p.filter {
		scope.Filter, scope.Columns = columns(p.node.Options.Choices)
	}
	if p.node.Parent != nil {
		scope.Above = p.node.above
	}
	for _, r := range p.rule.X.Relatives() {
		if !p.node.leadsTo(r, c.form.ByName[r.Name]) {
			c.Fail(p.at, "define.relative", p.node.Name, p.key, r.Name, r.Name)
		}
	}
	_, errs := p.rule.X.Check(p.want, scope)
	for _, err := range errs {
		if p.key == "" {
			c.FailText(p.at, define.TextOf(err))
			continue
		}
		c.Fail(p.at, "define.expression", p.node.Name, p.key, define.TextOf(err))
	}
	if len(errs) > 0 || !p.rule.X.Constant() {
		return
	}
	switch {
	case p.key == "relevant" && !p.rule.X.Bool(nowhere{}):
		c.Fail(p.at, "define.unreachable", p.node.Name)
	case p.key == "constraint":
		c.Fail(p.at, "define.constraint.constant", p.node.Name)
	case p.key == "repeat_count" && !(p.rule.X.Eval(nowhere{}).Number() <= MaxRows):
		c.Fail(p.at, "define.repeat.count", p.node.Name, MaxRows)
	}
}

// columns are what a choice filter can ask for: the names of the choices, and
// the values of each attribute.
func columns(choices []define.Choice) (names []string, values map[string][]string) {
	values = map[string][]string{}
	for _, ch := range choices {
		names = append(names, ch.Name)
		for column, value := range ch.Attributes {
			if !slices.Contains(values[column], value) {
				values[column] = append(values[column], value)
			}
		}
	}
	return names, values
}

// above says in which row around the node position(..) counts: the repeat that
// is reached by so many steps up from its parent.
func (n *Node) above(steps int) (up int, ok bool) {
	for n = n.Parent; n != nil && steps > 0; n = n.Parent {
		if n.Kind == define.Repeat {
			up++
		}
		steps--
	}
	return up, n != nil && n.Kind == define.Repeat
}

// leadsTo says whether a path goes from the node to another.
func (n *Node) leadsTo(r expr.Relative, to *Node) bool {
	for range r.Up - 1 {
		if n = n.Parent; n == nil {
			return false
		}
	}
	return to != nil && to.Parent == n.Parent
}

// MaxRows is how many rows of a repeat are kept at most.
const MaxRows = 200

// decl is what expressions at a node may know of the question: one value where
// the question stands in the rows around the node, many where it stands in
// rows below.
func (n *Node) decl(from *Node) expr.Decl {
	d := expr.Decl{Kind: n.exprKind()}
	if n.Repeat != nil {
		d.Repeat = n.Repeat.Name
	}
	if n.Kind == define.Repeat || n != from && !from.Within(n.Repeat) {
		d.Kind, d.Item = expr.Nodes, d.Kind
	}
	if n.Kind.Listed() {
		d.Multiple = n.Kind.Several()
		for _, ch := range n.Options.Choices {
			d.Choices = append(d.Choices, ch.Name)
		}
	}
	return d
}

func (n *Node) exprKind() expr.Kind {
	switch n.Kind {
	case define.Integer, define.Decimal, define.Range, define.Year:
		return expr.Number
	case define.Date, define.Month:
		return expr.Date
	case define.Datetime:
		return expr.DateTime
	case define.Time:
		return expr.Time
	case define.Calculate, define.Hidden:
		return expr.Any
	}
	return expr.Text
}

// nowhere is for expressions that ask for nothing.
type nowhere struct{ expr.Env }

// knot is what can depend on another: whether a node is asked and its answer,
// or which rows of a repeat are filled.
type knot struct {
	node *Node
	rows bool
}

// cycles finds questions whose being shown or value depends on itself.
func (c *compiler) cycles() {
	const (
		fresh = iota
		open
		done
	)
	state := map[knot]int{}
	var path []knot
	var visit func(k knot)
	visit = func(k knot) {
		switch state[k] {
		case done:
			return
		case open:
			n := k.node
			c.Fail(n.At.Of("relevant"), "define.cycle", n.Name, circle(path[slices.Index(path, k):]))
			return
		}
		state[k] = open
		path = append(path, k)
		for _, m := range k.dependsOn() {
			visit(m)
		}
		path = path[:len(path)-1]
		state[k] = done
	}
	for _, n := range c.form.Nodes {
		visit(knot{node: n})
		if n.Count != nil {
			visit(knot{node: n, rows: true})
		}
	}
}

func circle(path []knot) string {
	names := make([]string, 0, len(path)+1)
	for _, k := range append(slices.Clone(path), path[0]) {
		names = append(names, k.node.Name)
	}
	return strings.Join(names, " → ")
}

// dependsOn are the knots that must be known before this one is.
func (k knot) dependsOn() []knot {
	n := k.node
	if k.rows && n.Count != nil {
		return append(n.asks(n.Count), knot{node: n})
	}
	if k.rows {
		return within(n)
	}
	var out []knot
	if n.Parent != nil {
		out = append(out, knot{node: n.Parent})
	}
	for _, r := range []*Rule{n.RelevantIf, n.Formula, n.Preset} {
		if r != nil {
			out = append(out, n.asks(r)...)
		}
	}
	return out
}

// asks are the knots that a rule at n asks for: questions, and the rows of
// repeats that don't stand around n.
func (n *Node) asks(r *Rule) []knot {
	var out []knot
	for _, m := range r.Refs {
		out = append(out, knot{node: m})
		if m.OfferedIf != nil && strings.Contains(r.X.String(), "choice-name") {
			// The label of a choice that is not offered is not told.
			out = append(out, m.asks(m.OfferedIf)...)
		}
		if m.Kind == define.Repeat {
			out = append(out, knot{node: m, rows: true})
		}
		for rows := m.Repeat; rows != nil && !n.Within(rows); rows = rows.Repeat {
			out = append(out, knot{node: rows, rows: true})
		}
	}
	return out
}

// within are the nodes in the rows of a repeat, or in a group of it, that
// decide whether a row is filled: those that people answer.
func within(n *Node) []knot {
	var out []knot
	for _, child := range n.Inner {
		if child.Kind.Answered() && !child.ShownOnly() {
			out = append(out, knot{node: child})
		}
		if child.Kind == define.Repeat {
			out = append(out, knot{node: child, rows: true})
		}
		out = append(out, within(child)...)
	}
	return out
}

// CompileCondition reads a condition over the answers of the form and checks
// it as those in the definition are.
func (f *Form) CompileCondition(src string) (*Rule, error) {
	x, err := expr.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("reading the expression %q: %w", src, err)
	}
	c := &compiler{Report: &define.Report{}, form: f}
	p := pending{node: &Node{Question: &define.Question{}}, want: expr.Bool, rule: &Rule{X: x}}
	c.bind(p, f.names())
	if found := c.Findings(); len(found) > 0 {
		return nil, fmt.Errorf("reading the expression %q: %s", src, found[0].Text.EN)
	}
	return p.rule, nil
}

func (f *Form) names() []string {
	names := make([]string, len(f.Nodes))
	for i, n := range f.Nodes {
		names[i] = n.Name
	}
	return names
}

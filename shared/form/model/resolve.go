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
	names := make([]string, 0, len(c.form.ByName))
	for _, n := range c.form.Nodes {
		names = append(names, n.Name)
	}
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
		return n.decl(p.node.Repeat), true
	}}
	if p.self {
		own := p.node.decl(p.node.Repeat)
		scope.Self = &own
	}
	if p.filter {
		for _, ch := range p.node.Options.Choices {
			scope.Filter = append(scope.Filter, ch.Name)
		}
	}
	_, errs := p.rule.X.Check(p.want, scope)
	for _, err := range errs {
		c.Fail(p.line, "%s%v", p.where(), err)
	}
	if p.key == "relevant" && p.rule.X.Constant() && !p.rule.X.Bool(nowhere{}) {
		c.Fail(p.line, "%s can never be reached: its relevant is always false", p.node.Name)
	}
	if p.key == "constraint" && len(errs) == 0 && p.rule.X.Constant() {
		c.Fail(p.line, "%s: the constraint is always the same; it should look at the own answer .", p.node.Name)
	}
}

// where says in messages where the expression stands.
func (p pending) where() string {
	if p.key == "" {
		return ""
	}
	return p.node.Name + ": " + p.key + ": "
}

// decl is what expressions in the rows of repeat from, or outside of any, may
// know of the question.
func (n *Node) decl(from *Node) expr.Decl {
	d := expr.Decl{Kind: n.exprKind()}
	if n.Kind.In(define.One, define.Many) {
		d.Multiple = n.Kind == define.Many
		for _, ch := range n.Options.Choices {
			d.Choices = append(d.Choices, ch.Name)
		}
	}
	if n.Kind == define.Repeat || n.Repeat != nil && n.Repeat != from {
		return expr.Decl{Kind: expr.Nodes}
	}
	return d
}

func (n *Node) exprKind() expr.Kind {
	switch n.Kind {
	case define.Integer, define.Decimal, define.Year:
		return expr.Number
	case define.Date, define.Month:
		return expr.Date
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
			c.Fail(n.At.Of("relevant"), "%s depends on itself: %s; break the circle", n.Name, circle(path[slices.Index(path, k):]))
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
	if k.rows {
		return within(n)
	}
	var out []knot
	if n.Parent != nil {
		out = append(out, knot{node: n.Parent})
	}
	for _, r := range []*Rule{n.RelevantIf, n.Formula, n.Preset} {
		if r == nil {
			continue
		}
		for _, m := range r.Refs {
			out = append(out, knot{node: m})
			if m.Kind == define.Repeat {
				out = append(out, knot{node: m, rows: true})
			} else if m.Repeat != nil && m.Repeat != n.Repeat {
				out = append(out, knot{node: m.Repeat, rows: true})
			}
		}
	}
	return out
}

// within are the nodes in the rows of a repeat, or in a group of it.
func within(n *Node) []knot {
	var out []knot
	for _, child := range n.Inner {
		out = append(out, knot{node: child})
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
	c := &compiler{Reader: define.NewReader("", false), form: f}
	p := pending{node: &Node{Question: &define.Question{}}, want: expr.Bool, rule: &Rule{X: x}}
	names := make([]string, len(f.Nodes))
	for i, n := range f.Nodes {
		names[i] = n.Name
	}
	c.bind(p, names)
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("reading the expression %q: %s", src, define.MessageOf(err))
	}
	return p.rule, nil
}

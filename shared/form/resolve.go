package form

import (
	"slices"
	"strings"

	"kokoma/shared/form/expr"
)

// resolve gives expressions their questions and checks their types.
func (c *compiler) resolve() {
	names := make([]string, 0, len(c.form.byName))
	for _, n := range c.form.nodes {
		names = append(names, n.Name)
	}
	for _, p := range c.rules {
		c.bind(p, names)
	}
}

func (c *compiler) bind(p pending, names []string) {
	for _, name := range p.rule.x.Names() {
		p.rule.refs = append(p.rule.refs, c.form.byName[name])
	}
	scope := expr.Scope{Names: names, Question: func(name string) (expr.Decl, bool) {
		n, ok := c.form.byName[name]
		if !ok || n.kind.in(kindGroup, kindNote) {
			return expr.Decl{}, false
		}
		return n.decl(p.node.repeat), true
	}}
	if p.self {
		own := p.node.decl(p.node.repeat)
		scope.Self = &own
	}
	if p.filter {
		for _, ch := range p.node.list.Choices {
			scope.Filter = append(scope.Filter, ch.Name)
		}
	}
	_, errs := p.rule.x.Check(p.want, scope)
	for _, err := range errs {
		c.fail(p.line, "%s: %s: %v", p.node.Name, p.key, err)
	}
	if p.key == "relevant" && p.rule.x.Constant() && !p.rule.x.Bool(nowhere{}) {
		c.fail(p.line, "%s can never be reached: its relevant is always false", p.node.Name)
	}
	if p.key == "constraint" && len(errs) == 0 && p.rule.x.Constant() {
		c.fail(p.line, "%s: the constraint is always the same; it should look at the own answer .", p.node.Name)
	}
}

// decl is what expressions in the rows of repeat from, or outside of any, may
// know of the question.
func (n *node) decl(from *node) expr.Decl {
	d := expr.Decl{Kind: n.exprKind()}
	if n.kind.in(kindOne, kindMany) {
		d.Multiple = n.kind == kindMany
		for _, ch := range n.list.Choices {
			d.Choices = append(d.Choices, ch.Name)
		}
	}
	if n.kind == kindRepeat || n.repeat != nil && n.repeat != from {
		return expr.Decl{Kind: expr.Nodes}
	}
	return d
}

func (n *node) exprKind() expr.Kind {
	switch n.kind {
	case kindInteger, kindDecimal, kindYear:
		return expr.Number
	case kindDate, kindMonth:
		return expr.Date
	case kindCalculate, kindHidden:
		return expr.Any
	}
	return expr.Text
}

// nowhere is for expressions that ask for nothing.
type nowhere struct{ expr.Env }

// knot is what can depend on another: whether a node is asked and its answer,
// or which rows of a repeat are filled.
type knot struct {
	node *node
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
			c.fail(n.at.of("relevant"), "%s depends on itself: %s; break the circle", n.Name, circle(path[slices.Index(path, k):]))
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
	for _, n := range c.form.nodes {
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
	if n.parent != nil {
		out = append(out, knot{node: n.parent})
	}
	for _, r := range []*rule{n.relevant, n.calculation, n.preset} {
		if r == nil {
			continue
		}
		for _, m := range r.refs {
			out = append(out, knot{node: m})
			if m.kind == kindRepeat {
				out = append(out, knot{node: m, rows: true})
			} else if m.repeat != nil && m.repeat != n.repeat {
				out = append(out, knot{node: m.repeat, rows: true})
			}
		}
	}
	return out
}

// within are the nodes in the rows of a repeat, or in a group of it.
func within(n *node) []knot {
	var out []knot
	for _, child := range n.children {
		out = append(out, knot{node: child})
		out = append(out, within(child)...)
	}
	return out
}

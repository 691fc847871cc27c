package expr

// call checks the arguments of a function and says what it gives.
func (t *typer) call(n *node) Kind {
	kinds := make([]Kind, len(n.args))
	for i, a := range n.args {
		kinds[i] = t.kind(a)
	}
	switch n.op {
	case opIf:
		t.condition(n.args[0], kinds[0])
		t.scalars(n.args[1:], kinds[1:])
		return common(kinds[1:])
	case opCoalesce:
		t.scalars(n.args, kinds)
		return textly(common(kinds))
	case opOnce:
		return t.once(n, kinds[0])
	case opIndexed:
		return t.indexed(n, kinds)
	case opMin, opMax:
		if len(kinds) == 1 && kinds[0] == Nodes {
			return Number
		}
		t.numbers(n.args, kinds)
		return Number
	case opSelected, opCountSelected, opSelectedAt, opChoiceName:
		t.selection(n, kinds)
	case opChecklist, opWeighted:
		t.checklist(n, kinds)
	case opJoin:
		t.scalar(n.args[0], kinds[0])
	case opDate, opNumber, opFormat, opBoolean:
		t.conversion(n, n.args[0], kinds[0])
	default:
		for i, a := range n.args {
			t.argument(n, a, kinds[i], n.fn.wants(i))
		}
	}
	return n.fn.result
}

func (t *typer) scalars(args []*node, kinds []Kind) {
	for i, a := range args {
		t.scalar(a, kinds[i])
	}
}

func (t *typer) numbers(args []*node, kinds []Kind) {
	for i, a := range args {
		t.number(a, kinds[i])
	}
}

func (t *typer) argument(call, a *node, k, want Kind) {
	switch want {
	case Bool:
		t.condition(a, k)
	case Number:
		t.number(a, k)
	case Date:
		t.moment(a, k)
	case Time:
		if t.scalar(a, k) && k != Time && k != Text && k != Any {
			t.fail(a, "expr.notime", t.called(a), k.Said())
		}
	case Nodes:
		if k != Nodes && k != Any {
			t.fail(a, "expr.nodes", call.fn.name, t.called(a), k.Said())
		}
	default:
		t.scalar(a, k)
	}
}

// moment complains about what is no date where one is needed.
func (t *typer) moment(a *node, k Kind) {
	switch {
	case k == Text && a.op == opLit:
		t.isDate(a)
	case k == Bool || k == Time:
		t.fail(a, "expr.nodate", t.called(a), k.Said())
	default:
		t.scalar(a, k)
	}
}

// conversion checks functions that make one kind of another, and refuses what
// ODK's tools convert differently.
func (t *typer) conversion(n, a *node, k Kind) {
	switch {
	case n.op == opBoolean && a.isAnswer():
		t.fail(a, "expr.condition", t.called(a), k.Said())
	case n.op == opNumber && k == DateTime:
		t.fail(a, "expr.number.datetime", t.called(a))
	case n.op == opNumber && k == Time:
		t.fail(a, "expr.number.time", t.called(a), t.x.source(a))
	case n.fn.name == "date" && k == DateTime:
		t.fail(a, "expr.date.datetime", t.called(a), t.x.source(a))
	case n.op == opDate && k == Text && a.op != opLit && a.isAnswer():
		t.fail(a, "expr.date.text", t.called(a), n.fn.name)
	case n.op == opFormat && k == Number:
		t.fail(a, "expr.format.number", t.called(a))
	case n.op == opDate || n.op == opFormat:
		t.moment(a, k)
	default:
		t.scalar(a, k)
	}
}

// once looks at the own answer, and else gives its argument.
func (t *typer) once(n *node, k Kind) Kind {
	if t.scope.Self == nil || t.scope.Filter != nil {
		t.fail(n, "expr.once")
	}
	t.scalar(n.args[0], k)
	return textly(k)
}

// textly is the kind of a value that was made a text on its way: it counts as
// before, but a condition is none any more.
func textly(k Kind) Kind {
	if k == Bool {
		return Text
	}
	return k
}

// indexed checks that all repeats around the question are named, outermost
// first: Web Forms and Collect count differently where one is left out.
func (t *typer) indexed(n *node, kinds []Kind) Kind {
	t.numbers(n.args, kinds)
	name := t.x.names[n.ref]
	d, ok := t.scope.Question(name)
	if !ok {
		t.fail(n, "expr.question", name, Suggest(name, t.scope.Names))
		return Any
	}
	inner := d.Repeat
	for i := len(n.refs) - 1; i >= 0; i-- {
		repeat := t.x.names[n.refs[i]]
		r, ok := t.scope.Question(repeat)
		if !ok {
			t.fail(n, "expr.question", repeat, Suggest(repeat, t.scope.Names))
			return Any
		}
		if repeat != inner {
			t.fail(n, "expr.indexed.repeat", name, repeat)
			return Any
		}
		inner = r.Repeat
	}
	if inner != "" {
		t.fail(n, "expr.indexed.missing", inner, name)
	}
	if d.Kind == Nodes {
		return d.Item
	}
	return d.Kind
}

// selection checks functions that look at choices.
func (t *typer) selection(n *node, kinds []Kind) {
	asked := n.args[0]
	if n.op == opChoiceName {
		asked = &node{op: opRef, ref: n.ref, pos: n.pos}
	}
	if n.op == opSelectedAt {
		t.number(n.args[1], kinds[1])
	} else {
		t.scalars(n.args[1:], kinds[1:])
	}
	d, ok := t.decl(asked)
	switch {
	case n.op == opChoiceName && !ok:
		t.question(asked)
		return
	case !ok:
		t.scalar(asked, kinds[0])
		return
	case d.Choices == nil && d.Kind != Any:
		t.fail(asked, "expr.select", n.fn.name, t.called(asked), d.Kind.Said())
		return
	}
	lit := n.args[len(n.args)-1]
	if n.op != opSelectedAt && lit.op == opLit && lit.lit.Text() != "" {
		t.choice(lit, d)
	}
}

// checklist takes conditions and answers; an answer counts when it is there.
func (t *typer) checklist(n *node, kinds []Kind) {
	t.numbers(n.args[:2], kinds[:2])
	for i := 2; i < len(n.args); i++ {
		a, k := n.args[i], kinds[i]
		switch {
		case n.op == opWeighted && i%2 == 1:
			t.number(a, k)
		case n.op == opWeighted:
			t.scalar(a, k)
		}
		if !a.isAnswer() && k != Bool && k != Any && k != Nodes && (n.op == opChecklist || i%2 == 0) {
			t.condition(a, k)
		}
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

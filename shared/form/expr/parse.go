package expr

import (
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// parser descends through brackets and strengths of operators; how deep is
// bounded by maxDepth.
type parser struct {
	lex  lexer
	tok  token
	x    *Expr
	seen map[string]int
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) fail(pos int, text lang.Text) *node {
	p.tok = p.lex.fail(pos, text)
	return &node{pos: pos}
}

// isOp says whether the current token is this sign or bracket.
func (p *parser) isOp(text string) bool { return p.tok.kind == tokOp && p.tok.text == text }

var operators = map[string]struct {
	op       op
	strength int
}{
	"or": {opOr, 1}, "and": {opAnd, 2}, "=": {opEq, 3}, "!=": {opNe, 3},
	"<": {opLt, 4}, "<=": {opLe, 4}, ">": {opGt, 4}, ">=": {opGe, 4},
	"+": {opAdd, 5}, "-": {opSub, 5}, "*": {opMul, 6}, "div": {opDiv, 6}, "mod": {opMod, 6},
}

// unexpected complains about what stands where an operator should.
func (p *parser) unexpected() {
	switch {
	case p.isOp("/"):
		p.fail(p.tok.pos, say("expr.path"))
	case p.isOp("["):
		p.fail(p.tok.pos, say("expr.predicate"))
	default:
		p.fail(p.tok.pos, say("expr.operator", p.tok.text))
	}
}

// expression reads what stands in brackets, or all.
func (p *parser) expression(depth int) *node {
	if depth > maxDepth {
		return p.fail(p.tok.pos, say("expr.deep", maxDepth))
	}
	return p.chain(depth, 1)
}

// chain reads operands joined by operators of at least this strength; equal
// ones join from the left.
func (p *parser) chain(depth, strength int) *node {
	left := p.unary(depth)
	for p.tok.kind == tokOp || p.tok.kind == tokName {
		o, ok := operators[p.tok.text]
		if !ok || o.strength < strength {
			break
		}
		pos := p.tok.pos
		p.advance()
		left = &node{op: o.op, pos: pos, args: []*node{left, p.chain(depth, o.strength+1)}}
	}
	return left
}

func (p *parser) unary(depth int) *node {
	if !p.isOp("-") {
		return p.primary(depth)
	}
	pos := p.tok.pos
	p.advance()
	if p.isOp("-") { // Web Forms can't read it
		return p.fail(p.tok.pos, say("expr.signs"))
	}
	return &node{op: opNeg, pos: pos, args: []*node{p.primary(depth)}}
}

func (p *parser) primary(depth int) *node {
	t := p.tok
	switch t.kind {
	case tokRef:
		p.advance()
		return &node{op: opRef, pos: t.pos, ref: p.ref(t.text)}
	case tokText:
		p.advance()
		return &node{pos: t.pos, lit: TextOf(t.text)}
	case tokNum:
		p.advance()
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return p.fail(t.pos, say("expr.number", t.text))
		}
		return &node{pos: t.pos, lit: NumberOf(f)}
	case tokSelf:
		p.advance()
		p.x.self = true
		return &node{op: opSelf, pos: t.pos}
	case tokName:
		return p.named(depth)
	case tokParen:
		return p.relative()
	case tokOp:
		return p.sign(depth)
	}
	return p.fail(t.pos, say("expr.early"))
}

func (p *parser) sign(depth int) *node {
	switch t := p.tok; t.text {
	case "(":
		return p.bracket(depth)
	case "/":
		return p.fail(t.pos, say("expr.path"))
	default:
		return p.fail(t.pos, say("expr.operand", t.text))
	}
}

func (p *parser) ref(name string) int {
	i, ok := p.seen[name]
	if !ok {
		i = len(p.x.names)
		p.seen[name] = i
		p.x.names = append(p.x.names, name)
	}
	return i
}

// climb reads .. and ../.. and counts the steps. What follows a slash that
// leads down is left to the caller, who learns of it.
func (p *parser) climb() (steps int, down bool) {
	for p.tok.kind == tokParen {
		steps++
		p.advance()
		if !p.isOp("/") {
			return steps, false
		}
		p.advance()
	}
	return steps, true
}

// relative reads ../name, also behind current()/.
func (p *parser) relative() *node {
	pos := p.tok.pos
	steps, down := p.climb()
	name := p.tok
	if !down || name.kind != tokName || !IsName(name.text) {
		return p.fail(pos, say("expr.relative"))
	}
	p.advance()
	p.x.relatives = append(p.x.relatives, Relative{Name: name.text, Up: steps, Pos: pos})
	return &node{op: opRef, pos: pos, ref: p.ref(name.text)}
}

// current reads what follows current().
func (p *parser) current(pos int) *node {
	p.advance()
	if !p.isOp(")") {
		return p.fail(pos, say("expr.current"))
	}
	p.advance()
	if !p.isOp("/") {
		return p.fail(pos, say("expr.current"))
	}
	p.advance()
	switch p.tok.kind {
	case tokSelf:
		p.advance()
		p.x.self = true
		return &node{op: opSelf, strict: true, pos: pos}
	case tokParen:
		n := p.relative()
		n.strict = true
		return n
	}
	return p.fail(pos, say("expr.current"))
}

func (p *parser) bracket(depth int) *node {
	open := p.tok.pos
	p.advance()
	n := p.expression(depth + 1)
	p.closing(open)
	return n
}

func (p *parser) closing(open int) {
	switch {
	case p.isOp(")"):
		p.advance()
	case p.isOp("/") || p.isOp("["):
		p.unexpected()
	default:
		p.fail(open, say("expr.bracket"))
	}
}

// named reads a function call, or the column that a choice filter looks at.
func (p *parser) named(depth int) *node {
	t := p.tok
	p.advance()
	if !p.isOp("(") {
		if _, operator := operators[t.text]; operator || strings.Contains(t.text, ":") {
			return p.fail(t.pos, say("expr.operand", t.text))
		}
		return &node{op: opChoice, pos: t.pos, column: t.text}
	}
	if t.text == "current" {
		return p.current(t.pos)
	}
	fn, fault := lookup(t.text)
	if fn == nil {
		return p.fail(t.pos, fault)
	}
	if fn.op == opPosition {
		return p.position(t.pos)
	}
	call := &node{op: fn.op, pos: t.pos, fn: fn, args: p.arguments(depth)}
	if p.lex.err == nil {
		p.settle(call)
	}
	return call
}

// position reads position(..) and position(../..).
func (p *parser) position(pos int) *node {
	p.advance()
	steps, down := p.climb()
	if steps == 0 || down || !p.isOp(")") {
		return p.fail(pos, say("expr.position"))
	}
	p.advance()
	return &node{op: opPosition, pos: pos, ref: steps - 1}
}

func (p *parser) arguments(depth int) []*node {
	open := p.tok.pos
	p.advance()
	var args []*node
	if !p.isOp(")") {
		args = append(args, p.expression(depth+1))
		for p.isOp(",") {
			p.advance()
			args = append(args, p.expression(depth+1))
		}
	}
	p.closing(open)
	return args
}

// settle checks the number of arguments, and those that must be known before
// anything is evaluated.
func (p *parser) settle(call *node) {
	fn, n := call.fn, len(call.args)
	if n < fn.min || n > fn.max || fn.op == opIndexed && n%2 == 0 || fn.op == opWeighted && n%2 != 0 {
		p.fail(call.pos, say("expr.args", fn.name, fn.counts(), n))
		return
	}
	switch fn.op {
	case opTrue, opFalse:
		call.op, call.lit = opLit, BoolOf(fn.op == opTrue)
	case opRegex:
		p.settleRegex(call)
	case opFormat:
		p.settleFormat(call)
	case opAfter:
		if mark := call.args[1]; !mark.isText() || length(mark.lit.text) > 1 {
			p.fail(mark.pos, say("expr.after"))
		}
	case opChoiceName:
		p.settleChoiceName(call)
	case opIndexed:
		p.settleIndexed(call)
	case opOnce:
		p.x.self = true
	}
}

func (n *node) isText() bool { return n.op == opLit && n.lit.kind == Text }

func (p *parser) settleRegex(call *node) {
	arg := call.args[1]
	if !arg.isText() {
		p.fail(arg.pos, say("expr.regex.text"))
		return
	}
	re, fault := pattern(arg.lit.text)
	if fault != nil {
		p.fail(arg.pos, *fault)
		return
	}
	call.re = re
}

// settleFormat refuses what the tools write differently, %b and %a before all.
func (p *parser) settleFormat(call *node) {
	arg := call.args[1]
	if !arg.isText() {
		p.fail(arg.pos, say("expr.format.text", call.fn.name))
		return
	}
	format := arg.lit.text
	for i := range len(format) {
		if format[i] != '%' {
			continue
		}
		switch c := second(format, i); {
		case c == 'b' || c == 'a':
			p.fail(arg.pos, say("expr.format.name", "%"+string(c)))
		case formats[c].width == 0:
			p.fail(arg.pos, say("expr.format.unknown"))
		}
	}
}

// settleChoiceName takes '${q}', as ODK wants it, and ${q}.
func (p *parser) settleChoiceName(call *node) {
	arg := call.args[1]
	inner, opened := strings.CutPrefix(arg.lit.text, "${")
	name, closed := strings.CutSuffix(inner, "}")
	switch name = strings.TrimSpace(name); {
	case arg.op == opRef:
		call.ref = arg.ref
	case opened && closed && IsName(name):
		call.ref = p.ref(name)
	default:
		p.fail(arg.pos, say("expr.choicename"))
	}
	call.args = call.args[:1]
}

// settleIndexed keeps the question and the repeats apart from the numbers of
// the rows, which are evaluated.
func (p *parser) settleIndexed(call *node) {
	var numbers []*node
	for i, a := range call.args {
		switch {
		case i > 0 && i%2 == 0:
			numbers = append(numbers, a)
		case a.op != opRef:
			p.fail(a.pos, say("expr.indexed"))
		case i == 0:
			call.ref = a.ref
		default:
			call.refs = append(call.refs, a.ref)
		}
	}
	call.args = numbers
}

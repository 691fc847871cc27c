package expr

import (
	"fmt"
	"regexp"
	"strconv"
)

// parser descends recursively through brackets and strengths of operators.
type parser struct {
	lex  lexer
	tok  token
	x    *Expr
	seen map[string]int
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) fail(pos int, msg string) *node {
	p.tok = p.lex.fail(pos, msg)
	return &node{pos: pos}
}

// isOp says whether the current token is this sign or bracket.
func (p *parser) isOp(text string) bool { return p.tok.kind == tokOp && p.tok.text == text }

var operators = map[string]struct {
	op       op
	strength int
}{
	"or": {opOr, 0}, "and": {opAnd, 1}, "=": {opEq, 2}, "!=": {opNe, 2},
	"<": {opLt, 3}, "<=": {opLe, 3}, ">": {opGt, 3}, ">=": {opGe, 3},
	"+": {opAdd, 4}, "-": {opSub, 4}, "*": {opMul, 5}, "div": {opDiv, 5}, "mod": {opMod, 5},
}

const strongest = 5

// expression reads what stands in brackets, or all.
func (p *parser) expression(depth int) *node {
	if depth > maxDepth {
		return p.fail(p.tok.pos, fmt.Sprintf("more than %d brackets in each other", maxDepth))
	}
	return p.chain(depth, 0)
}

// chain reads operands joined by operators of one strength, from the left.
func (p *parser) chain(depth, strength int) *node {
	if strength > strongest {
		return p.unary(depth)
	}
	left := p.chain(depth, strength+1)
	for p.tok.kind == tokOp || p.tok.kind == tokName {
		o, ok := operators[p.tok.text]
		if !ok || o.strength != strength {
			break
		}
		pos := p.tok.pos
		p.advance()
		left = &node{op: o.op, pos: pos, args: []*node{left, p.chain(depth, strength+1)}}
	}
	return left
}

func (p *parser) unary(depth int) *node {
	if !p.isOp("-") {
		return p.primary(depth)
	}
	if depth > maxDepth {
		return p.fail(p.tok.pos, fmt.Sprintf("more than %d signs in a row", maxDepth))
	}
	pos := p.tok.pos
	p.advance()
	return &node{op: opNeg, pos: pos, args: []*node{p.unary(depth + 1)}}
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
			return p.fail(t.pos, t.text+" is no number")
		}
		return &node{pos: t.pos, lit: NumberOf(f)}
	case tokSelf:
		p.advance()
		p.x.self = true
		return &node{op: opSelf, pos: t.pos}
	case tokName:
		return p.named(depth)
	case tokParen:
		return p.fail(t.pos, "paths are not supported: questions are written ${name}")
	case tokOp:
		if t.text == "(" {
			return p.bracket(depth)
		}
		return p.fail(t.pos, "a question, a text or a number is missing before "+t.text)
	}
	return p.fail(t.pos, "the expression ends too early: a question, a text or a number is missing")
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

func (p *parser) bracket(depth int) *node {
	open := p.tok.pos
	p.advance()
	n := p.expression(depth + 1)
	p.closing(open)
	return n
}

func (p *parser) closing(open int) {
	if !p.isOp(")") {
		p.fail(open, "the bracket that opens here is not closed")
		return
	}
	p.advance()
}

// named reads a function call, or the word name of a choice filter.
func (p *parser) named(depth int) *node {
	t := p.tok
	p.advance()
	if !p.isOp("(") {
		if t.text == "name" {
			return &node{op: opChoice, pos: t.pos}
		}
		return p.fail(t.pos, fmt.Sprintf("%s means nothing here: a question is ${%[1]s}, a text is '%[1]s'", t.text))
	}
	fn, err := lookup(t.text)
	if err != "" {
		return p.fail(t.pos, err)
	}
	call := &node{op: opCall, pos: t.pos, fn: fn, args: p.arguments(depth)}
	if p.lex.err == nil {
		p.settle(call)
	}
	return call
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

// settle checks the number of arguments and compiles the pattern of regex().
func (p *parser) settle(call *node) {
	fn, n := call.fn, len(call.args)
	if n < fn.min || n > fn.max {
		p.fail(call.pos, fmt.Sprintf("%s() takes %s, here are %d", fn.name, fn.counts(), n))
		return
	}
	if fn.name != "regex" {
		return
	}
	pattern := call.args[1]
	if pattern.op != opLit || pattern.lit.kind != Text {
		p.fail(pattern.pos, "the pattern of regex() must be a text in quotes")
		return
	}
	// ODK wants the whole text to match.
	re, err := regexp.Compile(`^(?:` + pattern.lit.text + `)$`)
	if err != nil {
		p.fail(pattern.pos, fmt.Sprintf("the pattern of regex() is not valid: %v", err))
		return
	}
	call.re = re
}

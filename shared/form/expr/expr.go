// Package expr is the expression language of forms: the part of ODK XForms
// that definitions need, over questions ${name} and the own answer ".".
//
// Operators, weakest first: or, and, = !=, < <= > >=, + -, * div mod, unary -.
// Functions: see functions.go; others are refused by name when the expression
// is compiled. Values convert as in ODK's engine (JavaRosa): an empty answer
// is the empty text, which is not a number, so that every comparison of size
// with it is false. Where JavaRosa would throw, the result is empty. Four
// things differ on purpose: lengths and positions count characters, not UTF-16
// units; a text that is an ISO date compares as a date, as in Enketo; max() of
// negative numbers is one of them; regex() takes RE2 patterns, which can't run
// away.
//
// Parse reads an expression once; Check finds what can't be meant, by the
// types of the questions; Eval never fails.
package expr

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Bounds of what is read; no definition comes near.
const (
	maxSource = 10_000
	maxDepth  = 100
)

// Error is a fault in an expression.
type Error struct {
	Pos int // byte offset
	Msg string
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.Pos+1, e.Msg) }

// Expr is a parsed expression. It never changes.
type Expr struct {
	src   string
	root  *node
	names []string
	self  bool
}

type op uint8

const (
	opLit op = iota
	opRef
	opSelf
	opChoice
	opOr
	opAnd
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opNeg
	opCall
)

type node struct {
	op   op
	pos  int
	args []*node
	lit  Value          // opLit
	ref  int            // opRef: index in names
	fn   *function      // opCall
	re   *regexp.Regexp // regex(): compiled pattern
}

// Parse reads an expression.
func Parse(src string) (*Expr, error) {
	if len(src) > maxSource {
		return nil, &Error{Msg: fmt.Sprintf("the expression has more than %d characters", maxSource)}
	}
	if !utf8.ValidString(src) {
		return nil, &Error{Msg: "the expression is not valid UTF-8"}
	}
	p := &parser{lex: lexer{src: src}, x: &Expr{src: src}, seen: map[string]int{}}
	p.advance()
	p.x.root = p.expression(0)
	if p.tok.kind != tokEnd {
		p.fail(p.tok.pos, "an operator such as and, = or + is missing before "+p.tok.text)
	}
	if p.lex.err != nil {
		return nil, p.lex.err
	}
	return p.x, nil
}

// Names are the questions that the expression asks for, in order of first
// mention.
func (x *Expr) Names() []string { return x.names }

// UsesSelf says whether it asks for the own answer ".".
func (x *Expr) UsesSelf() bool { return x.self }

// String is the source.
func (x *Expr) String() string { return x.src }

// Package expr is the expression language of forms: ODK XForms functions over
// questions ${name} and the own answer ".".
//
// Operators, weakest first: or, and, = !=, < <= > >=, + -, * div mod, unary -.
// Functions: see functions.go. What else ODK has is refused by name, with the
// reason (refused.go). Paths: ../name for a sibling, current()/. and
// current()/../name, position(..); a bare word in a choice_filter is a column
// of the list.
//
// Values are those of ODK Web Forms (npm @getodk/xforms-engine 0.22.0), which
// a check in infra/xforms compares with ours: lengths count UTF-16 units, a
// text that is an ISO date compares as a date, sum(), min() and max() over an
// empty answer are no number, regex() finds its pattern anywhere, a number
// that is none is the empty text. What it would throw at gives the empty value.
//
// Where ODK's tools contradict each other (Web Forms, and Collect with its
// engine JavaRosa), the expression is refused when it is compiled: an answer
// that stands for a condition, date() of a point in time, names of months in
// format-date(), texts of more than one character in substring-after(), times
// that are compared as texts, patterns of regex() that not both understand.
// Three things remain that differ from Web Forms and can be seen:
//
//   - A date is a day, not the instant of its midnight, and a point in time is
//     what the clock in Berlin shows. Days between two dates are whole, also
//     over a change of the clocks, where Web Forms counts 13.958 days for 14
//     and date() of such a sum can fall on the day before. The results are
//     those of Web Forms in a time zone without such changes.
//   - A pattern takes an emoji for one character; Web Forms sees two.
//   - A pattern may begin with (?i) or (?s), as in Collect; Web Forms knows no
//     such flags and fails.
//
// Parse reads an expression once; Check finds what can't be meant, by the
// types of the questions; Eval never fails.
package expr

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"kokoma/shared/lang"
)

// Bounds of what is read; no definition comes near. The length also bounds how
// deep a chain like 1+1+1… nests.
const (
	maxSource = 10_000
	maxDepth  = 100
)

// Error is a fault in an expression.
type Error struct {
	Pos  int // byte offset
	Text lang.Text
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.Pos+1, e.Text.EN) }

// In is the fault with its place in one language.
func (e *Error) In(l lang.Lang) string {
	return say("expr.at", e.Pos+1, e.Text).In(l)
}

// Expr is a parsed expression. It never changes after Check.
type Expr struct {
	src       string
	root      *node
	names     []string
	relatives []Relative
	self      bool
}

// Relative is a path to a question, ../name or current()/../name. Whoever knows
// the tree checks that climbing so many steps and going down to the name meets
// the question of that name; Eval takes it for ${name}.
type Relative struct {
	Name string
	Up   int // how often .. stands there
	Pos  int // byte offset
}

type node struct {
	op     op
	strict bool // opSelf: written current()/.
	pos    int
	args   []*node
	lit    Value          // opLit
	ref    int            // opRef, opIndexed, opChoiceName: index in names; opPosition: repeats or, before Check, steps up
	refs   []int          // opIndexed: the repeats, outermost first
	column string         // opChoice
	fn     *function      // of a call
	re     *regexp.Regexp // opRegex: the pattern
}

// Parse reads an expression.
func Parse(src string) (*Expr, error) {
	if len(src) > maxSource {
		return nil, &Error{Text: say("expr.long", maxSource)}
	}
	if !utf8.ValidString(src) {
		return nil, &Error{Text: say("expr.encoding")}
	}
	p := &parser{lex: lexer{src: src}, x: &Expr{src: src}, seen: map[string]int{}}
	p.advance()
	p.x.root = p.expression(0)
	if p.tok.kind != tokEnd {
		p.unexpected()
	}
	if p.lex.err != nil {
		return nil, p.lex.err
	}
	return p.x, nil
}

// Names are the questions that the expression asks for, in order of first
// mention.
func (x *Expr) Names() []string { return x.names }

// Relatives are the paths in it; their names are among Names.
func (x *Expr) Relatives() []Relative { return x.relatives }

// UsesSelf says whether it asks for the own answer ".".
func (x *Expr) UsesSelf() bool { return x.self }

// String is the source.
func (x *Expr) String() string { return x.src }

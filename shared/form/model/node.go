// Package model compiles definitions of forms: it joins what belongs together,
// reads the expressions and checks that all of it can be meant. What comes out
// never changes; package form asks, judges and shows with it.
package model

import (
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// Acknowledged is the answer of an acknowledge that was ticked.
const Acknowledged = "OK"

// Form is a compiled definition.
type Form struct {
	Settings  define.Settings
	Hash      string // sha256 of the canonical definition, in hex
	Canonical []byte
	// Definition is what it was made of, with the lists that it uses.
	Definition *define.Definition
	Nodes      []*Node // all, in document order
	Top        []*Node // those that stand in no other
	Repeats    []*Node
	ByName     map[string]*Node
	Slots      int  // how many nodes stand outside of rows
	Keeps      bool // a formula keeps its value: once()
}

// Node is a question, a group, a repeat or a note. What the definition says in
// words is in Question; the fields here are what it means.
type Node struct {
	*define.Question
	Kind   define.Kind
	Slot   int   // place in its frame: the form's, or one row's
	Parent *Node // what it stands in
	Page   *Node // the top-level group around it, or itself if it is one
	Repeat *Node // the repeat in whose rows it stands
	Inner  []*Node
	Slots  int // of a repeat: how many nodes its rows have

	List     string         // name of the choice list
	Options  define.List    // with "other" where or_other asks for it
	Position map[string]int // of a choice in the options, by its name
	Alone    []string       // choices that exclude all others
	Other    bool           // or_other

	Always     bool  // required without condition
	RequiredIf *Rule // nil: never but for Always
	RelevantIf *Rule // nil: always
	ValidIf    *Rule // constraint
	OfferedIf  *Rule // choice filter
	Formula    *Rule // calculation
	Preset     *Rule // default, when it is an expression
	Count      *Rule // repeat_count
	Kept       bool  // the formula asks for its own last value: once()

	Bounds            entry.Bounds
	Shortest, Longest int // of a text, in characters
	Least, Most       int // choices or rows; Most 0 is no bound
	Fixed, Distinct   bool
	Rules             []Check
}

// Rule is an expression with the nodes that it asks for.
type Rule struct {
	X    *expr.Expr
	Refs []*Node
}

// Check is one of x_checks: there is a problem when the rule holds.
type Check struct {
	When    *Rule
	Level   string
	Message lang.Text
}

// PageName is the name of the top-level group, "" for none.
func (n *Node) PageName() string {
	if n.Page == nil {
		return ""
	}
	return n.Page.Name
}

// ShownOnly says whether people see the value but can't change it.
func (n *Node) ShownOnly() bool {
	return n.Kind.Answered() && (n.Fixed || n.Formula != nil)
}

// Matrix says whether a group is a table of questions with the same choices.
func (n *Node) Matrix() bool { return n.Kind == define.Group && n.Looks("table-list") }

// Looks says whether a word stands in the appearance.
func (n *Node) Looks(word string) bool { return slices.Contains(strings.Fields(n.Appearance), word) }

// Within says whether n stands in the rows of repeat, at whatever depth; nil is
// the form, in which all stand.
func (n *Node) Within(repeat *Node) bool {
	for r := n.Repeat; ; r = r.Repeat {
		if r == repeat {
			return true
		}
		if r == nil {
			return false
		}
	}
}

// Shared is the innermost repeat in whose rows both stand, nil for the form. A
// repeat does not stand in its own rows.
func Shared(a, b *Node) *Node {
	for r := a.Repeat; r != nil; r = r.Repeat {
		if b.Within(r) {
			return r
		}
	}
	return nil
}

// Asked is what reading the answers needs to know.
func (n *Node) Asked() entry.Asked {
	return entry.Asked{Kind: n.Kind, Unknown: n.Unknown, AnyPhone: n.ValidIf != nil}
}

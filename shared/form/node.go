package form

import (
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// kind is how a question behaves: its type and the appearance that matters.
type kind uint8

const (
	kindText kind = iota
	kindArea
	kindEmail
	kindPhone
	kindMunicipality
	kindInteger
	kindDecimal
	kindDate
	kindMonth
	kindYear
	kindTime
	kindOne
	kindMany
	kindAcknowledge
	kindNote
	kindGroup
	kindRepeat
	kindCalculate
	kindHidden
)

// kinds are the types of XLSForm with the appearances that each can have.
var kinds = map[string]map[string]kind{
	"text": {
		"": kindText, "multiline": kindArea, "email": kindEmail, "tel": kindPhone,
		"municipality": kindMunicipality, "month-year": kindMonth, "year": kindYear,
	},
	"integer":         {"": kindInteger, "year": kindYear},
	"decimal":         {"": kindDecimal},
	"date":            {"": kindDate, "month-year": kindMonth, "year": kindYear},
	"time":            {"": kindTime},
	"select_one":      {"": kindOne, "minimal": kindOne, "likert": kindOne},
	"select_multiple": {"": kindMany},
	"acknowledge":     {"": kindAcknowledge},
	"note":            {"": kindNote, "notice": kindNote},
	"group":           {"": kindGroup, "table-list": kindGroup},
	"repeat":          {"": kindRepeat, "ordered": kindRepeat},
	"calculate":       {"": kindCalculate},
	"hidden":          {"": kindHidden},
}

// in says whether k is one of ks.
func (k kind) in(ks ...kind) bool {
	for _, o := range ks {
		if k == o {
			return true
		}
	}
	return false
}

// answered says whether people give an answer to such a question.
func (k kind) answered() bool { return k < kindNote }

// written says whether the answer is a text that people type freely.
func (k kind) written() bool { return k <= kindMunicipality }

// node is a compiled question, group or repeat.
type node struct {
	*question
	kind   kind
	slot   int // place in its frame: the form's, or one row's
	parent *node
	page   *node // the top-level group around it, or itself if it is one
	repeat *node // the repeat in whose rows it stands

	children []*node
	slots    int // of a repeat: how many nodes its rows have
	list     List
	choices  map[string]int // by name, place in the list

	readonly, unique   bool
	required           *rule // nil never
	always             bool  // required without condition
	relevant           *rule // nil always
	constraint, filter *rule
	calculation        *rule
	preset             *rule // default, when it is an expression
	bounds             bounds
	minLength          int
	maxLength          int
	min, max           int // of choices or rows; max 0 is none
	exclusive          []string
	checks             []check
}

// rule is an expression with the nodes that it asks for.
type rule struct {
	x    *expr.Expr
	refs []*node
}

type check struct {
	when    *rule
	level   Level
	message lang.Text
}

// pageName is the name of the top-level group, "" for none.
func (n *node) pageName() string {
	if n.page == nil {
		return ""
	}
	return n.page.Name
}

// shownReadonly says whether people see the value but can't change it.
func (n *node) shownReadonly() bool {
	return n.kind.answered() && (n.readonly || n.calculation != nil)
}

package define

import (
	"slices"
	"strings"
)

// Kind is how a question behaves: its type and the appearance that matters.
type Kind uint8

// The kinds, those first that people type, then those that they choose, then
// those that they do not answer.
const (
	Text Kind = iota
	Area
	Email
	Phone
	Municipality
	Integer
	Decimal
	Range
	Date
	Month
	Year
	Datetime
	Time
	One
	Many
	Rank
	Acknowledge
	Note
	Group
	Repeat
	Calculate
	Hidden
)

// Kinds are the types of XLSForm with the appearances that each can have.
var Kinds = map[string]map[string]Kind{
	"text": {
		"": Text, "multiline": Area, "email": Email, "tel": Phone,
		"municipality": Municipality, "month-year": Month, "year": Year,
	},
	"integer":         {"": Integer, "year": Year},
	"decimal":         {"": Decimal},
	"range":           {"": Range},
	"date":            {"": Date, "month-year": Month, "year": Year},
	"datetime":        {"": Datetime},
	"time":            {"": Time},
	"select_one":      {"": One, "minimal": One, "likert": One, "compact": One},
	"select_multiple": {"": Many, "compact": Many},
	"rank":            {"": Rank},
	"acknowledge":     {"": Acknowledge},
	"note":            {"": Note, "notice": Note},
	"group":           {"": Group, "table-list": Group},
	"repeat":          {"": Repeat, "ordered": Repeat},
	"calculate":       {"": Calculate},
	"hidden":          {"": Hidden},
}

// Plain says whether a word of appearance is one of XLSForm's that only changes
// looks on other devices: it does no harm, and nothing.
func Plain(word string) bool {
	if strings.HasPrefix(word, "w") && len(word) <= 3 && strings.Trim(word[1:], "0123456789") == "" {
		return true
	}
	return slices.Contains([]string{
		"field-list", "quick", "quickcompact", "horizontal", "horizontal-compact", "columns", "columns-pack", "columns-flex", "no-buttons",
		"autocomplete", "search", "list-nolabel", "list", "label", "vertical", "no-ticks", "picker", "rating", "no-calendar",
		"thousands-sep", "bearing", "numbers", "spinner", "minimal", "compact", "likert", "url", "textarea", "parallel", "no-collapse", "summary",
	}, word) || strings.HasPrefix(word, "columns-")
}

// In says whether k is one of ks.
func (k Kind) In(ks ...Kind) bool {
	for _, o := range ks {
		if k == o {
			return true
		}
	}
	return false
}

// Answered says whether people give an answer to such a question.
func (k Kind) Answered() bool { return k < Note }

// Listed says whether people choose from a list.
func (k Kind) Listed() bool { return k.In(One, Many, Rank) }

// Several says whether an answer has several choices.
func (k Kind) Several() bool { return k.In(Many, Rank) }

// Written says whether the answer is a text that people type freely.
func (k Kind) Written() bool { return k <= Municipality }

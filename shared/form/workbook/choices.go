package workbook

import (
	"maps"
	"slices"
	"strings"

	"kokoma/shared/form/define"
)

// shippedMark is the column that marks lists which are only there for other
// programs.
const shippedMark = "x_shipped"

// lists makes choice lists of choices' rows.
type lists struct {
	*reader
	rows             int
	marked, unmarked map[string]bool // lists with rows that are marked, and that are not
}

func (c *lists) row(rec record) bool {
	if c.rows++; c.rows > maxChoices {
		c.Fail(define.Place{Line: rec.line, Sheet: "choices"}, "define.book.choices", maxChoices)
		return false
	}
	list := rec.cells[field{"list_name", ""}]
	if list.text == "" {
		if rec.has("name") {
			c.Fail(rec.at("name"), "define.book.list", rec.cells[field{"name", ""}].text)
		}
		return true // a remark
	}
	if _, known := c.def.ListAt[list.text]; !known {
		c.def.ListAt[list.text] = list.at
	}
	if mark := yes(rec.cells[field{shippedMark, ""}].text); mark == "yes" || mark == "true" || mark == "true()" {
		c.marked[list.text] = true
	} else {
		c.unmarked[list.text] = true
	}
	if len(c.def.Choices[list.text]) <= define.MaxChoices { // package model says so
		c.def.Choices[list.text] = append(c.def.Choices[list.text], c.choice(rec))
	}
	return true
}

func (c *lists) choice(rec record) define.Choice {
	ch := define.Choice{
		Name: rec.cells[field{"name", ""}].text, Label: rec.text("label"),
		At: define.Places{"": {Line: rec.line, Sheet: "choices"}},
	}
	for _, key := range []string{"name", "label"} {
		if rec.has(key) {
			ch.At[key] = rec.at(key)
		}
	}
	rec.languages("label", ch.At)
	for f, value := range rec.cells {
		if name, ok := strings.CutPrefix(f.key, attributePrefix); ok {
			if ch.Attributes == nil {
				ch.Attributes = map[string]string{}
			}
			ch.Attributes[name] = value.text
		}
	}
	return ch
}

// done leaves out the lists that are marked as shipped and still are as they
// were shipped.
func (c *lists) done() {
	shipped, err := define.Lists()
	if err != nil {
		return // package model says so
	}
	for _, name := range slices.Sorted(maps.Keys(c.marked)) {
		there, ok := shipped[name]
		if ok && !c.unmarked[name] && slices.EqualFunc(there.Choices, c.def.Choices[name], define.Choice.Equal) {
			delete(c.def.Choices, name)
			delete(c.def.ListAt, name)
		}
	}
}

package main

import (
	"fmt"
	"strings"

	"kokoma/infra/xforms/xform"
	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
)

// Case is a form with the sequences of answers that run through it.
type Case struct {
	Name      string
	YAML      string
	Days      bool // calculates with days: runs in a zone without summer time
	Sequences [][]Step

	form  *form.Form
	model *model.Form
	xml   string
	swap  [2]string // a fault planted in the XForm: what stands there, and what then does
}

// Step is what somebody does before both sides are looked at.
type Step []Op

// Op is one entry: an answer, a new row at the end, or a row taken away.
type Op struct {
	Do    string `json:"do"` // set, add, remove
	Field string `json:"field"`
	Value string `json:"value,omitempty"` // choices are separated by blanks
	Row   int    `json:"row,omitempty"`
}

func set(field, value string) Op      { return Op{Do: "set", Field: field, Value: value} }
func add(repeat string) Op            { return Op{Do: "add", Field: repeat} }
func remove(repeat string, n int) Op  { return Op{Do: "remove", Field: repeat, Row: n} }
func sets(pairs ...string) (s Step)   { return pairOps(pairs) }
func steps(list ...Step) [][]Step     { return [][]Step{list} }
func row(repeat string, p ...Op) Step { return append(Step{add(repeat)}, p...) }

func pairOps(pairs []string) (s Step) {
	for i := 0; i+1 < len(pairs); i += 2 {
		s = append(s, set(pairs[i], pairs[i+1]))
	}
	return s
}

const head = "settings: {form_id: t, version: '1', title: {de: T, en: T}}\n"

// prepare compiles the form for both sides.
func (c *Case) prepare() error {
	var err error
	if c.form, err = form.Compile(c.Name, []byte(c.YAML)); err != nil {
		return fmt.Errorf("compiling %s: %w", c.Name, err)
	}
	if c.model, err = xform.Read(c.Name, []byte(c.YAML)); err != nil {
		return fmt.Errorf("compiling %s: %w", c.Name, err)
	}
	c.xml = xform.Write(c.model)
	if c.swap[0] != "" {
		c.xml = strings.Replace(c.xml, c.swap[0], c.swap[1], 1)
	}
	return nil
}

// node finds the question of a field such as r[0].x.
func (c *Case) node(field string) *model.Node {
	name := field[strings.LastIndexByte(field, '.')+1:]
	return c.model.ByName[name]
}

// plainValue makes spellings equal that come from the page and not from the
// engine.
func (c *Case) plainValue(field, value string) string {
	n := c.node(field)
	if n == nil || value == "" {
		return value
	}
	if n.Kind.In(define.Time, define.Datetime) {
		value = strings.TrimSuffix(strings.TrimSuffix(value, ".000"), ":00")
		if n.Kind == define.Time && len(value) == 2 || n.Kind == define.Datetime && len(value) == 13 {
			value += ":00"
		}
	}
	if c.Days {
		value = offsets.ReplaceAllString(value, "")
	}
	return value
}

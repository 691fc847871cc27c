package export

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
)

// Wide writes a row for each record.
func (x *Export) Wide(w io.Writer, d Dialect) error {
	t, err := x.table(w, d)
	if err != nil {
		return err
	}
	for i, name := range x.meta {
		t.text(x.head(d.forHuman, x.say("export."+metaNames[i]), name))
	}
	for _, c := range x.columns {
		t.text(x.head(d.forHuman, x.label(c), c.name))
	}
	if err := t.end(); err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}
	err = x.each(func(r looked) error {
		t.meta(r)
		for _, c := range x.columns {
			t.cell(r.cell(c))
		}
		return t.end()
	})
	if err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}
	return t.close()
}

// head is the name of a column; people get the question with it.
func (x *Export) head(forHuman bool, label, name string) string {
	if !forHuman || label == "" {
		return name
	}
	return label + " [" + name + "]"
}

// label is a column in words: "Treffen 2: Formen: runder Tisch".
func (x *Export) label(c column) string {
	var parts []string
	for i, r := range c.chain {
		parts = append(parts, x.variables[r].label(x)+" "+strconv.Itoa(c.rows[i]))
	}
	parts = append(parts, x.variables[c.v].label(x))
	if c.choice != "" {
		parts = append(parts, x.variables[c.v].choice(x, c.choice))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

func (v variable) label(x *Export) string { return v.Field.Label.In(x.opt.Lang) }

func (v variable) choice(x *Export, code string) string {
	i := slices.IndexFunc(v.Choices, func(c form.Choice) bool { return c.Name == code })
	return v.Choices[i].Label.In(x.opt.Lang)
}

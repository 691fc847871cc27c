package codebook

import (
	"strings"

	"kokoma/shared/lang"
)

// Sheet is a table of a workbook. Cells are string, float64, int, bool or nil.
type Sheet struct {
	Name string
	Head []string
	Rows [][]any
}

// columns are what the sheet has of an entry, with the keys of their heads.
var columns = []struct {
	key  string
	cell func(e Entry, l lang.Lang) string
}{
	{"name", func(e Entry, _ lang.Lang) string { return e.Name }},
	{"path", func(e Entry, _ lang.Lang) string { return e.Path }},
	{"aliases", func(e Entry, _ lang.Lang) string { return strings.Join(e.Aliases, " ") }},
	{"page", func(e Entry, _ lang.Lang) string { return e.Page }},
	{"label", func(e Entry, _ lang.Lang) string { return e.Label }},
	{"hint", func(e Entry, _ lang.Lang) string { return strings.TrimSpace(e.Hint + "\n" + e.Guidance) }},
	{"type", func(e Entry, _ lang.Lang) string { return e.Type }},
	{"typecode", func(e Entry, _ lang.Lang) string { return e.TypeCode }},
	{"options", func(e Entry, _ lang.Lang) string { return e.OptionLines() }},
	{"bounds", func(e Entry, _ lang.Lang) string { return e.Bounds }},
	{"relevant", func(e Entry, l lang.Lang) string { return e.Asked(l) }},
	{"required", func(e Entry, _ lang.Lang) string { return e.Required }},
	{"constraint", func(e Entry, _ lang.Lang) string { return e.Constraint }},
	{"message", func(e Entry, _ lang.Lang) string { return e.ConstraintMessage }},
	{"checks", func(e Entry, _ lang.Lang) string { return e.checkLines() }},
	{"calculation", func(e Entry, _ lang.Lang) string { return e.Calculation }},
	{"default", func(e Entry, _ lang.Lang) string { return e.Default }},
	{"filter", func(e Entry, _ lang.Lang) string { return e.ChoiceFilter }},
	{"rows", func(e Entry, _ lang.Lang) string { return e.Rows }},
	{"scale", func(e Entry, _ lang.Lang) string { return e.Scale }},
	{"construct", func(e Entry, _ lang.Lang) string { return e.Construct }},
	{"reversed", func(e Entry, _ lang.Lang) string { return e.Reversed }},
	{"indicator", func(e Entry, _ lang.Lang) string { return e.Indicator }},
	{"wave", func(e Entry, _ lang.Lang) string { return e.Wave }},
	{"role", func(e Entry, _ lang.Lang) string { return e.Role }},
	{"step", func(e Entry, _ lang.Lang) string { return e.Step }},
	{"class", func(e Entry, _ lang.Lang) string { return e.Class }},
	{"sensitive", func(e Entry, _ lang.Lang) string { return e.Sensitive }},
}

// Asked is when the question is asked: its own condition and those around it,
// "" for always.
func (e Entry) Asked(l lang.Lang) string {
	var conditions []string
	for _, c := range []string{e.Around, e.Relevant} {
		if c != "" {
			conditions = append(conditions, c)
		}
	}
	return (&writer{lang: l}).all(conditions)
}

// OptionLines are the choices, one a line: "Y = ja".
func (e Entry) OptionLines() string {
	lines := make([]string, len(e.Options))
	for i, o := range e.Options {
		lines[i] = o.Code + " = " + o.Label
	}
	return strings.Join(lines, "\n")
}

func (e Entry) checkLines() string {
	lines := make([]string, len(e.Checks))
	for i, c := range e.Checks {
		lines[i] = c.Level + ": " + c.When + " → " + c.Message
	}
	return strings.Join(lines, "\n")
}

// Sheet is the codebook as a table: a row for each entry.
func (b Book) Sheet() Sheet {
	s := Sheet{Name: sayIn(b.Lang, "codebook.sheet")}
	for _, c := range columns {
		s.Head = append(s.Head, sayIn(b.Lang, "codebook.head."+c.key))
	}
	for _, e := range b.Entries {
		row := make([]any, len(columns))
		for i, c := range columns {
			row[i] = c.cell(e, b.Lang)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

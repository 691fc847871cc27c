package diff

import (
	"slices"
	"strings"

	"kokoma/shared/form"
)

// Column is a variable over all versions of a form: one column of an export.
type Column struct {
	Name    string   // as the newest version that has it calls it
	Names   []string // all that it ever had, newest first
	Field   form.Field
	Choices []form.Choice // of the newest version, then those that earlier ones had beside
	// Fields are what it was in each version that had it, newest first; Versions
	// are the hashes of these versions.
	Fields   []form.Field
	Versions []string
}

// In is the question that fills the column in one version.
func (c Column) In(hash string) (form.Field, bool) {
	i := slices.Index(c.Versions, hash)
	if i < 0 {
		return form.Field{}, false
	}
	return c.Fields[i], true
}

// Columns says which variables of the versions, oldest first, are one: those
// of the same name, and those that an alias joins. The order is that of the
// newest version; what only earlier ones have comes after it. Nothing that was
// once answered is without a column.
func Columns(versions []*form.Form) []Column {
	names := joined(versions)
	var out []Column
	at := map[string]int{}
	seen := map[string]bool{}
	for _, f := range slices.Backward(versions) {
		if seen[f.Hash] {
			continue
		}
		seen[f.Hash] = true
		for _, field := range f.Fields() {
			key := names.root(field.Name)
			if i, ok := at[key]; ok && out[i].has(f.Hash) {
				key += " " + field.Name // a version that asks both keeps both
			}
			i, ok := at[key]
			if !ok {
				i = len(out)
				at[key] = i
				out = append(out, Column{Name: field.Name, Field: field})
			}
			out[i].add(f.Hash, field)
		}
	}
	return out
}

// joined are the names that are one variable.
func joined(versions []*form.Form) union {
	names := union{}
	for _, f := range versions {
		for _, field := range f.Fields() {
			for _, alias := range aliases(f, field) {
				names.join(field.Name, alias)
			}
		}
	}
	return names
}

// aliases are the earlier names of a question. The text that or_other adds has
// those of its question, with the same ending.
func aliases(f *form.Form, field form.Field) []string {
	out := slices.Clone(field.Aliases)
	if base, ok := strings.CutSuffix(field.Name, "_other"); ok && field.Type == "text" {
		q, ok := f.Field(base)
		if _, other := choice(q.Choices, "other"); ok && other {
			for _, alias := range q.Aliases {
				out = append(out, alias+"_other")
			}
		}
	}
	return out
}

func (c *Column) add(hash string, field form.Field) {
	if !slices.Contains(c.Names, field.Name) {
		c.Names = append(c.Names, field.Name)
	}
	for _, ch := range field.Choices {
		if _, ok := choice(c.Choices, ch.Name); !ok {
			c.Choices = append(c.Choices, ch)
		}
	}
	c.Fields, c.Versions = append(c.Fields, field), append(c.Versions, hash)
}

func (c *Column) has(hash string) bool { return slices.Contains(c.Versions, hash) }

// union joins names; each that was joined leads to another one of its set.
type union map[string]string

func (u union) root(name string) string {
	for u[name] != "" {
		name = u[name]
	}
	return name
}

func (u union) join(a, b string) {
	if a, b = u.root(a), u.root(b); a != b {
		u[b] = a
	}
}

package desk

import (
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// Restricted says which answers of a step leave the case in no file: what only
// the tandem reads, and the addresses that a survey invites, which are on no
// page either.
func Restricted(t *process.Template) func(form.Field) bool {
	return func(f form.Field) bool {
		return t.TandemOnly(f) || t.Survey != "" && f.Name == cases.AddressesField
	}
}

// withheld says of questions of which the answers were taken out that they are
// not for this role, where the summary would say that nobody answered. Whether
// somebody did is not told of each.
func withheld(t *process.Template, f *form.Form, groups []form.SummaryGroup, say string) {
	hidden := map[string]bool{}
	for _, field := range f.Fields() {
		if !t.TandemOnly(field) || field.Type == "repeat" {
			continue
		}
		for path := field.Path; path != ""; path = path[:max(0, strings.LastIndex(path, "."))] {
			hidden[path] = true // a repeat can have lost all that stood in its rows
		}
	}
	for _, g := range groups {
		withholdItems(g.Items, "", hidden, say)
	}
}

func withholdItems(items []form.SummaryItem, above string, hidden map[string]bool, say string) {
	for i, item := range items {
		path := above + item.Name
		if item.Empty && hidden[path] {
			items[i].Values = []string{say}
		}
		for _, row := range item.Rows {
			withholdItems(row.Items, path+".", hidden, say)
		}
	}
}

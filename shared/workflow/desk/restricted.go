package desk

import (
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

package page

import (
	"errors"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// AwayIn reads the form of an absence.
func AwayIn(a form.Answers) process.Period {
	return process.Period{
		From: cases.DateIn(a, "from"), To: cases.DateIn(a, "to"),
		Deputy: Address(a.Text("deputy")), DeputyName: strings.TrimSpace(a.Text("deputy_name")),
	}
}

// RefusedAway says what a rule has against an absence.
func RefusedAway(f *form.Form, err error) (form.Problem, bool) {
	switch {
	case errors.Is(err, command.ErrPeriod):
		return form.Problem{Field: "to", Level: form.Error, Label: LabelOf(f, "to"), Message: WrongPeriod}, true
	case errors.Is(err, command.ErrAway):
		return form.Problem{Field: "deputy", Level: form.Error, Label: LabelOf(f, "deputy"), Message: NobodyThere}, true
	}
	return form.Problem{}, false
}

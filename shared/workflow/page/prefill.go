package page

import (
	"context"
	"slices"

	"kokoma/shared/form"
)

// Redone says that somebody did this step before and does it again. The next
// round of a rhythm is no such thing: it begins empty.
func (v *Visit) Redone() bool {
	return v.Step.Iteration > 1 && (v.T.Repeat == nil || v.Step.Comment != "")
}

// shownToAll are the types of questions whose answers a link may show: what was
// chosen or counted. What somebody wrote waits for the mailed code.
var shownToAll = []string{"integer", "decimal", "range", "date", "select_one", "select_multiple"}

// Begin is what the form of a step begins with while nothing was entered:
// answers of other steps, as far as who opens it may see them.
func (x *Service) Begin(ctx context.Context, v *Visit) (form.Answers, error) {
	out, err := x.Prefilled(ctx, v.Case, v.T)
	if err != nil || v.User != nil || v.Draft.Opened {
		return out, err
	}
	for name := range out {
		field, _ := v.Form.Field(name)
		if !slices.Contains(shownToAll, field.Type) || field.Class == "sens" {
			delete(out, name)
		}
	}
	return out, nil
}

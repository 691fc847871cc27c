package app

import (
	"context"
	"iter"

	"kokoma/shared/authoring"
	"kokoma/shared/form/export"
)

// formSources are the nouns whose forms authors may change.
func (a *App) formSources() []authoring.Source {
	return []authoring.Source{
		{Kind: "intake", Noun: a.intake},
		{Kind: "steps", Noun: a.workflow, Whole: true, Leave: a.workflow.Restricted},
		{Kind: "surveys", Noun: a.survey, Sealed: true},
	}
}

// records are what was handed in of a form: an expression of interest that a
// case began with, or a step. Those of surveys are for nobody.
func (a *App) records(ctx context.Context, formID string) iter.Seq2[export.Record, error] {
	if len(a.intake.Uses(formID)) > 0 {
		return a.intake.Records(ctx, formID, a.workflow.Intakes(ctx))
	}
	return a.workflow.Records(ctx, formID)
}

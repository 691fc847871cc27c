package app

import "kokoma/shared/authoring"

// formSources are the nouns whose forms authors may change.
func (a *App) formSources() []authoring.Source {
	return []authoring.Source{
		{Kind: "intake", Noun: a.intake},
		{Kind: "steps", Noun: a.workflow, Whole: true},
		{Kind: "surveys", Noun: a.survey, Sealed: true},
	}
}

package app

import (
	"kokoma/shared/authoring"
	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/process"
)

// formSources are the nouns whose forms authors may change.
func (a *App) formSources() []authoring.Source {
	return []authoring.Source{
		{Kind: "intake", Noun: a.intake},
		{Kind: "steps", Noun: plain(stepForms), Whole: true},
		{Kind: "surveys", Noun: plain(surveyForms), Sealed: true},
	}
}

type plain func() []*form.Form

func (p plain) Forms() []*form.Form           { return p() }
func (plain) Uses(string) []lang.Text         { return nil }
func (plain) Accept(f *form.Form) []lang.Text { return nil }

func stepForms() (out []*form.Form) {
	p, err := process.Load(workflow.Phases)
	if err != nil {
		return nil
	}
	for _, t := range p.Templates {
		if t.HasForm() {
			if f, err := t.Form(); err == nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func surveyForms() []*form.Form {
	in, err := survey.Instruments().Instrument("S_T0")
	if err != nil {
		return nil
	}
	return []*form.Form{in.Form}
}

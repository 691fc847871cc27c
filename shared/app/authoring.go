package app

import (
	"kokoma/shared/authoring"
	"kokoma/shared/form"
	"kokoma/shared/intake"
	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/process"
)

func (a *App) formSources() []authoring.Source {
	return []authoring.Source{
		{Kind: "intake", Forms: func() ([]*form.Form, error) {
			f, err := form.Load(intake.Forms, "forms/intake.yaml")
			return []*form.Form{f}, err
		}},
		{Kind: "steps", Whole: true, Forms: func() ([]*form.Form, error) {
			p, err := process.Load(workflow.Phases)
			if err != nil {
				return nil, err
			}
			var out []*form.Form
			for _, t := range p.Templates {
				if t.HasForm() {
					f, err := t.Form()
					if err != nil {
						return nil, err
					}
					out = append(out, f)
				}
			}
			return out, nil
		}, Uses: func(id string) []lang.Text { return nil }},
		{Kind: "surveys", Sealed: true, Forms: func() ([]*form.Form, error) {
			in, err := survey.Instruments().Instrument("S_T0")
			if err != nil {
				return nil, err
			}
			return []*form.Form{in.Form}, nil
		}},
	}
}

package page

import (
	"context"
	"errors"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/advice"
)

// Advice is what a rule says about the case, for reading above the form.
type Advice struct {
	Number           int
	Because          string
	Suggest, Against string // formats
	Text, Warn       string
}

// Around adds what stands around a step's form: what the case tells to those who
// may know it.
func (x *Service) Around(ctx context.Context, v *Visit, p *Step) error {
	if err := x.addIntake(ctx, v, p); err != nil {
		return err
	}
	return x.addAdvice(ctx, v, p)
}

// seesCase says whether what others wrote about the conflict may be shown: at the
// desk to who sees the case, by link once the mailed code was typed, never to who
// was only named for this step.
func (v *Visit) seesCase() bool {
	if v.User != nil {
		return !v.Own
	}
	return v.Draft.Opened && !v.Who.Handed
}

// addAdvice adds what the rules say to the steps on which formats are chosen.
func (x *Service) addAdvice(ctx context.Context, v *Visit, p *Step) error {
	if x.Suggestions == nil || !x.Suggestions.On(v.T.Key) {
		return nil
	}
	if !v.seesCase() {
		p.AdviceLocked = v.MayUnlock()
		return nil
	}
	steps, err := x.AllSteps(ctx, v.ID)
	if err != nil {
		return err
	}
	intake, err := x.intake(ctx, v.Case.Head.Intake)
	if err != nil {
		return err
	}
	for _, r := range x.Suggestions.Say(advice.Facts(intake, steps)) {
		p.Advice = append(p.Advice, Advice{
			Number: r.Number, Because: p.In(r.Because), Suggest: listed(p.Page, r.Suggest), Against: listed(p.Page, r.Against),
			Text: p.In(r.Advice), Warn: p.In(r.Warn),
		})
	}
	return nil
}

// intake is what the municipality entered; nil when it is not there any more.
func (x *Service) intake(ctx context.Context, id string) (form.Answers, error) {
	if x.IntakeAnswers == nil {
		return nil, nil
	}
	a, err := x.IntakeAnswers(ctx, id)
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil
	}
	return a, err
}

func listed(p web.Page, list []lang.Text) string {
	var out []string
	for _, t := range list {
		out = append(out, p.In(t))
	}
	return strings.Join(out, ", ")
}

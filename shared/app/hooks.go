package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/intake"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// What one noun's change calls for in another: the complete list. Hooks that
// give operations are part of the write that calls for them; the others are
// called again until they succeed.

// openCase: a confirmed expression of interest begins a case.
func (a *App) openCase(ctx context.Context, c intake.Confirmed) ([]table.Op, string, error) {
	people := process.People{
		"FED": {{
			Name: c.Answers.Text("contact_name"), Email: c.Answers.Text("contact_email"),
			Lang: c.Lang, Deputy: c.Answers.Text("deputy_email"),
		}},
	}
	if kuf := c.Answers.Text("kuf_email"); kuf != "" {
		people["KUF"] = []process.Person{{Name: c.Answers.Text("kuf_name"), Email: kuf, Lang: c.Lang}}
	}
	return a.workflow.Start(ctx, workflow.Opening{
		Intake: c.Intake, Municipality: c.Municipality, Lang: c.Lang, People: people, Command: "intake#" + c.Intake,
	}, c.Now)
}

// answered: what the service office had asked back was answered.
func (a *App) answered(ctx context.Context, _, caseNo string, now time.Time) ([]table.Op, error) {
	return a.workflow.Answered(ctx, caseNo, now)
}

// planSurvey: a step asks for a survey.
func (a *App) planSurvey(ctx context.Context, p workflow.SurveyPlan, now time.Time) ([]table.Op, error) {
	planned := survey.Planned{
		Case: p.Case, CaseNo: p.No, Step: p.Step, Iteration: p.Iteration,
		Municipality: survey.Whose{Key: p.Municipality.Key, Name: p.Municipality.Name, Land: p.Municipality.Land, Settings: p.Settings},
		Form:         p.Survey, Mode: survey.Mode(p.Mode), From: p.From, To: p.To, Lang: p.Lang,
	}
	if planned.Mode == survey.Closed {
		addresses, problems := survey.ParseAddresses(p.Addresses)
		if len(problems) > 0 {
			return nil, fmt.Errorf("the addresses of a checked step: %s", problems[0].EN)
		}
		planned.Addresses = addresses
	} else if n, err := strconv.Atoi(p.Expected); err == nil {
		planned.Expected = n
	}
	ops, _, err := a.survey.Plan(ctx, planned, now)
	return ops, err
}

// readAddresses: a step's list of addresses is read as the survey will read it.
func readAddresses(typed string) ([]string, []lang.Text) { return survey.ParseAddresses(typed) }

// surveyClosed: the result goes into the evaluation, then the step is done.
func (a *App) surveyClosed(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error {
	if err := a.evaluation.Closed(ctx, surveyID, now); err != nil {
		return err
	}
	return later(a.workflow.SurveyClosed(ctx, caseID, step, iteration, surveyID, now))
}

// surveyCancelled: the step that asked for the survey is open again.
func (a *App) surveyCancelled(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error {
	return later(a.workflow.SurveyCancelled(ctx, caseID, step, iteration, surveyID, now))
}

// later says in the words of a survey that its case rests.
func later(err error) error {
	if errors.Is(err, command.ErrResting) {
		return fmt.Errorf("%w: %w", survey.ErrLater, err)
	}
	return err
}

// wanted: a mail that had to wait is sent only if it is still of use.
func (a *App) wanted(ctx context.Context, e *mail.Entry, now time.Time) (bool, error) {
	if strings.HasPrefix(e.Key, "survey#") {
		return a.survey.Wanted(ctx, *e)
	}
	return a.workflow.Wanted(ctx, e, now)
}

// bounced: a mail came back.
func (a *App) bounced(ctx context.Context, b mail.Bounce) ([]table.Op, error) {
	if strings.HasPrefix(b.EntryKey, "survey#") {
		if b.State == mail.Bounced && !b.Hard {
			return nil, nil // the invitation may get there yet
		}
		return a.survey.Bounced(ctx, b.EntryKey)
	}
	return a.workflow.Bounced(ctx, b)
}

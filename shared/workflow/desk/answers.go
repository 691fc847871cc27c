package desk

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// answersPage shows at the desk what was answered in a step.
type answersPage struct {
	web.Page
	page.Facts
	Heading, Key string
	State, Kind  string
	By, When     string
	Reason       string
	Groups       []form.SummaryGroup
	Hidden       bool // something is not for this person's role
	Actions      []page.Link
	Rounds       []page.Link // the step in other iterations
	CasePath     string
}

func (x *Service) showAnswers(w http.ResponseWriter, r *http.Request, d *desk, v *page.Visit) error {
	p := answersPage{Page: x.Site.Page(r, "workflow.step.title"), Key: v.T.Key, CasePath: "/vorgaenge/" + d.ID}
	p.SetTitle(p.In(v.T.Title))
	p.Facts = x.Facts(p.Page, d.Record, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	p.State, p.Kind = x.stateOf(p.Page, d, v)
	p.Reason = x.Reason(p.Page, d.Def, v.Step.Comment)
	if !v.Step.At.IsZero() {
		p.When, p.By = p.DateTime(v.Step.At), p.T("workflow.role."+cmp.Or(v.Step.By.For, v.Step.By.Role))
	}
	if len(v.Step.Answers) > 0 {
		a, hidden := d.visible(v.T, v.Form, v.Step.Answers)
		a = x.countAddresses(p.Page, v.T, a)
		p.Groups, p.Hidden = v.Form.Summary(a, x.Env(r.Context(), v.Lang, d.Now(x.Now()))), hidden
		if hidden {
			withheld(v.T, v.Form, p.Groups, p.T("workflow.answers.withheld"))
		}
	}
	p.Actions = x.answersActions(p.Page, d, v)
	rounds, err := x.rounds(r.Context(), p.Page, d, v)
	if err != nil {
		return err
	}
	p.Rounds = rounds
	return x.Pages.Render(w, r, http.StatusOK, "answers", p)
}

// countAddresses says how many addresses a survey invites; which ones is on no
// page.
func (x *Service) countAddresses(p web.Page, t *process.Template, a form.Answers) form.Answers {
	typed := a.Text(cases.AddressesField)
	if t.Survey == "" || typed == "" {
		return a
	}
	n := 0
	if x.ReadAddresses != nil {
		found, _ := x.ReadAddresses(typed)
		n = len(found)
	}
	a = a.Clone()
	a[cases.AddressesField] = form.Value{Text: p.T("workflow.addresses.count", n)}
	return a
}

// mayCorrect lets those correct a finished step who may see all of it and do
// it or record it for others.
func (d *desk) mayCorrect(t *process.Template, f *form.Form, st process.Step) bool {
	if st.State != process.Done || d.Def.Template(t.Key) == nil || !d.Head.Status.Running() || t.Survey != "" || t.FourEyes || d.doer(t) == "" && d.recorder() == "" {
		return false
	}
	_, hidden := d.visible(t, f, st.Answers)
	return !hidden
}

func (x *Service) enterCorrect(r *http.Request) (*page.Visit, *desk, error) {
	d, v, err := x.enterStep(r)
	if err != nil {
		return nil, nil, err
	}
	// Whatever the post says: what was answered is corrected by its own version.
	if _, v.Form, err = x.AnsweredBy(r.Context(), d.Record, v.Step); err != nil {
		return nil, nil, err
	}
	if !d.overview() || !d.mayCorrect(v.T, v.Form, v.Step) {
		return nil, nil, web.ErrNotFound
	}
	v.Who = process.Asked{Role: cmp.Or(d.doer(v.T), d.recorder())}
	return v, d, nil
}

func (x *Service) correctPage(r *http.Request, v *page.Visit, a form.Answers, problems form.Problems, reason string) page.Step {
	p := x.Show(r, v, a, problems, x.Now())
	p.SetTitle(p.T("workflow.do.korrigieren") + ": " + p.In(v.T.Title))
	p.Base, p.Correct, p.Reason = v.Base()+"/korrigieren", true, reason
	return p
}

func (x *Service) showCorrect(w http.ResponseWriter, r *http.Request) error {
	v, _, err := x.enterCorrect(r)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "step", x.correctPage(r, v, v.Step.Answers, nil, ""))
}

func (x *Service) receiveCorrect(w http.ResponseWriter, r *http.Request) error {
	v, _, err := x.enterCorrect(r)
	if errors.Is(err, web.ErrNotFound) {
		return x.doneBefore(w, r)
	}
	if err != nil {
		return err
	}
	now := x.Now()
	env := x.Env(r.Context(), lang.From(r.Context()), v.Case.Now(now))
	answers := v.Form.Read(r.PostForm, "", v.Step.Answers)
	problems, reason := v.Form.Check(answers, "", env), strings.TrimSpace(r.PostFormValue("_reason"))
	p := x.correctPage(r, v, answers, problems, reason)
	_, pressed := form.Pressed(r.PostForm)
	switch {
	case pressed:
		p.View = v.Form.View(answers, "", nil, env)
	case reason == "":
		p.ReasonProblem = p.T("workflow.record.missing")
	case !problems.Blocking(answers.Confirmed):
		_, err := x.Do(r.Context(), v.ID, command.Correct{
			Meta: command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.Who.Role}},
			Ref:  v.Step.Ref, Answers: v.Form.Clean(answers, env), Reason: reason,
		}, now)
		if err == nil || errors.Is(err, command.ErrAlready) {
			return web.Redirect(w, r, v.Base())
		}
		if !errors.Is(err, command.ErrDecides) {
			return fmt.Errorf("correcting a step: %w", err)
		}
		p.ReasonProblem = p.T("workflow.correct.decides")
	}
	p.Fault(!pressed)
	p.Command = cmp.Or(r.PostFormValue("_command"), rand.Text())
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "step", p)
}

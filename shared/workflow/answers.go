package workflow

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
	"kokoma/shared/workflow/process"
)

// answersPage shows at the desk what was answered in a step.
type answersPage struct {
	web.Page
	caseFacts
	Heading, Key string
	State, Kind  string
	By, When     string
	Reason       string
	Groups       []form.SummaryGroup
	Hidden       bool // something is not for this person's role
	Actions      []actionLink
	CasePath     string
}

func (x *Service) showAnswers(w http.ResponseWriter, r *http.Request, d *desk, v *visit) error {
	p := answersPage{Page: x.Site.Page(r, "workflow.step.title"), Key: v.t.Key, CasePath: "/vorgaenge/" + d.id}
	p.SetTitle(p.In(v.t.Title))
	p.caseFacts = x.facts(p.Page, d.record, v.t.Phase)
	row := x.stepRow(p.Page, d, v.t)
	p.Heading, p.State, p.Kind = p.In(v.t.Title), row.State, row.Kind
	p.Reason = x.reason(p.Page, d.def, v.step.Comment)
	if !v.step.At.IsZero() {
		p.When, p.By = p.DateTime(v.step.At), p.T("workflow.role."+cmp.Or(v.step.By.For, v.step.By.Role))
	}
	if len(v.step.Answers) > 0 {
		a, hidden := d.visible(v.t, v.form, v.step.Answers)
		p.Groups, p.Hidden = v.form.Summary(a, x.env(r.Context(), v.lang, x.Now())), hidden
	}
	p.Actions = x.stepActions(p.Page, d, v.t, v.step)
	return x.pages.Render(w, r, http.StatusOK, "answers", p)
}

// mayCorrect lets those correct a finished step who may see all of it and do
// it or record it for others.
func (d *desk) mayCorrect(t *process.Template, st process.Step) bool {
	if st.State != process.Done || !d.Head.Status.Running() || t.Survey != "" || d.doer(t) == "" && d.recorder() == "" {
		return false
	}
	f, err := t.Form()
	if err != nil {
		return false
	}
	_, hidden := d.visible(t, f, st.Answers)
	return !hidden
}

func (x *Service) enterCorrect(r *http.Request) (*visit, *desk, error) {
	d, v, err := x.enterStep(r)
	if err != nil {
		return nil, nil, err
	}
	if !d.overview() || !d.mayCorrect(v.t, v.step) {
		return nil, nil, web.ErrNotFound
	}
	v.who = process.Asked{Role: cmp.Or(d.doer(v.t), d.recorder())}
	return v, d, nil
}

func (x *Service) correctPage(r *http.Request, v *visit, a form.Answers, problems form.Problems, reason string) stepPage {
	p := x.page(r, v, a, problems, x.Now())
	p.SetTitle(p.T("workflow.do.korrigieren") + ": " + p.In(v.t.Title))
	p.Base, p.Correct, p.Reason = v.base()+"/korrigieren", true, reason
	return p
}

func (x *Service) showCorrect(w http.ResponseWriter, r *http.Request) error {
	v, _, err := x.enterCorrect(r)
	if err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "step", x.correctPage(r, v, v.step.Answers, nil, ""))
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
	env := x.env(r.Context(), lang.From(r.Context()), now)
	answers := v.form.Read(r.PostForm, "", v.step.Answers)
	problems, reason := v.form.Check(answers, "", env), strings.TrimSpace(r.PostFormValue("_reason"))
	p := x.correctPage(r, v, answers, problems, reason)
	_, pressed := form.Pressed(r.PostForm)
	switch {
	case pressed:
		p.View = v.form.View(answers, "", nil, env)
	case reason == "":
		p.ReasonProblem = p.T("workflow.record.missing")
	case !problems.Blocking(answers.Confirmed):
		_, err := x.do(r.Context(), v.id, process.Correct{
			Meta: process.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.who.Role}},
			Ref:  v.step.Ref, Answers: v.form.Clean(answers, env), Reason: reason,
		}, now)
		if err == nil || errors.Is(err, process.ErrAlready) {
			return web.Redirect(w, r, v.base())
		}
		if !errors.Is(err, process.ErrDecides) {
			return fmt.Errorf("correcting a step: %w", err)
		}
		p.ReasonProblem = p.T("workflow.correct.decides")
	}
	p.Fault(!pressed)
	p.Command = cmp.Or(r.PostFormValue("_command"), rand.Text())
	return x.pages.Render(w, r, http.StatusUnprocessableEntity, "step", p)
}

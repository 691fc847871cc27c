package link

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"

	"kokoma/shared/form"
	"kokoma/shared/web"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// The lead office ends the municipality's part by the link of any step that it
// was asked for by role, on a page of its own that asks for the reason and for
// the word. Whoever was only handed a step, or lent it for an absence, can't.

type withdrawPage struct {
	web.Page
	page.Facts
	Heading, Step, Lead string
	Base, Back          string
	View                form.View
	Command, Iteration  string
	Button              string
	Danger              bool
}

// withdrawing opens the page for who may withdraw.
func (x *Service) withdrawing(r *http.Request) (*page.Visit, error) {
	v, err := x.byLink(r)
	if err == nil && !mayWithdraw(v) {
		return nil, web.ErrNotFound
	}
	return v, err
}

// mayWithdraw says whether a visitor by link speaks for the municipality.
func mayWithdraw(v *page.Visit) bool {
	return v.User == nil && v.Who.Role == "FED" && !v.Who.Handed && !v.Who.Lent
}

func (x *Service) withdrawPage(r *http.Request, v *page.Visit, a form.Answers, problems form.Problems) (withdrawPage, error) {
	f, err := x.Action("teilnahme-beenden")
	if err != nil {
		return withdrawPage{}, err
	}
	p := withdrawPage{
		Page: x.Site.Page(r, "workflow.withdraw.title"), Base: v.Base() + "/zurueckziehen", Back: v.Base(),
		Command: rand.Text(), Danger: true,
	}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading, p.Lead, p.Button = p.T("workflow.withdraw.title"), p.T("workflow.withdraw.lead"), p.T("workflow.withdraw.title")
	p.View = f.View(a, "", problems, x.Env(r.Context(), v.Lang, x.Now()))
	return p, nil
}

func (x *Service) showWithdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := x.withdrawing(r)
	if err != nil {
		return err
	}
	p, err := x.withdrawPage(r, v, nil, nil)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "action", p)
}

func (x *Service) receiveWithdraw(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	v, err := x.withdrawing(r)
	if err != nil {
		return err
	}
	f, err := x.Action("teilnahme-beenden")
	if err != nil {
		return err
	}
	act := page.ReadAct(f, r.PostForm, x.Env(r.Context(), v.Lang, x.Now()))
	if !act.Problems.Errors() {
		return x.withdraw(w, r, v, act.Answers)
	}
	p, err := x.withdrawPage(r, v, act.Typed, act.Problems)
	if err != nil {
		return err
	}
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "action", p)
}

// withdraw is answered at once: the link has ended with the case.
func (x *Service) withdraw(w http.ResponseWriter, r *http.Request, v *page.Visit, a form.Answers) error {
	_, err := x.Do(r.Context(), v.ID, command.Withdraw{
		Meta: command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.Who.Role}}, Reason: a.Text("reason"),
	}, x.Now())
	if err != nil && !errors.Is(err, command.ErrAlready) {
		return lateHandover(err)
	}
	p := restingPage{Page: x.Site.Page(r, "workflow.withdraw.done")}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	return x.Pages.Render(w, r, http.StatusOK, "withdrawn", p)
}

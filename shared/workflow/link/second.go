package link

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// What one person submitted in a step of four eyes, another one accepts or sends
// back by their own link. The answers stand behind the mailed code: they are
// what somebody wrote.

// secondVisit opens a submitted step for who may accept it; false for others.
func (x *Service) secondVisit(r *http.Request, id string, st process.Step) (*page.Visit, bool, error) {
	if st.State != process.Submitted {
		return nil, false, nil
	}
	at := slices.IndexFunc(st.Asked, func(a process.Asked) bool {
		return x.Links.Check(r.PathValue("token"), cases.StepLink(id, st.Ref, a.Email, a.Rev))
	})
	if at < 0 {
		return nil, false, nil
	}
	v := &page.Visit{
		ID: id, Step: st, Token: r.PathValue("token"), Lang: lang.From(r.Context()), Who: st.Asked[at],
		Browser: page.BrowserHash(id, st.Ref, x.Device(r)),
	}
	if err := x.Prepare(r.Context(), v); err != nil {
		return nil, false, err
	}
	return v, v.T.FourEyes && !x.secret(v), nil
}

// secret says whether there are answers that this person does not read; they
// accept the step at the desk, if at all.
func (x *Service) secret(v *page.Visit) bool {
	return !slices.Contains([]string{"EXT", "LOK"}, v.Who.Role) &&
		slices.ContainsFunc(v.Form.Fields(), v.T.TandemOnly)
}

type secondPage struct {
	web.Page
	page.Facts
	Heading, Base string
	Groups        []form.SummaryGroup // once the code was typed
	View          form.View
	Command       string
}

func (x *Service) showSecond(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	p, err := x.secondPage(r, v, nil, nil)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "second", p)
}

func (x *Service) secondPage(r *http.Request, v *page.Visit, a form.Answers, problems form.Problems) (secondPage, error) {
	f, err := x.Action("gegenlesen")
	if err != nil {
		return secondPage{}, err
	}
	p := secondPage{Page: x.Site.Page(r, "workflow.second.title"), Base: v.Base(), Command: rand.Text()}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	if v.Draft.Opened {
		env := x.Env(r.Context(), v.Lang, x.Now())
		p.Groups, p.View = v.Form.Summary(v.Step.Answers, env), f.View(a, "", problems, env)
	}
	return p, nil
}

func (x *Service) receiveSecond(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	v, ok, err := x.secondVisit(r, id, st)
	if err != nil {
		return err
	}
	if !ok || !v.Draft.Opened {
		return web.ErrUnknownLink // accepted meanwhile, or nothing was read before
	}
	f, err := x.Action("gegenlesen")
	if err != nil {
		return err
	}
	act := page.ReadAct(f, r.PostForm, x.Env(r.Context(), v.Lang, x.Now()))
	if !act.Problems.Errors() {
		return x.judge(w, r, v, act.Answers)
	}
	p, err := x.secondPage(r, v, act.Typed, act.Problems)
	if err != nil {
		return err
	}
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "second", p)
}

// judge gives the second person's yes or no.
func (x *Service) judge(w http.ResponseWriter, r *http.Request, v *page.Visit, a form.Answers) error {
	m := command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.Who.Role, Who: cases.WhoHash(v.Who.Email)}}
	var c command.Command = command.Accept{Meta: m, Ref: v.Step.Ref}
	if a.Text("decision") == "back" {
		c = command.SendBack{Meta: m, Ref: v.Step.Ref, Comment: a.Text("comment")}
	}
	_, err := x.Do(r.Context(), v.ID, c, x.Now())
	if err != nil && !errors.Is(err, command.ErrAlready) {
		return lateHandover(err)
	}
	p := secondPage{Page: x.Site.Page(r, "workflow.second.thanks")}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	return x.Pages.Render(w, r, http.StatusOK, "seconded", p)
}

package link

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// Who holds a role says by their link that they are away, and who stands in for
// that time. A link proves less than a sign-in: it counts for this case alone,
// who stands in sees nothing that was written before, and its owner gets a mail
// about it at once.

// awayPage takes an absence.
type awayPage struct {
	web.Page
	page.Facts
	Base         string
	View         form.View
	Command, For string
	Done         bool
}

// byHolder opens a step for who holds a role in the case, not for those to whom
// it was handed or lent.
func (x *Service) byHolder(r *http.Request) (*page.Visit, error) {
	v, err := x.byLink(r)
	if err != nil {
		return nil, err
	}
	if len(v.Case.People.RolesOf(v.Who.Email, lang.DateOf(v.Case.Now(x.Now())))) == 0 {
		return nil, web.ErrNotFound
	}
	return v, nil
}

func (x *Service) awayPage(r *http.Request, v *page.Visit, f *form.Form, a form.Answers, problems form.Problems) awayPage {
	p := awayPage{Page: x.Site.Page(r, "workflow.away.title"), Base: v.Base(), Command: rand.Text(), For: x.Sealed(v)}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.View = f.View(a, "", problems, x.Env(r.Context(), v.Lang, x.Now()))
	return p
}

func (x *Service) showAway(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byHolder(r)
	if err != nil {
		return err
	}
	f, err := x.Action("abwesend")
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "away", x.awayPage(r, v, f, nil, nil))
}

func (x *Service) receiveAway(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f, err := x.Action("abwesend")
	if err != nil {
		return err
	}
	v, err := x.byHolder(r)
	if errors.Is(err, web.ErrUnknownLink) {
		return x.awayBefore(w, r)
	}
	if err != nil {
		return err
	}
	now := x.Now()
	act := page.ReadAct(f, r.PostForm, x.Env(r.Context(), v.Lang, v.Case.Now(now)))
	if !act.Problems.Errors() {
		role := v.Case.People.RolesOf(v.Who.Email, lang.DateOf(v.Case.Now(now)))[0]
		_, err := x.Do(r.Context(), v.ID, command.Absence{
			Meta:  command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: role}},
			Email: v.Who.Email, Away: page.AwayIn(act.Answers), Own: true,
		}, now)
		if err == nil || errors.Is(err, command.ErrAlready) {
			return x.awayDone(w, r, v)
		}
		problem, ok := page.RefusedAway(f, err)
		if !ok {
			return lateHandover(err)
		}
		act.Problems = append(act.Problems, problem)
	}
	p := x.awayPage(r, v, f, act.Typed, act.Problems)
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "away", p)
}

// awayBefore answers the second press of the button, when the first one took the
// link away.
func (x *Service) awayBefore(w http.ResponseWriter, r *http.Request) error {
	v, err := x.pressedBefore(r)
	if err != nil {
		return err
	}
	return x.awayDone(w, r, v)
}

// awayDone is rendered at once: the link is perhaps not good any more.
func (x *Service) awayDone(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	p := awayPage{Page: x.Site.Page(r, "workflow.away.done"), Base: v.Base(), Done: true}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	return x.Pages.Render(w, r, http.StatusOK, "away", p)
}

package link

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/web"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// handoverPage lets somebody name another person for one step.
type handoverPage struct {
	web.Page
	page.Facts
	Heading string
	Base    string
	View    form.View
	Command string
	For     string
	To      string // masked, once it is done
}

func (x *Service) handoverPage(r *http.Request, v *page.Visit, a form.Answers, problems form.Problems) (handoverPage, error) {
	f, err := x.Action("weitergeben")
	if err != nil {
		return handoverPage{}, err
	}
	p := handoverPage{Page: x.Site.Page(r, "workflow.handover.title"), Base: v.Base(), Command: rand.Text(), For: x.Sealed(v)}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	p.View = f.View(a, "", problems, x.Env(r.Context(), v.Lang, x.Now()))
	return p, nil
}

func (x *Service) showHandover(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byLink(r)
	if err != nil {
		return err
	}
	p, err := x.handoverPage(r, v, nil, nil)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "handover", p)
}

func (x *Service) receiveHandover(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	v, err := x.byLink(r)
	if errors.Is(err, web.ErrUnknownLink) {
		return x.handedOverBefore(w, r)
	}
	if err != nil {
		return err
	}
	f, err := x.Action("weitergeben")
	if err != nil {
		return err
	}
	now := x.Now()
	answers := f.Read(r.PostForm, "", nil)
	problems := f.Check(answers, "", x.Env(r.Context(), v.Lang, now))
	to := process.Person{Name: answers.Text("name"), Email: page.Address(answers.Text("email"))}
	if !problems.Errors() {
		_, err = x.Do(r.Context(), v.ID, command.Handover{
			Meta: command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.Who.Role}},
			Ref:  v.Step.Ref, From: asked(v), To: to, Reason: answers.Text("reason"),
		}, now)
		if err == nil || errors.Is(err, command.ErrAlready) {
			return x.handedOver(w, r, v, to)
		}
		if !errors.Is(err, command.ErrNobody) {
			return lateHandover(err)
		}
		problems = append(problems, form.Problem{
			Field: "email", Level: form.Error, Label: page.LabelOf(f, "email"), Message: page.SameAddress,
		})
	}
	p, err := x.handoverPage(r, v, answers, problems)
	if err != nil {
		return err
	}
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "handover", p)
}

// asked is the address that the step was sent to: a deputy hands over what was
// sent to whom they stand in for.
func asked(v *page.Visit) string {
	for _, a := range v.Step.Asked {
		if a.Email == v.Who.Email || a.Deputy == v.Who.Email {
			return a.Email
		}
	}
	return v.Who.Email
}

// lateHandover: a step that is not open any more has no link any more.
func lateHandover(err error) error {
	if errors.Is(err, command.ErrNotOpen) || errors.Is(err, command.ErrResting) {
		return web.ErrUnknownLink
	}
	return err
}

// handedOverBefore answers the second press of the button: the first one took
// the link away.
func (x *Service) handedOverBefore(w http.ResponseWriter, r *http.Request) error {
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	v, err := x.Before(r, id, st)
	if err != nil {
		return err
	}
	if cmd := process.Short(r.PostFormValue("_command")); cmd == "" || !slices.Contains(v.Case.Head.Recent, cmd) {
		return web.ErrUnknownLink
	}
	return x.handedOver(w, r, v, process.Person{Email: page.Address(r.PostFormValue("email"))})
}

// handedOver is rendered at once: the link by which a redirect would come back
// is not good any more.
func (x *Service) handedOver(w http.ResponseWriter, r *http.Request, v *page.Visit, to process.Person) error {
	p := handoverPage{Page: x.Site.Page(r, "workflow.handover.done"), To: masked(to.Email)}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	return x.Pages.Render(w, r, http.StatusOK, "handedover", p)
}

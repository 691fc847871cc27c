package workflow

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// handoverPage lets somebody name another person for one step.
type handoverPage struct {
	web.Page
	caseFacts
	Heading string
	Base    string
	View    form.View
	Command string
	For     string
	To      string // masked, once it is done
}

func (x *Service) handoverPage(r *http.Request, v *visit, a form.Answers, problems form.Problems) (handoverPage, error) {
	f, err := x.action("weitergeben")
	if err != nil {
		return handoverPage{}, err
	}
	p := handoverPage{Page: x.Site.Page(r, "workflow.handover.title"), Base: v.base(), Command: rand.Text(), For: x.sealed(v)}
	p.caseFacts = x.facts(p.Page, v.c, v.t.Phase)
	p.Heading = p.In(v.t.Title)
	p.View = f.View(a, "", problems, x.env(r.Context(), v.lang, x.Now()))
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
	return x.pages.Render(w, r, http.StatusOK, "handover", p)
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
	f, err := x.action("weitergeben")
	if err != nil {
		return err
	}
	now := x.Now()
	answers := f.Read(r.PostForm, "", nil)
	problems := f.Check(answers, "", x.env(r.Context(), v.lang, now))
	to := process.Person{Name: answers.Text("name"), Email: address(answers.Text("email"))}
	if !problems.Errors() {
		_, err = x.do(r.Context(), v.id, process.Handover{
			Meta: process.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.who.Role}},
			Ref:  v.step.Ref, From: v.asked(), To: to, Reason: answers.Text("reason"),
		}, now)
		if err == nil || errors.Is(err, process.ErrAlready) {
			return x.handedOver(w, r, v, to)
		}
		if !errors.Is(err, process.ErrNobody) {
			return lateHandover(err)
		}
		problems = append(problems, form.Problem{
			Field: "email", Level: form.Error, Label: label(f, "email"), Message: sameAddress,
		})
	}
	p, err := x.handoverPage(r, v, answers, problems)
	if err != nil {
		return err
	}
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.pages.Render(w, r, http.StatusUnprocessableEntity, "handover", p)
}

// asked is the address that the step was sent to: a deputy hands over what was
// sent to whom they stand in for.
func (v *visit) asked() string {
	for _, a := range v.step.Asked {
		if a.Email == v.who.Email || a.Deputy == v.who.Email {
			return a.Email
		}
	}
	return v.who.Email
}

// lateHandover: a step that is not open any more has no link any more.
func lateHandover(err error) error {
	if errors.Is(err, process.ErrNotOpen) || errors.Is(err, process.ErrResting) {
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
	v, err := x.before(r, id, st)
	if err != nil {
		return err
	}
	if cmd := process.Short(r.PostFormValue("_command")); cmd == "" || !slices.Contains(v.c.Head.Recent, cmd) {
		return web.ErrUnknownLink
	}
	return x.handedOver(w, r, v, process.Person{Email: address(r.PostFormValue("email"))})
}

// handedOver is rendered at once: the link by which a redirect would come back
// is not good any more.
func (x *Service) handedOver(w http.ResponseWriter, r *http.Request, v *visit, to process.Person) error {
	p := handoverPage{Page: x.Site.Page(r, "workflow.handover.done"), To: masked(to.Email)}
	p.caseFacts = x.facts(p.Page, v.c, v.t.Phase)
	p.Heading = p.In(v.t.Title)
	return x.pages.Render(w, r, http.StatusOK, "handedover", p)
}

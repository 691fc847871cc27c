package link

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
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
	To      string // masked, once it is done; "" when nobody was known

	MayTakeBack bool
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
	f, err := x.Action("weitergeben")
	if err != nil {
		return err
	}
	v, err := x.byLink(r)
	if errors.Is(err, web.ErrUnknownLink) {
		return x.handedOverBefore(w, r)
	}
	if err != nil {
		return err
	}
	act := page.ReadAct(f, r.PostForm, x.Env(r.Context(), v.Lang, v.Case.Now(x.Now())))
	to := process.Person{Name: act.Answers.Text("name"), Email: page.Address(act.Answers.Text("email"))}
	if !act.Problems.Errors() {
		_, err = x.Do(r.Context(), v.ID, command.Handover{
			Meta: command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: v.Who.Role}},
			Ref:  v.Step.Ref, From: asked(v).Email, To: to, Reason: strings.TrimSpace(act.Answers.Text("reason")),
		}, x.Now())
		if err == nil || errors.Is(err, command.ErrAlready) {
			return x.handedOver(w, r, v, to)
		}
		problem, ok := refusedAddress(f, err)
		if !ok {
			return lateHandover(err)
		}
		act.Problems = append(act.Problems, problem)
	}
	p, err := x.handoverPage(r, v, act.Typed, act.Problems)
	if err != nil {
		return err
	}
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "handover", p)
}

// refusedAddress says what a rule has against whom somebody named.
func refusedAddress(f *form.Form, err error) (form.Problem, bool) {
	p := form.Problem{Field: "email", Level: form.Error, Label: page.LabelOf(f, "email")}
	switch {
	case errors.Is(err, command.ErrNobody):
		p.Message = page.SameAddress
	case errors.Is(err, command.ErrAway):
		p.Message = page.NobodyThere
	default:
		return p, false
	}
	return p, true
}

// asked is whom the step was sent to: a deputy hands over what was sent to whom
// they stand in for.
func asked(v *page.Visit) process.Asked {
	for _, a := range v.Step.Asked {
		if a.Email == v.Who.Email || a.Deputy == v.Who.Email {
			return a
		}
	}
	return v.Who
}

// lateHandover: a step that is not open any more has no link any more.
func lateHandover(err error) error {
	if errors.Is(err, command.ErrNotOpen) || errors.Is(err, command.ErrResting) {
		return web.ErrUnknownLink
	}
	return err
}

// pressedBefore opens the step for the second press of a button, when the first
// one took the link away: it carries a command that the case has just met.
func (x *Service) pressedBefore(r *http.Request) (*page.Visit, error) {
	id, st, err := x.linked(r)
	if err != nil {
		return nil, err
	}
	v, err := x.Before(r, id, st)
	if err != nil {
		return nil, err
	}
	if cmd := process.Short(r.PostFormValue("_command")); cmd == "" || !slices.Contains(v.Case.Head.Recent, cmd) {
		return nil, web.ErrUnknownLink
	}
	return v, nil
}

// handedOverBefore answers the second press of the button.
func (x *Service) handedOverBefore(w http.ResponseWriter, r *http.Request) error {
	v, err := x.pressedBefore(r)
	if err != nil {
		return err
	}
	v.Browser = page.BrowserHash(v.ID, v.Step.Ref, x.Device(r))
	if v.Draft, err = x.LoadDraft(r.Context(), v.ID, v.Step.Ref, v.Browser); err != nil {
		return err
	}
	return x.handedOver(w, r, v, process.Person{Email: page.Address(r.PostFormValue("email"))})
}

// handedOver is rendered at once: the link by which a redirect would come back
// is not good any more, but in this browser, which can take the step back.
func (x *Service) handedOver(w http.ResponseWriter, r *http.Request, v *page.Visit, to process.Person) error {
	if v.Browser == "" {
		v.Browser = page.BrowserHash(v.ID, v.Step.Ref, x.GiveDevice(w, r))
	}
	if v.Draft.Handed == nil {
		v.Draft.Handed = &page.Handed{Who: v.Who, From: asked(v), To: to.Email}
		if v.Draft.Saved.IsZero() {
			v.Draft.Form = cases.Version(v.T, v.Form)
		}
		v.Draft.Who, v.Draft.Saved = x.Whose(v), x.Now().UTC().Truncate(time.Second)
		if err := x.SaveDraft(r.Context(), v.ID, v.Step.Ref, v.Browser, v.Draft); err != nil {
			return err
		}
	}
	return x.showHandedOver(w, r, v)
}

// showHandedOver says that a step was handed over, to the browser that did it.
func (x *Service) showHandedOver(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	to := v.Draft.Handed.To
	begun, err := x.begun(r.Context(), v, to)
	if err != nil {
		return err
	}
	p := handoverPage{Page: x.Site.Page(r, "workflow.handover.done"), Base: v.Base(), MayTakeBack: !begun}
	p.To = page.Masked(to)
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	return x.Pages.Render(w, r, http.StatusOK, "handedover", p)
}

// begun says whether who has the step now saved something of it.
func (x *Service) begun(ctx context.Context, v *page.Visit, to string) (bool, error) {
	if to == "" {
		return false, nil
	}
	d, err := x.Elsewhere(ctx, v.ID, v.Step.Ref, x.Links.Hash(to))
	return !d.Answers.Empty(), err
}

// remembered opens a step by a link that is not good any more, for the browser
// that gave it away or saved something of it.
func (x *Service) remembered(r *http.Request, id string, st process.Step) (*page.Visit, error) {
	v := &page.Visit{
		ID: id, Step: st, Token: r.PathValue("token"), Lang: lang.From(r.Context()),
		Browser: page.BrowserHash(id, st.Ref, x.Device(r)),
	}
	if v.Browser == "" {
		return nil, web.ErrUnknownLink
	}
	if err := x.Prepare(r.Context(), v); err != nil {
		return nil, err
	}
	h := v.Draft.Handed
	switch {
	case h != nil && x.Links.Check(v.Token, cases.StepLink(id, st.Ref, h.Who.Email, h.Who.Rev)):
		v.Who = h.Who
	case h != nil || v.Draft.Answers.Empty():
		return nil, web.ErrUnknownLink
	}
	return v, nil
}

// showPast answers a link that is not good any more: the browser that handed the
// step over is told so, the one that has something saved is told who was faster
// and finds what it saved, and the other half of the tandem that the step is done.
// Everybody else learns nothing.
func (x *Service) showPast(w http.ResponseWriter, r *http.Request, id string, st process.Step) error {
	v, err := x.remembered(r, id, st)
	if errors.Is(err, web.ErrUnknownLink) {
		v, err = x.halfDone(r, id, st)
	}
	if err != nil {
		return err
	}
	if v.Draft.Handed != nil && st.State == process.Open {
		return x.showHandedOver(w, r, v)
	}
	return x.Late(w, r, http.StatusOK, v, v.Draft.Answers)
}

// receiveTakeBack gives the step back to the browser that handed it over.
func (x *Service) receiveTakeBack(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	if _, good := x.good(r.PathValue("token"), id, st); good {
		return web.Redirect(w, r, "/s/"+r.PathValue("token")) // pressed twice
	}
	v, err := x.remembered(r, id, st)
	if err != nil {
		return err
	}
	h := v.Draft.Handed
	if h == nil || st.State != process.Open {
		return x.Late(w, r, http.StatusOK, v, v.Draft.Answers)
	}
	begun, err := x.begun(r.Context(), v, h.To)
	if err != nil {
		return err
	}
	if begun {
		return x.showHandedOver(w, r, v)
	}
	_, err = x.Do(r.Context(), id, command.TakeBack{
		// Two presses at once are one command: between them nothing was handed over.
		Meta: command.Meta{ID: fmt.Sprint("back#", cases.IDOf(id, st.Ref), "#", st.Rev), By: process.Actor{Role: h.Who.Role}},
		Ref:  st.Ref, From: h.To, To: h.From,
	}, x.Now())
	switch {
	case errors.Is(err, command.ErrNobody), errors.Is(err, command.ErrNotOpen), errors.Is(err, command.ErrResting):
		return x.Late(w, r, http.StatusOK, v, v.Draft.Answers)
	case err != nil && !errors.Is(err, command.ErrAlready):
		return err
	}
	if v.Draft.Handed = nil; v.Draft.Answers.Empty() && !v.Draft.Opened {
		x.DropDraft(r.Context(), v)
		return web.Redirect(w, r, v.Base())
	}
	if err := x.SaveDraft(r.Context(), id, st.Ref, v.Browser, v.Draft); err != nil {
		return err
	}
	return web.Redirect(w, r, v.Base())
}

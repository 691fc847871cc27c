package page

import (
	"cmp"
	"context"
	"encoding/json"
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
	"kokoma/shared/workflow/process"
)

// Receive takes a posted step, by link or at the desk. Whatever does not
// finish the step is saved as a draft before the answer is written, so that
// nothing that was posted is lost; what finishes it is kept by the command.
func (x *Service) Receive(w http.ResponseWriter, r *http.Request, v *Visit) error {
	now := x.Now()
	env := x.Env(r.Context(), v.Lang, v.Case.Now(now))
	answers := v.Form.Settle(v.Form.Read(r.PostForm, "", v.Draft.Answers), env)
	if fragment, ok := form.Pressed(r.PostForm); ok {
		return x.changed(w, r, v, answers, fragment, now)
	}
	if r.PostForm.Has("_save") {
		return x.save(w, r, v, answers, now)
	}
	problems := x.check(v, answers, env)
	reason := strings.TrimSpace(r.PostFormValue("_reason"))
	if problems.Blocking(answers.Confirmed) || v.Recording && reason == "" {
		if !r.PostForm.Has("_again") && onlyNew(problems, answers, v.Form.Revealed(v.Draft.Answers, answers, "", env)) {
			return x.askMore(w, r, v, answers, reason, now)
		}
		return x.refuse(w, r, v, answers, problems, reason, now)
	}
	_, err := x.Do(r.Context(), v.ID, command.Submit{
		Meta: command.Meta{ID: r.PostFormValue("_command"), By: v.actor()}, Ref: v.Step.Ref,
		Answers: v.Form.Clean(answers, env), Form: cases.Version(v.T, v.Form), Browser: Finisher(v.Browser, v.Token), Reason: reason,
	}, now)
	switch {
	case err == nil, errors.Is(err, command.ErrAlready):
		x.DropDraft(r.Context(), v)
		return web.Redirect(w, r, v.After())
	case errors.Is(err, command.ErrReason):
		return x.refuse(w, r, v, answers, append(problems, noReason(v)...), reason, now)
	case errors.Is(err, command.ErrNotOpen), errors.Is(err, command.ErrResting):
		return x.TooLate(w, r, v, answers)
	}
	// The table is at fault, or a rule that the page should have kept: what was
	// typed is there when the page is opened again.
	return errors.Join(err, x.keep(r.Context(), v, answers, now))
}

// noReason says that answers end the case without saying why.
func noReason(v *Visit) form.Problems {
	var out form.Problems
	for _, o := range v.T.Outcomes {
		if o.Reason == "" {
			continue
		}
		out = append(out, form.Problem{Field: o.Reason, Level: form.Error, Label: LabelOf(v.Form, o.Reason), Message: lang.Text{
			DE: fmt.Sprintf("Damit endet der Vorgang. Bitte nennen Sie den Grund mit mindestens %d Zeichen.", command.MinReason),
			EN: fmt.Sprintf("This ends the case. Please give the reason with at least %d characters.", command.MinReason),
		}})
	}
	return out
}

// changed shows the form after a button that only changes the form: with one
// row more, say. As long as nothing was typed nothing is stored, so the page is
// shown at once.
func (x *Service) changed(w http.ResponseWriter, r *http.Request, v *Visit, a form.Answers, fragment string, now time.Time) error {
	if !nothing(v, a) {
		if err := x.keep(r.Context(), v, a, now); err != nil {
			return err
		}
		return web.Redirect(w, r, v.Base()+"#"+fragment)
	}
	p := x.Show(r, v, a, nil, now)
	p.For = x.Sealed(v)
	if err := x.Around(r.Context(), v, &p); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "step", p)
}

// nothing says that there is nothing to save: nothing typed now or before.
func nothing(v *Visit, a form.Answers) bool { return a.Empty() && v.Draft.Saved.IsZero() }

// keep saves what was typed; the page that follows says so. An empty form is
// nothing to save.
func (x *Service) keep(ctx context.Context, v *Visit, a form.Answers, now time.Time) error {
	if nothing(v, a) {
		return nil
	}
	d := v.Draft
	d.Form = cases.Version(v.T, v.Form)
	d.Answers, d.Who, d.Saved = a, x.Whose(v), now.UTC().Truncate(time.Second)
	if err := x.SaveDraft(ctx, v.ID, v.Step.Ref, v.Browser, d); err != nil {
		return err
	}
	v.Draft.Saved = d.Saved
	return nil
}

func (x *Service) save(w http.ResponseWriter, r *http.Request, v *Visit, a form.Answers, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	if a.Empty() {
		return web.Redirect(w, r, v.Base()+"?leer=1")
	}
	return web.Redirect(w, r, v.Base()+"?gespeichert=1")
}

// onlyNew says that nothing is wrong but that questions are without an answer
// that nobody has seen yet.
func onlyNew(problems form.Problems, a form.Answers, revealed []string) bool {
	return len(revealed) > 0 && !slices.ContainsFunc(problems, func(p form.Problem) bool {
		name, _, _ := strings.Cut(p.Field, "[")
		return p.Level == form.Error && (!slices.Contains(revealed, name) || !a[name].Empty())
	})
}

// askMore shows the form again with the questions that the answers have led
// to. It is no fault of anybody's, and happens once.
func (x *Service) askMore(w http.ResponseWriter, r *http.Request, v *Visit, a form.Answers, reason string, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	p := x.Show(r, v, a, nil, now)
	p.For, p.Reason, p.More = x.Sealed(v), reason, true
	if err := x.Around(r.Context(), v, &p); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "step", p)
}

// refuse shows the form again with what is wrong in it.
func (x *Service) refuse(w http.ResponseWriter, r *http.Request, v *Visit, a form.Answers, problems form.Problems, reason string, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	p := x.Show(r, v, a, problems, now)
	p.Fault(true)
	p.For, p.Reason = x.Sealed(v), reason
	if v.Recording && reason == "" {
		p.ReasonProblem = p.T("workflow.record.missing")
	}
	// The same id again: a second press of the button is the same command.
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	if err := x.Around(r.Context(), v, &p); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "step", p)
}

// latePage is for somebody whose step was finished by somebody else, or
// handed over, while they were typing.
type latePage struct {
	web.Page
	Facts
	Title   string
	Heading string
	Text    string
	Groups  []form.SummaryGroup // what they typed, to copy
}

// TooLate answers a post: it says who was faster, and shows what was typed.
func (x *Service) TooLate(w http.ResponseWriter, r *http.Request, v *Visit, a form.Answers) error {
	return x.Late(w, r, http.StatusConflict, v, a)
}

// Late is the page of TooLate, also for who only looks.
func (x *Service) Late(w http.ResponseWriter, r *http.Request, status int, v *Visit, a form.Answers) error {
	st, err := x.Step(r.Context(), v.ID, v.Step.Ref)
	if err != nil {
		return fmt.Errorf("looking who was faster: %w", err)
	}
	p := latePage{Page: x.Site.Page(r, "workflow.late.title"), Title: "workflow.late.title"}
	if a.Empty() {
		p.Title = "workflow.late.nothing"
		if v.Draft.Handed == nil && st.State == process.Done {
			p.Title = "workflow.late.already"
		}
		p.SetTitle(p.T(p.Title))
	}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	switch {
	case st.State == process.Open && !st.Pause && v.Case.Head.Status.Running():
		p.Text = p.T("workflow.late.handed")
	case st.State == process.Open:
		p.Text = p.T("workflow.late.resting")
	case st.State == process.Done || st.State == process.Submitted || st.State == process.Query || st.State == process.Void:
		p.Text = p.T("workflow.late.done", p.T("workflow.role."+cmp.Or(st.By.For, st.By.Role)), p.DateTime(st.At))
	default:
		p.Text = p.T("workflow.late.closed")
	}
	if !a.Empty() {
		p.Groups = v.Form.Summary(a, x.Env(r.Context(), v.Lang, v.Case.Now(x.Now())))
	}
	return x.Pages.Render(w, r, status, "late", p)
}

// formField names the version of the form that a page shows.
const formField = "_form"

// ShownForm is the version that a post names, once the post was read.
func ShownForm(r *http.Request) string { return r.PostForm.Get(formField) }

// Before opens a step for who had a good link to it when the page was made.
func (x *Service) Before(r *http.Request, id string, st process.Step) (*Visit, error) {
	token := r.PathValue("token")
	plain, err := x.Links.Open(sealPurpose(id, st.Ref), r.PostFormValue("_for"))
	if err != nil {
		return nil, web.ErrUnknownLink
	}
	v := &Visit{ID: id, Step: st, Token: token, Lang: lang.From(r.Context()), Shown: ShownForm(r)}
	if err := json.Unmarshal(plain, &v.Who); err != nil || !x.Links.Check(token, cases.StepLink(id, st.Ref, v.Who.Email, v.Who.Rev)) {
		return nil, web.ErrUnknownLink
	}
	return v, x.Prepare(r.Context(), v)
}

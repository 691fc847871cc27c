package workflow

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
	"kokoma/shared/workflow/process"
)

// receive takes a posted step, by link or at the desk. Whatever does not
// finish the step is saved as a draft before the answer is written, so that
// nothing that was posted is lost; what finishes it is kept by the command.
func (x *Service) receive(w http.ResponseWriter, r *http.Request, v *visit) error {
	now := x.Now()
	answers := v.form.Read(r.PostForm, "", v.draft.Answers)
	if fragment, ok := form.Pressed(r.PostForm); ok {
		if err := x.keep(r.Context(), v, answers, now); err != nil {
			return err
		}
		return web.Redirect(w, r, v.base()+"#"+fragment)
	}
	if r.PostForm.Has("_save") {
		return x.save(w, r, v, answers, now)
	}
	env := x.env(r.Context(), v.lang, now)
	problems := x.check(v, answers, env)
	reason := strings.TrimSpace(r.PostFormValue("_reason"))
	if problems.Blocking(answers.Confirmed) || v.record && reason == "" {
		if !r.PostForm.Has("_again") && onlyNew(problems, answers, v.form.Revealed(v.draft.Answers, answers, "", env)) {
			return x.askMore(w, r, v, answers, reason, now)
		}
		return x.refuse(w, r, v, answers, problems, reason, now)
	}
	_, err := x.do(r.Context(), v.id, process.Submit{
		Meta: process.Meta{ID: r.PostFormValue("_command"), By: v.actor()}, Ref: v.step.Ref,
		Answers: v.form.Clean(answers, env), Browser: v.browser, Reason: reason,
	}, now)
	switch {
	case err == nil, errors.Is(err, process.ErrAlready):
		x.dropDraft(r.Context(), v.id, v.step.Ref, v.browser)
		return web.Redirect(w, r, v.after())
	case errors.Is(err, process.ErrNotOpen), errors.Is(err, process.ErrResting):
		return x.tooLate(w, r, v, answers)
	}
	// The table is at fault, or a rule that the page should have kept: what was
	// typed is there when the page is opened again.
	return errors.Join(err, x.keep(r.Context(), v, answers, now))
}

// keep saves what was typed. An empty form is nothing to save.
func (x *Service) keep(ctx context.Context, v *visit, a form.Answers, now time.Time) error {
	if a.Empty() && v.draft.Saved.IsZero() {
		return nil
	}
	d := v.draft
	d.Answers, d.Who, d.Saved = a, v.whoHash(), now.UTC().Truncate(time.Second)
	return x.saveDraft(ctx, v.id, v.step.Ref, v.browser, d)
}

func (x *Service) save(w http.ResponseWriter, r *http.Request, v *visit, a form.Answers, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	if a.Empty() {
		return web.Redirect(w, r, v.base()+"?leer=1")
	}
	return web.Redirect(w, r, v.base()+"?gespeichert=1")
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
func (x *Service) askMore(w http.ResponseWriter, r *http.Request, v *visit, a form.Answers, reason string, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	p := x.page(r, v, a, nil, now)
	p.For, p.Reason, p.More = x.sealed(v), reason, true
	if err := x.addIntake(r.Context(), v, &p); err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "step", p)
}

// refuse shows the form again with what is wrong in it.
func (x *Service) refuse(w http.ResponseWriter, r *http.Request, v *visit, a form.Answers, problems form.Problems, reason string, now time.Time) error {
	if err := x.keep(r.Context(), v, a, now); err != nil {
		return err
	}
	p := x.page(r, v, a, problems, now)
	p.Fault(true)
	p.For, p.Reason = x.sealed(v), reason
	if v.record && reason == "" {
		p.ReasonProblem = p.T("workflow.record.missing")
	}
	// The same id again: a second press of the button is the same command.
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	if err := x.addIntake(r.Context(), v, &p); err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusUnprocessableEntity, "step", p)
}

// latePage is for somebody whose step was finished by somebody else, or
// handed over, while they were typing.
type latePage struct {
	web.Page
	caseFacts
	Heading string
	Text    string
	Groups  []form.SummaryGroup // what they typed, to copy
}

func (x *Service) tooLate(w http.ResponseWriter, r *http.Request, v *visit, a form.Answers) error {
	st, err := x.step(r.Context(), v.id, v.step.Ref)
	if err != nil {
		return fmt.Errorf("looking who was faster: %w", err)
	}
	p := latePage{Page: x.Site.Page(r, "workflow.late.title")}
	p.caseFacts = x.facts(p.Page, v.c, v.t.Phase)
	p.Heading = p.In(v.t.Title)
	switch {
	case st.State == process.Open && !st.Pause && v.c.Head.Status.Running():
		p.Text = p.T("workflow.late.handed")
	case st.State == process.Open:
		p.Text = p.T("workflow.late.resting")
	case st.State == process.Done || st.State == process.Submitted || st.State == process.Query || st.State == process.Void:
		p.Text = p.T("workflow.late.done", p.T("workflow.role."+cmp.Or(st.By.For, st.By.Role)), p.DateTime(st.At))
	default:
		p.Text = p.T("workflow.late.closed")
	}
	if !a.Empty() {
		p.Groups = v.form.Summary(a, x.env(r.Context(), v.lang, x.Now()))
	}
	return x.pages.Render(w, r, http.StatusConflict, "late", p)
}

// late answers a post to a link that is not good any more. Who had the page
// before sees what they typed; everybody else the page for unknown links.
func (x *Service) late(w http.ResponseWriter, r *http.Request, id string, st process.Step) error {
	v, err := x.before(r, id, st)
	if err != nil {
		return err
	}
	// The same page sent twice: the first one finished the step.
	if cmd := r.PostFormValue("_command"); cmd != "" && st.Cmd == process.Short(cmd) {
		return web.Redirect(w, r, v.after())
	}
	answers := v.form.Read(r.PostForm, "", nil)
	if answers.Empty() {
		return web.ErrUnknownLink
	}
	return x.tooLate(w, r, v, answers)
}

// before opens a step for who had a good link to it when the page was made.
func (x *Service) before(r *http.Request, id string, st process.Step) (*visit, error) {
	token := r.PathValue("token")
	plain, err := x.Links.Open(sealPurpose(id, st.Ref), r.PostFormValue("_for"))
	if err != nil {
		return nil, web.ErrUnknownLink
	}
	v := &visit{id: id, step: st, token: token, lang: lang.From(r.Context())}
	if err := json.Unmarshal(plain, &v.who); err != nil || !x.Links.Check(token, stepLink(id, st.Ref, v.who.Email, v.who.Rev)) {
		return nil, web.ErrUnknownLink
	}
	return v, x.prepare(r.Context(), v)
}

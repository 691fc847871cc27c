package desk

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// showStep is a step at the desk: its form while it is open and somebody may do
// it, else what was answered.
func (x *Service) showStep(w http.ResponseWriter, r *http.Request) error {
	d, v, err := x.enterStep(r)
	if err != nil {
		return err
	}
	if v.Who.Role == "" {
		return x.showAnswers(w, r, d, v)
	}
	answers := v.Draft.Answers
	if v.Draft.Saved.IsZero() && v.Redone() && (!v.Who.Handed || d.overview()) {
		if answers, err = x.lastTime(r.Context(), d, v); err != nil {
			return err
		}
		maps.Copy(answers, v.Draft.Answers) // what the case knows, it knows better now
	}
	if v.Draft.Saved.IsZero() && answers.Empty() {
		if answers, err = x.Begin(r.Context(), v); err != nil {
			return err
		}
	}
	p := x.Show(r, v, answers, nil, x.Now())
	p.Saved, p.Empty = r.URL.Query().Has("gespeichert"), r.URL.Query().Has("leer")
	if d.overview() {
		p.Actions = x.stepActions(p.Page, d, v)
	}
	if p.Rounds, err = x.rounds(r.Context(), p.Page, d, v); err != nil {
		return err
	}
	if err := x.Around(r.Context(), v, &p); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "step", p)
}

// lastTime are the answers of the iteration before, as far as the person may
// read them.
func (x *Service) lastTime(ctx context.Context, d *desk, v *page.Visit) (form.Answers, error) {
	before, err := x.Step(ctx, v.ID, process.Ref{Step: v.Step.Ref.Step, Iteration: v.Step.Iteration - 1})
	if errors.Is(err, table.ErrNotFound) {
		return form.Answers{}, nil
	}
	if err != nil {
		return nil, err
	}
	_, f, err := x.AnsweredBy(ctx, v.Case, before)
	if err != nil {
		return nil, err
	}
	a, _ := d.visible(v.T, f, before.Answers)
	if v.Recording {
		a = cases.WithoutAddresses(a)
	}
	return a, nil
}

// enterStep opens a step at the desk. The role stays empty for who may only
// read it.
func (x *Service) enterStep(r *http.Request) (*desk, *page.Visit, error) {
	d, err := x.enterCase(r)
	if err != nil {
		return nil, nil, err
	}
	key := r.PathValue("step")
	mark, ok := d.Head.Steps[key]
	if t := d.Def.Template(key); !ok || t != nil && !t.HasForm() {
		return nil, nil, web.ErrNotFound
	}
	st, err := x.Step(r.Context(), d.ID, process.Ref{Step: key, Iteration: mark.Iteration})
	if err != nil {
		return nil, nil, err
	}
	t, err := x.TemplateOf(r.Context(), d.Record, st)
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil, web.ErrNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	if !d.overview() && !d.asks(t, st) {
		return nil, nil, web.ErrNotFound
	}
	v := &page.Visit{Case: d.Record, ID: d.ID, Step: st, User: d.user, Own: !d.overview(), Lang: lang.From(r.Context()), Shown: page.ShownForm(r)}
	v.Browser = page.DeskHash(d.ID, st.Ref, process.Address(d.user.Email))
	if st.State == process.Open && !st.Pause && d.Head.Status.Running() {
		v.Who, v.Recording = d.part(t, st)
	}
	return d, v, x.Prepare(r.Context(), v)
}

// part is in which role the person does an open step, and whether they only
// record it for somebody else.
func (d *desk) part(t *process.Template, st process.Step) (process.Asked, bool) {
	email := process.Address(d.user.Email)
	for _, a := range cases.Recipients(st) {
		if a.Email == email {
			return a, false
		}
	}
	if role := d.doer(t); role != "" {
		return process.Asked{Role: role, Email: email}, false
	}
	return process.Asked{Role: d.recorder(), Email: email}, true
}

func (x *Service) receiveStep(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	_, v, err := x.enterStep(r)
	if err != nil {
		return err
	}
	if v.Who.Role == "" || r.PostFormValue("_iteration") != strconv.Itoa(v.Step.Iteration) {
		if cmd := r.PostFormValue("_command"); cmd != "" && v.Step.Cmd == process.Short(cmd) {
			return web.Redirect(w, r, v.After())
		}
		return x.TooLate(w, r, v, v.Form.Read(r.PostForm, "", nil))
	}
	return x.Receive(w, r, v)
}

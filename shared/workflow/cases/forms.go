package cases

import (
	"context"
	"fmt"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// FormOf is the version of a step's form with that hash, "" for the one that the
// process has itself: what a draft or finished answers are of.
func (x *Service) FormOf(ctx context.Context, t *process.Template, hash string) (*form.Form, error) {
	own, err := t.Form()
	if err != nil || hash == "" || hash == own.Hash {
		return own, err
	}
	f, err := x.Forms.Form(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("reading the form of step %s: %w", t.Key, err)
	}
	return f, nil
}

// AnsweredBy is the step with the form that its answers belong to: as it was in
// the version of the process on which it was answered, which need not be the one
// that the case stands on now.
func (x *Service) AnsweredBy(ctx context.Context, c *Record, st process.Step) (*process.Template, *form.Form, error) {
	d := c.Def
	if hash := c.Head.AnsweredOn(st); hash != d.Hash {
		var err error
		if d, err = x.Definition(ctx, hash); err != nil {
			return nil, nil, err
		}
	}
	t := d.Template(st.Ref.Step)
	if t == nil || !t.HasForm() {
		return nil, nil, table.ErrNotFound
	}
	f, err := x.FormOf(ctx, t, st.Form)
	return t, f, err
}

// TemplateOf is what the process says about a step: the version that the case
// stands on, or where that has no such step any more the one on which it was
// answered.
func (x *Service) TemplateOf(ctx context.Context, c *Record, st process.Step) (*process.Template, error) {
	if t := c.Def.Template(st.Ref.Step); t != nil {
		return t, nil
	}
	t, _, err := x.AnsweredBy(ctx, c, st)
	return t, err
}

// LiveForm is the version on which the step begins now: what the office
// published, unless this version of the process can't work with it.
func (x *Service) LiveForm(ctx context.Context, d *process.Definition, t *process.Template) (*form.Form, error) {
	own, err := t.Form()
	if err != nil {
		return nil, err
	}
	f, err := x.Forms.Live(ctx, own)
	if err != nil || f == own {
		return own, err
	}
	if !x.Fits(ctx, d, t, f) {
		return own, nil
	}
	return f, nil
}

// Fits says whether a version of the process can work with a form. It is found
// out once.
func (x *Service) Fits(ctx context.Context, d *process.Definition, t *process.Template, f *form.Form) bool {
	pair := d.Hash + f.Hash
	x.mu.Lock()
	fits, known := x.fitting[pair]
	x.mu.Unlock()
	if known {
		return fits
	}
	lacks := d.Lacks(t, f)
	if len(lacks) > 0 {
		x.Log.WarnContext(ctx, "a published form does not fit a process; its steps keep their own", "step", t.Key, "reason", lacks[0].EN)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fitting[pair] = len(lacks) == 0
	return len(lacks) == 0
}

// Version is how steps, events and drafts name the version of a form.
func Version(t *process.Template, f *form.Form) string {
	if own, err := t.Form(); err == nil && own.Hash == f.Hash {
		return ""
	}
	return f.Hash
}

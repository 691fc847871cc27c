package cases

import (
	"context"
	"fmt"

	"kokoma/shared/form"
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

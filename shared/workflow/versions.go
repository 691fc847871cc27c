package workflow

import (
	"fmt"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// This file is for who publishes versions of the steps' forms: which they are,
// where they are used, what they must keep.

// Forms are the shipped forms that the office may publish versions of, in the
// order of the process.
func (x *Service) Forms() []*form.Form {
	d, err := x.Current()
	if err != nil {
		return nil // the start tells
	}
	var out []*form.Form
	for _, t := range d.Templates {
		if !t.HasForm() {
			continue
		}
		if f, err := t.Form(); err == nil {
			out = append(out, f)
		}
	}
	return out
}

// step finds the step whose form has that id.
func (x *Service) step(id string) (*process.Definition, *process.Template) {
	key, ok := strings.CutPrefix(id, process.FormPrefix)
	d, err := x.Current()
	if !ok || err != nil {
		return nil, nil
	}
	t := d.Template(strings.ToUpper(key))
	if t == nil || !t.HasForm() {
		return nil, nil
	}
	return d, t
}

// Accept says why a version can't be used for its step; nil when it can, or is
// the form of no step.
func (x *Service) Accept(f *form.Form) []lang.Text {
	d, t := x.step(f.ID)
	if t == nil {
		return nil
	}
	return d.Lacks(t, f)
}

// Uses says where the form of an id is used; nil when not here.
func (x *Service) Uses(id string) []lang.Text {
	_, t := x.step(id)
	if t == nil {
		return nil
	}
	return []lang.Text{{
		DE: fmt.Sprintf("Schritt %s %s", t.Key, t.Title.DE),
		EN: fmt.Sprintf("Step %s %s", t.Key, t.Title.In(lang.EN)),
	}}
}

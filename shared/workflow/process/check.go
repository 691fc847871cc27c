package process

import (
	"fmt"
	"slices"

	"kokoma/shared/form"
)

// check says what is wrong between the steps: references, circles, a start.
func (d *Definition) check() []error {
	var faults []error
	for _, t := range d.Templates {
		for _, n := range t.Pre {
			if d.byKey[n.Step] == nil {
				faults = append(faults, fmt.Errorf("%s:1: pre names step %q, which does not exist", t.file, n.Step))
			}
		}
		for _, o := range t.Outcomes {
			if o.Effect == EffectReopen && d.byKey[o.Step] == nil {
				faults = append(faults, fmt.Errorf("%s:1: outcome opens step %q again, which does not exist", t.file, o.Step))
			}
		}
		if len(t.Pre) == 0 && t != d.Templates[0] {
			faults = append(faults, fmt.Errorf("%s:1: step %s has no pre, so it would never open; only the first step has none", t.file, t.Key))
		}
		if t.src == nil && t != d.Templates[0] {
			faults = append(faults, fmt.Errorf("%s:1: step %s has no form", t.file, t.Key))
		}
	}
	return append(faults, d.circles()...)
}

// circles finds steps that wait for each other. A step is looked at once: while
// its needs are followed it is on the path, and meeting it there is a circle.
func (d *Definition) circles() []error {
	var faults []error
	var path []string
	seen := map[string]bool{}
	var follow func(key string)
	follow = func(key string) {
		t := d.byKey[key]
		if at := slices.Index(path, key); at >= 0 {
			faults = append(faults, fmt.Errorf("%s:1: steps wait for each other: %v", t.file, append(path[at:], key)))
			return
		}
		if t == nil || seen[key] {
			return
		}
		seen[key] = true
		path = append(path, key)
		for _, n := range t.Pre {
			follow(n.Step)
		}
		path = path[:len(path)-1]
	}
	for _, t := range d.Templates {
		follow(t.Key)
	}
	return faults
}

// checkAgainst says what refers to questions that the step's form lacks.
func (d *Definition) checkAgainst(t *Template, f *form.Form) []error {
	var faults []error
	fields := map[string]form.Field{}
	required := false
	for _, field := range f.Fields() {
		fields[field.Name] = field
		required = required || field.Required
	}
	if !required {
		faults = append(faults, fmt.Errorf("%s:1: no question of step %s is always required: a mail scanner that presses its button would finish it", t.file, t.Key))
	}
	want := func(what, name string) {
		if _, ok := fields[name]; name != "" && !ok {
			faults = append(faults, fmt.Errorf("%s:1: %s names the question %q, which the form lacks", t.file, what, name))
		}
	}
	for _, n := range t.Roles {
		want("roles", n.Each)
		if n.Each != "" {
			want("roles", n.Role)
		}
		want("roles", n.Email)
		want("roles", n.Name)
		want("roles", n.DeputyField)
	}
	for _, o := range t.Outcomes {
		faults = append(faults, o.When.check(t.file, f)...)
		if o.Effect == EffectQuery {
			want("effect query", QuestionsField)
		}
	}
	for _, next := range d.Templates {
		for _, n := range next.Pre {
			if n.Step == t.Key && n.When != nil {
				faults = append(faults, n.When.check(next.file, f)...)
			}
		}
	}
	return faults
}

func (c *Cond) check(file string, f *form.Form) []error {
	if c == nil {
		return nil
	}
	if _, err := f.CompileExpr(c.Src); err != nil {
		return []error{fmt.Errorf("%s:%d: condition %q: %v", file, c.line, c.Src, err)}
	}
	return nil
}

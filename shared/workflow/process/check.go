package process

import (
	"fmt"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
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
		for _, p := range t.Prefill {
			if from := d.byKey[p.Step]; from == nil || !from.HasForm() {
				faults = append(faults, fmt.Errorf("%s:%d: prefill takes from step %q, which does not exist or has no form", t.file, p.line, p.Step))
			}
		}
		if t.OpensOn != "" && t.src == nil {
			faults = append(faults, fmt.Errorf("%s:1: step %s has opens_on and no form", t.file, t.Key))
		}
		if len(t.Pre) == 0 && t.OpensOn == "" && t != d.Templates[0] {
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
	var errs []error
	for _, w := range d.wants(t, f) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", w.file, w.line, w.text.EN))
	}
	return errs
}

// Lacks says why the step can't be done with a version of its form that the
// office made: what roles, outcomes and other steps ask for must be there as it
// is in the step's own form.
func (d *Definition) Lacks(t *Template, f *form.Form) []lang.Text {
	own, err := t.Form()
	if err != nil {
		return nil // Compile tells
	}
	out := f.Lacks(own, d.reliesOn(t)...)
	for _, w := range d.wants(t, f) {
		if !lackAny(f, w.names) {
			out = append(out, w.text)
		}
	}
	return append(out, t.exposes(own, f)...)
}

// lackAny says whether a question is missing, which was said already.
func lackAny(f *form.Form, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, ok := f.Field(name)
		return !ok
	})
}

// surveyFields are the answers that plan a survey.
var surveyFields = []string{"survey_mode", "expected_count", "window_from", "window_to", "addresses"}

// reliesOn are the questions of a step that something else asks for.
func (d *Definition) reliesOn(t *Template) []string {
	var out []string
	add := func(names ...string) {
		for _, name := range names {
			if name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	for _, n := range t.Roles {
		add(n.Each, n.Email, n.Name, n.DeputyField)
		if n.Each != "" {
			add(n.Role)
		}
	}
	for _, o := range t.Outcomes {
		add(o.When.names()...)
		if o.Effect == EffectQuery {
			add(QuestionsField)
		}
	}
	for _, q := range d.asks(t) {
		add(q.name)
	}
	for _, next := range d.Templates {
		for _, n := range next.Pre {
			if n.Step == t.Key {
				add(n.When.names()...)
			}
		}
	}
	if t.Survey != "" {
		add(surveyFields...)
	}
	return out
}

// want is something that the process asks of a form and does not find.
type want struct {
	file  string
	line  int
	names []string // of the questions that it is about
	text  lang.Text
}

func (d *Definition) wants(t *Template, f *form.Form) []want {
	var out []want
	if !slices.ContainsFunc(f.Fields(), func(field form.Field) bool { return field.Required && !t.prefills(field.Name) }) {
		out = append(out, want{file: t.file, line: 1, text: lang.Text{
			DE: fmt.Sprintf("Keine Frage von Schritt %s ist immer Pflicht. Ein Mail-Prüfprogramm, das den Knopf drückt, würde ihn abschließen; bitte machen Sie eine Frage zur Pflichtfrage.", t.Key),
			EN: fmt.Sprintf("no question of step %s is always required: a mail scanner that presses its button would finish it", t.Key),
		}})
	}
	question := func(what, name string) {
		if _, ok := f.Field(name); name != "" && !ok {
			out = append(out, want{t.file, 1, []string{name}, lang.Text{
				DE: fmt.Sprintf("%s nennt die Frage „%s“, die dem Formular fehlt.", what, name),
				EN: fmt.Sprintf("%s names the question %q, which the form lacks", what, name),
			}})
		}
	}
	for _, n := range t.Roles {
		question("roles", n.Each)
		if n.Each != "" {
			question("roles", n.Role)
		}
		question("roles", n.Email)
		question("roles", n.Name)
		question("roles", n.DeputyField)
	}
	for _, o := range t.Outcomes {
		out = append(out, o.When.check(t.file, f)...)
		if o.Effect == EffectQuery {
			question("effect query", QuestionsField)
		}
	}
	for _, q := range d.asks(t) {
		out = append(out, q.check(f)...)
	}
	out = append(out, d.spills(t, f)...)
	for _, next := range d.Templates {
		for _, n := range next.Pre {
			if n.Step == t.Key && n.When != nil {
				out = append(out, n.When.check(next.file, f)...)
			}
		}
	}
	return out
}

// prefills says whether a question is answered when the form is opened: that
// does not keep a mail scanner from finishing the step.
func (t *Template) prefills(name string) bool {
	return slices.ContainsFunc(t.Prefill, func(p Prefill) bool { return p.Question == name })
}

func (c *Cond) names() []string {
	if c == nil || c.expr == nil {
		return nil
	}
	return c.expr.Names()
}

func (c *Cond) check(file string, f *form.Form) []want {
	if c == nil {
		return nil
	}
	if _, err := f.CompileExpr(c.Src); err != nil {
		return []want{{file, c.line, c.names(), lang.Text{
			DE: fmt.Sprintf("Die Bedingung %q des Ablaufs passt nicht zum Formular: %v", c.Src, err),
			EN: fmt.Sprintf("condition %q: %v", c.Src, err),
		}}}
	}
	return nil
}

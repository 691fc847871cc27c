package process

import (
	"fmt"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// asked is a question that the process relies on, and of which kind it has to be.
type asked struct {
	file  string
	line  int
	what  string   // the key of the step's file that names it
	name  string   // of the question
	types []string // allowed; none: any
	in    string   // the repeat that it has to stand in
}

// asks are the questions of a step that rhythms, effects, records and prefilled
// answers of this and of other steps name.
func (d *Definition) asks(t *Template) []asked {
	var out []asked
	add := func(of *Template, line int, what, name, in string, types ...string) {
		if name != "" {
			out = append(out, asked{of.file, line, what, name, types, in})
		}
	}
	if t.Repeat != nil {
		add(t, t.Repeat.line, "repeat: on", t.Repeat.On, "", "date")
	}
	for _, o := range t.Outcomes {
		add(t, o.line, "outcome: reason", o.Reason, "", "text")
		add(t, o.line, "outcome: follow_up", o.Follow, "", "date")
	}
	for _, r := range t.Records {
		add(t, r.line, "records: each", r.Each, "", "repeat")
		add(t, r.line, "records: title", r.Title, r.Each, "text")
		add(t, r.line, "records: state", r.State, r.Each, "select_one")
		add(t, r.line, "records: due", r.Due, r.Each, "date")
		add(t, r.line, "records: version", r.Version, "")
	}
	if s := t.Settings; s != nil {
		add(t, s.line, "settings: window", s.Window, "", "select_one")
		add(t, s.line, "settings: paper", s.Paper, "", "select_one")
	}
	for _, p := range t.Prefill {
		add(t, p.line, "prefill: question", p.Question, "")
	}
	for _, of := range d.Templates {
		if of.Repeat != nil && len(of.Pre) > 0 && of.Pre[0].Step == t.Key {
			add(of, of.Repeat.line, "repeat: first", of.Repeat.First, "", "date")
		}
		for _, p := range of.Prefill {
			if p.Step == t.Key {
				add(of, p.line, "prefill: from", p.From, "", d.typeOf(of, p.Question)...)
			}
		}
	}
	return out
}

// typeOf is the type of a question, so that an answer fits where it is put.
func (d *Definition) typeOf(t *Template, name string) []string {
	f, err := t.Form()
	if err != nil {
		return nil // Compile tells
	}
	field, ok := f.Field(name)
	if !ok {
		return nil
	}
	return []string{field.Type}
}

func (q asked) check(f *form.Form) []want {
	field, ok := f.Field(q.name)
	if !ok {
		return []want{{q.file, q.line, []string{q.name}, lang.Text{
			DE: fmt.Sprintf("%s nennt die Frage „%s“, die dem Formular fehlt.", q.what, q.name),
			EN: fmt.Sprintf("%s names the question %q, which the form lacks", q.what, q.name),
		}}}
	}
	if field.Repeat != q.in {
		return []want{q.wrong(fmt.Sprintf("nicht an ihrem Platz (Liste „%s“)", q.in), fmt.Sprintf("not where it has to be, in repeat %q", q.in))}
	}
	if len(q.types) > 0 && !slices.Contains(q.types, field.Type) {
		return []want{q.wrong("vom Typ "+field.Type+" statt "+q.types[0], "of type "+field.Type+", wanted is "+q.types[0])}
	}
	return nil
}

func (q asked) wrong(de, en string) want {
	return want{q.file, q.line, []string{q.name}, lang.Text{
		DE: fmt.Sprintf("%s nennt die Frage „%s“; sie ist %s.", q.what, q.name, de),
		EN: fmt.Sprintf("%s names the question %q, which is %s", q.what, q.name, en),
	}}
}

// spills says which prefilled answers would show more people what is meant for
// fewer: what is sensitive stays sensitive, what is the tandem's stays theirs.
func (d *Definition) spills(t *Template, f *form.Form) []want {
	var out []want
	for _, p := range t.Prefill {
		from := d.byKey[p.Step]
		if from == nil {
			continue
		}
		of, err := from.Form()
		if err != nil {
			continue // Compile tells
		}
		source, ok := of.Field(p.From)
		into, has := f.Field(p.Question)
		if ok && has && (from.TandemOnly(source) && !t.TandemOnly(into) || source.Class == sensitive && into.Class != sensitive) {
			out = append(out, want{t.file, p.line, []string{p.Question}, copied(p.Question, p.From)})
		}
	}
	return out
}

// Package codebook says what a form asks, in words: every variable with its
// names, type, options, bounds and conditions. Who reads it need not know
// XLSForm.
package codebook

import (
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// Book is the codebook of one version of a form in one language.
type Book struct {
	FormID, Version, Hash string
	Title                 string
	Lang                  lang.Lang
	Entries               []Entry // in the order of the form
}

// Entry is a variable, or what stands between variables: a page, a group, a
// repeat, a note.
type Entry struct {
	Name    string
	Path    string   // with the repeats that it stands in: "actors.contacts.phone"
	Aliases []string // earlier names
	Page    string   // the label of its page
	Depth   int      // how many groups and repeats are around it
	// Structure says that it has no answer of its own: a page, a group, a repeat,
	// a note.
	Structure bool
	Type      string // in words: "eine Auswahl"
	TypeCode  string // as authors write it: "select_one yn"

	Label, Hint, Guidance string
	Options               []Option
	List                  string // name of the choice list
	Bounds                string // in words

	// Conditions in words; "" is none.
	Relevant          string // its own
	Around            string // those of the groups and repeats around it
	Required          string // "ja", or when
	Constraint        string
	ConstraintMessage string
	Calculation       string
	Default           string
	ChoiceFilter      string
	Rows              string // how many rows a repeat has
	Checks            []Check

	Scale, Construct, Reversed string
	Indicator, Wave            string
	Role, Step                 string
	Class, Sensitive           string // in words
	ClassCode                  string // org case sens pers rec anon
}

// Option is a choice with its code.
type Option struct {
	Code, Label string
}

// Check is one of the further rules: when it holds, people see the message.
type Check struct {
	When, Level, Message string
}

// Of is the codebook of a form.
func Of(f *form.Form, l lang.Lang) Book {
	w := &writer{form: f, lang: l, labels: map[string]lang.Text{}}
	survey := f.Definition().Survey
	w.learn(survey)
	w.list(survey, place{})
	return Book{
		FormID: f.ID, Version: f.Version, Hash: f.Hash, Title: f.Title.In(l), Lang: l, Entries: w.entries,
	}
}

// Entry is the entry of a question.
func (b Book) Entry(name string) (Entry, bool) {
	for _, e := range b.Entries {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

type writer struct {
	form    *form.Form
	lang    lang.Lang
	labels  map[string]lang.Text // also of groups
	entries []Entry
}

// place is where an entry stands.
type place struct {
	page   string
	path   string
	depth  int
	around []string // conditions
}

// learn takes down what everything is called, before conditions speak of it.
func (w *writer) learn(qs []*define.Question) {
	for _, q := range qs {
		w.labels[q.Name] = q.Label
		w.learn(q.Children)
	}
	for _, f := range w.form.Fields() {
		w.labels[f.Name] = f.Label // what or_other adds, too
	}
}

func (w *writer) list(qs []*define.Question, p place) {
	for _, q := range qs {
		e := w.entry(q, p)
		w.entries = append(w.entries, e)
		if strings.HasSuffix(q.Type, " or_other") {
			w.entries = append(w.entries, w.other(q, e, p))
		}
		if len(q.Children) > 0 {
			w.list(q.Children, w.inside(q, e, p))
		}
	}
}

// inside is the place of what stands in a group or repeat.
func (w *writer) inside(q *define.Question, e Entry, p place) place {
	if p.depth == 0 && q.Type == "group" {
		p.page = e.Label
	}
	if q.Type == "repeat" {
		p.path += q.Name + "."
	}
	if e.Relevant != "" {
		p.around = append(p.around[:len(p.around):len(p.around)], e.Relevant)
	}
	p.depth++
	return p
}

func (w *writer) entry(q *define.Question, p place) Entry {
	kind := kindOf(q)
	e := Entry{
		Name: q.Name, Path: p.path + q.Name, Aliases: strings.Fields(q.Alias), Page: p.page, Depth: p.depth,
		Structure: kind.In(define.Group, define.Repeat, define.Note),
		Type:      w.say("codebook.kind." + kindKeys[kind]), TypeCode: q.Type,
		Label: q.Label.In(w.lang), Hint: q.Hint.In(w.lang), Guidance: q.GuidanceHint.In(w.lang),
		Around: w.all(p.around), Default: w.preset(q),
		ConstraintMessage: q.ConstraintMessage.In(w.lang),
		Scale:             q.Scale, Construct: q.Construct, Reversed: w.yes(q.Reversed),
		Indicator: q.Indicator, Wave: q.Wave, Role: q.Role, Step: q.Step, Sensitive: w.yes(q.Sensitive), ClassCode: q.Class,
	}
	if key := "codebook.class." + q.Class; q.Class != "" && known(key) {
		e.Class = w.say(key)
	}
	if p.depth == 0 && kind == define.Group {
		e.Type = w.say("codebook.kind.page")
	}
	if f, ok := w.form.Field(q.Name); ok {
		e.List, e.Scale = f.List, f.Scale
		for _, c := range f.Choices {
			e.Options = append(e.Options, Option{c.Name, c.Label.In(w.lang)})
		}
	}
	w.rules(q, kind, &e)
	return e
}

func (w *writer) rules(q *define.Question, kind define.Kind, e *Entry) {
	e.Bounds = w.bounds(q, kind)
	e.Relevant = w.words(q.Name, q.Relevant)
	e.Required = w.required(q)
	e.Constraint = w.words(q.Name, q.Constraint)
	e.Calculation = w.words(q.Name, q.Calculation)
	e.ChoiceFilter = w.words(q.Name, q.ChoiceFilter)
	e.Rows = w.words(q.Name, q.RepeatCount)
	for _, c := range q.Checks {
		level := c.Level
		if key := "codebook.level." + level; known(key) {
			level = w.say(key)
		}
		e.Checks = append(e.Checks, Check{When: w.words(q.Name, c.When), Level: level, Message: c.Message.In(w.lang)})
	}
}

// other is the text that or_other asks for.
func (w *writer) other(q *define.Question, of Entry, p place) Entry {
	f, ok := w.form.Field(q.Name + "_other")
	if !ok {
		return Entry{}
	}
	e := w.entry(&define.Question{
		Type: "text", Name: f.Name, Label: f.Label, Class: f.Class, Role: q.Role, Wave: q.Wave, Step: q.Step, Sensitive: q.Sensitive,
		Relevant: "selected(${" + q.Name + "}, 'other')",
	}, p)
	for _, alias := range of.Aliases {
		e.Aliases = append(e.Aliases, alias+"_other")
	}
	return e
}

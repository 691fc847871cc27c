package form

import (
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// View is a page of a form, ready for the templates: all decisions are made.
type View struct {
	Faults
	Enter string   // name of the hidden first button, for the Enter key
	Intro *Control // hint and problems of the page itself
	Items []Item
	Live  *Live // what the script says; nil where it has nothing to do
}

// Item is one thing on the page; exactly one of its fields is set.
type Item struct {
	Input  *Input
	Area   *Input
	Radios *Options
	Checks *Options
	Select *Options
	Tick   *Tick
	Matrix *Matrix
	Rank   *Ranking
	Group  *Group
	Repeat *Repeat
	Note   *Note
	Output *Output
	Early  *Early
}

// Control is what all that is asked has in common.
type Control struct {
	ID, Name      string
	Class         string // field, field invalid, field doubtful
	Label         string
	Marker        string // "Pflichtfeld"
	Hint          string
	HintID        string
	Guidance      string // more to read, folded away
	GuidanceTitle string
	DescribedBy   string // ids of hint and problems
	Invalid       bool
	Errors        []Said
	Remarks       []Said
	Warning       *Doubt
}

// Said is a message at a field.
type Said struct {
	ID, Prefix, Text string
}

// Doubt is a warning with the box that confirms it.
type Doubt struct {
	ID, Prefix string
	Texts      []string
	Confirm    Offer
}

// Input is a field of one line, or of many.
type Input struct {
	Control
	Type         string // text, email, tel
	Size         string // class: short, narrow
	Mode         string // inputmode
	Autocomplete string
	Value        string
	Found        string // what a municipality's key stands for
	Pick         *Options
	Search       *Button
	Most         int // characters that the script counts down from; 0: it does not
}

// Options are choices: radio buttons, boxes or a select.
type Options struct {
	Control
	Layout  string // class: likert
	Empty   string // of a select: the choice of nothing
	Long    bool   // of a select: the script puts a search above it
	Options []Offer
}

// Ranking asks for an order: a select for each place, all with one name.
type Ranking struct {
	Control
	Places []Options
}

// Offer is one choice.
type Offer struct {
	ID, Name, Value, Label string
	Class                  string // exclusive or na
	Checked                bool
}

// Tick is a single box.
type Tick struct {
	Control
	Offer Offer
}

// Matrix is a table of questions with the same choices.
type Matrix struct {
	Control
	Hidden  bool // the label is the page's title already
	Columns []Column
	Rows    []Options
}

// Column is the head of a matrix column.
type Column struct {
	Label, Class string
}

// Group stands around items.
type Group struct {
	Control
	Items []Item
}

// Repeat is a list of rows.
type Repeat struct {
	Control
	RowsName string // control that says how many rows are shown
	Count    int
	Rows     []Row
	Add      *Button
}

// Row is one row.
type Row struct {
	ID, Label string
	Items     []Item
	Buttons   []Button
}

// Button changes the form itself.
type Button struct {
	Name, Label string
}

// Note is text between questions.
type Note struct {
	ID, Class  string
	Title      string
	Paragraphs []string
}

// Output is an answer that can't be changed here.
type Output struct {
	Control
	Values []string
}

// mostRadios is how many choices are shown as radio buttons before they become
// a select.
const mostRadios = 12

// View prepares a page, "" for the whole form, with the problems that Check
// found, nil for none. Only what is relevant is in it.
func (f *Form) View(a Answers, page string, p Problems, e Env) View {
	st := f.look(a, e)
	s := &stage{
		st: st, lang: st.env.Lang, here: page, problems: map[string][]Problem{},
		conditions: map[placed]condition{}, moving: map[*model.Node]bool{},
	}
	for _, q := range p {
		s.problems[q.Field] = append(s.problems[q.Field], q)
	}
	v := View{
		Faults: NewFaults(p, a, s.lang, func(q Problem) string { return "#" + q.ID() }),
		Enter:  sayIn(s.lang, "form.enter"),
	}
	for _, n := range f.model.Top {
		switch {
		case page == "":
			v.Items = s.append(v.Items, st.top, n)
		case n.PageName() == page && st.top.isRelevant(n):
			v.Intro, v.Items = s.page(n)
		}
	}
	if s.scripted {
		v.Live = s.live()
	}
	return v
}

// stage builds a View.
type stage struct {
	st       *state
	lang     lang.Lang
	problems map[string][]Problem

	here       string // the page
	scripted   bool   // the script has something to do
	ahead      *Early // what is put ready for the script; nil while showing what is relevant
	conditions map[placed]condition
	moving     map[*model.Node]bool
}

func (s *stage) say(key string, args ...entry.Spoken) string { return sayIn(s.lang, key, args...) }

// page shows a top-level group, whose label is the title of the page.
func (s *stage) page(n *model.Node) (*Control, []Item) {
	if n.Matrix() {
		m := s.matrix(s.st.top, n)
		m.Hidden = true
		return nil, []Item{{Matrix: m}}
	}
	c := s.control(s.st.top, n)
	var items []Item
	for _, child := range n.Inner {
		items = s.append(items, s.st.top, child)
	}
	if c.Hint == "" && c.DescribedBy == "" {
		return nil, items
	}
	return &c, items
}

func (s *stage) item(fr *frame, n *model.Node) Item {
	switch {
	case n.Kind == define.Note:
		return Item{Note: s.note(fr, n)}
	case n.Kind == define.Calculate || n.ShownOnly():
		return Item{Output: s.output(fr, n)}
	case n.Matrix():
		return Item{Matrix: s.matrix(fr, n)}
	case n.Kind == define.Group:
		return Item{Group: s.group(fr, n)}
	case n.Kind == define.Repeat:
		return Item{Repeat: s.repeat(fr, n)}
	case n.Kind == define.Range && n.Bounds.Short():
		return Item{Radios: s.steps(fr, n)}
	case n.Kind == define.Rank:
		return Item{Rank: s.ranking(fr, n)}
	case n.Kind == define.One && !n.Looks("minimal") && len(n.Options.Choices) <= mostRadios:
		return Item{Radios: s.options(fr, n, fr.understood(n).Text)}
	case n.Kind == define.One:
		return Item{Select: s.list(fr, n)}
	case n.Kind == define.Many:
		return Item{Checks: s.options(fr, n, fr.typed(n).Choices...)}
	case n.Kind == define.Acknowledge:
		return Item{Tick: s.tick(fr, n)}
	case n.Kind == define.Area:
		return Item{Area: s.input(fr, n)}
	}
	return Item{Input: s.input(fr, n)}
}

// control makes label, hint and problems of a field.
func (s *stage) control(fr *frame, n *model.Node) Control {
	path := fr.path(n)
	c := Control{ID: fieldID(path), Name: path, Label: n.Label.In(s.lang), Hint: s.hint(n)}
	if n.Kind.Answered() && !n.ShownOnly() && fr.isRequired(n) || n.Kind == define.Repeat && (n.Least > 0 || fr.isRequired(n)) {
		c.Marker = s.say("form.marker.required")
	}
	var described []string
	if c.Hint != "" {
		c.HintID = c.ID + "-hint"
		described = append(described, c.HintID)
	}
	if guidance := n.GuidanceHint.In(s.lang); guidance != "" {
		c.Guidance, c.GuidanceTitle = guidance, s.say("form.guidance")
	}
	described = append(described, s.said(&c, path)...)
	c.DescribedBy = strings.Join(described, " ")
	c.Class = "field"
	switch {
	case c.Invalid:
		c.Class = "field invalid"
	case c.Warning != nil && !c.Warning.Confirm.Checked:
		c.Class = "field doubtful"
	}
	return c
}

// said puts the problems of a field to it and returns their ids.
func (s *stage) said(c *Control, path string) []string {
	var ids []string
	for _, q := range s.problems[path] {
		text := q.Message.In(s.lang)
		switch q.Level {
		case Error:
			c.Invalid = true
			ids = append(ids, c.ID+"-problem"+suffix(len(c.Errors)))
			c.Errors = append(c.Errors, Said{ids[len(ids)-1], s.say("form.prefix.error"), text})
		case Hint:
			ids = append(ids, c.ID+"-remark"+suffix(len(c.Remarks)))
			c.Remarks = append(c.Remarks, Said{ids[len(ids)-1], s.say("form.prefix.remark"), text})
		case Warning:
			if c.Warning == nil {
				c.Warning = s.doubt(c.ID, path)
				ids = append(ids, c.Warning.ID)
			}
			c.Warning.Texts = append(c.Warning.Texts, text)
		}
	}
	return ids
}

func suffix(i int) string {
	if i == 0 {
		return ""
	}
	return "-" + entry.Count(i+1).In(lang.DE)
}

func (s *stage) doubt(id, path string) *Doubt {
	return &Doubt{
		ID: id + "-warning", Prefix: s.say("form.prefix.warning"),
		Confirm: Offer{
			ID: id + "-confirm", Name: confirmControl + path, Value: "1",
			Label: s.say("form.confirm"), Checked: s.st.top.answers.Confirmed(path),
		},
	}
}

func (s *stage) note(fr *frame, n *model.Node) *Note {
	note := &Note{ID: fieldID(fr.path(n)), Class: "note", Paragraphs: paragraphs(n.Label.In(s.lang))}
	if n.Looks("notice") {
		note.Class = "note notice"
	}
	if n.Hint.DE != "" {
		note.Title = n.Label.In(s.lang)
		note.Paragraphs = paragraphs(n.Hint.In(s.lang))
	}
	return note
}

// paragraphs are divided by empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (s *stage) output(fr *frame, n *model.Node) *Output {
	o := &Output{Control: s.control(fr, n), Values: words{s.lang}.values(fr, n)}
	if len(o.Values) == 0 {
		o.Values = []string{s.say("form.empty")}
	}
	return o
}

func (s *stage) group(fr *frame, n *model.Node) *Group {
	g := &Group{Control: s.control(fr, n)}
	for _, child := range n.Inner {
		g.Items = s.append(g.Items, fr, child)
	}
	return g
}

package form

import (
	"slices"
	"strings"
	"time"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// state is one look at one set of answers. What is relevant and what answers
// mean is worked out when first asked for, and then known.
type state struct {
	form *Form
	env  Env
	top  *frame
	rows map[*model.Node][]*frame
}

// frame holds the answers of the form, or of one row of a repeat.
type frame struct {
	st       *state
	answers  Answers
	repeat   *model.Node // nil for the form
	row      int
	relevant []known
	values   []memo
}

type known uint8

const (
	notKnown known = iota
	yes
	no
)

type memo struct {
	done       bool
	understood bool
	value      expr.Value
	answer     entry.Answer
}

func (f *Form) look(a Answers, e Env) *state {
	if e.Lang == "" {
		e.Lang = lang.DE
	}
	if e.Today.IsZero() && !e.Now.IsZero() {
		e.Today = lang.DateOf(e.Now)
	}
	st := &state{form: f, env: e}
	st.top = st.frame(a, nil, -1, f.model.Slots)
	return st
}

func (st *state) frame(a Answers, repeat *model.Node, row, slots int) *frame {
	return &frame{
		st: st, answers: a, repeat: repeat, row: row,
		relevant: make([]known, slots), values: make([]memo, slots),
	}
}

// framesOf are the rows of a repeat, empty ones too.
func (st *state) framesOf(repeat *model.Node) []*frame {
	if rows, ok := st.rows[repeat]; ok {
		return rows
	}
	var rows []*frame
	for i, a := range st.top.answers.Rows(repeat.Name) {
		rows = append(rows, st.frame(a, repeat, i, repeat.Slots))
	}
	if st.rows == nil {
		st.rows = map[*model.Node][]*frame{}
	}
	st.rows[repeat] = rows
	return rows
}

// filled are the rows in which something stands.
func (st *state) filled(repeat *model.Node) []*frame {
	var rows []*frame
	for _, fr := range st.framesOf(repeat) {
		if !fr.empty(repeat) {
			rows = append(rows, fr)
		}
	}
	return rows
}

// empty says that people answered nothing in a row, or in a group of it: what
// is preset, was put in by the platform or is not asked any more does not
// count.
func (fr *frame) empty(n *model.Node) bool {
	for _, child := range n.Inner {
		if !fr.untouched(child) && fr.isRelevant(child) {
			return false
		}
	}
	return true
}

func (fr *frame) untouched(n *model.Node) bool {
	if n.Kind == define.Group {
		return fr.empty(n)
	}
	v := fr.answers[n.Name]
	if !n.Kind.Answered() || n.ShownOnly() || v.Empty() {
		return true
	}
	return n.Default != "" && v.Text+strings.Join(v.Choices, " ") == fr.preset(n)
}

// preset is what stands in the field before anybody answers.
func (fr *frame) preset(n *model.Node) string {
	if n.Preset == nil {
		return n.Default
	}
	return calculated(n.Preset.X.Eval(&around{frame: fr, rule: n.Preset, node: n}))
}

// of is the frame that n's answer stands in, seen from fr.
func (fr *frame) of(n *model.Node) *frame {
	if n.Repeat == nil {
		return fr.st.top
	}
	return fr
}

// isRelevant says whether the question is asked at all.
func (fr *frame) isRelevant(n *model.Node) bool {
	fr = fr.of(n)
	if fr.relevant[n.Slot] == notKnown {
		fr.relevant[n.Slot] = no
		if (n.Parent == nil || fr.isRelevant(n.Parent)) && (n.RelevantIf == nil || fr.holds(n.RelevantIf, n)) {
			fr.relevant[n.Slot] = yes
		}
	}
	return fr.relevant[n.Slot] == yes
}

// holds evaluates a condition for n.
func (fr *frame) holds(r *model.Rule, n *model.Node) bool {
	return r.X.Bool(&around{frame: fr, rule: r, node: n})
}

// typed is what stands in the answers, or the default where nobody answered
// yet.
func (fr *frame) typed(n *model.Node) Value {
	fr = fr.of(n)
	if n.Formula != nil {
		return Value{Text: calculated(fr.value(n))}
	}
	v, there := fr.answers[n.Name]
	if there || n.Default == "" {
		return v
	}
	if n.Kind == define.Many {
		return Value{Choices: strings.Fields(fr.preset(n))}
	}
	return Value{Text: fr.preset(n)}
}

func calculated(v expr.Value) string {
	switch s := v.Text(); s {
	case "NaN", "Infinity", "-Infinity":
		return ""
	default:
		return s
	}
}

// understood is the typed answer in canonical form.
func (fr *frame) understood(n *model.Node) entry.Answer {
	fr = fr.of(n)
	m := &fr.values[n.Slot]
	if !m.understood {
		m.answer = n.Asked().Understand(fr.typed(n).Text, fr.st.register())
		m.understood = true
	}
	return m.answer
}

func (st *state) register() entry.Register {
	return entry.Register{Lookup: st.env.Lookup, Search: st.env.Search}
}

// value is what expressions see: nothing where the question is not asked.
func (fr *frame) value(n *model.Node) expr.Value {
	fr = fr.of(n)
	m := &fr.values[n.Slot]
	if !m.done {
		v := fr.evaluate(n)
		m.done, m.value = true, v
	}
	return m.value
}

func (fr *frame) evaluate(n *model.Node) expr.Value {
	if !fr.isRelevant(n) {
		return expr.Value{}
	}
	if n.Formula != nil {
		return n.Formula.X.Eval(&around{frame: fr, rule: n.Formula, node: n})
	}
	switch n.Kind {
	case define.Many:
		return expr.TextOf(strings.Join(inOrder(n, fr.typed(n).Choices), " "))
	case define.Hidden:
		return expr.TextOf(fr.typed(n).Text)
	}
	a := fr.understood(n)
	switch {
	case a.Fault != "" || a.Text == entry.Unknown:
		return expr.TextOf(a.Text)
	case n.Kind == define.Date || n.Kind == define.Month:
		return expr.DateOf(a.Date)
	case a.Number != nil:
		f, _ := a.Number.Float64()
		return expr.NumberOf(f)
	}
	return expr.TextOf(a.Text)
}

// inOrder puts choices in the order of the list and drops unknown ones.
func inOrder(n *model.Node, names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if _, ok := n.Place[name]; ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return n.Place[a] - n.Place[b] })
	return out
}

// around is what an expression can ask for where it stands.
type around struct {
	frame  *frame
	rule   *model.Rule
	node   *model.Node
	choice string
}

func (a *around) Ref(i int) expr.Value {
	n := a.rule.Refs[i]
	switch {
	case n.Kind == define.Repeat:
		return expr.NodesOf(make([]expr.Value, len(a.relevantRows(n))))
	case n.Repeat == nil || n.Repeat == a.frame.repeat:
		return a.frame.value(n)
	}
	var values []expr.Value
	for _, fr := range a.relevantRows(n.Repeat) {
		if fr.isRelevant(n) {
			values = append(values, fr.value(n))
		}
	}
	return expr.NodesOf(values)
}

func (a *around) relevantRows(repeat *model.Node) []*frame {
	if !a.frame.isRelevant(repeat) {
		return nil
	}
	return a.frame.st.filled(repeat)
}

func (a *around) Self() expr.Value                     { return a.frame.value(a.node) }
func (a *around) Choice(string) expr.Value             { return expr.TextOf(a.choice) }
func (a *around) Today() lang.Date                     { return a.frame.st.env.Today }
func (a *around) Now() time.Time                       { return a.frame.st.env.Now }
func (a *around) Row(up int) int                       { return 0 }
func (a *around) Indexed(int, []int, []int) expr.Value { return expr.Value{} }
func (a *around) ChoiceName(int, string) string        { return "" }

// offered says whether the choice filter lets a choice through.
func (fr *frame) offered(n *model.Node, choice string) bool {
	return n.OfferedIf == nil || n.OfferedIf.X.Bool(&around{frame: fr, rule: n.OfferedIf, node: n, choice: choice})
}

// isRequired says whether the question must be answered now.
func (fr *frame) isRequired(n *model.Node) bool {
	return n.Always || n.RequiredIf != nil && fr.holds(n.RequiredIf, n)
}

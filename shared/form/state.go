package form

import (
	"slices"
	"strings"

	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// state is one look at one set of answers. What is relevant and what answers
// mean is worked out when first asked for, and then known.
type state struct {
	form *Form
	env  Env
	top  *frame
	rows map[*node][]*frame
}

// frame holds the answers of the form, or of one row of a repeat.
type frame struct {
	st       *state
	answers  Answers
	repeat   *node // nil for the form
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
	answer     answer
}

func (f *Form) look(a Answers, e Env) *state {
	if e.Lang == "" {
		e.Lang = lang.DE
	}
	if e.Today.IsZero() && !e.Now.IsZero() {
		e.Today = lang.DateOf(e.Now)
	}
	st := &state{form: f, env: e}
	st.top = st.frame(a, nil, -1, f.slots)
	return st
}

func (st *state) frame(a Answers, repeat *node, row, slots int) *frame {
	return &frame{
		st: st, answers: a, repeat: repeat, row: row,
		relevant: make([]known, slots), values: make([]memo, slots),
	}
}

// framesOf are the rows of a repeat, empty ones too.
func (st *state) framesOf(repeat *node) []*frame {
	if rows, ok := st.rows[repeat]; ok {
		return rows
	}
	var rows []*frame
	for i, a := range st.top.answers.Rows(repeat.Name) {
		rows = append(rows, st.frame(a, repeat, i, repeat.slots))
	}
	if st.rows == nil {
		st.rows = map[*node][]*frame{}
	}
	st.rows[repeat] = rows
	return rows
}

// filled are the rows in which something stands.
func (st *state) filled(repeat *node) []*frame {
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
func (fr *frame) empty(n *node) bool {
	for _, child := range n.children {
		if !fr.untouched(child) && fr.isRelevant(child) {
			return false
		}
	}
	return true
}

func (fr *frame) untouched(n *node) bool {
	if n.kind == kindGroup {
		return fr.empty(n)
	}
	v := fr.answers[n.Name]
	if !n.kind.answered() || n.shownReadonly() || v.Empty() {
		return true
	}
	return n.Default != "" && v.Text+strings.Join(v.Choices, " ") == fr.preset(n)
}

// preset is what stands in the field before anybody answers.
func (fr *frame) preset(n *node) string {
	if n.preset == nil {
		return n.Default
	}
	return calculated(n.preset.x.Eval(&around{frame: fr, rule: n.preset, node: n}))
}

// of is the frame that n's answer stands in, seen from fr.
func (fr *frame) of(n *node) *frame {
	if n.repeat == nil {
		return fr.st.top
	}
	return fr
}

// isRelevant says whether the question is asked at all.
func (fr *frame) isRelevant(n *node) bool {
	fr = fr.of(n)
	if fr.relevant[n.slot] == notKnown {
		fr.relevant[n.slot] = no
		if (n.parent == nil || fr.isRelevant(n.parent)) && (n.relevant == nil || fr.holds(n.relevant, n)) {
			fr.relevant[n.slot] = yes
		}
	}
	return fr.relevant[n.slot] == yes
}

// holds evaluates a condition for n.
func (fr *frame) holds(r *rule, n *node) bool {
	return r.x.Bool(&around{frame: fr, rule: r, node: n})
}

// typed is what stands in the answers, or the default where nobody answered
// yet.
func (fr *frame) typed(n *node) Value {
	fr = fr.of(n)
	if n.calculation != nil {
		return Value{Text: calculated(fr.value(n))}
	}
	v, there := fr.answers[n.Name]
	if there || n.Default == "" {
		return v
	}
	if n.kind == kindMany {
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
func (fr *frame) understood(n *node) answer {
	fr = fr.of(n)
	m := &fr.values[n.slot]
	if !m.understood {
		m.answer, m.understood = n.understand(fr.typed(n).Text, fr.st.env), true
	}
	return m.answer
}

// value is what expressions see: nothing where the question is not asked.
func (fr *frame) value(n *node) expr.Value {
	fr = fr.of(n)
	m := &fr.values[n.slot]
	if !m.done {
		v := fr.evaluate(n)
		m.done, m.value = true, v
	}
	return m.value
}

func (fr *frame) evaluate(n *node) expr.Value {
	if !fr.isRelevant(n) {
		return expr.Value{}
	}
	if n.calculation != nil {
		return n.calculation.x.Eval(&around{frame: fr, rule: n.calculation, node: n})
	}
	switch n.kind {
	case kindMany:
		return expr.TextOf(strings.Join(n.inOrder(fr.typed(n).Choices), " "))
	case kindHidden:
		return expr.TextOf(fr.typed(n).Text)
	}
	a := fr.understood(n)
	switch {
	case a.fault != "" || a.text == unknownAnswer:
		return expr.TextOf(a.text)
	case n.kind == kindDate || n.kind == kindMonth:
		return expr.DateOf(a.date)
	case a.number != nil:
		f, _ := a.number.Float64()
		return expr.NumberOf(f)
	}
	return expr.TextOf(a.text)
}

// inOrder puts choices in the order of the list and drops unknown ones.
func (n *node) inOrder(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if _, ok := n.choices[name]; ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return n.choices[a] - n.choices[b] })
	return out
}

// around is what an expression can ask for where it stands.
type around struct {
	frame  *frame
	rule   *rule
	node   *node
	choice string
}

func (a *around) Ref(i int) expr.Value {
	n := a.rule.refs[i]
	switch {
	case n.kind == kindRepeat:
		return expr.NodesOf(make([]expr.Value, len(a.relevantRows(n))))
	case n.repeat == nil || n.repeat == a.frame.repeat:
		return a.frame.value(n)
	}
	var values []expr.Value
	for _, fr := range a.relevantRows(n.repeat) {
		if fr.isRelevant(n) {
			values = append(values, fr.value(n))
		}
	}
	return expr.NodesOf(values)
}

func (a *around) relevantRows(repeat *node) []*frame {
	if !a.frame.isRelevant(repeat) {
		return nil
	}
	return a.frame.st.filled(repeat)
}

func (a *around) Self() expr.Value   { return a.frame.value(a.node) }
func (a *around) Choice() expr.Value { return expr.TextOf(a.choice) }
func (a *around) Today() lang.Date   { return a.frame.st.env.Today }

// offered says whether the choice filter lets a choice through.
func (fr *frame) offered(n *node, choice string) bool {
	return n.filter == nil || n.filter.x.Bool(&around{frame: fr, rule: n.filter, node: n, choice: choice})
}

// isRequired says whether the question must be answered now.
func (fr *frame) isRequired(n *node) bool {
	return n.always || n.required != nil && fr.holds(n.required, n)
}

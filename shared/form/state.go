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
// mean is worked out when first asked for, and then known: so values come in
// the order of their dependencies, which package model has found without
// circles.
type state struct {
	form *Form
	env  Env
	top  *frame
	rows int // that were made, of all repeats together
}

// frame holds the answers of the form, or of one row of a repeat.
type frame struct {
	st       *state
	answers  Answers
	above    *frame      // in which the repeat stands; nil for the form
	repeat   *model.Node // nil for the form
	row      int
	relevant []known
	values   []memo
	rows     map[*model.Node][]*frame
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
	st.top = st.frame(nil, a, nil, -1, f.model.Slots)
	return st
}

func (st *state) frame(above *frame, a Answers, repeat *model.Node, row, slots int) *frame {
	return &frame{
		st: st, above: above, answers: a, repeat: repeat, row: row,
		relevant: make([]known, slots), values: make([]memo, slots),
	}
}

// framesOf are the rows of a repeat that stands in this frame, empty ones too.
func (fr *frame) framesOf(repeat *model.Node) []*frame {
	if rows, ok := fr.rows[repeat]; ok {
		return rows
	}
	answered := fr.answers.Rows(repeat.Name)
	total := len(answered)
	if fr.rows == nil {
		fr.rows = map[*model.Node][]*frame{}
	}
	if repeat.Count != nil {
		// There is no row as long as their number is worked out: package model
		// refuses what would ask for it then.
		fr.rows[repeat] = nil
		total = fr.counted(repeat)
	}
	fr.st.rows += total
	rows := make([]*frame, total)
	for i := range rows {
		a := Answers{}
		if i < len(answered) {
			a = answered[i]
		}
		rows[i] = fr.st.frame(fr, a, repeat, i, repeat.Slots)
	}
	fr.rows[repeat] = rows
	return rows
}

// counted is how many rows repeat_count asks for, up to the bounds of one
// repeat and of all together. What people answered in rows beyond is kept, but
// not there.
func (fr *frame) counted(repeat *model.Node) int {
	return max(0, min(fr.wanted(repeat), maxRows, maxAllRows-fr.st.rows))
}

func (fr *frame) wanted(repeat *model.Node) int {
	n := repeat.Count.X.Eval(&around{frame: fr, rule: repeat.Count, node: repeat}).Number()
	if !(n >= 1) { // not for NaN either
		return 0
	}
	return int(min(n, maxRows+1))
}

// filled are the rows in which something stands, or all where the form says
// how many there are.
func (fr *frame) filled(repeat *model.Node) []*frame {
	all := fr.framesOf(repeat)
	if repeat.Count != nil {
		return all
	}
	var rows []*frame
	for _, row := range all {
		if !row.empty(repeat) {
			rows = append(rows, row)
		}
	}
	return rows
}

// answered are the rows that expressions see: those in which something was
// entered, whether it is still asked or not. As in ODK Web Forms, a row and an
// answer that are not asked any more stay in their place, without a value.
func (fr *frame) answered(repeat *model.Node) []*frame {
	all := fr.framesOf(repeat)
	if repeat.Count != nil {
		return all
	}
	var rows []*frame
	for _, row := range all {
		if !row.blank(repeat) {
			rows = append(rows, row)
		}
	}
	return rows
}

// blank says that nothing was entered in a row, or in a group of it.
func (fr *frame) blank(n *model.Node) bool {
	return !slices.ContainsFunc(n.Inner, func(child *model.Node) bool {
		switch child.Kind {
		case define.Group:
			return !fr.blank(child)
		case define.Repeat:
			return slices.ContainsFunc(fr.framesOf(child), func(row *frame) bool { return !row.blank(child) })
		}
		return !fr.untouched(child)
	})
}

// below are the frames of a repeat's rows, whichever repeats stand between it
// and this frame.
func (fr *frame) below(repeat *model.Node) []*frame {
	if repeat == nil || repeat == fr.repeat {
		return []*frame{fr}
	}
	above := []*frame{fr}
	if repeat.Repeat != fr.repeat {
		above = fr.below(repeat.Repeat)
	}
	var rows []*frame
	for _, f := range above {
		rows = append(rows, f.answered(repeat)...)
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
	if n.Kind == define.Repeat {
		return !slices.ContainsFunc(fr.framesOf(n), func(row *frame) bool { return !row.empty(n) })
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

// of is the frame that n's answer stands in, seen from fr: fr itself or one
// around it.
func (fr *frame) of(n *model.Node) *frame {
	for fr.repeat != n.Repeat && fr.above != nil {
		fr = fr.above
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
	if n.Kind.Several() {
		return Value{Choices: strings.Fields(fr.preset(n))}
	}
	return Value{Text: fr.preset(n)}
}

func calculated(v expr.Value) string { return v.Text() }

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
	case define.Many, define.Rank:
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
	case n.Kind == define.Datetime && a.Text != "":
		return expr.DateTimeOf(a.Moment(), a.Text)
	case n.Kind == define.Time:
		return expr.TimeOf(a.Text)
	case a.Number != nil:
		f, _ := a.Number.Float64()
		if n.Kind == define.Decimal || n.Kind == define.Range && !n.Bounds.Whole() {
			return expr.DecimalOf(f)
		}
		return expr.NumberOf(f)
	}
	return expr.TextOf(a.Text)
}

// inOrder puts choices in the order of the list, or leaves them in the order of
// a ranking, and drops unknown ones.
func inOrder(n *model.Node, names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if _, ok := n.Position[name]; ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if n.Kind != define.Rank {
		slices.SortFunc(out, func(a, b string) int { return n.Position[a] - n.Position[b] })
	}
	return out
}

// around is what an expression can ask for where it stands.
type around struct {
	frame  *frame
	rule   *model.Rule
	node   *model.Node
	choice *Choice
}

func (a *around) Ref(i int) expr.Value {
	n := a.rule.Refs[i]
	if n.Kind != define.Repeat && a.frame.sees(n) {
		return a.frame.value(n)
	}
	var values []expr.Value
	for _, fr := range a.frame.shared(n).below(n.Repeat) {
		if n.Kind == define.Repeat {
			values = append(values, make([]expr.Value, len(fr.answered(n)))...)
		} else {
			values = append(values, fr.value(n))
		}
	}
	return expr.NodesOf(values)
}

// sees says whether n stands in this frame or around it.
func (fr *frame) sees(n *model.Node) bool {
	for ; fr != nil; fr = fr.above {
		if fr.repeat == n.Repeat {
			return true
		}
	}
	return false
}

// shared is the innermost frame around this one in which n stands, at whatever
// depth.
func (fr *frame) shared(n *model.Node) *frame {
	for fr.above != nil && !n.Within(fr.repeat) {
		fr = fr.above
	}
	return fr
}

func (a *around) Self() expr.Value { return a.frame.own(a.node) }

// own is the own answer: of a formula that keeps its value the one that was
// kept.
func (fr *frame) own(n *model.Node) expr.Value {
	if n.Formula != nil {
		return expr.TextOf(fr.of(n).answers.Text(n.Name))
	}
	return fr.value(n)
}

func (a *around) Choice(column string) expr.Value {
	if a.choice == nil {
		return expr.Value{}
	}
	return expr.TextOf(a.choice.Column(column))
}

func (a *around) Today() lang.Date { return a.frame.st.env.Today }
func (a *around) Now() time.Time   { return a.frame.st.env.Now }

// Row counts all rows, so that whether a question is asked can depend on it;
// Clean leaves the empty ones out before.
func (a *around) Row(up int) int {
	fr := a.frame
	for ; up > 0 && fr.above != nil; up-- {
		fr = fr.above
	}
	return fr.row + 1
}

func (a *around) Indexed(i int, repeats, rows []int) expr.Value {
	n, fr := a.rule.Refs[i], a.frame
	for k, r := range repeats {
		repeat := a.rule.Refs[r]
		if repeat.Kind != define.Repeat || !n.Within(repeat) {
			return expr.Missing()
		}
		fr = fr.shared(repeat)
		for fr.above != nil && fr.repeat != repeat.Repeat {
			fr = fr.above
		}
		if fr.repeat != repeat.Repeat {
			return expr.Missing()
		}
		all := fr.framesOf(repeat)
		if rows[k] < 1 || rows[k] > len(all) {
			return expr.Missing()
		}
		fr = all[rows[k]-1]
	}
	if !fr.sees(n) {
		return expr.Missing()
	}
	return fr.value(n)
}

func (a *around) ChoiceName(i int, choice string) string {
	n := a.rule.Refs[i]
	at, ok := n.Position[choice]
	if !ok || !a.frame.of(n).offered(n, &n.Options.Choices[at]) {
		return ""
	}
	return n.Options.Choices[at].Label.In(a.frame.st.env.Lang)
}

// offered says whether the choice filter lets a choice through.
func (fr *frame) offered(n *model.Node, choice *Choice) bool {
	return n.OfferedIf == nil || n.OfferedIf.X.Bool(&around{frame: fr, rule: n.OfferedIf, node: n, choice: choice})
}

// isRequired says whether the question must be answered now.
func (fr *frame) isRequired(n *model.Node) bool {
	return n.Always || n.RequiredIf != nil && fr.holds(n.RequiredIf, n)
}

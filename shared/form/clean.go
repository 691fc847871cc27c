package form

import (
	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
)

// Clean is what is stored when a form is handed in: answers in canonical form
// (0,25 becomes 0.25, 1.3.2026 becomes 2026-03-01), calculations filled in,
// everything dropped that is not relevant, empty, or no question's. Rows in
// which nothing stands are left out, but count until then as they did when the
// page was judged. A default that somebody emptied stays empty: its empty
// answer is kept.
func (f *Form) Clean(a Answers, e Env) Answers {
	st := f.look(a, e)
	out := make(Answers, len(a))
	for _, n := range f.model.Top {
		st.top.clean(n, out)
	}
	return out
}

func (fr *frame) clean(n *model.Node, out Answers) {
	if !fr.isRelevant(n) {
		return
	}
	switch n.Kind {
	case define.Note:
	case define.Group:
		for _, child := range n.Inner {
			fr.clean(child, out)
		}
	case define.Repeat:
		fr.cleanRows(n, out)
	default:
		_, there := fr.of(n).answers[n.Name]
		if v := fr.canonical(n); !v.Empty() || there && n.Default != "" && n.Formula == nil {
			out[n.Name] = v
		}
	}
}

func (fr *frame) cleanRows(n *model.Node, out Answers) {
	var rows []Answers
	for _, row := range fr.of(n).filled(n) {
		clean := Answers{}
		for _, child := range n.Inner {
			row.clean(child, clean)
		}
		rows = append(rows, clean)
	}
	if len(rows) > 0 {
		out[n.Name] = Value{Rows: rows}
	}
}

// canonical is one answer in canonical form.
func (fr *frame) canonical(n *model.Node) Value {
	switch {
	case n.Kind.Several():
		return Value{Choices: inOrder(n, fr.typed(n).Choices)}
	case n.Kind.In(define.Hidden, define.Calculate):
		return Value{Text: fr.typed(n).Text}
	}
	return Value{Text: fr.understood(n).Text}
}

// Settle keeps what a formula with once() has come to, so that it stays: it is
// part of the draft from then on. Call it before a draft is stored.
func (f *Form) Settle(a Answers, e Env) Answers {
	if !f.model.Keeps {
		return a
	}
	st := f.look(a, e)
	for _, n := range f.model.Nodes {
		if !n.Kept {
			continue
		}
		for _, fr := range st.placesOf(n) {
			if text := calculated(fr.value(n)); fr.isRelevant(n) && text != "" {
				fr.answers[n.Name] = Value{Text: text}
				fr.attach()
			}
		}
	}
	return a
}

// attach puts the rows up to this one into the answers: of a counted repeat
// they may be there although nobody posted them yet.
func (fr *frame) attach() {
	if fr.above == nil {
		return
	}
	rows := fr.above.answers.Rows(fr.repeat.Name)
	if fr.row < len(rows) {
		return
	}
	for _, row := range fr.above.framesOf(fr.repeat)[len(rows) : fr.row+1] {
		rows = append(rows, row.answers)
	}
	fr.above.answers[fr.repeat.Name] = Value{Rows: rows}
	fr.above.attach()
}

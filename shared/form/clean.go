package form

import (
	"maps"

	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
)

// Clean is what is stored when a form is handed in: answers in canonical form
// (0,25 becomes 0.25, 1.3.2026 becomes 2026-03-01), calculations filled in,
// everything dropped that is not relevant, empty, or no question's.
func (f *Form) Clean(a Answers, e Env) Answers {
	st := f.look(a, e)
	if len(f.model.Repeats) > 0 && st.top.holes() {
		st = f.look(st.top.compact(), e)
	}
	out := make(Answers, len(a))
	for _, n := range f.model.Top {
		st.top.clean(n, out)
	}
	return out
}

// holes says whether there are rows in which nothing stands.
func (fr *frame) holes() bool {
	for _, n := range fr.st.form.model.Repeats {
		if n.Repeat != fr.repeat || len(fr.answers.Rows(n.Name)) == 0 {
			continue
		}
		rows := fr.filled(n)
		if len(rows) != len(fr.answers.Rows(n.Name)) {
			return true
		}
		for _, row := range rows {
			if row.holes() {
				return true
			}
		}
	}
	return false
}

// compact are the answers without the rows in which nothing stands, so that
// the places of the others are those that are stored.
func (fr *frame) compact() Answers {
	out := maps.Clone(fr.answers)
	for _, n := range fr.st.form.model.Repeats {
		if n.Repeat != fr.repeat || len(fr.answers.Rows(n.Name)) == 0 {
			continue
		}
		var rows []Answers
		for _, row := range fr.filled(n) {
			rows = append(rows, row.compact())
		}
		out[n.Name] = Value{Rows: rows}
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
		if v := fr.canonical(n); !v.Empty() {
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
			}
		}
	}
	return a
}

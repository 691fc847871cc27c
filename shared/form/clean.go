package form

// Clean is what is stored when a form is handed in: answers in canonical form
// (0,25 becomes 0.25, 1.3.2026 becomes 2026-03-01), calculations filled in,
// everything dropped that is not relevant, empty, or no question's.
func (f *Form) Clean(a Answers, e Env) Answers {
	st := f.look(a, e)
	out := Answers{}
	for _, n := range f.top {
		st.top.clean(n, out)
	}
	return out
}

func (fr *frame) clean(n *node, out Answers) {
	if !fr.isRelevant(n) {
		return
	}
	switch n.kind {
	case kindNote:
	case kindGroup:
		for _, child := range n.children {
			fr.clean(child, out)
		}
	case kindRepeat:
		fr.cleanRows(n, out)
	default:
		if v := fr.canonical(n); !v.Empty() {
			out[n.Name] = v
		}
	}
}

func (fr *frame) cleanRows(n *node, out Answers) {
	var rows []Answers
	for _, row := range fr.st.filled(n) {
		clean := Answers{}
		for _, child := range n.children {
			row.clean(child, clean)
		}
		rows = append(rows, clean)
	}
	if len(rows) > 0 {
		out[n.Name] = Value{Rows: rows}
	}
}

// canonical is one answer in canonical form.
func (fr *frame) canonical(n *node) Value {
	switch {
	case n.kind == kindMany:
		return Value{Choices: n.inOrder(fr.typed(n).Choices)}
	case n.kind.in(kindHidden, kindCalculate):
		return Value{Text: fr.typed(n).Text}
	}
	return Value{Text: fr.understood(n).text}
}

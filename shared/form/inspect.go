package form

import (
	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
)

// Look is what a form thinks of one question, group or repeat: whether it is
// asked, and what expressions see of its answer.
type Look struct {
	Field    string
	Relevant bool
	Value    string
}

// Inspect looks at all questions in all rows, in the order of the form. Checks
// that compare the engine with others need it; pages have View.
func (f *Form) Inspect(a Answers, e Env) []Look {
	st := f.look(a, e)
	var out []Look
	for _, n := range f.model.Top {
		out = st.top.inspect(n, out)
	}
	return out
}

func (fr *frame) inspect(n *model.Node, out []Look) []Look {
	l := Look{Field: fr.path(n), Relevant: fr.isRelevant(n)}
	if n.Kind.Answered() || n.Kind.In(define.Hidden, define.Calculate) {
		l.Value = fr.value(n).Text()
	}
	out = append(out, l)
	rows := []*frame{fr}
	if n.Kind == define.Repeat {
		rows = fr.framesOf(n)
	}
	for _, row := range rows {
		for _, child := range n.Inner {
			out = row.inspect(child, out)
		}
	}
	return out
}

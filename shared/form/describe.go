package form

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// Pages are the top-level groups in order.
func (f *Form) Pages() []Page {
	var pages []Page
	for _, n := range f.model.Top {
		if n.Kind == define.Group {
			pages = append(pages, Page{Name: n.Name, Label: n.Label})
		}
	}
	return pages
}

// RelevantPages are the pages that have something to show for these answers.
func (f *Form) RelevantPages(a Answers, e Env) []Page {
	st := f.look(a, e)
	var pages []Page
	for _, n := range f.model.Top {
		if n.Kind == define.Group && st.top.shows(n) {
			pages = append(pages, Page{Name: n.Name, Label: n.Label})
		}
	}
	return pages
}

// shows says whether people see anything of n. A calculation is seen if it has
// a label.
func (fr *frame) shows(n *model.Node) bool {
	if !fr.isRelevant(n) || n.Kind == define.Hidden || n.Kind == define.Calculate && n.Label.DE == "" {
		return false
	}
	if n.Kind != define.Group {
		return true
	}
	for _, child := range n.Inner {
		if fr.shows(child) {
			return true
		}
	}
	return false
}

// Revealed are the questions and notices of a page that became relevant
// between two states of the answers, in order, and that nobody has seen yet:
// the page is worth showing once more before it goes on. What the script has
// shown while the page was filled in is not among them.
func (f *Form) Revealed(before, after Answers, page string, e Env) []string {
	old, now := f.look(before, e), f.look(after, e)
	shown := after.Choices(shownName)
	var fields []string
	for _, n := range f.model.Nodes {
		if page != "" && n.PageName() != page || n.Kind.In(define.Hidden, define.Calculate, define.Group) {
			continue
		}
		for _, fr := range now.placesOf(n) {
			if path := fr.path(n); fr.isRelevant(n) && !old.beside(fr).isRelevant(n) && !slices.Contains(shown, path) {
				fields = append(fields, path)
			}
		}
	}
	return fields
}

// placesOf are the frames that n stands in: the form's, or those of all rows.
func (st *state) placesOf(n *model.Node) []*frame {
	return st.top.below(n.Repeat)
}

// beside is the frame with the place of another state's frame; an empty row
// where there is none.
func (st *state) beside(fr *frame) *frame {
	if fr.above == nil {
		return st.top
	}
	above := st.beside(fr.above)
	if rows := above.framesOf(fr.repeat); fr.row < len(rows) {
		return rows[fr.row]
	}
	return st.frame(above, Answers{}, fr.repeat, fr.row, fr.repeat.Slots)
}

// Fields describes every question and repeat, in order.
func (f *Form) Fields() []Field {
	var out []Field
	for _, n := range f.model.Nodes {
		if !n.Kind.In(define.Note, define.Group) {
			out = append(out, describe(n))
		}
	}
	return out
}

// Field describes one question or repeat.
func (f *Form) Field(name string) (Field, bool) {
	n, ok := f.model.ByName[name]
	if !ok || n.Kind.In(define.Note, define.Group) {
		return Field{}, false
	}
	return describe(n), true
}

func describe(n *model.Node) Field {
	d := Field{
		Name: n.Name, Path: n.Name, Page: n.PageName(), Type: baseType(n), Appearance: n.Appearance,
		List: n.List, Choices: n.Options.Choices, Label: n.Label, Hint: n.Hint, Class: n.Class,
		Construct: n.Construct, Scale: n.Scale, Reversed: n.Reversed == "yes" || n.Reversed == "true",
		Required: n.Always, Aliases: strings.Fields(n.Alias),
	}
	if n.Repeat != nil {
		d.Repeat = n.Repeat.Name
	}
	for r := n.Repeat; r != nil; r = r.Repeat {
		d.Path = r.Name + "." + d.Path
	}
	if d.Scale == "" && n.Construct != "" {
		d.Scale = n.List
	}
	return d
}

func baseType(n *model.Node) string {
	for i, r := range n.Type {
		if r == ' ' {
			return n.Type[:i]
		}
	}
	return n.Type
}

// Expr is an expression over answers, such as the precondition of a step.
type Expr struct {
	rule model.Rule
	form *Form // nil: over any answers
}

// CompileExpr reads an expression over answers of whatever form. Names can't
// be checked; answers should be canonical, as Clean makes them.
func CompileExpr(src string) (*Expr, error) {
	x, err := expr.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("reading the expression %q: %w", src, err)
	}
	open := func(string) (expr.Decl, bool) { return expr.Decl{}, true }
	if _, errs := x.Check(expr.Bool, expr.Scope{Question: open}); len(errs) > 0 {
		return nil, fmt.Errorf("reading the expression %q: %w", src, errs[0])
	}
	return &Expr{rule: model.Rule{X: x}}, nil
}

// CompileExpr reads a condition over answers of this form and checks it as
// those in the definition are.
func (f *Form) CompileExpr(src string) (*Expr, error) {
	r, err := f.model.CompileCondition(src)
	if err != nil {
		return nil, err
	}
	return &Expr{rule: *r, form: f}, nil
}

// Names are the questions that the expression asks for.
func (x *Expr) Names() []string { return x.rule.X.Names() }

// String is the source.
func (x *Expr) String() string { return x.rule.X.String() }

// Bool evaluates the expression.
func (x *Expr) Bool(a Answers, e Env) bool {
	if x.form != nil {
		return x.form.look(a, e).top.holds(&x.rule, nil)
	}
	return x.rule.X.Bool(loose{names: x.Names(), answers: a, today: e.Today, now: e.Now})
}

// Eval compiles and evaluates a condition over answers of this form.
func (f *Form) Eval(src string, a Answers, e Env) (bool, error) {
	x, err := f.CompileExpr(src)
	if err != nil {
		return false, err
	}
	return x.Bool(a, e), nil
}

// loose takes answers as they stand, without a form.
type loose struct {
	names   []string
	answers Answers
	today   lang.Date
	now     time.Time
}

func (l loose) Ref(i int) expr.Value {
	v := l.answers[l.names[i]]
	switch {
	case v.Rows != nil:
		return expr.NodesOf(make([]expr.Value, len(v.Rows)))
	case v.Choices != nil:
		text := ""
		for j, c := range v.Choices {
			if j > 0 {
				text += " "
			}
			text += c
		}
		return expr.TextOf(text)
	}
	return expr.TextOf(v.Text)
}

func (l loose) Self() expr.Value                     { return expr.Value{} }
func (l loose) Choice(string) expr.Value             { return expr.Value{} }
func (l loose) Today() lang.Date                     { return l.today }
func (l loose) Now() time.Time                       { return l.now }
func (l loose) Row(int) int                          { return 0 }
func (l loose) Indexed(int, []int, []int) expr.Value { return expr.Missing() }
func (l loose) ChoiceName(int, string) string        { return "" }

// Definition is what the form was made of, with the lists that it uses. Nobody
// may change it.
func (f *Form) Definition() *Definition { return f.model.Definition }

// Canonical is the definition as it is stored and hashed.
func (f *Form) Canonical() []byte { return bytes.Clone(f.model.Canonical) }

package form

import (
	"strconv"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// SummaryGroup is a page's answers in words, to check before sending or to
// read later.
type SummaryGroup struct {
	Page   string // name of the top-level group, "" for questions outside of any
	Label  string
	Href   string // set by the caller where people may change the answers
	Change string // "Ändern"
	Items  []SummaryItem
}

// SummaryItem is one question and its answer in words.
type SummaryItem struct {
	Name   string
	Label  string
	Class  string
	Values []string // lines or choices; what "no answer" is called, if Empty
	Rows   []SummaryRow
	Empty  bool
}

// SummaryRow is a row of a repeat.
type SummaryRow struct {
	Label string
	Items []SummaryItem
}

// Summary writes the answers in words, page by page: all questions that are
// relevant, also those without an answer.
func (f *Form) Summary(a Answers, e Env) []SummaryGroup {
	st := f.look(a, e)
	w := words{lang: st.env.Lang}
	var groups []SummaryGroup
	for _, n := range f.model.Top {
		if len(groups) == 0 || n.PageName() != "" || groups[len(groups)-1].Page != "" {
			groups = append(groups, SummaryGroup{Page: n.PageName(), Change: sayIn(w.lang, "form.change")})
		}
		g := &groups[len(groups)-1]
		if n.Kind == define.Group {
			g.Label = n.Label.In(w.lang)
		}
		g.Items = append(g.Items, w.items(st.top, n)...)
		if len(g.Items) == 0 {
			groups = groups[:len(groups)-1]
		}
	}
	return groups
}

type words struct {
	lang lang.Lang
}

func (w words) items(fr *frame, n *model.Node) []SummaryItem {
	if !fr.isRelevant(n) || n.Kind == define.Note || n.Label.DE == "" {
		return nil
	}
	if n.Kind == define.Group {
		var out []SummaryItem
		for _, child := range n.Inner {
			out = append(out, w.items(fr, child)...)
		}
		return out
	}
	item := SummaryItem{Name: n.Name, Label: n.Label.In(w.lang), Class: n.Class}
	if n.Kind == define.Repeat {
		item.Rows = w.rows(fr.of(n), n)
	} else {
		item.Values = w.values(fr, n)
	}
	if item.Empty = len(item.Rows) == 0 && len(item.Values) == 0; item.Empty {
		item.Values = []string{sayIn(w.lang, "form.empty")}
	}
	return []SummaryItem{item}
}

func (w words) rows(above *frame, n *model.Node) []SummaryRow {
	var rows []SummaryRow
	for _, fr := range above.filled(n) {
		row := SummaryRow{Label: sayIn(w.lang, "form.row", entry.Count(len(rows)+1))}
		for _, child := range n.Inner {
			row.Items = append(row.Items, w.items(fr, child)...)
		}
		rows = append(rows, row)
	}
	return rows
}

// values are the lines of an answer.
func (w words) values(fr *frame, n *model.Node) []string {
	if n.Kind.Several() {
		var labels []string
		for i, name := range inOrder(n, fr.typed(n).Choices) {
			label := n.Options.Choices[n.Position[name]].Label.In(w.lang)
			if n.Kind == define.Rank {
				label = strconv.Itoa(i+1) + ". " + label
			}
			labels = append(labels, label)
		}
		return labels
	}
	a := fr.understood(n)
	switch {
	case a.Text == "" && n.Kind == define.Acknowledge:
		return []string{sayIn(w.lang, "form.declined")} // an open box is an answer
	case a.Text == "":
		return nil
	}
	if n.Kind == define.Area {
		return strings.Split(a.Text, "\n")
	}
	return []string{w.word(n, a, fr.st.env)}
}

// word is an answer of one line.
func (w words) word(n *model.Node, a entry.Answer, e Env) string {
	switch {
	case a.Fault != "":
		return a.Text
	case a.Text == entry.Unknown && n.Unknown.DE != "":
		return n.Unknown.In(w.lang)
	case n.Kind == define.One:
		if i, ok := n.Position[a.Text]; ok {
			return n.Options.Choices[i].Label.In(w.lang)
		}
	case n.Kind == define.Acknowledge:
		return sayIn(w.lang, "form.acknowledged")
	case n.Kind == define.Date:
		return lang.Short(w.lang, a.Date)
	case n.Kind == define.Month:
		return lang.Month(w.lang, a.Date.Year, a.Date.Month)
	case n.Kind == define.Datetime:
		return sayIn(w.lang, "form.datetime.said", entry.Verbatim(lang.Short(w.lang, a.Date)), entry.Verbatim(a.Text[len(a.Text)-len("14:30"):]))
	case n.Kind.In(define.Integer, define.Decimal, define.Range):
		return entry.Figure(a.Text).In(w.lang)
	case n.Kind == define.Municipality && e.Lookup != nil:
		if label, ok := e.Lookup(a.Text); ok {
			return label
		}
	}
	return a.Text
}

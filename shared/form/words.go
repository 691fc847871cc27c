package form

import (
	"strings"

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
	for _, n := range f.top {
		if len(groups) == 0 || n.pageName() != "" || groups[len(groups)-1].Page != "" {
			groups = append(groups, SummaryGroup{Page: n.pageName(), Change: sayIn(w.lang, "form.change")})
		}
		g := &groups[len(groups)-1]
		if n.kind == kindGroup {
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

func (w words) items(fr *frame, n *node) []SummaryItem {
	if !fr.isRelevant(n) || n.kind == kindNote || n.Label.DE == "" {
		return nil
	}
	if n.kind == kindGroup {
		var out []SummaryItem
		for _, child := range n.children {
			out = append(out, w.items(fr, child)...)
		}
		return out
	}
	item := SummaryItem{Name: n.Name, Label: n.Label.In(w.lang), Class: n.Class}
	if n.kind == kindRepeat {
		item.Rows = w.rows(fr.st, n)
	} else {
		item.Values = w.values(fr, n)
	}
	if item.Empty = len(item.Rows) == 0 && len(item.Values) == 0; item.Empty {
		item.Values = []string{sayIn(w.lang, "form.empty")}
	}
	return []SummaryItem{item}
}

func (w words) rows(st *state, n *node) []SummaryRow {
	var rows []SummaryRow
	for _, fr := range st.filled(n) {
		row := SummaryRow{Label: sayIn(w.lang, "form.row", count(len(rows)+1))}
		for _, child := range n.children {
			row.Items = append(row.Items, w.items(fr, child)...)
		}
		rows = append(rows, row)
	}
	return rows
}

// values are the lines of an answer.
func (w words) values(fr *frame, n *node) []string {
	if n.kind == kindMany {
		var labels []string
		for _, name := range n.inOrder(fr.typed(n).Choices) {
			labels = append(labels, n.list.Choices[n.choices[name]].Label.In(w.lang))
		}
		return labels
	}
	a := fr.understood(n)
	if a.text == "" {
		return nil
	}
	if n.kind == kindArea {
		return strings.Split(a.text, "\n")
	}
	return []string{w.word(n, a, fr.st.env)}
}

// word is an answer of one line.
func (w words) word(n *node, a answer, e Env) string {
	switch {
	case a.fault != "":
		return a.text
	case a.text == unknownAnswer && n.Unknown.DE != "":
		return n.Unknown.In(w.lang)
	case n.kind == kindOne:
		if i, ok := n.choices[a.text]; ok {
			return n.list.Choices[i].Label.In(w.lang)
		}
	case n.kind == kindAcknowledge:
		return sayIn(w.lang, "form.acknowledged")
	case n.kind == kindDate:
		return lang.Short(w.lang, a.date)
	case n.kind == kindMonth:
		return lang.Month(w.lang, a.date.Year, a.date.Month)
	case n.kind.in(kindInteger, kindDecimal):
		return figure(a.text).In(w.lang)
	case n.kind == kindMunicipality && e.Lookup != nil:
		if label, ok := e.Lookup(a.text); ok {
			return label
		}
	}
	return a.text
}

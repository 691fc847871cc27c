// Package xform writes forms as XForm XML, the format that ODK's tools read.
package xform

import (
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// Write writes a form as pyxform does: texts of both languages in itext, lists
// as secondary instances, references relative where both questions stand in
// the same row.
func Write(f *model.Form) string {
	w := &writer{form: f}
	w.itext("title", lang.Text{DE: "T", EN: "T"})
	body := w.body(f.Top)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"` +
		` xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms" xmlns:orx="http://openrosa.org/xforms">` +
		`<h:head><h:title>T</h:title><model odk:xforms-version="1.0.0">`)
	instances := w.lists()
	fmt.Fprintf(&b, `<itext><translation lang="Deutsch (de)" default="true()">%s</translation><translation lang="English (en)">%s</translation></itext>`, w.de.String(), w.en.String())
	fmt.Fprintf(&b, `<instance><data id="t" version="1">%s<meta><instanceID/></meta></data></instance>%s`, w.instance(f.Top), instances)
	for _, n := range f.Nodes {
		b.WriteString(w.bind(n))
	}
	b.WriteString(`<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head><h:body>` + body + `</h:body></h:html>`)
	return b.String()
}

// Read compiles a definition so far that it can be written.
func Read(name string, src []byte) (*model.Form, error) {
	r := &define.Report{File: name}
	d := define.ReadYAML(src, false, r)
	if d == nil {
		return nil, r.Err()
	}
	m, err := model.Compile(d, r, false)
	if err == nil && m == nil {
		err = r.Err()
	}
	return m, err
}

type writer struct {
	form   *model.Form
	de, en strings.Builder
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

func (w *writer) itext(id string, t lang.Text) string {
	fmt.Fprintf(&w.de, `<text id="%s"><value>%s</value></text>`, id, escape(t.DE))
	fmt.Fprintf(&w.en, `<text id="%s"><value>%s</value></text>`, id, escape(t.EN))
	return fmt.Sprintf(`<label ref="jr:itext('%s')"/>`, id)
}

// path is the place of a node in the instance.
func path(n *model.Node) []string {
	if n == nil {
		return []string{"", "data"}
	}
	return append(path(n.Parent), n.Name)
}

func absolute(n *model.Node) string { return strings.Join(path(n), "/") }

func (w *writer) instance(nodes []*model.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		attribute := ""
		if n.Kind == define.Repeat {
			attribute = ` jr:template=""`
		}
		content := w.instance(n.Inner)
		if n.Preset == nil {
			content += escape(n.Default)
		}
		fmt.Fprintf(&b, "<%s%s>%s</%[1]s>", n.Name, attribute, content)
		if n.Count != nil {
			fmt.Fprintf(&b, "<%s_count/>", n.Name)
		}
	}
	return b.String()
}

// lists writes each choice list with its columns.
func (w *writer) lists() string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, n := range w.form.Nodes {
		if !n.Kind.Listed() || seen[n.List] {
			continue
		}
		seen[n.List] = true
		fmt.Fprintf(&b, `<instance id="%s"><root>`, n.List)
		for i, ch := range n.Options.Choices {
			id := fmt.Sprintf("%s-%d", n.List, i)
			w.itext(id, ch.Label)
			fmt.Fprintf(&b, "<item><itextId>%s</itextId><name>%s</name>", id, escape(ch.Name))
			for _, column := range slices.Sorted(maps.Keys(ch.Attributes)) {
				fmt.Fprintf(&b, "<%s>%s</%[1]s>", column, escape(ch.Attributes[column]))
			}
			b.WriteString("</item>")
		}
		b.WriteString("</root></instance>")
	}
	return b.String()
}

var bindTypes = map[define.Kind]string{
	define.Integer: "int", define.Decimal: "decimal", define.Date: "date", define.Time: "time", define.Datetime: "dateTime", define.Rank: "odk:rank",
}

func bindType(n *model.Node) string {
	if n.Kind == define.Range {
		if n.Bounds.Whole() {
			return "int"
		}
		return "decimal"
	}
	if t, ok := bindTypes[n.Kind]; ok {
		return t
	}
	return "string"
}

func (w *writer) bind(n *model.Node) string {
	var b strings.Builder
	attribute := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, ` %s="%s"`, name, escape(value))
		}
	}
	attribute("nodeset", absolute(n))
	if !n.Kind.In(define.Group, define.Repeat) {
		attribute("type", bindType(n))
	}
	attribute("relevant", w.expression(n, condition(n.Relevant)))
	attribute("required", w.expression(n, condition(n.Required)))
	attribute("constraint", w.expression(n, n.Constraint))
	attribute("calculate", w.expression(n, n.Calculation))
	if n.Kind == define.Note || n.Fixed {
		attribute("readonly", "true()")
	}
	out := "<bind" + b.String() + "/>"
	if n.Count != nil {
		b.Reset()
		attribute("nodeset", absolute(n)+"_count")
		attribute("type", "string")
		attribute("readonly", "true()")
		attribute("calculate", w.expression(n, n.RepeatCount))
		out += "<bind" + b.String() + "/>"
	}
	return out
}

func condition(s string) string {
	switch s {
	case "yes":
		return "true()"
	case "no":
		return ""
	}
	return s
}

var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// expression puts paths in place of ${name}. In indexed-repeat() they lead from
// the root, as pyxform has it, since it looks at all rows.
func (w *writer) expression(from *model.Node, src string) string {
	return w.expand(from, src, "")
}

func (w *writer) expand(from *model.Node, src, prefix string) string {
	rooted := indexedRanges(src)
	var b strings.Builder
	end := 0
	for _, m := range reference.FindAllStringSubmatchIndex(src, -1) {
		b.WriteString(src[end:m[0]])
		end = m[1]
		to := w.form.ByName[src[m[2]:m[3]]]
		p := prefix + relative(from, to)
		if inside(rooted, m[0]) || strings.HasPrefix(relative(from, to), "/") {
			p = absolute(to)
		}
		b.WriteString(" " + p + " ")
	}
	return b.String() + src[end:]
}

// relative is the path from one node to another that stands in the same rows,
// or the path from the root.
func relative(from, to *model.Node) string {
	shared := model.Shared(from, to)
	if shared == nil {
		return absolute(to)
	}
	common := len(path(shared))
	return strings.Repeat("../", len(path(from))-common) + strings.Join(path(to)[common:], "/")
}

func inside(ranges [][2]int, at int) bool {
	return slices.ContainsFunc(ranges, func(r [2]int) bool { return at >= r[0] && at < r[1] })
}

// indexedRanges are the arguments of indexed-repeat() that name a question or a
// repeat: the first, and every second from then on.
func indexedRanges(src string) [][2]int {
	const call = "indexed-repeat("
	var out [][2]int
	for at := 0; ; {
		i := strings.Index(src[at:], call)
		if i < 0 {
			return out
		}
		at += i + len(call)
		start, depth, arg := at, 0, 0
		for j := at; j < len(src) && depth >= 0; j++ {
			switch c := src[j]; {
			case c == '(':
				depth++
			case c == ')':
				depth--
			}
			if depth < 0 || depth == 0 && src[j] == ',' {
				if arg == 0 || arg%2 == 1 {
					out = append(out, [2]int{start, j})
				}
				start = j
				arg++
			}
		}
	}
}

func (w *writer) body(nodes []*model.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(w.control(n))
	}
	return b.String()
}

func (w *writer) control(n *model.Node) string {
	if n.Kind.In(define.Calculate, define.Hidden) && n.Label == (lang.Text{}) {
		return ""
	}
	ref, label := absolute(n), w.itext("label-"+n.Name, n.Label)
	switch n.Kind {
	case define.Group:
		return fmt.Sprintf(`<group ref="%s">%s%s</group>`, ref, label, w.body(n.Inner))
	case define.Repeat:
		count := ""
		if n.Count != nil {
			count = fmt.Sprintf(` jr:count="%s_count" jr:noAddRemove="true()"`, w.countPath(n))
		}
		return fmt.Sprintf(`<group ref="%s">%s<repeat nodeset="%s"%s>%s</repeat></group>`, ref, label, ref, count, w.body(n.Inner))
	case define.One:
		return w.choose("select1", n, label)
	case define.Many:
		return w.choose("select", n, label)
	case define.Rank:
		return w.choose("odk:rank", n, label)
	case define.Acknowledge:
		return fmt.Sprintf(`<trigger ref="%s">%s</trigger>`, ref, label)
	case define.Range:
		lo, hi, step := rangeBounds(n)
		return fmt.Sprintf(`<range ref="%s" start="%s" end="%s" step="%s">%s</range>`, ref, lo, hi, step, label)
	}
	return fmt.Sprintf(`<input ref="%s">%s</input>`, ref, label)
}

// countPath is where the number of rows is worked out; seen from rows around,
// it is theirs.
func (w *writer) countPath(n *model.Node) string {
	if n.Repeat == nil {
		return absolute(n)
	}
	return "../" + n.Name
}

func (w *writer) choose(tag string, n *model.Node, label string) string {
	filter := ""
	if n.ChoiceFilter != "" {
		filter = "[" + escape(w.expand(n, n.ChoiceFilter, "current()/")) + "]"
	}
	return fmt.Sprintf(`<%s ref="%s">%s<itemset nodeset="instance('%s')/root/item%s"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset></%[1]s>`,
		tag, absolute(n), label, n.List, filter)
}

func rangeBounds(n *model.Node) (lo, hi, step string) {
	at := map[string]string{"start": "1", "end": "10", "step": "1"}
	for word := range strings.FieldsSeq(n.Parameters) {
		if key, value, ok := strings.Cut(word, "="); ok {
			at[key] = value
		}
	}
	return at["start"], at["end"], at["step"]
}

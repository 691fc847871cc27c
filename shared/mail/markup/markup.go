// Package markup is how texts of mails are written down and how they become a
// mail: paragraphs with parameters on one side, plain text and HTML that say
// the same on the other. It knows nothing of templates, entries or senders.
package markup

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Text is a compiled text: paragraphs apart by blank lines, in them
//
//	{{name}}             the value of a parameter, never taken as markup
//	[[ … {{name}} … ]]   left out when one of its parameters is missing or empty
//	**important**        emphasised
//	[label]({{name}})    a link to the address in the parameter
//
// Blanks that do not break (U+00A0), in a text or a value, keep a date or a
// number on one line; what is sent has ordinary ones in their place.
type Text [][]node

// node is one piece of a paragraph: literal text, a parameter, a group that
// may be left out, or a link. Bold holds for literals and parameters.
type node struct {
	literal string
	param   string
	group   []node
	link    []node // the label; param names the address
	bold    bool
}

// Span is a piece of a paragraph with its values filled in.
type Span struct {
	Text string
	Bold bool
	URL  string
}

var (
	nameForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	blankLine = regexp.MustCompile(`\n[ \t]*\n`)
)

// Parse reads a text.
func Parse(src string) (Text, error) {
	var m Text
	for _, paragraph := range blankLine.Split(strings.TrimSpace(src), -1) {
		p := parser{rest: strings.Join(strings.FieldsFunc(paragraph, breaks), " ")}
		nodes, err := p.nodes("")
		if err != nil {
			return nil, err
		}
		m = append(m, nodes)
	}
	return m, nil
}

// breaks tells whether a line may end at r.
func breaks(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

type parser struct {
	rest string
	bold bool
}

// nodes reads up to the sign end, "" being the end of the paragraph.
func (p *parser) nodes(end string) ([]node, error) {
	var out []node
	for p.rest != "" {
		switch {
		case end != "" && strings.HasPrefix(p.rest, end):
			return out, nil
		case strings.HasPrefix(p.rest, "**"):
			p.rest, p.bold = p.rest[2:], !p.bold
			continue
		}
		n, err := p.node()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	if end != "" {
		return nil, fmt.Errorf("%q is missing", end)
	}
	if p.bold {
		return nil, fmt.Errorf("the second ** is missing")
	}
	return out, nil
}

func (p *parser) node() (node, error) {
	switch {
	case strings.HasPrefix(p.rest, "{{"):
		return p.parameter()
	case strings.HasPrefix(p.rest, "[["):
		p.rest = p.rest[2:]
		group, err := p.nodes("]]")
		p.rest = strings.TrimPrefix(p.rest, "]]")
		return node{group: group}, err
	case strings.HasPrefix(p.rest, "["):
		p.rest = p.rest[1:]
		label, err := p.nodes("](")
		if err != nil {
			return node{}, err
		}
		p.rest = strings.TrimPrefix(p.rest, "](")
		n, err := p.parameter()
		if err == nil && !strings.HasPrefix(p.rest, ")") {
			err = fmt.Errorf("a link is written [label]({{name}})")
		}
		p.rest = strings.TrimPrefix(p.rest, ")")
		return node{link: label, param: n.param}, err
	}
	return p.literal()
}

func (p *parser) parameter() (node, error) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(p.rest, "{{"), "}}")
	if !ok || !strings.HasPrefix(p.rest, "{{") {
		return node{}, fmt.Errorf("a parameter is written {{name}}")
	}
	if !nameForm.MatchString(name) {
		return node{}, fmt.Errorf("{{%s}}: names of parameters are small letters, digits and _", name)
	}
	p.rest = rest
	return node{param: name, bold: p.bold}, nil
}

// literal reads up to the next sign that may mean something.
func (p *parser) literal() (node, error) {
	i := 1
	for i < len(p.rest) && !strings.ContainsRune("{}[]*", rune(p.rest[i])) {
		i++
	}
	n := node{literal: p.rest[:i], bold: p.bold}
	p.rest = p.rest[i:]
	if strings.ContainsAny(n.literal[:1], "{}[]") {
		return n, fmt.Errorf("%q here is a sign of the markup that has no partner", n.literal[:1])
	}
	return n, nil
}

// Params lists the parameters of m in order; those that may be missing have a
// "?" behind their name.
func (m Text) Params() []string {
	seen := map[string]bool{}
	for _, paragraph := range m {
		collect(paragraph, false, seen)
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func collect(nodes []node, optional bool, into map[string]bool) {
	for _, n := range nodes {
		if n.param != "" && optional {
			into[n.param+"?"] = true
		} else if n.param != "" {
			into[n.param] = true
		}
		collect(n.group, true, into)
		collect(n.link, optional, into)
	}
}

// Fill puts the values in; a parameter without one is an error. Paragraphs that
// are left with nothing are left out.
func (m Text) Fill(value func(name string) string) ([][]Span, error) {
	var out [][]Span
	for _, paragraph := range m {
		spans, err := fillNodes(paragraph, value)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(Plain(spans)) != "" {
			out = append(out, spans)
		}
	}
	return out, nil
}

func fillNodes(nodes []node, value func(string) string) ([]Span, error) {
	var out []Span
	for _, n := range nodes {
		spans, err := n.fill(value)
		if err != nil {
			return nil, err
		}
		for _, s := range spans {
			if last := len(out) - 1; last >= 0 && s.URL == "" && out[last].URL == "" && out[last].Bold == s.Bold {
				out[last].Text += s.Text
				continue
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func (n node) fill(value func(string) string) ([]Span, error) {
	if n.group != nil {
		spans, err := fillNodes(n.group, value)
		if err != nil { // a value is missing, and so is the group
			return nil, nil
		}
		return spans, nil
	}
	if n.param == "" {
		return []Span{{Text: n.literal, Bold: n.bold}}, nil
	}
	v := value(n.param)
	if v == "" {
		return nil, fmt.Errorf("no value for {{%s}}", n.param)
	}
	if n.link == nil {
		return []Span{{Text: v, Bold: n.bold}}, nil
	}
	label, err := fillNodes(n.link, value)
	return []Span{{Text: Plain(label), URL: v}}, err
}

// Plain is what spans say, without addresses.
func Plain(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

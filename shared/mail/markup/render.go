package markup

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"unicode/utf8"

	"kokoma/shared/lang"
)

// Document is a mail before it is text or HTML: both are written from it, so
// both say the same.
type Document struct {
	Lang    lang.Lang
	Subject string
	Blocks  []Block
}

// Block is a paragraph of one or several lines, the list of a digest, or the
// footer, whose lines are links.
type Block struct {
	Lines  [][]Span
	Items  []Item
	Footer bool
}

// Item is one mail's part of a digest, in its own language.
type Item struct {
	Lang lang.Lang
	Head []Span
	Body [][]Span
}

// Paragraph is a block of these lines.
func Paragraph(lines ...[]Span) Block { return Block{Lines: lines} }

// Paragraphs makes a block of each of them.
func Paragraphs(spans [][]Span) []Block {
	var out []Block
	for _, s := range spans {
		out = append(out, Paragraph(s))
	}
	return out
}

//go:embed mail.html
var pageSource string

// page is the HTML around a document, parsed when the first mail is composed.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("mail").Parse(pageSource))
})

// unbound puts ordinary blanks in place of those that kept a line together.
func unbound(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// HTML writes the document as a page of its own, without images or scripts.
func (d Document) HTML() (string, error) {
	var b strings.Builder
	if err := page().Execute(&b, d); err != nil {
		return "", fmt.Errorf("writing the HTML of a mail: %v", err)
	}
	return unbound(b.String()), nil
}

// textWidth leaves room for a quoting sign in front of a line of 76.
const textWidth = 72

// Text writes the document as plain text, wrapped.
func (d Document) Text() string {
	var out []string
	for _, b := range d.Blocks {
		var lines []string
		for i, it := range b.Items {
			lines = append(lines, it.text(i+1))
		}
		for _, l := range b.Lines {
			lines = append(lines, wrap(linear(l, b.Footer), ""))
		}
		sep := "\n"
		if len(b.Items) > 0 {
			sep = "\n\n"
		}
		out = append(out, strings.Join(lines, sep))
	}
	return unbound(strings.Join(out, "\n\n") + "\n")
}

func (it Item) text(no int) string {
	mark := fmt.Sprintf("%d. ", no)
	indent := strings.Repeat(" ", len(mark))
	lines := []string{mark + strings.TrimPrefix(wrap(linear(it.Head, false), indent), indent)}
	for _, p := range it.Body {
		lines = append(lines, wrap(linear(p, false), indent))
	}
	return strings.Join(lines, "\n")
}

// linear writes spans without markup; a link's address follows its label.
func linear(spans []Span, footer bool) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
		if s.URL != "" && !footer {
			b.WriteString(":")
		}
		if s.URL != "" {
			b.WriteString(" " + s.URL)
		}
	}
	return b.String()
}

// wrap breaks at blanks so that no line is wider than textWidth but for words
// that are: an address is never broken.
func wrap(s, indent string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.FieldsFunc(s, breaks) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			b.WriteString(indent)
			width = len(indent)
		case width+1+n > textWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

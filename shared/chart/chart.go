// Package chart draws numbers as accessible inline SVG and gives the same
// numbers as a table, which a page shows beneath. Its functions are pure.
//
// The SVG has neither script nor style, so that it passes a strict content
// policy. Everything is drawn in currentColor, which follows light, dark and
// print; parts are told apart by pattern and label, never by colour alone. A
// style sheet may colour them by class: chart, chart-v1 to chart-v5, chart-na,
// chart-bar, chart-axis, chart-label, chart-value.
package chart

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// Head is what every chart begins with. The ID is unique on its page.
type Head struct {
	Lang  lang.Lang
	ID    string
	Title string
}

// Chart is a picture and its numbers.
type Chart struct {
	SVG   template.HTML
	Table Table
}

// Table holds the numbers of a chart, written for readers. The first cell of
// a row is its heading.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// tooFew stands where a value is withheld.
var tooFew = lang.Text{DE: "zu wenige Antworten", EN: "too few answers"}

// Sizes in user units; the picture is as wide as a column of text, and labels
// stand above their bars so that it can shrink to a phone.
const (
	width    = 560.0
	lineStep = 20.0
	barStep  = 24.0
	gap      = 14.0
	lineLen  = 66 // letters of a label that fit a line
)

// drawing collects the elements of one picture.
type drawing struct {
	b strings.Builder
	y float64 // where the next row begins
}

// add writes one element. Attributes come in pairs; text is escaped.
func (d *drawing) add(element, text string, attributes ...string) {
	d.b.WriteString("<" + element)
	for i := 0; i+1 < len(attributes); i += 2 {
		d.b.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
	if text == "" {
		d.b.WriteString("/>")
		return
	}
	d.b.WriteString(">" + escape(text) + "</" + element + ">")
}

func escape(s string) string {
	var b strings.Builder
	// Writing to a strings.Builder does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// text writes one line of text; y is its base line.
func (d *drawing) text(class, anchor string, x, y float64, text string) {
	d.add("text", text, "class", class, "x", num(x), "y", num(y), "text-anchor", anchor, "fill", "currentColor")
}

// label writes a label of as many lines as it needs and moves down.
func (d *drawing) label(text string) {
	for _, line := range wrap(text, lineLen) {
		d.y += lineStep
		d.text("chart-label", "start", 0, d.y-6, line)
	}
}

// finish wraps the elements up as one image with title and description.
func (d *drawing) finish(h Head, description, defs string) template.HTML {
	height := num(d.y + 4)
	title, desc := escape(h.ID+"-title"), escape(h.ID+"-desc")
	svg := fmt.Sprintf(`<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%s %s"`+
		` width="%s" height="%s" viewBox="0 0 %s %s" font-size="15">`+
		`<title id="%s">%s</title><desc id="%s">%s</desc>%s%s</svg>`,
		title, desc, num(width), height, num(width), height,
		title, escape(h.Title), desc, escape(description), defs, d.b.String())
	// Every text and attribute above went through escape.
	return template.HTML(svg)
}

func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// wrap breaks a text between words into lines of at most limit letters; a
// longer word has a line of its own.
func wrap(text string, limit int) []string {
	var lines []string
	line, length := "", 0
	for word := range strings.FieldsSeq(text) {
		n := len([]rune(word))
		if line != "" && length+1+n > limit {
			lines = append(lines, line)
			line, length = "", 0
		}
		if line != "" {
			line += " "
			length++
		}
		line += word
		length += n
	}
	return append(lines, line)
}

package workbook

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// How Write names languages and columns; Read knows many more ways.
const (
	inGerman  = "::Deutsch (de)"
	inEnglish = "::English (en)"
)

// Of the columns of survey only those that hold something are written, but for
// the first few, which every author wants to see.
const alwaysWritten = 9 // type to relevant

// Write writes a definition as a workbook that spreadsheet programs open and
// other XLSForm tools read. Lists that are shipped are written with it, marked.
func Write(w io.Writer, d *define.Definition) error {
	choices, err := choicesSheet(d)
	if err != nil {
		return err
	}
	return writeForm(w, []grid{surveySheet(d), choices, settingsSheet(d)})
}

// grid is a sheet that is about to be written.
type grid struct {
	name string
	head []string
	rows [][]any // string, int or nil
}

// line is a row by its headers.
type line map[string]any

// text notes a text in both languages.
func (l line) text(key string, t lang.Text) {
	l.value(key+inGerman, t.DE)
	l.value(key+inEnglish, t.EN)
}

func (l line) value(key, value string) {
	if value != "" {
		l[key] = value
	}
}

// grid lays lines out under a header.
func layOut(name string, head []string, lines []line) grid {
	g := grid{name: name, head: head}
	for _, l := range lines {
		row := make([]any, len(head))
		for i, h := range head {
			row[i] = l[h]
		}
		g.rows = append(g.rows, row)
	}
	return g
}

func surveySheet(d *define.Definition) grid {
	lines := surveyLines(d.Survey)
	used := map[string]bool{}
	for _, l := range lines {
		for key := range l {
			used[key] = true
		}
	}
	var head []string
	for i, key := range define.Keys() {
		for _, h := range headersOf(key) {
			if i < alwaysWritten || used[h] {
				head = append(head, h)
			}
		}
	}
	return layOut("survey", append(head, checkHeaders(used)...), lines)
}

func headersOf(key string) []string {
	if surveyTexts[key] {
		return []string{key + inGerman, key + inEnglish}
	}
	return []string{key}
}

// checkHeaders are the columns of x_checks, three a number.
func checkHeaders(used map[string]bool) []string {
	var out []string
	for n := 1; ; n++ {
		prefix := checkPrefix + strconv.Itoa(n) + "_"
		headers := []string{prefix + "when", prefix + "level", prefix + "message" + inGerman, prefix + "message" + inEnglish}
		if !slices.ContainsFunc(headers, func(h string) bool { return used[h] }) {
			return out
		}
		out = append(out, headers...)
	}
}

// surveyLines writes a group as its begin, what stands in it, and its end.
func surveyLines(qs []*define.Question) []line {
	var out []line
	for _, q := range qs {
		l := surveyLine(q)
		if q.Type != "group" && q.Type != "repeat" {
			out = append(out, l)
			continue
		}
		l["type"] = "begin_" + q.Type
		out = append(out, l)
		out = append(out, surveyLines(q.Children)...)
		end := line{"type": "end_" + q.Type}
		end.value("name", q.Name)
		out = append(out, end)
	}
	return out
}

func surveyLine(q *define.Question) line {
	l := line{}
	for key, value := range q.Values() {
		l.value(key, *value)
	}
	for key, t := range q.Texts() {
		l.text(key, *t)
	}
	for key, n := range q.Numbers() {
		if *n != nil {
			l[key] = **n
		}
	}
	for i, c := range q.Checks {
		prefix := checkPrefix + strconv.Itoa(i+1) + "_"
		l.value(prefix+"when", c.When)
		l.value(prefix+"level", c.Level)
		l.text(prefix+"message", c.Message)
	}
	return l
}

// settingsSheet has the title in the default language where XLSForm has it, and
// beside it in the other.
func settingsSheet(d *define.Definition) grid {
	s := d.Settings
	title, otherTitle, beside := s.Title.DE, s.Title.EN, "x_form_title"+inEnglish
	language := s.Language
	switch language {
	case "de":
		language = strings.TrimPrefix(inGerman, "::")
	case "en":
		language = strings.TrimPrefix(inEnglish, "::")
		title, otherTitle, beside = s.Title.EN, s.Title.DE, "x_form_title"+inGerman
	}
	l := line{}
	l.value("form_title", title)
	l.value(beside, otherTitle)
	l.value("form_id", s.ID)
	l.value("version", s.Version)
	l.value("default_language", language)
	l.value("style", s.Style)
	return layOut("settings", []string{"form_title", beside, "form_id", "version", "default_language", "style"}, []line{l})
}

// choicesSheet writes the definition's own lists by name, then the shipped
// ones that it uses.
func choicesSheet(d *define.Definition) (grid, error) {
	shipped, err := define.Lists()
	if err != nil {
		return grid{}, err
	}
	c := choicesWriter{filtered: map[string]bool{}, attributes: map[string]bool{}}
	walk(d.Survey, func(q *define.Question) {
		for _, word := range filterWords(q.ChoiceFilter) {
			c.filtered[word] = true
		}
	})
	for _, name := range slices.Sorted(maps.Keys(d.Choices)) {
		if err := c.list(name, d.Choices[name], false); err != nil {
			return grid{}, err
		}
	}
	for _, name := range usedLists(d) {
		if _, own := d.Choices[name]; !own && len(shipped[name].Choices) > 0 {
			if err := c.list(name, shipped[name].Choices, true); err != nil {
				return grid{}, err
			}
		}
	}
	head := []string{"list_name", "name", "label" + inGerman, "label" + inEnglish}
	head = append(head, slices.Sorted(maps.Keys(c.attributes))...)
	return layOut("choices", append(head, shippedMark), c.lines), nil
}

// usedLists are the lists that questions name, in alphabetical order.
func usedLists(d *define.Definition) []string {
	var names []string
	walk(d.Survey, func(q *define.Question) {
		if words := strings.Fields(q.Type); len(words) > 1 {
			names = append(names, words[1])
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

type choicesWriter struct {
	lines      []line
	filtered   map[string]bool // words of choice filters
	attributes map[string]bool // headers of attributes
}

func (c *choicesWriter) list(name string, choices []define.Choice, marked bool) error {
	for _, ch := range choices {
		l := line{"list_name": name}
		l.value("name", ch.Name)
		l.text("label", ch.Label)
		for column, value := range ch.Attributes {
			header := c.header(column)
			c.attributes[header] = true
			l.value(header, value)
		}
		if marked {
			l[shippedMark] = "yes"
		}
		c.lines = append(c.lines, l)
	}
	return nil
}

// header is the column of an attribute: its name, where a choice filter says
// that it is one and no other column has the name.
func (c *choicesWriter) header(attribute string) string {
	h := readHeading(attribute, choicesSpellings, func(string) bool { return false })
	taken := slices.Contains([]string{"list_name", "name", "label", shippedMark}, h.key)
	if c.filtered[attribute] && !taken {
		return attribute
	}
	return attributeColumn + attribute
}

// overlong finds a text that no cell can hold.
func overlong(g grid) error {
	for i, row := range g.rows {
		for j, value := range row {
			if s, ok := value.(string); ok && cut(s, maxCell) != s {
				return fmt.Errorf("%s row %d, %s: a cell holds at most %d characters; shorten the text", g.name, i+2, g.head[j], maxCell)
			}
		}
	}
	return nil
}

// widthOf is how wide a column is shown, in characters.
func widthOf(head string) float64 {
	base, _, _ := strings.Cut(head, "::")
	switch {
	case strings.Contains(head, "::"):
		return 40
	case slices.Contains([]string{"relevant", "constraint", "calculation", "choice_filter"}, base), strings.HasSuffix(base, "_when"):
		return 32
	}
	return max(12, float64(cmp.Or(len(head), 1))+3)
}

package chart

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
)

var scale = []string{"stimme gar nicht zu", "stimme eher nicht zu", "teils, teils", "stimme eher zu", "stimme voll zu", "kann ich nicht beurteilen"}

// picture is what the tests look at in an SVG.
type picture struct {
	root     xml.StartElement
	elements map[string]int
	ids      map[string]bool
	texts    []string
	refs     []string // ids that something refers to
}

// parse reads the SVG as XML and refuses what the content policy forbids.
func parse(t *testing.T, svg template.HTML) picture {
	t.Helper()
	p := picture{elements: map[string]int{}, ids: map[string]bool{}}
	dec := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("the SVG is no XML: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			p.element(t, token)
		case xml.CharData:
			p.texts = append(p.texts, string(token))
		}
	}
}

func (p *picture) element(t *testing.T, e xml.StartElement) {
	t.Helper()
	name := e.Name.Local
	if p.elements[name]++; len(p.elements) == 1 {
		p.root = e.Copy()
	}
	if name == "script" || name == "style" || name == "foreignObject" || name == "a" {
		t.Errorf("the SVG has a <%s>", name)
	}
	for _, a := range e.Attr {
		switch {
		case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href"):
			t.Errorf("<%s> has the attribute %s", name, a.Name.Local)
		case a.Name.Local == "id":
			if p.ids[a.Value] {
				t.Errorf("id %s comes twice", a.Value)
			}
			p.ids[a.Value] = true
		case strings.HasPrefix(a.Value, "url(#"):
			p.refs = append(p.refs, strings.TrimSuffix(strings.TrimPrefix(a.Value, "url(#"), ")"))
		}
	}
}

func (p *picture) attribute(name string) string {
	for _, a := range p.root.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// accessible checks role, name and description, and that all references end.
func (p *picture) accessible(t *testing.T) {
	t.Helper()
	if p.root.Name.Local != "svg" || p.attribute("role") != "img" || p.elements["title"] != 1 || p.elements["desc"] != 1 {
		t.Errorf("root %v, role %q, elements %v", p.root.Name, p.attribute("role"), p.elements)
	}
	for _, id := range slices.Concat(strings.Fields(p.attribute("aria-labelledby")), p.refs) {
		if !p.ids[id] {
			t.Errorf("%q refers to nothing; ids %v", id, p.ids)
		}
	}
	if n := len(strings.Fields(p.attribute("aria-labelledby"))); n != 2 {
		t.Errorf("aria-labelledby has %d ids, want title and description", n)
	}
}

func TestDistributionShowsSharesAsPictureAndTable(t *testing.T) {
	t.Parallel()
	c := Distribution(Head{lang.DE, "dist-HS", "Handlungssicherheit"}, scale, []Row{
		{Label: "Ich weiß, an wen ich mich wenden kann.", Counts: []int{1, 2, 3, 8, 5, 1}},
		{Label: "Wenige", Counts: []int{1, 1, 1, 0, 0, 0}, Hidden: true},
		{Label: "Niemand", Counts: []int{0, 0, 0, 0, 0, 0}},
	})
	p := parse(t, c.SVG)
	p.accessible(t)
	if len(p.refs) != 6+6 {
		t.Errorf("%d parts and legend fields, want 12", len(p.refs))
	}
	for _, want := range []string{"Handlungssicherheit", "40\u00a0%", "stimme voll zu", "zu wenige Antworten"} {
		if !slices.Contains(p.texts, want) {
			t.Errorf("the picture lacks %q: %q", want, p.texts)
		}
	}
	if slices.Contains(p.texts, "33\u00a0%") || slices.Contains(p.texts, "5\u00a0%") {
		t.Errorf("a hidden or narrow share is written out: %q", p.texts)
	}
	if want := []string{"Ich weiß, an wen ich mich wenden kann.", "5\u00a0%", "10\u00a0%", "15\u00a0%", "40\u00a0%", "25\u00a0%", "5\u00a0%", "20"}; !slices.Equal(c.Table.Rows[0], want) {
		t.Errorf("row %q, want %q", c.Table.Rows[0], want)
	}
	for _, row := range c.Table.Rows {
		if len(row) != len(c.Table.Head) {
			t.Errorf("row %q has %d cells under %d headings", row, len(row), len(c.Table.Head))
		}
	}
	if row := c.Table.Rows[1]; strings.Contains(strings.Join(row[1:], ""), "1") {
		t.Errorf("a hidden row shows numbers: %q", row)
	}
}

func TestBarsShowValuesAsPictureAndTable(t *testing.T) {
	t.Parallel()
	bars := []Bar{{Label: "Kommunikation", Value: 62.5, N: 18}, {Label: "Netzwerke", Value: 48.1, N: 3, Hidden: true}, {Label: "Ganz", Value: 100, N: 9}}
	c := Bars(Head{lang.EN, "index", "Index by construct"}, bars)
	p := parse(t, c.SVG)
	p.accessible(t)
	if !slices.Contains(p.texts, "62.5") || !slices.Contains(p.texts, "100.0") || slices.Contains(p.texts, "48.1") {
		t.Errorf("labels %q", p.texts)
	}
	want := [][]string{{"Kommunikation", "62.5", "18"}, {"Netzwerke", "too few answers", "–"}, {"Ganz", "100.0", "9"}}
	if !slices.EqualFunc(c.Table.Rows, want, slices.Equal) {
		t.Errorf("table %q, want %q", c.Table.Rows, want)
	}
	german := Bars(Head{lang.DE, "index", "x"}, bars)
	if german.Table.Rows[0][1] != "62,5" || german.Table.Caption != "x" {
		t.Errorf("German table %+v", german.Table)
	}
}

func TestLinesShowTheCourseAsPictureAndTable(t *testing.T) {
	t.Parallel()
	day := func(month int) lang.Date { return lang.Date{Year: 2027, Month: time.Month(month), Day: 1} }
	lines := []Line{
		{Label: "Insgesamt", Points: []Point{{day(1), 4}, {day(7), 2}, {day(12), 1}}},
		{Label: "Verein", Points: []Point{{day(1), 5}, {day(12), 2}}},
	}
	for i := range 5 {
		lines = append(lines, Line{Label: "weitere " + string(rune('A'+i)), Points: []Point{{day(7), 3}}})
	}
	c := Lines(Head{lang.DE, "stufen", "Eskalationsstufen"}, 1, 9, lines)
	p := parse(t, c.SVG)
	p.accessible(t)
	if p.elements["polyline"] != 5 {
		t.Errorf("%d lines are drawn, want the first five", p.elements["polyline"])
	}
	for _, want := range []string{"Insgesamt", "Verein", "1", "9", "01.01.2027", "01.12.2027"} {
		if !slices.Contains(p.texts, want) {
			t.Errorf("the picture lacks %q: %q", want, p.texts)
		}
	}
	if want := []string{"01.07.2027", "2", "–", "3", "3", "3", "3", "3"}; len(c.Table.Head) != 8 || !slices.Equal(c.Table.Rows[1], want) {
		t.Errorf("table %q %q, want the second row %q", c.Table.Head, c.Table.Rows, want)
	}
	// January to July is 181 of 334 days, over 460 units; stage 4 is five steps of
	// 26 below stage 9.
	if !strings.Contains(string(c.SVG), `points="50,244 299.3,296 510,322 "`) {
		t.Errorf("the first line runs elsewhere: %s", c.SVG)
	}
}

func TestTextsCannotBreakOutOfThePicture(t *testing.T) {
	t.Parallel()
	evil := `</title><script>alert(1)</script>"' onload=x & ` + "\x00\x01"
	for _, c := range []Chart{
		Bars(Head{lang.DE, "a", evil}, []Bar{{Label: evil, Value: 10, N: 9}}),
		Lines(Head{lang.DE, "a", evil}, 1, 9, []Line{{Label: evil, Points: []Point{{On: lang.Date{Year: 2027, Month: 1, Day: 4}, Value: 3}}}}),
		Distribution(Head{lang.DE, "a", evil}, []string{evil, "b"}, []Row{{Label: evil, Counts: []int{5, 5}}}),
	} {
		p := parse(t, c.SVG)
		p.accessible(t)
		if strings.Contains(string(c.SVG), "<script") {
			t.Errorf("script got through: %s", c.SVG)
		}
	}
}

func TestOddNumbersStayInThePicture(t *testing.T) {
	t.Parallel()
	for _, c := range []Chart{
		Bars(Head{ID: "e"}, nil),
		Lines(Head{ID: "e"}, 1, 9, nil),
		Lines(Head{ID: "e"}, 1, 9, []Line{{Label: "x", Points: []Point{{Value: -4}, {On: lang.Date{Year: 2027, Month: 1, Day: 1}, Value: 40}}}}),
		Bars(Head{ID: "e"}, []Bar{{Label: "", Value: -5}, {Label: "x", Value: 250}}),
		Distribution(Head{ID: "e"}, nil, nil),
		Distribution(Head{ID: "e"}, []string{"ja", "nein"}, []Row{{Label: "Eins", Counts: []int{7, 0}}}),
	} {
		p := parse(t, c.SVG)
		p.accessible(t)
		if strings.Contains(string(c.SVG), `width="-`) || strings.Contains(string(c.SVG), "NaN") {
			t.Errorf("bad sizes: %s", c.SVG)
		}
	}
}

func TestLongLabelsBreakBetweenWords(t *testing.T) {
	t.Parallel()
	got := wrap("Ich weiß, an wen ich mich in meiner Kommune bei Konflikten wenden kann.", 30)
	if want := []string{"Ich weiß, an wen ich mich in", "meiner Kommune bei Konflikten", "wenden kann."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := wrap("Donaudampfschifffahrt ab", 10); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

package chart

import (
	"strconv"

	"kokoma/shared/lang"
)

// Row is how often each answer of a scale was given to one question.
type Row struct {
	Label  string
	Counts []int // one a value of the scale
	Hidden bool  // too few answers: nothing of the row is shown
}

var (
	distDesc = lang.Text{
		DE: "Gestapelte Balken: Anteile der Antworten von links (erster Wert der Skala) nach rechts. Dieselben Zahlen stehen in der Tabelle.",
		EN: "Stacked bars: shares of the answers from left (first value of the scale) to right. The table has the same numbers.",
	}
	distQuestion = lang.Text{DE: "Frage", EN: "Question"}
)

// labelFrom is the least share whose part is wide enough for its label.
const labelFrom = 0.08

// Distribution draws one stacked bar per row, with a legend. The scale names
// its values in order, at most five and then, as the sixth, "cannot judge".
func Distribution(h Head, scale []string, rows []Row) Chart {
	d := &drawing{}
	d.legend(h.ID, scale)
	t := Table{Caption: h.Title, Head: append(append([]string{distQuestion.In(h.Lang)}, scale...), barsAnswers.In(h.Lang))}
	for _, r := range rows {
		d.label(r.Label)
		total := 0
		for _, n := range r.Counts {
			total += n
		}
		cells := []string{r.Label}
		if r.Hidden || total == 0 {
			d.text("chart-value", "start", 8, d.y+17, tooFew.In(h.Lang))
			for range scale {
				cells = append(cells, "–")
			}
			cells = append(cells, tooFew.In(h.Lang))
		} else {
			cells = append(cells, d.stack(h, r.Counts, total)...)
			cells = append(cells, strconv.Itoa(total))
		}
		d.y += barStep + lineStep + gap
		t.Rows = append(t.Rows, cells)
	}
	return Chart{SVG: d.finish(h, distDesc.In(h.Lang), patterns(h.ID)), Table: t}
}

// stack draws the parts of one bar and gives their shares as text.
func (d *drawing) stack(h Head, counts []int, total int) []string {
	var shares []string
	x := 0.0
	for i, n := range counts {
		share := float64(n) / float64(total)
		text := lang.Percent(h.Lang, share, 0)
		shares = append(shares, text)
		if n == 0 {
			continue
		}
		part := share * width
		d.add("rect", "", "x", num(x), "y", num(d.y), "width", num(part), "height", num(barStep),
			"fill", "url(#"+patternID(h.ID, i)+")", "stroke", "currentColor")
		if share >= labelFrom {
			d.text("chart-value", "middle", x+part/2, d.y+barStep+16, text)
		}
		x += part
	}
	return shares
}

// legend shows the pattern of each value in two columns.
func (d *drawing) legend(id string, scale []string) {
	rows := (len(scale) + 1) / 2
	for i, name := range scale {
		x, y := float64(i/rows)*width/2, float64(i%rows)*barStep
		d.add("rect", "", "x", num(x+1), "y", num(y+3), "width", "18", "height", "16",
			"fill", "url(#"+patternID(id, i)+")", "stroke", "currentColor")
		d.text("chart-label", "start", x+26, y+16, name)
	}
	d.y = float64(rows)*barStep + gap/2
}

// fills are the patterns of the values, from sparse lines to solid, so that
// the two ends of the scale differ in kind and its middle is dotted.
var fills = []struct{ class, shapes string }{
	{"chart-v1", `<path d="M0 0L8 8M0 8L8 0" stroke="currentColor" stroke-width="1.6"/>`},
	{"chart-v2", `<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="currentColor" stroke-width="1.2"/>`},
	{"chart-v3", `<circle cx="4" cy="4" r="1.3" fill="currentColor"/>`},
	{"chart-v4", `<rect width="8" height="8" fill="currentColor" fill-opacity="0.4"/>`},
	{"chart-v5", `<rect width="8" height="8" fill="currentColor" fill-opacity="0.85"/>`},
	{"chart-na", ``},
}

// patterns defines the fills of one picture; ids are unique on a page.
func patterns(id string) string {
	d := &drawing{}
	d.b.WriteString("<defs>")
	for i, f := range fills {
		d.b.WriteString(`<pattern id="` + escape(patternID(id, i)) + `" class="` + f.class +
			`" width="8" height="8" patternUnits="userSpaceOnUse">` + f.shapes + `</pattern>`)
	}
	d.b.WriteString("</defs>")
	return d.b.String()
}

func patternID(id string, i int) string {
	return id + "-p" + strconv.Itoa(min(i, len(fills)-1)+1)
}

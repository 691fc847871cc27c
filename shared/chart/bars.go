package chart

import (
	"strconv"

	"kokoma/shared/lang"
)

// Bar is one value on the scale from 0 to 100.
type Bar struct {
	Label  string
	Value  float64 // index from 0 to 100
	N      int     // answers behind it
	Hidden bool    // too few answers: neither value nor N is shown
}

var (
	barsDesc = lang.Text{
		DE: "Waagerechte Balken auf einer Skala von 0 bis 100. Dieselben Zahlen stehen in der Tabelle.",
		EN: "Horizontal bars on a scale from 0 to 100. The table has the same numbers.",
	}
	barsSubject = lang.Text{DE: "Merkmal", EN: "Subject"}
	barsIndex   = lang.Text{DE: "Index (0 bis 100)", EN: "Index (0 to 100)"}
	barsAnswers = lang.Text{DE: "Antworten", EN: "Answers"}
)

// barsScale is how long a bar of 100 is; the value stands to its right.
const barsScale = 490.0

// Bars draws one horizontal bar per value, on a common scale from 0 to 100.
func Bars(h Head, bars []Bar) Chart {
	d := &drawing{}
	t := Table{Caption: h.Title, Head: []string{barsSubject.In(h.Lang), barsIndex.In(h.Lang), barsAnswers.In(h.Lang)}}
	for _, b := range bars {
		d.label(b.Label)
		value, n := tooFew.In(h.Lang), "–"
		if b.Hidden {
			d.text("chart-value", "start", 8, d.y+17, value)
		} else {
			value, n = lang.Number(h.Lang, b.Value, 1), strconv.Itoa(b.N)
			d.bar(b.Value, value)
		}
		d.y += barStep + gap
		t.Rows = append(t.Rows, []string{b.Label, value, n})
	}
	d.axis()
	return Chart{SVG: d.finish(h, barsDesc.In(h.Lang), ""), Table: t}
}

func (d *drawing) bar(value float64, label string) {
	length := max(0, min(value, 100)) / 100 * barsScale
	d.add("rect", "", "class", "chart-track", "x", "0", "y", num(d.y), "width", num(barsScale), "height", num(barStep),
		"fill", "none", "stroke", "currentColor", "stroke-opacity", "0.5")
	d.add("rect", "", "class", "chart-bar", "x", "0", "y", num(d.y), "width", num(length), "height", num(barStep),
		"fill", "currentColor", "fill-opacity", "0.75")
	d.text("chart-value", "end", width, d.y+17, label)
}

// axis writes the scale below the bars.
func (d *drawing) axis() {
	for at := 0; at <= 100; at += 25 {
		x, anchor := float64(at)/100*barsScale, "middle"
		if at == 0 {
			anchor = "start"
		}
		d.add("line", "", "class", "chart-axis", "x1", num(x), "x2", num(x), "y1", num(d.y-gap+4), "y2", num(d.y-gap+10),
			"stroke", "currentColor")
		d.text("chart-axis", anchor, x, d.y-gap+26, strconv.Itoa(at))
	}
	d.y += barStep
}

package chart

import (
	"fmt"
	"slices"
	"strconv"

	"kokoma/shared/lang"
)

// Line is how one thing went on. Points are in the order of their days.
type Line struct {
	Label  string
	Points []Point
}

// Point is a value on a day.
type Point struct {
	On    lang.Date
	Value int
}

var (
	linesDesc = lang.Text{
		DE: "Linien über der Zeit auf einer Skala von %d bis %d. Dieselben Zahlen stehen in der Tabelle.",
		EN: "Lines over time on a scale from %d to %d. The table has the same numbers.",
	}
	linesDay = lang.Text{DE: "Tag", EN: "Day"}
)

// Sizes of the field that lines are drawn in.
const (
	fieldLeft  = 30.0
	fieldRight = 530.0
	levelStep  = 26.0
	mark       = 5.0 // half the width of a mark
	most       = 5   // lines that can still be told apart; the table has all
)

// dashes and marks tell lines apart; the first is drawn whole.
var dashes = [most]string{"none", "8 4", "2 4", "12 4 2 4", "5 2"}

// Lines draws how values went on over time, on a common scale of whole numbers.
// A picture of more than five lines is none: it draws the first five.
func Lines(h Head, from, to int, lines []Line) Chart {
	d := &drawing{}
	shown := lines[:min(len(lines), most)]
	for i, l := range shown {
		d.mark(i, fieldLeft, d.y+lineStep-11)
		for _, text := range wrap(l.Label, lineLen-6) {
			d.y += lineStep
			d.text("chart-label", "start", fieldLeft+16, d.y-6, text)
		}
	}
	top := d.y + gap
	y := func(value int) float64 { return top + float64(to-min(max(value, from), to))*levelStep }
	for value := from; value <= to; value++ {
		d.add("line", "", "class", "chart-axis", "x1", num(fieldLeft), "x2", num(fieldRight), "y1", num(y(value)), "y2", num(y(value)),
			"stroke", "currentColor", "stroke-opacity", "0.25")
		d.text("chart-axis", "end", fieldLeft-8, y(value)+5, strconv.Itoa(value))
	}
	days := daysOf(lines)
	x := placeOf(days)
	for i, l := range shown {
		d.line(i, l, x, y)
	}
	d.y = y(from) + lineStep + gap
	d.dates(h.Lang, days, x)
	return Chart{SVG: d.finish(h, fmt.Sprintf(linesDesc.In(h.Lang), from, to), ""), Table: linesTable(h, days, lines)}
}

// daysOf are the days on which there is a value, in order.
func daysOf(lines []Line) []lang.Date {
	var days []lang.Date
	for _, l := range lines {
		for _, p := range l.Points {
			if !slices.Contains(days, p.On) {
				days = append(days, p.On)
			}
		}
	}
	slices.SortFunc(days, lang.Date.Compare)
	return days
}

// placeOf says where a day stands; a single one stands in the middle.
func placeOf(days []lang.Date) func(lang.Date) float64 {
	const inset = 20.0
	return func(on lang.Date) float64 {
		span := 0
		if len(days) > 0 {
			span = days[0].DaysUntil(days[len(days)-1])
		}
		if span == 0 {
			return (fieldLeft + fieldRight) / 2
		}
		return fieldLeft + inset + float64(days[0].DaysUntil(on))/float64(span)*(fieldRight-fieldLeft-2*inset)
	}
}

func (d *drawing) line(i int, l Line, x func(lang.Date) float64, y func(int) float64) {
	points := ""
	for _, p := range l.Points {
		points += num(x(p.On)) + "," + num(y(p.Value)) + " "
	}
	class := "chart-line chart-v" + strconv.Itoa(i+1)
	d.add("polyline", "", "class", class, "points", points, "fill", "none", "stroke", "currentColor",
		"stroke-width", "2", "stroke-dasharray", dashes[i])
	for _, p := range l.Points {
		d.mark(i, x(p.On), y(p.Value))
	}
}

// mark draws the shape of a line's values around a point.
func (d *drawing) mark(i int, x, y float64) {
	l, r, t, b := num(x-mark), num(x+mark), num(y-mark), num(y+mark)
	mx, my := num(x), num(y)
	shape := map[int]string{
		1: l + "," + b + " " + r + "," + b + " " + mx + "," + t,
		2: l + "," + t + " " + r + "," + t + " " + r + "," + b + " " + l + "," + b,
		3: mx + "," + t + " " + r + "," + my + " " + mx + "," + b + " " + l + "," + my,
		4: l + "," + t + " " + r + "," + t + " " + mx + "," + b,
	}[i]
	if shape == "" {
		d.add("circle", "", "class", "chart-mark", "cx", mx, "cy", my, "r", num(mark), "fill", "currentColor")
		return
	}
	d.add("polygon", "", "class", "chart-mark", "points", shape, "fill", "currentColor")
}

// dates writes the first and the last day below the field.
func (d *drawing) dates(l lang.Lang, days []lang.Date, x func(lang.Date) float64) {
	if len(days) == 0 {
		return
	}
	first, last := days[0], days[len(days)-1]
	if first == last {
		d.text("chart-axis", "middle", x(first), d.y, lang.Short(l, first))
	} else {
		d.text("chart-axis", "start", fieldLeft, d.y, lang.Short(l, first))
		d.text("chart-axis", "end", fieldRight, d.y, lang.Short(l, last))
	}
	d.y += 6
}

func linesTable(h Head, days []lang.Date, lines []Line) Table {
	t := Table{Caption: h.Title, Head: []string{linesDay.In(h.Lang)}}
	for _, l := range lines {
		t.Head = append(t.Head, l.Label)
	}
	for _, day := range days {
		row := []string{lang.Short(h.Lang, day)}
		for _, l := range lines {
			cell := "–"
			if i := slices.IndexFunc(l.Points, func(p Point) bool { return p.On == day }); i >= 0 {
				cell = strconv.Itoa(l.Points[i].Value)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

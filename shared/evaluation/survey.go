package evaluation

import (
	"context"
	"errors"
	"slices"

	"kokoma/shared/chart"
	"kokoma/shared/form"
	"kokoma/shared/survey"
	"kokoma/shared/survey/score"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

type surveyPage struct {
	web.Page
	Facts      []fact
	Hidden     bool // too few answers for anything
	Open       bool
	Index      *chart.Chart
	Bands      *chart.Chart
	Rows       []constructRow
	Constructs []constructPart
	Singles    []itemPart
	Sectors    *sectorTable
}

type fact struct{ Label, Value string }

// constructRow is a construct in the table of indices; Hidden leaves the numbers out.
type constructRow struct {
	Name, Index, N, SD, Top, Bottom string
	Hidden                          bool
}

// constructPart shows the items of a construct.
type constructPart struct {
	Name, Stem, Index string
	Chart             chart.Chart
}

// itemPart is an item that stands for itself.
type itemPart struct {
	Text, Note string
	Hidden     bool
	Chart      *chart.Chart
}

type sectorTable struct {
	Head []string
	Rows []sectorRow
}

type sectorRow struct {
	Name  string
	Cells []sectorCell
}

type sectorCell struct {
	Text   string
	Hidden bool
}

// builder turns one snapshot into a page.
type builder struct {
	x      *Service
	p      web.Page
	snap   survey.Snapshot
	fields map[string]form.Field
}

// asked is the version of the form that a survey was asked with, nil when nobody has it any more: then
// results go by their keys.
func (x *Service) asked(ctx context.Context, snap survey.Snapshot) (*form.Form, error) {
	in, missing := x.Instruments.Instrument(snap.Form)
	if missing == nil && (snap.Hash == in.Form.Hash || x.Library == nil) {
		return in.Form, nil
	}
	if x.Library == nil {
		return nil, nil
	}
	f, err := x.Library.Form(ctx, snap.Hash)
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrKey) {
		return nil, nil
	}
	return f, err
}

func (x *Service) surveyPage(p web.Page, snap survey.Snapshot, f *form.Form) surveyPage {
	p.Wide()
	b := builder{x: x, p: p, snap: snap, fields: map[string]form.Field{}}
	if f != nil {
		for _, field := range f.Fields() {
			b.fields[field.Name] = field
		}
	}
	out := surveyPage{Page: p, Facts: b.facts(), Hidden: snap.Result.Hidden != "", Open: snap.Mode == survey.Open}
	if out.Hidden {
		return out
	}
	out.Rows = b.rows()
	out.Index, out.Bands = b.index(), b.bands()
	for _, c := range snap.Result.Constructs {
		out.Constructs = append(out.Constructs, b.construct(c))
	}
	for _, m := range snap.Result.Items {
		if m.Construct == "" {
			out.Singles = append(out.Singles, b.single(m))
		}
	}
	out.Sectors = b.sectors()
	return out
}

func (b builder) facts() []fact {
	p, s := b.p, b.snap
	out := []fact{
		{p.T("evaluation.fact.form"), b.x.title(p, s.Form)},
		{p.T("evaluation.fact.window"), p.T("evaluation.fact.window.text", p.Short(s.From), p.Short(s.To))},
	}
	if s.Mode == survey.Closed {
		out = append(out,
			fact{p.T("evaluation.fact.invited"), count(p, s.Invited)},
			fact{p.T("evaluation.fact.bounced"), count(p, s.Bounced)})
	}
	if s.Result.Hidden != "" {
		return append(out, fact{p.T("evaluation.fact.answers"), p.T("evaluation.fact.few")})
	}
	out = append(out,
		fact{p.T("evaluation.fact.answers"), count(p, s.Result.Answers)},
		fact{p.T("evaluation.fact.completed"), count(p, s.Result.Completed)})
	if s.Rate == nil {
		return append(out, fact{p.T("evaluation.fact.rate"), p.T("evaluation.fact.rate.none")})
	}
	return append(out, fact{p.T("evaluation.fact.rate"), p.Percent(*s.Rate, 1)})
}

func (b builder) name(construct string) string { return b.p.In(b.x.Instruments.Construct(construct)) }

// text is what an item asks; its key when the form does not know it any more.
func (b builder) text(m score.Measure) string {
	f, ok := b.fields[m.Key]
	if !ok {
		return m.Key
	}
	text := b.p.In(f.Label)
	if m.Reversed {
		text += " " + b.p.T("evaluation.reversed")
	}
	return text
}

func (b builder) rows() []constructRow {
	var out []constructRow
	for _, m := range b.snap.Result.Constructs {
		r := constructRow{Name: b.name(m.Key), Hidden: m.Hidden != ""}
		if !r.Hidden {
			r.Index, r.N = b.p.Number(m.Index, 1), count(b.p, m.N)
		}
		if m.Counts != nil {
			r.SD, r.Top, r.Bottom = b.p.Number(m.SD, 1), b.p.Percent(m.Top, 1), b.p.Percent(m.Bottom, 1)
		}
		out = append(out, r)
	}
	return out
}

func (b builder) head(name, title string) chart.Head {
	return chart.Head{Lang: b.p.Lang, ID: id(name), Title: title}
}

func (b builder) index() *chart.Chart {
	var bars []chart.Bar
	for _, m := range b.snap.Result.Constructs {
		bars = append(bars, chart.Bar{Label: b.name(m.Key), Value: m.Index, N: m.N, Hidden: m.Hidden != ""})
	}
	c := chart.Bars(b.head("index", b.p.T("evaluation.index.chart")), bars)
	return &c
}

// bands shows how the answers spread over the index: a mean of 50 can be agreement or two camps.
func (b builder) bands() *chart.Chart {
	var rows []chart.Row
	for _, m := range b.snap.Result.Constructs {
		rows = append(rows, chart.Row{Label: b.name(m.Key), Counts: m.Counts, Hidden: m.Counts == nil})
	}
	scale := []string{b.p.T("evaluation.band.1"), b.p.T("evaluation.band.2"), b.p.T("evaluation.band.3"), b.p.T("evaluation.band.4")}
	c := chart.Distribution(b.head("bands", b.p.T("evaluation.bands.chart")), scale, rows)
	return &c
}

// construct shows each item with all its answers.
func (b builder) construct(c score.Measure) constructPart {
	part := constructPart{Name: b.name(c.Key)}
	if c.Hidden == "" {
		part.Index = b.p.T("evaluation.construct.index", b.p.Number(c.Index, 1), c.N)
	}
	var rows []chart.Row
	var means, labels []string
	for _, m := range b.snap.Result.Items {
		if m.Construct != c.Key {
			continue
		}
		labels = b.scale(m.Key)
		part.Stem = b.p.In(b.x.Instruments.Stem(b.fields[m.Key].Scale))
		rows = append(rows, chart.Row{Label: b.text(m), Counts: withNA(m), Hidden: m.Counts == nil})
		means = append(means, b.mean(m))
	}
	part.Chart = chart.Distribution(b.head("items-"+c.Key, b.p.T("evaluation.items.chart", part.Name)), labels, rows)
	part.Chart.Table.Head = append(part.Chart.Table.Head, b.p.T("evaluation.mean"))
	for i := range part.Chart.Table.Rows {
		part.Chart.Table.Rows[i] = append(part.Chart.Table.Rows[i], means[i])
	}
	return part
}

func (b builder) mean(m score.Measure) string {
	if m.Hidden != "" {
		return "–"
	}
	return b.p.Number(m.Mean, 2)
}

func withNA(m score.Measure) []int {
	if m.Counts == nil {
		return nil
	}
	return append(slices.Clone(m.Counts), m.NA)
}

// scale names the options of an item, the last one being "cannot judge".
func (b builder) scale(item string) []string {
	var labels []string
	for _, c := range b.fields[item].Choices {
		labels = append(labels, b.p.In(c.Label))
	}
	return labels
}

// stages is how many options of the escalation scale make one band of its chart: Glasl's three levels.
const stages = 3

// single shows an item that belongs to no index. Scales of more than five steps are drawn in bands, and
// their mean is not shown: stages of escalation are an order, not a measure.
func (b builder) single(m score.Measure) itemPart {
	part := itemPart{Text: b.text(m), Hidden: m.Hidden != ""}
	if part.Hidden {
		return part
	}
	labels, counts, long := b.scale(m.Key), withNA(m), len(b.fields[m.Key].Choices) > 6
	if !long {
		part.Note = b.p.T("evaluation.single.mean", b.p.Number(m.Mean, 2), m.N)
	}
	if counts == nil {
		return part
	}
	row := chart.Row{Label: part.Text, Counts: counts}
	c := chart.Distribution(b.head("item-"+m.Key, part.Text), labels, []chart.Row{row})
	if long {
		c.SVG = chart.Distribution(b.head("item-"+m.Key, part.Text), b.bandNames(m), []chart.Row{{Label: part.Text, Counts: inBands(m)}}).SVG
	}
	part.Chart = &c
	return part
}

func (b builder) bandNames(m score.Measure) []string {
	var out []string
	for i := 0; i < len(m.Counts); i += stages {
		out = append(out, b.p.T("evaluation.stages", i+1, min(i+stages, len(m.Counts))))
	}
	return append(out, b.p.T("evaluation.na"))
}

func inBands(m score.Measure) []int {
	var out []int
	for band := range slices.Chunk(m.Counts, stages) {
		sum := 0
		for _, n := range band {
			sum += n
		}
		out = append(out, sum)
	}
	return append(out, m.NA)
}

// sectors shows constructs by sector, where disclosure control left anything.
func (b builder) sectors() *sectorTable {
	if len(b.snap.Result.Sectors) == 0 {
		return nil
	}
	t := &sectorTable{Head: []string{b.p.T("evaluation.construct")}}
	for _, s := range b.snap.Result.Sectors {
		t.Head = append(t.Head, b.sector(s.Code))
	}
	for i, m := range b.snap.Result.Constructs {
		row := sectorRow{Name: b.name(m.Key)}
		for _, s := range b.snap.Result.Sectors {
			cell := sectorCell{Text: b.p.T("evaluation.hidden"), Hidden: s.Cells[i].Hidden != ""}
			if !cell.Hidden {
				cell.Text = b.p.T("evaluation.sector.cell", b.p.Number(s.Cells[i].Index, 1), s.Cells[i].N)
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (b builder) sector(code string) string {
	for _, f := range b.fields {
		if f.Construct != "" || f.Scale != "" {
			continue
		}
		for _, c := range f.Choices {
			if c.Name == code && f.Name == "P1" {
				return b.p.In(c.Label)
			}
		}
	}
	return b.p.T("evaluation.sector.none")
}

package evaluation

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"kokoma/shared/chart"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/web"
)

type overviewPage struct {
	web.Page
	Waves   []wavePart
	Surveys []surveyLink
	Older   string // path of the rest of the list
	None    bool
}

// wavePart is one wave on the overview.
type wavePart struct {
	Title    string
	Withheld string
	Chart    *chart.Chart
	Rows     []valueRow
}

type valueRow struct {
	Construct, Unweighted, Weighted, Municipalities, N, As string
	Withheld                                               string
}

type surveyLink struct{ Path, Name, Title, Until string }

func (x *Service) overviewPage(p web.Page, waves []Wave, surveys []Entry, older string) overviewPage {
	p.Wide()
	out := overviewPage{Page: p, None: len(surveys) == 0 && len(waves) == 0}
	slices.SortFunc(waves, func(a, b Wave) int {
		return cmp.Or(cmp.Compare(rank(a.Form), rank(b.Form)), cmp.Compare(a.Form, b.Form))
	})
	for _, w := range waves {
		part := wavePart{Title: x.title(p, w.Form)}
		x.values(p, &part, w)
		out.Waves = append(out.Waves, part)
	}
	for _, s := range surveys {
		out.Surveys = append(out.Surveys, surveyLink{p.Path("/auswertung/" + s.ID), s.Name, x.title(p, s.Form), p.Short(s.To)})
	}
	if older != "" {
		out.Older = p.Path("/auswertung") + "?" + url.Values{upTo: {older}}.Encode() + "#befragungen"
	}
	return out
}

func rank(form string) int {
	if i := slices.Index(order, form); i >= 0 {
		return i
	}
	return len(order)
}

// values writes the constructs over all. When none can be shown there is one sentence instead of a table
// of reasons.
func (x *Service) values(p web.Page, part *wavePart, w Wave) {
	var bars []chart.Bar
	for _, v := range w.Values {
		row := valueRow{Construct: p.In(x.Instruments.Construct(v.Construct)), Municipalities: count(p, v.Municipalities)}
		if v.Withheld != "" {
			row.Withheld = withheld(p, v)
		} else {
			row.Unweighted, row.Weighted, row.N = p.Number(v.Unweighted, 1), p.Number(v.Weighted, 1), count(p, v.N)
			row.As = p.Short(v.As)
			bars = append(bars, chart.Bar{Label: row.Construct, Value: v.Unweighted, N: v.N})
		}
		part.Rows = append(part.Rows, row)
	}
	if len(bars) == 0 {
		part.Rows, part.Withheld = nil, p.T("evaluation.withheld.too_few", 0)
		if len(w.Values) > 0 {
			part.Withheld = withheld(p, w.Values[0])
		}
		return
	}
	c := chart.Bars(chart.Head{Lang: p.Lang, ID: id("over-" + w.Form), Title: p.T("evaluation.over.chart", part.Title)}, bars)
	part.Chart = &c
}

func withheld(p web.Page, v Value) string {
	if v.Withheld == disclosure.Dominant {
		return p.T("evaluation.withheld.dominant")
	}
	return p.T("evaluation.withheld.too_few", v.Municipalities)
}

func (x *Service) title(p web.Page, form string) string {
	in, err := x.Instruments.Instrument(form)
	if err != nil {
		return form
	}
	return p.In(in.Title)
}

func count(p web.Page, n int) string { return p.Number(float64(n), 0) }

// id makes the id of a chart on its page.
func id(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/chart"
	"kokoma/shared/form"
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// assessmentsPage shows how far the conflict has gone, over time.
type assessmentsPage struct {
	web.Page
	page.Facts
	CasePath string
	Chart    chart.Chart
	Rows     []assessmentRow // newest first
}

type assessmentRow struct {
	Heading, By string
	Sides       []sideRow
}

type sideRow struct{ Who, Stage, Certain, Reason string }

func (x *Service) showAssessments(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if !d.overview() {
		return web.ErrNotFound
	}
	steps, err := x.AllSteps(r.Context(), d.ID)
	if err != nil {
		return err
	}
	p := assessmentsPage{Page: x.Site.Page(r, "workflow.assess.title"), CasePath: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Head.Phase())
	all := process.Assessments(steps)
	if len(all) > 0 {
		p.Chart = chart.Lines(chart.Head{Lang: p.Lang, ID: "stages", Title: p.T("workflow.assess.chart")}, 1, 9, stageLines(p.Page, all))
	}
	for _, a := range slices.Backward(all) {
		p.Rows = append(p.Rows, x.assessmentRow(p.Page, d, a))
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "assessments", p)
}

// stageLines are the whole and then every side, by how it was named.
func stageLines(p web.Page, all []process.Assessment) []chart.Line {
	lines := []chart.Line{{Label: p.T("workflow.assess.total")}}
	at := map[string]int{}
	for _, a := range all {
		lines[0].Points = append(lines[0].Points, chart.Point{On: a.On, Value: a.Total})
		for _, side := range a.Parties {
			key := strings.ToLower(strings.TrimSpace(side.Party))
			i, ok := at[key]
			if !ok {
				i = len(lines)
				at[key], lines = i, append(lines, chart.Line{Label: side.Party})
			}
			lines[i].Points = append(lines[i].Points, chart.Point{On: a.On, Value: side.Stage})
		}
	}
	return lines
}

func (x *Service) assessmentRow(p web.Page, d *desk, a process.Assessment) assessmentRow {
	title := a.Step
	if t := d.Def.Template(a.Step); t != nil {
		title = p.In(t.Title)
	}
	row := assessmentRow{
		Heading: p.T("workflow.assess.of", p.Short(a.On), title), By: p.T("workflow.assess.by", p.T("workflow.role."+a.By)),
	}
	row.Sides = append(row.Sides, sideRow{p.T("workflow.assess.total"), inWords(p, "GLASL", strconv.Itoa(a.Total)), inWords(p, "CONF3", a.Confidence), a.Reason})
	for _, s := range a.Parties {
		row.Sides = append(row.Sides, sideRow{s.Party, inWords(p, "GLASL", strconv.Itoa(s.Stage)), inWords(p, "CONF3", s.Confidence), s.Reason})
	}
	return row
}

// inWords says an answer by the list that it was chosen from.
func inWords(p web.Page, list, name string) string {
	c, ok := form.Lists()[list].Choice(name)
	if !ok {
		return "–"
	}
	return p.In(c.Label)
}

package desk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// reportPage is a quarterly report to print: what was written, then the figures.
type reportPage struct {
	web.Page
	page.Facts
	CasePath string
	By, When string
	Texts    []reportText
	Parts    []reportPart
	Others   []page.Link // the other reports of the case
}

type reportText struct {
	Title string
	Lines []string
}

// reportPart is one table of figures.
type reportPart struct {
	Title string
	Rows  []reportRow
}

// reportRow is a figure; what it is made of is indented below it.
type reportRow struct {
	Label, Value string
	Of           bool
}

// reportPath leads to the n-th report of a case.
func reportPath(caseID string, n int) string {
	return "/vorgaenge/" + caseID + "/bericht/" + strconv.Itoa(n)
}

func (x *Service) showReport(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	t := reporting(d.Def)
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || t == nil || !d.overview() {
		return web.ErrNotFound
	}
	st, err := x.Step(r.Context(), d.ID, process.Ref{Step: t.Key, Iteration: n})
	if errors.Is(err, table.ErrNotFound) || err == nil && st.State != process.Done {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	f, err := x.FormOf(r.Context(), t, st.Form)
	if err != nil {
		return err
	}
	a, _ := d.visible(t, f, st.Answers)
	p := x.reportPage(r, d, st)
	p.fill(f, f.Summary(a, x.Env(r.Context(), p.Lang, d.Now(x.Now()))))
	if err := x.addReports(r, &p, d, st.Ref); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "report", p)
}

// reporting is the step of the quarterly report, nil for a process without one.
func reporting(d *process.Definition) *process.Template {
	i := slices.IndexFunc(d.Templates, func(t *process.Template) bool { return t.Source == process.FromFigures })
	if i < 0 {
		return nil
	}
	return d.Templates[i]
}

func (x *Service) reportPage(r *http.Request, d *desk, st process.Step) reportPage {
	p := reportPage{Page: x.Site.Page(r, "workflow.step.title"), CasePath: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, st.Ref.Step[:1])
	p.SetTitle(reportTitle(p.Page, st))
	p.When, p.By = p.DateTime(st.At), p.T("workflow.role."+cmp.Or(st.By.For, st.By.Role))
	return p
}

// reportTitle names the quarter that the report itself says it is about.
func reportTitle(p web.Page, st process.Step) string {
	q := process.QuarterBefore(st.Opened)
	return p.T("workflow.report.title", q.Number(), q.From.Year)
}

// fill puts what stands in groups into tables and what was written into
// paragraphs; what was chosen goes with the first table.
func (p *reportPage) fill(f *form.Form, groups []form.SummaryGroup) {
	for _, g := range groups {
		if g.Page != "" {
			part := reportPart{Title: g.Label}
			for _, item := range g.Items {
				part.Rows = append(part.Rows, rowsOf(item)...)
			}
			if len(part.Rows) > 0 {
				p.Parts = append(p.Parts, part)
			}
			continue
		}
		for _, item := range g.Items {
			switch q, _ := f.Field(item.Name); {
			case item.Empty:
			case q.Type == "text":
				p.Texts = append(p.Texts, reportText{plain(item.Label), item.Values})
			case len(p.Parts) > 0:
				p.Parts[0].Rows = append(p.Parts[0].Rows, rowsOf(item)...)
			}
		}
	}
}

// plain is the label of a question without what only matters while it is
// answered.
func plain(label string) string {
	return strings.TrimSuffix(strings.TrimSuffix(label, " (freiwillig)"), " (optional)")
}

// rowsOf is a figure, or the rows of a list: what each is, and how much or when.
func rowsOf(item form.SummaryItem) []reportRow {
	if len(item.Rows) == 0 {
		if item.Class == "" && item.Empty { // a list without rows: its number says so
			return nil
		}
		return []reportRow{{Label: item.Label, Value: strings.Join(item.Values, ", ")}}
	}
	var out []reportRow
	for _, row := range item.Rows {
		one := reportRow{Of: true}
		for i, cell := range row.Items {
			if text := strings.Join(cell.Values, ", "); i == 0 {
				one.Label = text
			} else {
				one.Value = text
			}
		}
		out = append(out, one)
	}
	return out
}

// addReports links to the other reports of the case, the newest first.
func (x *Service) addReports(r *http.Request, p *reportPage, d *desk, here process.Ref) error {
	all, err := x.AllSteps(r.Context(), d.ID)
	if err != nil {
		return err
	}
	for n := d.Head.Steps[here.Step].Iteration; n > 0; n-- {
		if st, ok := all[process.Ref{Step: here.Step, Iteration: n}]; ok && st.State == process.Done && n != here.Iteration {
			p.Others = append(p.Others, page.Link{Path: reportPath(d.ID, n), Label: reportTitle(p.Page, st)})
		}
	}
	return nil
}

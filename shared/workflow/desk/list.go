package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// perPage is how many cases a page of the list shows.
const perPage = 50

type caseRow struct {
	Path, No, Municipality, Land string
	Key, Status, StatusKind      string
	Phase                        string
}

type option struct {
	Value, Label string
	Selected     bool
}

type casesPage struct {
	web.Page
	Rows             []caseRow
	Search           string
	Statuses, Phases []option
	Total            int
	Next, Previous   string
	Office           bool
}

// statusKind says how a status looks.
var statusKind = map[process.Status]string{
	process.Intake: "info", process.Active: "success", process.Waiting: "warning", process.Paused: "warning",
	process.Declined: "muted", process.Referred: "muted", process.Withdrawn: "muted", process.Completed: "success", process.Stopped: "muted",
}

var statuses = []process.Status{
	process.Intake, process.Active, process.Waiting, process.Paused, process.Declined, process.Referred, process.Withdrawn,
	process.Completed, process.Stopped,
}

// seen lists the cases that a person may see.
func (x *Service) seen(ctx context.Context, u *web.User) ([]cases.Listed, error) {
	all, err := x.List(ctx)
	if err != nil || u.HasIn("", "SVC") {
		return all, err
	}
	mine, err := x.mine(ctx, u)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(l cases.Listed) bool {
		return !slices.ContainsFunc(mine, func(d *desk) bool { return d.ID == l.ID && d.overview() })
	}), nil
}

func (x *Service) row(p web.Page, l cases.Listed) caseRow {
	return caseRow{
		Path: "/vorgaenge/" + l.ID, No: l.No, Municipality: l.Name, Land: municipality.LandName(p.Lang, l.Land), Key: l.Key,
		Status: p.T("workflow.status." + string(l.Status)), StatusKind: statusKind[l.Status],
		Phase: p.T("workflow.phase." + l.Phase),
	}
}

func (x *Service) showCases(w http.ResponseWriter, r *http.Request) error {
	p := casesPage{Page: x.Site.Page(r, "workflow.cases.title")}
	all, err := x.seen(r.Context(), p.User)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p.Search = strings.TrimSpace(q.Get("suche"))
	status, phase := q.Get("stand"), q.Get("phase")
	found := slices.DeleteFunc(all, func(l cases.Listed) bool {
		return status != "" && string(l.Status) != status || phase != "" && l.Phase != phase ||
			!strings.Contains(strings.ToLower(l.No+" "+l.Name+" "+l.Key), strings.ToLower(p.Search))
	})
	for _, s := range statuses {
		p.Statuses = append(p.Statuses, option{string(s), p.T("workflow.status." + string(s)), status == string(s)})
	}
	d, err := x.Current()
	if err != nil {
		return err
	}
	for _, ph := range d.Phases() {
		p.Phases = append(p.Phases, option{ph, p.T("workflow.phase." + ph), phase == ph})
	}
	p.Total, p.Office = len(found), p.User.HasIn("", "SVC")
	for _, l := range p.turn(found, q.Get("seite"), func(n int) string {
		q.Set("seite", strconv.Itoa(n))
		return "/vorgaenge?" + q.Encode()
	}) {
		p.Rows = append(p.Rows, x.row(p.Page, l))
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "cases", p)
}

// turn gives the cases of the page that was asked for, and the ways to the
// next ones.
func (p *casesPage) turn(found []cases.Listed, number string, path func(int) string) []cases.Listed {
	last := max(0, len(found)-1) / perPage
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 1
	}
	n = min(max(n, 1), last+1)
	if n > 1 {
		p.Previous = path(n - 1)
	}
	if n <= last {
		p.Next = path(n + 1)
	}
	return found[(n-1)*perPage : min(n*perPage, len(found))]
}

type municipalitiesPage struct {
	web.Page
	Rows []caseRow
}

// showMunicipalities lists whom the project serves, with their cases.
func (x *Service) showMunicipalities(w http.ResponseWriter, r *http.Request) error {
	p := municipalitiesPage{Page: x.Site.Page(r, "workflow.municipalities.title")}
	all, err := x.seen(r.Context(), p.User)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b cases.Listed) int { return cmp.Compare(a.Name, b.Name) })
	for _, l := range all {
		p.Rows = append(p.Rows, x.row(p.Page, l))
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "municipalities", p)
}

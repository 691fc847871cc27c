package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// perPage is how many entries a page of a list shows.
const perPage = 50

// known is a case of the list, and the roles in which the person sees it.
type known struct {
	cases.Listed
	roles []string
}

// caseRow is a line of the list of cases.
type caseRow struct {
	Path, No           string
	Municipality, Land string
	Key                string
	Status, StatusKind string
	Phase              string
	Next, Due          string // the open step that is due first
	Late               bool
	Overdue            int
}

type option struct {
	Value, Label string
	Selected     bool
}

// choice is a link that narrows a list, with how many entries it leaves.
type choice struct {
	Path, Label string
	Count       int
	Current     bool
}

type casesPage struct {
	web.Page
	paging
	Rows              []caseRow
	Search            string
	Lands, Milestones []option
	Roles             []option
	Statuses, Phases  []choice
	Overdue           bool
	Status, Phase     string // chosen by link, kept by the form
	Total             int
	Filtered          bool
	Office            bool
}

// statusKind says how a status looks.
var statusKind = map[process.Status]string{
	process.Intake: "info", process.Active: "success", process.Waiting: "warning", process.Paused: "warning",
	process.Completed: "success",
	process.Declined:  "muted", process.Referred: "muted", process.Withdrawn: "muted", process.Stopped: "muted",
}

var statuses = []process.Status{
	process.Intake, process.Active, process.Waiting, process.Paused, process.Declined, process.Referred, process.Withdrawn,
	process.Completed, process.Stopped,
}

// seen lists the cases that a person may see. It reads the list of all cases,
// of which about ten fill a read unit, and but for the service office the cases
// in which the person holds a role.
func (x *Service) seen(ctx context.Context, u *web.User) ([]known, error) {
	if !u.HasIn("", "SVC") {
		mine, err := x.mine(ctx, u)
		var out []known
		for _, d := range mine {
			if d.overview() {
				out = append(out, known{d.listed, d.roles})
			}
		}
		return out, err
	}
	all, err := x.List(ctx)
	out := make([]known, len(all))
	for i, l := range all {
		out[i] = known{l, []string{"SVC"}}
	}
	return out, err
}

// filter is what the list of cases is narrowed to.
type filter struct {
	search, status, phase, land, milestone, role string
	overdue                                      bool
	today                                        lang.Date
}

func filterOf(q url.Values, today lang.Date) filter {
	return filter{
		search: strings.ToLower(strings.TrimSpace(q.Get("suche"))), status: q.Get("stand"), phase: q.Get("phase"),
		land: q.Get("land"), milestone: q.Get("meilenstein"), role: q.Get("rolle"), overdue: q.Has("ueberfaellig"), today: today,
	}
}

func (f filter) has(k known) bool {
	return (f.status == "" || string(k.Status) == f.status) && (f.phase == "" || k.Phase == f.phase) &&
		(f.land == "" || k.Land == f.land) && (f.role == "" || slices.Contains(k.roles, f.role)) &&
		(f.milestone == "" || k.Reached(f.milestone)) && (!f.overdue || k.late(f.today) > 0) &&
		strings.Contains(strings.ToLower(k.No+" "+k.Name+" "+k.Key), f.search)
}

// late counts what is overdue; where nothing can be done nothing is.
func (k known) late(today lang.Date) int {
	if !k.Status.Running() {
		return 0
	}
	return k.Overdue(today)
}

// numberForm is how people write the number of a case.
var numberForm = regexp.MustCompile(`(?i)^\s*(?:KK)?[\s-]*(\d{4})[\s-]+(\d{1,4})\s*$`)

// toNumber leads straight to the case whose number was looked for, if the
// person may see it. It reads the one case and no list.
func (x *Service) toNumber(r *http.Request, search string) (string, error) {
	m := numberForm.FindStringSubmatch(search)
	if m == nil {
		return "", nil
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return "", nil
	}
	id, err := x.ByNumber(r.Context(), fmt.Sprintf("KK-%s-%04d", m[1], n))
	if errors.Is(err, table.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	c, err := x.Load(r.Context(), id)
	if err != nil {
		return "", err
	}
	if !x.before(c, web.UserFrom(r.Context())).overview() {
		return "", nil
	}
	return "/vorgaenge/" + id, nil
}

func (x *Service) showCases(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	path, err := x.toNumber(r, q.Get("suche"))
	if err != nil {
		return err
	}
	if path != "" {
		return web.Redirect(w, r, path)
	}
	p := casesPage{Page: x.Site.Page(r, "workflow.cases.title"), Search: strings.TrimSpace(q.Get("suche"))}
	all, err := x.seen(r.Context(), p.User)
	if err != nil {
		return err
	}
	d, err := x.Current()
	if err != nil {
		return err
	}
	f := filterOf(q, x.today())
	found := keep(all, f.has)
	p.Office = p.User.HasIn("", "SVC")
	p.Total, p.Filtered, p.Overdue, p.Status, p.Phase = len(found), len(found) < len(all), f.overdue, f.status, f.phase
	x.offer(&p, d, all, f, q)
	var rows []known
	rows, p.paging = turn(found, perPage, "/vorgaenge", q)
	for _, k := range rows {
		p.Rows = append(p.Rows, x.row(p.Page, d, k))
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "cases", p)
}

func keep[T any](list []T, ok func(T) bool) []T {
	var out []T
	for _, one := range list {
		if ok(one) {
			out = append(out, one)
		}
	}
	return out
}

// facet is one way to narrow a list by links, with how many entries each
// leaves. What leaves none is left out, but for what is chosen.
func facet[T any](base string, q url.Values, name string, offers []option, left []T, of func(T) string) []choice {
	counts := map[string]int{}
	for _, one := range left {
		counts[of(one)]++
	}
	counts[""] = len(left)
	var out []choice
	for _, o := range offers {
		if n := counts[o.Value]; n > 0 || o.Selected || o.Value == "" {
			out = append(out, choice{Path: with(base, q, name, o.Value), Label: o.Label, Count: n, Current: o.Selected})
		}
	}
	return out
}

// offer fills in by what the list can be narrowed. The counts by status and by
// phase are of what the other filters leave.
func (x *Service) offer(p *casesPage, d *process.Definition, all []known, f filter, q url.Values) {
	states := []option{{"", p.T("workflow.cases.all"), f.status == ""}}
	for _, s := range statuses {
		states = append(states, option{string(s), p.T("workflow.status." + string(s)), f.status == string(s)})
	}
	phases := []option{{"", p.T("workflow.cases.all"), f.phase == ""}}
	for _, ph := range d.Phases() {
		phases = append(phases, option{ph, p.T("workflow.phase." + ph), f.phase == ph})
	}
	others := f
	others.status = ""
	p.Statuses = facet("/vorgaenge", q, "stand", states, keep(all, others.has), func(k known) string { return string(k.Status) })
	others = f
	others.phase = ""
	p.Phases = facet("/vorgaenge", q, "phase", phases, keep(all, others.has), func(k known) string { return k.Phase })
	for _, t := range d.Milestones() {
		p.Milestones = append(p.Milestones, option{t.Milestone, t.Milestone + " " + p.T("workflow.milestone."+t.Milestone), f.milestone == t.Milestone})
	}
	p.Lands = x.lands(p.Page, all, f.land)
	for _, role := range caseRoles {
		if role != "SVC" && slices.ContainsFunc(all, func(k known) bool { return slices.Contains(k.roles, role) }) {
			p.Roles = append(p.Roles, option{role, p.T("workflow.role." + role), f.role == role})
		}
	}
}

// lands are the Länder that the cases are in, by name.
func (x *Service) lands(p web.Page, all []known, chosen string) []option {
	var out []option
	for _, l := range municipality.LandsByName(p.Lang) {
		if slices.ContainsFunc(all, func(k known) bool { return k.Land == l.Code }) {
			out = append(out, option{l.Code, p.In(l.Name), chosen == l.Code})
		}
	}
	return out
}

func (x *Service) row(p web.Page, d *process.Definition, k known) caseRow {
	today := x.today()
	row := caseRow{
		Path: "/vorgaenge/" + k.ID, No: k.No, Municipality: k.Name, Land: municipality.LandName(p.Lang, k.Land), Key: k.Key,
		Status: p.T("workflow.status." + string(k.Status)), StatusKind: statusKind[k.Status],
		Phase: p.T("workflow.phase." + k.Phase), Overdue: k.late(today),
	}
	if len(k.Open) == 0 || !k.Status.Running() {
		return row
	}
	first := k.Open[0]
	if first.On.IsZero() {
		return row // what can be done at any time is not what is next
	}
	row.Next, row.Late, row.Due = first.Step, first.Late(today), p.Short(first.On)
	if t := d.Template(first.Step); t != nil {
		row.Next = first.Step + " " + p.In(t.Title)
	}
	return row
}

package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// standing is how a municipality takes part, by kokoma.md 6.2. It is derived
// from its cases and stored nowhere.
type standing string

const (
	candidate standing = "candidate"
	active    standing = "active"
	paused    standing = "paused"
	completed standing = "completed"
	withdrawn standing = "withdrawn"
)

// standings are in the order in which a case that stands so decides over the
// others of its municipality.
var standings = []standing{active, paused, candidate, completed, withdrawn}

var standingKind = map[standing]string{candidate: "info", active: "success", paused: "warning", completed: "success", withdrawn: "muted"}

func standingOf(s process.Status) standing {
	switch s {
	case process.Active:
		return active
	case process.Paused:
		return paused
	case process.Intake, process.Waiting:
		return candidate
	case process.Completed:
		return completed
	}
	return withdrawn
}

// town is a municipality with its cases, newest first.
type town struct {
	ID, Key, Name, Land string
	cases               []known
}

func (t town) standing() standing {
	at := slices.IndexFunc(standings, func(s standing) bool {
		return slices.ContainsFunc(t.cases, func(k known) bool { return standingOf(k.Status) == s })
	})
	return standings[at]
}

// townID names a municipality in addresses: by its key, or where it has none by
// the number of its case.
func townID(l cases.Listed) string { return cmp.Or(l.Key, l.No) }

// towns puts the cases of each municipality together, by name.
func towns(all []known) []town {
	byID := map[string]*town{}
	var out []*town
	for _, k := range all {
		t := byID[townID(k.Listed)]
		if t == nil {
			t = &town{ID: townID(k.Listed), Key: k.Key, Name: k.Name, Land: k.Land}
			byID[t.ID] = t
			out = append(out, t)
		}
		t.cases = append(t.cases, k)
	}
	slices.SortStableFunc(out, func(a, b *town) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	sorted := make([]town, len(out))
	for i, t := range out {
		sorted[i] = *t
	}
	return sorted
}

type townRow struct {
	Path, Name, Key, Land string
	State, Kind           string
	Cases                 []caseRow
}

type municipalitiesPage struct {
	web.Page
	paging
	Rows     []townRow
	Search   string
	Lands    []option
	States   []choice
	State    string // chosen by link, kept by the form
	Total    int
	Filtered bool
}

func (x *Service) townRow(p web.Page, d *process.Definition, t town) townRow {
	s := t.standing()
	row := townRow{
		Path: "/kommunen/" + t.ID, Name: t.Name, Key: t.Key, Land: municipality.LandName(p.Lang, t.Land),
		State: p.T("workflow.standing." + string(s)), Kind: standingKind[s],
	}
	for _, k := range t.cases {
		row.Cases = append(row.Cases, x.row(p, d, k))
	}
	return row
}

// showMunicipalities lists whom the project serves, with their cases.
func (x *Service) showMunicipalities(w http.ResponseWriter, r *http.Request) error {
	p := municipalitiesPage{Page: x.Site.Page(r, "workflow.municipalities.title")}
	seen, err := x.seen(r.Context(), p.User)
	if err != nil {
		return err
	}
	d, err := x.Current()
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p.Search, p.State = strings.TrimSpace(q.Get("suche")), q.Get("stand")
	land, all := q.Get("land"), towns(seen)
	left := keep(all, func(t town) bool {
		return (land == "" || t.Land == land) && strings.Contains(strings.ToLower(t.Name+" "+t.Key), strings.ToLower(p.Search))
	})
	states := []option{{"", p.T("workflow.cases.all"), p.State == ""}}
	for _, s := range standings {
		states = append(states, option{string(s), p.T("workflow.standing." + string(s)), p.State == string(s)})
	}
	p.States = facet("/kommunen", q, "stand", states, left, func(t town) string { return string(t.standing()) })
	p.Lands = x.lands(p.Page, seen, land)
	found := keep(left, func(t town) bool { return p.State == "" || string(t.standing()) == p.State })
	p.Total, p.Filtered = len(found), len(found) < len(all)
	var rows []town
	rows, p.paging = turn(found, perPage, "/kommunen", q)
	for _, t := range rows {
		p.Rows = append(p.Rows, x.townRow(p.Page, d, t))
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "municipalities", p)
}

// municipalityPage is one municipality: its cases, and who holds which role.
type municipalityPage struct {
	web.Page
	Town   townRow
	People []casePeople
}

type casePeople struct {
	Path, No string
	People   []peopleRow
}

func (x *Service) showMunicipality(w http.ResponseWriter, r *http.Request) error {
	p := municipalityPage{Page: x.Site.Page(r, "workflow.municipalities.title")}
	seen, err := x.seen(r.Context(), p.User)
	if err != nil {
		return err
	}
	d, err := x.Current()
	if err != nil {
		return err
	}
	all := towns(seen)
	at := slices.IndexFunc(all, func(t town) bool { return t.ID == r.PathValue("key") })
	if at < 0 {
		return web.ErrNotFound
	}
	p.Town = x.townRow(p.Page, d, all[at])
	p.SetTitle(p.Town.Name)
	for _, k := range all[at].cases {
		c, err := x.Load(r.Context(), k.ID)
		if err != nil {
			return err
		}
		one := x.before(c, p.User)
		if people := (casePeople{"/vorgaenge/" + k.ID, k.No, x.peopleRows(p.Page, one)}); one.contacts() && len(people.People) > 0 {
			p.People = append(p.People, people)
		}
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "municipality", p)
}

// today is the day in Berlin.
func (x *Service) today() lang.Date { return lang.DateOf(x.Now()) }

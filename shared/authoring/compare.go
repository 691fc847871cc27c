package authoring

import (
	"net/http"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/diff"
	"kokoma/shared/web"
)

// comparePage says what a draft changes, and lets it be published.
type comparePage struct {
	web.Page
	Head       heading
	Live       versionRow
	Hash       string
	LiveHash   string
	Same       bool
	Changes    []changeGroup
	Refusals   []string // why it can't be published
	Needs      []string // what the process needs and doesn't find
	Meaning    []string
	Stale      []staleRow
	Blocked    bool
	Note       string
	Problem    string
	Action     string
	PreviewURL string
}

// changeGroup are the changes of one severity.
type changeGroup struct {
	Severity, Label, Text string
	Rows                  []changeRow
	Folded                bool
}

type changeRow struct {
	Label, Name   string
	What          string
	Before, After string
	Means         string
}

// staleRow is a translation that is older than its source.
type staleRow struct{ Where, Source, German, English, Says string }

func (s *Service) showComparison(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	which := r.FormValue("version")
	if which == "" {
		which = draftVersion
	}
	if which == draftVersion && x.shelf.Draft == nil {
		return web.Redirect(w, r, pathOf(x.id))
	}
	p, err := s.comparison(r, x, which)
	if err != nil {
		return err
	}
	return s.pages.Render(w, r, http.StatusOK, "compare", p)
}

// comparison compares a version with the live one, and with what names and
// choices meant in all before.
func (s *Service) comparison(r *http.Request, x subject, which string) (*comparePage, error) {
	history, err := s.published(r.Context(), x)
	if err != nil {
		return nil, err
	}
	f, err := s.version(r.Context(), x, which)
	if err != nil {
		return nil, err
	}
	live := history[len(history)-1]
	p := &comparePage{
		Page: s.Site.Page(r, "authoring.compare.title"), Hash: f.Hash, LiveHash: x.live(), Same: f.Hash == live.Hash,
	}
	p.Wide()
	p.Head = s.heading(p.Page, x, f)
	p.Live = versionOf(p.Page, x, x.versions()[0])
	p.Action = p.Path(pathOf(x.id) + "/veroeffentlichen")
	p.PreviewURL = p.Path(pathOf(x.id) + "/vorschau?version=" + which)
	report := diff.Against(history, f)
	p.changes(report)
	p.stale(history, f)
	p.Needs = x.needs(p.Page, f)
	p.means(x, report, live, f)
	p.Blocked = p.Same || report.Refused() || len(p.Needs) > 0
	return p, nil
}

// severities in the order of the page.
var severities = []diff.Severity{diff.Refused, diff.Careful, diff.Harmless}

// many harmless changes are folded away.
const many = 12

func (p *comparePage) changes(report diff.Report) {
	for _, severity := range severities {
		g := changeGroup{
			Severity: string(severity),
			Label:    p.T("authoring.severity." + string(severity)), Text: p.T("authoring.severity." + string(severity) + ".text"),
		}
		for _, c := range report.Changes {
			if c.Severity == severity {
				g.Rows = append(g.Rows, p.change(c))
			}
		}
		g.Folded = severity == diff.Harmless && len(g.Rows) > many
		if len(g.Rows) > 0 {
			p.Changes = append(p.Changes, g)
		}
	}
}

func (p *comparePage) change(c diff.Change) changeRow {
	row := changeRow{
		Label: p.In(c.Label), Name: c.Name, What: p.T("authoring.change." + string(c.Kind)),
		Before: p.In(c.Before), After: p.In(c.After), Means: p.In(c.Means),
	}
	if c.Name == "" {
		row.Label = p.T("authoring.compare.settings")
	}
	if c.Key != "" {
		row.What += " (" + c.Key + ")"
	}
	if c.Version != "" {
		row.Means += " " + p.T("authoring.compare.earlier", c.Version)
	}
	if c.Before.DE == c.After.DE && c.Before.EN != c.After.EN { // only the translation differs
		row.Before, row.After = c.Before.EN, c.After.EN
	}
	return row
}

func (p *comparePage) stale(history []*form.Form, f *form.Form) {
	for _, t := range diff.Stale(history, f) {
		where := []string{t.Name, t.Key}
		if t.Choice != "" {
			where = append(where, t.Choice)
		}
		where = slices.DeleteFunc(where, func(part string) bool { return part == "" })
		p.Stale = append(p.Stale, staleRow{strings.Join(where, ", "), t.Source, t.Text.DE, t.Text.EN, p.In(t.Says)})
	}
}

// needs are what the process needs of a form and doesn't find in it.
func (x subject) needs(page web.Page, f *form.Form) []string {
	var out []string
	for _, need := range x.source.Accept(f) {
		out = append(out, page.In(need))
	}
	return out
}

// blocking is what can be said without a comparison of why a draft can't be
// published, so that the author reads it right after the upload.
func (x subject) blocking(page web.Page, f *form.Form) []string {
	out := x.needs(page, f)
	if x.taken(f) {
		out = append(out, page.T("authoring.form.taken", f.Version))
	}
	return out
}

// taken says whether the library would refuse the version number of a form: it
// stands for another content, also where that only came with the platform.
func (x subject) taken(f *form.Form) bool {
	if x.shelf.Has(f.Hash) || x.shipped.Hash == f.Hash {
		return false
	}
	return x.shelf.Taken(f.Version, f.Hash) || x.shipped.Version == f.Version
}

// means says in sentences what becomes of running drafts, exports and waves.
func (p *comparePage) means(x subject, report diff.Report, live, f *form.Form) {
	p.Meaning = append(p.Meaning, p.T("authoring.means.drafts", live.Version))
	count := map[diff.Kind]int{}
	scales := false
	for _, c := range report.Changes {
		if q, ok := fieldOf(c.Name, f, live); ok {
			count[c.Kind]++
			scales = scales || q.Construct != "" && c.Severity != diff.Harmless
		}
	}
	if n := count[diff.Added]; n > 0 {
		p.Meaning = append(p.Meaning, p.T("authoring.means.added", n))
	}
	if n := count[diff.Removed]; n > 0 {
		p.Meaning = append(p.Meaning, p.T("authoring.means.removed", n))
	}
	if n := count[diff.Renamed]; n > 0 {
		p.Meaning = append(p.Meaning, p.T("authoring.means.renamed", n))
	}
	if count[diff.Added]+count[diff.Removed]+count[diff.Renamed] == 0 {
		p.Meaning = append(p.Meaning, p.T("authoring.means.columns"))
	}
	switch {
	case !x.source.Sealed:
	case scales:
		p.Meaning = append(p.Meaning, p.T("authoring.means.scales"))
	default:
		p.Meaning = append(p.Meaning, p.T("authoring.means.waves"))
	}
}

// fieldOf finds a question in the new version or, when it was removed, the old.
func fieldOf(name string, versions ...*form.Form) (form.Field, bool) {
	for _, f := range versions {
		if q, ok := f.Field(name); ok {
			return q, true
		}
	}
	return form.Field{}, false
}

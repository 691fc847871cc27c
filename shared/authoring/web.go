package authoring

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/web"
)

// Routes adds the desk of authors.
func (s *Service) Routes(mux web.Mux) {
	handle := func(pattern string, roles []string, h web.HandlerFunc) {
		mux.Handle(pattern, s.Site.Handle(web.RequireUser(h, roles...)))
	}
	handle("GET /formulare", readers, s.showList)
	// It asks for roles itself: what was posted must not be read for strangers.
	mux.Handle("POST /formulare", s.Site.HandleMax(maxDrain, s.receiveUpload))
	handle("GET /formulare/{id}", readers, s.showForm)
	handle("GET /formulare/{id}/vorschau", readers, s.beginPreview)
	handle("GET /formulare/{id}/vorschau/{page}", readers, s.showPreview)
	handle("POST /formulare/{id}/vorschau/{page}", readers, s.receivePreview)
	handle("GET /formulare/{id}/vergleich", writers, s.showComparison)
	handle("POST /formulare/{id}/veroeffentlichen", writers, s.publish)
	handle("POST /formulare/{id}/verwerfen", writers, s.drop)
	handle("GET /formulare/{id}/datei/{file}", readers, s.download)
	handle("GET /formulare/{id}/codebuch", readers, s.showCodebook)
	handle("GET /formulare/{id}/codebuch/v/{version}", readers, s.showCodebook)
	handle("GET /formulare/{id}/antworten", openers, s.showAnswers)
	handle("GET /formulare/{id}/antworten/{file}", openers, s.sendAnswers)
}

// subject finds the form of a request.
func (s *Service) subject(r *http.Request) (subject, error) {
	id := r.PathValue("id")
	one, ok := s.shipped().forms[id]
	if !ok {
		return subject{}, web.ErrNotFound
	}
	shelf, err := s.Library.Shelf(r.Context(), id)
	return subject{id: id, shipped: one.form, source: one.source, shelf: shelf, user: web.UserFrom(r.Context())}, err
}

// heading is what pages about one form have in common.
type heading struct {
	ID, Title, Path string
	Version         string // "Fassung 3 (Entwurf)"
}

func (s *Service) heading(page web.Page, x subject, f *form.Form) heading {
	h := heading{ID: x.id, Title: page.In(f.Title), Path: pathOf(x.id), Version: page.T("authoring.version", f.Version)}
	if x.shelf.Draft != nil && x.shelf.Draft.Hash == f.Hash {
		h.Version = page.T("authoring.version.draft", f.Version)
	}
	return h
}

func pathOf(id string) string { return "/formulare/" + url.PathEscape(id) }

// uploadBox is where a file is chosen.
type uploadBox struct {
	Form, Shown string
	Megabytes   int
}

func (s *Service) uploadBox(id, shown string) uploadBox {
	return uploadBox{id, shown, s.megabytes()}
}

func (s *Service) megabytes() int { return int(s.MaxUpload >> 20) }

// listPage is all forms.
type listPage struct {
	web.Page
	Done     string
	MayWrite bool
	Groups   []formGroup
	Upload   uploadBox
	Own      []ownColumn
}

// ownColumn explains one of the columns that XLSForm does not have.
type ownColumn struct{ Column, Text string }

// ownColumns explains them, in the order of the columns.
func ownColumns(page web.Page) []ownColumn {
	var out []ownColumn
	for _, key := range append(define.Keys(), "x_checks") {
		if strings.HasPrefix(key, "x_") {
			out = append(out, ownColumn{key, page.T("authoring.own." + key)})
		}
	}
	return out
}

type formGroup struct {
	Kind, Label string
	Rows        []formRow
}

type formRow struct {
	ID, Title, Path string
	Uses            []string
	Live            string
	Questions       int
	Draft           string
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	p := listPage{Page: s.Site.Page(r, "authoring.list.title"), Upload: s.uploadBox("", "")}
	p.MayWrite = p.User.Has(writers...)
	p.Wide()
	p.Own = ownColumns(p.Page)
	for i := range s.Sources {
		g := formGroup{Kind: s.Sources[i].Kind, Label: p.T("authoring.kind." + s.Sources[i].Kind)}
		rows, err := s.rowsOf(r.Context(), p.Page, &s.Sources[i])
		if err != nil {
			return err
		}
		g.Rows = rows
		p.Groups = append(p.Groups, g)
	}
	return s.pages.Render(w, r, http.StatusOK, "list", p)
}

// rows are all forms.
func (s *Service) rows(ctx context.Context, page web.Page) ([]formRow, error) {
	var out []formRow
	for i := range s.Sources {
		rows, err := s.rowsOf(ctx, page, &s.Sources[i])
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (s *Service) rowsOf(ctx context.Context, page web.Page, source *Source) ([]formRow, error) {
	all := s.shipped()
	var out []formRow
	for _, id := range all.order {
		one := all.forms[id]
		if one.source != source {
			continue
		}
		shelf, err := s.Library.Shelf(ctx, id)
		if err != nil {
			return nil, err
		}
		x := subject{id: id, shipped: one.form, source: source, shelf: shelf, user: page.User}
		f, err := s.version(ctx, x, liveVersion)
		if err != nil {
			return nil, err
		}
		out = append(out, s.row(page, x, f))
	}
	return out, nil
}

func (s *Service) row(page web.Page, x subject, live *form.Form) formRow {
	row := formRow{
		ID: x.id, Title: page.In(live.Title), Path: pathOf(x.id), Uses: s.uses(page, x),
		Questions: questions(live), Live: since(page, x.versions()[0]),
	}
	if d := x.shelf.Draft; d != nil {
		row.Draft = page.T("authoring.since", d.Version, page.DateTime(d.At), who(page, d.By))
	}
	return row
}

func (s *Service) uses(page web.Page, x subject) []string {
	var out []string
	for _, t := range x.source.Uses(x.id) {
		out = append(out, page.In(t))
	}
	return out
}

// questions is how many answers a form asks for.
func questions(f *form.Form) int {
	n := 0
	for _, q := range f.Fields() {
		if !slices.Contains([]string{"hidden", "calculate", "repeat"}, q.Type) {
			n++
		}
	}
	return n
}

// since says in one line what a version is, since when and by whom.
func since(page web.Page, v form.Version) string {
	if v.At.IsZero() {
		return page.T("authoring.since.shipped", v.Version)
	}
	return page.T("authoring.since", v.Version, page.DateTime(v.At), who(page, v.By))
}

// who names an author, or says that none is noted.
func who(page web.Page, by string) string {
	if by == "" {
		return page.T("authoring.nobody")
	}
	return by
}

// formPage is one form: what is live, what was, what is being worked on.
type formPage struct {
	web.Page
	Head     heading
	Done     string
	MayWrite bool
	MayOpen  bool
	Uses     []string
	Live     versionRow
	Draft    *draftBox
	Versions []versionRow
	Shipped  *versionRow // a newer one that came with the platform and is not live
	Upload   uploadBox
}

type versionRow struct {
	Version, At, By, Note string
	Hash, Short           string
	Live, Shipped         bool
	Questions             int
	Pages                 int
	Path                  string
	FilePath              string // without the ending
}

type draftBox struct {
	Version, At, By, File string
	Hash                  string
	Questions             int
	Same                  bool     // as the live one
	Blocking              []string // what stands in the way of publishing
	Findings              []findingTable
	Base                  string
}

func (s *Service) showForm(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	live, err := s.version(r.Context(), x, liveVersion)
	if err != nil {
		return err
	}
	p := formPage{Page: s.Site.Page(r, "authoring.list.title"), MayWrite: x.mayWrite(), Done: s.done(r)}
	p.Wide()
	p.Head = s.heading(p.Page, x, live)
	p.SetTitle(p.Head.Title)
	p.MayOpen = p.User.Has(openers...)
	p.Uses = s.uses(p.Page, x)
	for _, v := range x.versions() {
		p.Versions = append(p.Versions, versionOf(p.Page, x, v))
	}
	p.Live = p.Versions[0]
	p.Live.Questions, p.Live.Pages = questions(live), len(pagesOf(live, false))
	if x.shelf.Live != nil && !x.shelf.Has(x.shipped.Hash) {
		row := versionOf(p.Page, x, form.Version{Hash: x.shipped.Hash, Version: x.shipped.Version, Shipped: true})
		p.Shipped = &row
	}
	shown := ""
	if x.shelf.Draft != nil && p.MayWrite {
		if p.Draft, err = s.draftBox(r.Context(), p.Page, x, live); err != nil {
			return err
		}
		shown = x.shelf.Draft.Hash
	}
	p.Upload = s.uploadBox(x.id, shown)
	return s.pages.Render(w, r, http.StatusOK, "form", p)
}

func versionOf(page web.Page, x subject, v form.Version) versionRow {
	row := versionRow{
		Version: v.Version, Note: v.Note, Hash: v.Hash, Short: v.Hash[:min(8, len(v.Hash))], Shipped: v.Shipped,
		Live: v.Hash == x.live() || x.live() == "" && v.Hash == x.shipped.Hash,
		Path: pathOf(x.id), FilePath: pathOf(x.id) + "/datei/" + v.Hash,
	}
	row.At, row.By = page.T("authoring.list.shipped"), "–"
	if !v.At.IsZero() {
		row.At, row.By = page.DateTime(v.At), who(page, v.By)
	}
	return row
}

func (s *Service) draftBox(ctx context.Context, page web.Page, x subject, live *form.Form) (*draftBox, error) {
	d := x.shelf.Draft
	f, err := s.version(ctx, x, draftVersion)
	if err != nil {
		return nil, err
	}
	return &draftBox{
		Version: d.Version, At: page.DateTime(d.At), By: who(page, d.By), File: d.File, Hash: d.Hash,
		Questions: questions(f), Same: f.Hash == live.Hash, Base: pathOf(x.id),
		Blocking: x.blocking(page, f),
		Findings: listFindings(page, s.remarks(f)).tables(page),
	}, nil
}

// remarks are the warnings about a form that is kept. Their places are those
// in the workbook that is handed out for it.
func (s *Service) remarks(f *form.Form) []*form.Finding {
	_, found, err := form.Examine(f.ID, f.Canonical())
	if err != nil || len(found) == 0 || s.Workbooks.Write == nil {
		return found
	}
	var b bytes.Buffer
	if err := s.Workbooks.Write(&b, f.Definition()); err != nil {
		return found
	}
	d, report := s.Workbooks.Read(f.ID, b.Bytes())
	if d == nil {
		return found
	}
	_, placed, err := form.ExamineDefinition(d, report)
	if err != nil {
		return found
	}
	return placed
}

// done is the sentence about what was just done, named in the address.
func (s *Service) done(r *http.Request) string {
	page := s.Site.Page(r, "authoring.list.title")
	switch r.FormValue("ok") {
	case "entwurf":
		return page.T("authoring.done.draft")
	case "live":
		return page.T("authoring.done.published")
	case "weg":
		return page.T("authoring.done.dropped")
	}
	return ""
}

package authoring

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/web"
)

const (
	// MaxUpload is how large a workbook may be where nothing says otherwise.
	MaxUpload = 10 << 20

	// maxDrain is how much of a file that is too large is read to its end: a
	// browser shows an answer only after it has sent everything.
	maxDrain = 200 << 20

	fileField  = "file"
	formField  = "form"  // of the page it was uploaded on: the form that is meant
	shownField = "draft" // hash of the draft that the page showed
)

// endings are the kinds of files that are read.
var endings = []string{".xlsx", ".yaml", ".yml"}

// upload is a file as it came.
type upload struct {
	name  string
	src   []byte
	form  string // id of the form that is meant, "" for whichever
	shown string
	large bool
}

// readUpload reads the file part by part, so that one that is too large costs
// no memory.
func (s *Service) readUpload(r *http.Request) (upload, error) {
	var u upload
	parts, err := r.MultipartReader()
	if err != nil {
		return u, nil // sent without a file
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, readFault(err)
		}
		limit := int64(200)
		if part.FormName() == fileField {
			limit = s.MaxUpload
		}
		raw, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return u, readFault(err)
		}
		switch part.FormName() {
		case fileField:
			u.name, u.src = path.Base(strings.ReplaceAll(part.FileName(), `\`, "/")), raw
			if u.large = int64(len(raw)) > limit; u.large {
				u.src = nil
			}
		case formField:
			u.form = string(raw)
		case shownField:
			u.shown = string(raw)
		}
	}
}

func readFault(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return web.ErrTooLarge
	}
	return web.Status(http.StatusBadRequest, "web.malformed")
}

// findingsPage says what is wrong with a file.
type findingsPage struct {
	web.Page
	File     string
	Refused  string // why the file as a whole is not taken
	Summary  string // how many errors there are
	Unknown  string // that there is no such form, beside the errors
	Tables   []findingTable
	Known    []formRow // where form_id is unknown: those that there are
	Form     string    // where the way back leads, "" for the list
	FormPath string
	Upload   uploadBox
}

// findings are what is to be said about a definition, for people.
type findings struct {
	errors   []findingRow
	warnings []findingRow
}

type findingRow struct {
	Where string // "survey, C12" or "Zeile 7"; "" for the whole file
	Text  string
}

// findingTable shows errors or warnings.
type findingTable struct {
	web.Page
	ID, Caption string
	Places      bool
	Rows        []findingRow
}

func listFindings(page web.Page, found []*form.Finding) findings {
	var out findings
	for _, f := range found {
		row := findingRow{Where: where(page, f.At), Text: page.In(f.Text)}
		if f.Warning {
			out.warnings = append(out.warnings, row)
			continue
		}
		out.errors = append(out.errors, row)
	}
	return out
}

// where is a cell of a sheet, or a line.
func where(page web.Page, at form.Place) string {
	switch {
	case at.Sheet != "" && at.Column != "":
		return at.Sheet + ", " + at.Column + strconv.Itoa(at.Line)
	case at.Sheet != "":
		return at.Sheet + ", " + page.T("authoring.findings.line", at.Line)
	case at.Line > 0:
		return page.T("authoring.findings.line", at.Line)
	}
	return ""
}

// tables are the errors, then the warnings.
func (f findings) tables(page web.Page) []findingTable {
	var out []findingTable
	add := func(id, caption string, rows []findingRow) {
		if len(rows) == 0 {
			return
		}
		placed := slices.ContainsFunc(rows, func(row findingRow) bool { return row.Where != "" })
		out = append(out, findingTable{page, id, page.T(caption, len(rows)), placed, rows})
	}
	add("errors", "authoring.findings.errors", f.errors)
	add("warnings", "authoring.findings.warnings", f.warnings)
	return out
}

// receiveUpload takes a file: with errors it changes nothing, else it becomes
// the draft. The draft is one write: if the process dies before it, the file
// is sent again; after it, the draft is there.
func (s *Service) receiveUpload(w http.ResponseWriter, r *http.Request) error {
	user := web.UserFrom(r.Context())
	if user == nil {
		// The file is not kept over the sign-in, unlike fields: it is still where
		// the author has it. Nothing of the body is read for who is unknown.
		return web.Redirect(w, r, "/anmelden?next=/formulare")
	}
	if !user.Has(writers...) {
		return web.ErrNotFound
	}
	u, err := s.readUpload(r)
	if err != nil {
		return err
	}
	if why := s.refusal(u); why != "" {
		return s.refuseUpload(w, r, u, why)
	}
	return s.take(w, r, u)
}

// refusal is the text that says why a file is not read at all, "" if it is.
func (s *Service) refusal(u upload) string {
	switch ext := strings.ToLower(path.Ext(u.name)); {
	case u.name == "" || u.name == ".":
		return "authoring.upload.none"
	case u.large:
		return "authoring.upload.large"
	case len(u.src) == 0:
		return "authoring.upload.empty"
	case ext == ".xls":
		return "authoring.upload.xls"
	case !slices.Contains(endings, ext):
		return "authoring.upload.kind"
	case ext == ".xlsx" && s.Workbooks.Read == nil:
		return "authoring.upload.kind"
	}
	return ""
}

func (s *Service) refuseUpload(w http.ResponseWriter, r *http.Request, u upload, why string) error {
	p := s.findingsPage(r, u)
	p.Refused = p.T(why)
	status := http.StatusUnprocessableEntity
	if u.large {
		p.Refused, status = p.T(why, s.megabytes()), http.StatusRequestEntityTooLarge
	}
	s.noteUpload(r.Context(), u, "", "refused")
	return s.pages.Render(w, r, status, "findings", p)
}

func (s *Service) findingsPage(r *http.Request, u upload) *findingsPage {
	p := &findingsPage{Page: s.Site.Page(r, "authoring.findings.title"), File: u.name}
	if u.form != "" && s.known(u.form) {
		p.Form, p.FormPath = u.form, pathOf(u.form)
	}
	p.Upload = s.uploadBox(p.Form, u.shown)
	p.Wide()
	p.Fault(true)
	return p
}

// examine compiles what was uploaded. Of a workbook the form_id is known even
// when it can't be used.
func (s *Service) examine(u upload) (f *form.Form, id string, found []*form.Finding, err error) {
	if !strings.EqualFold(path.Ext(u.name), ".xlsx") {
		f, found, err = form.Examine(u.name, u.src)
		return f, "", found, err
	}
	d, report := s.Workbooks.Read(u.name, u.src)
	if d == nil {
		return nil, "", report.Findings(), nil
	}
	f, found, err = form.ExamineDefinition(d, report)
	return f, d.Settings.ID, found, err
}

// take examines a file and keeps it as the draft of its form.
func (s *Service) take(w http.ResponseWriter, r *http.Request, u upload) error {
	f, id, found, err := s.examine(u)
	if err != nil {
		return err
	}
	p := s.findingsPage(r, u)
	listed := listFindings(p.Page, found)
	p.Tables = listed.tables(p.Page)
	if n := len(listed.errors); f == nil || n > 0 {
		p.Summary = p.T("authoring.findings.many", n)
		if n == 1 {
			p.Summary = p.T("authoring.findings.one")
		}
		if id != "" && !s.known(id) {
			p.Unknown = p.T("authoring.upload.unknown", id)
			if p.Known, err = s.rows(r.Context(), p.Page); err != nil {
				return err
			}
		}
		s.noteUpload(r.Context(), u, "", "faulty")
		return s.pages.Render(w, r, http.StatusUnprocessableEntity, "findings", p)
	}
	switch {
	case u.form != "" && f.ID != u.form:
		p.Refused = p.T("authoring.upload.other", f.ID, u.form)
	case !s.known(f.ID):
		p.Refused = p.T("authoring.upload.unknown", f.ID)
		if p.Known, err = s.rows(r.Context(), p.Page); err != nil {
			return err
		}
	default:
		return s.keep(w, r, u, f)
	}
	s.noteUpload(r.Context(), u, "", "refused")
	return s.pages.Render(w, r, http.StatusUnprocessableEntity, "findings", p)
}

// noteUpload logs that there was an upload: nothing of what is in it, and not
// its name.
func (s *Service) noteUpload(ctx context.Context, u upload, id, outcome string) {
	kind := strings.ToLower(path.Ext(u.name))
	if !slices.Contains(endings, kind) {
		kind = "other"
	}
	s.Log.LogAttrs(ctx, slog.LevelInfo, "form uploaded", slog.String("kind", kind),
		slog.Int("bytes", len(u.src)), slog.String("form", id), slog.String("outcome", outcome))
}

// keep makes a form the draft, unless somebody else's draft came in between.
// That is looked at again when the draft changed while this one was written,
// and then the answer is another one or the write goes through; only somebody
// who writes without end would see it fail.
func (s *Service) keep(w http.ResponseWriter, r *http.Request, u upload, f *form.Form) error {
	err := error(form.ErrConflict)
	for try := 0; try < 3 && errors.Is(err, form.ErrConflict); try++ {
		there, failed := s.draftOf(r.Context(), f.ID)
		if failed != nil {
			return failed
		}
		if others(there, u, f, author(r)) {
			return s.askBetween(w, r, u, f, there)
		}
		err = s.Library.SaveDraft(r.Context(), f, there.Hash, u.name, author(r), s.Now())
	}
	if refused, ok := errors.AsType[*form.RefusedError](err); ok {
		p := s.findingsPage(r, u)
		p.Refused = p.In(refused.Text)
		s.noteUpload(r.Context(), u, f.ID, "refused")
		return s.pages.Render(w, r, http.StatusUnprocessableEntity, "findings", p)
	}
	if err != nil {
		return err
	}
	s.noteUpload(r.Context(), u, f.ID, "draft")
	return web.Redirect(w, r, pathOf(f.ID)+"?ok=entwurf")
}

func author(r *http.Request) string { return web.UserFrom(r.Context()).Label() }

// draftOf is the draft of a form, without a hash where there is none.
func (s *Service) draftOf(ctx context.Context, id string) (form.Draft, error) {
	shelf, err := s.Library.Shelf(ctx, id)
	if err != nil || shelf.Draft == nil {
		return form.Draft{}, err
	}
	return *shelf.Draft, nil
}

// others says whether a draft is somebody else's work that the author has not
// seen. The list of all forms shows no draft, so from there it always is.
func others(there form.Draft, u upload, f *form.Form, by string) bool {
	return there.Hash != "" && there.Hash != u.shown && there.Hash != f.Hash && there.By != by
}

// askBetween names somebody else's draft. Sent again from this page, the file
// replaces it.
func (s *Service) askBetween(w http.ResponseWriter, r *http.Request, u upload, f *form.Form, there form.Draft) error {
	u.shown = there.Hash
	p := s.findingsPage(r, u)
	p.Form, p.FormPath = f.ID, pathOf(f.ID)
	text := "authoring.upload.between"
	if u.form == "" {
		text = "authoring.upload.there"
	}
	p.Refused = p.T(text, who(p.Page, there.By), p.DateTime(there.At))
	s.noteUpload(r.Context(), u, f.ID, "between")
	return s.pages.Render(w, r, http.StatusConflict, "findings", p)
}

// Package authoring is the desk of those who write forms: they download a form
// as a workbook, change it in a spreadsheet, upload it, see what is wrong, try
// it out, compare it with the live version and publish it. It also shows what
// a form asks (codebook) and hands out what was answered.
//
// Read in the request's order: web.go (routes, all forms, one form), upload.go
// (a file becomes a draft), preview.go (a form filled in without a trace),
// compare.go (draft against live), publish.go, files.go (downloads),
// codebook.go, answers.go.
//
// # Who may what (kokoma.md 6.1, "templates, texts")
//
// Service office and administration read and write; external process companions
// read what is published, no drafts. Answers are for the service office alone,
// and those of surveys for nobody (design.md 11.11). What somebody may not see
// is not found.
//
// # Nothing is lost
//
// An upload with errors changes nothing. A draft is one write, publishing is
// another; both say what they expect to find, so of two authors the second is
// told about the first. Who has begun to fill in a form stays on its version.
// The keys are those of form.Library.
package authoring

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
)

// Texts are the texts of this noun, for lang.LoadCatalog.
//
//go:embed texts.yaml
var Texts embed.FS

//go:embed tmpl/*.html
var templates embed.FS

// Who may look and who may change.
var (
	readers = []string{"SVC", "ADM", "EXT"}
	writers = []string{"SVC", "ADM"}
	openers = []string{"SVC"} // of answers
)

// Workbooks reads and writes .xlsx. They are given, so that only the function
// that serves these pages carries the library behind them; nil where there is
// none.
type Workbooks struct {
	Read  func(name string, src []byte) (*form.Definition, *define.Report)
	Write func(w io.Writer, d *form.Definition) error
	// WriteSheets writes tables.
	WriteSheets func(w io.Writer, sheets []export.Sheet) error
}

// Noun is a part of the platform that works with forms.
type Noun interface {
	// Forms are the forms that come with the platform.
	Forms() []*form.Form
	// Uses says where the form with that id is used, for people.
	Uses(id string) []lang.Text
	// Accept says what the noun needs of a form and doesn't find in it.
	Accept(f *form.Form) []lang.Text
}

// Source is a noun, and how this desk treats its forms.
type Source struct {
	Noun
	Kind   string // intake, steps, surveys: a text of this desk names it
	Whole  bool   // all pages of a form are shown at once
	Sealed bool   // nobody may see single answers
	// Leave says which questions the service office may not read; nil: it may
	// read all.
	Leave func(formID string) (func(form.Field) bool, error)
}

// Deps is what the desk works with.
type Deps struct {
	Site      *web.Site
	Library   *form.Library
	Register  *municipality.Register
	Sources   []Source
	Workbooks Workbooks
	MaxUpload int64 // bytes; 0: MaxUpload
	// MaxDownload is how large an answer may be; 0: it may have any size.
	MaxDownload int64
	// Records are what was handed in of a form; nil: nothing is handed out.
	Records func(ctx context.Context, formID string) iter.Seq2[export.Record, error]
	Log     *slog.Logger
	Now     func() time.Time
}

// Service serves the desk of authors.
type Service struct {
	Deps
	pages   *web.Pages
	shipped func() shelf
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Site == nil || d.Library == nil || d.Register == nil || d.Log == nil || d.Now == nil {
		return nil, errors.New("site, library, register, log and clock are needed")
	}
	d.MaxUpload = cmp.Or(d.MaxUpload, MaxUpload)
	s := &Service{Deps: d, pages: d.Site.Pages(templates)}
	s.shipped = sync.OnceValue(s.collect)
	return s, nil
}

// shelf is every form that the platform works with, as it is shipped.
type shelf struct {
	order []string
	forms map[string]shipped
}

type shipped struct {
	form   *form.Form
	source *Source
}

// collect compiles all that is shipped, once, when it is first asked for.
func (s *Service) collect() shelf {
	all := shelf{forms: map[string]shipped{}}
	for i := range s.Sources {
		for _, f := range s.Sources[i].Forms() {
			if _, twice := all.forms[f.ID]; !twice {
				all.order = append(all.order, f.ID)
				all.forms[f.ID] = shipped{f, &s.Sources[i]}
			}
		}
	}
	return all
}

// subject is one form and who looks at it.
type subject struct {
	id      string
	shipped *form.Form
	source  *Source
	shelf   form.Shelf
	user    *web.User
}

// Names of versions in addresses, beside hashes.
const (
	draftVersion = "entwurf"
	liveVersion  = "gueltig"
)

func (x subject) mayWrite() bool { return x.user.Has(writers...) }
func (x subject) whole() bool    { return x.source.Whole }

// live is the hash of the version that is live; as the library has it, "" for
// the shipped form.
func (x subject) live() string {
	if x.shelf.Live == nil {
		return ""
	}
	return x.shelf.Live.Hash
}

// standard is the version that somebody most likely wants to see: the draft,
// for who may.
func (x subject) standard() string {
	if x.shelf.Draft != nil && x.mayWrite() {
		return draftVersion
	}
	return liveVersion
}

// version reads one version of a form.
func (s *Service) version(ctx context.Context, x subject, which string) (*form.Form, error) {
	switch {
	case which == draftVersion && x.shelf.Draft != nil && x.mayWrite():
		f, _, err := s.Library.DraftForm(ctx, x.id)
		return f, err
	case which == liveVersion && x.shelf.Live != nil:
		return s.Library.Form(ctx, x.shelf.Live.Hash)
	case which == liveVersion || which == x.shipped.Hash:
		return x.shipped, nil
	case x.shelf.Has(which):
		return s.Library.Form(ctx, which)
	}
	return nil, web.ErrNotFound
}

// versions are all that are or were live, newest first; the shipped form is one
// of them as long as nothing else was published.
func (x subject) versions() []form.Version {
	if x.shelf.Live != nil {
		return x.shelf.History
	}
	return []form.Version{{Hash: x.shipped.Hash, Version: x.shipped.Version, Shipped: true}}
}

// published are the forms that are or were live, oldest first.
func (s *Service) published(ctx context.Context, x subject) ([]*form.Form, error) {
	if x.shelf.Live == nil {
		return []*form.Form{x.shipped}, nil
	}
	return s.Library.Forms(ctx, x.shelf)
}

// known says whether there is a form with that id.
func (s *Service) known(id string) bool {
	return slices.Contains(s.shipped().order, id)
}

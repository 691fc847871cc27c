package authoring

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"
	"kokoma/shared/web"
)

// answersPage offers what was answered in the kinds of files that people and
// programs read.
type answersPage struct {
	web.Page
	Head   heading
	Sealed bool // single answers are for nobody
	Files  []fileLink
	Form   []fileLink // about the form, not about answers
}

type fileLink struct{ Path, Name, Text string }

// files are what an export can be had as, in the order of the page.
var files = []string{"antworten.xlsx", "breit-deutsch.csv", "breit.csv", "lang-deutsch.csv", "lang.csv"}

func (s *Service) showAnswers(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	live, err := s.version(r.Context(), x, liveVersion)
	if err != nil {
		return err
	}
	p := answersPage{Page: s.Site.Page(r, "authoring.answers.title"), Sealed: x.source.Sealed}
	p.Head = s.heading(p.Page, x, live)
	link := func(name string) fileLink {
		return fileLink{pathOf(x.id) + "/antworten/" + name, p.T("authoring.answers." + name), p.T("authoring.answers." + name + ".text")}
	}
	for _, name := range files {
		if !p.Sealed {
			p.Files = append(p.Files, link(name))
		}
	}
	p.Form = []fileLink{link("schema.json"), link("codebuch.csv")}
	return s.pages.Render(w, r, http.StatusOK, "answers", p)
}

// sendAnswers makes a file. It is made as a whole first, so that what fails on
// the way is no half of a file.
func (s *Service) sendAnswers(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	name := r.PathValue("file")
	var b bytes.Buffer
	kind, err := s.writeFile(r, x, name, &b)
	if errors.Is(err, export.ErrTooLarge) || s.MaxDownload > 0 && int64(b.Len()) > s.MaxDownload {
		return web.Status(http.StatusRequestEntityTooLarge, "authoring.answers.large")
	}
	if err != nil {
		return err
	}
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "answers handed out", slog.String("form", x.id), slog.String("file", name), slog.Int("bytes", b.Len()))
	return send(w, kind, fileName(x.id, name), b.Bytes())
}

const csvType = "text/csv; charset=utf-8"

// writeFile writes one of the files and says of what kind it is.
func (s *Service) writeFile(r *http.Request, x subject, name string, w io.Writer) (kind string, err error) {
	page := s.Site.Page(r, "authoring.answers.title")
	versions, err := s.published(r.Context(), x)
	if err != nil {
		return "", err
	}
	live := versions[len(versions)-1]
	switch name {
	case "schema.json":
		schema, err := export.Schema(live, page.Lang)
		if err == nil {
			_, err = w.Write(schema)
		}
		return "application/schema+json", err
	case "codebuch.csv":
		return csvType, writeCSV(w, codebook.Of(live, page.Lang).Sheet())
	}
	if x.source.Sealed || s.Records == nil {
		return "", web.ErrNotFound
	}
	options, err := s.options(r, x, page)
	if err != nil {
		return "", err
	}
	e, err := export.New(versions, s.Records(r.Context(), x.id), options)
	if err != nil {
		return "", fmt.Errorf("exporting form %s: %w", x.id, err)
	}
	switch name {
	case "breit-deutsch.csv":
		return csvType, e.Wide(w, export.German())
	case "breit.csv":
		return csvType, e.Wide(w, export.Machine())
	case "lang-deutsch.csv":
		return csvType, e.Long(w, export.German())
	case "lang.csv":
		return csvType, e.Long(w, export.Machine())
	case "antworten.xlsx":
		if s.Workbooks.WriteSheets == nil {
			return "", web.ErrNotFound
		}
		sheets, err := e.Sheets()
		if err != nil {
			return "", err
		}
		return sheetType, s.Workbooks.WriteSheets(w, sheets)
	}
	return "", web.ErrNotFound
}

func (s *Service) options(r *http.Request, x subject, page web.Page) (export.Options, error) {
	o := export.Options{
		Lang: page.Lang, Reason: s.both("authoring.answers.left"),
		Form:   func(hash string) (*form.Form, error) { return s.Library.Form(r.Context(), hash) },
		Lookup: s.env(r.Context()).Lookup,
	}
	if x.source.Leave == nil {
		return o, nil
	}
	leave, err := x.source.Leave(x.id)
	if err != nil {
		return o, fmt.Errorf("asking what nobody reads of form %s: %w", x.id, err)
	}
	o.Leave = leave
	return o, nil
}

// writeCSV writes a table for German spreadsheet programs. What such a program
// might run as a formula gets an apostrophe in front.
func writeCSV(w io.Writer, sheet export.Sheet) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	lines := [][]string{sheet.Head}
	for _, row := range sheet.Rows {
		var line []string
		for _, cell := range row {
			text := ""
			if cell != nil {
				text = fmt.Sprint(cell)
			}
			if strings.IndexAny(text, "=+-@\t\r\n") == 0 {
				text = "'" + text
			}
			line = append(line, text)
		}
		lines = append(lines, line)
	}
	return out.WriteAll(lines)
}

// both is a text in both languages.
func (s *Service) both(key string) lang.Text {
	return lang.Text{DE: s.Site.Catalog.T(lang.DE, key), EN: s.Site.Catalog.T(lang.EN, key)}
}

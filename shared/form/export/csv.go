package export

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	"kokoma/shared/lang"
)

// Dialect is how a CSV file is written.
type Dialect struct {
	comma    rune
	bom      bool
	forms    func(cell) string // how numbers and dates look
	moment   string            // layout of points in time
	zone     *time.Location
	forHuman bool // labels instead of codes
}

// German is for German spreadsheet programs: semicolons, decimal commas,
// 01.03.2026, UTF-8 with a byte order mark, labels.
func German() Dialect {
	return Dialect{comma: ';', bom: true, forms: germanForms, moment: "02.01.2006 15:04", zone: lang.Berlin(), forHuman: true}
}

// Machine is for programs: RFC 4180, decimal points, 2026-03-01, UTF-8 without
// a mark, codes.
func Machine() Dialect {
	return Dialect{comma: ',', forms: func(c cell) string { return c.code }, moment: time.RFC3339, zone: time.UTC}
}

// germanForms writes 0.25 as 0,25 and 2026-03-01 as 01.03.2026.
func germanForms(c cell) string {
	s := c.code
	switch {
	case c.sort == number:
		return strings.Replace(s, ".", ",", 1)
	case c.sort == date && len(s) == len("2026-03-01"):
		return s[8:] + "." + s[5:7] + "." + s[:4]
	case c.sort == month && len(s) == len("2026-03"):
		return s[5:] + "." + s[:4]
	case c.sort == datetime && len(s) == len("2026-03-01T14:30"):
		return s[8:10] + "." + s[5:7] + "." + s[:4] + " " + s[11:]
	}
	return s
}

// table writes rows of one dialect.
type table struct {
	Dialect
	x   *Export
	out *csv.Writer
	row []string
}

func (x *Export) table(w io.Writer, d Dialect) (*table, error) {
	if d.forms == nil {
		return nil, errors.New("writing CSV: the dialect is neither German nor Machine")
	}
	if d.bom {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = d.comma, true
	return &table{Dialect: d, x: x, out: out}, nil
}

// cell adds a value to the row.
func (t *table) cell(c cell) {
	m := t.x.codes
	if t.forHuman {
		m = t.x.words
	}
	switch {
	case c.state == notApplicable:
		t.row = append(t.row, m.notApplicable)
	case c.state == notAnswered:
		t.row = append(t.row, m.notAnswered)
	case t.forHuman && c.label != "":
		t.text(c.label)
	case c.sort == text:
		t.text(c.code)
	default:
		t.row = append(t.row, t.forms(c))
	}
}

// text adds a text in a form that spreadsheets don't run.
func (t *table) text(s string) {
	if t.forHuman || !phone.MatchString(s) {
		s = harmless(s)
	}
	t.row = append(t.row, s)
}

func (t *table) end() error {
	err := t.out.Write(t.row)
	t.row = t.row[:0]
	return err
}

func (t *table) close() error {
	t.out.Flush()
	return t.out.Error()
}

// phone is a number as people write it.
var phone = regexp.MustCompile(`^\+[0-9][0-9 ()/.-]*$`)

// formula is what spreadsheets might run, perhaps with apostrophes in front.
var formula = regexp.MustCompile("^'*[=+\\-@\t\r\n]")

// harmless puts an apostrophe before what spreadsheets might run; see the
// comment of the package for the rule and its inverse.
func harmless(s string) string {
	if s != "" && strings.IndexByte("'=+-@\t\r\n", s[0]) >= 0 && formula.MatchString(s) {
		return "'" + s
	}
	return s
}

// metaNames are the columns that say what the record is.
var metaNames = [...]string{"record_case", "record_key", "record_version", "record_form", "record_at", "record_lang"}

func (t *table) meta(r looked) {
	t.text(r.Case)
	t.text(r.Key)
	t.text(r.v.Version)
	t.text(r.Form[:min(12, len(r.Form))])
	t.row = append(t.row, r.At.In(t.zone).Format(t.moment))
	t.row = append(t.row, string(r.Lang))
}

// each looks at all records, one after the other.
func (x *Export) each(do func(looked) error) error {
	for r, err := range x.records {
		if err != nil {
			return err
		}
		l, err := x.look(r)
		if err != nil {
			return err
		}
		if err := do(l); err != nil {
			return err
		}
	}
	return nil
}

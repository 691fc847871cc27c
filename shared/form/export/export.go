// Package export writes the answers of any form as tables: wide and long CSV
// in a German and a machine dialect, sheets of a workbook with codes and with
// labels, and a JSON Schema of what is handed in.
//
// # Columns
//
// The columns are the union of the versions (package diff): a variable that an
// alias renamed is one column, one that was removed keeps its own, and so does
// each choice. In the wide table a record is a row:
//
//	name              a question; the choices of a select_multiple or rank, joined
//	name_choice       1 where it was chosen, else 0; the place in a ranking
//	repeat            how many rows there are
//	repeat_2_name     a question in the second row
//	record_case …     what the record is: case, key, version, form, time, language
//
// Names are as SPSS takes them: letters of ASCII, digits and _, a letter first,
// at most 64 bytes, unique whatever the case of letters. The long table has a
// row for each answer, and one for each question that has none.
//
// # Missing values
//
// A question that was not asked of somebody, because its condition did not
// hold, its row or its choice was not there or their version of the form did
// not have it, is "not applicable"; one that was asked and left empty is "not
// answered". As codes these are -97 and -99, as user-missing values are in
// SPSS; as words [nicht zutreffend] and [keine Angabe]. New looks at all
// answers: should one be the same, the codes become -997 and -999 and so on,
// and the words get more brackets. The codebook says which hold.
//
// # What spreadsheets might run
//
// A text that begins with = + - @ or a tab, carriage return or line feed could
// run as a formula when the CSV is opened. As OWASP advises under "CSV
// Injection", it gets an apostrophe in front; so does one that begins with
// apostrophes before such a character, so that taking one away from whatever
// begins with apostrophes and such a character gives every text back. Numbers,
// dates and the codes above are no texts: they stay as they are, and so do, for
// programs, phone numbers: without a letter nothing runs. Workbooks
// need no such thing, their cells have types.
//
// # Memory
//
// CSV holds one record at a time. The records are read once to find out how
// many columns there are, and again for each table that is written. A workbook
// is held as a whole and therefore bounded.
package export

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/lang"
)

// Sheet is a table of a workbook. Cells are string, float64, int, bool or nil.
type Sheet = codebook.Sheet

// Record is what somebody handed in once.
type Record struct {
	Case string // the case that it belongs to
	Key  string // tells records of one case apart: of a step "A04/2", its iteration
	Form string // hash of the version that was answered
	At   time.Time
	Lang lang.Lang
	// Answers are canonical, as Form.Clean made them.
	Answers form.Answers
}

// Options are what an export may be told; the zero value is good.
type Options struct {
	Lang lang.Lang // of labels; German when nothing is said
	// Leave says which questions are left out, in whatever version.
	Leave func(form.Field) bool
	// Reason says in the codebook why they are.
	Reason lang.Text
	// Form finds a version that is not among those given; without it, such a
	// record is an error.
	Form func(hash string) (*form.Form, error)
	// Lookup knows the municipalities: the name for a key.
	Lookup func(key string) (label string, ok bool)
	// OnlyAnswered leaves questions without an answer out of the long table.
	OnlyAnswered bool
	// MaxRows is how many rows of a repeat get columns of their own in the wide
	// table, 50 when nothing is said. The count and the long table know of all.
	MaxRows int
}

// Bounds of what is written.
const (
	maxRows    = 50
	maxColumns = 16_000    // a spreadsheet has 16,384
	maxCells   = 3_000_000 // of a workbook, which is held in memory
)

// ErrTooLarge says that there is more than the kind of file can hold: the
// message says which other to take.
var ErrTooLarge = errors.New("too much for this kind of file")

// Export is the answers of one form, ready to be written.
type Export struct {
	opt       Options
	records   iter.Seq2[Record, error]
	versions  []*version // oldest first
	byHash    map[string]*version
	variables []variable
	columns   []column
	codes     missing // for machines
	words     missing // for people
	count     int
	meta      [len(metaNames)]string
}

// New reads the records once and finds out what there is to write. The
// versions are given oldest first; the records are read again for every table.
func New(versions []*form.Form, records iter.Seq2[Record, error], o Options) (*Export, error) {
	if o.Lang == "" {
		o.Lang = lang.DE
	}
	if o.MaxRows <= 0 {
		o.MaxRows = maxRows
	}
	x := &Export{opt: o, records: records, byHash: map[string]*version{}}
	for _, f := range versions {
		x.know(f)
	}
	m := measure{taken: map[string]bool{}, longest: map[place]int{}}
	for r, err := range records {
		if err != nil {
			return nil, fmt.Errorf("measuring an export: %w", err)
		}
		if err := x.find(r.Form); err != nil {
			return nil, err
		}
		m.answers(r.Form, "", r.Answers)
		x.count++
	}
	x.unite()
	x.choose(m.taken)
	return x, x.spread(m.longest)
}

// know takes in a version.
func (x *Export) know(f *form.Form) {
	if x.byHash[f.Hash] != nil {
		return
	}
	v := newVersion(f)
	x.byHash[f.Hash] = v
	x.versions = append(x.versions, v)
}

// find sees to it that a version is known. What nobody listed counts as older
// than all that was.
func (x *Export) find(hash string) error {
	if x.byHash[hash] != nil {
		return nil
	}
	if x.opt.Form == nil {
		return fmt.Errorf("exporting answers: version %.12s of the form is not among those given", hash)
	}
	f, err := x.opt.Form(hash)
	if err != nil {
		return fmt.Errorf("exporting answers: reading version %.12s of the form: %w", hash, err)
	}
	if f.Hash != hash {
		return fmt.Errorf("exporting answers: version %.12s of the form was asked for, %.12s came", hash, f.Hash)
	}
	x.know(f)
	x.versions = append([]*version{x.versions[len(x.versions)-1]}, x.versions[:len(x.versions)-1]...)
	return nil
}

// measure is what one reading of all records finds out.
type measure struct {
	taken   map[string]bool // answers that could be taken for a missing value
	longest map[place]int   // rows of repeats
}

// place is a repeat of a version, with the repeats that it stands in.
type place struct{ form, path string }

// mistakable are texts that a missing value could be written as.
var mistakable = regexp.MustCompile(`^(-9{1,20}[79]|\[+[^\[\]]{1,40}\]+)$`)

func (m *measure) answers(hash, prefix string, a form.Answers) {
	for name, v := range a {
		if mistakable.MatchString(v.Text) && len(m.taken) < 1000 {
			m.taken[v.Text] = true
		}
		if len(v.Rows) == 0 {
			continue
		}
		at := place{hash, prefix + name}
		m.longest[at] = max(m.longest[at], len(v.Rows))
		for _, row := range v.Rows {
			m.answers(hash, at.path+".", row)
		}
	}
}

// missing is how values that are not there are written.
type missing struct{ notApplicable, notAnswered string }

// choose finds codes and words that nobody answered and no choice has.
func (x *Export) choose(taken map[string]bool) {
	for _, v := range x.variables {
		for _, c := range v.Choices {
			taken[c.Name], taken[c.Label.In(x.opt.Lang)] = true, true
		}
	}
	free := func(m missing) bool { return !taken[m.notApplicable] && !taken[m.notAnswered] }
	x.codes = missing{"-97", "-99"}
	for !free(x.codes) {
		x.codes = missing{"-9" + x.codes.notApplicable[1:], "-9" + x.codes.notAnswered[1:]}
	}
	x.words = missing{x.say("export.notapplicable"), x.say("export.notanswered")}
	for !free(x.words) {
		x.words = missing{"[" + x.words.notApplicable + "]", "[" + x.words.notAnswered + "]"}
	}
}

package workbook

import (
	"maps"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// Bounds of a sheet.
const (
	maxColumns  = 300
	maxRows     = 3 * define.MaxQuestions // of survey, with ends of groups and remarks
	maxChoices  = 20_000                  // of all lists
	maxCell     = 32_767                  // characters, as spreadsheets count them
	maxFormulas = 20                      // that are named
)

// column is one of a sheet, by its header.
type column struct {
	at      define.Place
	heading heading
	key     string    // "label", "x_check_1_when"; "" where nothing is read from it
	lang    lang.Lang // of a text
	trouble func(at define.Place)
	told    bool
}

// field is a value's key with its language.
type field struct {
	key  string
	lang lang.Lang
}

// record is a row by its columns.
type record struct {
	line  int
	sheet string
	cells map[field]cell
	heads map[field]string // letters of the columns that the sheet has
}

// at is the place of a key: of its cell, else of its cell in another language,
// else of the row.
func (r record) at(key string) define.Place {
	for _, l := range []lang.Lang{"", lang.DE, lang.EN} {
		if c, ok := r.cells[field{key, l}]; ok {
			return c.at
		}
	}
	return define.Place{Line: r.line, Sheet: r.sheet}
}

func (r record) text(key string) lang.Text {
	return lang.Text{DE: r.cells[field{key, lang.DE}].text, EN: r.cells[field{key, lang.EN}].text}
}

// languages notes where a text stands, or should stand, in each language.
func (r record) languages(key string, at define.Places) {
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		if column, ok := r.heads[field{key, l}]; ok {
			at[key+"::"+string(l)] = define.Place{Line: r.line, Sheet: r.sheet, Column: column}
		}
	}
}

// has says whether there is anything in the row for one of the keys.
func (r record) has(keys ...string) bool {
	for f := range r.cells {
		if slices.Contains(keys, f.key) {
			return true
		}
	}
	return false
}

// schema says what columns a sheet has.
type schema struct {
	sheet     string
	spellings map[string]string
	values    map[string]bool // keys of one value
	texts     map[string]bool // keys of texts in two languages
	attribute func(h heading) string
}

func (s schema) known(key string) bool {
	return s.values[key] || s.texts[key] || s.sheet == "survey" && checkColumn.MatchString(key)
}

func (s schema) text(key string) bool {
	return s.texts[key] || strings.HasSuffix(key, "_message") && checkColumn.MatchString(key)
}

// table reads rows below a header.
type table struct {
	*reader
	schema  schema
	columns map[int]*column
	heads   map[field]string
	strays  bool
	each    func(record) bool // false: no more rows
	done    func()            // after the last row, nil for nothing
}

// header takes the first row that is not empty.
func (t *table) header(r row) bool {
	t.columns = map[int]*column{}
	if len(r.cells) > maxColumns {
		t.Fail(define.Place{Line: r.line, Sheet: t.schema.sheet}, "define.book.columns", maxColumns)
		return false
	}
	first := map[field]*column{}
	t.heads = map[field]string{}
	for _, i := range slices.Sorted(maps.Keys(r.cells)) {
		if r.cells[i].kind == formula {
			t.formula(r.cells[i])
			continue
		}
		c := t.column(r.cells[i])
		t.columns[i] = c
		if c.key == "" {
			continue
		}
		f := field{c.key, c.lang}
		if before := first[f]; before != nil {
			c.trouble = t.doubled(before, c)
			continue
		}
		first[f], t.heads[f] = c, c.at.Column
	}
	return true
}

// doubled is said when both columns hold something.
func (t *table) doubled(before, c *column) func(define.Place) {
	return func(define.Place) {
		t.Fail(c.at, "define.book.header.twice", c.heading.written, before.heading.written, before.at)
	}
}

func (t *table) column(head cell) *column {
	h := readHeading(head.text, t.schema.spellings, t.schema.known)
	c := &column{at: head.at, heading: h}
	if t.schema.attribute != nil && !t.schema.known(h.key) {
		if name := t.schema.attribute(h); name != "" {
			c.key = attributePrefix + name
			return c
		}
	}
	if !t.schema.known(h.key) {
		c.trouble = t.strange(c)
		return c
	}
	c.key = h.key
	if !t.schema.text(h.key) {
		return c
	}
	if t.schema.sheet != "settings" { // which says itself what the default is
		c.lang = t.language
	}
	if h.language != "" {
		l, ok := language(h.language)
		if !ok {
			c.key, c.trouble = "", t.foreign(h.language)
		}
		c.lang = l
	}
	return c
}

// strange says why nothing is read from a column.
func (t *table) strange(c *column) func(define.Place) {
	key := c.heading.key
	written := c.heading.written
	return func(at define.Place) {
		if why, refused := define.Refused(key); refused {
			t.Fail(at, "define.refused.key", written, why)
			return
		}
		var names []string
		for _, of := range []map[string]bool{t.schema.values, t.schema.texts} {
			names = slices.AppendSeq(names, maps.Keys(of))
		}
		slices.Sort(names)
		switch near := expr.Nearest(key, names); {
		case near != "" && !slices.Contains(remarks, key):
			t.Fail(c.at, "define.book.header.near", written, near)
		case strings.HasPrefix(key, "x_"):
			t.Fail(c.at, "define.book.header.own", written)
		default:
			t.Warn(c.at, "define.book.header.unread", written)
		}
	}
}

// remarks are columns that people add for themselves, though their names are
// close to others.
var remarks = []string{"note", "notes", "tags"}

func (t *table) foreign(name string) func(define.Place) {
	return func(at define.Place) {
		if !t.foreignTold[fold(name)] {
			t.foreignTold[fold(name)] = true
			t.Warn(at, "define.book.language", name)
		}
	}
}

// record reads a row by the columns; nothing of it is kept that is not read.
func (t *table) record(r row) record {
	rec := record{line: r.line, sheet: t.schema.sheet, cells: map[field]cell{}, heads: t.heads}
	for _, i := range slices.Sorted(maps.Keys(r.cells)) {
		c := t.columns[i]
		if c == nil {
			t.stray(r.cells[i])
			continue
		}
		if at, ok := rec.cells[field{c.key, c.lang}]; ok && at.text == r.cells[i].text {
			continue // said twice, and the same
		}
		if c.trouble != nil {
			if !c.told {
				c.told = true
				c.trouble(r.cells[i].at)
			}
			if _, twice := rec.cells[field{c.key, c.lang}]; c.key == "" || twice {
				continue
			}
		}
		rec.cells[field{c.key, c.lang}] = t.take(c, r.cells[i])
	}
	return rec
}

// stray cells stand in columns without header.
func (t *table) stray(c cell) {
	if !t.strays {
		t.strays = true
		t.Warn(c.at, "define.book.stray")
	}
}

// take says what is wrong with a cell. It is read all the same, so that what is
// said of the row is not that it lacks something.
func (t *table) take(col *column, c cell) cell {
	switch {
	case c.kind == formula:
		t.formula(c)
		if c.text == "" {
			c.text = "?"
		}
	case cut(c.text, maxCell) != c.text:
		t.Fail(c.at, "define.book.cell", maxCell)
		c.text = cut(c.text, maxCell)
	case c.kind == date && !dates[col.key]:
		t.Warn(c.at, "define.book.date", c.text)
	}
	return c
}

// formula notes a cell with a formula: what it shows depends on the program
// and the day.
func (t *table) formula(c cell) {
	if t.formulas++; t.formulas <= maxFormulas {
		t.Fail(c.at, "define.book.formula")
	}
}

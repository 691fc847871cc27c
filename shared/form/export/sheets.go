package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// Sheets are the tables of a workbook: the wide table with codes and with
// labels, the codebook of its columns, the versions, and the newest form in
// words. They are held in memory: ErrTooLarge says that there is too much.
func (x *Export) Sheets() ([]Sheet, error) {
	if cells := 2 * (x.count + 1) * (len(x.columns) + len(metaNames)); cells > maxCells {
		return nil, fmt.Errorf("%w: %d cells, a workbook holds %d; CSV has no such bound", ErrTooLarge, cells, maxCells)
	}
	codes, labels := x.heads()
	used := map[string]*span{}
	err := x.each(func(r looked) error {
		if 2*len(codes.Rows)*len(codes.Head) > maxCells {
			return fmt.Errorf("%w: a workbook holds %d cells; CSV has no such bound", ErrTooLarge, maxCells)
		}
		code, label := x.row(r)
		codes.Rows, labels.Rows = append(codes.Rows, code), append(labels.Rows, label)
		if used[r.Form] == nil {
			used[r.Form] = &span{}
		}
		used[r.Form].take(r.At)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("writing an export: %w", err)
	}
	sheets := []Sheet{codes, labels, x.codebook(), x.history(used)}
	if n := len(x.versions); n > 0 {
		book := codebook.Of(x.versions[n-1].Form, x.opt.Lang).Sheet()
		book.Name = x.say("export.sheet.form", x.versions[n-1].Version)
		sheets = append(sheets, book)
	}
	return sheets, nil
}

func (x *Export) heads() (codes, labels Sheet) {
	codes.Name, labels.Name = x.say("export.sheet.codes"), x.say("export.sheet.labels")
	for i, name := range x.meta {
		codes.Head = append(codes.Head, name)
		labels.Head = append(labels.Head, x.head(true, x.say("export."+metaNames[i]), name))
	}
	for _, c := range x.columns {
		codes.Head = append(codes.Head, c.name)
		labels.Head = append(labels.Head, x.head(true, x.label(c), c.name))
	}
	return codes, labels
}

// row is a record with codes and with labels.
func (x *Export) row(r looked) (codes, labels []any) {
	for _, s := range []string{r.Case, r.Key, r.v.Version, r.Form[:min(12, len(r.Form))]} {
		codes, labels = append(codes, s), append(labels, s)
	}
	codes = append(codes, r.At.UTC().Format(time.RFC3339), string(r.Lang))
	labels = append(labels, r.At.In(lang.Berlin()).Format(German().moment), string(r.Lang))
	for _, c := range x.columns {
		v := r.cell(c)
		codes, labels = append(codes, x.coded(v)), append(labels, x.labelled(v))
	}
	return codes, labels
}

// coded is a value for a cell that has a type.
func (x *Export) coded(c cell) any {
	switch {
	case c.state == notApplicable:
		return plainNumber(x.codes.notApplicable)
	case c.state == notAnswered:
		return plainNumber(x.codes.notAnswered)
	case c.sort == number:
		return plainNumber(c.code)
	}
	return c.code
}

func (x *Export) labelled(c cell) any {
	switch {
	case c.state == notApplicable:
		return x.words.notApplicable
	case c.state == notAnswered:
		return x.words.notAnswered
	case c.label != "":
		return c.label
	case c.sort == number:
		return plainNumber(c.code)
	}
	return germanForms(c)
}

// plainNumber is a number if a spreadsheet keeps all of its digits.
func plainNumber(s string) any {
	if digits := strings.Trim(s, "-0."); len(digits) > 15 {
		return s
	}
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f
	}
	return s
}

// codebook explains the columns: one line for a question in all rows of its
// repeats.
func (x *Export) codebook() Sheet {
	s := Sheet{Name: x.say("export.sheet.codebook")}
	for _, key := range []string{"column", "name", "aliases", "label", "type", "codes", "asked", "versions", "note"} {
		s.Head = append(s.Head, x.say("export.head."+key))
	}
	note := func(cells ...any) { s.Rows = append(s.Rows, append(cells, make([]any, len(s.Head)-len(cells))...)) }
	for _, m := range []struct{ code, word, key string }{
		{x.codes.notApplicable, x.words.notApplicable, "export.note.notapplicable"},
		{x.codes.notAnswered, x.words.notAnswered, "export.note.notanswered"},
	} {
		note(nil, nil, nil, x.say(m.key), nil, x.say("export.codes.text", m.code, m.word))
	}
	for i, name := range x.meta {
		note(name, nil, nil, x.say("export."+metaNames[i]))
	}
	books := x.books()
	for i, c := range x.columns {
		if !slices.ContainsFunc(c.rows, func(row int) bool { return row > 1 }) {
			s.Rows = append(s.Rows, x.explain(c, x.lastOf(i), books))
		}
	}
	for _, v := range x.variables {
		if v.left {
			s.Rows = append(s.Rows, x.leftOut(v))
		}
	}
	return s
}

// books are the codebooks of all versions.
func (x *Export) books() map[string]codebook.Book {
	books := map[string]codebook.Book{}
	for _, v := range x.versions {
		books[v.Hash] = codebook.Of(v.Form, x.opt.Lang)
	}
	return books
}

// lastOf is the name of the column for the last row, "" where there is one.
func (x *Export) lastOf(i int) string {
	c, last := x.columns[i], ""
	for _, d := range x.columns[i+1:] {
		if d.v == c.v && d.choice == c.choice && slices.Equal(d.chain, c.chain) {
			last = d.name
		}
	}
	return last
}

func (x *Export) explain(c column, last string, books map[string]codebook.Book) []any {
	v := x.variables[c.v]
	name := c.name
	if last != "" {
		name += " … " + last
	}
	e, _ := books[v.Versions[0]].Entry(v.Name)
	note := ""
	if v.kind == define.Repeat {
		note = x.say("export.note.rows", x.opt.MaxRows)
	}
	return []any{
		name, v.Name, strings.Join(v.Names[1:], " "), x.label(c), codebook.KindIn(x.opt.Lang, v.kind), x.codeLines(v, c), e.Asked(x.opt.Lang),
		strings.Join(x.versionsOf(v, c.choice), " "), note,
	}
}

// codeLines are the codes of a column with their meaning.
func (x *Export) codeLines(v variable, c column) string {
	switch {
	case v.kind == define.Repeat:
		return x.say("export.codes.rows")
	case v.kind == define.Acknowledge:
		return x.say("export.codes.box")
	case c.choice != "" && v.kind == define.Rank:
		return x.say("export.codes.rank")
	case c.choice != "":
		return x.say("export.codes.dummy")
	}
	lines := make([]string, len(v.Choices))
	for i, ch := range v.Choices {
		lines[i] = ch.Name + " = " + ch.Label.In(x.opt.Lang)
	}
	return strings.Join(lines, "\n")
}

// versionsOf are the versions that have the variable, or the choice, oldest
// first.
func (x *Export) versionsOf(v variable, choice string) []string {
	var out []string
	for _, f := range x.versions {
		field, ok := v.In(f.Hash)
		has := choice == "" || slices.ContainsFunc(field.Choices, func(c form.Choice) bool { return c.Name == choice })
		if ok && has {
			out = append(out, f.Version)
		}
	}
	return out
}

func (x *Export) leftOut(v variable) []any {
	note := x.say("export.note.left")
	if reason := x.opt.Reason.In(x.opt.Lang); reason != "" {
		note += ": " + reason
	}
	return []any{
		nil, v.Name, strings.Join(v.Names[1:], " "), v.label(x), codebook.KindIn(x.opt.Lang, v.kind), nil, nil,
		strings.Join(x.versionsOf(v, ""), " "), note,
	}
}

// span is when a version was answered.
type span struct {
	n           int
	first, last time.Time
}

func (s *span) take(at time.Time) {
	if s.n == 0 || at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
	s.n++
}

// history lists the versions, oldest first, and how often each was answered.
func (x *Export) history(used map[string]*span) Sheet {
	s := Sheet{Name: x.say("export.sheet.versions")}
	for _, key := range []string{"version", "hash", "title", "records", "first", "last"} {
		s.Head = append(s.Head, x.say("export.head."+key))
	}
	for _, v := range x.versions {
		row := []any{v.Version, v.Hash[:min(12, len(v.Hash))], v.Title.In(x.opt.Lang), 0, nil, nil}
		if u := used[v.Hash]; u != nil {
			row[3], row[4], row[5] = u.n, lang.DateOf(u.first).String(), lang.DateOf(u.last).String()
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

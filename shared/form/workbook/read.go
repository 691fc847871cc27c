package workbook

import (
	"maps"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// reader reads one workbook into a definition.
type reader struct {
	*define.Report
	book        *book
	def         *define.Definition
	language    lang.Lang // of columns that name none
	foreignTold map[string]bool
	formulas    int
}

// Read reads a definition from a workbook and reports what can't be read, each
// fault with its cell; the definition is nil if there is nothing to look at.
// What the entries mean is judged by package model.
func Read(file string, src []byte) (*define.Definition, *define.Report) {
	report := &define.Report{File: file}
	b, err := open(src)
	if b != nil {
		defer b.close()
	}
	if err != nil {
		report.FailText(define.Place{Line: 1}, define.TextOf(err))
		return nil, report
	}
	r := &reader{
		Report: report, book: b, language: lang.DE, foreignTold: map[string]bool{},
		def: &define.Definition{Choices: map[string][]define.Choice{}, ListAt: map[string]define.Place{}},
	}
	if !r.sheets() {
		return nil, report
	}
	return r.def, report
}

// sheets reads one after the other: settings first, since the language of the
// others is there, and survey before choices, since it says which columns its
// filters need.
func (r *reader) sheets() bool {
	parts, ok := r.parts()
	if !ok {
		return false
	}
	for _, refused := range []string{"external_choices", "entities", "osm"} {
		if s, ok := parts[refused]; ok {
			r.refuse(s, refused)
		}
	}
	steps := []func() *table{r.settings, r.survey, r.choices}
	for i, sheet := range []string{"settings", "survey", "choices"} {
		if s, ok := parts[sheet]; ok && !r.read(s, steps[i]()) {
			return false
		}
	}
	return true
}

// parts finds the sheets by what they are for.
func (r *reader) parts() (map[string]sheetPart, bool) {
	parts, names := map[string]sheetPart{}, []string{}
	for _, s := range r.book.sheets {
		names = append(names, s.name)
		is := purpose(s.name)
		if is == "" {
			continue
		}
		if before, twice := parts[is]; twice {
			r.Fail(place(is, 1, 1), "define.book.sheet.twice", before.name, s.name)
			return nil, false
		}
		parts[is] = s
		if shown, err := r.book.file.GetSheetVisible(s.name); err == nil && !shown {
			r.Warn(place(is, 1, 1), "define.book.sheet.hidden", s.name)
		}
	}
	for _, needed := range []string{"survey", "settings"} {
		if _, ok := parts[needed]; !ok {
			near := lang.Text{}
			if name := expr.Nearest(needed, names); name != "" {
				near = define.Say("define.meant", name)
			}
			r.Fail(place(needed, 1, 1), "define.book.sheet", needed, strings.Join(names, ", "), near)
		}
	}
	return parts, !r.Broken()
}

// refuse says that a sheet is not taken, unless it is empty but for its header.
func (r *reader) refuse(s sheetPart, sheet string) {
	rows := 0
	err := r.book.rows(s, sheet, func(row) bool {
		rows++
		return rows < 2
	})
	if err != nil {
		r.FailText(place(sheet, 1, 1), define.TextOf(err))
	}
	if rows > 1 {
		name := map[string]string{"osm": "geopoint"}[sheet]
		why, _ := define.RefusedType(name)
		if name == "" {
			why, _ = define.RefusedType("entity")
		}
		r.Fail(place(sheet, 1, 1), "define.refused.key", s.name, why)
	}
}

// read gives the rows of a sheet to its table.
func (r *reader) read(s sheetPart, t *table) bool {
	good := true
	err := r.book.rows(s, t.schema.sheet, func(one row) bool {
		if t.columns == nil {
			good = t.header(one)
			return good
		}
		return t.each(t.record(one))
	})
	if err != nil {
		r.FailText(place(t.schema.sheet, 1, 1), define.TextOf(err))
		return false
	}
	if t.done != nil {
		t.done()
	}
	if t.schema.sheet == "survey" && len(r.def.Survey) == 0 && !r.Broken() {
		r.Fail(place("survey", 1, 1), "define.book.survey")
	}
	return good
}

func (r *reader) settings() *table {
	keys := map[string]bool{"form_id": true, "version": true, "default_language": true, "style": true}
	t := &table{reader: r, schema: schema{
		sheet: "settings", spellings: settingsSpellings, values: keys, texts: map[string]bool{"title": true},
	}}
	read := false
	t.each = func(rec record) bool {
		if read {
			r.Warn(define.Place{Line: rec.line, Sheet: "settings"}, "define.book.settings")
			return false
		}
		read = true
		r.head(rec)
		return true
	}
	return t
}

// head takes the one row of settings. A title without language is in the
// default language, which stands in the same row.
func (r *reader) head(rec record) {
	s := &r.def.Settings
	s.At = define.Places{"": {Line: rec.line, Sheet: "settings"}}
	for key, to := range map[string]*string{"form_id": &s.ID, "version": &s.Version, "default_language": &s.Language, "style": &s.Style} {
		if c, ok := rec.cells[field{key, ""}]; ok {
			*to, s.At[key] = c.text, c.at
		}
	}
	if l, ok := language(s.Language); ok {
		s.Language, r.language = string(l), l
	}
	s.Title = rec.text("title")
	if plain, ok := rec.cells[field{"title", ""}]; ok && r.language == lang.EN {
		s.Title.EN = plain.text
	} else if ok {
		s.Title.DE = plain.text
	}
	if rec.has("title") {
		s.At["title"] = rec.at("title")
		rec.languages("title", s.At)
	}
}

func (r *reader) survey() *table {
	values := maps.Clone(surveyValues)
	maps.Copy(values, surveyNumbers)
	values["disabled"] = true
	b := &builder{reader: r}
	return &table{
		reader: r, schema: schema{sheet: "survey", spellings: surveySpellings, values: values, texts: surveyTexts},
		each: b.row, done: b.done,
	}
}

const (
	// attributeColumn begins the header of an attribute that no filter names.
	// It has no ::, since pyxform makes an element of every column of choices.
	attributeColumn = "x_attribute_"
	// attributePrefix marks keys of choices that are attributes.
	attributePrefix = "attribute "
)

func (r *reader) choices() *table {
	named := r.filtered()
	attribute := func(h heading) string {
		written := strings.TrimSpace(h.written)
		if len(written) > len(attributeColumn) && strings.EqualFold(written[:len(attributeColumn)], attributeColumn) {
			return written[len(attributeColumn):]
		}
		if slices.Contains(named, written) {
			return written
		}
		return ""
	}
	c := &lists{reader: r, marked: map[string]bool{}, unmarked: map[string]bool{}}
	return &table{
		reader: r, schema: schema{
			sheet: "choices", spellings: choicesSpellings, attribute: attribute,
			values: map[string]bool{"list_name": true, "name": true, shippedMark: true}, texts: map[string]bool{"label": true},
		},
		each: c.row, done: c.done,
	}
}

// filtered are the words of all choice filters that can be columns.
func (r *reader) filtered() []string {
	var words []string
	walk(r.def.Survey, func(q *define.Question) { words = append(words, filterWords(q.ChoiceFilter)...) })
	slices.Sort(words)
	return slices.Compact(words)
}

// walk visits questions and what stands in them.
func walk(qs []*define.Question, visit func(*define.Question)) {
	for _, q := range qs {
		visit(q)
		walk(q.Children, visit)
	}
}

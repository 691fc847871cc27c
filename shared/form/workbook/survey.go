package workbook

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// builder makes the tree of questions of survey's rows.
type builder struct {
	*reader
	open      []bracketed
	questions int
	rows      int
}

// bracketed is a group or repeat whose end is yet to come.
type bracketed struct {
	question *define.Question
	at       define.Place
}

// row takes one row of survey.
func (b *builder) row(rec record) bool {
	if b.rows++; b.rows > maxRows {
		b.Fail(define.Place{Line: rec.line, Sheet: "survey"}, "define.questions", define.MaxQuestions)
		return false
	}
	if c, ok := rec.cells[field{"disabled", ""}]; ok && (yes(c.text) == "yes" || yes(c.text) == "true" || yes(c.text) == "true()") {
		return true
	}
	is := readType(rec.cells[field{"type", ""}].text)
	switch {
	case is.end:
		b.end(rec, is.name)
		return true
	case is.name == "" && !rec.has("name"):
		b.remark(rec)
		return true
	case is.name == "":
		b.Fail(define.Place{Line: rec.line, Sheet: "survey"}, "define.book.type", rec.cells[field{"name", ""}].text)
		return true
	}
	return b.question(rec, is)
}

// remark is a row without type and name. One with a label was probably meant
// to be asked.
func (b *builder) remark(rec record) {
	if rec.has("label") {
		b.Warn(define.Place{Line: rec.line, Sheet: "survey"}, "define.book.remark")
	}
}

func (b *builder) question(rec record, is typed) bool {
	if b.questions++; b.questions > define.MaxQuestions {
		b.Fail(rec.at("type"), "define.questions", define.MaxQuestions)
		return false
	}
	q := b.entry(rec)
	q.Type = is.name
	if q.Type == "note" && q.Name == "" {
		// Notes hold no answer, so workbooks leave their names out; pyxform
		// calls them by their row, too.
		q.Name = "generated_note_name_" + strconv.Itoa(rec.line)
	}
	if is.name == loop {
		b.Fail(rec.at("type"), "define.book.loop")
		q.Type = "group"
	}
	b.add(q)
	if is.begin {
		b.open = append(b.open, bracketed{q, rec.at("type")})
		if len(b.open) == define.MaxNesting+1 {
			b.Fail(rec.at("type"), "define.nesting", define.MaxNesting)
		}
	}
	return true
}

// add puts a question where it stands. What is nested too deeply stands beside
// each other, so that no tree grows without bounds.
func (b *builder) add(q *define.Question) {
	if len(b.open) == 0 {
		b.def.Survey = append(b.def.Survey, q)
		return
	}
	around := b.open[min(len(b.open), define.MaxNesting)-1].question
	around.Children = append(around.Children, q)
}

// end closes the innermost group or repeat.
func (b *builder) end(rec record, kind string) {
	if len(b.open) == 0 {
		b.Fail(rec.at("type"), "define.book.end", "end_"+kind, "begin_"+kind)
		return
	}
	last := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	if kind == loop {
		kind = "group"
	}
	if last.question.Type != kind {
		b.Fail(rec.at("type"), "define.book.end.other", "end_"+kind, "begin_"+last.question.Type, last.question.Name, last.at)
	}
}

// done says which groups are still open at the end.
func (b *builder) done() {
	for _, o := range b.open {
		b.Fail(o.at, "define.book.begin", "begin_"+o.question.Type, o.question.Name, "end_"+o.question.Type)
	}
}

// entry reads the columns of a question.
func (b *builder) entry(rec record) *define.Question {
	q := &define.Question{At: define.Places{"": {Line: rec.line, Sheet: "survey"}}}
	for key, to := range q.Values() {
		if c, ok := rec.cells[field{key, ""}]; ok {
			*to, q.At[key] = value(key, c), c.at
		}
	}
	for key, to := range q.Texts() {
		if rec.has(key) {
			*to, q.At[key] = rec.text(key), rec.at(key)
			rec.languages(key, q.At)
		}
	}
	for key, to := range q.Numbers() {
		if c, ok := rec.cells[field{key, ""}]; ok {
			q.At[key] = c.at
			*to = b.number(key, c)
		}
	}
	q.Checks = b.checks(rec, q.At)
	return q
}

func (b *builder) number(key string, c cell) *int {
	i, err := strconv.Atoi(c.text)
	if err != nil || i < 0 || i > 1_000_000 {
		b.Fail(c.at, "define.number", key)
		return nil
	}
	return &i
}

// checks reads x_check_1_when and its fellows in the order of their numbers.
func (b *builder) checks(rec record, at define.Places) []define.Check {
	numbers := map[int]bool{}
	for f := range rec.cells {
		if m := checkColumn.FindStringSubmatch(f.key); m != nil {
			n, _ := strconv.Atoi(m[1])
			numbers[n] = true
		}
	}
	var out []define.Check
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		out = append(out, b.check(rec, checkPrefix+strconv.Itoa(n)+"_"))
	}
	if len(out) > 0 {
		at["x_checks"] = out[0].At[""]
	}
	return out
}

const checkPrefix = "x_check_"

func (b *builder) check(rec record, prefix string) define.Check {
	c := define.Check{At: define.Places{}, Message: rec.text(prefix + "message")}
	for _, key := range []string{"message", "level", "when"} {
		if rec.has(prefix + key) {
			c.At[key] = rec.at(prefix + key)
			c.At[""] = c.At[key]
		}
	}
	if rec.has(prefix + "message") {
		for _, l := range []lang.Lang{lang.DE, lang.EN} {
			if column, ok := rec.heads[field{prefix + "message", l}]; ok {
				c.At["message::"+string(l)] = define.Place{Line: rec.line, Sheet: rec.sheet, Column: column}
			}
		}
	}
	if when, ok := rec.cells[field{prefix + "when", ""}]; ok {
		c.When = value("when", when)
	}
	c.Level = rec.cells[field{prefix + "level", ""}].text
	return c
}

// filterWords are the names in a choice filter that are neither questions nor
// quoted: columns of choices, and functions.
func filterWords(filter string) []string {
	return filterName.FindAllString(notNames.ReplaceAllString(filter, " "), -1)
}

var (
	notNames   = regexp.MustCompile(`\$\{[^}]*\}|"[^"]*"|'[^']*'`)
	filterName = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.-]*`)
)

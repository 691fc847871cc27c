package codebook

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// say is a text of the package.
func (w *writer) say(key string, args ...any) string { return sayIn(w.lang, key, args...) }

func sayIn(l lang.Lang, key string, args ...any) string {
	c, err := texts()
	if err != nil {
		return key // a test reads the file
	}
	return c.T(l, key, args...)
}

func known(key string) bool {
	c, err := texts()
	return err == nil && slices.Contains(c.Keys(), key)
}

// kindKeys name the kinds in texts.yaml; a test sees to it that all have one.
var kindKeys = map[define.Kind]string{
	define.Text: "text", define.Area: "area", define.Email: "email", define.Phone: "phone", define.Municipality: "municipality",
	define.Integer: "integer", define.Decimal: "decimal", define.Range: "range", define.Date: "date", define.Month: "month",
	define.Year: "year", define.Datetime: "datetime", define.Time: "time", define.One: "one", define.Many: "many",
	define.Rank: "rank", define.Acknowledge: "acknowledge", define.Note: "note", define.Group: "group", define.Repeat: "repeat",
	define.Calculate: "calculate", define.Hidden: "hidden",
}

// kindOf is how a question behaves, as package model finds it.
func kindOf(q *define.Question) define.Kind {
	base, _, _ := strings.Cut(q.Type, " ")
	byLooks := define.Kinds[base]
	for word := range strings.FieldsSeq(q.Appearance) {
		if k, ok := byLooks[word]; ok && k != byLooks[""] {
			return k
		}
	}
	return byLooks[""]
}

// names is what conditions call questions and choices.
type names struct {
	w   *writer
	own string
}

func (n names) Question(name string) string { return n.w.labels[name].In(n.w.lang) }

func (n names) Choice(question, code string) string {
	if question == "" {
		question = n.own
	}
	f, _ := n.w.form.Field(question)
	i := slices.IndexFunc(f.Choices, func(c form.Choice) bool { return c.Name == code })
	if i < 0 {
		return ""
	}
	return f.Choices[i].Label.In(n.w.lang)
}

// words tells an expression of a question; one that can't be read, as an
// earlier version may have, is quoted as it stands.
func (w *writer) words(own, src string) string {
	if src == "" {
		return ""
	}
	x, err := expr.Parse(src)
	if err != nil {
		return w.say("codebook.formula", src)
	}
	return x.Words(w.lang, names{w, own})
}

func (w *writer) required(q *define.Question) string {
	switch q.Required {
	case "", "no", "false", "false()":
		return ""
	case "yes", "true", "true()":
		return w.say("codebook.yes")
	}
	return w.say("codebook.when", w.words(q.Name, q.Required))
}

func (w *writer) yes(value string) string {
	if value == "yes" || value == "true" {
		return w.say("codebook.yes")
	}
	return ""
}

// preset is a value as it stands, by its label where it is a choice, or a
// formula in words.
func (w *writer) preset(q *define.Question) string {
	if label := (names{w, q.Name}).Choice("", q.Default); label != "" {
		return label
	}
	if strings.Contains(q.Default, "${") || strings.Contains(q.Default, "(") {
		return w.words(q.Name, q.Default)
	}
	return q.Default
}

// all joins conditions that hold together.
func (w *writer) all(conditions []string) string {
	if len(conditions) < 2 {
		return strings.Join(conditions, "")
	}
	parts := make([]string, len(conditions))
	for i, c := range conditions {
		parts[i] = "(" + c + ")"
	}
	return strings.Join(parts, " "+w.say("codebook.and")+" ")
}

// bounds tells what answers are bounded by beside conditions.
func (w *writer) bounds(q *define.Question, kind define.Kind) string {
	out := w.parameters(q, kind)
	count := "codebook.choices."
	if kind == define.Repeat {
		count = "codebook.rows."
	}
	for _, b := range []struct {
		n   *int
		key string
	}{
		{q.MinLength, "codebook.length.min"},
		{q.MaxLength, "codebook.length.max"},
		{q.Min, count + "min"},
		{q.Max, count + "max"},
	} {
		if b.n != nil {
			out = append(out, w.say(b.key, entry.Count(*b.n).In(w.lang)))
		}
	}
	for code := range strings.FieldsSeq(q.Exclusive) {
		label := (names{w, q.Name}).Choice("", code)
		out = append(out, w.say("codebook.exclusive", cmp.Or(label, code)))
	}
	if q.Unknown.DE != "" {
		out = append(out, w.say("codebook.unknown", q.Unknown.In(w.lang), entry.Unknown))
	}
	if w.yes(q.Unique) != "" {
		out = append(out, w.say("codebook.unique"))
	}
	return strings.Join(out, "; ")
}

// parameters tells min, max and step.
func (w *writer) parameters(q *define.Question, kind define.Kind) []string {
	src := q.Parameters
	if kind == define.Range {
		src = "start=1 end=10 step=1 " + src
	}
	at := map[string]string{}
	for part := range strings.FieldsFuncSeq(src, func(r rune) bool { return strings.ContainsRune(" \t\n;,", r) }) {
		key, value, _ := strings.Cut(part, "=")
		at[map[string]string{"min": "min", "start": "min", "max": "max", "end": "max", "step": "step"}[key]] = value
	}
	var out []string
	for _, key := range []string{"min", "max", "step"} {
		if at[key] == "" {
			continue
		}
		text := "codebook." + key
		if kind.In(define.Date, define.Month, define.Year) {
			text += ".date"
		}
		out = append(out, w.say(text, w.bound(at[key], kind)))
	}
	return out
}

func (w *writer) bound(value string, kind define.Kind) string {
	if offset, ok := strings.CutPrefix(value, "today"); ok {
		return w.fromToday(offset)
	}
	d, err := lang.ParseDate(value)
	switch {
	case err == nil && !d.IsZero():
		return lang.Short(w.lang, d)
	case kind.In(define.Integer, define.Decimal, define.Range):
		return entry.Figure(value).In(w.lang)
	}
	return value
}

// fromToday tells "+18m" behind today.
func (w *writer) fromToday(offset string) string {
	if len(offset) < 2 {
		return w.say("codebook.today")
	}
	unit, digits := "d", offset[1:]
	if last := offset[len(offset)-1:]; strings.Contains("dmy", last) {
		unit, digits = last, offset[1:len(offset)-1]
	}
	key := "codebook.after."
	if offset[0] == '-' {
		key = "codebook.before."
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return "today" + offset
	}
	return w.say(key+unit, entry.Count(n).In(w.lang))
}

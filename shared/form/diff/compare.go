package diff

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

func (c *comparison) note(e *entry, ch Change) {
	if e != nil {
		ch.Name, ch.Label = e.Name, e.Label
	}
	c.changes = append(c.changes, ch)
}

func (c *comparison) settings() {
	old, now := c.old.form, c.new.form
	was, is := old.Definition().Settings, now.Definition().Settings
	add := func(key string, s Severity, before, after lang.Text) {
		if before != after {
			c.note(nil, Change{Kind: Setting, Severity: s, Key: key, Before: before, After: after, Means: say("diff.setting." + key)})
		}
	}
	add("form_id", Refused, plain(was.ID), plain(is.ID))
	add("title", Harmless, was.Title, is.Title)
	add("default_language", Harmless, plain(was.Language), plain(is.Language))
	add("style", Harmless, plain(was.Style), plain(is.Style))
	if was.Version == is.Version && old.Hash != now.Hash {
		c.note(nil, Change{
			Kind: Setting, Severity: Refused, Key: "version", Before: plain(was.Version), After: plain(is.Version), Means: say("diff.setting.version"),
		})
	}
}

func (c *comparison) added(e *entry) {
	ch := Change{Kind: Added, Severity: Harmless, After: e.Label, Means: say("diff.added.page")}
	switch was := c.lookalike(e); {
	case was != nil:
		ch.Severity, ch.Means = Careful, say("diff.added.lookalike", was.Name, was.Name)
	case e.variable():
		ch.Means = say("diff.added.field")
	}
	c.note(e, ch)
}

// lookalike is a question that is not asked any more and was asked in the same
// words: perhaps it got a new name.
func (c *comparison) lookalike(now *entry) *entry {
	for _, was := range c.old.entries {
		if now.variable() && was.variable() && c.follower[was] == nil && letters(was.Label.DE) == letters(now.Label.DE) && was.Type == now.Type {
			return was
		}
	}
	return nil
}

func (c *comparison) removed(e *entry) {
	ch := Change{Kind: Removed, Severity: Careful, Before: e.Label, Means: say("diff.removed.field")}
	switch {
	case !e.variable():
		ch.Severity, ch.Means = Harmless, say("diff.removed.page")
	case e.Construct != "":
		ch.Means = say("diff.removed.construct", e.Construct)
	}
	c.note(e, ch)
}

// compare says what is different between an entry and what it was.
func (c *comparison) compare(was, now *entry) {
	if was.Name != now.Name {
		c.note(now, Change{
			Kind: Renamed, Severity: Careful, Before: plain(was.Name), After: plain(now.Name), Means: say("diff.renamed", was.Name),
		})
	}
	c.place(was, now)
	c.kind(was, now)
	c.texts(was, now)
	c.choices(was, now)
	c.values(was, now)
}

// place says whether the question stands elsewhere.
func (c *comparison) place(was, now *entry) {
	if now.variable() && was.variable() && c.inRowsOf(now) != was.field.Repeat {
		c.note(now, Change{
			Kind: Moved, Severity: Refused, Before: plain(was.field.Repeat), After: plain(now.field.Repeat), Means: say("diff.moved.rows"),
		})
		return
	}
	if !c.stayed[now] {
		c.note(now, Change{Kind: Moved, Severity: Harmless, Before: name(was.parent), After: name(now.parent), Means: say("diff.moved")})
	}
}

// inRowsOf is how the old version calls the repeat that an entry stands in.
func (c *comparison) inRowsOf(now *entry) string {
	if now.field.Repeat == "" {
		return ""
	}
	if was := c.partner[c.new.byName[now.field.Repeat]]; was != nil {
		return was.Name
	}
	return now.field.Repeat
}

func name(e *entry) lang.Text {
	if e == nil {
		return lang.Text{}
	}
	if e.Label.DE == "" {
		return plain(e.Name)
	}
	return e.Label
}

// kind says whether answers are of another sort now.
func (c *comparison) kind(was, now *entry) {
	ch := Change{Kind: Type, Severity: Refused, Key: "type", Before: plain(typed(was)), After: plain(typed(now)), Means: say("diff.type.refused")}
	from, to := domain(was), domain(now)
	switch {
	case from == to && ch.Before == ch.After:
		return
	case from == to:
		ch.Severity, ch.Means = Harmless, say("diff.type.looks")
	case from == "":
		ch.Severity, ch.Means = Harmless, say("diff.added.field")
	case widens[from] == to:
		ch.Severity, ch.Means = Careful, say("diff.type.wider")
	}
	c.note(now, ch)
}

// typed is the type with the appearance, without the choice list, whose
// choices are compared one by one.
func typed(e *entry) string {
	kind, _, _ := strings.Cut(e.Question.Type, " ")
	return strings.TrimSpace(kind + " " + e.Appearance)
}

// domain is what answers look like; "" where there are none.
func domain(e *entry) string {
	if !e.variable() {
		return ""
	}
	kind, _, _ := strings.Cut(e.Question.Type, " ")
	for word := range strings.FieldsSeq(e.Appearance) {
		switch k := define.Kinds[kind][word]; k {
		case define.Municipality:
			return "municipality"
		case define.Month:
			return "month"
		case define.Year:
			return "year"
		}
	}
	if kind == "range" {
		return "decimal"
	}
	return kind
}

// widens are the changes after which earlier answers still fit.
var widens = map[string]string{"integer": "decimal", "hidden": "calculate", "calculate": "hidden", "year": "integer"}

// texts compares what people read.
func (c *comparison) texts(was, now *entry) {
	old, texts := was.Texts(), now.Texts()
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		before, after := *old[key], *texts[key]
		if before == after {
			continue
		}
		ch := Change{Kind: Text, Severity: Harmless, Key: key, Before: before, After: after, Means: say("diff.text.other")}
		switch {
		case key != "label" || !now.variable():
		case same(before, after):
			ch.Means = say("diff.text.letters")
		case now.Construct != "" || was.Construct != "":
			ch.Severity, ch.Means = Refused, say("diff.text.construct", now.Name)
		default:
			ch.Severity, ch.Means = Careful, say("diff.text.label")
		}
		c.note(now, ch)
	}
}

// same says whether two texts differ in nothing but capitals, blanks and
// punctuation, or a language is only new.
func same(a, b lang.Text) bool {
	return letters(a.DE) == letters(b.DE) && (a.EN == "" || letters(a.EN) == letters(b.EN))
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// choices compares what can be chosen. Where a question came to have choices
// or lost them, its type says so.
func (c *comparison) choices(was, now *entry) {
	before, after := was.field.Choices, now.field.Choices
	if domain(was) != domain(now) {
		return
	}
	for _, ch := range after {
		old, ok := choice(before, ch.Name)
		switch {
		case !ok && now.Construct != "":
			c.note(now, Change{Kind: ChoiceAdded, Severity: Careful, Key: ch.Name, After: ch.Label, Means: say("diff.choice.added.construct")})
		case !ok:
			c.note(now, Change{Kind: ChoiceAdded, Severity: Harmless, Key: ch.Name, After: ch.Label, Means: say("diff.choice.added")})
		case old.Label != ch.Label:
			c.relabelled(now, old, ch)
		}
	}
	for _, old := range before {
		if _, ok := choice(after, old.Name); !ok {
			c.note(now, Change{Kind: ChoiceRemoved, Severity: Careful, Key: old.Name, Before: old.Label, Means: say("diff.choice.removed")})
		}
	}
}

func (c *comparison) relabelled(e *entry, old, now form.Choice) {
	ch := Change{
		Kind: ChoiceRelabelled, Severity: Refused, Key: now.Name, Before: old.Label, After: now.Label, Means: say("diff.choice.meaning", now.Name),
	}
	switch {
	case same(old.Label, now.Label):
		ch.Severity, ch.Means = Harmless, say("diff.text.letters")
	case letters(old.Label.DE) == letters(now.Label.DE) && e.Construct == "":
		ch.Severity, ch.Means = Careful, say("diff.choice.translation")
	}
	c.note(e, ch)
}

func choice(list []form.Choice, name string) (form.Choice, bool) {
	return define.List{Choices: list}.Choice(name)
}

// meaning is how much care a change of a key needs, and what it means; other
// keys change looks or help only.
var meaning = map[string]struct {
	severity Severity
	text     string
}{
	"relevant": {Careful, "diff.condition.relevant"}, "choice_filter": {Careful, "diff.condition.relevant"},
	"repeat_count": {Careful, "diff.condition.relevant"},
	"required":     {Careful, "diff.condition.judged"}, "constraint": {Careful, "diff.condition.judged"},
	"parameters": {Careful, "diff.condition.judged"}, "x_minlength": {Careful, "diff.condition.judged"},
	"x_maxlength": {Careful, "diff.condition.judged"}, "x_min": {Careful, "diff.condition.judged"},
	"x_max": {Careful, "diff.condition.judged"}, "x_exclusive": {Careful, "diff.condition.judged"},
	"x_unique": {Careful, "diff.condition.judged"}, "x_checks": {Careful, "diff.condition.judged"},
	"calculation": {Careful, "diff.condition.calculation"}, "default": {Careful, "diff.condition.calculation"},
	"readonly": {Careful, "diff.condition.calculation"},
	"x_class":  {Careful, "diff.condition.class"}, "x_sensitive": {Careful, "diff.condition.class"},
	"x_construct": {Careful, "diff.condition.construct"}, "x_scale": {Careful, "diff.condition.construct"},
	"x_indicator": {Careful, "diff.condition.construct"},
	"x_reversed":  {Refused, "diff.condition.reversed"},
}

// values compares the keys of one value, numbers and checks.
func (c *comparison) values(was, now *entry) {
	old, values := valuesOf(was), valuesOf(now)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if old[key] == values[key] {
			continue
		}
		ch := Change{Kind: Condition, Severity: Harmless, Key: key, Before: plain(old[key]), After: plain(values[key]), Means: say("diff.condition.other")}
		if m, ok := meaning[key]; ok {
			ch.Severity, ch.Means = m.severity, say(m.text)
		}
		c.note(now, ch)
	}
}

// valuesOf are the keys that are compared as they are written.
func valuesOf(e *entry) map[string]string {
	out := map[string]string{}
	for key, value := range e.Values() {
		if key != "type" && key != "name" && key != "appearance" && key != "x_alias" {
			out[key] = strings.Join(strings.Fields(*value), " ")
		}
	}
	for key, n := range e.Numbers() {
		out[key] = ""
		if *n != nil {
			out[key] = strconv.Itoa(**n)
		}
	}
	out["x_checks"] = ""
	if len(e.Checks) > 0 {
		b, _ := json.Marshal(e.Checks) // strings alone
		out["x_checks"] = string(b)
	}
	return out
}

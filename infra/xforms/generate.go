package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// generate makes forms by chance; the same seed gives the same forms. What our
// compiler refuses is thrown away and made anew.
func generate(seed uint64, forms, each int) []*Case {
	rng := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // chance that repeats is wanted
	var out []*Case
	for len(out) < forms {
		g := &generator{rng: rng, days: len(out)%2 == 1}
		c := &Case{Name: fmt.Sprintf("generated %d", len(out)+1), YAML: definition(g.survey()), Days: g.days}
		if c.prepare() != nil {
			continue
		}
		for range each {
			c.Sequences = append(c.Sequences, g.sequence())
		}
		out = append(out, c)
	}
	return out
}

// generator makes one form.
type generator struct {
	rng  *rand.Rand
	days bool
	all  []*question
	next int
	// conditional says that what is being made may not be asked: a select that
	// filters another is not put there, since nobody could answer it.
	conditional bool
}

// question is one that was made, with the repeats around it, outermost first.
type question struct {
	name, kind string // kind: integer decimal text date one many ack, figure or words for calculations, repeat
	rows       []string
	clears     string // what must be cleared before it changes
}

func pick[T any](g *generator, from []T) T { return from[g.rng.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *generator) named(prefix string) string {
	g.next++
	return fmt.Sprintf("%s%d", prefix, g.next)
}

func (g *generator) survey() string {
	var b strings.Builder
	b.WriteString(g.ask(nil) + g.ask(nil))
	for range 3 + g.rng.IntN(4) {
		switch n := g.rng.IntN(10); {
		case n < 5:
			b.WriteString(g.ask(nil))
		case n < 6:
			b.WriteString(g.group())
		case n < 8:
			b.WriteString(g.repeat(nil))
		default:
			b.WriteString(g.formula(nil))
		}
	}
	b.WriteString(g.formula(nil) + g.formula(nil))
	return b.String()
}

func (g *generator) group() string {
	name, relevant := g.named("g"), g.when(nil)
	g.conditional = relevant != nil
	inner := g.ask(nil) + g.ask(nil) + g.formula(nil)
	g.conditional = false
	return block("group", name, inner, relevant...)
}

// repeat has a key that every row answers, and sometimes rows in its rows.
func (g *generator) repeat(around []string) string {
	name := g.named("r")
	rows := append(slices.Clone(around), name)
	relevant, outer := g.when(around), g.conditional
	g.conditional = outer || relevant != nil
	g.all = append(g.all, &question{name: name, kind: "repeat", rows: around})
	inner := q("text", "key_"+name) + g.ask(rows) + g.ask(rows) + g.formula(rows)
	if len(around) == 0 && g.chance(40) {
		inner += g.repeat(rows)
	}
	inner += g.formula(rows)
	g.conditional = outer
	return block("repeat", name, inner, relevant...)
}

// ask makes a question, mostly with rules.
func (g *generator) ask(rows []string) string {
	if g.chance(10) && !g.conditional {
		return g.cascade(rows)
	}
	kind := pick(g, []string{"integer", "integer", "decimal", "text", "text", "date", "select_one colour", "select_one grade", "select_multiple colour", "acknowledge"})
	made := &question{name: g.named("q"), rows: rows, kind: short(kind)}
	more := g.when(rows)
	if g.chance(30) {
		more = append(more, "required", pick(g, []string{"yes", g.condition(rows, 1)}))
	}
	if own := g.own(made); own != "" && g.chance(40) {
		more = append(more, "constraint", own)
	}
	if g.chance(10) && made.kind == "integer" {
		more = append(more, "default", "7")
	}
	g.all = append(g.all, made)
	return q(kind, made.name, more...)
}

func short(kind string) string {
	switch kind {
	case "select_one colour":
		return "one"
	case "select_one grade":
		return "grade"
	case "select_multiple colour":
		return "many"
	case "acknowledge":
		return "ack"
	}
	return kind
}

// cascade is a select that filters another.
func (g *generator) cascade(rows []string) string {
	where, town := g.named("q"), g.named("q")
	g.all = append(g.all, &question{name: where, kind: "region", rows: rows, clears: town}, &question{name: town, kind: "town", rows: rows})
	return q("select_one region", where) + q("select_one town", town, "choice_filter", fmt.Sprintf("area = ${%s}", where))
}

func (g *generator) when(rows []string) []string {
	if !g.chance(45) {
		return nil
	}
	return []string{"relevant", g.condition(rows, 2)}
}

// own is a constraint over the own answer.
func (g *generator) own(made *question) string {
	switch made.kind {
	case "integer", "decimal":
		return pick(g, []string{". >= 0", ". < 100 and . > -5", ". != 7", ". <= " + g.number(made.rows, 1)})
	case "text":
		return pick(g, []string{"string-length(.) < 6", "regex(., '^[a-z ]+$')", "not(contains(., '-'))", ". != " + g.text(made.rows, 1)})
	case "date":
		return pick(g, []string{". <= today()", ". > '2025-12-31'"})
	case "one":
		return pick(g, []string{". != 'red'", "selected(., 'blue') or " + g.condition(made.rows, 1)})
	case "many":
		return pick(g, []string{"count-selected(.) < 3", "not(selected(., 'green'))"})
	}
	return ""
}

func (g *generator) formula(rows []string) string {
	name := g.named("c")
	kind, x := "words", g.text(rows, 2)
	if g.chance(50) {
		kind, x = "figure", g.number(rows, 2)
	}
	line := calc(name, x, g.when(rows)...)
	g.all = append(g.all, &question{name: name, kind: kind, rows: rows})
	return line
}

// sees says whether a question gives one value in these rows.
func sees(rows []string, made *question) bool {
	return len(made.rows) <= len(rows) && slices.Equal(made.rows, rows[:len(made.rows)])
}

// some is a question of one of the kinds that has one value here; "" for none.
func (g *generator) some(rows []string, kinds ...string) string {
	var names []string
	for _, made := range g.all {
		if sees(rows, made) && slices.Contains(kinds, made.kind) {
			names = append(names, "${"+made.name+"}")
		}
	}
	if len(names) == 0 {
		return ""
	}
	return pick(g, names)
}

// below is a question in rows that are not around; "" for none.
func (g *generator) below(rows []string, kinds ...string) (*question, bool) {
	var found []*question
	for _, made := range g.all {
		if slices.Contains(kinds, made.kind) && (made.kind == "repeat" || !sees(rows, made)) {
			found = append(found, made)
		}
	}
	if len(found) == 0 {
		return nil, false
	}
	return pick(g, found), true
}

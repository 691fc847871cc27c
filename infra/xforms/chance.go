package main

import (
	"fmt"
	"strconv"
	"strings"
)

// condition is an expression that is true or false.
func (g *generator) condition(rows []string, depth int) string {
	if depth > 0 && g.chance(30) {
		a, b := g.condition(rows, depth-1), g.condition(rows, depth-1)
		return pick(g, []string{a + " and " + b, a + " or " + b, "not(" + a + ")", "(" + a + ") or " + b, fmt.Sprintf("checklist(1, 1, %s, %s)", a, b)})
	}
	for range 20 {
		if x := g.simple(rows, depth); x != "" {
			return x
		}
	}
	return "string-length(" + g.text(rows, 0) + ") >= 0"
}

// simple is one comparison; "" where there is nothing of the kind that was
// picked.
func (g *generator) simple(rows []string, depth int) string {
	relation := pick(g, []string{"=", "!=", "<", "<=", ">", ">="})
	switch g.rng.IntN(11) {
	case 0, 1:
		return g.number(rows, depth) + " " + relation + " " + g.number(rows, 0)
	case 2:
		return g.text(rows, depth) + pick(g, []string{" = ", " != "}) + pick(g, []string{"''", "'abc'", "'12'"})
	case 3:
		return wrap(g.some(rows, "one"), pick(g, []string{"%s = 'red'", "%s != 'blue'", "selected(%s, 'green')"}))
	case 4:
		return wrap(g.some(rows, "many"), pick(g, []string{"selected(%s, 'red')", "count-selected(%s) > 1", "%s != ''"}))
	case 5:
		return wrap(g.some(rows, "date"), pick(g, []string{"%s > today()", "%s <= '2026-03-01'", "%s = ''", "format-date(%s, '%%m') = '03'"}))
	case 6:
		return wrap(g.some(rows, "grade"), "%s "+relation+" 2")
	case 7:
		return wrap(g.some(rows, "ack"), "%s = 'OK'")
	case 8:
		return wrap(g.some(rows, "text"), pick(g, []string{"regex(%s, '[0-9]')", "contains(%s, 'a')", "starts-with(%s, 'a')", "string-length(%s) > 3", "boolean-from-string(%s)"}))
	case 9:
		if m, ok := g.below(rows, "repeat"); ok {
			return fmt.Sprintf("count(${%s}) %s %d", m.name, relation, g.rng.IntN(3))
		}
	default:
		a, b := g.some(rows, "integer", "decimal"), g.some(rows, "integer", "text", "figure")
		if a != "" && b != "" {
			return a + pick(g, []string{" = ", " != "}) + b
		}
	}
	return ""
}

func wrap(name, format string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(format, name)
}

// number is an expression that gives a number.
func (g *generator) number(rows []string, depth int) string {
	literal := strconv.Itoa(g.rng.IntN(20) - 3)
	if depth == 0 {
		return orElse(g.some(rows, "integer", "decimal", "figure"), pick(g, []string{literal, "2.5"}))
	}
	a, b := g.number(rows, depth-1), g.number(rows, depth-1)
	switch g.rng.IntN(12) {
	case 0, 1:
		return "(" + a + pick(g, []string{" + ", " - ", " * ", " div ", " mod "}) + b + ")"
	case 2:
		return fmt.Sprintf(pick(g, []string{"round(%s)", "int(%s)", "abs(%s)", "round(%s, 1)", "pow(%s, 2)"}), a)
	case 3:
		return fmt.Sprintf("coalesce(%s, %s)", orElse(g.some(rows, "integer", "decimal"), a), literal)
	case 4:
		return fmt.Sprintf(pick(g, []string{"min(%s, %s)", "max(%s, %s)"}), a, b)
	case 5:
		return fmt.Sprintf("if(%s, %s, %s)", g.condition(rows, 0), a, b)
	case 6:
		return "string-length(" + g.text(rows, depth-1) + ")"
	case 7:
		return orElse(wrap(g.some(rows, "many"), "count-selected(%s)"), a)
	case 8, 9:
		return orElse(g.total(rows), a)
	case 10:
		if g.days {
			return g.between(rows)
		}
	}
	if len(rows) > 0 && g.chance(30) {
		return "position(..)"
	}
	return a
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// between are the days between two dates.
func (g *generator) between(rows []string) string {
	a, b := orElse(g.some(rows, "date"), "today()"), orElse(g.some(rows, "date"), "date('2026-01-01')")
	return pick(g, []string{"(" + a + " - " + b + ")", "decimal-date-time(" + a + ")", "int(today() - " + b + ")"})
}

// total is a function over rows; "" where there are none.
func (g *generator) total(rows []string) string {
	if m, ok := g.below(rows, "integer", "decimal", "figure"); ok && g.chance(70) {
		if x := g.single(rows, m); x != "" && g.chance(40) {
			return x
		}
		return fmt.Sprintf(pick(g, []string{"sum(${%s})", "min(${%s})", "max(${%s})", "count-non-empty(${%s})"}), m.name)
	}
	if m, ok := g.below(rows, "repeat"); ok {
		return "count(${" + m.name + "})"
	}
	return ""
}

// single is the answer in one row, by indexed-repeat().
func (g *generator) single(rows []string, m *question) string {
	if len(m.rows) == 0 {
		return ""
	}
	x := "indexed-repeat(${" + m.name + "}"
	for _, r := range m.rows {
		x += ", ${" + r + "}, " + orElse(g.some(rows, "integer"), "1")
		if g.chance(60) {
			x = x[:strings.LastIndexByte(x, ',')] + ", " + pick(g, []string{"1", "2", "1 + 1"})
		}
	}
	return x + ")"
}

// text is an expression that gives a text.
func (g *generator) text(rows []string, depth int) string {
	literal := pick(g, []string{"'abc'", "'12'", "'x y'", "''"})
	if depth == 0 {
		return orElse(g.some(rows, "text", "words", "one", "many", "region", "town"), literal)
	}
	a, b := g.text(rows, depth-1), g.text(rows, depth-1)
	switch g.rng.IntN(12) {
	case 0:
		return fmt.Sprintf("concat(%s, '/', %s)", a, g.number(rows, depth-1))
	case 1:
		return fmt.Sprintf("if(%s, %s, %s)", g.condition(rows, 1), a, b)
	case 2:
		return fmt.Sprintf("coalesce(%s, %s)", a, b)
	case 3:
		return fmt.Sprintf("substr(%s, %d, %d)", a, g.rng.IntN(4)-1, g.rng.IntN(6))
	case 4:
		return fmt.Sprintf(pick(g, []string{"normalize-space(%s)", "substring-before(%s, 'b')", "substring-after(%s, 'a')", "translate(%s, 'abc', 'AB')"}), a)
	case 5:
		return orElse(wrap(g.some(rows, "date"), "format-date(%s, '%%d.%%m.%%Y')"), a)
	case 6:
		return orElse(wrap(g.some(rows, "many"), "selected-at(%s, 1)"), a)
	case 7:
		if one := g.some(rows, "one", "town"); one != "" {
			return "jr:choice-name(" + one + ", '" + one + "')"
		}
	case 8, 9:
		if m, ok := g.below(rows, "text", "integer", "words", "one"); ok {
			return orElse(g.someSingle(rows, m), "join('+', ${"+m.name+"})")
		}
	case 10:
		return "string(" + g.number(rows, depth-1) + ")"
	}
	return a
}

func (g *generator) someSingle(rows []string, m *question) string {
	if g.chance(50) {
		return ""
	}
	return g.single(rows, m)
}

// place is a list of rows that a sequence has made: "" or "r[0].s[1].".
type place struct {
	prefix string
	rows   []string
}

// sequence answers, adds and removes by chance.
func (g *generator) sequence() []Step {
	var out []Step
	made := map[string]int{} // rows by the path of their repeat
	for range 5 + g.rng.IntN(4) {
		at := place{}
		for g.chance(60) {
			if next, ok := g.descend(at, made); ok {
				at = next
			}
		}
		switch repeat, ok := g.repeatIn(at); {
		case ok && g.chance(55):
			out = append(out, g.grow(at, repeat, made))
		case ok && made[at.prefix+repeat] > 0 && g.chance(20):
			out = append(out, g.shrink(at, repeat, made))
		default:
			if s := g.answer(at); len(s) > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}

func (g *generator) repeatIn(at place) (string, bool) {
	var names []string
	for _, m := range g.all {
		if m.kind == "repeat" && len(m.rows) == len(at.rows) && sees(at.rows, m) {
			names = append(names, m.name)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return pick(g, names), true
}

func (g *generator) descend(at place, made map[string]int) (place, bool) {
	repeat, ok := g.repeatIn(at)
	n := made[at.prefix+repeat]
	if !ok || n == 0 {
		return at, false
	}
	return place{prefix: fmt.Sprintf("%s%s[%d].", at.prefix, repeat, g.rng.IntN(n)), rows: append(append([]string{}, at.rows...), repeat)}, true
}

func (g *generator) grow(at place, repeat string, made map[string]int) Step {
	path := at.prefix + repeat
	inner := place{prefix: fmt.Sprintf("%s[%d].", path, made[path]), rows: append(append([]string{}, at.rows...), repeat)}
	made[path]++
	s := Step{add(path), set(inner.prefix+"key_"+repeat, pick(g, []string{"k", "abc", "12"}))}
	return append(s, g.answer(inner)...)
}

// shrink takes a row away; those below it move up, with what they hold.
func (g *generator) shrink(at place, repeat string, made map[string]int) Step {
	path := at.prefix + repeat
	n := g.rng.IntN(made[path])
	moved := map[string]int{}
	for key, count := range made {
		rest, inside := strings.CutPrefix(key, path+"[")
		index, tail, _ := strings.Cut(rest, "]")
		i, err := strconv.Atoi(index)
		switch {
		case !inside || err != nil || i < n:
			moved[key] = count
		case i > n:
			moved[fmt.Sprintf("%s[%d]%s", path, i-1, tail)] = count
		}
	}
	clear(made)
	for key, count := range moved {
		made[key] = count
	}
	made[path]--
	return Step{remove(path, n)}
}

var answers = map[string][]string{
	"integer": ints, "decimal": decimals, "text": {"", "abc", "a b", "12", "3.5", "b-a", "true", "Straße"}, "date": dates,
	"one": colours, "grade": grades, "many": palettes, "ack": ticks, "region": {"", "north", "south"},
}

// answer gives some of the questions in these rows an answer.
func (g *generator) answer(at place) Step {
	var s Step
	for _, m := range g.all {
		values, asked := answers[m.kind]
		if !asked || len(m.rows) != len(at.rows) || !sees(at.rows, m) || !g.chance(40) {
			continue
		}
		if m.clears != "" {
			s = append(s, set(at.prefix+m.clears, ""))
		}
		value := pick(g, values)
		s = append(s, set(at.prefix+m.name, value))
		if m.clears != "" && g.chance(70) {
			s = append(s, set(at.prefix+m.clears, map[string]string{"north": "hafen", "south": "tal"}[value]))
		}
	}
	return s
}

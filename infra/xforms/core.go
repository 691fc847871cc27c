package main

import (
	"fmt"
	"strings"
)

// pool are the answers that a question gets in turn.
type pool struct {
	kind, name string
	values     []string
}

var (
	ints      = []string{"", "0", "3", "7", "-2", "120", "18"}
	decimals  = []string{"", "0.5", "2", "-1.25", "10", "2.675", "1000000.5"}
	words     = []string{"", "abc", "Straße am Markt", "12", "3.5", "2026-03-01", "a-b-c", "true", "ABC def", "x  y"}
	dates     = []string{"", "2026-03-01", "2026-03-29", "2025-10-30", "2024-02-29", "1999-12-31"}
	times     = []string{"", "09:30", "00:00", "23:59"}
	moments   = []string{"", "2026-03-29T09:30", "2026-03-01T00:00", "2025-12-24T18:00"}
	colours   = []string{"", "red", "green", "blue"}
	grades    = []string{"", "1", "2", "10"}
	palettes  = []string{"", "red", "red blue", "red green blue", "green"}
	ticks     = []string{"", "OK"}
	sequences = 12
)

// core are the forms written by hand: every function, type and structure.
func core() []*Case {
	out := functionForms()
	out = append(out, structures()...)
	return append(out, rowForms()...)
}

// functionForms calculate with each function over answers that change.
func functionForms() []*Case {
	return append(append(functionsOfKinds(), functionsOfDates()...), oddForms()...)
}

// oddForms are about values at the edges of the functions.
func oddForms() []*Case {
	t := pool{"text", "t", []string{"", "0", "1e3", "0x1F", ".5", "5.", "+5", "-.5e-3", "12,5", "Infinity", "NaN", "1_000", "0b11", "a b", "true"}}
	n := pool{"decimal", "n", []string{"", "0.000001", "123456789.125", "-0.5", "2.5", "1.005", "0.1", "99999999999"}}
	return []*Case{
		formulas("odd numbers", false, []pool{t, n}, "number(${t})", "number(${t}) + 1", "if(${t} = 0, 'zero', 'other')", "if(${t} = 5, 1, 0)", "int(number(${t}))", "round(${n} * 1000, 0)",
			"round(${n}, 2)", "round(${n}, 3)", "round(-${n})", "round(1234.5, -2)", "round(0.5)", "round(-0.5)", "round(1.5)", "round(-1.5)", "int(-0.5)", "-5 mod 3", "5 mod -3", "5.5 mod 2", "${n} * ${n} * ${n}",
			"${n} div 3", "${n} div 1000000", "${n} * 1000000000000000", "0 - ${n}", "pow(${n}, 3)", "pow(2, 0.5)", "pow(10, -2)", "pow(-8, 3)", "abs(-0)", "1 div -0", "-1 div 0", "min(1, number('x'))", "max(0.1 + 0.2, 0.3)",
			"string(1000000)", "string(0.1 * 3)", "string(123456789 * 1000)", "concat(1 div 3, '')", "if(0.1 + 0.2 = 0.3, 'equal', 'not')", "coalesce(number('x'), 'none')", "number(true())", "string(true())", "number('')"),
		formulas("odd texts", false, []pool{t, n}, "substr(${t}, number('x'))", "substr(${t}, 1, number('x'))", "substr(${t}, 0.9)", "substr(${t}, -99)", "substr(${t}, 99)", "substr('abc', 1, 99)", "substr('abc', 2, 1)", "substr(${n}, 0, 2)",
			"normalize-space('  a \\t b  ')", "normalize-space(' a  b ')", "translate('aabbcc', 'aab', 'xyz')", "translate('abc', 'abc', '')", "translate(${t}, '.,', ',.')", "translate('a.b*c', '.*', '--')",
			"contains(${t}, '')", "starts-with('', '')", "ends-with(${t}, '.')", "substring-before('', 'a')", "substring-before('abc', '')", "substring-after('abc', '')", "substring-after('abc', 'x')", "substring-after('aXbXc', 'X')",
			"selected('a b  c', 'b')", "selected(' a', 'a')", "selected('', '')", "selected('a b', ' b ')", "count-selected(' a  b ')", "count-selected('')", "selected-at('a b', 1)", "selected-at('a b', -1)", "selected-at('', 0)", "selected-at('a b', '1')",
			"string-length('Straße')", "string-length('😀')", "substr('a😀b', 3)", "join('-', 'a', 1, true())", "concat('a', 1.0, false())", "boolean-from-string('True')", "boolean-from-string(1)", "boolean('0')", "boolean(0)", "if('a' = 'A', 1, 0)", "if('1' = 1.0, 1, 0)"),
	}
}

func functionsOfKinds() []*Case {
	n, m, d := pool{"integer", "n", ints}, pool{"integer", "m", []string{"3", "", "5", "7"}}, pool{"decimal", "d", decimals}
	t, u := pool{"text", "t", words}, pool{"text", "u", []string{"a", "", "-", "Markt", "12"}}
	one, many := pool{"select_one colour", "one", colours}, pool{"select_multiple colour", "many", palettes}
	grade := pool{"select_one grade", "grade", grades}
	return []*Case{
		formulas("arithmetic", false, []pool{n, m, d}, "${n} + ${m}", "${n} - ${d}", "${n} * ${d}", "${n} div ${m}", "${n} mod ${m}", "-${n}",
			"(${n} + 1) * 2", "1 div 0", "${n} div 0", "0.1 + 0.2", "${d} * 1000000 * 1000000 * 1000000000000", "${d} div 100000000", "${n} - -${m}"),
		formulas("numbers", false, []pool{n, m, d}, "int(${d})", "round(${d})", "round(${d}, 1)", "round(${d}, 2)", "round(${n}, -1)", "abs(${d})",
			"pow(${m}, 2)", "number(${d})", "number('12.50')", "number('abc')", "number(' 7 ')", "number('')", "min(${n}, ${m})", "max(${n}, ${m}, ${d})",
			"min(${d})", "string(${d})", "string(${n})", "string(1.50)", "coalesce(${n}, 0) + 1", "coalesce(${d}, ${m})"),
		formulas("comparisons", false, []pool{n, m, d}, "if(${n} > ${m}, 'more', 'less')", "if(${n} >= 3 and ${n} <= 18, 1, 0)", "if(${n} = ${m}, 1, 0)",
			"if(${n} != ${m}, 1, 0)", "if(${d} = 2, 1, 0)", "if(${d} = ${n}, 1, 0)", "if(${n} = '', 'none', ${n})", "if(${n} = '3', 1, 0)",
			"if(${n} = '3.0', 1, 0)", "if(${d} = '2', 1, 0)", "if(not(${n} < ${d}), 1, 0)", "if(1 = 2 or ${n} = 7, 'y', 'n')", "${n} < 5", "${n} = 3 or ${m} = 3"),
		formulas("texts", false, []pool{t, u}, "string-length(${t})", "concat(${t}, '/', ${u})", "contains(${t}, ${u})", "starts-with(${t}, ${u})",
			"ends-with(${t}, ${u})", "normalize-space(${t})", "translate(${t}, 'abcß', 'ABC')", "substring-before(${t}, '-')", "substring-after(${t}, '-')",
			"substring-before(${t}, ${u})", "join('+', ${t}, ${u}, 'z')", "coalesce(${t}, ${u})", "string(${t})", "boolean-from-string(${t})", "if(${t} = ${u}, 1, 0)",
			"if(${t} = 'abc', 'yes', concat('no ', ${t}))", "number(substr(${t}, 0, 2)) * 2", "boolean(string(${t}))"),
		formulas("substrings", false, []pool{t, n}, "substr(${t}, 0, 3)", "substr(${t}, 2)", "substr(${t}, -2)", "substr(${t}, 1, -1)", "substr(${t}, ${n})",
			"substr(${t}, 5, 2)", "substr('Straße', 4)", "substr('abcdef', ${n}, ${n} + 2)", "string-length(substr(${t}, 1))"),
		formulas("patterns", false, []pool{t, n}, "regex(${t}, 'b')", "regex(${t}, '^[a-z]+$')", "regex(${t}, '^[0-9]{2}$')", `regex(${t}, '^\\d+(\\.\\d+)?$')`,
			`regex(${t}, '\\s')`, "regex(${t}, '(abc|ABC)')", "regex(${t}, '^.{3,10}$')", "regex(${t}, '[^a-z-]')", `regex(${t}, '\\bMarkt$')`, "regex(${n}, '^-?[0-9]+$')",
			"regex(${t}, 'a?b*c+')", "regex(${t}, 'Stra(?:ss|ß)e')"),
		formulas("choices", false, []pool{one, many, grade}, "selected(${one}, 'red')", "selected(${many}, 'blue')", "selected(${many}, ${one})", "count-selected(${many})",
			"count-selected(${one})", "selected-at(${many}, 0)", "selected-at(${many}, 1)", "selected-at(${many}, 9)", "jr:choice-name(${one}, '${one}')",
			"jr:choice-name(selected-at(${many}, 0), '${many}')", "jr:choice-name('blue', '${many}')", "if(${grade} > 1, 'better', 'not')", "${grade} * 2",
			"if(${one} = 'red', 1, if(${one} = '', 0, 2))", "concat(${many}, '|', ${one})", "string-length(${many})"),
		formulas("conditions", false, []pool{n, t, one}, "checklist(1, 2, ${n} > 3, ${t} = 'abc', ${one} = 'red')", "checklist(2, -1, ${n}, ${t}, ${one})",
			"checklist(0, 0, ${n} > 3, ${t} = 'abc')", "weighted-checklist(3, 5, ${n} > 3, 3, ${t}, 2, ${one}, 1)", "weighted-checklist(2, -1, ${t}, ${n})",
			"true()", "false()", "not(${n} = 3)", "${n} = 3 and ${t} != ''", "if(true() = (${n} = 3), 1, 0)", "boolean-from-string('1')"),
	}
}

func functionsOfDates() []*Case {
	n := pool{"integer", "n", ints}
	day, end := pool{"date", "day", dates}, pool{"date", "end", []string{"2026-03-29", "2026-04-30", "", "2025-01-01"}}
	at, clock := pool{"datetime", "at", moments}, pool{"time", "clock", times}
	return []*Case{
		formulas("dates as dates", false, []pool{day, end}, "if(${day} > ${end}, 'later', 'not')", "if(${day} = ${end}, 1, 0)", "if(${day} = today(), 1, 0)",
			"if(${day} >= today(), 'future', 'past')", "if(${day} < '2026-01-01', 1, 0)", "if(${day} = '2026-03-01', 1, 0)", "format-date(${day}, '%d.%m.%Y')",
			"format-date(${day}, '%e.%n.%y')", "format-date(today(), '%Y-%m')", "string(today())", "concat(${day}, '')", "date('2026-03-01')", "date('')", "date(${day})",
			"if(${day} = date('2026-03-01'), 1, 0)", "substr(${day}, 0, 4)", "coalesce(${day}, today())", "number(format-date(${day}, '%Y')) + 1", "date('2026-03-01T10:00')", "format-date(coalesce('', '2026-3-1'), '%Y')", "format-date(coalesce('', 'abc'), '%Y')", "format-date('2026-03-01T10:05', '%H:%M')", "date(coalesce('', 'abc'))", "date(concat('2026', '-3-1'))", "today()"),
		formulas("dates as days", true, []pool{day, end, n}, "${end} - ${day}", "today() - ${day}", "int((today() - ${day}) div 365.25)", "date(${day} + 30)", "date(today() + ${n})",
			"decimal-date-time(${day})", "number(${day})", "if(${end} - ${day} >= 7, 1, 0)", "format-date(date(today() + 7), '%d.%m.%Y')", "if(today() + 14 > ${day}, 1, 0)",
			"${day} + 1", "round(decimal-date-time(${end}) - decimal-date-time(${day}), 0)", "date-time(${day})", "max(${day}, ${end})"),
		formulas("points in time", false, []pool{at, clock}, "format-date-time(${at}, '%d.%m.%Y %H:%M')", "format-date-time(${at}, '%h:%M:%S.%3')", "format-date(${at}, '%Y')",
			"if(${at} > now(), 'later', 'not')", "if(${at} = now(), 1, 0)", "if(${at} >= today(), 1, 0)", "decimal-time(${clock})", "if(decimal-time(${clock}) > decimal-time('08:00'), 1, 0)",
			"format-date-time(now(), '%H:%M')", "if(${at} = '', 'none', 'some')", "if(${clock} = '', 'none', 'some')", "if(${at} = date-time('2025-12-24T18:00'), 1, 0)",
			"date(format-date-time(${at}, '%Y-%m-%d'))", "now()", "date-time('2026-03-01T09:30:00')", "decimal-time('12:00:00.000')", "decimal-time('abc')"),
		formulas("points in time as days", true, []pool{at, day}, "decimal-date-time(${at})", "${at} - ${day}", "now() - ${at}", "decimal-date-time(now())", "date-time(${day} + 0.5)",
			"date(${day} + 0.25)", "number(${day}) + 0.5", "format-date-time(date-time(${day} + 0.5), '%H:%M')", "decimal-date-time('2026-03-01T12:00:00')"),
	}
}

// formulas is a form with one calculation an expression.
func formulas(name string, days bool, pools []pool, expressions ...string) *Case {
	var survey strings.Builder
	for _, p := range pools {
		survey.WriteString(q(p.kind, p.name))
	}
	for i, x := range expressions {
		survey.WriteString(calc(fmt.Sprintf("c%d", i+1), x))
	}
	return &Case{Name: name, YAML: definition(survey.String()), Days: days, Sequences: turns(pools)}
}

// turns gives every question its answers in turn, each sequence with other
// neighbours.
func turns(pools []pool) [][]Step {
	var out [][]Step
	for s := range sequences {
		var sequence []Step
		for step := range 4 {
			var ops Step
			for i, p := range pools {
				ops = append(ops, set(p.name, p.values[(s*(i+1)+step*(2*i+1)+i)%len(p.values)]))
			}
			sequence = append(sequence, ops)
		}
		out = append(out, sequence)
	}
	return out
}

// structures are forms about relevance, validity and types of questions.
func structures() []*Case {
	n, t, one := pool{"integer", "n", ints}, pool{"text", "t", words}, pool{"select_one colour", "one", colours}
	in := func(name, survey string, pools ...pool) *Case {
		return &Case{Name: name, YAML: definition(survey), Sequences: turns(pools)}
	}
	return []*Case{
		in("relevance in chains", q("integer", "n")+q("text", "t", "relevant", "${n} > 3")+q("select_one colour", "one", "relevant", "${t} != ''")+
			calc("c", "concat(${t}, ${one})", "relevant", "${one} = 'red' or ${n} = 7")+calc("e", "if(${c} = '', 'empty', ${c})"), n, t, one),
		in("groups in groups", q("integer", "n")+block("group", "g", q("text", "t")+block("group", "h", q("select_one colour", "one")+calc("c", "concat(${t}, '-', ${one})"),
			"relevant", "${t} != 'abc'"), "relevant", "${n} != 3")+calc("e", "string-length(${c})"), n, t, one),
		in("required", q("integer", "n", "required", "yes")+q("text", "t", "required", "${n} > 3")+q("select_one colour", "one", "required", "${t} = '' and ${n} != ''"), n, t, one),
		in("constraints", q("integer", "n", "constraint", ". >= 0 and . < 100")+q("text", "t", "constraint", "string-length(.) < 5 or contains(., ' ')", "required", "${n} = 3")+
			q("select_one colour", "one", "constraint", "not(. = 'red' and ${n} > 3)"), n, t, one),
		in("constraints between answers", q("integer", "n")+q("integer", "m", "constraint", ". > ${n} or ${n} = ''")+q("text", "t", "constraint", "regex(., '^[a-z0-9 -]+$') and . != ${u}")+q("text", "u"),
			n, pool{"integer", "m", []string{"", "5", "1", "200"}}, t, pool{"text", "u", []string{"", "abc", "12"}}),
		in("constraint that is not asked", q("integer", "n")+q("text", "t", "relevant", "${n} > 0", "constraint", ". = 'abc'", "required", "yes"), n, t),
		in("types", q("acknowledge", "ok", "required", "yes")+q("note", "hint", "relevant", "${ok} = 'OK'")+q("text", "t", "appearance", "multiline")+q("decimal", "d")+q("date", "day", "constraint", ". <= today()")+
			q("time", "clock", "required", "${ok} = 'OK'")+q("datetime", "at", "constraint", ". > date-time('2026-01-01T00:00')")+calc("c", "if(${ok} = 'OK', 'yes', 'no')"),
			pool{"acknowledge", "ok", ticks}, t, pool{"decimal", "d", decimals}, pool{"date", "day", dates}, pool{"time", "clock", times}, pool{"datetime", "at", moments}),
		in("defaults", q("text", "t", "default", "abc")+q("integer", "n", "default", "7")+q("select_one colour", "one", "default", "green")+q("select_multiple colour", "many", "default", "red blue")+
			q("date", "day", "default", "2026-03-01")+calc("c", "concat(${t}, ${n}, ${one}, ${many}, ${day})")+q("text", "u", "relevant", "${n} = 7", "default", "u")+q("hidden", "h", "default", "secret")+calc("e", "concat(${h}, '!')"), t, n, one),
		in("readonly", q("text", "fixed", "readonly", "yes", "default", "stands")+q("text", "t")+q("text", "shown", "calculation", "concat(${fixed}, ' ', ${t})", "readonly", "yes")+calc("c", "string-length(${shown})"), t),
		in("ranking", q("rank colour", "order")+calc("c", "concat(selected-at(${order}, 0), '/', selected-at(${order}, 2))")+q("text", "t", "relevant", "selected-at(${order}, 0) = 'blue'"),
			pool{"rank", "order", []string{"", "red green blue", "blue red green", "green blue red"}}, t),
		in("ranges", q("range", "whole", "parameters", "start=0 end=10 step=1")+q("range", "part", "parameters", "start=0 end=2 step=0.5")+calc("c", "${whole} + ${part}")+calc("e", "concat(${whole}, '/', ${part})"),
			pool{"range", "whole", []string{"", "0", "7", "10"}}, pool{"range", "part", []string{"", "0.5", "2", "1"}}),
		in("once", q("text", "t")+calc("c", "once(concat('first ', ${t}))")+calc("e", "concat(${c}, '!')"), pool{"text", "t", []string{"a", "b", "c"}}),
		in("formulas of formulas", calc("z", "concat(${y}, ${x})")+calc("y", "${x} + 1")+calc("x", "${n} * 2")+q("integer", "n")+q("text", "t", "relevant", "${y} > 7", "constraint", ". != ${z}")+calc("w", "if(${y} = '7', 'text', 'other')")+
			calc("b", "${n} > 3")+q("text", "u", "relevant", "${b} = 'true'"), n, t),
		in("choice names", q("select_one colour", "one")+q("select_one grade", "grade", "choice_filter", "name != ${one}")+calc("c", "jr:choice-name(${one}, '${one}')"), one),
		in("or other", q("select_one colour or_other", "one")+q("select_multiple grade or_other", "several")+calc("c", "concat(${one}, ': ', ${one_other})")+calc("e", "if(${several_other} = '', 'none', ${several_other})"),
			pool{"", "one", []string{"", "red", "other", "blue"}}, pool{"", "one_other", []string{"", "violet", "pink"}}, pool{"", "several", []string{"", "1 other", "2 10", "other"}}, pool{"", "several_other", []string{"x", ""}}),
		cascade(),
	}
}

// cascade filters towns by region and size; the town is cleared before the
// region changes.
func cascade() *Case {
	survey := q("select_one region", "where") + q("integer", "least") + q("select_one town", "town", "choice_filter", "area = ${where} and people >= coalesce(${least}, 0)", "required", "${where} != ''") +
		q("select_multiple town", "towns", "choice_filter", "name != ${town} and area = current()/../where") + calc("c", "jr:choice-name(${town}, '${town}')") +
		calc("e", "jr:choice-name('hafen', '${town}')")
	c := &Case{Name: "cascades", YAML: definition(survey)}
	towns := map[string][]string{"north": {"hafen", "duene"}, "south": {"alm", "tal"}}
	for i := range sequences {
		region := []string{"north", "south"}[i%2]
		other := []string{"north", "south"}[(i+1)%2]
		first, second := towns[region][i/2%2], towns[region][(i/2+1)%2]
		c.Sequences = append(c.Sequences, []Step{
			sets("where", region), sets("town", first), sets("towns", second), sets("towns", "", "town", "", "least", []string{"50", "", "2000"}[i%3]),
			sets("least", ""), sets("town", second, "towns", first), sets("towns", "", "town", "", "where", other), sets("town", towns[other][i%2]), sets("town", "", "where", ""),
		})
	}
	return c
}

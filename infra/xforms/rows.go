package main

import (
	"fmt"
	"strings"
)

// rowForms are forms with repeats. Every row has a key that is answered.
func rowForms() []*Case {
	return []*Case{
		{
			Name: "rows", YAML: definition(q("integer", "limit") + block("repeat", "r", q("text", "key")+q("integer", "x", "constraint", ". <= ${limit} or ${limit} = ''")+
				q("text", "t", "relevant", "${x} > 3", "required", "yes")+calc("c", "concat(position(..), ':', ${key}, ${x}, '/', ../t)")+calc("total", "sum(${y})")+calc("mine", "${x} * ${limit}")) +
				block("repeat", "s", q("text", "skey")+q("integer", "y")+calc("seen", "count(${r})")+calc("first", "indexed-repeat(${x}, ${r}, 1)")+calc("same", "indexed-repeat(${x}, ${r}, position(..))")) +
				totals("r", "x", "key") + calc("i", "indexed-repeat(${t}, ${r}, ${limit})")),
			Sequences: flatRows("limit", "x", "t", "y"),
		},
		{
			Name: "rows that are not asked", YAML: definition(q("integer", "limit") + block("repeat", "r", q("text", "key")+q("integer", "x")+block("group", "g", q("text", "t"), "relevant", "${x} != 7"), "relevant", "${limit} != 3") +
				block("repeat", "s", q("text", "skey")+q("integer", "y")) + totals("r", "x", "key") + totals("s", "y", "skey") + calc("ts", "join('+', ${t})")),
			Sequences: flatRows("limit", "x", "t", "y"),
		},
		{
			Name: "rows with paths", YAML: definition(q("integer", "limit") + block("repeat", "r", q("text", "key")+q("integer", "x", "relevant", "current()/../key != 'b'")+
				q("text", "t", "constraint", "current()/. != ../key")+block("group", "g", q("integer", "z")+calc("p", "position(../..)")+calc("d", "../../x + ${z}"))) +
				block("repeat", "s", q("text", "skey")+q("integer", "y", "relevant", "../skey = 'a' or position(..) > 1")) + totals("r", "x", "key")),
			Sequences: flatRows("limit", "x", "t", "y"),
		},
		{
			Name: "choices in rows", YAML: definition(q("integer", "limit") + block("repeat", "r", q("text", "key")+q("select_one colour", "one", "choice_filter", "name != 'blue' or ${limit} > 3")+
				q("integer", "x")+q("text", "t", "relevant", "${one} = 'red'")+calc("c", "jr:choice-name(${one}, '${one}')")+calc("others", "count-selected(join(' ', ${key}))")) +
				block("repeat", "s", q("text", "skey")+q("integer", "y")+q("select_multiple colour", "many", "required", "${y} > 2")+calc("e", "selected-at(${many}, 1)")) +
				calc("ones", "join(',', ${one})") + calc("names", "join(',', ${c})")),
			Sequences: flatRows("limit", "x", "t", "y"),
		},
		{
			Name: "types in rows", YAML: definition(q("integer", "limit") + block("repeat", "r", q("text", "key")+q("integer", "x")+q("text", "t")+q("date", "day", "constraint", ". <= today()")+
				q("acknowledge", "ok", "relevant", "${day} != ''")+q("rank colour", "order")+calc("kept", "once(concat('k', position(..)))")+calc("c", "concat(format-date(${day}, '%d.%m.'), ${ok}, selected-at(${order}, 0), ${kept})")) +
				block("repeat", "s", q("text", "skey")+q("decimal", "y")+q("datetime", "at")+q("time", "clock", "relevant", "${at} != ''")+calc("e", "if(decimal-time(${clock}) > 0.5, 'pm', 'am')")) +
				totals("s", "y", "skey") + calc("days", "join(' ', ${day})") + calc("oks", "count-non-empty(${ok})") + calc("ns", "concat(indexed-repeat(${y}, ${s}, 1), '/', indexed-repeat(${e}, ${s}, 2))")),
			Sequences: append(flatRows("limit", "x", "t", "y"), typedRows()...),
		},
		nestedCase("rows in rows", "r", "", ""),
		nestedCase("rows in rows that are not asked", "r", "${n} > 3", "${x} != 7"),
		counted("rows by number", "3"),
		counted("rows by answer", "${n}"),
		counted("rows by formula", "if(${n} > 4, 4, ${n} + 1)"),
	}
}

// totals are the functions over the rows of a repeat.
func totals(repeat, number, text string) string {
	var b strings.Builder
	for i, x := range []string{
		"count(${%[1]s})", "sum(${%[2]s})", "min(${%[2]s})", "max(${%[2]s})", "join(', ', ${%[3]s})", "count-non-empty(${%[2]s})",
		"if(count(${%[1]s}) > 1 and sum(${%[2]s}) > 5, 'much', 'little')", "concat(count(${%[1]s}), '/', count-non-empty(${%[3]s}))",
	} {
		b.WriteString(calc(fmt.Sprintf("%s_total%d", repeat, i), fmt.Sprintf(x, repeat, number, text)+strings.Repeat("", 0)))
	}
	return b.String()
}

// flatRows adds, fills, changes and removes rows of r and s.
func flatRows(limit, x, t, y string) [][]Step {
	var out [][]Step
	for i := range sequences {
		a, b, c := ints[(i+1)%len(ints)], ints[(i+3)%len(ints)], ints[(2*i+1)%len(ints)]
		word := words[1+i%(len(words)-1)]
		out = append(out, []Step{
			sets(limit, c),
			row("r", set("r[0].key", "a"), set("r[0]."+x, a)),
			row("r", set("r[1].key", "b"), set("r[1]."+x, b), set("r[1]."+t, word)),
			sets("r[0]."+t, word, limit, ints[i%len(ints)]),
			row("s", set("s[0].skey", "a"), set("s[0]."+y, b)),
			row("r", set("r[2].key", "c")),
			{remove("r", i%3)},
			row("s", set("s[1].skey", "z"), set("s[1]."+y, a)),
			sets("r[1]."+x, "7", limit, ""),
			{remove("s", i%2)},
			sets("r[0]."+x, ""),
		})
	}
	return out
}

// typedRows answers every type in rows.
func typedRows() [][]Step {
	var out [][]Step
	for i := range sequences {
		out = append(out, []Step{
			row("r", set("r[0].key", "a"), set("r[0].day", dates[i%len(dates)])),
			sets("r[0].ok", ticks[i%2], "r[0].order", []string{"", "blue red green"}[i%2]),
			row("s", set("s[0].skey", "b"), set("s[0].y", decimals[i%len(decimals)]), set("s[0].at", moments[i%len(moments)])),
			sets("s[0].clock", times[i%len(times)]),
			row("s", set("s[1].skey", "c"), set("s[1].at", moments[(i+1)%len(moments)]), set("s[1].clock", "14:30")),
			row("r", set("r[1].key", "c"), set("r[1].day", dates[(i+2)%len(dates)]), set("r[1].ok", "OK")),
			{remove("s", 0)},
			sets("r[1].day", "", "s[0].at", ""),
		})
	}
	return out
}

// nestedCase has rows in rows: totals of the own, of all, and single ones.
func nestedCase(name, _ string, outer, inner string) *Case {
	relevant := func(x string) []string {
		if x == "" {
			return nil
		}
		return []string{"relevant", x}
	}
	survey := q("integer", "n") + block("repeat", "r", q("text", "key")+q("integer", "x")+
		block("repeat", "s", q("text", "skey")+q("integer", "y", "constraint", ". != ${x}")+calc("c", "concat(${key}, '.', ${skey}, ' ', position(..), '/', position(../..))")+
			calc("part", "${y} div ${x}")+calc("own", "sum(${x}) + 0")+calc("beside", "indexed-repeat(${y}, ${r}, position(../..), ${s}, 1)")+q("text", "t", "relevant", "${y} > 3 and ${x} > 3", "required", "yes"), relevant(inner)...)+
		totals("s", "y", "skey")+calc("first", "indexed-repeat(${y}, ${r}, position(..), ${s}, 2)"), relevant(outer)...) +
		calc("all", "join(' ', ${c})") + calc("ys", "sum(${y})") + calc("many", "count(${s})") + calc("rs", "count(${r})") + calc("one", "indexed-repeat(${y}, ${r}, ${n}, ${s}, 1)") + calc("top", "max(${y})")
	survey = strings.Replace(survey, calcLine("own", "sum(${x}) + 0"), calcLine("own", "${x} + ${n}"), 1)
	c := &Case{Name: name, YAML: definition(survey)}
	for i := range sequences {
		a, b := ints[1+i%(len(ints)-1)], ints[1+(i+2)%(len(ints)-1)]
		c.Sequences = append(c.Sequences, []Step{
			sets("n", []string{"1", "2", "", "7"}[i%4]),
			row("r", set("r[0].key", "a"), set("r[0].x", a)),
			row("r[0].s", set("r[0].s[0].skey", "i"), set("r[0].s[0].y", b)),
			row("r[0].s", set("r[0].s[1].skey", "j"), set("r[0].s[1].y", a), set("r[0].s[1].t", "abc")),
			row("r", set("r[1].key", "b"), set("r[1].x", b)),
			row("r[1].s", set("r[1].s[0].skey", "k"), set("r[1].s[0].y", "5")),
			sets("n", "2", "r[0].x", "7"),
			{remove("r[0].s", i%2)},
			{remove("r", i%2)},
			sets("n", "5", "r[0].x", ints[(i+4)%len(ints)]),
		})
	}
	return c
}

func calcLine(name, x string) string { return strings.TrimSpace(calc(name, x)) }

// counted has as many rows as repeat_count says.
func counted(name, count string) *Case {
	c := &Case{Name: name, YAML: definition(q("integer", "n") + block("repeat", "r", q("text", "key")+q("integer", "x", "required", "yes")+calc("c", "concat(position(..), ${key})"), "repeat_count", count) +
		totals("r", "x", "key"))}
	for i := range sequences {
		sequence := []Step{sets("n", "2"), sets("r[0].key", "a", "r[0].x", ints[i%len(ints)]), sets("n", "3"), sets("r[2].key", "c", "r[1].x", "5"), sets("n", []string{"1", "0", "2", "4"}[i%4])}
		if i%4 == 3 {
			sequence = append(sequence, sets("r[1].x", "9", "r[1].key", "b"))
		}
		c.Sequences = append(c.Sequences, sequence)
	}
	return c
}

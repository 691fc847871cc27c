package expr

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
)

// world answers with what a test puts into it.
type world struct {
	names  []string
	values map[string]Value
	self   Value
	choice string
}

func (w world) Ref(i int) Value  { return w.values[w.names[i]] }
func (w world) Self() Value      { return w.self }
func (w world) Today() lang.Date { return lang.Date{Year: 2026, Month: 3, Day: 29} }
func (w world) Row(up int) int   { return 2 + 5*up }
func (w world) Now() time.Time   { return time.Date(2026, 3, 29, 7, 30, 0, 500e6, time.UTC) }

func (w world) Choice(column string) Value {
	if column == "name" {
		return TextOf(w.choice)
	}
	return TextOf(column + " of " + w.choice)
}

func (w world) Indexed(i int, repeats, rows []int) Value {
	if rows[0] > 10 {
		return Missing()
	}
	return TextOf(fmt.Sprintf("%s in %v of %s", w.names[i], rows, w.names[repeats[len(repeats)-1]]))
}

func (w world) ChoiceName(i int, choice string) string {
	return "label of " + choice + " in " + w.names[i]
}

var values = map[string]Value{
	"empty": TextOf(""),
	"text":  TextOf("Marktplatz"),
	"one":   TextOf("accepted"),
	"code":  TextOf("7"),
	"multi": TextOf("CT1 CT10 CT5"),
	"int":   NumberOf(30),
	"half":  NumberOf(0.5),
	"date":  DateOf(lang.Date{Year: 2026, Month: 3, Day: 1}),
	"share": DecimalOf(5),
	"at":    DateTimeOf(time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC), ""),
	"time":  TimeOf("09:30"),
	"emoji": TextOf("a😀ß"),
	"rows":  NodesOf(make([]Value, 3)),
	"parts": NodesOf([]Value{NumberOf(2), TextOf(""), NumberOf(40)}),
	"whole": NodesOf([]Value{NumberOf(2), NumberOf(-40), NumberOf(3)}),
	"names": NodesOf([]Value{TextOf("a"), TextOf(""), TextOf("c")}),
}

func evaluate(t *testing.T, src string) Value {
	t.Helper()
	x, err := Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return x.Eval(world{names: x.Names(), values: values, self: TextOf("Straße"), choice: "CT5"})
}

// The expected values are what ODK Web Forms gives; infra/xforms asks it.
func TestValuesAreThoseOfODK(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"1 + 2 * 3":                "7",
		"(1 + 2) * 3":              "9",
		"8 - 3 - 2":                "3",
		"7 div 2":                  "3.5",
		"-7 mod 3":                 "-1",
		"1 div 0":                  "Infinity",
		"0 div 0":                  "",
		"0.1 + 0.2":                "0.30000000000000004",
		"0.1 + 0.2 = 0.3":          "false",
		"2 - -2":                   "4",
		"-(-2)":                    "2",
		"-0":                       "0",
		"'a' = \"a\"":              "true",
		"1 = '1.0'":                "true",
		"'1' = '1.0'":              "false",
		"${int} = '30'":            "true",
		"${int} = '30.0'":          "false",
		"${int} = 30.0":            "true",
		"${share} = ${code}":       "false",
		"${share} = 5":             "true",
		"string(${share})":         "5.0",
		"${empty} = ''":            "true",
		"${missing} = ''":          "true",
		"${empty} = 0":             "false",
		"${empty} != 3":            "true",
		"${empty} < 5":             "false",
		"${empty} > 5":             "false",
		"${empty} + 1":             "",
		"${int} >= 30":             "true",
		"${code} >= 6":             "true",
		"${code} = 7":              "true",
		"${half} * 2 = 1":          "true",
		"'0,25' + 0":               "",
		"'0.25' + 0":               "0.25",
		"true() = (1 = 1)":         "true",
		"not(${one} = 'x')":        "true",
		"1 < 2 = true()":           "true",
		"1 = 1 or 0 = 1 and 0 = 1": "true",

		"selected(${multi}, 'CT1')":                     "true",
		"selected(${multi}, 'CT')":                      "false",
		"selected(${multi}, ' CT5 ')":                   "true",
		"selected(${empty}, 'CT1')":                     "false",
		"selected(${empty}, '')":                        "true",
		"selected(${multi}, name)":                      "true",
		"count-selected(${multi})":                      "3",
		"count-selected(${empty})":                      "0",
		"selected-at(${multi}, 1)":                      "CT10",
		"selected-at(${multi}, 3)":                      "",
		"selected-at(${multi}, -1)":                     "",
		"jr:choice-name(${one}, '${one}')":              "label of accepted in one",
		"jr:choice-name('x', ${one})":                   "label of x in one",
		"region = 'region of CT5'":                      "true",
		"checklist(1, 2, 1 = 1, 1 = 2, ${one})":         "true",
		"checklist(2, -1, 1 = 1, ${empty})":             "false",
		"checklist(0, -1, 1 = 1)":                       "true",
		"checklist(0, 0, 1 = 1)":                        "false",
		"weighted-checklist(3, 5, 1 = 1, 2, ${one}, 1)": "true",
		"weighted-checklist(3, 5, 1 = 1, 9)":            "false",

		"if(${int} > 3, 'yes', 'no')":        "yes",
		"coalesce(${empty}, ${one})":         "accepted",
		"coalesce(${int}, 0) + 1":            "31",
		"coalesce(${empty}, 'd')":            "d",
		"once(7)":                            "Straße",
		"position(..)":                       "2",
		"position(../..)":                    "7",
		"../one":                             "accepted",
		"current()/../one":                   "accepted",
		"current()/.":                        "Straße",
		"indexed-repeat(${one}, ${rows}, 2)": "one in [2] of rows",
		"indexed-repeat(${one}, ${rows}, 2, ${parts}, 1 + 2)": "one in [2 3] of parts",
		"indexed-repeat(${one}, ${rows}, 1.5)":                "",
		"indexed-repeat(${one}, ${rows}, '')":                 "",

		"indexed-repeat(${one}, ${rows}, 11) = ''":            "false",
		"indexed-repeat(${one}, ${rows}, 11) != 'x'":          "false",
		"max(3, indexed-repeat(${one}, ${rows}, 11))":         "3",
		"join('+', indexed-repeat(${one}, ${rows}, 11), 'x')": "x",
		"coalesce(indexed-repeat(${one}, ${rows}, 11), 'x')":  "x",

		"regex(., 'Stra.e')":         "true",
		"regex(., 'tra')":            "true",
		"regex(., '^tra')":           "false",
		"regex(${empty}, '.*')":      "true",
		"regex(., '^[A-Za-zß]{6}$')": "true",
		"regex(., '(?i)STRA')":       "true",
		"regex('a b', 'a\\sb')":      "true",
		"regex('1.5', '^1\\.5$')":    "true",

		"string-length(.)":                 "6",
		"string-length(${emoji})":          "4",
		"number('abc')":                    "",
		"number('1e3')":                    "1000",
		"number(' 0x10 ')":                 "16",
		"number(true())":                   "1",
		"number('2026-03-01')":             "20513",
		"int(-3.7)":                        "-3",
		"int('x')":                         "",
		"round(2.5)":                       "3",
		"round(-2.5)":                      "-3",
		"round(2.675, 2)":                  "2.68",
		"round(1234, -2)":                  "1200",
		"round(0.49999999999999994)":       "0",
		"abs(-3)":                          "3",
		"pow(2, 10)":                       "1024",
		"pow(1, '')":                       "",
		"min(3, '', 2)":                    "",
		"min(3, 2, 7)":                     "2",
		"max(-3, -2)":                      "-2",
		"max(${empty})":                    "",
		"string(1.50)":                     "1.5",
		"string(3.0)":                      "3",
		"concat('a', 1, true())":           "a1true",
		"normalize-space('  a   b ')":      "a b",
		"contains(${text}, 'platz')":       "true",
		"starts-with(${text}, 'Markt')":    "true",
		"ends-with(${text}, 'markt')":      "false",
		"substr('Straße', 4)":              "ße",
		"substr('Straße', 0, 2)":           "St",
		"substr('Straße', -2)":             "ße",
		"substr('abc', 2, 1)":              "",
		"substr('abc', 'x')":               "",
		"substr(${emoji}, 3)":              "ß",
		"substring-before('a-b-c', '-')":   "a",
		"substring-before('abc', '-')":     "",
		"substring-after('a-b-c', '-')":    "b-c",
		"substring-after('abc', '')":       "abc",
		"translate('Straße', 'aße', 'AS')": "StrAS",
		"boolean-from-string('1')":         "true",
		"boolean-from-string('yes')":       "false",
		"boolean(string(''))":              "false",

		"today()":                                "2026-03-29",
		"now()":                                  "2026-03-29T09:30:00.5+02:00",
		"today() + 1 > date('2026-03-29')":       "true",
		"date(today() + 30)":                     "2026-04-28",
		"date('')":                               "",
		"date('31.3.2026')":                      "Invalid Date",
		"date('2026-3-1')":                       "2026-03-01",
		"date(20513.5)":                          "2026-03-01T12:00:00.000+01:00",
		"date-time('2026-03-01T09:30')":          "2026-03-01T09:30:00.000+01:00",
		"date-time('2026-03-01T09:30:00Z')":      "2026-03-01T10:30:00.000+01:00",
		"${at}":                                  "2026-03-01T09:30:00.000+01:00",
		"${at} = date-time('2026-03-01T09:30')":  "true",
		"${at} > ${date}":                        "true",
		"${date} < today()":                      "true",
		"${date} = '2026-03-01'":                 "true",
		"${date} = date('2026-03-01')":           "true",
		"today() - ${date}":                      "28",
		"decimal-date-time('1970-01-02')":        "1",
		"decimal-date-time(${at})":               "20513.395833333332",
		"decimal-time(${time})":                  "0.3958333333333333",
		"decimal-time('24:00')":                  "",
		"format-date(${date}, '%d.%m.%Y %e')":    "01.03.2026 1",
		"format-date-time(${at}, '%H:%M:%S.%3')": "09:30:00.000",
		"format-date('x', '%Y')":                 "",
		"number(format-date(today(), '%Y'))":     "2026",

		"count(${rows})":            "3",
		"sum(${parts})":             "",
		"sum(${whole})":             "-35",
		"min(${whole})":             "-40",
		"max(${whole})":             "3",
		"count-non-empty(${names})": "2",
		"join(', ', ${names})":      "a, , c",
		"join('-', 'a', ${names})":  "a-a--c",
		"sum(${missing_rows})":      "",
	} {
		if got := evaluate(t, src).Text(); got != want {
			t.Errorf("%s = %q, want %q", src, got, want)
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"":                                    "ends too early",
		"1 +":                                 "ends too early",
		"1 2":                                 "an operator such as and, = or + is missing before 2",
		"(1":                                  "is not closed",
		"1)":                                  "an operator",
		"${a b}":                              "is no name",
		"${1}":                                "is no name",
		"$a":                                  "written ${name}",
		"${a":                                 "written ${name}",
		"'a":                                  "no closing '",
		"or = 1":                              "is missing before or",
		"${a}/b":                              "paths are not supported",
		"count(${a}[1])":                      "predicates in […]",
		"../a/b":                              "paths are not supported",
		"../":                                 "../name",
		"position()":                          "position(..)",
		"position(${a})":                      "position(..)",
		"position(../a)":                      "position(..)",
		"current()":                           "behind current()",
		"current()/a":                         "behind current()",
		"${a} = „x“":                          "straight quotes",
		"/data/a":                             "paths are not supported",
		"${a}[1]":                             "paths are not",
		"${a} && 1":                           "joined with and",
		"!${a}":                               "not(…)",
		"${a} ≥ 1":                            "<=, >=",
		"pulldata('x')":                       "the function pulldata() is not supported: forms read no other files",
		"sin(1)":                              "differ in the last digit",
		"foo(1)":                              "the function foo() is not supported; known are abs, boolean,",
		"slected(1, 2)":                       "did you mean selected?",
		"jr:choice-name(1, 2)":                "write jr:choice-name(${question}, '${question}')",
		"jr:choice-name(1, 'a')":              "in quotes",
		"indexed-repeat(1, ${r}, 1)":          "write indexed-repeat(",
		"indexed-repeat(${a}, ${r}, 1, ${b})": "takes 3 to 11",
		"weighted-checklist(1, 2, 3, 4, 5)":   "takes at least 4",
		"today(1)":                            "takes no arguments, here are 1",
		"coalesce(1, 2, 3)":                   "takes 2 arguments",
		"substring-after('a', '--')":          "one character",
		"format-date(${a}, '%b')":             "%b gives names",
		"format-date(${a}, '%Q')":             "%Y, %y,",
		"format-date(${a}, ${b})":             "in quotes, for instance '%d.%m.%Y'",
		"regex(${a}, '(?=x)')":                "looking ahead",
		"regex(${a}, '(a)\\1')":               "refers back",
		"regex(${a}, '\\p{L}')":               "tools understand differently",
		"regex(${a}, 'a{x}')":                 "a brace that is no count",
		"regex(${a}, '[[:alpha:]]')":          "inside of brackets",
		"regex(${a}, '[a')":                   "is not closed",
		"regex(${a}, 'a++')":                  "is not valid",
		"not()":                               "not() takes one argument, here are 0",
		"if(1, 2)":                            "if() takes 3 arguments",
		"coalesce(1)":                         "coalesce() takes 2",
		"round(1, 2, 3)":                      "round() takes 1 to 2",
		"regex(${a}, ${b})":                   "must be a text in quotes",
		"regex(${a}, '(')":                    "is not valid",
		"1.2.3":                               "is no number",
		"1 \x01":                              "can't be seen",
		"# 1":                                 "means nothing here",
		strings.Repeat("(", 101) + "1" + strings.Repeat(")", 101): "more than 100 brackets",
		"--1":                            "two signs in a row",
		strings.Repeat("not(", 2400):     "more than 100 brackets",
		strings.Repeat("(", 10_000):      "more than 100 brackets",
		strings.Repeat("1+", 5001) + "1": "more than 10000 characters",
		"'\xff'":                         "not valid UTF-8",
	} {
		_, err := Parse(src)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", src, err, want)
		}
	}
}

var scope = Scope{
	Names: []string{"text", "decision", "types", "esc", "number", "date", "actors", "share"},
	Question: func(name string) (Decl, bool) {
		d, ok := map[string]Decl{
			"text":     {Kind: Text},
			"decision": {Kind: Text, Choices: []string{"accepted", "waiting"}},
			"types":    {Kind: Text, Choices: []string{"CT1", "CT2"}, Multiple: true},
			"esc":      {Kind: Text, Choices: []string{"1", "9", "NA"}},
			"number":   {Kind: Number},
			"date":     {Kind: Date},
			"actors":   {Kind: Nodes},
			"members":  {Kind: Nodes, Repeat: "actors"},
			"share":    {Kind: Nodes, Item: Number, Repeat: "actors"},
			"hours":    {Kind: Nodes, Item: Number, Repeat: "members"},
			"any":      {Kind: Any},
			"at":       {Kind: DateTime},
			"time":     {Kind: Time},
		}[name]
		return d, ok
	},
	Self:  &Decl{Kind: Text},
	Above: func(steps int) (int, bool) { return steps, steps == 0 },
}

func TestTypesAreChecked(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"${decision} = 'accepted'":          "",
		"${decision} = ''":                  "",
		"${decision} = 'acepted'":           "'acepted' is none of the choices accepted, waiting",
		"${decisoin} = 'accepted'":          "there is no question ${decisoin}; did you mean decision?",
		"${decision}":                       "is a text, not a condition: compare it, for instance ${decision} != ''",
		"${number}":                         "is a number, not a condition",
		"${number} > 3 and ${text}":         "${text} is a text, not a condition",
		"${types} = 'CT1'":                  "write selected(${types}, 'CT1')",
		"${types} != ''":                    "",
		"selected(${types}, 'CT9')":         "'CT9' is none of the choices",
		"selected(${text}, 'x')":            "selected() asks for choices, but ${text} is a text",
		"selected(${decision}, 'waiting')":  "",
		"count-selected(${number}) > 1":     "count-selected() asks for choices",
		"${esc} >= 6":                       "",
		"${esc} = 6":                        "'6' is none of the choices",
		"${decision} > 3":                   "${decision} is a text, not a number",
		"${text} + 1 > 2":                   "number(…) would make it one",
		"number(${text}) + 1 > 2":           "",
		"${number} = 'drei'":                "neither a number",
		"${number} = '3'":                   "",
		"${date} > '2026-03-01'":            "",
		"${date} > '1.3.2026'":              "dates are written '2026-03-01'",
		"${date} > '2026-02-30'":            "no date of the calendar",
		"${date} > 5":                       "compare it with a date",
		"${date} > today() - 30":            "",
		"date('2026-13-01') > today()":      "no date of the calendar",
		"true() = 'x'":                      "a condition is compared with something else",
		"true() + 1 = 2":                    "is a condition, not a number",
		"${share} > 3":                      "has many rows: count(), sum()",
		"sum(${share}) > 3":                 "",
		"sum(${number}) > 3":                "sum() takes a repeat or a question in one",
		"count(${actors}) >= 2":             "",
		"concat(${share}, 'x') = 'y'":       "has many rows",
		"if(${text}, 1, 2) = 1":             "is a text, not a condition",
		"if(${number} = 1, 'a', 'b') = 'a'": "",
		"not(${number})":                    "is a number, not a condition",
		"name = 'x'":                        "a choice_filter looks at",
		". != ''":                           "",
		"${any}":                            "is a value, not a condition",
		"${any} = true()":                   "an answer is compared with the text 'true'",
		"${any} = 'true'":                   "",
		"boolean(${text})":                  "not a condition",
		"a = 1":                             "a question is ${a}, a text is 'a'",
		"../text = 'x'":                     "",
		"../txt = 'x'":                      "did you mean text?",
		"position(..) = 1":                  "",
		"position(../..) = 1":               "so many steps up",
		"jr:choice-name(${decision}, '${decision}') = 'x'":                  "",
		"jr:choice-name('x', '${decision}') = 'x'":                          "'x' is none of the choices",
		"jr:choice-name(${text}, '${text}') = 'x'":                          "asks for choices, but ${text} is a text",
		"jr:choice-name('x', '${txt}') = 'x'":                               "did you mean text?",
		"indexed-repeat(${share}, ${actors}, 1) > 1":                        "",
		"indexed-repeat(${share}, ${members}, 1) > 1":                       "does not stand directly in ${members}",
		"indexed-repeat(${hours}, ${members}, 1) > 1":                       "the outer repeat ${actors} is missing",
		"indexed-repeat(${hours}, ${actors}, 1, ${members}, ${number}) > 1": "",
		"indexed-repeat(${hours}, ${members}, 1, ${actors}, 1) > 1":         "name all repeats",
		"selected-at(${types}, 0) = 'CT1'":                                  "",
		"selected-at(${text}, 0) = 'x'":                                     "asks for choices",
		"selected-at(${types}, ${text}) = ''":                               "is a text, not a number",
		"checklist(1, 2, ${text}, ${number} > 3)":                           "",
		"checklist(1, 2, 3)":                                                "not a condition",
		"weighted-checklist(1, 2, ${text}, ${text})":                        "is a text, not a number",
		"${at} > ${date}":                                                   "",
		"${at} > now()":                                                     "",
		"${at} = '2026-03-01T09:30'":                                        "compare ${at} = date-time('2026-03-01T09:30')",
		"date(${at}) = today()":                                             "the day is date(format-date-time(${at}, '%Y-%m-%d'))",
		"date(now()) = today()":                                             "or today()",
		"number(${at}) > 1":                                                 "decimal-date-time(…)",
		"date(${text}) = today()":                                           "make it a question of the type date",
		"${time} > '08:00'":                                                 "decimal-time(${time})",
		"${time} = '08:00'":                                                 "several spellings",
		"${time} = ''":                                                      "",
		"decimal-time(${time}) > decimal-time('08:00')":                     "",
		"decimal-time(${at}) > 1":                                           "not a time of day",
		"format-date(today() + 1, '%Y') = ''":                               "date(…) makes one of it",
		"once(${number}) > 1":                                               "",
		"min(${number}, ${text}) = 1":                                       "is a text, not a number",
		"min(${share}) = 1":                                                 "",
		"format-date(${date}, '%Y') = '2026'":                               "",
		"format-date(true(), '%Y') = '2026'":                                "is a condition, not a date",
		"coalesce(${number}, 0) > 1":                                        "",
		"int(${decision}) = 1":                                              "is a text, not a number",
	} {
		x, err := Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		_, errs := x.Check(Bool, scope)
		var got []string
		for _, e := range errs {
			got = append(got, e.Error())
		}
		all := strings.Join(got, "; ")
		if want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("%s: got %q, want %q", src, all, want)
		}
	}
}

func TestAChoiceFilterKnowsTheColumnsOfItsList(t *testing.T) {
	t.Parallel()
	filter := scope
	filter.Filter = []string{"north", "south"}
	filter.Columns = map[string][]string{"region": {"coast", "hills"}, "size": {"5", "12"}}
	for src, want := range map[string]string{
		"region = ${text}":              "",
		"region = 'coast' and size > 7": "",
		"name != 'north'":               "",
		"name != 'nord'":                "'nord' is none of the choices",
		"region = 'cost'":               "'cost' is none of the choices coast, hills",
		"regoin = 'coast'":              "the list has no column regoin; it has name, region, size; did you mean region?",
		". = 'coast'":                   "in a choice_filter . is not the own answer",
		"region = ../text":              "write ${text} or current()/../text",
		"region = current()/../text":    "",
		"region":                        "not a condition",
	} {
		x, err := Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		got := ""
		if _, errs := x.Check(Bool, filter); len(errs) > 0 {
			got = errs[0].Error()
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
}

func TestPathsToSiblingsAreTold(t *testing.T) {
	t.Parallel()
	x, err := Parse("../a + current()/../../b + ${c}")
	if err != nil {
		t.Fatal(err)
	}
	want := []Relative{{"a", 1, 0}, {"b", 2, 17}}
	if got := x.Relatives(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := x.Names(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("names are %v", got)
	}
}

func TestDeepExpressionsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, piece := range []string{"(", "not(", "-", "if(1=1,", "1+", "1 or ", "concat('a',", "../", "[", "${a}="} {
		if _, err := Parse(strings.Repeat(piece, 10_000/len(piece))); err == nil {
			t.Errorf("%s…: was taken", piece)
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestLongChainsAreEvaluated(t *testing.T) {
	t.Parallel()
	if got := evaluate(t, strings.Repeat("1+", 4999)+"1").Text(); got != "5000" {
		t.Errorf("the sum is %s", got)
	}
}

func TestConstantExpressionsAreKnown(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"1 = 2": true, "true()": true, "today() > 1": false, "${a} = 1": false, ". = 1": false, "not(name = 'x')": false,
		"now() > 1": false, "once(1) = 1": false, "position(..) = 1": false, "round(1.5) = 2": true, "indexed-repeat(${a}, ${b}, 1) = 1": false,
	} {
		x, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Constant(); got != want {
			t.Errorf("%s: constant is %v", src, got)
		}
	}
}

func TestNumbersAreWrittenAsInJavaScript(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		1e21: "1e+21", 1e20: "100000000000000000000", 1.5e-7: "1.5e-7", 1e-6: "0.000001", 123456789012345680: "123456789012345680",
		1.2e300: "1.2e+300", 0.05: "0.05", -1.5: "-1.5", math.Copysign(0, -1): "0", math.Inf(-1): "-Infinity", math.NaN(): "",
	} {
		if got := NumberOf(f).Text(); got != want {
			t.Errorf("%v is written %q, want %q", f, got, want)
		}
	}
}

// FuzzExpr: whatever is written, reading it ends with an expression or a
// fault in its bounds, and evaluating it ends.
func FuzzExpr(f *testing.F) {
	for _, seed := range []string{
		"${decision} = 'accepted' and selected(${types}, 'CT1')", "if(count(${actors}) > 2, sum(${share}) div 3, -1)",
		"regex(., '[0-9]+') or string-length(.) <= 120", "((((1))))", "round(${number}, 2) mod 7", "substr('ß', -1, 5)",
		"date(today() + 1e", "${", "'", "..", "join(',', ${share})", "format-date(date(99999999999), '%Y')", "indexed-repeat(${share}, ${actors}, position(..))", "date-time('2026-03-29T02:30+02:00')",
		"regex(., '(?is)[^\\s\\-a-z.]{2,}$')", "jr:choice-name(., '${decision}')", "current()/../x[", "weighted-checklist(1, -1, ., 2)", "round(1e308, 30)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		x, err := Parse(src)
		if err != nil {
			fault, ok := err.(*Error)
			if !ok || fault.Pos < 0 || fault.Pos > len(src) || fault.Text.DE == "" || fault.Text.EN == "" {
				t.Fatalf("%q: fault %#v", src, err)
			}
			return
		}
		x.Check(Any, scope)
		w := world{names: x.Names(), values: values, self: TextOf("x")}
		first, second := x.Eval(w), x.Eval(w)
		if first.Text() != second.Text() || first.Bool() != second.Bool() {
			t.Fatalf("%q: %v, then %v", src, first, second)
		}
		first.Number()
		if again, err := Parse(x.String()); err != nil || len(again.Names()) != len(x.Names()) {
			t.Fatalf("%q can't be read again: %v", src, err)
		}
	})
}

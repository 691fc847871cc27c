package expr

import (
	"math"
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

func (w world) Ref(i int) Value                 { return w.values[w.names[i]] }
func (w world) Self() Value                     { return w.self }
func (w world) Choice(string) Value             { return TextOf(w.choice) }
func (w world) Today() lang.Date                { return lang.Date{Year: 2026, Month: 3, Day: 29} }
func (w world) Row(int) int                     { return 0 }
func (w world) Indexed(int, []int, []int) Value { return Value{} }
func (w world) ChoiceName(int, string) string   { return "" }
func (w world) Now() time.Time                  { return time.Date(2026, 3, 29, 9, 30, 0, 0, time.UTC) }

var values = map[string]Value{
	"empty": TextOf(""),
	"text":  TextOf("Marktplatz"),
	"one":   TextOf("accepted"),
	"code":  TextOf("7"),
	"multi": TextOf("CT1 CT10 CT5"),
	"int":   NumberOf(30),
	"half":  NumberOf(0.5),
	"date":  DateOf(lang.Date{Year: 2026, Month: 3, Day: 1}),
	"rows":  NodesOf(make([]Value, 3)),
	"parts": NodesOf([]Value{NumberOf(2), TextOf(""), NumberOf(40)}),
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

// The expected values are what ODK's engine, JavaRosa, gives, read from its
// sources.
func TestValuesAreThoseOfODK(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"1 + 2 * 3":                           "7",
		"(1 + 2) * 3":                         "9",
		"7 div 2":                             "3.5",
		"-7 mod 3":                            "-1",
		"1 div 0":                             "Infinity",
		"0 div 0":                             "NaN",
		"0.1 + 0.2 = 0.3":                     "true",
		"2 - -2":                              "4",
		"--2":                                 "2",
		"'a' = \"a\"":                         "true",
		"1 = '1.0'":                           "true",
		"'1' = '1.0'":                         "false",
		"${empty} = ''":                       "true",
		"${missing} = ''":                     "true",
		"${empty} = 0":                        "false",
		"${empty} != 3":                       "true",
		"${empty} < 5":                        "false",
		"${empty} > 5":                        "false",
		"${empty} + 1":                        "NaN",
		"${int} >= 30":                        "true",
		"${code} >= 6":                        "true",
		"${code} = 7":                         "true",
		"${half} * 2 = 1":                     "true",
		"'0,25' + 0":                          "0.25",
		"true() = 1":                          "true",
		"true() and 'x'":                      "true",
		"false() or ''":                       "false",
		"not(${one} = 'x')":                   "true",
		"1 < 2 = true()":                      "true",
		"1 or 0 and 0":                        "true",
		"selected(${multi}, 'CT1')":           "true",
		"selected(${multi}, 'CT')":            "false",
		"selected(${empty}, 'CT1')":           "false",
		"selected(${multi}, name)":            "true",
		"count-selected(${multi})":            "3",
		"count-selected(${empty})":            "0",
		"if(${int} > 3, 'yes', 'no')":         "yes",
		"coalesce(${empty}, ${one})":          "accepted",
		"coalesce(${empty}, 'd')":             "d",
		"regex(., 'Stra.e')":                  "true",
		"regex(., 'Str')":                     "false",
		"regex(${empty}, '.*')":               "true",
		"string-length(.)":                    "6",
		"number('abc')":                       "NaN",
		"number('1e3')":                       "NaN",
		"number(true())":                      "1",
		"int(-3.7)":                           "-3",
		"int('x')":                            "NaN",
		"round(2.5)":                          "3",
		"round(-2.5)":                         "-2",
		"round(2.675, 2)":                     "2.68",
		"round(1234, -2)":                     "1200",
		"round(1, 31)":                        "NaN",
		"abs(-3)":                             "3",
		"min(3, '', 2)":                       "2",
		"max(-3, -2)":                         "-2",
		"max(${empty})":                       "NaN",
		"string(1.50)":                        "1.5",
		"string(3.0)":                         "3",
		"concat('a', 1, true())":              "a1true",
		"normalize-space('  a   b ')":         "a b",
		"contains(${text}, 'platz')":          "true",
		"starts-with(${text}, 'Markt')":       "true",
		"ends-with(${text}, 'markt')":         "false",
		"substr('Straße', 4)":                 "ße",
		"substr('Straße', 0, 2)":              "St",
		"substr('Straße', -2)":                "ße",
		"substr('abc', 2, 1)":                 "",
		"today()":                             "2026-03-29",
		"today() + 1 > date('2026-03-29')":    "true",
		"date(today() + 30)":                  "2026-04-28",
		"date('')":                            "",
		"date('31.3.2026')":                   "",
		"${date} < today()":                   "true",
		"${date} = '2026-03-01'":              "true",
		"today() - ${date}":                   "28",
		"decimal-date-time('1970-01-02')":     "1",
		"format-date(${date}, '%d.%m.%Y %e')": "01.03.2026 1",
		"number(format-date(today(), '%Y'))":  "2026",
		"count(${rows})":                      "3",
		"sum(${parts})":                       "42",
		"min(${parts})":                       "2",
		"max(${parts})":                       "40",
		"count-non-empty(${names})":           "2",
		"join(', ', ${names})":                "a, , c",
		"sum(${missing_rows})":                "0",
	} {
		if got := evaluate(t, src).Text(); got != want {
			t.Errorf("%s = %q, want %q", src, got, want)
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"":                     "ends too early",
		"1 +":                  "ends too early",
		"1 2":                  "an operator such as and, = or + is missing before 2",
		"(1":                   "is not closed",
		"1)":                   "an operator",
		"${a b}":               "is no name",
		"${1}":                 "is no name",
		"$a":                   "written ${name}",
		"${a":                  "written ${name}",
		"'a":                   "no closing '",
		"a = 1":                "a question is ${a}, a text is 'a'",
		"${a} = „x“":           "straight quotes",
		"../a":                 "paths are not supported",
		"/data/a":              "paths are not supported",
		"${a}[1]":              "paths are not supported",
		"${a} && 1":            "joined with and",
		"!${a}":                "not(…)",
		"${a} ≥ 1":             "<=, >=",
		"pulldata('x')":        "the function pulldata() is not supported; known are abs, coalesce,",
		"once(1)":              "the function once() is not supported",
		"jr:choice-name(1, 2)": "the function jr:choice-name() is not supported",
		"not()":                "not() takes one argument, here are 0",
		"if(1, 2)":             "if() takes 3 arguments",
		"coalesce(1)":          "coalesce() takes at least 2",
		"round(1, 2, 3)":       "round() takes 1 to 2",
		"regex(${a}, ${b})":    "must be a text in quotes",
		"regex(${a}, '(')":     "is not valid",
		"1.2.3":                "is no number",
		"1 \x01":               "can't be seen",
		"# 1":                  "means nothing here",
		strings.Repeat("(", 101) + "1" + strings.Repeat(")", 101): "more than 100 brackets",
		strings.Repeat("-", 200) + "1":                            "more than 100 signs",
		strings.Repeat("1+", 5001) + "1":                          "more than 10000 characters",
		"'\xff'":                                                  "not valid UTF-8",
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
			"share":    {Kind: Nodes},
			"any":      {Kind: Any},
		}[name]
		return d, ok
	},
	Self: &Decl{Kind: Text},
}

func TestTypesAreChecked(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"${decision} = 'accepted'":            "",
		"${decision} = ''":                    "",
		"${decision} = 'acepted'":             "'acepted' is none of the choices accepted, waiting",
		"${decisoin} = 'accepted'":            "there is no question ${decisoin}; did you mean decision?",
		"${decision}":                         "is a text, not a condition: compare it, for instance ${decision} != ''",
		"${number}":                           "is a number, not a condition",
		"${number} > 3 and ${text}":           "${text} is a text, not a condition",
		"${types} = 'CT1'":                    "write selected(${types}, 'CT1')",
		"${types} != ''":                      "",
		"selected(${types}, 'CT9')":           "'CT9' is none of the choices",
		"selected(${text}, 'x')":              "selected() asks for choices, but ${text} is a text",
		"selected(${decision}, 'waiting')":    "",
		"count-selected(${number}) > 1":       "count-selected() asks for choices",
		"${esc} >= 6":                         "",
		"${esc} = 6":                          "'6' is none of the choices",
		"${decision} > 3":                     "${decision} is a text, not a number",
		"${text} + 1 > 2":                     "number(…) would make it one",
		"number(${text}) + 1 > 2":             "",
		"${number} = 'drei'":                  "neither a number",
		"${number} = '3'":                     "",
		"${date} > '2026-03-01'":              "",
		"${date} > '1.3.2026'":                "dates are written '2026-03-01'",
		"${date} > '2026-02-30'":              "no date of the calendar",
		"${date} > 5":                         "compare it with a date",
		"${date} > today() - 30":              "",
		"date('2026-13-01') > today()":        "no date of the calendar",
		"true() = 'x'":                        "a condition is compared with something else",
		"true() + 1 = 2":                      "is a condition, not a number",
		"${share} > 3":                        "has many rows: count(), sum()",
		"sum(${share}) > 3":                   "",
		"sum(${number}) > 3":                  "sum() takes a repeat or a question in one",
		"count(${actors}) >= 2":               "",
		"concat(${share}, 'x') = 'y'":         "has many rows",
		"if(${text}, 1, 2) = 1":               "is a text, not a condition",
		"if(${number} = 1, 'a', 'b') = 'a'":   "",
		"not(${number})":                      "is a number, not a condition",
		"name = 'x'":                          "a choice_filter looks at",
		". != ''":                             "",
		"${any}":                              "",
		"min(${number}, ${text}) = 1":         "is a text, not a number",
		"min(${share}) = 1":                   "",
		"format-date(${date}, '%Y') = '2026'": "",
		"format-date(true(), '%Y') = '2026'":  "is a condition, not a date",
		"coalesce(${number}, 0) > 1":          "",
		"int(${decision}) = 1":                "is a text, not a number",
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

func TestConstantExpressionsAreKnown(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"1 = 2": true, "true()": true, "today() > 1": false, "${a} = 1": false, ". = 1": false, "not(name = 'x')": false,
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

func TestNumbersAreWrittenPlainly(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{1e21: "1000000000000000000000", 1e-13: "0", 0.05: "0.05", math.Inf(-1): "-Infinity"} {
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
		"date(today() + 1e", "${", "'", "..", "join(',', ${share})", "format-date(99999999999, '%Y')", "round(1e308, 30)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		x, err := Parse(src)
		if err != nil {
			fault, ok := err.(*Error)
			if !ok || fault.Pos < 0 || fault.Pos > len(src) || fault.Msg == "" {
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

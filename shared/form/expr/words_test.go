package expr

import (
	"strings"
	"testing"

	"kokoma/shared/lang"
)

// named knows the labels of a few questions.
type named struct{}

func (named) Question(name string) string {
	return map[string]string{"esc": "Stufe", "protection": "Schutzabsprachen", "who": "Beteiligte", "on": "Beginn", "odd": "100 %1 sicher"}[name]
}

func (named) Choice(question, code string) string {
	return map[string]string{"protection N": "nein", "who org": "Verein", " Y": "ja"}[question+" "+code]
}

func TestConditionsAreToldInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, de, en string }{
		{"${esc} >= 6 and ${protection} = 'N'", "„Stufe“ ist mindestens 6 und „Schutzabsprachen“ ist „nein“", "“Stufe” is at least 6 and “Schutzabsprachen” is “nein”"},
		{"${esc} != ''", "„Stufe“ ist beantwortet", "“Stufe” is answered"},
		{"'' = ${esc}", "„Stufe“ ist nicht beantwortet", "“Stufe” is not answered"},
		{"selected(${who}, 'org')", "bei „Beteiligte“ ist „Verein“ gewählt", "“Verein” is chosen in “Beteiligte”"},
		{"not(selected(${who}, 'org'))", "bei „Beteiligte“ ist „Verein“ nicht gewählt", "“Verein” is not chosen in “Beteiligte”"},
		{". = 'Y'", "die Antwort ist „ja“", "the answer is “ja”"},
		{". <= today()", "die Antwort ist spätestens heute", "the answer is today or earlier"},
		{"${on} > today() + 30", "„Beginn“ liegt nach heute plus 30 Tage", "“Beginn” is after today plus 30 days"},
		{"${on} < '2026-03-01'", "„Beginn“ liegt vor 01.03.2026", "“Beginn” is before 1 Mar 2026"},
		{"${a} = 1 and (${b} = 2 or ${c} = 3)", "„a“ ist 1 und („b“ ist 2 oder „c“ ist 3)", "“a” is 1 and (“b” is 2 or “c” is 3)"},
		{"${a} = 1 or ${b} = 2 or ${c} = 0.5", "„a“ ist 1 oder „b“ ist 2 oder „c“ ist 0,5", "“a” is 1 or “b” is 2 or “c” is 0.5"},
		{"${a} - (${b} - ${c})", "„a“ minus („b“ minus „c“)", "“a” minus (“b” minus “c”)"},
		{"if(${a} = 1, 2, 'x')", "wenn „a“ ist 1, dann 2, sonst „x“", "if “a” is 1, then 2, else “x”"},
		{"sum(${esc}) >= 12500", "die Summe von „Stufe“ über alle Zeilen ist mindestens 12.500", "the sum of “Stufe” over all rows is at least 12,500"},
		{"indexed-repeat(${esc}, ${who}, 2) = 1", "„Stufe“ in Zeile 2 von „Beteiligte“ ist 1", "“Stufe” in row 2 of “Beteiligte” is 1"},
		{"name != ${who}", "der Code der Antwortmöglichkeit ist nicht „Beteiligte“", "the code of the choice is not “Beteiligte”"},
		{"regex(., '[0-9]%2')", "die Antwort passt zum Muster „[0-9]%2“", "the answer matches the pattern “[0-9]%2”"},
		{"${odd} = 1", "„100 %1 sicher“ ist 1", "“100 %1 sicher” is 1"},
		{"count-selected(.) <= 3", "die Zahl der gewählten Antworten bei der Antwort ist höchstens 3", "the number of choices made in the answer is at most 3"},
	} {
		x, err := Parse(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := x.Words(lang.DE, named{}); got != c.de {
			t.Errorf("%s\ngot  %s\nwant %s", c.src, got, c.de)
		}
		if got := x.Words(lang.EN, named{}); got != c.en {
			t.Errorf("%s\ngot  %s\nwant %s", c.src, got, c.en)
		}
	}
}

// A function or an operator that is new has to get its words.
func TestAllThatExpressionsCanHoldHasWords(t *testing.T) {
	t.Parallel()
	calls := map[string]string{
		"position": "position(..)", "jr:choice-name": "jr:choice-name('a', '${esc}')", "regex": "regex('a', 'b')",
		"indexed-repeat": "indexed-repeat(${esc}, ${who}, 1)", "format-date": "format-date('2026-03-01', '%d')",
		"format-date-time": "format-date-time('2026-03-01', '%d')",
	}
	for name, f := range functions {
		src, ok := calls[name]
		if !ok {
			src = name + "(" + strings.TrimSuffix(strings.Repeat("'a',", f.min), ",") + ")"
		}
		told(t, src)
		if _, ok := functionWords[name]; !ok {
			t.Errorf("%s() has no words", name)
		}
	}
	for name := range functionWords {
		if functions[name] == nil {
			t.Errorf("there are words for %s(), which does not exist", name)
		}
	}
	for sign := range operators {
		told(t, "${esc} "+sign+" ${on}")
	}
	told(t, "-${esc}")
}

func told(t *testing.T, src string) {
	t.Helper()
	x, err := Parse(src)
	if err != nil {
		t.Errorf("%s: %v", src, err)
		return
	}
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		got := x.Words(l, named{})
		if strings.Contains(got, src) || strings.Contains(got, "%") && !strings.Contains(src, "%") || strings.Contains(got, "${") {
			t.Errorf("%s is told as %q", src, got)
		}
	}
}

func TestWhatHasNoWordsIsQuoted(t *testing.T) {
	t.Parallel()
	x := &Expr{src: "new(1)", root: &node{op: op(250)}}
	if got := x.Words(lang.DE, named{}); !strings.Contains(got, "„new(1)“") {
		t.Errorf("got %s", got)
	}
}

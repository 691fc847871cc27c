package diff_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/diff"
	"kokoma/shared/lang"
)

// version compiles a form; the version number is the given one.
func version(t *testing.T, number, body string) *form.Form {
	t.Helper()
	src := fmt.Sprintf("settings: {form_id: t, version: %q, title: {de: T, en: T}}\n%s", number, body)
	f, err := form.Compile("v"+number, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const base = `choices:
  colour: [{name: r, label: {de: Rot, en: Red}}, {name: b, label: {de: Blau, en: Blue}}]
survey:
- {type: text, name: a, label: {de: "Wie heißt es?", en: "What is it called?"}}
- {type: integer, name: n, label: {de: Zahl, en: Number}}
- {type: select_one colour, name: c, label: {de: Farbe, en: Colour}}
- {type: select_one colour, name: i, label: {de: Ich mag die Farbe., en: I like the colour.}, x_construct: K1}
- type: repeat
  name: r
  label: {de: Leute, en: People}
  children:
  - {type: text, name: p, label: {de: Wer, en: Who}}
`

func TestEachChangeIsJudged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string // replaced in base
		want     string // "kind severity name key", the only change
	}{
		{"- {type: integer, name: n", "- {type: text, name: z, label: {de: Z, en: Z}}\n- {type: integer, name: n", "added harmless z "},
		{"- {type: integer, name: n, label: {de: Zahl, en: Number}}\n", "", "removed careful n "},
		{"- {type: select_one colour, name: i, label: {de: Ich mag die Farbe., en: I like the colour.}, x_construct: K1}\n", "", "removed careful i "},
		{"name: n, ", "name: m, x_alias: n, ", "renamed careful m "},
		{"integer", "decimal", "type careful n type"},
		{"- {type: integer", "- {type: text", "type refused n type"},
		{"- {type: text, name: a", "- {type: integer, name: a", "type refused a type"},
		{"- {type: text, name: a", "- {type: text, appearance: multiline, name: a", "type harmless a type"},
		{"- {type: text, name: a", "- {type: text, appearance: year, name: a", "type refused a type"},
		{"select_one colour, name: c", "select_multiple colour, name: c", "type refused c type"},
		{"Wie heißt es?", "Wie nennen Sie es?", "text careful a label"},
		{"Wie heißt es?", "Wie heißt es", "text harmless a label"},
		{"de: Ich mag die Farbe.", "de: Mir gefällt die Farbe.", "text refused i label"},
		{"en: I like the colour.", "en: I love the colour.", "text refused i label"},
		{"en: Number}", "en: Number}, hint: {de: Ganz, en: Whole}", "text harmless n hint"},
		{"en: Number}", "en: Number}, relevant: \"${a} != ''\"", "condition careful n relevant"},
		{"en: Number}", "en: Number}, required: 'yes'", "condition careful n required"},
		{"en: Number}", "en: Number}, x_class: pers", "condition careful n x_class"},
		{"en: Number}", "en: Number}, x_autocomplete: postal-code", "condition harmless n x_autocomplete"},
		{"x_construct: K1", "x_construct: K1, x_reversed: 'yes'", "condition refused i x_reversed"},
		{"en: Number}", "en: Number}, x_checks: [{when: \"${a} = ''\", level: hint, message: {de: M, en: M}}]", "condition careful n x_checks"},
	} {
		if !strings.Contains(base, c.from) {
			t.Fatalf("base has no %q", c.from)
		}
		r := diff.Of(version(t, "1", base), version(t, "2", strings.Replace(base, c.from, c.to, 1)))
		if got := list(r); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s -> %s\n  is %q, want %q", c.from, c.to, got, c.want)
		}
		for _, ch := range r.Changes {
			if ch.Means.DE == "" || ch.Means.EN == "" || ch.Means.DE == ch.Means.EN {
				t.Errorf("%s means %+v", c.want, ch.Means)
			}
		}
		if r.Refused() != strings.Contains(c.want, "refused") {
			t.Errorf("%s: refused is %v", c.want, r.Refused())
		}
	}
}

func TestAQuestionInTheWordsOfAMissingOneMayBeItsNewName(t *testing.T) {
	t.Parallel()
	of := func(from, to string) diff.Report {
		return diff.Of(version(t, "1", base), version(t, "2", strings.Replace(base, from, to, 1)))
	}
	r := of("name: n, ", "name: m, ")
	if got := list(r); !slices.Equal(got, []string{"added careful m ", "removed careful n "}) || !strings.Contains(r.Changes[0].Means.DE, "x_alias") {
		t.Errorf("renamed without x_alias: %q, %s", got, r.Changes[0].Means.DE)
	}
	for _, to := range []string{"- {type: integer, name: m, label: {de: Summe, en: Number}", "- {type: text, name: m, label: {de: Zahl, en: Number}"} {
		r := of("- {type: integer, name: n, label: {de: Zahl, en: Number}", to)
		if got := list(r); !slices.Equal(got, []string{"added harmless m ", "removed careful n "}) {
			t.Errorf("%s: %q", to, got)
		}
	}
}

func list(r diff.Report) []string {
	var out []string
	for _, c := range r.Changes {
		out = append(out, fmt.Sprintf("%s %s %s %s", c.Kind, c.Severity, c.Name, c.Key))
	}
	return out
}

func TestChoicesKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to   string
		want []string
	}{
		{"{name: r, label: {de: Rot, en: Red}}", []string{"choice_removed careful c b", "choice_removed careful i b"}},
		{
			"{name: r, label: {de: Rot, en: Red}}, {name: b, label: {de: Blau, en: Blue}}, {name: g, label: {de: Grün, en: Green}}",
			[]string{"choice_added harmless c g", "choice_added careful i g"},
		},
		{
			"{name: r, label: {de: Rot, en: Red}}, {name: b, label: {de: Grün, en: Green}}",
			[]string{"choice_relabelled refused c b", "choice_relabelled refused i b"},
		},
		{
			"{name: r, label: {de: Rot, en: Red}}, {name: b, label: {de: Blau, en: Azure}}",
			[]string{"choice_relabelled careful c b", "choice_relabelled refused i b"},
		},
		{
			"{name: r, label: {de: rot, en: Red}}, {name: b, label: {de: Blau, en: Blue}}",
			[]string{"choice_relabelled harmless c r", "choice_relabelled harmless i r"},
		},
	} {
		src := strings.Replace(base, "{name: r, label: {de: Rot, en: Red}}, {name: b, label: {de: Blau, en: Blue}}", c.to, 1)
		if got := list(diff.Of(version(t, "1", base), version(t, "2", src))); !slices.Equal(got, c.want) {
			t.Errorf("%s\n  is %q, want %q", c.to, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	const pages = "survey:\n- {type: group, name: g, label: {de: G, en: G}, children: [%s]}\n- {type: group, name: h, label: {de: H, en: H}, children: [%s]}\n"
	q := func(names string) string {
		var out []string
		for name := range strings.FieldsSeq(names) {
			out = append(out, fmt.Sprintf("{type: text, name: %s, label: {de: F, en: Q}}", name))
		}
		return strings.Join(out, ", ")
	}
	of := func(g, h string) string { return fmt.Sprintf(pages, q(g), q(h)) }
	for _, c := range []struct {
		src  string
		want []string
	}{
		{of("a b c", "d e"), nil},
		{of("c a b", "d e"), []string{"moved harmless c "}},
		{of("a b", "d c e"), []string{"moved harmless c "}},
		{of("a x b c", "d e"), []string{"added harmless x "}},
		{of("a b c", "d e") + "- {type: note, name: z, label: {de: Z, en: Z}}\n", []string{"added harmless z "}},
	} {
		if got := list(diff.Of(version(t, "1", of("a b c", "d e")), version(t, "2", c.src))); !slices.Equal(got, c.want) {
			t.Errorf("%s\n  is %q, want %q", c.src, got, c.want)
		}
	}
	out := strings.Replace(base, "  children:\n  - {type: text, name: p, label: {de: Wer, en: Who}}\n",
		"  children:\n  - {type: text, name: o, label: {de: Wo, en: Where}}\n- {type: text, name: p, label: {de: Wer, en: Who}}\n", 1)
	if got := list(diff.Of(version(t, "1", base), version(t, "2", out))); !slices.Contains(got, "moved refused p ") {
		t.Errorf("a question out of a repeat is %q", got)
	}
	renamed := strings.Replace(base, "  name: r\n", "  name: s\n  x_alias: r\n", 1)
	if got := list(diff.Of(version(t, "1", base), version(t, "2", renamed))); !slices.Equal(got, []string{"renamed careful s "}) {
		t.Errorf("a renamed repeat is %q", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	same := version(t, "1", base)
	if r := diff.Of(same, same); len(r.Changes) > 0 || r.Refused() {
		t.Errorf("the same form differs by %q", list(r))
	}
	if got := list(diff.Of(same, version(t, "1", strings.Replace(base, "Zahl", "ZAHL", 1)))); !slices.Contains(got, "setting refused  version") {
		t.Errorf("another content under the same number is %q", got)
	}
}

// What an earlier version said holds, even if the live one does not have it.
func TestHistoryIsKept(t *testing.T) {
	t.Parallel()
	question := func(what string) string { return "survey:\n- {type: text, name: k, label: {de: K, en: K}}\n" + what }
	text := version(t, "1", question("- {type: text, name: a, label: {de: A, en: A}}"))
	without := version(t, "2", question(""))
	number := version(t, "3", question("- {type: integer, name: a, label: {de: A, en: A}}"))
	r := diff.Against([]*form.Form{text, without}, number)
	if got := list(r); !slices.Equal(got, []string{"added harmless a ", "type refused a type"}) || r.Changes[1].Version != "1" {
		t.Errorf("a name that was a text before is %q", got)
	}
	if got := diff.Against([]*form.Form{text, number}, version(t, "4", question("- {type: integer, name: a, label: {de: A, en: A}}\n- {type: note, name: n, label: {de: N, en: N}}"))); got.Refused() {
		t.Errorf("what the live version contradicts already is held against the new one: %q", list(got))
	}
	renamed := version(t, "2", question("- {type: text, name: b, x_alias: a, label: {de: A, en: A}}"))
	both := version(t, "3", question("- {type: text, name: b, x_alias: a, label: {de: A, en: A}}\n- {type: text, name: a, label: {de: A, en: A}}"))
	if got := list(diff.Against([]*form.Form{text, renamed}, both)); !slices.Equal(got, []string{"added harmless a ", "reused refused a "}) {
		t.Errorf("a name that belongs to a renamed question is %q", got)
	}
	if r := diff.Against(nil, text); len(r.Changes) > 0 {
		t.Errorf("the first version differs by %q", list(r))
	}
}

func TestColumnsAreTheUnionOfVersions(t *testing.T) {
	t.Parallel()
	one := version(t, "1", base)
	two := version(t, "2", strings.NewReplacer("name: n, ", "name: m, x_alias: n, ", ", {name: b, label: {de: Blau, en: Blue}}", "",
		`- {type: text, name: a, label: {de: "Wie heißt es?", en: "What is it called?"}}`+"\n", "").Replace(base))
	three := version(t, "3", strings.NewReplacer("name: n, ", "name: o, x_alias: m, ").Replace(base))
	var names []string
	columns := diff.Columns([]*form.Form{one, two, three, two})
	for _, c := range columns {
		names = append(names, c.Name+"="+strings.Join(c.Names, "/"))
	}
	if want := []string{"m=m/o/n", "c=c", "i=i", "r=r", "p=p", "a=a"}; !slices.Equal(names, want) {
		t.Errorf("columns are %q, want %q", names, want)
	}
	colour := columns[1]
	if len(colour.Choices) != 2 || colour.Choices[1].Name != "b" || len(colour.Fields) != 3 {
		t.Errorf("a removed choice lost its column: %+v", colour)
	}
	if f, ok := columns[0].In(one.Hash); !ok || f.Name != "n" {
		t.Errorf("in version 1 the column is %q, %v", f.Name, ok)
	}
	if _, ok := columns[5].In(two.Hash); ok {
		t.Error("version 2 has no a")
	}
}

func TestOtherFollowsTheNameOfItsQuestion(t *testing.T) {
	t.Parallel()
	src := "choices: {colour: [{name: r, label: {de: Rot, en: Red}}]}\nsurvey:\n- {type: select_one colour or_other, name: c, label: {de: C, en: C}}\n"
	columns := diff.Columns([]*form.Form{version(t, "1", src), version(t, "2", strings.Replace(src, "name: c,", "name: d, x_alias: c,", 1))})
	if len(columns) != 2 || !slices.Equal(columns[1].Names, []string{"d_other", "c_other"}) {
		t.Errorf("the columns are %+v", columns)
	}
}

func TestTranslationsOlderThanTheirSource(t *testing.T) {
	t.Parallel()
	stale := func(history []*form.Form, f *form.Form) []string {
		var out []string
		for _, s := range diff.Stale(history, f) {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s since %s: %s", s.Name, s.Key, s.Choice, s.Since, s.Source)))
		}
		return out
	}
	one := version(t, "1", base)
	two := version(t, "2", strings.Replace(base, "de: Zahl", "de: Anzahl der Leute", 1))
	three := version(t, "3", strings.NewReplacer("de: Zahl", "de: Anzahl aller Leute", "name: n,", "name: m, x_alias: n,", "de: Blau", "de: Hellblau").Replace(base))
	done := version(t, "4", strings.NewReplacer("de: Zahl, en: Number", "de: Anzahl aller Leute, en: Number of people").Replace(base))
	back := version(t, "5", base)
	for _, c := range []struct {
		history []*form.Form
		f       *form.Form
		want    []string
	}{
		{nil, one, nil},
		{[]*form.Form{one}, two, []string{"n label  since 2: Zahl"}},
		{[]*form.Form{one, two}, three, []string{"m label  since 2: Zahl", "c label b since 3: Blau", "i label b since 3: Blau"}},
		{[]*form.Form{one, two}, done, nil},
		{[]*form.Form{one, two}, back, nil},
	} {
		if got := stale(c.history, c.f); !slices.Equal(got, c.want) {
			t.Errorf("version %s after %d: %q, want %q", c.f.Version, len(c.history), got, c.want)
		}
	}
}

func TestTheReportReads(t *testing.T) {
	t.Parallel()
	r := diff.Of(version(t, "1", base), version(t, "2", strings.Replace(base, "de: Ich mag die Farbe.", "de: Mir gefällt sie.", 1)))
	de, en := r.Text(lang.DE), r.Text(lang.EN)
	for text, wants := range map[string][]string{
		de: {"Fassung 1 → 2: 1 Änderungen", "Nicht möglich: i, Text label", "- Ich mag die Farbe.", "+ Mir gefällt sie.", "neue Frage", "bleibt bis zum Absenden auf Fassung 1"},
		en: {"version 1 → 2", "Not possible: i, text label", "new name"},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("the report lacks %q:\n%s", want, text)
			}
		}
	}
}

// Every text is used, and every one that is used is there.
func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	c, err := lang.LoadCatalog(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	literal := regexp.MustCompile(`"(diff\.[a-z.]+[a-z])"`)
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			used[m[1]] = true
		}
	}
	for _, key := range []string{"form_id", "title", "default_language", "style"} {
		used["diff.setting."+key] = true
	}
	for _, k := range []diff.Kind{
		diff.Added, diff.Removed, diff.Renamed, diff.Moved, diff.Type, diff.Text, diff.ChoiceAdded, diff.ChoiceRemoved,
		diff.ChoiceRelabelled, diff.Condition, diff.Setting, diff.Reused,
	} {
		used["diff.kind."+string(k)] = true
	}
	for _, s := range []diff.Severity{diff.Harmless, diff.Careful, diff.Refused} {
		used["diff.severity."+string(s)] = true
	}
	keys := c.Keys()
	for key := range used {
		if !slices.Contains(keys, key) {
			t.Errorf("the text %s is missing", key)
		}
	}
	for _, key := range keys {
		if !used[key] {
			t.Errorf("the text %s is used nowhere", key)
		}
	}
}

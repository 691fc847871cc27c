package export_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"
)

var update = flag.Bool("update", false, "write the golden files")

// Two versions of one form: kinds was forms, its choice OPEN is gone, why is
// new, gone is not asked any more, hours is.
const (
	first = `
settings: {form_id: meeting, version: "1", title: {de: Treffen, en: Meetings}}
choices:
  kind:
    - {name: ROUND, label: {de: runder Tisch, en: round table}}
    - {name: OPEN, label: {de: offenes Treffen, en: open meeting}}
survey:
  - {type: select_multiple kind, name: forms, label: {de: Formen, en: Kinds}}
  - {type: text, name: gone, label: {de: Früheres, en: Earlier}}
`
	second = `
settings: {form_id: meeting, version: "2", title: {de: Treffen, en: Meetings}}
choices:
  kind:
    - {name: ROUND, label: {de: runder Tisch, en: round table}}
    - {name: WALK, label: {de: Rundgang, en: walk}}
survey:
  - {type: select_multiple kind, name: kinds, label: {de: Formen, en: Kinds}, x_alias: forms}
  - {type: select_one YN, name: safe, label: {de: Sicher?, en: Safe}}
  - {type: text, name: why, label: {de: Warum nicht, en: Why not}, appearance: multiline, relevant: "${safe} = 'N'", x_class: sens}
  - {type: date, name: on, label: {de: Beginn, en: Start}, x_unknown: {de: unbekannt, en: unknown}}
  - {type: decimal, name: share, label: {de: Anteil, en: Share}}
  - {type: acknowledge, name: ok, label: {de: Gelesen, en: Read}}
  - type: repeat
    name: person
    label: {de: Person, en: Person}
    children:
      - {type: integer, name: hours, label: {de: Stunden, en: Hours}}
      - {type: text, name: much, label: {de: Wofür, en: What for}, appearance: multiline, relevant: "${hours} > 8"}
`
)

func compiled(t testing.TB, src string) *form.Form {
	t.Helper()
	src = strings.ReplaceAll(src, "Sicher?", `"Sicher?"`)
	f, err := form.Compile("test.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var at = time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC) // it is the 30th in Berlin

func text(s string) form.Value          { return form.Value{Text: s} }
func chosen(s ...string) form.Value     { return form.Value{Choices: s} }
func rows(r ...form.Answers) form.Value { return form.Value{Rows: r} }

// handIn makes a record of a draft.
func handIn(f *form.Form, no int, draft form.Answers) export.Record {
	env := form.Env{Now: at, Today: lang.DateOf(at), Lang: lang.DE}
	return export.Record{
		Case: fmt.Sprintf("KK-2026-%04d", no), Key: "1", Form: f.Hash, At: at, Lang: lang.DE, Answers: f.Clean(draft, env),
	}
}

func each(records ...export.Record) iter.Seq2[export.Record, error] {
	return func(yield func(export.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// meetings are answers to both versions.
func meetings(t testing.TB) ([]*form.Form, iter.Seq2[export.Record, error]) {
	one, two := compiled(t, first), compiled(t, second)
	return []*form.Form{one, two}, each(
		handIn(one, 1, form.Answers{"forms": chosen("OPEN"), "gone": text("=1+1")}),
		handIn(one, 2, form.Answers{}),
		// why is kept in the draft, though it is hidden, and dropped when it is
		// handed in.
		handIn(two, 3, form.Answers{
			"kinds": chosen("WALK", "ROUND"), "safe": text("Y"), "why": text("hidden"), "on": text("1.3.2026"), "share": text("0,25"), "ok": text("OK"),
			"person": rows(form.Answers{"hours": text("9"), "much": text("Sätze;\n\"mehr\"")}, form.Answers{"hours": text("-2"), "much": text("hidden")}),
		}),
		handIn(two, 4, form.Answers{"safe": text("N"), "on": text("unbekannt"), "person": rows(form.Answers{"hours": text("3")})}),
	)
}

func made(t testing.TB, versions []*form.Form, records iter.Seq2[export.Record, error], o export.Options) *export.Export {
	t.Helper()
	x, err := export.New(versions, records, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// written is an export as bytes.
func written(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wide(t testing.TB, x *export.Export, d export.Dialect) []byte {
	return written(t, func(b *bytes.Buffer) error { return x.Wide(b, d) })
}

func TestFiles(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	x := made(t, versions, records, export.Options{})
	golden(t, "wide.csv", wide(t, x, export.Machine()))
	golden(t, "breit.csv", wide(t, x, export.German()))
	golden(t, "long.csv", written(t, func(b *bytes.Buffer) error { return x.Long(b, export.Machine()) }))
	golden(t, "lang.csv", written(t, func(b *bytes.Buffer) error { return x.Long(b, export.German()) }))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is another one now (-update writes it):\n%s", name, got)
	}
}

// parsed reads a CSV file: its rows by the names of the columns.
func parsed(t testing.TB, src []byte, comma rune) []map[string]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff"))))
	r.Comma = comma
	all, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	var out []map[string]string
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, name := range all[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// FO-3: hidden answers are dropped when they are handed in, and exports say
// "not applicable"; what was asked and left empty is "not answered".
func TestNotApplicableIsNotTheSameAsNotAnswered(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	x := made(t, versions, records, export.Options{})
	machine := parsed(t, wide(t, x, export.Machine()), ',')
	for _, c := range []struct {
		row        int
		name, want string
	}{
		{2, "why", "-97"},                                   // hidden
		{3, "why", "-99"},                                   // asked, left empty
		{0, "why", "-97"},                                   // not in version 1
		{3, "gone", "-97"},                                  // not in version 2
		{2, "person_1_much", "Sätze;\n\"mehr\""},            // asked
		{2, "person_2_much", "-97"},                         // hidden in its row
		{3, "person_2_hours", "-97"},                        // no such row
		{1, "kinds", "-99"},                                 // nothing chosen
		{1, "kinds_ROUND", "-99"}, {1, "kinds_WALK", "-97"}, // not offered in version 1
		{3, "ok", "0"}, {3, "on", "UNK"},
	} {
		if got := machine[c.row][c.name]; got != c.want {
			t.Errorf("record %d, %s: %q, want %q", c.row+1, c.name, got, c.want)
		}
	}
	german := parsed(t, wide(t, x, export.German()), ';')
	if got := german[2]["Warum nicht [why]"]; got != "[nicht zutreffend]" {
		t.Errorf("hidden is %q", got)
	}
	if got := german[3]["Warum nicht [why]"]; got != "[keine Angabe]" {
		t.Errorf("left empty is %q", got)
	}
	if got := german[3]["Beginn [on]"]; got != "unbekannt" {
		t.Errorf("the word for an unknown date is %q", got)
	}
}

// FO-3: what was hidden stays in the draft.
func TestAHiddenAnswerStaysInTheDraft(t *testing.T) {
	t.Parallel()
	f := compiled(t, second)
	draft := form.Answers{"safe": text("Y"), "why": text("hidden")}
	if _, there := handIn(f, 1, draft).Answers["why"]; there || draft.Text("why") != "hidden" {
		t.Errorf("handed in with %v, draft %v", there, draft)
	}
	draft["safe"] = text("N")
	if got := handIn(f, 1, draft).Answers.Text("why"); got != "hidden" {
		t.Errorf("back in view it is %q", got)
	}
}

// FO-4: one column for a renamed question, and one for a choice that is gone.
func TestColumnsAreTheUnionOfVersions(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	machine := parsed(t, wide(t, made(t, versions, records, export.Options{}), export.Machine()), ',')
	if _, there := machine[0]["forms"]; there {
		t.Error("the earlier name has a column of its own")
	}
	for name, want := range map[string]string{"kinds": "OPEN", "kinds_OPEN": "1", "kinds_ROUND": "0", "kinds_WALK": "-97"} {
		if got := machine[0][name]; got != want {
			t.Errorf("version 1, %s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"kinds": "ROUND WALK", "kinds_OPEN": "-97", "kinds_ROUND": "1", "kinds_WALK": "1"} {
		if got := machine[2][name]; got != want {
			t.Errorf("version 2, %s: %q, want %q", name, got, want)
		}
	}
}

func TestCodesOfMissingValuesAreNobodysAnswer(t *testing.T) {
	t.Parallel()
	f := compiled(t, second)
	records := each(
		handIn(f, 1, form.Answers{"share": text("-97"), "safe": text("N"), "why": text("[keine Angabe]")}),
		handIn(f, 2, form.Answers{"person": rows(form.Answers{"hours": text("-999")})}),
	)
	x := made(t, []*form.Form{f}, records, export.Options{})
	machine := parsed(t, wide(t, x, export.Machine()), ',')
	if got := []string{machine[0]["share"], machine[1]["share"], machine[1]["why"]}; !slices.Equal(got, []string{"-97", "-9999", "-9997"}) {
		t.Errorf("got %q", got)
	}
	german := parsed(t, wide(t, x, export.German()), ';')
	if got := []string{german[0]["Warum nicht [why]"], german[0]["Beginn [on]"]}; !slices.Equal(got, []string{"[keine Angabe]", "[[keine Angabe]]"}) {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsLeftOutIsNowhere(t *testing.T) {
	t.Parallel()
	f := compiled(t, second)
	records := each(handIn(f, 1, form.Answers{"safe": text("N"), "why": text("secret")}))
	x := made(t, []*form.Form{f}, records, export.Options{
		Leave: func(f form.Field) bool { return f.Class == "sens" }, Reason: lang.Text{DE: "nur für das Tandem", EN: "for the tandem alone"},
	})
	sheets, err := x.Sheets()
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(sheets) + string(wide(t, x, export.Machine())) + string(wide(t, x, export.German())) +
		string(written(t, func(b *bytes.Buffer) error { return x.Long(b, export.Machine()) }))
	if strings.Contains(all, "secret") {
		t.Error("what is left out is there")
	}
	if !strings.Contains(fmt.Sprint(sheets[2]), "nicht enthalten: nur für das Tandem") {
		t.Errorf("the codebook does not say so: %v", sheets[2])
	}
}

// What one version protects is left out of all, also where a repeat is.
func TestLeavingOutHoldsForAllVersionsAndRows(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	x := made(t, versions, records, export.Options{Leave: func(f form.Field) bool { return f.Name == "forms" || f.Name == "person" }})
	head, _, _ := strings.Cut(string(wide(t, x, export.Machine())), "\r\n")
	if strings.Contains(head, "kinds") || strings.Contains(head, "person") || strings.Contains(head, "hours") {
		t.Errorf("got %s", head)
	}
}

func TestSheetsOfAWorkbook(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	sheets, err := made(t, versions, records, export.Options{}).Sheets()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sheets {
		names = append(names, s.Name)
		for _, row := range s.Rows {
			if len(row) != len(s.Head) {
				t.Errorf("%s: a row has %d cells, the head %d", s.Name, len(row), len(s.Head))
			}
		}
	}
	want := []string{"Daten (Codes)", "Daten (Antworten)", "Codebuch", "Fassungen", "Formular, Fassung 2"}
	if !slices.Equal(names, want) {
		t.Errorf("the sheets are %q, want %q", names, want)
	}
	column := func(s export.Sheet, head string, row int) any { return s.Rows[row][slices.Index(s.Head, head)] }
	for _, c := range []struct{ got, want any }{
		{column(sheets[0], "share", 2), 0.25},
		{column(sheets[0], "share", 3), -99},
		{column(sheets[0], "person_2_hours", 2), -2},
		{column(sheets[0], "on", 2), "2026-03-01"},
		{column(sheets[0], "gone", 0), "=1+1"}, // a text cell runs nothing
		{column(sheets[1], "Formen [kinds]", 2), "runder Tisch; Rundgang"},
		{column(sheets[1], "Sicher? [safe]", 2), "ja"},
		{column(sheets[1], "Person 1: Stunden [person_1_hours]", 0), "[nicht zutreffend]"},
		{sheets[3].Rows[0][3], 2},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got %v (%[1]T), want %v (%[2]T)", c.got, c.want)
		}
	}
	var lines []string
	for _, row := range sheets[2].Rows {
		lines = append(lines, strings.TrimRight(strings.ReplaceAll(fmt.Sprintln(row...), "<nil>", "-"), "\n"))
	}
	golden(t, "codebook.txt", []byte(strings.Join(lines, "\n")+"\n"))
}

// Every text of the records comes back from the file, whatever it is, and no
// cell that people wrote begins like a formula.
func FuzzTextsComeBack(f *testing.F) {
	for _, s := range []string{"=1+1", "'=1", "''@x", "-", "+49 30 1", "a;b\"c\nd", "-97", "\u00a0", "'", "'x", "0123", "@"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		two := compiled(t, second)
		records := each(
			handIn(two, 1, form.Answers{"safe": text("N"), "why": text(a)}),
			handIn(two, 2, form.Answers{"safe": text("N"), "why": text(b)}),
		)
		x := made(t, []*form.Form{two}, records, export.Options{})
		for _, d := range []struct {
			export.Dialect
			comma rune
			name  string
		}{{export.Machine(), ',', "why"}, {export.German(), ';', "Warum nicht [why]"}} {
			got := parsed(t, wide(t, x, d.Dialect), d.comma)
			i := 0
			for r, err := range records {
				if err != nil {
					t.Fatal(err)
				}
				cell := got[i][d.name]
				number := d.comma == ',' && regexp.MustCompile(`^\+[0-9][0-9 ()/.-]*$`).MatchString(cell) // of a phone, for programs
				if !number && strings.IndexAny(cell, "=+@\t\r") == 0 || strings.HasPrefix(cell, "-") && r.Answers.Text("why") != "" {
					t.Errorf("the cell %q could run", cell)
				}
				want := r.Answers.Text("why")
				if back := regexp.MustCompile("^'('*[=+\\-@\t\r\n])").ReplaceAllString(cell, "$1"); want != "" && back != want {
					t.Errorf("%q came back as %q", want, back)
				}
				i++
			}
		}
	})
}

func TestNamesSuitSPSS(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60)
	f := compiled(t, `
settings: {form_id: t, version: "1", title: {de: T, en: T}}
choices:
  c:
    - {name: a-b, label: {de: A, en: A}}
    - {name: a.b, label: {de: B, en: B}}
    - {name: a_b, label: {de: C, en: C}}
survey:
  - {type: select_multiple c, name: m, label: {de: M, en: M}}
  - {type: text, name: m_a_b, label: {de: M, en: M}}
  - {type: text, name: By, label: {de: M, en: M}}
  - {type: text, name: record_case, label: {de: M, en: M}}
  - type: repeat
    name: `+long+`
    label: {de: R, en: R}
    children:
      - {type: text, name: first, label: {de: M, en: M}}
      - {type: text, name: second, label: {de: M, en: M}}
`)
	x := made(t, []*form.Form{f}, each(handIn(f, 1, form.Answers{long: rows(form.Answers{"first": text("a")})})), export.Options{})
	head, _, _ := strings.Cut(string(wide(t, x, export.Machine())), "\r\n")
	seen := map[string]bool{}
	for name := range strings.SplitSeq(head, ",") {
		if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`).MatchString(name) || seen[strings.ToLower(name)] || name == "By" {
			t.Errorf("the name %s is not good", name)
		}
		seen[strings.ToLower(name)] = true
	}
	for _, name := range []string{"m", "m_a_b", "record_case", "v_by"} {
		if !seen[name] {
			t.Errorf("%s is not in %s", name, head)
		}
	}
}

func TestAnUnknownVersionIsFoundOrAnError(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	if _, err := export.New(versions[1:], records, export.Options{}); err == nil {
		t.Error("an unknown version is no error")
	}
	x := made(t, versions[1:], records, export.Options{Form: func(hash string) (*form.Form, error) {
		if hash != versions[0].Hash {
			return nil, errors.New("no such form")
		}
		return versions[0], nil
	}})
	if got, want := wide(t, x, export.Machine()), wide(t, made(t, versions, records, export.Options{}), export.Machine()); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The wide table has as many rows as are allowed, the count says how many
// there were, and the long table has all.
func TestLongRepeatsAreBounded(t *testing.T) {
	t.Parallel()
	f := compiled(t, second)
	var many []form.Answers
	for i := range 5 {
		many = append(many, form.Answers{"hours": text(strconv.Itoa(i))})
	}
	x := made(t, []*form.Form{f}, each(handIn(f, 1, form.Answers{"person": rows(many...)})), export.Options{MaxRows: 2})
	row := parsed(t, wide(t, x, export.Machine()), ',')[0]
	if _, third := row["person_3_hours"]; third || row["person"] != "5" || row["person_2_hours"] != "1" {
		t.Errorf("got %v", row)
	}
	long := written(t, func(b *bytes.Buffer) error { return x.Long(b, export.Machine()) })
	if !strings.Contains(string(long), "person,5,hours,") {
		t.Errorf("the fifth row is not in\n%s", long)
	}
}

func TestRowsInRowsAndRankings(t *testing.T) {
	t.Parallel()
	f, err := form.Load(os.DirFS("../testdata"), "kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := handIn(f, 1, form.Answers{
		"land": text("south"), "order": chosen("k", "m"), "n": text("2"),
		"site": rows(form.Answers{"site_name": text("A")}, form.Answers{}),
		"meeting": rows(
			form.Answers{"public": text("Y"), "person": rows(form.Answers{"function": text("a"), "hours": text("9"), "why": text("w")})},
			form.Answers{"public": text("N"), "person": rows(form.Answers{"function": text("b")}, form.Answers{"function": text("c"), "hours": text("9")})},
		),
	})
	row := parsed(t, wide(t, made(t, []*form.Form{f}, each(r), export.Options{}), export.Machine()), ',')[0]
	for name, want := range map[string]string{
		"order": "k m", "order_k": "1", "order_m": "2", "order_d": "-99",
		"site": "2", "site_1_site_name": "A", "site_2_site_name": "-99", "meeting": "2", "meeting_1_person": "1",
		"meeting_1_person_1_why": "w", "meeting_1_person_2_why": "-97", "meeting_2_person_2_function": "c", "meeting_2_person_2_why": "-97",
		"lands_other": "-97", "place": "-99",
	} {
		if got := row[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAReadingErrorIsPassedOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	records := func(yield func(export.Record, error) bool) { yield(export.Record{}, broken) }
	if _, err := export.New(nil, records, export.Options{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// A stored answer that is no number or date any more runs no formula either.
func TestWhatIsNoDateIsAText(t *testing.T) {
	t.Parallel()
	f := compiled(t, second)
	r := handIn(f, 1, form.Answers{})
	r.Answers = form.Answers{"on": text("=cmd()"), "share": text("-x"), "safe": text("@Y")}
	for _, d := range []export.Dialect{export.Machine(), export.German()} {
		got := string(wide(t, made(t, []*form.Form{f}, each(r), export.Options{}), d))
		for _, want := range []string{"'=cmd()", "'-x", "'@Y"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s is not in\n%s", want, got)
			}
		}
	}
}

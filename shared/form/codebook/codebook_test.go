package codebook

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

var update = flag.Bool("update", false, "write the golden files")

const meeting = `
settings: {form_id: meeting, version: "2", title: {de: Treffen, en: Meetings}}
choices:
  kind:
    - {name: ROUND, label: {de: runder Tisch, en: round table}}
    - {name: OPEN, label: {de: offenes Treffen, en: open meeting}}
    - {name: NONE, label: {de: keines, en: none}}
survey:
  - type: group
    name: p1
    label: {de: Rahmen, en: Frame}
    children:
      - {type: integer, name: esc, label: {de: Stufe, en: Level}, required: "yes", parameters: "min=1 max=9", x_alias: "stage level_old", x_class: case}
      - {type: select_multiple kind or_other, name: kinds, label: {de: Formen, en: Kinds}, x_exclusive: NONE, x_max: 2, x_alias: forms, x_indicator: I01, x_wave: "T0 T1"}
      - {type: date, name: on, label: {de: Beginn, en: Start}, relevant: "selected(${kinds}, 'ROUND')", required: "${esc} >= 6", parameters: "max=today+18m", x_unknown: {de: unbekannt, en: unknown}}
      - type: group
        name: safe
        label: {de: Schutz, en: Safety}
        relevant: "${esc} >= 6"
        children:
          - {type: select_one YN, name: protection, label: {de: Schutzabsprachen, en: Protection}, x_sensitive: "yes", x_class: sens}
          - type: text
            name: why
            label: {de: "Warum nicht?", en: "Why not?"}
            hint: {de: Ein Satz genügt., en: One sentence will do.}
            relevant: "${protection} = 'N'"
            constraint: "string-length(.) > 3"
            constraint_message: {de: Bitte schreiben Sie mehr., en: Please write more.}
            x_minlength: 3
            x_checks: [{when: "${esc} = 9", level: warning, message: {de: Rufen Sie an., en: Please call.}}]
  - {type: note, name: thanks, label: {de: Danke, en: Thanks}}
  - type: repeat
    name: person
    label: {de: Personen, en: People}
    x_max: 4
    children:
      - {type: integer, name: hours, label: {de: Stunden, en: Hours}, x_unique: "yes"}
  - {type: calculate, name: total, label: {de: zusammen, en: total}, calculation: "sum(${hours})"}
`

func compiled(t *testing.T, src string) *form.Form {
	t.Helper()
	f, err := form.Compile("meeting.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The codebook as people read it; only what is filled in.
func TestCodebook(t *testing.T) {
	t.Parallel()
	f := compiled(t, meeting)
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		var b strings.Builder
		s := Of(f, l).Sheet()
		for _, row := range s.Rows {
			for i, cell := range row {
				if cell != "" {
					fmt.Fprintf(&b, "%s: %s\n", s.Head[i], strings.ReplaceAll(fmt.Sprint(cell), "\n", " | "))
				}
			}
			b.WriteString("\n")
		}
		golden(t, "meeting."+string(l)+".txt", b.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another one now (-update writes it):\n%s", name, got)
	}
}

// Every variable of a form has an entry, and every condition has words.
func TestEveryVariableIsInTheCodebook(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../testdata/everything.yaml", "../testdata/kinds.yaml", "../../intake/forms/intake.yaml"} {
		f, err := form.Load(os.DirFS(filepath.Dir(path)), filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		book := Of(f, lang.DE)
		for _, field := range f.Fields() {
			e, ok := book.Entry(field.Name)
			if !ok || e.Path != field.Path || e.Label != field.Label.DE {
				t.Errorf("%s: %s is in the codebook as %+v, want %q, %q", f.ID, field.Name, e, field.Path, field.Label.DE)
			}
		}
		for _, e := range book.Entries {
			for _, words := range []string{e.Relevant, e.Required, e.Constraint, e.Calculation, e.ChoiceFilter, e.Bounds, e.Type} {
				if strings.Contains(words, "${") || strings.Contains(words, "⟦") || strings.Contains(words, "Formel") {
					t.Errorf("%s: %s says %q", f.ID, e.Name, words)
				}
			}
		}
	}
}

func TestEveryKindHasAName(t *testing.T) {
	t.Parallel()
	for base, looks := range define.Kinds {
		for look, kind := range looks {
			if got := kindOf(&define.Question{Type: base + " list", Appearance: "w2 " + look}); got != kind {
				t.Errorf("%s that looks %q is taken for kind %d, want %d", base, look, got, kind)
			}
			if !known("codebook.kind." + kindKeys[kind]) {
				t.Errorf("%s that looks %q has no name", base, look)
			}
		}
	}
}

// LoadCatalog sees to it that each text has both languages.
func TestTextsAreThereAndUsed(t *testing.T) {
	t.Parallel()
	c, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	var src strings.Builder
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		src.Write(b)
	}
	for _, m := range regexp.MustCompile(`"(codebook\.[a-z.]+[a-z])"`).FindAllStringSubmatch(src.String(), -1) {
		if !slices.Contains(c.Keys(), m[1]) {
			t.Errorf("the text %s is missing", m[1])
		}
	}
	for _, col := range columns {
		if !slices.Contains(c.Keys(), "codebook.head."+col.key) {
			t.Errorf("the column %s has no head", col.key)
		}
	}
}

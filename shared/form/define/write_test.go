package define

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"testing"
)

// rewritten reads YAML, writes it and reads it again: both as canonical JSON,
// and what was written.
func rewritten(t *testing.T, src []byte) (first, second, written string) {
	t.Helper()
	read := func(src []byte) *Definition {
		r := &Report{File: "form.yaml"}
		d := ReadYAML(src, false, r)
		if err := r.Err(); err != nil {
			t.Fatalf("%v in\n%s", err, src)
		}
		return d
	}
	d := read(src)
	var out bytes.Buffer
	if err := WriteYAML(&out, d); err != nil {
		t.Fatal(err)
	}
	a, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	b, err := read(out.Bytes()).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(a), string(b), out.String()
}

func TestWrittenYAMLIsReadAsTheSameDefinition(t *testing.T) {
	t.Parallel()
	everything, err := os.ReadFile("../testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	strange := `
settings: {form_id: f, version: "1", title: {de: "Titel: #1", en: "null"}}
choices:
  yn:
    - {name: "yes", label: {de: "- ja", en: "~"}, attributes: {a: "1", b: " x"}}
    - {name: "0x1", label: {de: "zwei\nZeilen\n\n  eingerückt\tund mehr ", en: "[a, b]"}}
survey:
  - {type: note, name: n, label: {de: "“typografisch” \u00a0 fest\u2028", en: "😀 %&*!|>'\"@` + "`" + `"}}
  - {type: text, name: "on", label: {de: "2026-03-01", en: "12:30"}, x_minlength: 0}
`
	for name, src := range map[string]string{"everything": string(everything), "strange": strange} {
		if first, second, written := rewritten(t, []byte(src)); first != second {
			t.Errorf("%s: read  %s\nagain %s\nfrom\n%s", name, first, second, written)
		}
	}
}

func TestWrittenYAMLLooksAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	src := `settings:
  form_id: talk
  version: "1"
  title: {de: Gespräch, en: Talk}

choices:
  place:
    - {name: hall, label: {de: Rathaus, en: Town hall}}

survey:
  - type: group
    name: s1
    label: {de: "Wo, wann?", en: "Where, when?"}
    children:
      - {type: select_one place, name: where, label: {de: Ort, en: Place}, required: "yes"}
      - type: text
        name: why
        label: {de: Grund, en: Reason}
        hint:
          de: Bitte beschreiben Sie kurz die Lage und nennen Sie keine Namen von Privatpersonen
          en: Please describe the situation in short and do not name any private persons
        x_maxlength: 500
        x_checks:
          - {when: "string-length(.) < 10", level: hint, message: {de: Das ist kurz., en: That is short.}}
`
	if _, _, written := rewritten(t, []byte(src)); written != src {
		t.Errorf("got\n%s\nwant\n%s", written, src)
	}
}

func TestKeysNamesAllKeysOfAQuestion(t *testing.T) {
	t.Parallel()
	var q Question
	all := slices.Collect(maps.Keys(q.Values()))
	all = slices.AppendSeq(all, maps.Keys(q.Texts()))
	all = slices.AppendSeq(all, maps.Keys(q.Numbers()))
	slices.Sort(all)
	if got := slices.Sorted(slices.Values(Keys())); !slices.Equal(got, all) {
		t.Errorf("got %v, want %v", got, all)
	}
}

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/workbook"
	"kokoma/shared/survey"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/process"
)

const talk = `settings:
  form_id: talk
  version: "1"
  title: {de: Gespräch, en: Talk}

choices:
  place:
    - {name: hall, label: {de: Rathaus, en: Town hall}}

survey:
  - {type: select_one place, name: where, label: {de: Ort, en: Place}, required: "yes"}
`

func called(t *testing.T, args ...string) (out, findings string, err error) {
	t.Helper()
	var o, f strings.Builder
	err = run(args, &o, &f)
	return o.String(), f.String(), err
}

// file writes a file into a folder of its own.
func file(t *testing.T, name, src string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExportedAndImportedIsTheSame(t *testing.T) {
	t.Parallel()
	yaml := file(t, "talk.yaml", talk)
	book := filepath.Join(t.TempDir(), "talk.xlsx")
	if _, findings, err := called(t, "export", yaml, "-o", book); err != nil || findings != "" {
		t.Fatal(findings, err)
	}
	out, findings, err := called(t, "import", book)
	if err != nil || findings != "" || out != talk {
		t.Errorf("%v, %q, imported\n%s\nwant\n%s", err, findings, out, talk)
	}
	back := filepath.Join(t.TempDir(), "back.yaml")
	if _, _, err := called(t, "import", "-o", back, book); err != nil {
		t.Fatal(err)
	}
	if src, err := os.ReadFile(back); err != nil || string(src) != talk {
		t.Errorf("%v, wrote\n%s", err, src)
	}
}

func TestCheckSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	yaml := file(t, "talk.yaml", strings.ReplaceAll(talk, "select_one place", "select_one places"))
	out, _, err := called(t, "check", yaml)
	if err == nil || !strings.HasPrefix(out, yaml+":") || !strings.Contains(out, "did you mean place?") {
		t.Errorf("printed %q, %v", out, err)
	}
	out, _, err = called(t, "check", "-lang", "de", yaml)
	if err == nil || !strings.Contains(out, "gemeint ist vielleicht place") {
		t.Errorf("printed %q, %v", out, err)
	}
	if out, _, err := called(t, "check", file(t, "talk.yaml", talk)); err != nil || out != "" {
		t.Errorf("printed %q, %v for a good one", out, err)
	}
	out, _, err = called(t, "check", file(t, "talk.xlsx", "type,name"))
	if err == nil || !strings.Contains(out, "text file") {
		t.Errorf("printed %q, %v for a text file", out, err)
	}
}

func TestWarningsDoNotBreak(t *testing.T) {
	t.Parallel()
	out, _, err := called(t, "check", file(t, "talk.yaml", strings.Replace(talk, ", en: Place", "", 1)))
	if err != nil || !strings.Contains(out, "warning: ") {
		t.Errorf("printed %q, %v", out, err)
	}
}

func TestBrokenIsNotWritten(t *testing.T) {
	t.Parallel()
	to := filepath.Join(t.TempDir(), "talk.xlsx")
	_, findings, err := called(t, "export", file(t, "talk.yaml", "survey: 1"), "-o", to)
	if err == nil || findings == "" {
		t.Errorf("found %q, %v", findings, err)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("a file was written")
	}
}

func TestDiffComparesBothSpellings(t *testing.T) {
	t.Parallel()
	old := file(t, "talk.yaml", talk)
	book := filepath.Join(t.TempDir(), "talk.xlsx")
	changed := strings.NewReplacer("en: Place}, required", "en: Where}, required", "version: \"1\"", "version: \"2\"").Replace(talk)
	if _, _, err := called(t, "export", file(t, "new.yaml", changed), "-o", book); err != nil {
		t.Fatal(err)
	}
	out, findings, err := called(t, "diff", old, book)
	if err != nil || findings != "" || !strings.Contains(out, "- Place\n") || !strings.Contains(out, "+ Where\n") {
		t.Errorf("%v, %q, printed\n%s", err, findings, out)
	}
	kind := file(t, "kind.yaml", strings.NewReplacer("select_one place", "integer", "choices:", "", "  place:", "", "    - {name: hall, label: {de: Rathaus, en: Town hall}}", "").Replace(changed))
	if out, findings, err := called(t, "diff", old, kind); err == nil || out == "" || findings != "" {
		t.Errorf("another type: %v, %q, printed\n%s", err, findings, out)
	}
}

func TestWrongCallsShowTheUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil,
		{"check"},
		{"import"},
		{"export", "a.yaml"},
		{"export", "a.xlsx", "-o", "b.xlsx"},
		{"import", "a.yaml"},
		{"what", "a.yaml"},
		{"diff", "a.yaml"},
		{"check", "-lang", "fr", "a.yaml"},
		{"check", "-x"},
		{"check", "missing.yaml"},
	} {
		if _, _, err := called(t, args...); err == nil {
			t.Errorf("%q is no fault", args)
		}
	}
}

// shipped are the definitions that the platform comes with, by name: files
// that have a survey, forms of steps, and surveys put together of items.
func shipped(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	root := os.DirFS("../../../shared")
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		src, err := fs.ReadFile(root, name)
		if bytes.HasPrefix(src, []byte("survey:")) || bytes.Contains(src, []byte("\nsurvey:\n")) {
			out[name] = src
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	steps, err := process.Load(workflow.Phases)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps.Templates {
		if f, err := step.Form(); err == nil {
			out[step.Key] = f.Canonical()
		}
	}
	for _, key := range []string{"S_T0", "S_PULSE", "S_T1", "S_T2"} {
		in, err := survey.Instruments().Instrument(key)
		if err != nil {
			t.Fatal(err)
		}
		out[key] = in.Source
	}
	return out
}

func TestShippedDefinitionsComeBackFromWorkbooks(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	if len(all) < 20 {
		t.Fatalf("only %d definitions found", len(all))
	}
	for name, src := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wander(t, name, src)
		})
	}
}

// wander takes a definition from YAML to a workbook and back, twice over.
func wander(t *testing.T, name string, src []byte) {
	t.Helper()
	first := readYAML(t, name, src)
	want := canonical(t, first)
	for range 2 {
		var book, yaml bytes.Buffer
		if err := workbook.Write(&book, readYAML(t, name, src)); err != nil {
			t.Fatal(err)
		}
		d, r := workbook.Read(name, book.Bytes())
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		if got := canonical(t, d); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		if err := define.WriteYAML(&yaml, d); err != nil {
			t.Fatal(err)
		}
		src = yaml.Bytes()
		if got := canonical(t, readYAML(t, name, src)); got != want {
			t.Fatalf("from YAML: got  %s\nwant %s", got, want)
		}
		if got, want := hash(t, d), hash(t, readYAML(t, name, src)); got != want {
			t.Errorf("hash %s, want %s", got, want)
		}
	}
}

func readYAML(t *testing.T, name string, src []byte) *define.Definition {
	t.Helper()
	r := &define.Report{File: name}
	d := define.ReadYAML(src, false, r)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return d
}

func canonical(t *testing.T, d *define.Definition) string {
	t.Helper()
	src, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func hash(t *testing.T, d *define.Definition) string {
	t.Helper()
	f, found, err := form.ExamineDefinition(d, &define.Report{})
	if err != nil || f == nil {
		t.Fatal(found, err)
	}
	return f.Hash
}

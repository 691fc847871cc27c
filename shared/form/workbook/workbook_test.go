package workbook

import (
	"bytes"
	"os"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
)

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

func TestEverythingComesBackFromAWorkbook(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := readYAML(t, "everything.yaml", src)
	var buf bytes.Buffer
	if err := Write(&buf, d); err != nil {
		t.Fatal(err)
	}
	back, r := Read("everything.xlsx", buf.Bytes())
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if got, want := canonical(t, back), canonical(t, d); got != want {
		t.Fatal(difference(got, want))
	}
	want, _, err := form.ExamineDefinition(d, &define.Report{})
	if err != nil || want == nil {
		t.Fatal(err)
	}
	got, found, err := form.ExamineDefinition(back, r)
	if err != nil || got == nil || len(found) > 0 || got.Hash != want.Hash {
		t.Errorf("form %v, findings %v, %v", got, found, err)
	}
}

// difference shows where two texts part.
func difference(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	return "got  …" + got[from:min(len(got), i+100)] + "\nwant …" + want[from:min(len(want), i+100)]
}

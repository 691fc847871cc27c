package define_test

import (
	"bytes"
	"os"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
)

// FuzzYAML reads whatever comes, judges it, and expects what could be read to
// come back from YAML as it was.
func FuzzYAML(f *testing.F) {
	everything, err := os.ReadFile("../testdata/everything.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(everything)
	f.Add([]byte(`{settings: {form_id: f, version: "1", title: &t {de: "a: #b", en: "null"}}, survey: [{type: note, name: n, label: *t}]}`))
	f.Add([]byte("choices:\n  a: [{name: \"1\", label: {de: \"x\\ny\"}, attributes: {b: c}}]\nsurvey:\n- type: rank a or_other\n  name: \"on\"\n  x_checks: [{when: \". = '’'\", level: hint}]\n"))
	f.Add([]byte("survey: [{type: integer, name: i, x_min: 0x10, x_max: 007, required: !!str yes, relevant: \"\\x01\", default: ! 5}]"))
	f.Add([]byte("settings: {form_id: }\nsurvey: [{type: group, children: [{type: repeat, repeat_count: \"9\", children: []}]}, ~, [], 5]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r := &define.Report{File: "fuzz.yaml"}
		d := define.ReadYAML(src, false, r)
		if d == nil && !r.Broken() {
			t.Fatal("neither a definition nor a finding")
		}
		if _, _, err := form.Examine("fuzz.yaml", src); err != nil {
			t.Fatal(err)
		}
		if _, _, err := form.Examine("fuzz.yaml", src, form.Stored()); err != nil {
			t.Fatal(err)
		}
		if d != nil && !r.Broken() {
			comesBack(t, d)
		}
	})
}

func comesBack(t *testing.T, d *define.Definition) {
	t.Helper()
	want, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if err := define.WriteYAML(&written, d); err != nil {
		t.Fatal(err)
	}
	r := &define.Report{File: "written.yaml"}
	back := define.ReadYAML(written.Bytes(), false, r)
	if err := r.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, written.Bytes())
	}
	if got, err := back.Canonical(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: got  %s\nwant %s\nfrom\n%s", err, got, want, written.Bytes())
	}
}

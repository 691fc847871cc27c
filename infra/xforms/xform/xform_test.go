package xform_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"kokoma/infra/xforms/xform"
)

// TestFormsAreWellFormed: a form with all that the expression of interest has.
func TestFormsAreWellFormed(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../../shared/intake/forms/intake.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := xform.Read("intake.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	out := xform.Write(m)
	d := xml.NewDecoder(strings.NewReader(out))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`<repeat nodeset="/data/s5/actors">`, `<input ref="/data/s1/muni_key">`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestBrokenDefinitionsAreNotWritten(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", "survey: 3", "settings: {form_id: t, version: '1', title: {de: T, en: T}}\nsurvey:\n  - {type: colour, name: a, label: {de: a, en: a}}\n"} {
		if _, err := xform.Read("x.yaml", []byte(src)); err == nil {
			t.Errorf("%q is read", src)
		}
	}
}

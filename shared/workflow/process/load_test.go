package process

import (
	"os"
	"testing"
)

func TestShippedStepsCompile(t *testing.T) {
	t.Parallel()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Compile(); err != nil {
		t.Fatal(err)
	}
	if len(d.Templates) < 20 || d.Templates[0].Key != "O01" {
		t.Errorf("got %d steps beginning with %s, want at least 20 from O01", len(d.Templates), d.Templates[0].Key)
	}
}

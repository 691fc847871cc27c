package form_test

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/form"
)

// items is a survey page of n statements.
func items(n int) string {
	var b strings.Builder
	b.WriteString("- type: group\n  name: g\n  label: {de: Zustimmung, en: Agreement}\n  appearance: table-list\n  children:\n")
	for i := range n {
		fmt.Fprintf(&b, "    - {type: select_one AGR5, name: I%d, label: {de: \"Aussage %[1]d, der man zustimmen kann.\", en: \"Statement %[1]d\"}}\n", i)
	}
	return b.String()
}

func BenchmarkCompile(b *testing.B) {
	src := []byte(definition(items(40)))
	form.Lists()
	for b.Loop() {
		if _, err := form.Compile("b", src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	f := everything(b)
	v := good()
	for b.Loop() {
		f.Read(v, "", nil)
	}
}

func BenchmarkCheck(b *testing.B) {
	f := everything(b)
	a := f.Read(good(), "", nil)
	for b.Loop() {
		if len(f.Check(a, "", env)) > 0 {
			b.Fatal("problems")
		}
	}
}

func BenchmarkCheckFaults(b *testing.B) {
	f := everything(b)
	a := f.Read(url.Values{"notice_ack": {""}}, "", nil)
	for b.Loop() {
		f.Check(a, "", env)
	}
}

func BenchmarkClean(b *testing.B) {
	f := everything(b)
	a := f.Read(good(), "", nil)
	for b.Loop() {
		f.Clean(a, env)
	}
}

func BenchmarkView40(b *testing.B) {
	f := compiled(b, items(40))
	for b.Loop() {
		f.View(nil, "g", nil, env)
	}
}

func BenchmarkRender40(b *testing.B) {
	f := compiled(b, items(40))
	t := templates(b)
	for b.Loop() {
		if err := t.ExecuteTemplate(io.Discard, "form.fields", f.View(nil, "g", nil, env)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderIntakePage(b *testing.B) {
	f := everything(b)
	t := templates(b)
	a := f.Read(good(), "", nil)
	for b.Loop() {
		if err := t.ExecuteTemplate(io.Discard, "form.fields", f.View(a, "s2", nil, env)); err != nil {
			b.Fatal(err)
		}
	}
}

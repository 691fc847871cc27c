package forms

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"kokoma/shared/form"
)

// shown is a page of a form in some state.
type shown struct {
	name    string
	form    *form.Form
	answers form.Answers
	page    string
}

func (s shown) view() form.View { return s.form.View(s.answers, s.page, nil, env) }

// showing is compared with the least that html/template can do for a page of
// that size.
func (b *bench) showing() error {
	t, err := template.ParseFS(form.Templates, "tmpl/*.html")
	if err != nil {
		return err
	}
	pages, err := b.pages(t)
	if err != nil {
		return err
	}
	fmt.Fprint(b.out, "\n### Showing a page\n\n"+
		"View and template, into memory; \"View\" is the share of the first. The floor is a flat html/template: one loop that writes the same\n"+
		"names, values and texts, each escaped where it stands, and as many bytes around them. Goal: 1.5 ms of CPU for a page of 40 items.\n\n"+
		"| | KB | names, values, texts | ms | CPU ms | View | allocations | times the floor |\n|---|---|---|---|---|---|---|---|\n")
	for _, p := range pages {
		if err := b.show(t, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (b *bench) show(t *template.Template, p shown) error {
	var page, out bytes.Buffer
	if err := t.ExecuteTemplate(&page, "form.fields", p.view()); err != nil {
		return err
	}
	flat, err := flatten(page.Bytes())
	if err != nil {
		return err
	}
	ours := &subject{name: p.name, do: func() error {
		out.Reset()
		return t.ExecuteTemplate(&out, "form.fields", p.view())
	}}
	view := &subject{name: "view", do: func() error {
		if v := p.view(); len(v.Items) == 0 {
			return errors.New("nothing to show")
		}
		return nil
	}}
	floor := &subject{name: "floor", do: func() error {
		out.Reset()
		return flat.write(&out)
	}}
	if err := b.measure(ours, view, floor); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "| %s | %s | %d | %s | %s | %.2f | %d | %s |\n", p.name, kb(uint64(page.Len())), flat.strings, ms(ours.best), ms(ours.cpu),
		float64(view.best)/float64(ours.best), ours.allocs, ratio(ours.best, floor.best))
	return nil
}

// pages are the largest of both forms, filled in, and one of 40 items.
func (b *bench) pages(t *template.Template) ([]shown, error) {
	var pages []shown
	for _, f := range []filled{b.survey, b.interest} {
		var largest shown
		most := 0
		for _, page := range f.form.Pages() {
			s := shown{f.name + ", its largest page: " + page.Label.DE, f.form, f.answers, page.Name}
			var out bytes.Buffer
			if err := t.ExecuteTemplate(&out, "form.fields", s.view()); err != nil {
				return nil, err
			}
			if out.Len() > most {
				largest, most = s, out.Len()
			}
		}
		pages = append(pages, largest)
	}
	f, err := form.Compile("items.yaml", items(40))
	return append(pages, shown{name: "a page of 40 items in a matrix", form: f, page: "g"}), err
}

// items is the definition of a page with n statements in a matrix.
func items(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`settings: {form_id: items, version: "1", title: {de: Zustimmung, en: Agreement}, default_language: de}
survey:
  - type: group
    name: g
    label: {de: Zustimmung, en: Agreement}
    appearance: table-list
    children:
`)
	for i := range n {
		fmt.Fprintf(&b, "      - {type: select_one AGR5, name: I%d, label: {de: \"Aussage %[1]d, der man mehr oder weniger zustimmen kann.\", en: \"Statement %[1]d\"}}\n", i)
	}
	return b.Bytes()
}

// flat is a page taken apart: what a template has to put in, three at a time,
// and the rest as filler.
type flat struct {
	template *template.Template
	rows     []cells
	strings  int
}

type cells struct{ A, B, C string }

func (f *flat) write(w io.Writer) error { return f.template.Execute(w, f.rows) }

// flatten makes the floor for a page.
func flatten(page []byte) (*flat, error) {
	attributes, texts, err := putIn(page)
	if err != nil {
		return nil, err
	}
	f := &flat{strings: len(attributes) + len(texts)}
	all := slices.Concat(attributes, texts)
	for three := range slices.Chunk(all, 3) {
		three = append(three, "", "")
		f.rows = append(f.rows, cells{three[0], three[1], three[2]})
	}
	filler := 0
	for range 2 { // once to see how long it is without filler
		f.template, err = template.New("flat").Parse(`{{range .}}<p id="{{.A}}" title="{{.B}}">{{.C}}` + strings.Repeat("-", filler) + `</p>{{end}}`)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := f.write(&out); err != nil {
			return nil, err
		}
		filler = max(0, (len(page)-out.Len())/len(f.rows))
	}
	return f, nil
}

// putIn finds what a page's templates have put in: attributes that differ from
// place to place, and texts.
func putIn(page []byte) (attributes, texts []string, err error) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for z.Next() != html.ErrorToken {
		t := z.Token()
		if text := strings.TrimSpace(t.Data); t.Type == html.TextToken && text != "" {
			texts = append(texts, text)
		}
		for _, a := range t.Attr {
			if slices.Contains([]string{"id", "name", "value", "for", "aria-describedby", "aria-labelledby"}, a.Key) {
				attributes = append(attributes, a.Val)
			}
		}
	}
	if err := z.Err(); !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	return attributes, texts, nil
}

package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Pages are the templates of one noun. Each page is a file tmpl/<name>.html that defines "main" and,
// where it wants to, "before" (breadcrumbs, a way back). Files that begin with an underscore are
// parts that all pages of the noun share. Every page can use what package form defines.
type Pages struct {
	site *Site
	fsys fs.FS

	mu   sync.Mutex
	sets map[string]*template.Template
}

type templateSet struct{ *template.Template }

// Pages returns the pages below tmpl of fsys. A page is parsed when it is first shown: a function
// that starts for one request parses one page.
func (s *Site) Pages(fsys fs.FS) *Pages {
	return &Pages{site: s, fsys: fsys, sets: map[string]*template.Template{}}
}

// parseBase parses the shell and the templates of forms, which all pages have in common.
func parseBase() (*templateSet, error) {
	t, err := template.New("").Option("missingkey=zero").ParseFS(templates, "tmpl/shell.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the shell: %w", err)
	}
	err = fs.WalkDir(form.Templates, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		_, err = t.ParseFS(form.Templates, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("parsing the templates of forms: %w", err)
	}
	return &templateSet{t}, nil
}

// Render shows the page name with its data, which embeds Page. Nothing is written before the whole
// page is there.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	t, err := p.page(name)
	if err != nil {
		return err
	}
	b, ok := p.site.buffers.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	defer p.site.buffers.Put(b)
	b.Reset()
	if err := t.ExecuteTemplate(b, "shell", data); err != nil {
		return fmt.Errorf("rendering page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(lang.From(r.Context())))
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err = w.Write(b.Bytes())
	return err
}

// page returns the parsed set of one page.
func (p *Pages) page(name string) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.sets[name]; t != nil {
		return t, nil
	}
	t, err := p.parse(name)
	if err != nil {
		return nil, fmt.Errorf("parsing page %s: %w", name, err)
	}
	p.sets[name] = t
	return t, nil
}

func (p *Pages) parse(name string) (*template.Template, error) {
	base, err := p.site.base()
	if err != nil {
		return nil, err
	}
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	files := []string{"tmpl/" + name + ".html"}
	parts, err := fs.Glob(p.fsys, "tmpl/_*.html")
	if err != nil {
		return nil, err
	}
	return t.ParseFS(p.fsys, append(parts, files...)...)
}

// Check parses every page, so that a test finds a broken one.
func (p *Pages) Check() error {
	files, err := fs.Glob(p.fsys, "tmpl/*.html")
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".html")
		if strings.HasPrefix(name, "_") || name == "shell" {
			continue
		}
		if _, err := p.page(name); err != nil {
			return err
		}
	}
	return nil
}

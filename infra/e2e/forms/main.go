// Command forms serves every form of a folder on loopback, for the checks in a
// browser: the real shell, templates, style and script, and the way of a post
// through the engine, without the platform around it.
//
//	go run ./infra/e2e/forms shared/form/testdata
//
// /{form}/{page}/{run} is a page of a form; page "alle" is the whole form. Each
// run, a word of the caller's choice, has answers of its own.
package main

import (
	"embed"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
)

//go:embed tmpl/*.html
var templates embed.FS

//go:embed texts.yaml
var texts embed.FS

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "forms:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("call it with the folder of the definitions")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	catalog, err := lang.LoadCatalog(web.Texts, texts)
	if err != nil {
		return err
	}
	x := &service{site: web.New(web.Deps{Base: base, Catalog: catalog}), folder: os.Args[1], drafts: map[string]draft{}}
	x.pages = x.site.Pages(templates)
	mux := http.NewServeMux()
	mux.Handle("GET /{form}/{page}/{run}", x.site.Handle(x.show))
	mux.Handle("POST /{form}/{page}/{run}", x.site.Handle(x.receive))
	x.site.Routes(mux)
	fmt.Println(base)
	return http.Serve(l, http.NewCrossOriginProtection().Handler(mux))
}

// service shows forms and keeps what was typed in memory.
type service struct {
	site   *web.Site
	pages  *web.Pages
	folder string

	mu     sync.Mutex
	drafts map[string]draft // by path
}

type draft struct {
	answers form.Answers
	saved   time.Time
}

type page struct {
	web.Page
	Heading, Saved string
	View           form.View
	Revealed       bool
	Groups         []form.SummaryGroup
}

func (x *service) env(r *http.Request) form.Env {
	now := time.Now()
	known := []form.Found{{Key: "09999123", Label: "Musterstadt"}, {Key: "09999124", Label: "Musterdorf"}}
	return form.Env{
		Today: lang.DateOf(now), Now: now, Lang: lang.From(r.Context()),
		Lookup: func(key string) (string, bool) {
			i := slices.IndexFunc(known, func(f form.Found) bool { return f.Key == key })
			if i < 0 {
				return "", false
			}
			return known[i].Label, true
		},
		Search: func(typed string) []form.Found {
			return slices.DeleteFunc(slices.Clone(known), func(f form.Found) bool { return f.Label != typed && typed != "Muster" })
		},
	}
}

// form is the definition, the page of it and what was typed before.
func (x *service) form(r *http.Request) (*form.Form, string, draft, error) {
	f, err := form.Load(os.DirFS(x.folder), r.PathValue("form")+".yaml")
	if err != nil {
		return nil, "", draft{}, err
	}
	name := r.PathValue("page")
	if name == "alle" {
		name = ""
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return f, name, x.drafts[r.URL.Path], nil
}

func (x *service) show(w http.ResponseWriter, r *http.Request) error {
	f, name, d, err := x.form(r)
	if err != nil {
		return err
	}
	return x.render(w, r, http.StatusOK, d, page{View: f.View(d.answers, name, nil, x.env(r))})
}

func (x *service) render(w http.ResponseWriter, r *http.Request, status int, d draft, p page) error {
	p.Page = x.site.Page(r, "forms.title")
	p.Heading, p.Saved = p.Title+" "+r.PathValue("page"), form.Saved(d.saved, x.env(r))
	p.Fault(status != http.StatusOK)
	return x.pages.Render(w, r, status, "page", p)
}

func (x *service) receive(w http.ResponseWriter, r *http.Request) error {
	f, name, before, err := x.form(r)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	e := x.env(r)
	d := draft{f.Read(r.PostForm, name, before.answers), e.Now}
	x.mu.Lock()
	x.drafts[r.URL.Path] = d
	x.mu.Unlock()
	if fragment, ok := form.Pressed(r.PostForm); ok {
		return web.Redirect(w, r, r.URL.Path+"#"+fragment)
	}
	problems := f.Check(d.answers, name, e)
	switch {
	case problems.Blocking(d.answers.Confirmed):
		return x.render(w, r, http.StatusUnprocessableEntity, d, page{View: f.View(d.answers, name, problems, e)})
	case len(f.Revealed(before.answers, d.answers, name, e)) > 0:
		return x.render(w, r, http.StatusOK, d, page{View: f.View(d.answers, name, nil, e), Revealed: true})
	}
	return x.pages.Render(w, r, http.StatusOK, "done", page{Page: x.site.Page(r, "forms.title"), Groups: f.Summary(d.answers, e)})
}

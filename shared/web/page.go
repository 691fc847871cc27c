package web

import (
	"net/http"
	"strings"
	"time"

	"kokoma/shared/lang"
)

// Page is what every page has. The data of a page embeds it, and the shell reads it from there:
//
//	type startPage struct {
//		web.Page
//		Cases []row
//	}
//
// In a template its methods are at hand: {{.T "intake.start.title"}}, {{.Path "/anmelden"}};
// inside range and with: {{$.T …}}.
type Page struct {
	Lang  lang.Lang
	Title string // without "Fehler:" and without the name of the platform
	User  *User  // nil when nobody is signed in
	Local bool

	site  *Site
	fault bool
	path  string // of this page, without the language
	query string
	wide  bool
}

// Page begins the page that answers r; its title is a text of the catalogue.
func (s *Site) Page(r *http.Request, titleKey string, args ...any) Page {
	l := lang.From(r.Context())
	return Page{
		Lang: l, Title: s.Catalog.T(l, titleKey, args...), User: UserFrom(r.Context()), Local: s.Local,
		site: s, path: r.URL.Path, query: r.URL.RawQuery,
	}
}

// SetTitle gives the page a title that is not in the catalogue: the name of a form, of a case.
func (p *Page) SetTitle(title string) { p.Title = title }

// Fault says whether something on the page has to be put right; its title then begins with that.
func (p *Page) Fault(fault bool) { p.fault = fault }

// Wide lets the page use the width of the window: tables, matrices, the desk.
func (p *Page) Wide() { p.wide = true }

// T is a text of the catalogue in the language of the page.
func (p Page) T(key string, args ...any) string { return p.site.Catalog.T(p.Lang, key, args...) }

// In is a text that is data.
func (p Page) In(t lang.Text) string { return t.In(p.Lang) }

// Long is a date with its weekday, Short in figures, DateTime an instant in Berlin.
func (p Page) Long(d lang.Date) string         { return lang.Long(p.Lang, d) }
func (p Page) Short(d lang.Date) string        { return lang.Short(p.Lang, d) }
func (p Page) DateTime(t time.Time) string     { return lang.DateTime(p.Lang, t) }
func (p Page) Number(f float64, n int) string  { return lang.Number(p.Lang, f, n) }
func (p Page) Percent(f float64, n int) string { return lang.Percent(p.Lang, f, n) }

// Path is the address of a page in the language of this one.
func (p Page) Path(path string) string { return pathIn(p.Lang, path) }

// Asset is the address of a static file.
func (p Page) Asset(file string) string { return "/static/" + p.site.version + "/" + file }

// Faulty reports whether Fault was called: the shell puts it in front of the title.
func (p Page) Faulty() bool { return p.fault }

// IsWide reports whether Wide was called.
func (p Page) IsWide() bool { return p.wide }

// Other is the other language and the address of the same page in it.
func (p Page) Other() OtherPage {
	l := lang.EN
	if p.Lang == lang.EN {
		l = lang.DE
	}
	address := pathIn(l, p.path)
	if p.query != "" {
		address += "?" + p.query
	}
	return OtherPage{Lang: l, Path: address, Name: p.site.Catalog.T(l, "web.language.this")}
}

// OtherPage is the same page in the other language.
type OtherPage struct {
	Lang lang.Lang
	Path string
	Name string // of the language, in itself
}

// NavItem is an entry of the desk's navigation.
type NavItem struct {
	Path, Label string
	Current     bool // this page
	Inside      bool // a page below it
}

// Nav is the desk's navigation for who is signed in; nil for everybody else.
func (p Page) Nav() []NavItem {
	var items []NavItem
	for _, d := range desk {
		if !p.User.Has(d.roles...) {
			continue
		}
		items = append(items, NavItem{
			Path: p.Path(d.path), Label: p.T(d.key),
			Current: p.path == d.path, Inside: strings.HasPrefix(p.path, d.path+"/"),
		})
	}
	return items
}

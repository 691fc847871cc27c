// Package legal serves the pages that every page links: privacy notice, legal
// notice, accessibility with its report form, easy language, contact.
//
// Keys, in table main, all in one small partition:
//
//	intake#barriers / 2026-08-01-<id>   kind "barrier": a report, by the date until which it has
//	                                    to be answered. Due: owner is the id, a week before that
//	                                    date, while unanswered. Expires after twelve months.
package legal

import (
	"embed"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

//go:embed tmpl/*.html
var templates embed.FS

// Deps is what the pages work with.
type Deps struct {
	Table  table.Table
	Site   *web.Site
	Outbox *mail.Outbox
	Now    func() time.Time
	Office string // address of the service office
	Forms  fs.FS  // holds forms/barrier.yaml
}

// Service serves the pages.
type Service struct {
	Deps
	pages  *web.Pages
	form   func() (*form.Form, error) // the report form, compiled when it is first shown
	limits *web.Limiter
}

// New returns the service.
func New(d Deps) *Service {
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), limits: web.NewLimiter(d.Table),
		form: sync.OnceValues(func() (*form.Form, error) { return form.Load(d.Forms, "forms/barrier.yaml") }),
	}
}

// The texts of a page are intake.legal.<page>.<section>.title and .text.
var sections = map[string][]string{
	"privacy": {
		"controller", "officer", "intake", "groups", "cases", "surveys", "mails", "cookie",
		"recipients", "periods", "rights", "duty",
	},
	"imprint":  {"publisher", "contact", "represented", "funding", "liability"},
	"easy":     {"what", "form", "surveys", "barriers"},
	"contact":  {"office", "write", "danger"},
	"barriers": {"status", "open", "method", "feedback", "dispute"},
}

// Routes adds the pages.
func (x *Service) Routes(mux web.Mux) {
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /datenschutz":       x.show("privacy"),
		"GET /impressum":         x.show("imprint"),
		"GET /leichte-sprache":   x.show("easy"),
		"GET /kontakt":           x.show("contact"),
		"GET /barrierefreiheit":  x.showBarriers,
		"POST /barrierefreiheit": x.report,

		"GET /barrierefreiheit/meldungen":       web.RequireUser(x.showReports, "SVC", "ADM"),
		"POST /barrierefreiheit/meldungen/{id}": web.RequireUser(x.answered, "SVC", "ADM"),
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
}

// textPage is a page of headings and paragraphs.
type textPage struct {
	web.Page
	Lead     string
	Sections []section
}

// section is a heading and what stands below it.
type section struct {
	ID, Heading string
	Blocks      []block
}

// block is a paragraph, or a list when it has items. Lines of a paragraph stay
// apart, as in an address.
type block struct {
	Lines []line
	Items []line
}

// line is a text in pieces, some of which lead somewhere.
type line []span

type span struct{ Text, Href string }

// reach finds what one can write to or call.
var reach = regexp.MustCompile(`[\w.-]+@[\w-]+\.\w+|(?:\+49 |0)30 390634770`)

func spans(text string) line {
	var out line
	at := 0
	for _, m := range reach.FindAllStringIndex(text, -1) {
		found := text[m[0]:m[1]]
		href := "mailto:" + found
		if !strings.Contains(found, "@") {
			href = "tel:+4930390634770"
		}
		out = append(out, span{Text: text[at:m[0]]}, span{found, href})
		at = m[1]
	}
	return append(out, span{Text: text[at:]})
}

func (x *Service) show(name string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		return x.pages.Render(w, r, http.StatusOK, "text", x.text(r, name))
	}
}

func (x *Service) text(r *http.Request, name string) textPage {
	key := "intake.legal." + name
	p := textPage{Page: x.Site.Page(r, key+".title")}
	p.Lead = p.T(key + ".lead")
	for _, s := range sections[name] {
		p.Sections = append(p.Sections, section{s, p.T(key + "." + s + ".title"), blocks(p.T(key + "." + s + ".text"))})
	}
	return p
}

// blocks takes a text apart: paragraphs stand between blank lines, lines that
// begin with a hyphen are a list.
func blocks(text string) []block {
	var out []block
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var b block
		for row := range strings.SplitSeq(paragraph, "\n") {
			if item, ok := strings.CutPrefix(row, "- "); ok {
				b.Items = append(b.Items, spans(item))
				continue
			}
			b.Lines = append(b.Lines, spans(row))
		}
		out = append(out, b)
	}
	return out
}

// Package begin serves the start page and the page on which somebody finds the
// municipality and begins an expression of interest.
package begin

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

//go:embed tmpl/*.html
var templates embed.FS

// Deps is what the pages work with.
type Deps struct {
	Table    table.Table
	Site     *web.Site
	Links    *mail.Links
	Register *municipality.Register
	Now      func() time.Time
	Library  *form.Library
	// Shipped is the definition that new drafts get unless the office published
	// one, compiled when the first draft is begun: a function that only shows a
	// page does not wait for it.
	Shipped func() (*form.Form, error)
}

// Service serves the pages.
type Service struct {
	Deps
	pages  *web.Pages
	limits *web.Limiter
}

// New returns the service.
func New(d Deps) *Service {
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), limits: web.NewLimiter(d.Table),
	}
}

// Routes adds the pages.
func (x *Service) Routes(mux web.Mux) {
	mux.Handle("GET /{$}", x.Site.Handle(x.showStart))
	mux.Handle("GET /interessenbekundung", x.Site.Handle(x.showBegin))
	mux.Handle("POST /interessenbekundung", x.Site.Handle(x.begin))
}

// showStart is the start page of the platform.
func (x *Service) showStart(w http.ResponseWriter, r *http.Request) error {
	return x.pages.Render(w, r, http.StatusOK, "start", struct{ web.Page }{x.Site.Page(r, "intake.start.title")})
}

// maxFound is how many municipalities a search shows.
const maxFound = 20

// MaxQuery is how many bytes a search may have: no name is as long.
const MaxQuery = 200

// beginPage is where somebody finds the municipality and begins.
type beginPage struct {
	web.Page
	Query    string
	Searched bool
	Found    []foundRow
	More     bool // there may be others
	Problem  string
	Hand     handEntry
	Kinds    []option
	Lands    []option
}

type foundRow struct{ Key, Name, Detail string }

type option struct {
	Name, Label string
	Chosen      bool
}

// handEntry is a municipality that the register lacks.
type handEntry struct {
	Open                  bool
	Name, Kind, Land, Key string
}

func (x *Service) showBegin(w http.ResponseWriter, r *http.Request) error {
	return x.renderBegin(w, r, http.StatusOK, beginPage{Query: strings.TrimSpace(r.URL.Query().Get("q"))})
}

func (x *Service) renderBegin(w http.ResponseWriter, r *http.Request, status int, p beginPage) error {
	p.Page = x.Site.Page(r, "intake.begin.title")
	p.Fault(status != http.StatusOK)
	if p.Problem != "" {
		p.Problem = p.T(p.Problem)
	}
	p.Searched = p.Query != ""
	var found []municipality.Municipality
	if len(p.Query) <= MaxQuery {
		var err error
		if found, err = x.Register.Search(r.Context(), p.Query, maxFound+1); err != nil {
			return err
		}
	}
	p.More = len(found) > maxFound
	for _, m := range found[:min(maxFound, len(found))] {
		p.Found = append(p.Found, foundRow{m.Key, m.Name, detail(p.Page, m)})
	}
	p.Hand.Open = p.Hand.Open || p.Searched && len(found) == 0
	p.Kinds = kinds(p.Lang, p.Hand.Kind)
	p.Lands = lands(p.Lang, p.Hand.Land)
	return x.pages.Render(w, r, status, "begin", p)
}

// detail tells towns of the same name apart.
func detail(p web.Page, m municipality.Municipality) string {
	kind := m.Kind
	if c, ok := form.Lists()["OL-MUNI"].Choice(m.Kind); ok {
		kind = p.In(c.Label)
	}
	parts := []string{kind, municipality.LandName(p.Lang, m.Land)}
	if m.Postcode != "" {
		parts = append(parts, m.Postcode)
	}
	return strings.Join(append(parts, p.T("intake.begin.key", m.Key)), ", ")
}

func kinds(l lang.Lang, chosen string) []option {
	var out []option
	for _, c := range form.Lists()["OL-MUNI"].Choices {
		out = append(out, option{c.Name, c.Label.In(l), c.Name == chosen})
	}
	return out
}

func lands(l lang.Lang, chosen string) []option {
	var out []option
	for _, land := range municipality.LandsByName(l) {
		out = append(out, option{land.Code, land.Name.In(l), land.Code == chosen})
	}
	return out
}

// How often one subscriber line may begin a draft. A town hall is one line.
var beginLimit = web.Limit{Name: "intake-begin", Max: 300, Per: time.Hour}

// begin starts a draft for the municipality that was chosen or typed.
func (x *Service) begin(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	ctx, now := r.Context(), x.Now()
	answers, fault, err := x.beginning(ctx, r)
	if err != nil {
		return err
	}
	if fault != "" {
		return x.renderBegin(w, r, http.StatusUnprocessableEntity, beginPage{
			Query: r.PostForm.Get("q"), Problem: fault, Hand: typedByHand(r),
		})
	}
	if err := x.limits.Take(ctx, beginLimit, x.Site.ClientAddress(r), now); err != nil {
		return err
	}
	f, err := x.current(ctx)
	if err != nil {
		return err
	}
	e := draft.Entry{
		ID: rand.Text(), State: draft.StateDraft, Form: f.Hash, Lang: lang.From(ctx), Answers: answers,
		Begun: now, Changed: now, Counted: now,
	}
	e.Admit(draft.Browser(x.Site, w, r, e.ID))
	put, err := e.Put()
	if err != nil {
		return err
	}
	if err := x.Table.Write(ctx, put); err != nil {
		return fmt.Errorf("beginning an expression of interest: %w", err)
	}
	return web.Redirect(w, r, draft.PathBase+x.Links.Token(draft.Link(e.ID))+"/s1")
}

// current is the definition on which drafts begin now, and stay: the live one.
func (x *Service) current(ctx context.Context) (*form.Form, error) {
	f, err := x.Shipped()
	if err != nil {
		return nil, fmt.Errorf("compiling the expression of interest: %w", err)
	}
	if f, err = x.Library.Live(ctx, f); err != nil {
		return nil, err
	}
	return f, x.Library.Keep(ctx, f)
}

func typedByHand(r *http.Request) handEntry {
	f := r.PostForm
	return handEntry{
		Open: f.Get("by_hand") != "", Name: strings.TrimSpace(f.Get("muni_name")), Kind: f.Get("muni_type"),
		Land: f.Get("muni_land"), Key: strings.TrimSpace(f.Get("muni_hand_key")),
	}
}

// beginning gives the first answers of a draft, or the text key of what is
// missing. The rest of what was typed by hand is judged in section 1.
func (x *Service) beginning(ctx context.Context, r *http.Request) (a form.Answers, fault string, err error) {
	a = form.Answers{"language": {Text: string(lang.From(ctx))}}
	if hand := typedByHand(r); hand.Open {
		if hand.Name == "" {
			return nil, "intake.begin.noname", nil
		}
		for name, text := range map[string]string{
			"muni_by_hand": draft.Yes, "muni_name": hand.Name, "muni_type": hand.Kind,
			"muni_land": hand.Land, "muni_hand_key": hand.Key,
		} {
			a[name] = form.Value{Text: text}
		}
		return a, "", nil
	}
	m, ok, err := x.Register.Find(ctx, r.PostForm.Get("muni_key"))
	if err != nil {
		return nil, "", err
	}
	if !ok {
		return nil, "intake.begin.nochoice", nil
	}
	draft.Prefill(a, nil, m)
	return a, "", nil
}

package intake

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// showStart is the start page of the platform.
func (x *Service) showStart(w http.ResponseWriter, r *http.Request) error {
	return x.pages.Render(w, r, http.StatusOK, "start", struct{ web.Page }{x.Site.Page(r, "intake.start.title")})
}

// maxFound is how many municipalities a search shows.
const maxFound = 20

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
	p.Searched = p.Query != ""
	found, err := x.Register.Search(r.Context(), p.Query, maxFound+1)
	if err != nil {
		return err
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
	for _, land := range municipality.Lands() {
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
	hash, err := x.forms.Publish(ctx, x.source, "forms/intake.yaml")
	if err != nil {
		return fmt.Errorf("publishing the expression of interest: %w", err)
	}
	e := entry{
		id: rand.Text(), State: stateDraft, Form: hash, Lang: lang.From(ctx), Answers: answers,
		Begun: now, Changed: now, Counted: now,
	}
	e.admit(browserHash(e.id, x.browser(w, r)))
	put, err := e.put()
	if err != nil {
		return err
	}
	if err := x.Table.Write(ctx, put); err != nil {
		return fmt.Errorf("beginning an expression of interest: %w", err)
	}
	return web.Redirect(w, r, pathBase+x.Links.Token(resumeLink(e.id))+"/s1")
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
			"muni_by_hand": yes, "muni_name": hand.Name, "muni_type": hand.Kind,
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
	prefill(a, nil, m)
	return a, "", nil
}

// prefill puts in what the register knows, but keeps what somebody changed by
// hand: an answer that differs from the one before.
func prefill(a, before form.Answers, m municipality.Municipality) {
	a["muni_key"] = form.Value{Text: m.Key}
	for name, text := range map[string]string{
		"muni_type": m.Kind, "population": population(m), "admin_plz": m.Postcode,
	} {
		if before == nil || a.Text(name) == before.Text(name) || a.Text(name) == "" {
			a[name] = form.Value{Text: text}
		}
	}
}

func population(m municipality.Municipality) string {
	if m.Population == 0 {
		return ""
	}
	return strconv.Itoa(m.Population)
}

// municipality is the one that the answers name.
func (x *Service) municipality(ctx context.Context, a form.Answers) (municipality.Municipality, error) {
	if byHand(a) {
		m := entered(a)
		m.Population, _ = strconv.Atoi(a.Text("population")) // judged by the form; empty is unknown
		return m, nil
	}
	m, ok, err := x.Register.Find(ctx, a.Text("muni_key"))
	if err != nil {
		return m, err
	}
	if !ok {
		return m, fmt.Errorf("finding the municipality of an expression of interest: %w", table.ErrNotFound)
	}
	// The kind may be corrected, and with it the band that reports group by.
	m.Kind = a.Text("muni_type")
	return m, nil
}

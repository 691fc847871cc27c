package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"kokoma/infra/sam"
	"kokoma/infra/walk"
	"kokoma/shared/mail"
	"kokoma/shared/table"
)

// deed is an IAM action on one of the tables.
type deed struct {
	Action string
	Table  table.Name
}

// watched is a table that notes which function does what to it. Which function
// a request belongs to stands in its context; without one it is the clock.
type watched struct {
	table.Table
	mu   sync.Mutex
	done map[string]map[deed]bool
}

type functionKey struct{}

func (w *watched) note(ctx context.Context, action string, name table.Name) {
	function, ok := ctx.Value(functionKey{}).(string)
	if !ok {
		function = "clock"
	}
	if name == "" {
		name = table.Main
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done[function] == nil {
		w.done[function] = map[deed]bool{}
	}
	w.done[function][deed{"dynamodb:" + action, name}] = true
}

func (w *watched) Get(ctx context.Context, k table.Key) (table.Item, error) {
	w.note(ctx, "GetItem", k.Table)
	return w.Table.Get(ctx, k)
}

func (w *watched) Query(ctx context.Context, q table.Query) (table.Page, error) {
	w.note(ctx, "Query", q.Table)
	return w.Table.Query(ctx, q)
}

func (w *watched) Write(ctx context.Context, ops ...table.Op) error {
	actions := map[table.Verb]string{
		table.Putting: "PutItem", table.Updating: "UpdateItem", table.Deleting: "DeleteItem", table.Checking: "ConditionCheckItem",
	}
	for _, op := range ops {
		w.note(ctx, actions[op.Verb], op.Item.Table)
	}
	return w.Table.Write(ctx, ops...)
}

// TestPoliciesAllowWhatFunctionsDo lets a municipality walk through everything
// and compares what each function did to the tables with its policy.
func TestPoliciesAllowWhatFunctionsDo(t *testing.T) {
	t.Parallel()
	template, err := sam.Load(os.DirFS("../.."), "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seen := &watched{done: map[string]map[deed]bool{}}
	gateway := template.Gateway()
	p, world := startWith(t, slog.DiscardHandler, func(inner table.Table) table.Table {
		seen.Table = inner
		return seen
	}, func(r *http.Request) *http.Request {
		if strings.HasPrefix(r.URL.Path, "/local/") {
			return r
		}
		return r.WithContext(context.WithValue(r.Context(), functionKey{}, gateway[sam.Route(gateway, r.URL.Path)]))
	})
	errands(t, p, world)
	for name, f := range template.Functions() {
		if name == "changes" { // it does what the clock does, sooner
			name = "clock"
		}
		allowed := allowed(f)
		for d := range seen.done[name] {
			if !allowed[d] {
				t.Errorf("%s does %s to %s, but may not", name, d.Action, d.Table)
			}
		}
		for d := range allowed {
			if !seen.done[name][d] {
				t.Errorf("%s may %s on %s, but never does", name, d.Action, d.Table)
			}
		}
	}
}

// errands is everything that touches the tables: a whole walk, and what is not
// on its way.
func errands(t *testing.T, p *platform, w *walk.World) {
	t.Helper()
	c := cohort(t, "Musterstadt", "Musterdorf")
	c.Places[0].Until = "A12"
	desk := &walk.Desk{World: w, Address: office}
	tour := &walk.Tour{World: w, Desk: desk, Cohort: c, Seen: map[string]func() error{
		"O04": func() error { return handOver(w, c.Places[0]) },
	}}
	try := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := w.FillIn(cohort(t, "Beispielhausen").Places[0]) // and never sent: it is deleted after 60 days
	try(nil, err)
	try(nil, tour.Run(130))
	try(w.Browser().Post("/anmelden", url.Values{"email": {"niemand@example.org"}}))
	for range 2 { // a session's last use is written every few minutes
		for _, path := range []string{"/aufgaben", "/interessenbekundungen/x", "/kommunen", "/befragungen", "/auswertung", "/verwaltung", "/formulare", "/healthz"} {
			try(desk.Open(path))
			try(nil, w.Turn("6m"))
		}
	}
	try(desk.Submit("/verwaltung", "email", walk.Entries{"email": "auswertung@example.org", "name": "Auswertung", "role": "EVA"}))
	try(desk.Submit("/verwaltung", "entfernen", nil))
	author(t, desk)
	try(nil, w.Turn("96h")) // to a day on which invitations go out
	try(nil, tour.Answer())
	cancelSurvey(t, desk)
	try(nil, w.Turn("24h"))
	try(w.Browser().Post("/abmelden", nil))
	bounce(t, p, w)
	try(nil, w.Turn("1800h"))
}

// handOver passes the first step of the head of administration on, saves what
// somebody typed, and opens it elsewhere by a code.
func handOver(w *walk.World, place walk.Place) error {
	if err := w.Turn("240h"); err != nil {
		return err
	}
	l, err := w.Newest(place.Address("leitung"), "/weitergeben")
	if err != nil {
		return err
	}
	links := l.Links("/s/")
	first, second := w.Browser(), w.Browser()
	page, err := first.Open(links[0])
	if err != nil {
		return err
	}
	form, err := page.Form("_save")
	if err != nil {
		return err
	}
	if err := form.Set("file_ref", "Az. 1"); err != nil {
		return err
	}
	if _, err := first.Submit(form, "_save=1"); err != nil {
		return err
	}
	if page, err = second.Post(links[0]+"/code", url.Values{"_code": {"1"}}); err != nil {
		return err
	}
	if err := w.Turn("1s"); err != nil {
		return err
	}
	code, err := w.Newest(place.Address("leitung"), "Code")
	if err != nil {
		return err
	}
	if _, err := second.Complete(page, "oeffnen", "", walk.Entries{"_code": code.Code()}, place, w); err != nil {
		return err
	}
	if err := passOn(w, place, links[0], "vertretung"); err != nil {
		return err
	}
	if err := w.Turn("240h"); err != nil { // the deputy's mail comes, and the step goes back
		return err
	}
	if l, err = w.Newest(place.Address("vertretung"), "/weitergeben"); err != nil {
		return err
	}
	return passOn(w, place, l.Links("/s/")[0], "leitung")
}

func passOn(w *walk.World, place walk.Place, link, to string) error {
	b := w.Browser()
	page, err := b.Open(link + "/weitergeben")
	if err != nil {
		return err
	}
	_, err = b.Complete(page, "_command", "_send=1", walk.Entries{"name": "Vertretung", "email": place.Address(to)}, place, w)
	return err
}

// author publishes a form and drops a draft of another.
func author(t *testing.T, desk *walk.Desk) {
	t.Helper()
	for _, id := range []string{"step_a09", "step_a10"} {
		path := "/formulare/" + id
		b := openBook(t, see(t, desk, path+"/datei/gueltig.xlsx").Body)
		b.set("settings", "", "version", "2")
		_, err := desk.Upload(path, "file", "schritt.xlsx", b.bytes())
		must(t, err)
	}
	_, err := desk.Submit("/formulare/step_a09/vergleich", "note", walk.Entries{"note": "Neue Nummer der Fassung."})
	must(t, err)
	see(t, desk, "/formulare/step_a09/vorschau")
	_, err = desk.Submit("/formulare/step_a10", "verwerfen", nil)
	must(t, err)
	must(t, desk.DraftForm()) // as the demo does
	if page := see(t, desk, "/formulare/intake_v1"); !page.Has("Interessenbekundung-2.yaml") {
		t.Errorf("the draft is not there: %s", page.Text())
	}
	if page := see(t, desk, "/formulare/intake_v1/antworten/breit.csv"); !strings.Contains(page.Body, "KK-") {
		t.Errorf("the export of the expressions of interest holds none: %.300s", page.Body)
	}
	see(t, desk, "/formulare/step_a04/antworten/antworten.xlsx")
}

func cancelSurvey(t *testing.T, desk *walk.Desk) {
	t.Helper()
	list, err := desk.Open("/befragungen")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range list.Links("/befragungen/") {
		page, err := desk.Open(link)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := page.Form("abbrechen"); err != nil {
			continue
		}
		if _, err := desk.Submit(link, "abbrechen", walk.Entries{"reason": "Die Anschriften waren veraltet, wir beginnen neu."}); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no survey can be cancelled")
}

// bounce lets the provider report that a step's mail came back.
func bounce(t *testing.T, p *platform, w *walk.World) {
	t.Helper()
	ctx := context.WithValue(t.Context(), functionKey{}, "bounces")
	mails, err := w.Mails("")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range mails {
		if len(l.Links("/s/"))+len(l.Links("/b/")) > 0 {
			err := p.app.Delivered(ctx, mail.DeliveryEvent{Tag: l.Tag, Kind: mail.DeliveryBounce, Hard: true, At: w.Now()}, w.Now())
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// allowed is what a policy lets a function do to the tables.
func allowed(f sam.Properties) map[deed]bool {
	out := map[deed]bool{}
	for _, p := range f.Policies {
		for _, s := range p.Statement {
			for _, r := range s.Resource {
				name := table.Main
				if text, ok := r.(string); !ok || strings.Contains(text, "Answers") {
					name = table.Answers
				}
				for _, a := range s.Action {
					if strings.HasPrefix(a, "dynamodb:") {
						out[deed{a, name}] = true
					}
				}
			}
		}
	}
	return out
}

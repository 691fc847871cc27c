package main

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"kokoma/infra/walk"
	"kokoma/shared/lang"
	"kokoma/shared/table"
)

const office = "servicestelle@example.org"

// start runs the platform over a fresh folder on a loopback port, its clock on
// a Tuesday morning. Nothing runs in the background: turning the clock runs
// what falls due.
func start(t *testing.T) (*platform, *walk.World) {
	t.Helper()
	return startWith(t, slog.NewTextHandler(t.Output(), nil), nil, func(r *http.Request) *http.Request { return r })
}

// startWith runs it over a table that is wrapped; each request is given to
// asked first.
func startWith(t *testing.T, log slog.Handler, wrap func(table.Table) table.Table, asked func(*http.Request) *http.Request) (*platform, *walk.World) {
	t.Helper()
	var h http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, asked(r)) }))
	t.Cleanup(server.Close)
	p, err := open(t.Context(), options{data: t.TempDir(), office: office, wrap: wrap}, server.URL, slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := p.clock.Turn(lang.Date{Year: 2027, Month: 4, Day: 13}.At(9, 0)); err != nil {
		t.Fatal(err)
	}
	h = p.handler()
	return p, &walk.World{Base: server.URL, Now: p.clock.Now}
}

func cohort(t *testing.T, names ...string) walk.Cohort {
	t.Helper()
	c, err := walk.Fictional()
	if err != nil {
		t.Fatal(err)
	}
	c.Places = slices.DeleteFunc(c.Places, func(p walk.Place) bool { return !slices.Contains(names, p.Name) })
	if len(c.Places) != len(names) {
		t.Fatalf("the cohort has %d of %v", len(c.Places), names)
	}
	return c
}

// TestThreeMunicipalitiesWalkThroughOnboardingAndAnalysis is the whole walk:
// two towns in different Länder and a county, from the expression of interest
// to the evaluation over all of them, through pages and mails alone.
func TestThreeMunicipalitiesWalkThroughOnboardingAndAnalysis(t *testing.T) {
	t.Parallel()
	p, w := start(t)
	c := cohort(t, "Musterstadt", "Beispielstadt", "Beispielkreis")
	for i := range c.Places {
		c.Places[i].Until, c.Places[i].Ago = "A12", 0
		c.Places[i].Intake["conflict_summary"] = canary + c.Places[i].Intake["conflict_summary"].(string)
		c.Places[i].Intake["risks"] = canary
	}
	tour := &walk.Tour{World: w, Desk: &walk.Desk{World: w, Address: office}, Cohort: c, Silent: 20, Seen: map[string]func() error{
		"A06": func() error { return nothingIsShownYet(w) },
	}}
	if err := tour.Run(130); err != nil {
		t.Fatal(err)
	}
	checkCases(t, tour)
	checkEvaluation(t, tour)
	checkMails(t, w)
	checkLinks(t, p, w)
}

const canary = "KANARIENVOGEL in einem freien Feld. "

// nothingIsShownYet looks at the evaluation while the surveys run.
func nothingIsShownYet(w *walk.World) error {
	d := &walk.Desk{World: w, Address: office}
	page, err := d.Open("/auswertung")
	if err != nil {
		return err
	}
	if page.Has("Handlungssicherheit") || page.Has("beendet am") {
		return fmt.Errorf("the evaluation shows results of running surveys: %s", page.Text())
	}
	return nil
}

func checkCases(t *testing.T, tour *walk.Tour) {
	t.Helper()
	list, err := tour.Desk.Open("/vorgaenge")
	if err != nil {
		t.Fatal(err)
	}
	links := caseLinks(list)
	if len(links) != 3 {
		t.Fatalf("%d cases listed, want 3: %s", len(links), list.Text())
	}
	for _, link := range links {
		page, err := tour.Desk.Open(link)
		if err != nil {
			t.Fatal(err)
		}
		text := page.Text()
		for _, want := range []string{
			"M0 Kooperationsvereinbarung geschlossen: erreicht", "M1 Steuerungsgruppe arbeitsfähig: erreicht",
			"M2 Konfliktanalyse freigegeben: erreicht", "Steuerungsgruppe", "A12 Öffentlich informieren",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", page.URL, want)
			}
		}
		if n := strings.Count(text, "erledigt"); n < 20 {
			t.Errorf("%s shows %d done steps, want 20", page.URL, n)
		}
	}
}

// caseLinks are those to single cases on the list of all.
func caseLinks(list *walk.Page) []string {
	return slices.DeleteFunc(list.Links("/vorgaenge/"), func(l string) bool { return strings.HasPrefix(l, "/vorgaenge/prozess") })
}

func checkEvaluation(t *testing.T, tour *walk.Tour) {
	t.Helper()
	page, err := tour.Desk.Open("/auswertung")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Über alle Kommunen", "Handlungssicherheit", "Demokratie und Zusammenhalt", "Mittel der Kommunen"} {
		if !page.Has(want) {
			t.Errorf("the evaluation over all lacks %q: %s", want, page.Text())
		}
	}
	links := page.Links("/auswertung/")
	if len(links) != 6 {
		t.Fatalf("%d evaluations of single municipalities, want a baseline and a pulse of each: 6", len(links))
	}
	for _, link := range links {
		one, err := tour.Desk.Open(link)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Rücklauf", "Index", "Handlungssicherheit", "stimme voll zu"} {
			if !one.Has(want) {
				t.Errorf("%s lacks %q", one.URL, want)
			}
		}
		if !strings.Contains(one.Body, "<svg") || !strings.Contains(one.Body, "<table") {
			t.Errorf("%s lacks a chart or its table", one.URL)
		}
		if one.Has("KANARIENVOGEL") {
			t.Errorf("%s shows what somebody wrote", one.URL)
		}
	}
}

// checkMails reads every mail: none holds a word of the conflict, each is
// marked as automatic, nobody got two step mails a day.
func checkMails(t *testing.T, w *walk.World) {
	t.Helper()
	mails, err := w.Mails("")
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) < 100 {
		t.Errorf("only %d mails", len(mails))
	}
	perDay := map[string]int{}
	for _, l := range mails {
		for _, word := range []string{"KANARIENVOGEL", "Marktplatz", "Seeweg", "Südpark", "Jugendgruppen", "Beschwerden"} {
			if strings.Contains(l.Subject+l.Text+l.HTML, word) {
				t.Errorf("the mail %q to %s holds %q", l.Subject, l.To, word)
			}
		}
		if l.Headers["Auto-Submitted"] != "auto-generated" {
			t.Errorf("the mail %q is not marked as automatic: %v", l.Subject, l.Headers)
		}
		at := l.At.In(lang.Berlin())
		if len(l.Links("/s/")) == 0 || l.Code() != "" {
			continue
		}
		if day := at.Weekday(); day == 0 || day > 4 || at.Hour() < 8 || at.Hour() >= 16 {
			t.Errorf("the step mail %q went out on %s", l.Subject, at)
		}
		key := l.To + at.Format("2006-01-02")
		if perDay[key]++; perDay[key] > 1 && l.To != office {
			t.Errorf("%s got %d step mails on %s", l.To, perDay[key], at.Format("2006-01-02"))
		}
	}
}

// checkLinks opens every mailed link as scanners do, often and by HEAD too:
// nothing in the data folder changes. All links are used or spent by now, and
// look like unknown ones.
func checkLinks(t *testing.T, p *platform, w *walk.World) {
	t.Helper()
	mails, err := w.Mails("")
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := w.Browser().Open("/s/AAAAAAAAAAAAAAAAAAAAAAAAAA.1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	if err != nil || unknown.Status != http.StatusNotFound {
		t.Fatalf("an unknown link: %v, %v", unknown, err)
	}
	before := content(t, p)
	spent := 0
	for _, l := range mails {
		for _, link := range l.Links(w.Base + "/") {
			b := w.Browser()
			for range 3 {
				if _, err := b.Head(link); err != nil {
					t.Fatal(err)
				}
				page, err := b.Open(link)
				if err != nil {
					t.Fatal(err)
				}
				if page.Has("KANARIENVOGEL") {
					t.Errorf("%s shows what somebody wrote to whoever opens it", link)
				}
				if strings.Contains(link, "/b/") {
					spent++
					if page.Status != unknown.Status || page.Text() != unknown.Text() {
						t.Errorf("a spent survey link differs from an unknown one: %d %s", page.Status, page.Text())
					}
				}
			}
		}
	}
	if spent == 0 {
		t.Error("no survey link was tried")
	}
	if content(t, p) != before {
		t.Error("opening links changed the stored data")
	}
}

func content(t *testing.T, p *platform) [32]byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.o.data, "table.db"))
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(raw)
}

// TestFiftyConfirmationsMakeOneCase presses the same button fifty times at once.
func TestFiftyConfirmationsMakeOneCase(t *testing.T) {
	t.Parallel()
	_, w := start(t)
	place := cohort(t, "Musterstadt").Places[0]
	b, page, err := w.FillIn(place)
	if err != nil {
		t.Fatal(err)
	}
	parallel(t, 50, func(int) (*walk.Page, error) { return b.Post(page.URL.String(), url.Values{}) })
	if err := w.Turn("1s"); err != nil {
		t.Fatal(err)
	}
	l, err := w.Newest(place.Address("amt"), "/bestaetigen")
	if err != nil {
		t.Fatal(err)
	}
	link := l.Links("/bestaetigen")[0]
	answers := parallel(t, 50, func(int) (*walk.Page, error) { return b.Post(link, url.Values{"code": {l.Code()}}) })
	for _, a := range answers {
		if a.Status != http.StatusOK || a.Text() != answers[0].Text() {
			t.Fatalf("the answers differ: %d %s\n%s", a.Status, a.Text(), answers[0].Text())
		}
	}
	if !answers[0].Has("KK-2027-0001") {
		t.Errorf("the thank-you page names no case: %s", answers[0].Text())
	}
	if err := w.Turn("72h"); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	mails, err := w.Mails("")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range mails {
		count[l.To+": "+l.Subject]++
	}
	for what, n := range count {
		if n != 1 {
			t.Errorf("%d mails %s", n, what)
		}
	}
	desk := &walk.Desk{World: w, Address: office}
	cases, err := desk.Open("/vorgaenge")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(caseLinks(cases)); n != 1 {
		t.Errorf("%d cases, want 1: %s", n, cases.Text())
	}
}

func parallel(t *testing.T, n int, do func(int) (*walk.Page, error)) []*walk.Page {
	t.Helper()
	out := make([]*walk.Page, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i], errs[i] = do(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

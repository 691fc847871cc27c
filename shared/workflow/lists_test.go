package workflow

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// texts are what stands in the elements that a selector finds.
func texts(r *webtest.Response, selector string) []string {
	var out []string
	for _, e := range r.All(selector) {
		out = append(out, e.Text())
	}
	return out
}

// cohort is three municipalities: one accepted and late, one paused, one new.
func cohort(t *testing.T) *world {
	w := newWorld(t)
	w.accepted() // Musterstadt in Bavaria, O05 open
	for i, m := range []municipality.Municipality{
		{Key: "05999001", Name: "Beispielheim", Kind: "GEM", Land: "NW"},
		{Key: "05999002", Name: "Musterdorf", Kind: "GEM", Land: "NW"},
	} {
		w.beginFor(m, process.People{"FED": {{Email: fmt.Sprintf("amt%d@beispiel.example", i)}}})
		if i == 0 {
			w.do(command.Pause{Meta: by("SVC"), Reason: "Wahlkampf"})
		}
	}
	return w
}

func TestCasesAreFilteredAndCounted(t *testing.T) {
	t.Parallel()
	w := cohort(t)
	w.set(municipality.CalendarOf("NW").AddWorkingDays(w.current("O02").Due, 1).At(9, 0))
	b := w.svc()
	for query, want := range map[string]string{
		"":                                   "KK-2026-0003 KK-2026-0002 KK-2026-0001",
		"?stand=active":                      "KK-2026-0001",
		"?stand=paused":                      "KK-2026-0002",
		"?phase=O&land=NW":                   "KK-2026-0003 KK-2026-0002",
		"?land=NW&ueberfaellig=1":            "KK-2026-0003",
		"?suche=05999":                       "KK-2026-0003 KK-2026-0002",
		"?suche=MUSTER&stand=active":         "KK-2026-0001",
		"?meilenstein=M0":                    "",
		"?seite=99":                          "KK-2026-0003 KK-2026-0002 KK-2026-0001",
		"?seite=-1&stand=gibtesnicht":        "",
		"?suche=" + strings.Repeat("x", 500): "",
	} {
		r := b.Get("/vorgaenge" + query)
		if got := strings.Join(texts(r, "main tbody th a"), " "); r.Status != http.StatusOK || got != want {
			t.Errorf("%s: status %d, cases %q, want %q", query, r.Status, got, want)
		}
	}
	r := shows(t, b, "/vorgaenge?land=NW")
	if got := strings.Join(texts(r, "nav.chips a"), ", "); got != "alle 2, Interessenbekundung in Prüfung 1, pausiert 1, alle 2, Einstieg 2" {
		t.Errorf("the counts are %q", got)
	}
	if got := texts(r, "tbody tr"); !strings.Contains(got[0], "O02 Angaben prüfen überfällig seit 20.04.2026 1") || strings.Contains(got[1], "überfällig") {
		t.Errorf("the lines are %q", got)
	}
	for _, typed := range []string{"KK-2026-0002", "kk-2026-2", "2026-0002", "KK+2026+0002"} {
		if r := b.Get("/vorgaenge?suche=" + typed); r.Status != http.StatusSeeOther || !strings.HasPrefix(r.Location(), "/vorgaenge/") {
			t.Errorf("looking for %s: status %d, %s", typed, r.Status, r.Location())
		}
	}
	w.adopt("KK-2026-0001")
	lei := w.signedIn(lead, "LEI")
	if r := lei.Get("/vorgaenge?suche=KK-2026-0001"); r.Location() != "/vorgaenge/"+w.id {
		t.Errorf("the head of administration is led to %s", r.Location())
	}
	if r := lei.Get("/vorgaenge?suche=KK-2026-0002"); r.Status != http.StatusOK || len(texts(r, "tbody tr")) > 0 {
		t.Errorf("a case of others: status %d\n%s", r.Status, r.Text())
	}
	if got := texts(shows(t, lei, "/vorgaenge?rolle=LEI"), "tbody th a"); !slices.Equal(got, []string{"KK-2026-0001"}) {
		t.Errorf("with my role there are %q", got)
	}
}

func TestMilestonesFilterTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	b := w.svc()
	if got := texts(shows(t, b, "/vorgaenge?meilenstein=M0"), "tbody th a"); len(got) != 1 {
		t.Errorf("with M0 there are %q", got)
	}
	if got := texts(shows(t, b, "/vorgaenge?meilenstein=M1"), "tbody th a"); len(got) != 0 {
		t.Errorf("with M1 there are %q", got)
	}
}

// An older note has neither open steps nor milestones.
func TestListShowsWhatOlderNotesLack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	it, err := w.table.Get(w.ctx, cases.Key(w.id, "head"))
	if err != nil {
		t.Fatal(err)
	}
	it.By.Note = `{"s":"intake","p":"O","m":"Musterstadt","k":"09999123","t":"STADT","l":"BY"}`
	if err := w.table.Write(w.ctx, table.Put(it)); err != nil {
		t.Fatal(err)
	}
	if got := texts(shows(t, w.svc(), "/vorgaenge"), "tbody td"); got[2] != "–" || got[3] != "–" {
		t.Errorf("the cells are %q", got)
	}
	w.submit("O02", "SVC")
	if got := texts(shows(t, w.svc(), "/vorgaenge"), "tbody td"); !strings.Contains(got[2], "O03") {
		t.Errorf("after the next step the cells are %q", got)
	}
}

// The list reads the notes of all cases and no case: what it costs is known.
func TestListOfManyCasesIsCheap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 120
	for i := range n {
		w.start(municipality.Municipality{Key: fmt.Sprintf("05%06d", i), Name: "Beispielgemeinde", Land: "NW"}, process.People{
			"FED": {{Email: fmt.Sprintf("amt%d@beispiel.example", i)}},
		})
	}
	b := w.svc()
	w.cost("the list of 120 cases", 0, n/15., func() {
		all, err := w.x.List(w.ctx)
		if err != nil || len(all) != n {
			t.Errorf("%d cases, %v", len(all), err)
		}
	})
	r := shows(t, b, "/vorgaenge?land=NW", "Vorgänge: 120", "1 bis 50 von 120")
	if got := len(r.All("tbody tr")); got != 50 {
		t.Errorf("%d lines on the first page, want 50", got)
	}
	next := r.All("nav a[rel=next]")
	if len(next) != 1 || next[0].Attr("href") != "/vorgaenge?land=NW&seite=2" {
		t.Fatalf("the next page is at %v", next)
	}
	if got := len(shows(t, b, "/vorgaenge?land=NW&seite=3").All("tbody tr")); got != 20 {
		t.Errorf("%d lines on the last page, want 20", got)
	}
	if got := len(shows(t, b, "/aufgaben?sicht=kommunen&seite=3").All("main .task")); got != 20 {
		t.Errorf("%d tasks on the last page, want 20", got)
	}
	if got := len(shows(t, b, "/kommunen?seite=2&land=NW").All("tbody tr")); got != 50 {
		t.Errorf("%d municipalities on the second page, want 50", got)
	}
}

func TestTasksHaveViews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	late := municipality.CalendarOf("BY").AddWorkingDays(w.current("A04").Due, 3)
	w.set(late.At(9, 0))
	fed := w.signedIn("amt@musterstadt.example", "FED")
	titles := func(b *webtest.Browser, path string) []string {
		return texts(shows(t, b, path), "main .task a.item-title")
	}
	all := []string{"Akteur:innen erfassen", "Ressourcen und Angebote erfassen", "Steuerungsgruppe einrichten"}
	for path, want := range map[string][]string{
		"/aufgaben":                                   all[2:],
		"/aufgaben?sicht=kommunen":                    all,
		"/aufgaben?sicht=kommunen&sort=spaet":         {all[2], all[1], all[0]},
		"/aufgaben?sicht=ueberfaellig":                all[:1],
		"/aufgaben?sicht=rolle":                       all,
		"/aufgaben?sicht=rolle&rolle=LOK":             all[:1],
		"/aufgaben?sicht=rolle&rolle=KM":              nil,
		"/aufgaben?sicht=gibtesnicht&seite=ungueltig": all[2:],
	} {
		if got := titles(fed, path); !slices.Equal(got, want) {
			t.Errorf("the lead office at %s: %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string][]string{
		"/aufgaben": nil, "/aufgaben?sicht=kommunen": all, "/aufgaben?sicht=ueberfaellig": all[:1], "/aufgaben?sicht=rolle&rolle=KUF": all[1:2],
	} {
		if got := titles(w.svc(), path); !slices.Equal(got, want) {
			t.Errorf("the service office at %s: %q, want %q", path, got, want)
		}
	}
	page := shows(t, fed, "/aufgaben?sicht=rolle", "Ihre Rolle: federführendes Amt", "Arbeitstage über dem Termin: 3", "Gefragt seit 13.04.2026")
	if got := strings.Join(texts(page, "nav.tabs a"), ", "); got != "Für mich 1, Alle Vorgänge 3, Überfällig 1, Nach Rolle 3" {
		t.Errorf("the views are %q", got)
	}
	if got := page.All("nav.tabs a[aria-current=page]"); len(got) != 1 || got[0].Text() != "Nach Rolle 3" {
		t.Errorf("the present view is %q", texts(page, "nav.tabs a[aria-current=page]"))
	}
	shows(t, w.signedIn("niemand@anderswo.example", "FED"), "/aufgaben?sicht=ueberfaellig", "Nichts offen", "Kein Schritt ist überfällig")
	if got := page.All("input[checked]"); len(got) > 0 {
		t.Error("steps are chosen before anybody chose them")
	}
	if got := shows(t, fed, "/aufgaben?sicht=kommunen&auswahl=alle").All("input[checked]"); len(got) != 3 {
		t.Errorf("%d steps are chosen, want all 3", len(got))
	}
	if got := shows(t, w.signedIn(lead, "LEI"), "/aufgaben?sicht=kommunen").All("main .task input"); len(got) > 0 {
		t.Error("who only reads is offered to remind")
	}
}

func TestMunicipalitiesHaveAState(t *testing.T) {
	t.Parallel()
	w := cohort(t)
	b := w.svc()
	r := shows(t, b, "/kommunen", "Kommunen: 3")
	want := "Beispielheim 05999001 Nordrhein-Westfalen pausiert, Musterdorf 05999002 Nordrhein-Westfalen interessiert, Musterstadt 09999123 Bayern aktiv"
	var got []string
	for _, row := range texts(r, "tbody tr") {
		head, _, _ := strings.Cut(row, " KK-")
		got = append(got, head)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("the lines are %q, want %q", got, want)
	}
	for query, want := range map[string]int{"?stand=active": 1, "?land=NW": 2, "?suche=muster": 2, "?stand=withdrawn": 0, "?suche=muster&stand=candidate": 1} {
		if got := len(shows(t, b, "/kommunen"+query).All("tbody tr")); got != want {
			t.Errorf("%s: %d municipalities, want %d", query, got, want)
		}
	}
	w.adopt("KK-2026-0001")
	shows(t, b, "/kommunen/09999123", "Musterstadt", "Vorgang KK-2026-0001", "O05 Kooperationsvereinbarung", "leitung@musterstadt.example")
	if text := shows(t, w.signedIn(lead, "LEI"), "/kommunen/09999123", "Musterstadt").Text(); strings.Contains(text, "@musterstadt.example Name") || strings.Contains(text, "amt@musterstadt.example") {
		t.Errorf("the head of administration sees contacts: %s", text)
	}
	for _, path := range []string{"/kommunen/05999001", "/kommunen/x", "/kommunen/KK-2026-0001"} {
		if r := w.signedIn(lead, "LEI").Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.Status)
		}
	}
}

// A municipality that the register lacks has no key: its case names it.
func TestMunicipalityWithoutKeyHasAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.beginFor(municipality.Municipality{Name: "Verband Musterland", Kind: "VG", Land: "SN", ByHand: true}, process.People{"FED": {{Email: "amt@verband.example"}}})
	r := shows(t, w.svc(), "/kommunen")
	link := r.All("tbody th a")[0].Attr("href")
	shows(t, w.svc(), link, "Verband Musterland", w.no)
}

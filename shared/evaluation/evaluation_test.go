package evaluation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kokoma/shared/evaluation"
	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

// world is the evaluation with real surveys behind it.
type world struct {
	t       testing.TB
	table   table.Table
	surveys *survey.Service
	eval    *evaluation.Service
	handler http.Handler
	clock   time.Time
	until   lang.Date // last day of the surveys that start
}

type nobody struct{}

func (nobody) Send(context.Context, mail.Message) (string, error) { return "1", nil }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, table: tabletest.New(t), clock: day("2026-08-03").At(9, 0), until: day("2026-08-28")}
	templates, err := mail.LoadTemplates(survey.Mails)
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Site(t, survey.Texts, evaluation.Texts)
	log := slog.New(slog.DiscardHandler)
	links := mail.NewLinks(webtest.Base, map[int][]byte{1: []byte(strings.Repeat("k", 32))}, 1)
	now := func() time.Time { return w.clock }
	w.surveys, err = survey.New(survey.Deps{
		Table: w.table, Site: site, Links: links, Library: form.NewLibrary(w.table, now), Log: log, Now: now,
		Outbox: mail.New(mail.Deps{Table: w.table, Sender: nobody{}, Links: links, Templates: templates, Log: log}),
		Closed: func(ctx context.Context, _, _ string, _ int, id string, now time.Time) error {
			return w.eval.Closed(ctx, id, now)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.eval, err = evaluation.New(evaluation.Deps{Table: w.table, Site: site, Library: w.surveys.Library}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	site.Routes(mux)
	w.eval.Routes(mux)
	w.handler = mux
	return w
}

func day(iso string) lang.Date {
	d, err := lang.ParseDate(iso)
	if err != nil {
		panic(err)
	}
	return d
}

// group is how many people of a sector answer every item alike.
type group struct {
	n      int
	value  string
	sector string
}

// start plans a survey in town number i and stores answers as people would.
func (w *world) start(i int, mode survey.Mode, groups ...group) string {
	w.t.Helper()
	p := survey.Planned{
		Case: fmt.Sprint("C", i), CaseNo: fmt.Sprint("KK-2026-000", i), Step: "A06", Iteration: 1, Form: "S_T0", Mode: mode, From: day("2026-08-03"), To: w.until,
		Municipality: survey.Whose{Key: fmt.Sprintf("0999910%d", i), Name: fmt.Sprint("Musterstadt ", i), Land: "TH"},
	}
	total := 0
	for _, g := range groups {
		total += g.n
	}
	for k := range max(2*total, 10) {
		p.Addresses = append(p.Addresses, fmt.Sprintf("p%03d@example.org", k))
	}
	if mode == survey.Open {
		p.Addresses = nil
	}
	ops, id, err := w.surveys.Plan(w.t.Context(), p, w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(ops...)
	w.due(id)
	var puts []table.Op
	for gi, g := range groups {
		for k := range g.n {
			puts = append(puts, table.Put(table.Item{
				Key:  table.Key{Table: table.Answers, PK: "survey#" + id, SK: fmt.Sprintf("%d-%d", gi, k)},
				Kind: "response", Body: answer(g),
			}))
		}
	}
	for batch := range slices.Chunk(puts, 90) {
		w.write(batch...)
	}
	return id
}

func answer(g group) []byte {
	a := map[string]string{"P1": g.sector}
	for construct, n := range map[string]int{"HS": 6, "KOM": 5, "KOOP": 5, "VERF": 6, "KF": 5, "PRAE": 3, "VER": 4, "NETZ": 4, "DEM": 4, "LAGE": 3} {
		for i := range n {
			a[fmt.Sprintf("%s%d", construct, i+1)] = g.value
		}
	}
	b, err := json.Marshal(map[string]any{"week": "2026-W32", "answers": a})
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) write(ops ...table.Op) {
	w.t.Helper()
	if err := w.table.Write(w.t.Context(), ops...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) due(id string) {
	w.t.Helper()
	if err := w.surveys.Due(w.t.Context(), table.Key{PK: "survey#" + id, SK: "head"}, w.clock); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close(ids ...string) {
	w.t.Helper()
	w.closeAt(day("2026-08-28"), ids...)
}

func (w *world) closeAt(last lang.Date, ids ...string) {
	w.t.Helper()
	w.clock = last.AddDays(1).At(0, 5)
	for _, id := range ids {
		w.due(id)
	}
	w.evaluate()
}

// evaluate does what is due of the evaluation, as the tick does.
func (w *world) evaluate() {
	w.t.Helper()
	for more := true; more; {
		more = false
		w.clock = w.clock.Add(time.Minute)
		for shard := range table.Shards() {
			for it, err := range table.All(w.t.Context(), w.table, table.DueUntil(shard, w.clock)) {
				if err != nil {
					w.t.Fatal(err)
				}
				if !strings.HasPrefix(it.PK, "evaluation") {
					continue
				}
				more = true
				if err := w.eval.Due(w.t.Context(), it.Key, w.clock); err != nil {
					w.t.Fatal(err)
				}
			}
		}
	}
}

func (w *world) as(roles ...web.Role) *webtest.Browser {
	return webtest.NewBrowser(w.t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		u := &web.User{Email: "wer@example.org", Roles: roles}
		w.handler.ServeHTTP(rw, r.WithContext(web.WithUser(r.Context(), u)))
	}))
}

func (w *world) office() *webtest.Browser { return w.as(web.Role{Code: "SVC"}) }

// threeTowns are the worked check of kokoma.md 4.6: 60.0 (n=20), 80.0 (n=10), 70.0 (n=5).
func (w *world) threeTowns() []string {
	return []string{
		w.start(1, survey.Closed, group{8, "5", "ADM"}, group{8, "3", "CIV"}, group{4, "1", "CIV"}),
		w.start(2, survey.Closed, group{6, "5", "ADM"}, group{4, "3", "POL"}),
		w.start(3, survey.Closed, group{2, "5", "ADM"}, group{3, "3", "POL"}),
	}
}

func TestValuesOverAllMunicipalities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.threeTowns()
	if page := w.office().Get("/auswertung"); !strings.Contains(page.Text(), "noch keine Befragung ausgewertet") {
		t.Errorf("before any survey closed:\n%s", page.Text())
	}
	w.close(ids[:2]...)
	two := w.office().Get("/auswertung").Text()
	if !strings.Contains(two, "mindestens drei Kommunen mit je fünf Antworten. Bisher: 2.") || strings.Contains(two, "65,0") {
		t.Errorf("with two towns:\n%s", two)
	}
	w.close(ids[2])
	page := w.office().Get("/auswertung")
	for _, want := range []string{"Handlungssicherheit 70,0 67,1 3 35", "Mittel der Kommunen: Jede zählt gleich", "Musterstadt 1", "Musterstadt 3"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the overview lacks %q:\n%s", want, page.Text())
		}
	}
	if strings.Contains(page.Body, "⟦") || strings.Count(page.Body, "<svg") != 1 {
		t.Errorf("the overview:\n%s", page.Body)
	}
	english := w.office().Get("/en/auswertung").Text()
	if !strings.Contains(english, "Confidence in acting 70.0 67.1 3 35") {
		t.Errorf("in English:\n%s", english)
	}
}

// TestResultsSpeakAsTheSurveyAsked: a result names questions as the version did that people answered.
func TestResultsSpeakAsTheSurveyAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.start(1, survey.Closed, group{12, "4", "ADM"})
	in, err := survey.Instruments().Instrument("S_T0")
	if err != nil {
		t.Fatal(err)
	}
	const asked, new = "Wie stark belastet der Konflikt derzeit das Zusammenleben?", "Wie sehr belastet der Streit das Zusammenleben?"
	f, err := form.Compile("t0", bytes.ReplaceAll(bytes.ReplaceAll(in.Form.Canonical(), []byte(asked), []byte(new)),
		[]byte(`"version":"1"`), []byte(`"version":"2"`)), form.Stored())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.surveys.Library.SaveDraft(t.Context(), f, "", "", "", w.clock); err != nil {
		t.Fatal(err)
	}
	if _, err := w.surveys.Library.Publish(t.Context(), form.Publication{ID: f.ID, Hash: f.Hash}, w.clock); err != nil {
		t.Fatal(err)
	}
	after := w.start(2, survey.Closed, group{12, "4", "ADM"})
	w.close(before, after)
	for id, want := range map[string]string{before: asked, after: new} {
		if got := w.office().Get("/auswertung/" + id).Text(); !strings.Contains(got, want) {
			t.Errorf("the result lacks %q:\n%s", want, got)
		}
	}
}

// TestFurtherTownsCannotBeSubtracted: the value over all stays until three more came in, and says of when
// it is.
func TestFurtherTownsCannotBeSubtracted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.close(w.threeTowns()...)
	const before = "Handlungssicherheit 70,0 67,1 3 35 28.08.2026"
	for i := 4; i <= 5; i++ {
		w.clock = day("2026-08-03").At(9, 0)
		w.until = day("2026-08-30").AddDays(i)
		w.closeAt(w.until, w.start(i, survey.Closed, group{3, "5", "ADM"}, group{3, "2", "CIV"}))
		if got := w.office().Get("/auswertung").Text(); !strings.Contains(got, before) || !strings.Contains(got, fmt.Sprint("Musterstadt ", i)) {
			t.Errorf("with town %d:\n%s", i, got)
		}
	}
	w.clock = day("2026-08-03").At(9, 0)
	w.until = day("2026-09-10")
	id := w.start(6, survey.Closed, group{3, "5", "ADM"}, group{3, "2", "CIV"})
	w.closeAt(w.until, id)
	const after = "Handlungssicherheit 66,3 65,6 6 53 10.09.2026"
	if got := w.office().Get("/auswertung").Text(); !strings.Contains(got, after) {
		t.Errorf("with three more, want %q:\n%s", after, got)
	}
	first := w.overview()
	if err := w.eval.Closed(t.Context(), id, w.clock); err != nil {
		t.Fatal(err)
	}
	w.evaluate()
	if again := w.overview(); !reflect.DeepEqual(again, first) {
		t.Errorf("told again, the overview changed:\n%+v\n%+v", first, again)
	}
	if got := w.office().Get("/en/auswertung").Text(); !strings.Contains(got, "As of") || !strings.Contains(got, "at least three more municipalities") {
		t.Errorf("in English:\n%s", got)
	}
}

func TestOneTownMayNotDominate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.close(
		w.start(1, survey.Closed, group{11, "5", "ADM"}, group{10, "3", "CIV"}),
		w.start(2, survey.Closed, group{4, "5", "ADM"}, group{2, "3", "POL"}),
		w.start(3, survey.Closed, group{5, "5", "ADM"}, group{2, "3", "POL"}),
	)
	got := w.office().Get("/auswertung").Text()
	if !strings.Contains(got, "Mehr als 60 Prozent der Antworten") || strings.Contains(got, "67,1") {
		t.Errorf("with a town of 21 in 34 answers:\n%s", got)
	}
}

// TestHiddenTownsDontCount: a town with four answers is not in the value, so nothing can be taken from it.
func TestHiddenTownsDontCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.close(append(w.threeTowns(), w.start(4, survey.Closed, group{4, "1", "ADM"}))...)
	if got := w.office().Get("/auswertung").Text(); !strings.Contains(got, "Handlungssicherheit 70,0 67,1 3 35") {
		t.Errorf("with a fourth town of four answers:\n%s", got)
	}
	w.clock = day("2026-08-03").At(9, 0)
	w.close(w.start(5, survey.Closed, group{7, "1", "ADM"}))
	if got := w.office().Get("/auswertung").Text(); !strings.Contains(got, "Handlungssicherheit 70,0 67,1 3 35") {
		t.Errorf("with a fifth town whose seven answers are all alike:\n%s", got)
	}
}

// TestEachTownCountsOnce: of two surveys of one form in a town the later one is in the value.
func TestEachTownCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.threeTowns()
	w.close(append(ids, w.start(1, survey.Closed, group{8, "5", "ADM"}, group{8, "3", "CIV"}, group{4, "1", "CIV"}))...)
	if got := w.office().Get("/auswertung").Text(); !strings.Contains(got, "Handlungssicherheit 70,0 67,1 3 35") {
		t.Errorf("with a town asked twice:\n%s", got)
	}
}

// TestClosedIsIdempotent: called again, and in another order, it leaves the same values and lists.
func TestClosedIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.threeTowns()
	w.close(ids...)
	first, page := w.overview(), w.office().Get("/auswertung").Text()
	for _, id := range []string{ids[2], ids[0], ids[0], ids[1]} {
		if err := w.eval.Closed(t.Context(), id, w.clock); err != nil {
			t.Fatal(err)
		}
		w.evaluate()
	}
	if again := w.overview(); !reflect.DeepEqual(again, first) {
		t.Errorf("the values changed:\n%+v\n%+v", first, again)
	}
	if again := w.office().Get("/auswertung").Text(); again != page {
		t.Errorf("the page changed:\n%s\n%s", page, again)
	}
}

// overview is what is stored of the first wave.
func (w *world) overview() (o evaluation.Wave) {
	w.t.Helper()
	it, err := w.table.Get(w.t.Context(), table.Key{PK: "evaluation", SK: "wave#S_T0"})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(it.Body, &o); err != nil {
		w.t.Fatal(err)
	}
	return o
}

// TestOverviewCosts: at most 2 read units and no write (design.md 10), whatever the number of answers.
func TestOverviewCosts(t *testing.T) {
	t.Parallel()
	cost := func(times int) (write, read float64) {
		w := newWorld(t)
		var ids []string
		for i := range 6 {
			ids = append(ids, w.start(i, survey.Closed, group{5 * times, "5", "ADM"}, group{5 * times, "2", "CIV"}))
		}
		w.close(ids...)
		var m table.Meter
		w.office().Do(httptest.NewRequestWithContext(table.WithMeter(t.Context(), &m), http.MethodGet, "/auswertung", nil))
		return m.Units()
	}
	fewWrite, fewRead := cost(1)
	manyWrite, manyRead := cost(10)
	if fewWrite+manyWrite != 0 || manyRead > 2 || manyRead != fewRead {
		t.Errorf("opening costs %v and %v units with few answers, %v and %v with many", fewWrite, fewRead, manyWrite, manyRead)
	}
}

func TestNothingIsShownWhileASurveyRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start(1, survey.Closed, group{8, "5", "ADM"}, group{8, "3", "CIV"})
	running := w.office().Get("/auswertung/" + id)
	unknown := w.office().Get("/auswertung/AAAAAAAAAAAAAAAA")
	if running.Status != http.StatusNotFound || running.Text() != unknown.Text() {
		t.Errorf("a running survey gives %d:\n%s", running.Status, running.Text())
	}
}

// TestAddressesMadeByHandFindNothing: an id that is none is not looked up.
func TestAddressesMadeByHandFindNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"%ff", "%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff", "%00", "aaaaaaaaaaaaaaaa", strings.Repeat("A", 3000)} {
		if page := w.office().Get("/auswertung/" + id); page.Status != http.StatusNotFound {
			t.Errorf("%q gives %d, want 404", id, page.Status)
		}
	}
}

func TestOneMunicipality(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start(1, survey.Closed, group{5, "5", "ADM"}, group{4, "4", "ADM"}, group{3, "3", "CIV"},
		group{2, "2", "CIV"}, group{3, "2", "POL"}, group{3, "1", "POL"})
	w.close(id)
	page := w.office().Get("/auswertung/" + id)
	for _, want := range []string{
		"Auswertung: Musterstadt 1", "Eingeladen 40", "Antworten 20", "Rücklauf 50,0 %",
		// 5 x 100, 4 x 75, 3 x 50, 5 x 25, 3 x 0: 53.75. The reversed item of KOM pulls to the middle: 52.25.
		"Handlungssicherheit 53,8 20 36,5 45,0 % 40,0 %", "Kommunikation 52,3 20",
		"Wie sicher fühlen Sie sich darin, …", "(umgekehrt gewertet)", "Stufen 1 bis 3", "So wird gerechnet",
		"Handlungssicherheit 88,9 (9)", "nicht gezeigt",
	} {
		if !strings.Contains(strings.ReplaceAll(page.Text(), "\u00a0", " "), want) {
			t.Errorf("the page lacks %q:\n%s", want, page.Text())
		}
	}
	if strings.Contains(page.Body, "⟦") {
		t.Error("a text is missing")
	}
	wellFormed(t, page.Body)
	if en := w.office().Get("/en/auswertung/" + id).Text(); !strings.Contains(en, "Confidence in acting 53.8 20") || strings.Contains(en, "Handlungssicherheit") {
		t.Errorf("in English:\n%s", en)
	}
}

// wellFormed: each chart has its name, and no id comes twice.
func wellFormed(t *testing.T, body string) {
	t.Helper()
	ids := map[string]bool{}
	charts := 0
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Data == "svg" && tok.Type == html.StartTagToken {
			charts++
		}
		for _, a := range tok.Attr {
			if a.Key == "id" && ids[a.Val] {
				t.Errorf("id %q comes twice", a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
		}
	}
	if charts != 2+9+3 {
		t.Errorf("%d charts, want indices, bands, nine constructs and three single items", charts)
	}
}

// TestFewAnswersShowNothing: five are needed, in the survey and in a sector.
func TestFewAnswersShowNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	few := w.start(1, survey.Closed, group{4, "5", "ADM"})
	open := w.start(2, survey.Open, group{9, "5", "ADM"}, group{4, "3", "POL"})
	alike := w.start(3, survey.Closed, group{7, "5", "ADM"})
	w.close(few, open, alike)
	page := w.office().Get("/auswertung/" + few).Text()
	if !strings.Contains(page, "weniger als fünf") || strings.Contains(page, "100,0") {
		t.Errorf("four answers show\n%s", page)
	}
	page = w.office().Get("/auswertung/" + open).Text()
	for _, want := range []string{"Rücklauf nicht bestimmbar", "offenen Link", "Eine Aufteilung nach Bereichen ist nicht möglich"} {
		if !strings.Contains(page, want) {
			t.Errorf("an open survey with sectors of 9 and 4 lacks %q:\n%s", want, page)
		}
	}
	if page = w.office().Get("/auswertung/" + alike).Text(); strings.Contains(page, "100,0") || !strings.Contains(page, "nicht gezeigt") {
		t.Errorf("seven people who all answered alike show\n%s", page)
	}
}

// TestWhoSeesResults is the part of kokoma.md 6.1 about results.
func TestWhoSeesResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.threeTowns()
	w.close(ids...)
	cases := []struct {
		role                  web.Role
		overview, own, others int
		project               bool
	}{
		{web.Role{Code: "SVC"}, 200, 200, 200, true},
		{web.Role{Code: "EVA"}, 200, 200, 200, true},
		{web.Role{Code: "EXT", Municipality: "C1"}, 200, 200, 404, true},
		{web.Role{Code: "LOK", Municipality: "C1"}, 200, 200, 404, true},
		{web.Role{Code: "FED", Municipality: "09999101"}, 200, 200, 404, true},
		{web.Role{Code: "LEI", Municipality: "KK-2026-0001"}, 200, 200, 404, true},
		{web.Role{Code: "BUE", Municipality: "KK-2026-0009"}, 200, 404, 404, false},
		{web.Role{Code: "KUF", Municipality: "C1"}, 200, 200, 404, true},
		{web.Role{Code: "LEI", Municipality: "C1"}, 200, 200, 404, true},
		{web.Role{Code: "STG", Municipality: "C1"}, 200, 200, 404, true},
		{web.Role{Code: "BUE", Municipality: "C1"}, 200, 200, 404, false},
		{web.Role{Code: "KM", Municipality: "C1"}, 200, 404, 404, true},
		{web.Role{Code: "ADM"}, 404, 404, 404, false},
		{web.Role{Code: "DSB"}, 404, 404, 404, false},
		{web.Role{Code: "TRA", Municipality: "C1"}, 404, 404, 404, false},
	}
	for _, c := range cases {
		b := w.as(c.role)
		overview := b.Get("/auswertung")
		got := [3]int{overview.Status, b.Get("/auswertung/" + ids[0]).Status, b.Get("/auswertung/" + ids[1]).Status}
		if got != [3]int{c.overview, c.own, c.others} {
			t.Errorf("%+v: overview, own, others give %v; want %d %d %d", c.role, got, c.overview, c.own, c.others)
		}
		if shows := strings.Contains(overview.Text(), "67,1"); shows != c.project {
			t.Errorf("%+v: values over all shown: %v, want %v", c.role, shows, c.project)
		}
		if c.others == 404 && strings.Contains(overview.Text(), "Musterstadt 2") {
			t.Errorf("%+v sees another municipality's survey listed", c.role)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/auswertung", nil)
	if page := webtest.NewBrowser(t, w.handler).Do(r); page.Status != http.StatusSeeOther {
		t.Errorf("without sign-in: %d", page.Status)
	}
}

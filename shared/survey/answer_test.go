package survey_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/table"
)

// running plans a survey, opens it and returns its id and the links in its mails.
func (w *world) running(change ...func(*survey.Planned)) (id string, links []string) {
	w.t.Helper()
	id = w.plan(change...)
	w.turn(day("2026-08-03").At(8, 0))
	for _, m := range w.sent() {
		links = append(links, linkIn(w.t, m))
	}
	return id, links
}

func (w *world) answers(id string) []table.Item { return w.items(table.Answers, "survey#"+id) }

// TestAnswerHoldsNothingButTheAnswers: week and answers, under a random key, and that is all.
func TestAnswerHoldsNothingButTheAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	w.turn(day("2026-08-20").At(15, 0))
	w.respondent(links[0]).send(map[string]string{"HS1": "4", "KOM5": "NA", "OP1": "Mehr Gespräche.", "P1": "CIV"})
	got := w.answers(id)
	if len(got) != 1 {
		t.Fatalf("%d answers, want 1", len(got))
	}
	want := `{"week":"2026-W32","answers":{"HS1":"4","KOM5":"NA","OP1":"Mehr Gespräche.","P1":"CIV"}}`
	if string(got[0].Body) != want {
		t.Errorf("stored %s, want %s", got[0].Body, want)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !uuid.MatchString(got[0].SK) || got[0].Version != 0 || got[0].Counters != nil || !got[0].Expires.IsZero() {
		t.Errorf("the item tells more: %+v", got[0])
	}
}

// TestSubmissionCosts counts units (design.md 10): without the look-up of the link at most 8 write and 1
// read unit for a survey of 45 items.
func TestSubmissionCosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, links := w.running()
	r := w.respondent(links[0]).fill(same("4", "ADM"))
	link := spend(w, func() { r.browser.Get("/b/danke") })
	if link != (table.Units{}) {
		t.Errorf("the last page costs %+v", link)
	}
	form := url.Values{"_state": {r.state()}, "_go": {"send"}, "P1": {"ADM"}}
	var meter table.Meter
	req := httptest.NewRequestWithContext(table.WithMeter(t.Context(), &meter), http.MethodPost, r.path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if page := r.browser.Do(req); page.Status != http.StatusSeeOther {
		t.Fatalf("sending gives %d", page.Status)
	}
	write, read := meter.Units()
	const linkLookup = 1
	if write > 8 || read-linkLookup > 1 {
		t.Errorf("a submission costs %v write and %v read units (of these %v for the link); want at most 8 and 1", write, read, linkLookup)
	}
	t.Logf("a submission costs %v write and %v read units", write, read)
}

func spend(w *world, f func()) table.Units {
	var m table.Meter
	f()
	write, read := m.Units()
	return table.Units{Write: write, Read: read}
}

// TestTwoPostsOfOneInvitation at the same moment: one answer, and both see the same page.
func TestTwoPostsOfOneInvitation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	r := w.respondent(links[0]).fill(same("4", "ADM"))
	v := url.Values{"_state": {r.state()}, "_go": {"send"}, "P1": {"ADM"}}
	var wg sync.WaitGroup
	pages := make([]string, 20)
	for i := range pages {
		wg.Go(func() {
			p := w.respondent(r.path).browser.Post(r.path, v)
			pages[i] = strconv.Itoa(p.Status) + " " + p.Location()
		})
	}
	wg.Wait()
	for _, p := range pages {
		if p != "303 /b/danke" {
			t.Errorf("one of the posts gives %q, want the thanks", p)
		}
	}
	if got := len(w.answers(id)); got != 1 {
		t.Errorf("%d answers, want 1", got)
	}
	if page := w.respondent(links[0]).browser.Get(links[0]); page.Status != http.StatusNotFound {
		t.Errorf("the used link gives %d, want the calm page", page.Status)
	}
}

// TestManyPeopleAtOnce: none of the answers is lost, and the counter agrees.
func TestManyPeopleAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	var wg sync.WaitGroup
	for _, link := range links {
		wg.Go(func() { w.respondent(link).send(map[string]string{"HS1": "3"}) })
	}
	wg.Wait()
	head, err := w.table.Get(t.Context(), table.Key{PK: "survey#" + id, SK: "head"})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(w.answers(id)); got != 12 || head.Counters["answers"] != 12 {
		t.Errorf("%d answers, counter %d; want 12", got, head.Counters["answers"])
	}
}

// TestLateAnswerAndClosingNeverCross: whoever got the thanks is in the result.
func TestLateAnswerAndClosingNeverCross(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	var sheets []*respondent
	for _, link := range links {
		sheets = append(sheets, w.respondent(link).fill(same("4", "ADM")))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	thanked := 0
	for _, r := range sheets {
		wg.Go(func() {
			if r.press("send", nil); r.page.Status == http.StatusSeeOther {
				mu.Lock()
				thanked++
				mu.Unlock()
			}
		})
	}
	w.turn(day("2026-08-29").At(0, 0))
	wg.Wait()
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(w.answers(id)); got != thanked {
		t.Errorf("%d answers stored, %d people thanked", got, thanked)
	}
	if thanked >= 5 && snap.Result.Answers != thanked {
		t.Errorf("%d people thanked, %d answers in the result", thanked, snap.Result.Answers)
	}
}

// meanwhile runs something just before the next write that stores an answer.
type meanwhile struct {
	table.Table
	do func()
}

func (m *meanwhile) Write(ctx context.Context, ops ...table.Op) error {
	for _, op := range ops {
		if do := m.do; do != nil && op.Item.Table == table.Answers {
			m.do = nil
			do()
		}
	}
	return m.Table.Write(ctx, ops...)
}

// TestClosingInTheLastMoment: the survey closes between the reading and the writing of an answer. It is
// not stored, since the result is computed already; an extension in that moment does no harm.
func TestClosingInTheLastMoment(t *testing.T) {
	t.Parallel()
	m := &meanwhile{}
	w := newWorld(t, func(inner table.Table) table.Table {
		m.Table = inner
		return m
	})
	id, links := w.running()
	first, second := w.respondent(links[0]).fill(same("4", "ADM")), w.respondent(links[1]).fill(same("4", "ADM"))
	m.do = func() {
		w.as(office()).Post("/befragungen/"+id+"/verlaengern", url.Values{"window_to": {"4.9.2026"}})
	}
	if first.press("send", nil); first.page.Location() != "/b/danke" || len(w.answers(id)) != 1 {
		t.Errorf("an answer beside an extension gives %d", first.page.Status)
	}
	m.do = func() { w.turn(day("2026-09-05").At(0, 0)) }
	if second.press("send", nil); second.page.Status != http.StatusNotFound || len(w.answers(id)) != 1 {
		t.Errorf("an answer beside the closing gives %d, %d answers stored", second.page.Status, len(w.answers(id)))
	}
}

// TestScannersSpendNothing: twenty GETs and HEADs, and a browser that presses every button on the way.
func TestScannersSpendNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	before := w.dump(id)
	for range 20 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := httptest.NewRequestWithContext(t.Context(), method, links[0], nil)
			if page := w.respondent(links[0]).browser.Do(r); page.Status != http.StatusOK {
				t.Fatalf("%s gives %d", method, page.Status)
			}
		}
	}
	r := w.respondent(links[0]).start()
	for range 14 {
		for _, button := range []string{"back", "stay", "send", ""} {
			w.respondent(links[0]).browser.Post(links[0], url.Values{"_state": {r.state()}, "_go": {button}})
		}
		if r.press("next", nil); r.page.Status != http.StatusOK {
			t.Fatalf("a page gives %d", r.page.Status)
		}
	}
	r.press("send", nil)
	if r.page.Status != http.StatusUnprocessableEntity || !strings.Contains(r.page.Text(), "noch nichts beantwortet") {
		t.Errorf("an empty survey gives %d:\n%s", r.page.Status, r.page.Text())
	}
	if after := w.dump(id); after != before {
		t.Errorf("scanning changed the tables:\n%s\n%s", before, after)
	}
	// The person comes afterwards, and the profile alone is no answer either.
	r.press("send", map[string]string{"P1": "ADM"})
	if r.page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a profile alone gives %d", r.page.Status)
	}
	if page := w.respondent(links[0]).send(same("4", "ADM")); page.Status != http.StatusSeeOther {
		t.Errorf("after the scanner the person's answers give %d", page.Status)
	}
}

// dump writes down both partitions of a survey.
func (w *world) dump(id string) string {
	return fmt.Sprint(w.items(table.Main, "survey#"+id), w.items(table.Answers, "survey#"+id))
}

// TestLinksThatDontLeadOnLookAlike: unknown, foreign, changed, used, too early, too late.
func TestLinksThatDontLeadOnLookAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, links := w.running()
	shared, _ := w.running(func(p *survey.Planned) { p.Mode, p.Addresses = survey.Open, nil })
	good := "/b/o/" + w.links.Token(mail.Link{Purpose: "surveyopen", ID: shared})
	if page := w.respondent(good).browser.Get(good); page.Status != http.StatusOK {
		t.Fatalf("the shared link gives %d", page.Status)
	}
	early := w.plan(func(p *survey.Planned) { p.From, p.To = day("2026-09-01"), day("2026-09-20") })
	w.respondent(links[0]).send(same("4", "ADM"))
	bad := map[string]string{
		"used":           links[0],
		"unknown":        "/b/ABCDEFGHIJKLMNOPQRSTUVWXYZ.1" + strings.Repeat("a", 32),
		"no token":       "/b/x",
		"changed":        links[1][:len(links[1])-1] + "?",
		"other letter":   flip(links[1]),
		"open, early":    "/b/o/" + w.links.Token(mail.Link{Purpose: "surveyopen", ID: early}),
		"open, changed":  flip(good),
		"closed as open": "/b/o/" + strings.TrimPrefix(links[1], "/b/"),
		"made up open":   "/b/o/" + w.links.Token(mail.Link{Purpose: "surveyopen", ID: "AAAAAAAAAAAAAAAA"}),
	}
	var first string
	for name, path := range bad {
		for _, page := range []string{
			w.respondent(path).browser.Get(path).Text(),
			w.respondent(path).browser.Post(path, url.Values{"_go": {"start"}}).Text(),
		} {
			if first == "" {
				first = page
			}
			if page != first || !strings.Contains(page, "Dieser Link führt nicht weiter") {
				t.Errorf("%s shows\n%s\nwant\n%s", name, page, first)
			}
		}
	}
}

func flip(link string) string {
	last := "a"
	if strings.HasSuffix(link, "a") {
		last = "b"
	}
	return link[:len(link)-1] + last
}

// TestPagesBelongToTheirLink: the sealed pages of one person are worth nothing at another's link.
func TestPagesBelongToTheirLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	r := w.respondent(links[0]).fill(same("4", "ADM"))
	for name, state := range map[string]string{
		"another's": r.state(), "changed": r.state()[:20] + "x" + r.state()[21:], "rubbish": "1.abc", "no number": "abc",
	} {
		page := w.respondent(links[1]).browser.Post(links[1], url.Values{"_state": {state}, "_go": {"send"}})
		if page.Status != http.StatusBadRequest {
			t.Errorf("%s pages give %d, want 400", name, page.Status)
		}
	}
	if got := len(w.answers(id)); got != 0 {
		t.Errorf("%d answers, want none", got)
	}
	if strings.Contains(r.state(), "HS1") {
		t.Error("the page's state can be read")
	}
}

// TestBackKeepsWhatWasEntered, and so does the other language.
func TestBackKeepsWhatWasEntered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, links := w.running()
	r := w.respondent(links[0]).start()
	r.press("next", map[string]string{"HS1": "5"})
	r.press("stay", map[string]string{"KOM2": "2"})
	if got := checked(t, r.page.Body); got["KOM2"] != "2" {
		t.Errorf("the same page lost its answers: %v", got)
	}
	r.path = "/en" + r.path
	r.press("back", nil)
	if got := checked(t, r.page.Body); got["HS1"] != "5" {
		t.Errorf("the page before lost its answers: %v", got)
	}
	if !strings.Contains(r.page.Text(), "Confidence in acting") || !strings.Contains(r.page.Body, `lang="en"`) {
		t.Errorf("the page is not English:\n%s", r.page.Text())
	}
	r.press("next", nil)
	if got := checked(t, r.page.Body); got["KOM2"] != "2" {
		t.Errorf("the later page lost its answers: %v", got)
	}
	if strings.Contains(r.page.Body, `hreflang="de"`) && strings.Contains(r.page.Body, `href="/b/`) {
		t.Error("a page of questions links to the other language, which would lose the answers")
	}
}

// checked lists the chosen radio buttons of a page.
func checked(t *testing.T, body string) map[string]string {
	t.Helper()
	out := map[string]string{}
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Data != "input" {
			continue
		}
		a := map[string]string{}
		for _, at := range tok.Attr {
			a[at.Key] = at.Val
		}
		if _, ok := a["checked"]; ok {
			out[a["name"]] = a["value"]
		}
	}
	return out
}

// TestHandMadePostsAreJudged on the page and once more on sending.
func TestHandMadePostsAreJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	for name, bad := range map[string]map[string]string{
		"unknown option": {"HS1": "6"}, "unknown question": {"HS99": "3"}, "another page's question": {"KOM1": "3"},
	} {
		r := w.respondent(links[0]).start().press("next", bad)
		if r.page.Status != http.StatusUnprocessableEntity || !strings.Contains(r.page.Body, "<title>Fehler:") {
			t.Errorf("%s gives %d", name, r.page.Status)
		}
	}
	r := w.respondent(links[0]).start()
	for range 10 {
		r.press("next", nil)
	}
	long := map[string]string{"OP1": strings.Repeat("ä", 1001)}
	if r.press("next", long); r.page.Status != http.StatusUnprocessableEntity || !strings.Contains(r.page.Body, strings.Repeat("ä", 1001)) {
		t.Errorf("a text of 1,001 letters gives %d, or is gone", r.page.Status)
	}
	if r.press("next", map[string]string{"OP1": strings.Repeat("ä", 1000)}); r.page.Status != http.StatusOK {
		t.Errorf("a text of 1,000 letters gives %d", r.page.Status)
	}
	huge := w.respondent(links[0]).browser.Post(links[0], url.Values{"OP1": {strings.Repeat("x", 300_000)}})
	if huge.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("an oversize body gives %d, want 413", huge.Status)
	}
	if got := len(w.answers(id)); got != 0 {
		t.Errorf("%d answers, want none", got)
	}
}

// TestOpenSurvey: one link for all, no invitations, and sending twice stores once.
func TestOpenSurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, mails := w.running(func(p *survey.Planned) { p.Mode, p.Addresses, p.Expected = survey.Open, nil, 20 })
	if len(mails) != 0 {
		t.Fatalf("an open survey mailed %d people", len(mails))
	}
	link := "/b/o/" + w.links.Token(mail.Link{Purpose: "surveyopen", ID: id})
	desk := w.as(office()).Get("/befragungen/" + id)
	if !strings.Contains(desk.Body, link) {
		t.Errorf("the desk does not show the shared link:\n%s", desk.Text())
	}
	for range 6 {
		r := w.respondent(link).fill(same("3", "POL"))
		v := url.Values{"_state": {r.state()}, "_go": {"send"}}
		for range 2 {
			if page := r.browser.Post(link, v); page.Location() != "/b/danke" {
				t.Fatalf("sending gives %d", page.Status)
			}
		}
	}
	if got := len(w.answers(id)); got != 6 {
		t.Errorf("%d answers, want 6", got)
	}
	w.turn(day("2026-08-29").At(0, 0))
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Mode != survey.Open || snap.Rate != nil || snap.Result.Answers != 6 {
		t.Errorf("mode %s, rate %v, answers %d; want open, none, 6", snap.Mode, snap.Rate, snap.Result.Answers)
	}
}

func TestInformationPageSaysWhatTheDomainAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, links := w.running(func(p *survey.Planned) { p.Lang = lang.EN })
	if !strings.HasPrefix(links[0], "/en/b/") {
		t.Errorf("the English mail leads to %s", links[0])
	}
	german := w.respondent(links[0]).browser.Get(strings.TrimPrefix(links[0], "/en"))
	for _, want := range []string{"Befragung starten", "Die Teilnahme ist freiwillig.", "12–15 Minuten", "Stiftung SPI", "können wir sie später nicht mehr einzeln löschen"} {
		if !strings.Contains(german.Text(), want) {
			t.Errorf("the information page lacks %q", want)
		}
	}
	english := w.respondent(links[0]).browser.Get(links[0])
	if !strings.Contains(english.Text(), "Start survey") || strings.Contains(english.Body, "⟦") {
		t.Errorf("the English page:\n%s", english.Text())
	}
	if c := german.Header.Values("Set-Cookie"); len(c) != 0 {
		t.Errorf("the survey sets cookies: %v", c)
	}
}

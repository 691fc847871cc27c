package workflow

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// forged follows a link with a cookie that nobody was given.
func (w *world) forged(path, cookie string) *webtest.Response {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil)
	for _, name := range []string{"schritt", "__Host-schritt"} {
		r.AddCookie(&http.Cookie{Name: name, Value: cookie})
	}
	return w.browser().Do(r)
}

// TestDoneStepsOpenToNobodyWithoutTheirLink does a step at the desk and one by
// link, and tries them as somebody who knows ids, addresses and even cookies.
func TestDoneStepsOpenToNobodyWithoutTheirLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	desk := w.svc()
	for _, step := range []string{"O02", "O03", "O04"} {
		path := "/vorgaenge/" + w.id + "/schritte/" + step
		if r := desk.Post(path, fill(desk.Get(path), w.values(step))); r.Status != http.StatusSeeOther {
			t.Fatalf("sending %s: status %d", step, r.Status)
		}
	}
	w.days(1)
	b := w.browser()
	good := w.link(lead, "O05")
	if r := w.send(b, lead, "O05"); r.Status != http.StatusSeeOther {
		t.Fatalf("sending O05: status %d", r.Status)
	}
	if r := b.Get(good + "/fertig"); r.Status != http.StatusOK {
		t.Errorf("the browser that sent it finds status %d", r.Status)
	}
	guess := "." + "1" + strings.Repeat("a", 32)
	want := w.browser().Get("/s/unbekannt")
	look := func(what string, r *webtest.Response) {
		t.Helper()
		if r.Status != want.Status || r.Text() != want.Text() {
			t.Errorf("%s: status %d\n%s", what, r.Status, r.Text())
		}
	}
	for _, end := range []string{"", "/fertig"} {
		decided := "/s/" + cases.IDOf(w.id, process.Ref{Step: "O04", Iteration: 1}) + guess + end
		look("a cookie made of an address", w.forged(decided, "desk "+office))
		look("the cookie without the link", b.Get("/s/"+cases.IDOf(w.id, process.Ref{Step: "O05", Iteration: 1})+guess+end))
		look("the link without the cookie", w.browser().Get(good+end))
	}
}

// code asks for a code in a browser and types it.
func (w *world) code(b *webtest.Browser, path, address string) int {
	w.t.Helper()
	if r := b.Post(path+"/code", nil); r.Status != http.StatusSeeOther {
		return r.Status
	}
	w.tick()
	mails := w.to(address)
	digits := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(mails[len(mails)-1].Text)
	return b.Post(path+"/oeffnen", url.Values{"_code": {digits}}).Status
}

// TestWhoWasHandedAStepUnlocksNothing hands a step that came back, with a draft,
// to an address that the lead office's mail fell into the hands of.
func TestWhoWasHandedAStepUnlocksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.submit("O05", "LEI", "open_points", "erste vertrauliche Fassung")
	w.do(command.Reopen{Meta: by("SVC"), Step: "O05", Reason: "bitte neu"})
	w.days(1)
	path := w.link(lead, "O05")
	b := w.browser()
	if status := w.code(b, path, lead); status != http.StatusSeeOther || !strings.Contains(b.Get(path).Body, "erste vertrauliche Fassung") {
		t.Fatalf("who was asked by role does not see the earlier answers: status %d", status)
	}
	w.saveElsewhere(path, "zweite vertrauliche Fassung")
	const other = "fremd@anderswo.example"
	w.do(command.Handover{Meta: by("LEI"), Ref: w.current("O05").Ref, From: lead, To: process.Person{Email: other}})
	w.days(1)
	path, b = w.link(other, "O05"), w.browser()
	if page := b.Get(path); page.Status != http.StatusOK || strings.Contains(page.Body, path+"/code") {
		t.Errorf("the page offers to unlock: status %d", page.Status)
	}
	if status := w.code(b, path, other); status != http.StatusNotFound {
		t.Errorf("asking for a code: status %d, want 404", status)
	}
	if page := b.Get(path).Body; strings.Contains(page, "vertrauliche Fassung") {
		t.Error("who was handed the step sees what others wrote")
	}
}

// TestDraftsAreNotFoundByTheShortHash: the hash of the case list has 32 bits,
// so that an address with the same one can be made.
func TestDraftsAreNotFoundByTheShortHash(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	w.saveElsewhere(path, "vertraulich")
	for it, err := range table.All(t.Context(), w.table, table.Query{PK: cases.Prefix + w.id, Prefix: "draft#"}) {
		if err != nil || strings.Contains(string(it.Body), cases.WhoHash(lead)) || !strings.Contains(string(it.Body), w.x.Links.Hash(lead)) {
			t.Errorf("a draft says whose it is as %s %v", it.Body, err)
		}
	}
}

// TestLeadOfficeNamesNobodyForTheTandem tries the ways by which the lead office
// could come to read the tandem's notes.
func TestLeadOfficeNamesNobodyForTheTandem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	self := process.Person{Name: "Amt", Email: "amt@musterstadt.example"}
	for _, role := range []string{"EXT", "LOK", "TRA", "EVA"} {
		w.refuses(command.Assign{Meta: by("FED"), Role: role, Person: self}, command.ErrRole)
	}
	w.do(command.Assign{Meta: by("FED"), Role: "KUF", Person: process.Person{Name: "Neue Fachstelle", Email: "neu@musterstadt.example"}})
	ref := w.current("A01").Ref
	w.refuses(command.Handover{Meta: by("FED"), Ref: ref, To: self}, command.ErrRole)
	w.do(command.Handover{Meta: by("LOK"), Ref: ref, To: process.Person{Email: "kollege@verein.example"}})

	fed, base := w.signedIn("amt@musterstadt.example", "FED"), "/vorgaenge/"+w.id
	page := shows(t, fed, base+"/rolle", "Steuerungsgruppe")
	for _, role := range []string{"EXT", "LOK", "TRA"} {
		if strings.Contains(page.Body, `value="`+role+`"`) {
			t.Errorf("the lead office is offered to name %s", role)
		}
		v := fill(page, url.Values{"role": {role}, "name": {"Amt"}, "email": {"amt@musterstadt.example"}})
		if r := fed.Post(base+"/rolle", v); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("naming %s all the same: status %d, want 422", role, r.Status)
		}
	}
	if r := fed.Get(base + "/schritte/A01/beauftragen"); r.Status != http.StatusNotFound {
		t.Errorf("handing over a step of the tandem: status %d, want 404", r.Status)
	}
	shows(t, w.svc(), base+"/rolle", "lokale Prozessbegleitung")
	shows(t, w.svc(), base+"/schritte/A01/beauftragen")
	w.submit("A01", "LOK")
	shows(t, fed, base+"/schritte/A02/beauftragen")
}

// TestLongCaseKeepsItsPeople puts more than a page of a table's answers between
// all that a case has.
func TestLongCaseKeepsItsPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	want := len(w.record().People)
	big := []byte(strconv.Quote(strings.Repeat("x", 300_000)))
	for i := range 5 {
		for _, sort := range []string{"old", "mark", "event"} {
			it := table.Item{Key: cases.Key(w.id, fmt.Sprintf("%s#A01#%d#1", sort, i+1)), Kind: "old", Body: big}
			if err := w.table.Write(w.ctx, table.Put(it)); err != nil {
				t.Fatal(err)
			}
		}
	}
	meter := &table.Meter{}
	c, err := w.x.Load(table.WithMeter(w.ctx, meter), w.id)
	if err != nil || len(c.People) != want || want < 5 {
		t.Fatalf("%d roles are held, want %d: %v", len(c.People), want, err)
	}
	if _, read := meter.Units(); read > 1 {
		t.Errorf("reading a case took %g read units, want 1", read)
	}
}

// TestRolesOfAnAccountAreBoundByKeyOrNumber signs in as who has a role from
// /verwaltung, where a role is for a municipality or a case.
func TestRolesOfAnAccountAreBoundByKeyOrNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	for where, want := range map[string]int{
		"09999123": http.StatusOK, w.no: http.StatusOK, w.id: http.StatusOK,
		"": http.StatusNotFound, "09999124": http.StatusNotFound, "KK-2026-0002": http.StatusNotFound,
	} {
		u := &web.User{Email: "neu@musterstadt.example", Roles: []web.Role{{Code: "KUF", Municipality: where}}}
		b := w.as(u)
		if r := b.Get("/vorgaenge/" + w.id); r.Status != want {
			t.Errorf("a role for %q: status %d, want %d", where, r.Status, want)
		}
		if listed := strings.Contains(b.Get("/vorgaenge").Text(), w.no); listed != (want == http.StatusOK) {
			t.Errorf("a role for %q: the case is listed: %t", where, listed)
		}
	}
	w.beginFor(municipality.Municipality{Key: "09999999", Name: "Neustadt", Land: "BY", ByHand: true}, process.People{})
	u := &web.User{Email: "neu@neustadt.example", Roles: []web.Role{{Code: "KUF", Municipality: "09999999"}}}
	if r := w.as(u).Get("/vorgaenge/" + w.id); r.Status != http.StatusNotFound {
		t.Errorf("a role for a key that was typed by hand: status %d, want 404", r.Status)
	}
}

// TestTasksThatAreNotThereAreNotFound settles what is no task, or is settled.
func TestTasksThatAreNotThereAreNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC", "safety_flag", "Y")
	b := w.svc()
	base := "/vorgaenge/" + w.id + "/erledigen?aufgabe="
	good := base + "safety.O02.1"
	v := fill(shows(t, b, good), url.Values{"reason": {"angerufen"}})
	before := w.head().Seq
	for _, name := range []string{"x.y.1", "safety.O02.2", "safety", "#", strings.Repeat("x", 2000)} {
		if r := b.Get(base + url.QueryEscape(name)); r.Status != http.StatusNotFound {
			t.Errorf("looking at task %q: status %d, want 404", name, r.Status)
		}
		if r := b.Post(base+url.QueryEscape(name), v); r.Status != http.StatusNotFound {
			t.Errorf("settling task %q: status %d, want 404", name, r.Status)
		}
	}
	if got := w.head().Seq; got != before {
		t.Errorf("%d events came of it", got-before)
	}
	if r := b.Post(good, v); r.Status != http.StatusSeeOther {
		t.Errorf("settling: status %d", r.Status)
	}
	if r := b.Get(good); r.Status != http.StatusNotFound {
		t.Errorf("looking at a settled task: status %d, want 404", r.Status)
	}
}

// TestCaseInWhichOthersAreAlwaysFasterAsksForPatience answers 503, and keeps
// what was typed.
func TestCaseInWhichOthersAreAlwaysFasterAsksForPatience(t *testing.T) {
	t.Parallel()
	w, faults := faultyWorld(t)
	w.accepted()
	w.days(1)
	path := w.link(lead, "O05")
	b := w.browser()
	b.Post(path, url.Values{"file_ref": {"x"}, "_save": {"1"}}) // the browser has its cookie
	v := fill(b.Get(path), w.values("O05"))
	faults.Conflict(12)
	r := b.Post(path, v)
	if r.Status != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, want 503", r.Status)
	}
	if r := b.Post(path, v); r.Status != http.StatusSeeOther {
		t.Errorf("a moment later: status %d", r.Status)
	}
}

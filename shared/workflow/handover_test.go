package workflow

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const bureau = "buero@musterstadt.example"

// handOver posts the form that names somebody, in a browser that keeps it.
func (w *world) handOver(b *webtest.Browser, path string, v url.Values) *webtest.Response {
	w.t.Helper()
	return b.Post(path+"/weitergeben", fill(b.Get(path+"/weitergeben"), v))
}

// TestHandoverIsWhole follows a step that was given away: what each side sees,
// and that it can be taken back until the other one has begun.
func TestHandoverIsWhole(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	r := w.handOver(b, path, url.Values{"name": {"Büro der Leitung"}, "email": {bureau}, "reason": {"im Urlaub"}})
	if r.Status != http.StatusOK || !strings.Contains(r.Text(), "Doch selbst erledigen") {
		t.Fatalf("status %d\n%s", r.Status, r.Text())
	}
	w.days(1)
	given := w.link(bureau, "O05")
	mails := w.to(bureau)
	if !strings.Contains(mails[0].Text, "Weitergegeben hat Ihnen den Schritt: Verwaltungsspitze.") {
		t.Errorf("the mail does not say from whom:\n%s", mails[0].Text)
	}
	if text := w.browser().Get(given).Text(); !strings.Contains(text, "Weitergegeben hat Ihnen den Schritt: Verwaltungsspitze.") {
		t.Errorf("the page does not say from whom:\n%s", text)
	}
	if r := b.Get(path); r.Status != http.StatusOK || !strings.Contains(r.Text(), "Schritt weitergegeben") || !strings.Contains(r.Text(), "b…@musterstadt.example") {
		t.Errorf("the old link in its browser: status %d\n%s", r.Status, r.Text())
	}
	unknown := w.browser().Get("/s/unbekannt")
	if r := w.browser().Get(path); r.Status != unknown.Status || r.Text() != unknown.Text() {
		t.Errorf("the old link elsewhere: status %d\n%s", r.Status, r.Text())
	}
	if r := w.browser().Post(path+"/zuruecknehmen", url.Values{"_back": {"1"}}); r.Status != unknown.Status {
		t.Errorf("taking back from elsewhere: status %d", r.Status)
	}
	v := fill(b.Get(path), url.Values{"_back": {"1"}})
	for range 2 {
		if r := b.Post(path+"/zuruecknehmen", v); r.Status != http.StatusSeeOther || r.Location() != path {
			t.Fatalf("taking back: status %d to %q\n%s", r.Status, r.Location(), r.Text())
		}
	}
	w.opens(bureau, "O05", false)
	if r := b.Get(path); !strings.Contains(r.Text(), "Absenden") || strings.Contains(r.Text(), "Gespeichert") {
		t.Errorf("after taking back: status %d\n%s", r.Status, r.Text())
	}
	text := w.svc().Get("/vorgaenge/" + w.id).Text()
	for _, want := range []string{"Weitergegeben: O05", "im Urlaub", "Weitergabe zurückgenommen: O05"} {
		if !strings.Contains(text, want) {
			t.Errorf("the history lacks %q\n%s", want, text)
		}
	}
	w.sameAsEvents()
}

func TestHandoverIsNotTakenBackOnceTheOtherHasBegun(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	w.handOver(b, path, url.Values{"name": {"Büro der Leitung"}, "email": {bureau}})
	w.days(1)
	v := fill(b.Get(path), url.Values{"_back": {"1"}})
	w.saveElsewhere(w.link(bureau, "O05"), "vom Büro begonnen")
	if r := b.Get(path); strings.Contains(r.Text(), "Doch selbst erledigen") || strings.Contains(r.Text(), "vom Büro") {
		t.Errorf("the page still offers it, or shows too much:\n%s", r.Text())
	}
	if r := b.Post(path+"/zuruecknehmen", v); r.Status != http.StatusOK || w.askedFor("O05")[0] != bureau {
		t.Errorf("taking back: status %d, asked %q", r.Status, w.askedFor("O05"))
	}
	w.submit("O05", "LEI")
	if r := b.Get(path); r.Status != http.StatusOK || !strings.Contains(r.Text(), "Der Schritt liegt nicht mehr bei Ihnen") || !strings.Contains(r.Text(), "Verwaltungsspitze") {
		t.Errorf("after it was done: status %d\n%s", r.Status, r.Text())
	}
}

func TestWhoKnowsNobodyLeavesTheStepToTheOffice(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	if r := w.handOver(b, path, url.Values{"nobody": {"Y"}}); r.Status != http.StatusUnprocessableEntity || w.current("O05").Gap != "" {
		t.Fatalf("without a reason: status %d\n%s", r.Status, r.Text())
	}
	v := url.Values{"nobody": {"Y"}, "reason": {"Die Stelle ist unbesetzt."}}
	if r := w.handOver(b, path, v); r.Status != http.StatusOK || !strings.Contains(r.Text(), "Die Servicestelle sucht jemanden") {
		t.Fatalf("status %d\n%s", r.Status, r.Text())
	}
	w.wants("O05", process.Unknown)
	shows(t, w.svc(), "/aufgaben", "abgegeben, niemand als Ersatz bekannt")
	shows(t, w.svc(), "/vorgaenge/"+w.id, "Die Stelle ist unbesetzt.", "abgegeben, niemand als Ersatz bekannt")
	w.days(3)
	if n := len(w.subjects(office, "Wer übernimmt")); n != 1 {
		t.Errorf("%d mails to the service office, want 1", n)
	}
	if r := b.Post(path+"/zuruecknehmen", fill(b.Get(path), url.Values{"_back": {"1"}})); r.Status != http.StatusSeeOther {
		t.Errorf("taking back: status %d\n%s", r.Status, r.Text())
	}
	w.wants("O05", "", lead)
	w.sameAsEvents()
}

// TestHandoverMailIsDroppedWhenTakenBack takes a step back before the mail about
// it could go out.
func TestHandoverMailIsDroppedWhenTakenBack(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	w.set(w.day(0).At(22, 0))
	b := w.browser()
	w.handOver(b, path, url.Values{"name": {"Büro der Leitung"}, "email": {bureau}})
	w.turn(w.now.Add(60 * 60 * 1e9))
	b.Post(path+"/zuruecknehmen", fill(b.Get(path), url.Values{"_back": {"1"}}))
	w.days(3)
	if n := len(w.to(bureau)); n != 0 {
		t.Errorf("%d mails about a step that was taken back", n)
	}
}

func TestHandoverToWhoIsNotThereIsRefusedCalmly(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	w.do(command.Absence{Meta: by("FED"), Email: "amt@musterstadt.example", Own: true, Away: process.Period{To: w.day(5)}})
	r := w.handOver(w.browser(), path, url.Values{"name": {"Amt"}, "email": {"amt@musterstadt.example"}})
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Bitte nennen Sie eine andere") || strings.Contains(r.Text(), "abwesend") {
		t.Errorf("status %d\n%s", r.Status, r.Text())
	}
}

// TestAbsenceByLink enters an absence behind the link of a step.
func TestAbsenceByLink(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	page := shows(t, b, path+"/abwesend", "Ich bin abwesend")
	v := fill(page, url.Values{"from": {w.day(0).String()}, "to": {w.day(-1).String()}})
	if r := b.Post(path+"/abwesend", v); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("ends before it begins: status %d", r.Status)
	}
	if r := b.Post(path+"/abwesend", fill(page, url.Values{"_send": {"1"}})); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing typed: status %d", r.Status)
	}
	typed := func(d lang.Date) string { return fmt.Sprintf("%02d.%02d.%d", d.Day, d.Month, d.Year) }
	v = fill(page, url.Values{"from": {typed(w.day(0))}, "to": {typed(w.day(6))}, "deputy": {deputy}, "deputy_name": {"Stellvertretung"}})
	for range 2 {
		if r := b.Post(path+"/abwesend", v); r.Status != http.StatusOK || !strings.Contains(r.Text(), "Ihre Abwesenheit ist eingetragen") {
			t.Fatalf("status %d\n%s", r.Status, r.Text())
		}
	}
	w.wants("O05", "", deputy)
	w.tick()
	if got := w.subjects(lead, "als abwesend eingetragen"); len(got) != 1 {
		t.Errorf("its owner got %q", got)
	}
	w.days(1)
	fresh := w.browser()
	lent := shows(t, fresh, w.link(deputy, "O05"), "in Vertretung")
	if strings.Contains(lent.Body, "/code") || strings.Contains(lent.Body, "/abwesend") {
		t.Error("who stands in by a link is offered what only the holder of the role may do")
	}
	if r := fresh.Get(w.link(deputy, "O05") + "/abwesend"); r.Status != http.StatusNotFound {
		t.Errorf("who stands in enters an absence: status %d", r.Status)
	}
	shows(t, w.svc(), "/vorgaenge/"+w.id, "Abwesend: Verwaltungsspitze")
	w.days(7)
	w.wants("O05", "", lead)
}

// TestTandemPostsAtOnce posts the same step from both halves of the tandem in
// parallel: one wins, the other one sees who and keeps what they typed.
func TestTandemPostsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.days(1)
	type half struct {
		b    *webtest.Browser
		path string
		v    url.Values
		r    *webtest.Response
	}
	halves := map[string]*half{"externe Prozessbegleitung": {path: w.link("aussen@begleitung.example", "A01")}, "lokale Prozessbegleitung": {path: w.link("vorort@verein.example", "A01")}}
	for role, h := range halves {
		h.b = w.browser()
		h.v = fill(h.b.Get(h.path), w.values("A01"))
		h.v.Set("contact_press", "Eingabe "+role)
	}
	before := w.head().Seq
	var wg sync.WaitGroup
	for _, h := range halves {
		wg.Go(func() { h.r = h.b.Post(h.path, h.v) })
	}
	wg.Wait()
	won, lost := "", ""
	for role, h := range halves {
		switch h.r.Status {
		case http.StatusSeeOther:
			won = role
		case http.StatusConflict:
			lost = role
		default:
			t.Errorf("%s: status %d\n%s", role, h.r.Status, h.r.Text())
		}
	}
	if won == "" || lost == "" || w.head().Seq != before+1 {
		t.Fatalf("won %q, lost %q, %d events", won, lost, w.head().Seq-before)
	}
	text := halves[lost].r.Text()
	for _, want := range []string{won, lang.DateTime(lang.DE, w.now), "Eingabe " + lost} {
		if !strings.Contains(text, want) {
			t.Errorf("who was slower does not see %q:\n%s", want, text)
		}
	}
	if a := w.current("A01").Answers.Text("contact_press"); a != "Eingabe "+won {
		t.Errorf("kept is %q, want that of %s", a, won)
	}
}

// TestStepOfTheTandemIsSettledByEither: the other one's mail that waits is not
// sent, and their link says who was faster where they had begun.
func TestStepOfTheTandemIsSettledByEither(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for _, s := range [][2]string{{"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}} {
		w.submit(s[0], s[1])
	}
	w.set(w.day(0).At(22, 0)) // outside the window: mails wait
	w.submit("O08", "EXT")
	w.turn(w.now.Add(60 * 60 * 1e9))
	w.submit("A01", "EXT")
	w.days(1)
	for _, m := range w.to("vorort@verein.example") {
		if strings.Contains(m.Text, cases.IDOf(w.id, process.Ref{Step: "A01", Iteration: 1})) {
			t.Errorf("a mail about a step that the other one did: %s", m.Subject)
		}
	}

	w.submit("A02", "FED")
	w.days(1)
	path := w.link("vorort@verein.example", "A04")
	b := w.browser()
	v := fill(b.Get(path), w.values("A04"))
	v.Set("_save", "1")
	if r := b.Post(path, v); r.Status != http.StatusSeeOther {
		t.Fatalf("saving: status %d", r.Status)
	}
	w.do(command.Submit{Meta: by("EXT"), Ref: w.current("A04").Ref, Answers: w.answers("A04")})
	r := b.Get(path)
	for _, want := range []string{"externe Prozessbegleitung", lang.DateTime(lang.DE, w.now), "Anwohnendenverein"} {
		if r.Status != http.StatusOK || !strings.Contains(r.Text(), want) {
			t.Errorf("the link of the other one: status %d, lacks %q\n%s", r.Status, want, r.Text())
		}
	}
	// Elsewhere it tells who was faster, and nothing of what was entered or saved.
	r = w.browser().Get(path)
	if r.Status != http.StatusOK || !strings.Contains(r.Text(), "externe Prozessbegleitung") || strings.Contains(r.Body, "Anwohnendenverein") {
		t.Errorf("the same link elsewhere: status %d\n%s", r.Status, r.Text())
	}
	if r := w.browser().Get(path + "x"); r.Status != http.StatusNotFound {
		t.Errorf("a link that is not theirs: status %d, want 404 as for unknown ones", r.Status)
	}
}

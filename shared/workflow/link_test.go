package workflow

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const lead = "leitung@musterstadt.example"

// agreement is a world in which O05 waits for the head of administration.
func agreement(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	w.accepted()
	w.days(1)
	return w, w.link(lead, "O05")
}

func TestLinkShowsQuestionsAndChangesNothing(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	before := w.stored()
	for range 20 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := w.browser().Do(httptest.NewRequestWithContext(t.Context(), method, path, nil))
			if r.Status != http.StatusOK {
				t.Fatalf("%s of a good link: status %d", method, r.Status)
			}
			if r.Header.Get("Set-Cookie") != "" {
				t.Errorf("looking at a step set a cookie")
			}
		}
	}
	w.same(before)
	page := w.browser().Get(path).Text()
	for _, want := range []string{"Kooperationsvereinbarung schließen", "Musterstadt", w.no, "Einstieg", "Absenden", "Zwischenspeichern", lang.Long(lang.DE, w.current("O05").Due)} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// same says that nothing of the case has changed.
func (w *world) same(before process.State) {
	w.t.Helper()
	if got := w.stored(); got.Head.Seq != before.Head.Seq {
		w.t.Errorf("the case has %d events, had %d", got.Head.Seq, before.Head.Seq)
	}
}

// TestScannerDoesNothing presses every button of every page behind a link
// without typing anything, as mail scanners do.
func TestScannerDoesNothing(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	before := w.stored()
	w.saveElsewhere(path, "vertrauliche Einzelheit")
	buttons := regexp.MustCompile(`<button[^>]*name="([^"]+)"`)
	for _, sub := range []string{"", "/weitergeben", "/code", "/fertig"} {
		b := w.browser()
		page := b.Get(path + sub)
		for _, m := range buttons.FindAllStringSubmatch(page.Body, -1) {
			for _, to := range []string{path, path + "/weitergeben", path + "/code", path + "/oeffnen"} {
				r := b.Post(to, fill(page, url.Values{m[1]: {"1"}}))
				if strings.Contains(r.Body, "vertrauliche Einzelheit") {
					t.Errorf("pressing %s at %s shows what somebody wrote", m[1], to)
				}
			}
		}
	}
	w.same(before)
	if r := w.browser().Get(path); r.Status != http.StatusOK || strings.Contains(r.Body, "vertrauliche Einzelheit") {
		t.Errorf("after the scanner: status %d, want 200 without what somebody wrote", r.Status)
	}
}

// saveElsewhere saves a draft in another browser.
func (w *world) saveElsewhere(path, text string) {
	w.t.Helper()
	b := w.browser()
	if r := b.Post(path, url.Values{"open_points": {text}, "_save": {"1"}}); r.Status != http.StatusSeeOther {
		w.t.Fatalf("saving: status %d", r.Status)
	}
	if r := b.Get(path); !strings.Contains(r.Body, text) {
		w.t.Errorf("the browser that saved does not see its draft")
	} else if !strings.Contains(r.Body, `<p class="saved" role="status">Gespeichert um `) {
		w.t.Errorf("the page does not say when the draft was saved")
	}
}

func TestDraftOpensElsewhereWithMailedCode(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	w.saveElsewhere(path, "bis Ende März klären")
	b := w.browser()
	if strings.Contains(b.Get(path).Body, "bis Ende März") {
		t.Fatal("another browser sees the draft without a code")
	}
	if r := b.Post(path+"/code", nil); r.Status != http.StatusSeeOther || b.Get(path+"/code").Status != http.StatusOK {
		t.Fatalf("asking for a code: status %d", r.Status)
	}
	w.tick()
	mails := w.to(lead)
	code := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(mails[len(mails)-1].Text)
	if r := w.browser().Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code works in a browser that did not ask: status %d", r.Status)
	}
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {"000000"}}); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Fehler") {
		t.Errorf("a wrong code: status %d", r.Status)
	}
	other := b.Copy()
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusSeeOther {
		t.Fatalf("the right code: status %d\n%s", r.Status, r.Text())
	}
	if r := b.Get(path); !strings.Contains(r.Body, "bis Ende März klären") {
		t.Errorf("the draft does not show after the code:\n%s", r.Text())
	}
	if r := other.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code works twice: status %d", r.Status)
	}
}

func TestCodeEndsAfterFiveTriesOrTenMinutes(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	ask := func() (b *webtest.Browser, code string) {
		br := w.browser()
		br.Post(path+"/code", nil)
		w.tick()
		mails := w.to(lead)
		return br, regexp.MustCompile(`\b[0-9]{6}\b`).FindString(mails[len(mails)-1].Text)
	}
	b, code := ask()
	for range 5 {
		b.Post(path+"/oeffnen", url.Values{"_code": {"999999"}})
	}
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code works after five wrong ones: status %d", r.Status)
	}
	b, code = ask()
	w.turn(w.now.Add(11 * time.Minute))
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code works after eleven minutes: status %d", r.Status)
	}
}

func TestWrongEntriesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	v := fill(b.Get(path), w.values("O05"))
	v.Set("term_to", "1.1.2020")
	v.Set("file_ref", "Az. 12/34")
	r := b.Post(path, v)
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "Az. 12/34") || !strings.Contains(r.Body, "<title>Fehler") {
		t.Errorf("status %d, want 422 with the entries kept and the fault in the title\n%s", r.Status, r.Text())
	}
	if again := b.Get(path); !strings.Contains(again.Body, "Az. 12/34") {
		t.Error("what was posted is gone when the page is opened again")
	}
	v.Set("fremd", "x")
	if r := b.Post(path, v); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown field: status %d, want 422", r.Status)
	}
	if st := w.current("O05"); st.State != process.Open {
		t.Errorf("O05 is %q, want open", st.State)
	}
}

func TestEmptySaveStoresNothing(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	r := b.Post(path, fill(b.Get(path), url.Values{"_save": {"1"}}))
	if r.Status != http.StatusSeeOther || !strings.Contains(r.Location(), "leer") {
		t.Errorf("status %d to %q", r.Status, r.Location())
	}
	for it, err := range table.All(t.Context(), w.table, table.Query{PK: cases.Prefix + w.id, Prefix: "draft#"}) {
		t.Errorf("there is a draft: %v %v", it.Key, err)
	}
}

func TestTwoAtOnceOneWinsAndNothingIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.days(1)
	first, second := w.browser(), w.browser()
	one, two := w.link("aussen@begleitung.example", "A01"), w.link("vorort@verein.example", "A01")
	a, b := fill(first.Get(one), w.values("A01")), fill(second.Get(two), w.values("A01"))
	b.Set("contact_press", "Pressestelle, nachmittags")
	if r := first.Post(one, a); r.Status != http.StatusSeeOther {
		t.Fatalf("the first: status %d\n%s", r.Status, r.Text())
	}
	r := second.Post(two, b)
	text := r.Text()
	if r.Status != http.StatusConflict {
		t.Errorf("the second: status %d, want 409", r.Status)
	}
	for _, want := range []string{"externe Prozessbegleitung", lang.DateTime(lang.DE, w.now), "Pressestelle, nachmittags"} {
		if !strings.Contains(text, want) {
			t.Errorf("the second does not see %q:\n%s", want, text)
		}
	}
	if again := first.Post(one, a); again.Status != http.StatusSeeOther {
		t.Errorf("the first, sent twice: status %d, want the same answer", again.Status)
	}
}

func TestFiftyTimesTheSamePostIsOneStep(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	b.Post(path, url.Values{"file_ref": {"x"}, "_save": {"1"}}) // the browser has its cookie
	v := fill(b.Get(path), w.values("O05"))
	before := w.head().Seq
	done := make(chan int)
	for range 50 {
		go func() { done <- b.Copy().Post(path, v).Status }()
	}
	for range 50 {
		if status := <-done; status != http.StatusSeeOther {
			t.Errorf("status %d, want 303 for all", status)
		}
	}
	if got := w.head().Seq; got != before+1 {
		t.Errorf("%d events came of it, want 1", got-before)
	}
	w.days(1)
	if n := len(w.to("traeger@verein.example")); n != 1 {
		t.Errorf("the next step was mailed %d times, want once", n)
	}
}

func TestLinksThatLeadNowhereLookAlike(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	if r := b.Post(path, fill(b.Get(path), w.values("O05"))); r.Status != http.StatusSeeOther {
		t.Fatalf("status %d", r.Status)
	}
	w.days(1)
	carrier := w.link("traeger@verein.example", "O06")
	w.do(command.Handover{Meta: by("TRA"), Ref: w.current("O06").Ref, From: "traeger@verein.example", To: process.Person{Email: "neu@verein.example"}})
	want := w.browser().Get("/s/unbekannt")
	stranger := w.x.Links.Token(cases.StepLink(strings.Repeat("A", 26), process.Ref{Step: "O06", Iteration: 1}, lead, 0))
	for what, p := range map[string]string{
		"used": path, "revoked": carrier, "stranger's": "/s/" + stranger, "done": path + "/fertig",
		"changed": carrier[:len(carrier)-1] + "x",
	} {
		if r := w.browser().Get(p); r.Status != want.Status || r.Text() != want.Text() {
			t.Errorf("the %s link answers %d\n%s\nan unknown one %d\n%s", what, r.Status, r.Text(), want.Status, want.Text())
		}
	}
	if r := b.Get(path + "/fertig"); r.Status != http.StatusOK || !strings.Contains(r.Text(), "Verein Beispiel") {
		t.Errorf("the browser that sent it does not see what it sent: status %d\n%s", r.Status, r.Text())
	}
}

func TestHandoverGoesToTheNewAddressOnly(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	page := b.Get(path + "/weitergeben")
	if r := b.Post(path+"/weitergeben", fill(page, url.Values{"name": {"X"}, "email": {"keine"}})); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("no address: status %d, want 422", r.Status)
	}
	v := fill(page, url.Values{"name": {"Büro der Leitung"}, "email": {"Buero@Musterstadt.example"}})
	for range 2 { // the second press of the button gets the same answer
		if r := b.Post(path+"/weitergeben", v); r.Status != http.StatusOK || !strings.Contains(r.Text(), "b…@musterstadt.example") {
			t.Fatalf("status %d\n%s", r.Status, r.Text())
		}
	}
	w.days(1)
	mails := w.to("buero@musterstadt.example")
	if len(mails) != 1 {
		t.Fatalf("the new person got %d mails, want 1", len(mails))
	}
	fresh := w.browser()
	link := w.link("buero@musterstadt.example", "O05")
	if r := fresh.Post(link, fill(fresh.Get(link), w.values("O05"))); r.Status != http.StatusSeeOther {
		t.Errorf("the new person's post: status %d", r.Status)
	}
}

func TestAnswersLeadToMoreQuestionsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC")
	w.submit("O03", "SVC")
	w.days(1)
	path := w.link(office, "O04")
	b := w.browser()
	r := b.Post(path, fill(b.Get(path), url.Values{"decision": {"accepted"}, "reasons": {paragraph}}))
	if r.Status != http.StatusOK || !strings.Contains(r.Body, `name="ext_email"`) || !strings.Contains(r.Text(), "weitere Fragen") {
		t.Fatalf("status %d, want the new questions\n%s", r.Status, r.Text())
	}
	r = b.Post(path, fill(r, url.Values{"decision": {"accepted"}, "reasons": {paragraph}}))
	if r.Status != http.StatusUnprocessableEntity {
		t.Errorf("the second time: status %d, want 422", r.Status)
	}
}

func TestAddressesOfASurveyAreShownBeforeTheyAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A03", "FED")
	w.days(3)
	path := w.link("amt@musterstadt.example", "A06")
	b := w.browser()
	list := "a@b.example b@b.example c@b.example d@b.example e@b.example"
	v := w.values("A06")
	v.Set("survey_mode", "closed")
	v.Set("addresses", "nur@eine.example")
	v.Del("expected_count")
	if r := b.Post(path, fill(b.Get(path), v)); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Zu wenige Adressen") {
		t.Fatalf("one address: status %d\n%s", r.Status, r.Text())
	}
	v.Set("addresses", list)
	r := b.Post(path, fill(b.Get(path), v))
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Erkannt wurden 5 Adressen") || !strings.Contains(r.Body, `name="_confirm:addresses"`) {
		t.Fatalf("status %d, want the list to confirm\n%s", r.Status, r.Text())
	}
	v.Set("_confirm:addresses", "1")
	if r := b.Post(path, fill(r, v)); r.Status != http.StatusSeeOther {
		t.Fatalf("confirmed: status %d\n%s", r.Status, r.Text())
	}
	if len(w.planned) != 1 || w.planned[0].Addresses != list {
		t.Errorf("planned %+v", w.planned)
	}
}

func TestDeclinedReasonsNeedTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC")
	w.submit("O03", "SVC")
	w.submit("O04", "SVC", "decision", "declined", "reasons", "Geheime Begründung: "+paragraph)
	w.days(1)
	mails := w.to("amt@musterstadt.example")
	if len(mails) != 1 || !strings.Contains(mails[0].Subject, "Entscheidung zur Teilnahme") || strings.Contains(mails[0].Text, "Geheime") {
		t.Fatalf("the lead office got %+v", mails)
	}
	path := tokenPath.FindString(mails[0].Text)
	b := w.browser()
	if r := b.Get(path); r.Status != http.StatusOK || strings.Contains(r.Body, "Geheime Begründung") || strings.Contains(r.Text(), "nicht aufgenommen") {
		t.Fatalf("before the code: status %d\n%s", r.Status, r.Text())
	}
	b.Post(path+"/code", nil)
	w.tick()
	mails = w.to("amt@musterstadt.example")
	code := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(mails[len(mails)-1].Text)
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusSeeOther {
		t.Fatalf("the code: status %d\n%s", r.Status, r.Text())
	}
	if r := b.Get(path); !strings.Contains(r.Text(), "Geheime Begründung") {
		t.Errorf("after the code:\n%s", r.Text())
	}
}

// TestMailsSayNothingOfTheConflict looks for what was typed in every mail.
func TestMailsSayNothingOfTheConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	canary := "KANARIENVOGEL"
	for _, step := range []string{"A01", "A02", "A04"} {
		a := w.answers(step)
		for name, v := range a {
			if len(v.Text) > 20 {
				a[name] = form.Value{Text: canary + v.Text}
			}
		}
		w.do(command.Submit{Meta: by(map[string]string{"A01": "EXT", "A02": "FED", "A04": "LOK"}[step]), Ref: w.current(step).Ref, Answers: a})
	}
	w.days(60)
	if len(w.box.sent) < 12 {
		t.Fatalf("only %d mails were sent", len(w.box.sent))
	}
	for _, m := range w.box.sent {
		if all := m.Subject + m.Text + m.HTML; strings.Contains(all, canary) || strings.Contains(all, "⟦") {
			t.Errorf("a mail says too much: %s\n%s", m.Subject, m.Text)
		}
	}
}

func TestOutboxAsksWhetherAMailIsStillWanted(t *testing.T) {
	t.Parallel()
	w, _ := agreement(t)
	e := mail.Entry{Topic: cases.MailKey(w.id, process.Ref{Step: "O05", Iteration: 1})}
	if ok, err := w.x.Wanted(t.Context(), &e, w.now); !ok || err != nil {
		t.Errorf("a mail about an open step: %v %v, want true", ok, err)
	}
	w.submit("O05", "LEI")
	if ok, err := w.x.Wanted(t.Context(), &e, w.now); ok || err != nil {
		t.Errorf("a mail about a done step: %v %v, want false", ok, err)
	}
}

func TestRowsAreAddedBeforeAnythingWasTyped(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	b := w.browser()
	r := b.Post(path, fill(b.Get(path), url.Values{"_rows:parties": {"2"}, "_add:parties": {"1"}}))
	if r.Status != http.StatusOK || !strings.Contains(r.Body, `name="parties[2].party_name"`) {
		t.Errorf("status %d, want a third row", r.Status)
	}
	r = b.Post(path, fill(r, url.Values{"_rows:parties": {"3"}, "parties[0].party_name": {"Stadt"}, "_add:parties": {"1"}}))
	if r.Status != http.StatusSeeOther || !strings.Contains(b.Get(path).Body, `name="parties[3].party_name"`) {
		t.Errorf("status %d to %q, want a fourth row", r.Status, r.Location())
	}
}

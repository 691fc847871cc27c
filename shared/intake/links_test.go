package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

// later saves for later and gives what was mailed.
func (w *walk) later(to string) (path, code string) {
	w.r.t.Helper()
	res := w.Post(w.base+"/speichern", url.Values{"email": {to}})
	if res.Status != http.StatusSeeOther {
		w.r.t.Fatalf("saving for later: %d\n%s", res.Status, res.Text())
	}
	return w.r.letter(to)
}

func TestResumeByMailedLinkAndCode(t *testing.T) {
	t.Parallel()
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		r := newRig(t)
		w := r.begin(l)
		w.fill("s4")
		if res := w.Post(w.base+"/speichern", url.Values{"email": {"kein Postfach"}}); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Body, "kein Postfach") {
			t.Errorf("no address: %d", res.Status)
		}
		const home = "daheim@musterstadt.example"
		path, code := w.later(home)
		r.advance(9 * 24 * time.Hour)
		other := webtest.NewBrowser(t, r.handler)
		if page := other.Get(path); page.Status != http.StatusOK || strings.Contains(page.Body, "Kanarienvogel") || strings.Contains(page.Body, home) {
			t.Errorf("before the code: %d\n%s", page.Status, page.Text())
		}
		if res := other.Post(path, url.Values{"code": {guesses(code)[0]}}); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong code: %d", res.Status)
		}
		res := other.Post(path, url.Values{"code": {code}})
		if res.Status != http.StatusSeeOther || res.Location() != path {
			t.Fatalf("the code: %d to %q\n%s", res.Status, res.Location(), res.Text())
		}
		if page := other.Get(path + "/s4"); page.Status != http.StatusOK || !strings.Contains(page.Body, canary("conflict_title")) {
			t.Errorf("after the code: %d\n%s", page.Status, page.Text())
		}
		// Another address voids the mail that went to the first one.
		w.later("buero@musterstadt.example")
		if res := webtest.NewBrowser(t, r.handler).Get(path); res.Status != http.StatusNotFound {
			t.Errorf("the link of the old address: %d", res.Status)
		}
	}
}

// Twenty GETs and HEADs on every address change nothing and show nothing (EM-6).
func TestOpeningLinksChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	resume, _ := w.later(contact)
	w.send()
	confirm, code := r.letter(contact)
	before := r.writes()
	scanner := webtest.NewBrowser(t, r.handler)
	for range 20 {
		for _, path := range []string{resume, confirm, w.base, w.base + "/s4", w.base + "/pruefen", w.base + "/speichern", "/", "/interessenbekundung", "/barrierefreiheit"} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				res := scanner.Do(httptest.NewRequestWithContext(t.Context(), method, path, nil))
				if res.Status >= 400 || strings.Contains(res.Body, "Kanarienvogel") {
					t.Fatalf("%s %s: %d", method, path, res.Status)
				}
				if res.Header.Get("Set-Cookie") != "" {
					t.Fatalf("%s %s sets a cookie", method, path)
				}
			}
		}
	}
	if got := r.writes(); got != before {
		t.Errorf("%d items were written", got-before)
	}
	// A scanner that presses every button spends nothing either.
	for range 3 {
		scanner.Post(w.base+"/code", url.Values{})
		scanner.Post(confirm, url.Values{"code": {""}})
		scanner.Post(resume, url.Values{"code": {""}})
	}
	if res := w.Post(confirm, url.Values{"code": {code}}); res.Status != http.StatusOK {
		t.Errorf("the code of the first mail: %d\n%s", res.Status, res.Text())
	}
	if res := scanner.Get(confirm); res.Status != http.StatusNotFound || strings.Contains(res.Body, "KK-2026") {
		t.Errorf("the used link: %d", res.Status)
	}
	unknown := scanner.Get("/interessenbekundung/ABC.1" + strings.Repeat("a", 32))
	if used := scanner.Get(confirm); used.Text() != unknown.Text() || used.Status != unknown.Status {
		t.Error("used and unknown links look different")
	}
}

// AU-1: nothing in the tables opens anything.
func TestADumpYieldsNoTokenCodeOrCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	var secrets []string
	add := func(path, code string) {
		secrets = append(secrets, path[strings.LastIndex(strings.TrimSuffix(path, "/bestaetigen"), "/")+1:], code)
	}
	add(w.later("daheim@musterstadt.example"))
	w.send()
	add(r.letter(contact))
	w.confirm()
	secrets = append(secrets, strings.TrimPrefix(w.base, draft.PathBase))
	q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	w.Do(q)
	for _, c := range q.Cookies() {
		secrets = append(secrets, c.Value)
	}
	if len(secrets) != 6 {
		t.Fatalf("%d secrets", len(secrets))
	}
	for _, it := range r.stored {
		for _, s := range secrets {
			s = strings.TrimSuffix(s, "/bestaetigen")
			mac := s[strings.LastIndex(s, ".")+1:]
			if strings.Contains(string(it.Body), mac) || strings.Contains(it.Key.String()+it.Due.Note, mac) {
				t.Errorf("%s holds %q", it.Key, mac)
			}
		}
	}
	if len(r.stored) < 15 {
		t.Errorf("only %d items seen", len(r.stored))
	}
}

// EM-2 and PR-1: canaries in every free text are in no mail and in no log.
func TestNothingThatWasFilledInLeavesTheForm(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll(url.Values{"threat_now": {"ACUTE"}})
	w.later("daheim@musterstadt.example")
	w.send()
	w.confirm()
	ops, err := r.service.Ask(t.Context(), w.id(), "KK-2026-0001", canary("questions"), r.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.table.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	r.mailed(contact)
	if len(r.mails) < 5 {
		t.Errorf("only %d mails", len(r.mails))
	}
	content := regexp.MustCompile(`(?i)kanarienvogel|bamberg|CT5|musterstadt\.example`)
	for _, m := range r.mails {
		if found := content.FindString(m.Subject + m.Text + m.HTML); found != "" {
			t.Errorf("%q is in the mail %q", found, m.Subject)
		}
	}
	if found := content.FindString(r.log.String()); found != "" {
		t.Errorf("%q is in the log", found)
	}
}

func TestDraftsGoAfterSixtyDays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fill("s2")
	silent := r.begin(lang.DE) // nobody can be told
	r.advance(30 * day)
	w.fill("s3") // counts anew
	r.advance(30*day - time.Minute)
	r.sweep()
	if res := silent.Get(silent.base); res.Status != http.StatusOK {
		t.Errorf("gone too early: %d", res.Status)
	}
	if n := len(r.mailed(contact)); n != 0 {
		t.Errorf("told after 30 days: %d", n)
	}
	r.advance(time.Hour)
	if res := silent.Get(silent.base); res.Status != http.StatusNotFound {
		t.Errorf("after sixty days: %d", res.Status)
	}
	r.advance(15 * day) // 45 days after the change
	r.sweep()
	r.advance(4 * day) // mail waits for the next working hours
	got := r.mailed(contact)
	if len(got) != 1 || !strings.Contains(got[0].Subject, "in 15 Tagen gelöscht") {
		t.Fatalf("on day 45: %v", got)
	}
	path, code := r.letter(contact)
	other := webtest.NewBrowser(t, r.handler)
	if res := other.Post(path, url.Values{"code": {code}}); res.Status != http.StatusSeeOther {
		t.Errorf("its code: %d\n%s", res.Status, res.Text())
	}
	r.advance(11 * day)
	r.sweep()
	for _, id := range []string{w.id(), silent.id()} {
		page, err := r.table.Query(t.Context(), table.Query{PK: "intake#" + id})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%d items are left, %v", len(page.Items), err)
		}
	}
	if n := len(r.mailed(contact)); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

func TestConfirmedOnesStay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	w.confirm()
	r.advance(400 * 24 * time.Hour)
	r.sweep()
	if _, err := r.service.Answers(t.Context(), w.id()); err != nil {
		t.Error(err)
	}
}

func TestSavesMoveTheDuePlaceOnceADay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	place := func() table.Place {
		it, err := r.table.Get(t.Context(), table.Key{PK: draft.Prefix + w.id(), SK: "head"})
		if err != nil {
			t.Fatal(err)
		}
		return it.Due
	}
	first := place()
	r.advance(20 * time.Hour)
	w.fill("s2")
	if place() != first {
		t.Error("moved within the day")
	}
	r.advance(20 * time.Hour)
	w.fill("s3")
	if place() == first {
		t.Error("not moved after a day")
	}
}

func TestBarriersAreReportedWithADeadline(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := webtest.NewBrowser(t, r.handler)
	if res := b.Post("/barrierefreiheit", url.Values{"page": {"Abschnitt 4"}, "problem": {""}, "contact": {"x"}}); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Body, "Abschnitt 4") {
		t.Errorf("wrong: %d\n%s", res.Status, res.Text())
	}
	report := url.Values{"page": {"Abschnitt 4"}, "problem": {canary("problem")}, "contact": {"ich@musterstadt.example"}, "website": {""}}
	res := b.Post("/barrierefreiheit", report)
	if res.Status != http.StatusSeeOther || !strings.Contains(b.Get(res.Location()).Text(), "Vielen Dank für Ihre Meldung") {
		t.Errorf("%d to %q", res.Status, res.Location())
	}
	report.Set("website", "https://example.org")
	b.Post("/barrierefreiheit", report) // a program
	got := r.mailed(office)
	if len(got) != 1 || !strings.Contains(got[0].Text, "Freitag, 3. April 2026") || strings.Contains(got[0].Text, "Kanarienvogel") {
		t.Fatalf("%d mails: %v", len(got), got)
	}
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	page := b.Get("/barrierefreiheit/meldungen")
	action := regexp.MustCompile(`action="(/barrierefreiheit/meldungen/[^"]+)"`).FindStringSubmatch(page.Body)
	if action == nil || !strings.Contains(page.Body, canary("problem")) {
		t.Fatalf("the list: %d\n%s", page.Status, page.Text())
	}
	r.advance(25 * 24 * time.Hour)
	if n := len(r.mailed(office)); n != 2 {
		t.Errorf("%d mails a week before the deadline, want 2", n)
	}
	b.Post(action[1], url.Values{})
	if page := b.Get("/barrierefreiheit/meldungen"); !strings.Contains(page.Text(), "Es ist keine Meldung offen") {
		t.Errorf("still open:\n%s", page.Text())
	}
	if res := b.Post("/barrierefreiheit/meldungen/2026-04-03-unbekannt", url.Values{}); res.Status != http.StatusNotFound {
		t.Errorf("an unknown one: %d", res.Status)
	}
	r.user = nil
	if res := b.Get("/barrierefreiheit/meldungen"); res.Status != http.StatusSeeOther {
		t.Errorf("without sign-in: %d", res.Status)
	}
}

// Whoever changes the privacy notice gives it a new version: what people took
// note of has to be told apart.
func TestANewNoticeHasANewVersion(t *testing.T) {
	t.Parallel()
	catalog, err := lang.LoadCatalog(Texts)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, key := range catalog.Keys() {
		if strings.HasPrefix(key, "intake.legal.privacy.") {
			sum.Write([]byte(key + "\n" + catalog.T(lang.DE, key) + "\n"))
		}
	}
	known := map[string]string{"datenschutz@1": "2c39276ae5dae51d", "datenschutz@2": "7b8d662a7f8223d6"}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; known[noticeVersion] != got {
		t.Errorf("the text of %s has the hash %s, not %s: count noticeVersion up and note the hash here", noticeVersion, got, known[noticeVersion])
	}
}

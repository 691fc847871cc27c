package intake

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

// fifty does the same thing fifty times at once.
func fifty(w *walk, do func(*webtest.Browser) *webtest.Response) []*webtest.Response {
	out := make([]*webtest.Response, 50)
	var wg sync.WaitGroup
	for i := range out {
		window := w.Copy()
		wg.Go(func() { out[i] = do(window) })
	}
	wg.Wait()
	return out
}

// FO-1.
func TestFiftyParallelSubmissionsAreOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	for _, res := range fifty(w, func(b *webtest.Browser) *webtest.Response { return b.Post(w.base+"/pruefen", url.Values{}) }) {
		if res.Status != http.StatusSeeOther || res.Location() != w.base+"/bestaetigen" {
			t.Fatalf("sending: %d to %q\n%s", res.Status, res.Location(), res.Text())
		}
	}
	if n := len(r.mailed(contact)); n != 1 {
		t.Errorf("%d mails with a code, want 1", n)
	}
	path, code := r.letter(contact)
	all := fifty(w, func(b *webtest.Browser) *webtest.Response { return b.Post(path, url.Values{"code": {code}}) })
	for _, res := range all {
		if res.Status != http.StatusOK || res.Body != all[0].Body || !strings.Contains(res.Body, "KK-2026-0001") {
			t.Fatalf("confirming: %d\n%s", res.Status, res.Text())
		}
	}
	if again := w.Post(path, url.Values{"code": {code}}); again.Body != all[0].Body {
		t.Errorf("posted again: %d\n%s", again.Status, again.Text())
	}
	if n := len(r.mailed(contact)); n != 2 || r.cases() != 1 {
		t.Errorf("%d mails and %d cases, want 2 and 1", n, r.cases())
	}
}

func TestCodesAreTriedFiveTimes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	path, code := r.letter(contact)
	for _, typed := range []string{"", "12345", "abcdef", code + "1"} {
		if res := w.Post(path, url.Values{"code": {typed}}); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Text(), "keine sechs Ziffern") {
			t.Errorf("%q: %d", typed, res.Status)
		}
	}
	wrong := guesses(code)
	for i, typed := range append(wrong[:5], wrong[4]) { // the last one twice: it counts once
		res := w.Post(path, url.Values{"code": {typed}})
		if res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Body, "<title>Fehler:") {
			t.Errorf("try %d: %d", i+1, res.Status)
		}
	}
	if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusUnprocessableEntity || r.cases() != 0 {
		t.Fatalf("the right one after five wrong ones: %d\n%s", res.Status, res.Text())
	}
	if res := w.Post(w.base+"/code", url.Values{}); res.Status != http.StatusSeeOther {
		t.Fatalf("asking for a new one: %d", res.Status)
	}
	path, next := r.letter(contact)
	if next == code {
		t.Error("the new code is the old one")
	}
	if res := w.Post(path, url.Values{"code": {next[:3] + " " + next[3:]}}); res.Status != http.StatusOK || r.cases() != 1 {
		t.Errorf("the new one: %d\n%s", res.Status, res.Text())
	}
}

// guesses are codes that differ from the right one.
func guesses(code string) []string {
	var out []string
	for _, g := range []string{"000000", "111111", "222222", "333333", "444444", "555555", "666666"} {
		if g != code {
			out = append(out, g)
		}
	}
	return out
}

func TestParallelGuessesAreNoMoreThanFive(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	path, code := r.letter(contact)
	var wg sync.WaitGroup
	for i := range 40 {
		window := w.Copy()
		typed := "9000" + string(rune('0'+i/10)) + string(rune('0'+i%10))
		if typed != code {
			wg.Go(func() { window.Post(path, url.Values{"code": {typed}}) })
		}
	}
	wg.Wait()
	it, err := r.table.Get(t.Context(), table.Key{PK: draft.Prefix + w.id(), SK: "code#confirm"})
	var c struct {
		Tried []string `json:"tried"`
	}
	if err != nil || json.Unmarshal(it.Body, &c) != nil || len(c.Tried) != 5 {
		t.Errorf("%d tries were taken, %v", len(c.Tried), err)
	}
}

func TestConfirmationCodesEndAfterADay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	path, code := r.letter(contact)
	r.advance(24 * time.Hour)
	if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Text(), "gilt nicht mehr") {
		t.Errorf("%d\n%s", res.Status, res.Text())
	}
	w.Post(w.base+"/code", url.Values{})
	w.confirm()
}

func TestOnlyFiveCodesADayAreMailed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	for i := range 6 {
		res := w.Post(w.base+"/code", url.Values{})
		if want := i < 4; (res.Status == http.StatusSeeOther) != want || !want && res.Status != http.StatusTooManyRequests {
			t.Errorf("request %d: %d", i+1, res.Status)
		}
	}
	if n := len(r.mailed(contact)); n != 5 {
		t.Errorf("%d mails, want 5", n)
	}
	w.confirm() // the same code was mailed each time
}

func TestEditedAfterSendingItHasToBeSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll(url.Values{"contact_email": {"falsch@musterstadt.example"}})
	w.send()
	path, code := r.letter("falsch@musterstadt.example")
	if page := w.Get(w.base + "/bestaetigen"); !strings.Contains(page.Text(), "falsch@musterstadt.example") {
		t.Errorf("the owner does not see where the mail went:\n%s", page.Text())
	}
	w.fill("s2")
	if res := w.Post(path, url.Values{"code": {code}}); r.cases() != 0 || res.Status == http.StatusOK {
		t.Errorf("the old code confirms the new address: %d", res.Status)
	}
	w.send()
	w.confirm()
}

func TestDangerCallsTheServiceOfficeWithoutContent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]url.Values{"acute": {"threat_now": {"ACUTE"}}, "urgent": {"urgency": {"U4"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			w := r.begin(lang.DE)
			w.fillAll(change)
			if n := len(r.mailed(office)); n != 0 {
				t.Errorf("%d calls before it was sent", n)
			}
			for _, page := range []string{"", "/s1", "/speichern", "/pruefen"} {
				if res := w.Get(w.base + page); !strings.Contains(res.Text(), "In akuter Gefahr: 110 oder 112") {
					t.Errorf("no notice on %q: %d", page, res.Status)
				}
			}
			fifty(w, func(b *webtest.Browser) *webtest.Response { return b.Post(w.base+"/pruefen", url.Values{}) })
			got := r.mailed(office)
			if len(got) != 1 || strings.Contains(got[0].Text, "Bamberg") {
				t.Fatalf("%d calls: %v", len(got), got)
			}
			desk := "/interessenbekundungen/" + w.id()
			if !strings.Contains(got[0].Text, desk) {
				t.Errorf("the call does not lead to the page:\n%s", got[0].Text)
			}
			if res := w.Get(desk); res.Status != http.StatusSeeOther {
				t.Errorf("without sign-in: %d", res.Status)
			}
			r.user = &web.User{Email: office, Roles: []web.Role{{Code: "EVA"}}}
			if res := w.Get(desk); res.Status != http.StatusNotFound {
				t.Errorf("evaluation: %d", res.Status)
			}
			r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
			if res := w.Get(desk); res.Status != http.StatusOK || !strings.Contains(res.Text(), "030 1234567") || strings.Contains(res.Body, "⟦") {
				t.Errorf("service office: %d\n%s", res.Status, res.Text())
			}
		})
	}
}

// The process dies before or after each write on the way from the last section
// to the receipt. Whoever then does the same again gets through, once.
func TestDeathAroundAnyWriteLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 6; n++ {
		for _, happens := range []bool{false, true} {
			r := &rig{t: t, clock: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
			faults := tabletest.Faulty(tabletest.New(t, bolt.Clock(r.now)))
			r.over(faults)
			w := r.begin(lang.DE)
			w.fillAll()
			deaths := 0
			post := func(path string, form url.Values) *webtest.Response {
				res := w.Post(path, form)
				if res.Status == http.StatusInternalServerError {
					deaths++
					faults.Revive()
					res = w.Post(path, form)
				}
				return res
			}
			faults.Crash(n, happens)
			s4 := maps.Clone(answers["s4"])
			s4.Set("trigger", "noch etwas")
			post(w.base+"/s4", s4)
			post(w.base+"/pruefen", url.Values{})
			faults.Revive()
			path, code := r.letter(contact)
			faults.Crash(n, happens)
			res := post(path, url.Values{"code": {code}})
			faults.Revive()
			if res.Status != http.StatusOK || r.cases() != 1 {
				t.Fatalf("death at write %d (%t): %d, %d cases\n%s", n, happens, res.Status, r.cases(), res.Text())
			}
			if got := len(r.mailed(contact)); got != 2 {
				t.Errorf("death at write %d (%t): %d mails, want 2", n, happens, got)
			}
			if a, err := r.service.Answers(t.Context(), w.id()); err != nil || a.Text("trigger") != "noch etwas" {
				t.Errorf("death at write %d (%t): %q, %v", n, happens, a.Text("trigger"), err)
			}
			if n <= 2 && deaths != 2 {
				t.Errorf("death at write %d (%t) took place %d times", n, happens, deaths)
			}
		}
	}
}

func TestConsentIsRecordedWithWhatWasRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll(url.Values{"consent_news": {"", "OK"}})
	w.send()
	w.confirm()
	for kind, want := range map[string]bool{"notice_ack": true, "consent_news": true, "consent_story": false} {
		it, err := r.table.Get(t.Context(), table.Key{PK: "intake#" + w.id(), SK: "record#" + kind})
		if (err == nil) != want {
			t.Errorf("%s: %v", kind, err)
		}
		if kind == "notice_ack" && !strings.Contains(string(it.Body), noticeVersion) {
			t.Errorf("the notice is %s", it.Body)
		}
	}
}

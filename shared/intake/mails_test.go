package intake

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

const day = 24 * time.Hour

// ask writes a question of the service office.
func (r *rig) ask(w *walk) {
	r.t.Helper()
	ops, err := r.service.Ask(r.t.Context(), w.id(), "KK-2026-0001", "Bitte ergänzen", r.now())
	if err == nil {
		err = r.table.Write(r.t.Context(), ops...)
	}
	if err != nil {
		r.t.Fatalf("asking back: %v", err)
	}
}

// undeletable is a table on which intake runs without the right to delete: a
// condition on an item that has expired, yet is still there, needs that right.
type undeletable struct {
	table.Table
	t   *testing.T
	now func() time.Time

	mu      sync.Mutex
	expires map[table.Key]time.Time
}

func (u *undeletable) Write(ctx context.Context, ops ...table.Op) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, op := range ops {
		past := u.expires[op.Item.Key]
		if len(op.Conds) > 0 && !past.IsZero() && !past.After(u.now()) {
			u.t.Errorf("a condition on %s, which has expired", op.Item.Key)
		}
	}
	err := u.Table.Write(ctx, ops...)
	for _, op := range ops {
		if err == nil && op.Verb == table.Putting {
			u.expires[op.Item.Key] = op.Item.Expires
		}
	}
	return err
}

func undeletableRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
	return r.over(&undeletable{Table: tabletest.New(t, bolt.Clock(r.now)), t: t, now: r.now, expires: map[table.Key]time.Time{}})
}

func TestCodesAreMailedHoweverLateTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	t.Run("query after query", func(t *testing.T) {
		t.Parallel()
		r := undeletableRig(t)
		w := r.begin(lang.DE)
		w.fillAll()
		w.later(contact)
		w.send()
		w.confirm()
		r.ask(w)
		for _, wait := range []time.Duration{61 * day, 70 * day, 500 * day} {
			r.advance(wait)
			before := len(r.mailed(contact))
			r.ask(w)
			if got := len(r.mailed(contact)); got != before+1 {
				t.Errorf("after %s: %d mails, want %d", wait, got, before+1)
			}
			path, code := r.letter(contact)
			if res := webtest.NewBrowser(t, r.handler).Post(path, url.Values{"code": {code}}); res.Status != http.StatusSeeOther {
				t.Errorf("after %s the code: %d", wait, res.Status)
			}
			before = len(r.mailed(contact))
			if res := w.Post(w.base+"/code", url.Values{}); res.Status != http.StatusSeeOther || len(r.mailed(contact)) != before+1 {
				t.Errorf("after %s another code: %d, %d mails", wait, res.Status, len(r.mailed(contact))-before)
			}
		}
	})
	t.Run("draft edited monthly", func(t *testing.T) {
		t.Parallel()
		r := undeletableRig(t)
		w := r.begin(lang.DE)
		w.fill("s2")
		path, code := w.later(contact)
		for month := range 14 {
			r.advance(30 * day)
			r.sweep()
			w.fill("s4", url.Values{"trigger": {fmt.Sprint("Monat ", month)}})
			if month == 2 {
				if res := webtest.NewBrowser(t, r.handler).Post(path, url.Values{"code": {code}}); res.Status != http.StatusSeeOther {
					t.Errorf("the first mail's code on day 90: %d\n%s", res.Status, res.Text())
				}
			}
			if month != 2 && month != 13 {
				continue
			}
			before := len(r.mailed(contact))
			w.later(contact)
			if got := len(r.mailed(contact)); got != before+1 {
				t.Errorf("month %d: %d mails, want %d", month, got, before+1)
			}
		}
	})
	t.Run("answer from another address", func(t *testing.T) {
		t.Parallel()
		r := undeletableRig(t)
		w := r.begin(lang.DE)
		w.fillAll()
		w.send()
		w.confirm()
		r.ask(w)
		r.advance(70 * day)
		const next = "neu@musterstadt.example"
		w.fill("s2", url.Values{"contact_email": {next}})
		w.send()
		path, code := r.letter(next)
		if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusOK {
			t.Errorf("confirming: %d\n%s", res.Status, res.Text())
		}
	})
}

// A write that was beaten by something else than the same request is done again.
func TestACodeThatIsSaidToBeMailedIsMailed(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, clock: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
	faults := tabletest.Faulty(tabletest.New(t, bolt.Clock(r.now)))
	r.over(faults)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	r.advance(time.Hour)
	faults.Conflict(1)
	if res := w.Post(w.base+"/code", url.Values{}); res.Status != http.StatusSeeOther {
		t.Fatalf("asking for a code: %d\n%s", res.Status, res.Text())
	}
	if got := len(r.mailed(contact)); got != 2 {
		t.Errorf("%d mails, want 2", got)
	}
}

// A form that mails whatever address somebody types must not flood it.
func TestOneAddressIsWrittenToTenTimesADay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var w *walk
	for range 10 {
		w = r.begin(lang.DE)
		w.fillAll()
		w.send()
	}
	if res := w.Post(w.base+"/code", url.Values{}); res.Status != http.StatusTooManyRequests {
		t.Errorf("the code once more: %d", res.Status)
	}
	w = r.begin(lang.DE)
	w.fillAll()
	if res := w.Post(w.base+"/speichern", url.Values{"email": {contact}}); res.Status != http.StatusTooManyRequests {
		t.Errorf("save for later: %d", res.Status)
	}
	res := w.Post(w.base+"/pruefen", url.Values{})
	if res.Status != http.StatusTooManyRequests || !strings.Contains(res.Body, canary("conflict_title")) || !strings.Contains(res.Text(), "Ihre Angaben sind gespeichert") {
		t.Errorf("sending: %d\n%s", res.Status, res.Text())
	}
	if got := len(r.mailed(contact)); got != 10 {
		t.Errorf("%d mails, want 10", got)
	}
	r.advance(day)
	w.send()
	w.confirm()
}

// Nor by the mails of day 45, which nobody asks for.
func TestRemindersCountForTheAddressToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 12 {
		r.begin(lang.DE).fill("s2")
	}
	r.advance(45 * day)
	r.sweep()
	r.advance(4 * day)
	if got := len(r.mailed(contact)); got != 10 {
		t.Errorf("%d mails, want 10", got)
	}
}

func acute(address string) url.Values {
	return url.Values{"threat_now": {"ACUTE"}, "contact_email": {address}}
}

func TestDangerIsToldThoughTheAddressWasWrittenToOften(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll(acute("falsch@musterstadt.example"))
	w.send()
	path, old := r.letter("falsch@musterstadt.example")
	for range 10 {
		other := r.begin(lang.DE)
		other.fill("s2")
		other.later(contact)
	}
	before := len(r.mailed(office))
	w.fill("s2")
	res := w.Post(w.base+"/pruefen", url.Values{})
	if res.Status != http.StatusSeeOther {
		t.Fatalf("sending: %d\n%s", res.Status, res.Text())
	}
	if page := w.Get(res.Location()); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Den Code konnten wir noch nicht schicken") {
		t.Errorf("the page after it: %d\n%s", page.Status, page.Text())
	}
	if got := len(r.mailed(office)); got != before+1 {
		t.Errorf("%d calls, want %d", got, before+1)
	}
	if res := w.Post(path, url.Values{"code": {old}}); r.cases() != 0 {
		t.Errorf("a code that was mailed elsewhere confirms: %d", res.Status)
	}
	r.advance(day)
	w.Post(w.base+"/code", url.Values{})
	w.confirm()
}

func TestCallsOfUnconfirmedEntriesAreLimited(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	var all []*walk
	for i := range 12 {
		w := r.begin(lang.DE)
		all = append(all, w)
		w.fillAll(acute(fmt.Sprintf("kommune%d@musterstadt.example", i)))
		w.send()
		if got := len(r.mailed(office)); got != min(i+1, 10) {
			t.Errorf("after %d in danger: %d calls", i+1, got)
		}
	}
	list := all[0].Get("/interessenbekundungen/dringend")
	for _, w := range all {
		if list.Status != http.StatusOK || !strings.Contains(list.Body, w.id()) {
			t.Fatalf("the list lacks %s: %d\n%s", w.id(), list.Status, list.Text())
		}
	}
	if desk := all[0].Get("/interessenbekundungen/" + all[0].id()); !strings.Contains(desk.Body, `"/interessenbekundungen/dringend"`) {
		t.Errorf("no way to the list:\n%s", desk.Text())
	}
	last := all[11]
	path, code := r.letter("kommune11@musterstadt.example")
	last.Post(path, url.Values{"code": {code}})
	if got := len(r.mailed(office)); got != 11 || r.cases() != 1 {
		t.Errorf("confirmed: %d calls, want 11", got)
	}
	if list := last.Get("/interessenbekundungen/dringend"); strings.Contains(list.Body, last.id()) {
		t.Error("the confirmed one stands on the list")
	}
	path, code = r.letter("kommune0@musterstadt.example")
	all[0].Post(path, url.Values{"code": {code}})
	if got := len(r.mailed(office)); got != 11 {
		t.Errorf("the service office was called twice: %d", got)
	}
	r.advance(time.Hour)
	w := r.begin(lang.EN)
	w.fillAll(acute("spaeter@musterstadt.example"))
	w.send()
	if got := len(r.mailed(office)); got != 12 {
		t.Errorf("an hour later: %d calls, want 12", got)
	}
	for _, path := range []string{"/interessenbekundungen/dringend", "/en/interessenbekundungen/dringend"} {
		if res := w.Get(path); res.Status == http.StatusOK && strings.Contains(res.Body, "⟦") {
			t.Errorf("%s lacks texts", path)
		}
	}
	r.user = nil
	if res := w.Get("/interessenbekundungen/dringend"); res.Status != http.StatusSeeOther {
		t.Errorf("without sign-in: %d", res.Status)
	}
}

// The day-45 mail waits for the mailing window: its code is good for a day from
// then on.
func TestTheCodeOfDay45IsGoodForADayFromItsSending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	r.mailed(contact)
	r.advance(45 * day) // to a Friday
	if n := len(r.mailed(contact)); n != 1 {
		t.Fatalf("%d mails on a Friday, want 1", n)
	}
	r.advance(68 * time.Hour) // to eight o'clock on Monday
	if n := len(r.mailed(contact)); n != 2 {
		t.Fatalf("%d mails on Monday, want 2", n)
	}
	r.advance(23 * time.Hour)
	path, code := r.letter(contact)
	if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusOK {
		t.Errorf("a day after its mail: %d\n%s", res.Status, res.Text())
	}
}

func TestAnAnswerIsConfirmedHoweverLate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	w.confirm()
	r.ask(w)
	const next = "neu@musterstadt.example"
	w.fill("s2", url.Values{"contact_email": {next}})
	w.send()
	r.mailed(next)
	r.advance(61 * day)
	r.sweep()
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	if res := w.Get("/interessenbekundungen/" + w.id()); res.Status != http.StatusOK {
		t.Errorf("the service office's page: %d\n%s", res.Status, res.Text())
	}
	w.Post(w.base+"/code", url.Values{})
	path, code := r.letter(next)
	if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusOK {
		t.Errorf("confirming: %d\n%s", res.Status, res.Text())
	}
}

// A sending that is gone while its draft lives on is a page that is not there.
func TestASendingThatIsGoneIsNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	r.advance(50 * day)
	w.fill("s4", url.Values{"trigger": {"noch etwas"}})
	r.advance(20 * day)
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	if res := w.Get("/interessenbekundungen/" + w.id()); res.Status != http.StatusNotFound {
		t.Errorf("%d\n%s", res.Status, res.Text())
	}
}

// A municipality that leaves the register, by a merger say, is still the one
// that sent.
func TestAMunicipalityThatLeavesTheRegisterCanConfirm(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	place := municipality.Municipality{Key: "09999999", Name: "Musterstadt", Kind: "KAS", Land: "BY", Postcode: "99999"}
	if _, err := r.service.Register.Import(t.Context(), []municipality.Municipality{place}); err != nil {
		t.Fatal(err)
	}
	w := r.begin(lang.DE)
	w.fillAll(acute(contact), url.Values{"muni_key": {place.Key}, "further_keys[0].further_key": {"09461000"}})
	w.send()
	r.service.Register = municipality.New(tabletest.New(t))
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	for _, path := range []string{w.id(), "dringend"} {
		if res := w.Get("/interessenbekundungen/" + path); res.Status != http.StatusOK || !strings.Contains(res.Text(), "Musterstadt") {
			t.Errorf("%s: %d\n%s", path, res.Status, res.Text())
		}
	}
	w.confirm()
	it, err := r.table.Get(t.Context(), table.Key{PK: "case#KK-2026-0001", SK: "head"})
	if err != nil || string(it.Body) != `"Musterstadt"` {
		t.Errorf("the case is about %s, %v", it.Body, err)
	}
	if res := w.Get(w.base + "/bestaetigen"); res.Status != http.StatusOK {
		t.Errorf("the receipt: %d", res.Status)
	}
}

func TestAddressesThatCannotBeAreNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.user = &web.User{Email: office, Roles: []web.Role{{Code: "SVC"}}}
	b := webtest.NewBrowser(t, r.handler)
	token := r.begin(lang.DE).base
	mac := token[strings.LastIndex(token, "."):]
	for _, odd := range []string{"%ff", "%20", "%00", "a%23b", "limit%23x", strings.Repeat("A", 3000), strings.Repeat("Z", 26)} {
		for _, path := range []string{"/interessenbekundungen/" + odd, "/interessenbekundung/" + odd, "/interessenbekundung/" + odd + mac, "/interessenbekundung/" + odd + mac + "/s1", token + "/" + odd, token + "?hinweis=" + odd, "/interessenbekundung?q=" + odd} {
			want := statusOf(strings.Contains(path, "?"))
			if got := b.Get(path); got.Status != want {
				t.Errorf("GET %s: %d", path, got.Status)
			}
		}
		for _, path := range []string{"/barrierefreiheit/meldungen/" + odd, "/interessenbekundung/" + odd + mac + "/code", "/interessenbekundung/" + odd + mac} {
			if got := b.Post(path, url.Values{}); got.Status != http.StatusNotFound {
				t.Errorf("POST %s: %d", path, got.Status)
			}
		}
	}
}

// statusOf is what an odd text calls for: in a query it does no harm.
func statusOf(query bool) int {
	if query {
		return http.StatusOK
	}
	return http.StatusNotFound
}

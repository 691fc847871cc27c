package account_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kokoma/shared/web/webtest"
)

const unknown = "niemand@musterstadt.example"

func line(n int) string { return fmt.Sprintf("198.51.100.%d:1", n) }

// ask asks for a code from a line, in a browser that was never here.
func (d *desk) ask(from, email string) *webtest.Response {
	d.t.Helper()
	b := d.browser()
	b.From = from
	return b.Post("/anmelden", url.Values{"email": {email}})
}

func TestAsksFromOneLineAreLimitedAndTheEntryIsKept(t *testing.T) {
	t.Parallel()
	for _, email := range []string{office, unknown} {
		d := newDesk(t)
		for i := range 5 {
			if r := d.ask(line(1), email); r.Status != http.StatusSeeOther {
				t.Fatalf("%s, time %d: status %d", email, i+1, r.Status)
			}
		}
		r := d.ask(line(1), email)
		if r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "900" || !strings.Contains(r.Body, `value="`+email+`"`) {
			t.Errorf("%s, sixth time: status %d, Retry-After %q\n%s", email, r.Status, r.Header.Get("Retry-After"), r.Text())
		}
		d.wait(15 * time.Minute)
		if r := d.ask(line(1), email); r.Status != http.StatusSeeOther {
			t.Errorf("%s, later: status %d", email, r.Status)
		}
	}
}

func TestOneStrangerLocksNobodyOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 24 * 4 { // asks and tries as often as one line may, for a day
		for {
			b := d.browser()
			b.From = line(1)
			if r := b.Post("/anmelden", url.Values{"email": {office}}); r.Status == http.StatusTooManyRequests {
				break
			}
			for range 6 {
				b.Post("/anmelden/code", url.Values{"code": {"12345"}})
			}
		}
		if i%4 == 3 { // once an hour the owner comes with a browser that was never here
			d.mailed()
			b := d.browser()
			b.From = line(i + 2)
			d.signIn(b, office)
		}
		d.wait(15 * time.Minute)
	}
}

func TestManyLinesFloodNoMailboxAndLeaveKnownBrowsersIn(t *testing.T) {
	t.Parallel()
	for _, email := range []string{office, unknown} {
		d := newDesk(t)
		mine, other := d.browser(), d.browser()
		d.signIn(mine, office)
		mine.Post("/abmelden", nil)
		d.give(d.signedIn(), "zweite@example.org", "DSB", "")
		d.signIn(other, "zweite@example.org")
		d.mailed()
		passed := 0
		for i := range 40 {
			switch r := d.ask(line(i), email); r.Status {
			case http.StatusSeeOther:
				passed++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("status %d", r.Status)
			}
		}
		if passed > 20 || passed < 15 {
			t.Errorf("%s: %d asks passed within an hour, want at most 20", email, passed)
		}
		if got := len(d.mailed()); got > 20 {
			t.Errorf("%s: %d mails within an hour", email, got)
		}
		if r := other.Post("/anmelden", url.Values{"email": {email}}); r.Status != http.StatusTooManyRequests {
			t.Errorf("%s: a browser that is known for another address gets %d", email, r.Status)
		}
		if email == office {
			d.signIn(mine, office)
		}
		d.wait(time.Hour)
		if r := d.ask(line(250), email); r.Status != http.StatusSeeOther {
			t.Errorf("%s: an hour later: %d", email, r.Status)
		}
	}
}

// AU-2: guessing is bounded by address, too, whatever lines it comes from; who is known still gets in.
func TestTriesForOneAddressAreLimited(t *testing.T) {
	t.Parallel()
	for _, email := range []string{office, unknown} {
		d := newDesk(t)
		mine := d.browser()
		d.signIn(mine, office)
		mine.Post("/abmelden", nil)
		judged, refused := 0, 0
		for i := range 60 {
			if i%20 == 0 {
				d.wait(time.Hour)
			}
			b := d.browser()
			b.From = line(i)
			if r := b.Post("/anmelden", url.Values{"email": {email}}); r.Status != http.StatusSeeOther {
				continue
			}
			for range 5 {
				switch r := b.Post("/anmelden/code", url.Values{"code": {"12345"}}); r.Status {
				case http.StatusUnprocessableEntity:
					judged++
				case http.StatusTooManyRequests:
					refused++
				default:
					t.Fatalf("status %d", r.Status)
				}
			}
		}
		if judged > 120 || judged < 100 || refused == 0 {
			t.Errorf("%s: %d tries were judged, %d refused; want at most 120", email, judged, refused)
		}
		d.mailed()
		if email == office {
			d.signIn(mine, office)
		}
	}
}

func TestAKnownBrowserHasItsLimitsToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn()
	b.Post("/abmelden", nil)
	for i := range 5 {
		if r := b.Post("/anmelden", url.Values{"email": {office}}); r.Status != http.StatusSeeOther {
			t.Fatalf("time %d: status %d", i+1, r.Status)
		}
	}
	if r := b.Post("/anmelden", url.Values{"email": {office}}); r.Status != http.StatusTooManyRequests {
		t.Errorf("sixth time: status %d", r.Status)
	}
}

// signedIn is a browser in which the office is signed in.
func (d *desk) signedIn() *webtest.Browser {
	d.t.Helper()
	b := d.browser()
	d.signIn(b, office)
	return b
}

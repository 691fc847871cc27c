package account_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/web/webtest"
)

func TestSignInByMailedCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	if r := b.Get("/aufgaben?seite=2"); r.Location() != "/anmelden?next=%2Faufgaben%3Fseite%3D2" {
		t.Fatalf("before: %d %q", r.Status, r.Location())
	}
	r := b.Get("/anmelden?next=%2Faufgaben%3Fseite%3D2")
	if !strings.Contains(r.Body, `name="next" value="/aufgaben?seite=2"`) {
		t.Errorf("the page forgets where to go:\n%s", r.Body)
	}
	b.Post("/anmelden", url.Values{"email": {" Servicestelle@Example.org "}, "next": {"/aufgaben?seite=2"}})
	sent := d.mailed()
	if len(sent) != 1 || sent[0].To != office {
		t.Fatalf("mails: %+v, want one to %s", sent, office)
	}
	code := sixDigits.FindString(sent[0].Text)
	if code == "" || strings.Contains(sent[0].Subject, code) || !strings.Contains(sent[0].HTML, code) {
		t.Errorf("the code %q belongs into text and HTML, not into the subject: %+v", code, sent[0])
	}
	if r := b.Get("/anmelden/code"); !strings.Contains(r.Text(), office) || strings.Contains(r.Body, "⟦") {
		t.Errorf("the page for the code: %s", r.Text())
	}
	r = b.Post("/anmelden/code", url.Values{"code": {code[:3] + " " + code[3:]}})
	if r.Status != http.StatusSeeOther || r.Location() != "/aufgaben?seite=2" {
		t.Errorf("after the code: %d %q, want 303 to where it began", r.Status, r.Location())
	}
	if r := b.Get("/aufgaben"); r.Status != http.StatusOK || !strings.Contains(r.Body, office) {
		t.Errorf("signed in: %d %s", r.Status, r.Body)
	}
	if r := b.Get("/anmelden"); r.Location() != "/aufgaben" {
		t.Errorf("the sign-in shows again: %d %q", r.Status, r.Location())
	}
}

func TestUnknownAddressGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	unknown := "niemand@musterstadt.example"
	ask := func(email string) (first, second, third *webtest.Response, mails int, writes string) {
		b := d.browser()
		d.ops = nil
		first = b.Post("/anmelden", url.Values{"email": {email}})
		writes = fmt.Sprint(d.ops)
		mails = len(d.mailed())
		second = b.Get("/anmelden/code")
		third = b.Post("/anmelden/code", url.Values{"code": {"12345"}})
		return first, second, third, mails, writes
	}
	k1, k2, k3, mails, writes := ask(office)
	u1, u2, u3, noMails, sameWrites := ask(unknown)
	if mails != 1 || noMails != 0 {
		t.Errorf("mails: %d for the known address, %d for the unknown one", mails, noMails)
	}
	if writes != sameWrites {
		t.Errorf("operations of writes: %s for the known address, %s for the unknown one", writes, sameWrites)
	}
	for _, pair := range [][2]*webtest.Response{{k1, u1}, {k2, u2}, {k3, u3}} {
		known, other := pair[0], pair[1]
		if known.Status != other.Status || known.Location() != other.Location() ||
			strings.ReplaceAll(known.Body, office, unknown) != other.Body {
			t.Errorf("answers differ: %d %q\n%s\n\n%d %q\n%s", known.Status, known.Location(), known.Body,
				other.Status, other.Location(), other.Body)
		}
	}
}

// AU-2: 10 minutes, once, 5 tries, only in the browser that asked.
func TestCodesEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(d *desk, b *webtest.Browser, code string)
		right  bool
	}{
		"just in time": {func(d *desk, _ *webtest.Browser, _ string) { d.wait(10*time.Minute - time.Second) }, true},
		"too late":     {func(d *desk, _ *webtest.Browser, _ string) { d.wait(10 * time.Minute) }, false},
		"four tries before": {func(_ *desk, b *webtest.Browser, code string) {
			for range 4 {
				b.Post("/anmelden/code", url.Values{"code": {wrong(code)}})
			}
		}, true},
		"five tries before": {func(_ *desk, b *webtest.Browser, code string) {
			for range 5 {
				b.Copy().Post("/anmelden/code", url.Values{"code": {wrong(code)}})
			}
		}, false},
		"used": {func(_ *desk, b *webtest.Browser, code string) {
			b.Copy().Post("/anmelden/code", url.Values{"code": {code}})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			b := d.browser()
			code := d.code(b, office)
			c.before(d, b, code)
			r := b.Post("/anmelden/code", url.Values{"code": {code}})
			signedIn := b.Get("/aufgaben").Status == http.StatusOK
			if signedIn != c.right {
				t.Errorf("signed in: %t, want %t; the answer was %d %s", signedIn, c.right, r.Status, r.Text())
			}
			if !c.right && (r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "<title>Fehler: ")) {
				t.Errorf("the refusal has status %d, or its title does not begin with the fault", r.Status)
			}
		})
	}
}

func TestCodeWorksOnlyInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mine, other := d.browser(), d.browser()
	code := d.code(mine, office)
	d.code(other, office)
	if r := other.Post("/anmelden/code", url.Values{"code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("in another browser that asked, too: %d %q", r.Status, r.Location())
	}
	if r := d.browser().Post("/anmelden/code", url.Values{"code": {code}}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("in a browser that never asked: %d %q", r.Status, r.Location())
	}
	if r := mine.Post("/anmelden/code", url.Values{"code": {code}}); r.Status != http.StatusSeeOther {
		t.Errorf("in mine: %d %s", r.Status, r.Text())
	}
}

func TestParallelUsesOfACodeMakeOneSession(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	code := d.code(b, office)
	var wg sync.WaitGroup
	var mu sync.Mutex
	sessions := 0
	for range 5 {
		c := b.Copy()
		wg.Go(func() {
			r := c.Post("/anmelden/code", url.Values{"code": {code}})
			mu.Lock()
			defer mu.Unlock()
			if r.Status == http.StatusSeeOther {
				sessions++
			}
		})
	}
	wg.Wait()
	if sessions != 1 {
		t.Errorf("%d sessions from one code, want 1", sessions)
	}
}

// AU-1: what stands in the table signs nobody in.
func TestTableHoldsNeitherCodeNorToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	r := b.Post("/anmelden", url.Values{"email": {office}})
	secrets := []string{cookieValue(t, r, "__Host-login")}
	code := sixDigits.FindString(d.mailed()[0].Text)
	r = b.Post("/anmelden/code", url.Values{"code": {code}})
	secrets = append(secrets, code, cookieValue(t, r, "__Host-session"))
	dump := d.dump.String()
	if !strings.Contains(dump, "account#session#") || !strings.Contains(dump, "account#login#") {
		t.Fatalf("the dump is not one:\n%s", dump)
	}
	for _, secret := range secrets {
		if len(secret) < 6 || strings.Contains(dump, secret) {
			t.Errorf("the table holds %q:\n%s", secret, dump)
		}
	}
}

func cookieValue(t *testing.T, r *webtest.Response, name string) string {
	t.Helper()
	for _, line := range r.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		if c.Name == name && c.Value != "" {
			return c.Value
		}
	}
	t.Fatalf("no cookie %s in %v", name, r.Header)
	return ""
}

// AU-5
func TestCookiesAndHeadersAlsoOnErrors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	asked := b.Post("/anmelden", url.Values{"email": {office}})
	code := sixDigits.FindString(d.mailed()[0].Text)
	signedIn := b.Post("/anmelden/code", url.Values{"code": {code}})
	for _, r := range []*webtest.Response{
		asked, signedIn, b.Get("/verwaltung"), b.Get("/anmelden/unsinn"), b.Post("/verwaltung", nil),
		d.browser().Post("/anmelden", url.Values{"email": {"x"}}), b.Post("/abmelden", nil),
	} {
		for _, line := range r.Header.Values("Set-Cookie") {
			for _, want := range []string{"__Host-", "; Path=/;", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
				if !strings.Contains(line, want) {
					t.Errorf("cookie %q lacks %q", line, want)
				}
			}
		}
		for _, name := range []string{"Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy"} {
			if r.Header.Get(name) == "" {
				t.Errorf("status %d lacks %s", r.Status, name)
			}
		}
		if got := r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("status %d may be kept: %q", r.Status, got)
		}
	}
}

func TestFiftyPeopleBehindOneAddressCanSignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 50 {
		r := d.browser().Post("/anmelden", url.Values{"email": {fmt.Sprintf("person%d@musterstadt.example", i)}})
		if r.Status != http.StatusSeeOther {
			t.Fatalf("person %d: status %d", i+1, r.Status)
		}
	}
}

func TestBadAddressIsKeptAndExplained(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, email := range []string{"", "x", "a@b", `"<script>"@example.org`, strings.Repeat("a", 300) + "@example.org", "a@example.org,b@example.org", "a\r\nBcc: b@example.org"} {
		r := d.browser().Post("/en/anmelden", url.Values{"email": {email}})
		if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "<title>Error: Sign in – KoKoMa") || !strings.Contains(r.Body, `href="#f-email"`) {
			t.Errorf("%q: status %d\n%s", email, r.Status, r.Text())
		}
		if strings.Contains(r.Body, "<script>") {
			t.Errorf("%q is not escaped", email)
		}
	}
}

func TestNextLeadsOnlyToOwnPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for next, want := range map[string]string{
		"/vorgaenge?x=1": "/vorgaenge?x=1", "": "/aufgaben", "//evil.example": "/aufgaben", "https://evil.example": "/aufgaben",
		`/\evil.example`: "/aufgaben", "/abmelden": "/aufgaben", "/anmelden/code": "/aufgaben",
	} {
		d.wait(20 * time.Minute)
		b := d.browser()
		b.Post("/anmelden", url.Values{"email": {office}, "next": {next}})
		code := sixDigits.FindString(d.mailed()[0].Text)
		if r := b.Post("/anmelden/code", url.Values{"code": {code}}); r.Location() != want {
			t.Errorf("next %q leads to %q, want %q", next, r.Location(), want)
		}
	}
}

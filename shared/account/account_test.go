package account_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/account"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

const office = "servicestelle@example.org"

// desk is the service with everything around it, at a time that the test turns.
type desk struct {
	t       *testing.T
	service *account.Service
	handler http.Handler
	table   table.Table
	outbox  *mail.Outbox

	mu     sync.Mutex
	now    time.Time
	sent   []mail.Message
	writes int
	ops    []int           // operations of each write
	dump   strings.Builder // every stored image, keys included
}

// counted counts the operations of writes.
type counted struct {
	table.Table
	desk *desk
}

func (c counted) Write(ctx context.Context, ops ...table.Op) error {
	c.desk.mu.Lock()
	c.desk.ops = append(c.desk.ops, len(ops))
	c.desk.mu.Unlock()
	return c.Table.Write(ctx, ops...)
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) wait(span time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(span)
}

// Send is the mailbox.
func (d *desk) Send(_ context.Context, m mail.Message) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, m)
	return "id", nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	d.table = table.Observe(counted{tabletest.New(t, bolt.Clock(d.clock)), d}, func(_ context.Context, items []table.Item) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.writes++
		for _, it := range items {
			fmt.Fprintf(&d.dump, "%s %s %s %v %v %v\n", it.Key, it.Kind, it.Body, it.Counters, it.Due, it.By)
		}
	})
	templates, err := mail.LoadTemplates(account.Mails)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	links := mail.NewLinks(webtest.Base, map[int][]byte{1: []byte("a key of this test, 32 bytes long")}, 1)
	d.outbox = mail.New(mail.Deps{Table: d.table, Sender: d, Links: links, Templates: templates, Log: log, Now: d.clock})
	site := webtest.Site(t, account.Texts)
	d.service, err = account.New(account.Deps{
		Table: d.table, Site: site, Outbox: d.outbox, Links: links,
		Register: municipality.New(d.table), Log: log, Now: d.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	d.service.Routes(mux)
	mux.Handle("GET /aufgaben", site.Handle(web.RequireUser(func(w http.ResponseWriter, r *http.Request) error {
		u := web.UserFrom(r.Context())
		fmt.Fprintf(w, "%s %v", u.Email, u.Roles)
		return nil
	}, "SVC", "EXT")))
	site.Routes(mux)
	d.handler = site.Protect(d.service.Sessions(mux))
	if err := d.service.EnsureOffice(t.Context(), office); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) browser() *webtest.Browser { return webtest.NewBrowser(d.t, d.handler) }

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// mailed sends what is due and gives the mails that went out by it.
func (d *desk) mailed() []mail.Message {
	d.t.Helper()
	d.sent = nil
	for shard := range table.Shards() {
		var keys []table.Key
		for it, err := range table.All(d.t.Context(), d.table, table.DueUntil(shard, d.clock())) {
			if err != nil {
				d.t.Fatal(err)
			}
			keys = append(keys, it.Key)
		}
		if err := d.outbox.Due(d.t.Context(), keys, d.clock()); err != nil {
			d.t.Fatal(err)
		}
	}
	return d.sent
}

// code asks for a code in the browser and reads it from the mail.
func (d *desk) code(b *webtest.Browser, email string) string {
	d.t.Helper()
	if r := b.Post("/anmelden", url.Values{"email": {email}}); r.Location() != "/anmelden/code" {
		d.t.Fatalf("asking for a code: %d %q\n%s", r.Status, r.Location(), r.Text())
	}
	sent := d.mailed()
	if len(sent) != 1 {
		d.t.Fatalf("%d mails, want 1", len(sent))
	}
	return sixDigits.FindString(sent[0].Text)
}

func (d *desk) signIn(b *webtest.Browser, email string) {
	d.t.Helper()
	r := b.Post("/anmelden/code", url.Values{"code": {d.code(b, email)}})
	if r.Status != http.StatusSeeOther {
		d.t.Fatalf("signing in: %d\n%s", r.Status, r.Text())
	}
}

// wrong is a six-digit code that is not the right one.
func wrong(code string) string {
	if code == "123456" {
		return "654321"
	}
	return "123456"
}

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

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use func(d *desk, b *webtest.Browser)
		in  bool
	}{
		"idle for an hour less a minute": {func(d *desk, _ *webtest.Browser) { d.wait(59 * time.Minute) }, true},
		"idle for an hour":               {func(d *desk, _ *webtest.Browser) { d.wait(time.Hour) }, false},
		"used every half hour for eleven hours": {func(d *desk, b *webtest.Browser) {
			for range 22 {
				d.wait(30 * time.Minute)
				b.Get("/aufgaben")
			}
		}, true},
		"used every half hour for twelve hours": {func(d *desk, b *webtest.Browser) {
			for range 24 {
				d.wait(30 * time.Minute)
				b.Get("/aufgaben")
			}
		}, false},
		"signed out": {func(_ *desk, b *webtest.Browser) { b.Copy().Post("/abmelden", nil) }, false},
		"signed out everywhere from another device": {func(d *desk, _ *webtest.Browser) {
			other := d.browser()
			d.signIn(other, office)
			other.Post("/abmelden/ueberall", nil)
		}, false},
		"another device signed out": {func(d *desk, _ *webtest.Browser) {
			other := d.browser()
			d.signIn(other, office)
			other.Post("/abmelden", nil)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			b := d.browser()
			d.signIn(b, office)
			c.use(d, b)
			if got := b.Get("/aufgaben").Status == http.StatusOK; got != c.in {
				t.Errorf("signed in: %t, want %t", got, c.in)
			}
		})
	}
}

func TestSessionIsWrittenAtMostEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	before := d.writes
	for range 10 {
		d.wait(59 * time.Second)
		b.Get("/aufgaben")
	}
	if got := d.writes - before; got != 1 {
		t.Errorf("%d writes in ten minutes, want 1", got)
	}
}

func TestRequestsCostAReadOfSessionAndUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	for path, want := range map[string]float64{"/aufgaben": 2, "/b/token": 0, "/static/1/style.css": 0} {
		var m table.Meter
		r, err := http.NewRequestWithContext(table.WithMeter(t.Context(), &m), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Do(r)
		if write, read := m.Units(); write != 0 || read != want {
			t.Errorf("%s: %v write and %v read units, want 0 and %v", path, write, read, want)
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

func TestAsksForOneAccountAreLimitedAndTheEntryIsKept(t *testing.T) {
	t.Parallel()
	for _, email := range []string{office, "niemand@musterstadt.example"} {
		d := newDesk(t)
		for i := range 5 {
			b := d.browser()
			b.From = fmt.Sprintf("192.0.2.%d:1", i+1)
			if r := b.Post("/anmelden", url.Values{"email": {email}}); r.Status != http.StatusSeeOther {
				t.Fatalf("%s, time %d: status %d", email, i+1, r.Status)
			}
		}
		r := d.browser().Post("/anmelden", url.Values{"email": {email}})
		if r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "900" || !strings.Contains(r.Body, `value="`+email+`"`) {
			t.Errorf("%s, sixth time: status %d, Retry-After %q\n%s", email, r.Status, r.Header.Get("Retry-After"), r.Text())
		}
		d.wait(15 * time.Minute)
		if r := d.browser().Post("/anmelden", url.Values{"email": {email}}); r.Status != http.StatusSeeOther {
			t.Errorf("%s, later: status %d", email, r.Status)
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

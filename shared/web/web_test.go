package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

var pages = fstest.MapFS{
	"tmpl/_part.html":  {Data: []byte(`{{define "word"}}<b>{{.}}</b>{{end}}`)},
	"tmpl/hello.html":  {Data: []byte(`{{define "main"}}<h1>{{.Title}}</h1>{{template "word" .Word}}{{end}}`)},
	"tmpl/broken.html": {Data: []byte(`{{define "main"}}{{.NoSuchField}}{{end}}`)},
}

type helloPage struct {
	web.Page
	Word string
}

// site serves routes that end in every way a handler can end.
func site(t *testing.T, s *web.Site) http.Handler {
	t.Helper()
	p := s.Pages(pages)
	mux := http.NewServeMux()
	handle := func(pattern string, h web.HandlerFunc) { mux.Handle(pattern, s.Handle(h)) }
	fail := func(pattern string, err error) {
		handle(pattern, func(http.ResponseWriter, *http.Request) error { return err })
	}
	handle("GET /hello", func(w http.ResponseWriter, r *http.Request) error {
		return p.Render(w, r, http.StatusOK, "hello", helloPage{s.Page(r, "web.home"), `<i>`})
	})
	handle("GET /broken", func(w http.ResponseWriter, r *http.Request) error {
		return p.Render(w, r, http.StatusOK, "broken", helloPage{Page: s.Page(r, "web.home")})
	})
	handle("POST /form", func(w http.ResponseWriter, r *http.Request) error {
		if err := web.ParseForm(r); err != nil {
			return err
		}
		return web.Redirect(w, r, "/hello?from="+url.QueryEscape(r.PostForm.Get("a")))
	})
	handle("POST /desk", web.RequireUser(func(http.ResponseWriter, *http.Request) error { return nil }, "SVC"))
	handle("GET /desk", web.RequireUser(func(w http.ResponseWriter, r *http.Request) error {
		return p.Render(w, r, http.StatusOK, "hello", helloPage{s.Page(r, "web.home"), "desk"})
	}, "SVC"))
	handle("GET /panic/{secret}", func(_ http.ResponseWriter, r *http.Request) error {
		panic("Kanarienvogel " + r.PathValue("secret"))
	})
	handle("GET /index/{secret}", func(_ http.ResponseWriter, r *http.Request) error {
		return errors.New([]string{}[len(r.PathValue("secret"))])
	})
	fail("GET /fault/{secret}", fmt.Errorf("keeping answer %q of erika.muster@musterstadt.example: %w", "Kanarienvogel", errors.New("disk")))
	fail("GET /missing", fmt.Errorf("case: %w", web.ErrNotFound))
	fail("GET /link/used", fmt.Errorf("used: %w", web.ErrUnknownLink))
	fail("GET /link/expired", fmt.Errorf("expired: %w", web.ErrUnknownLink))
	fail("GET /link/unknown", web.ErrUnknownLink)
	fail("GET /large", table.ErrTooLarge)
	fail("GET /key", fmt.Errorf("reading a case: %w, %w", table.ErrKey, table.ErrTooLarge))
	fail("GET /often", &web.TooManyError{After: 90 * time.Second})
	fail("GET /busy", table.ErrThrottled)
	fail("GET /own", web.Status(http.StatusConflict, "web.crossorigin"))
	s.Routes(mux)
	return s.Protect(mux)
}

func TestEveryErrorHasItsPageInBothLanguages(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	for _, c := range []struct {
		path, de, en string
		status       int
	}{
		{"/missing", "Diese Seite gibt es nicht", "This page does not exist", 404},
		{"/nowhere", "Diese Seite gibt es nicht", "This page does not exist", 404},
		{"/form", "Diese Seite gibt es nicht", "This page does not exist", 404}, // serves POST only
		{"/link/used", "Dieser Link führt nicht weiter", "This link does not work", 404},
		{"/large", "Ihre Eingaben sind zu umfangreich", "Your entries are too long", 413},
		{"/key", "Diese Seite gibt es nicht", "This page does not exist", 404},
		{"/often", "Bitte warten Sie einen Moment", "Please wait a moment", 429},
		{"/busy", "Gerade ist sehr viel los", "We are very busy", 503},
		{"/own", "Bitte öffnen Sie die Seite neu", "Please open the page again", 409},
		{"/fault/x", "Da ist bei uns etwas schiefgegangen", "Something went wrong on our side", 500},
		{"/broken", "Da ist bei uns etwas schiefgegangen", "Something went wrong on our side", 500},
		{"/panic/x", "Da ist bei uns etwas schiefgegangen", "Something went wrong on our side", 500},
	} {
		for prefix, want := range map[string]string{"": c.de, "/en": c.en} {
			r := b.Get(prefix + c.path)
			if r.Status != c.status || !strings.Contains(r.Text(), want) {
				t.Errorf("%s%s: status %d, want %d and %q in:\n%s", prefix, c.path, r.Status, c.status, want, r.Text())
			}
			if strings.Contains(r.Body, "⟦") {
				t.Errorf("%s%s: a text is missing:\n%s", prefix, c.path, r.Body)
			}
		}
	}
	if r := b.Get("/often"); r.Header.Get("Retry-After") != "90" {
		t.Errorf("Retry-After is %q, want 90", r.Header.Get("Retry-After"))
	}
}

func TestLinksThatDoNotLeadOnLookAlike(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	strip := func(path string) string {
		r := b.Get(path)
		return fmt.Sprint(r.Status) + strings.ReplaceAll(r.Body, path, "")
	}
	want := strip("/link/unknown")
	if !strings.Contains(want, "030 390634770") || !strings.Contains(want, "neueste E-Mail") {
		t.Errorf("the page does not say how to come by a new link and whom to ask:\n%s", want)
	}
	for _, path := range []string{"/link/used", "/link/expired"} {
		if got := strip(path); got != want {
			t.Errorf("%s differs from an unknown link:\n%s\n\n%s", path, got, want)
		}
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	for _, path := range []string{"/hello", "/desk", "/nowhere", "/fault/x", "/panic/x", "/link/used", "/often", "/static/x/y", "//twice"} {
		h := b.Get(path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":    "frame-ancestors 'none'",
			"Strict-Transport-Security":  "max-age=63072000",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "same-origin",
			"Cache-Control":              "no-store",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":         "camera=()",
		} {
			if got := h.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q in it", path, name, got, want)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy allows something unsafe", path)
		}
	}
}

func TestLogsHoldNoContent(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	catalog, err := lang.LoadCatalog(web.Texts)
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Deps{Base: webtest.Base, Catalog: catalog, Log: slog.New(slog.NewTextHandler(&log, nil))})
	b := webtest.NewBrowser(t, site(t, s))
	for _, path := range []string{"/panic/geheim", "/index/geheim", "/fault/geheim"} {
		log.Reset()
		body := b.Get(path).Body
		for _, word := range []string{"geheim", "Kanarienvogel", "erika", "musterstadt"} {
			if strings.Contains(log.String(), word) {
				t.Errorf("%s: the log holds %q:\n%s", path, word, log.String())
			}
			if strings.Contains(strings.ReplaceAll(body, path, ""), word) {
				t.Errorf("%s: the page holds %q", path, word)
			}
		}
		if !strings.Contains(log.String(), "{secret}") {
			t.Errorf("%s: the log does not name the route:\n%s", path, log.String())
		}
	}
	b.Get("/index/geheim")
	if !strings.Contains(log.String(), "index out of range") || !strings.Contains(log.String(), "web_test.go") && !strings.Contains(log.String(), "web_test.site") {
		t.Errorf("the log does not say where the panic was:\n%s", log.String())
	}
}

func TestBodiesThatAreTooLargeOrBroken(t *testing.T) {
	t.Parallel()
	h := site(t, webtest.Site(t))
	many := strings.Repeat("a&", 20_000)
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"fits", "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 900_000), 303},
		{"too large", "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 1<<20), 413},
		{"broken escape", "application/x-www-form-urlencoded", "a=%zz", 400},
		{"semicolons", "application/x-www-form-urlencoded", "a=1;b=2", 400},
		{"very many fields", "application/x-www-form-urlencoded", many, 400},
		{"broken type", "application/x-www-form-urlencoded; =", "a=1", 400},
		{"multipart", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n", 303},
		{"multipart cut off", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", 400},
		{"multipart without boundary", "multipart/form-data", "x", 400},
		{"multipart too large", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + strings.Repeat("x", 1<<20), 413},
		{"no form", "application/json", "{}", 303},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/form", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.status)
		}
	}
}

func TestPageIsRenderedWithItsPartsAndShell(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	de, en := b.Get("/hello?x=1&y=2"), b.Get("/en/hello?x=1&y=2")
	for _, c := range []struct{ body, want string }{
		{de.Body, `<html lang="de">`},
		{de.Body, `<title>Zur Startseite – KoKoMa</title>`},
		{de.Body, `<b>&lt;i&gt;</b>`},
		{de.Body, `href="/en/hello?x=1&amp;y=2" hreflang="en" lang="en">English</a>`},
		{de.Body, `href="/impressum"`},
		{de.Body, `href="/leichte-sprache"`},
		{en.Body, `<html lang="en">`},
		{en.Body, `<title>Go to the start page – KoKoMa</title>`},
		{en.Body, `href="/hello?x=1&amp;y=2" hreflang="de" lang="de">Deutsch</a>`},
		{en.Body, `href="/en/barrierefreiheit"`},
	} {
		if !strings.Contains(c.body, c.want) {
			t.Errorf("%s is missing in:\n%s", c.want, c.body)
		}
	}
	if got := de.Header.Get("Content-Language"); got != "de" {
		t.Errorf("Content-Language is %q, want de", got)
	}
}

func TestPagesCheckFindsABrokenPage(t *testing.T) {
	t.Parallel()
	s := webtest.Site(t)
	if err := s.Pages(pages).Check(); err != nil {
		t.Errorf("the pages parse, but Check says %v", err)
	}
	err := s.Pages(fstest.MapFS{"tmpl/x.html": {Data: []byte("{{if}}")}}).Check()
	if err == nil || !strings.Contains(err.Error(), "x") {
		t.Errorf("Check says %v, want the name of the broken page", err)
	}
}

func TestStaticFilesAreKeptAndOldAddressesLeadToTodaysFile(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	_, rest, _ := strings.Cut(b.Get("/hello").Body, `rel="stylesheet" href="`)
	address, _, _ := strings.Cut(rest, `"`)
	for path, want := range map[string]string{
		address:                     "public, max-age=31536000, immutable",
		"/static/0123/style.css":    "no-cache",
		"/static/0123/favicon.svg":  "no-cache",
		"/static/0123/nothing.css":  "no-store",
		"/static/0123/..%2fweb.go":  "no-store",
		"/static/0123/%2e%2e/x.css": "no-store",
	} {
		r := b.Get(path)
		if got := r.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: status %d, Cache-Control %q, want %q", path, r.Status, got, want)
		}
	}
	if got := b.Get(address).Header.Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("%s has type %q", address, got)
	}
}

func TestRedirectKeepsTheLanguageAndTheSite(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/aufgaben?a=1":        "/en/aufgaben?a=1",
		"/":                    "/en/",
		"//evil.example":       "/en/",
		"///evil.example":      "/en/", // a browser takes this for a host
		`/\evil.example`:       "/en/",
		"https://evil.example": "/en/",
		"javascript:alert(1)":  "/en/",
		"/a\r\nX: y":           "/en/",
		"":                     "/en/",
	} {
		r := httptest.NewRequestWithContext(lang.With(t.Context(), lang.EN), http.MethodPost, "/x", nil)
		w := httptest.NewRecorder()
		if err := web.Redirect(w, r, path); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Location"); got != want || w.Code != http.StatusSeeOther {
			t.Errorf("redirect to %q: %d %q, want 303 %q", path, w.Code, got, want)
		}
	}
}

func TestWhoIsNotSignedInGoesThereAndBack(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	r := b.Get("/en/desk?page=2")
	if want := "/en/anmelden?next=%2Fdesk%3Fpage%3D2"; r.Status != http.StatusSeeOther || r.Location() != want {
		t.Errorf("got %d %q, want 303 %q", r.Status, r.Location(), want)
	}
}

func TestWhatWasPostedAfterTheSessionEndedComesBack(t *testing.T) {
	t.Parallel()
	b := webtest.NewBrowser(t, site(t, webtest.Site(t)))
	r := b.Post("/desk?x=1", url.Values{"text": {`Ein "langer" <Text>`}, "many": {"1", "2"}})
	if r.Status != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", r.Status)
	}
	for _, want := range []string{
		`<form method="post" action="/desk?x=1">`,
		`<input type="hidden" name="text" value="Ein &#34;langer&#34; &lt;Text&gt;">`,
		`<input type="hidden" name="many" value="1">`, `<input type="hidden" name="many" value="2">`,
		`href="/anmelden"`,
	} {
		if !strings.Contains(r.Body, want) {
			t.Errorf("%s is missing in:\n%s", want, r.Body)
		}
	}
}

func TestDeskShowsWhatARoleMaySee(t *testing.T) {
	t.Parallel()
	inner := site(t, webtest.Site(t))
	as := func(roles ...string) *webtest.Response {
		u := &web.User{Email: "a@musterstadt.example"}
		for _, c := range roles {
			u.Roles = append(u.Roles, web.Role{Code: c})
		}
		return webtest.NewBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(w, r.WithContext(web.WithUser(r.Context(), u)))
		})).Get("/desk")
	}
	if r := as("SVC"); r.Status != http.StatusOK || !strings.Contains(r.Body, `href="/vorgaenge"`) || !strings.Contains(r.Body, `action="/abmelden"`) {
		t.Errorf("the service office gets %d:\n%s", r.Status, r.Body)
	}
	for _, role := range []string{"EVA", "LOK", "DSB"} {
		if r := as(role); r.Status != http.StatusNotFound {
			t.Errorf("%s gets %d, want 404", role, r.Status)
		}
	}
	if r := as("EVA"); strings.Contains(r.Body, `href="/vorgaenge"`) || !strings.Contains(r.Body, `href="/auswertung"`) {
		t.Errorf("the evaluation's navigation is wrong:\n%s", r.Body)
	}
}

func TestRolesHoldWhereTheyWereGiven(t *testing.T) {
	t.Parallel()
	u := &web.User{Roles: []web.Role{{Code: "EXT", Municipality: "09162000"}, {Code: "EVA"}}}
	for _, c := range []struct {
		place, role string
		want        bool
	}{
		{"09162000", "EXT", true}, {"09163000", "EXT", false}, {"09163000", "EVA", true}, {"09162000", "SVC", false}, {"", "EXT", false},
	} {
		if got := u.HasIn(c.place, c.role); got != c.want {
			t.Errorf("HasIn(%q, %q) = %t, want %t", c.place, c.role, got, c.want)
		}
	}
	var nobody *web.User
	if nobody.Has() || nobody.HasIn("") || !u.Has("EXT") || u.Home() != "/aufgaben" {
		t.Error("Has or Home is wrong")
	}
}

func TestNobodyListeningIsNoFault(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	catalog, err := lang.LoadCatalog(web.Texts)
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Deps{Base: webtest.Base, Catalog: catalog, Log: slog.New(slog.NewTextHandler(&log, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := s.Handle(func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() })
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	if log.Len() > 0 {
		t.Errorf("logged: %s", log.String())
	}
}

package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

func TestLimiterRefusesBeyondTheLimitAndForgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tab := tabletest.New(t, bolt.Clock(func() time.Time { return now }))
	l := web.NewLimiter(tab)
	limit := web.Limit{Name: "test", Max: 3, Per: 15 * time.Minute}
	take := func(who string) error { return l.Take(t.Context(), limit, who, now) }
	for i := range 3 {
		if err := take("192.0.2.1"); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	now = now.Add(5 * time.Minute)
	err := take("192.0.2.1")
	e, ok := errors.AsType[*web.TooManyError](err)
	if !ok || e.Minutes() != 10 || e.Seconds() != 600 {
		t.Errorf("the fourth try: %v, want to wait ten minutes", err)
	}
	if err := take("192.0.2.2"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	now = now.Add(10 * time.Minute)
	if err := take("192.0.2.1"); err != nil {
		t.Errorf("in the next window: %v", err)
	}
}

func TestLimiterStoresNoAddress(t *testing.T) {
	t.Parallel()
	now := time.Now()
	seen := ""
	tab := table.Observe(tabletest.New(t), func(_ context.Context, items []table.Item) {
		seen += fmt.Sprintf("%+v", items)
	})
	if err := web.NewLimiter(tab).Take(t.Context(), web.Limit{Name: "test", Max: 3, Per: time.Hour}, "erika@musterstadt.example", now); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(seen, "web#limit#") || strings.Contains(seen, "erika") {
		t.Errorf("stored: %s", seen)
	}
}

func TestClientAddressBelievesOnlyTrustedProxies(t *testing.T) {
	t.Parallel()
	catalog, err := lang.LoadCatalog(web.Texts)
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Deps{Base: webtest.Base, Catalog: catalog, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:4711", "", "192.0.2.7"},
		{"192.0.2.7:4711", "198.51.100.1", "192.0.2.7"},
		{"10.1.1.1:4711", "198.51.100.1", "198.51.100.1"},
		{"10.1.1.1:4711", "203.0.113.5, 198.51.100.1, 10.2.2.2", "198.51.100.1"},
		{"10.1.1.1:4711", "nonsense", "10.1.1.1"},
		{"[2001:db8:1:2:3::4]:4711", "", "2001:db8:1:2::/64"},
		{"192.0.2.9", "", "192.0.2.9"},
		{"", "", "unknown"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.ClientAddress(r); got != c.want {
			t.Errorf("remote %q forwarded %q: %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestCookiesAreBoundToTheHost(t *testing.T) {
	t.Parallel()
	catalog, err := lang.LoadCatalog(web.Texts)
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{
		"https://kokoma.example": "__Host-session=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
		"http://127.0.0.1:8080":  "session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
	} {
		s := web.New(web.Deps{Base: base, Catalog: catalog})
		w := httptest.NewRecorder()
		s.SetCookie(w, "session", "v", time.Minute)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s: %q, want %q", base, got, want)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(w.Result().Cookies()[0])
		if got := s.Cookie(r, "session"); got != "v" {
			t.Errorf("%s: read back %q", base, got)
		}
		w = httptest.NewRecorder()
		s.ClearCookie(w, "session")
		if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") || strings.Contains(got, "=v") {
			t.Errorf("%s: clearing sends %q", base, got)
		}
		w = httptest.NewRecorder()
		s.Protect(http.NotFoundHandler()).ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); (got != "") != strings.HasPrefix(base, "https") {
			t.Errorf("%s: HSTS %q", base, got)
		}
	}
}

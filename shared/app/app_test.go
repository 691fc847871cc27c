package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

type nobody struct{}

func (nobody) Send(context.Context, mail.Message) (string, error) { return "", nil }

func platform(t *testing.T, base string) *App {
	t.Helper()
	a, err := New(Deps{
		Table: tabletest.New(t), Sender: nobody{}, LinkKeys: map[int][]byte{1: make([]byte, 32)}, LinkKey: 1,
		Base: base, Office: "servicestelle@example.org", Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestShippedDefinitionsCompile(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	const base = "https://kokoma.example"
	a := platform(t, base)
	posted := a.InFront(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, c := range []struct {
		name, host, path, origin, site string
		method                         string
		want                           int
	}{
		{name: "own page", host: "kokoma.example", path: "/x", origin: base, site: "same-origin", want: 204},
		{name: "own page, old browser", host: "kokoma.example", path: "/x", origin: base, want: 204},
		{name: "behind a proxy that rewrites Host", host: "10.0.0.1:8080", path: "/x", origin: base, want: 204},
		{name: "other site", host: "kokoma.example", path: "/x", origin: "https://evil.example", site: "cross-site", want: 403},
		{name: "other site, old browser", host: "kokoma.example", path: "/x", origin: "https://evil.example", want: 403},
		{name: "sister domain", host: "kokoma.example", path: "/x", origin: "https://a.kokoma.example", site: "same-site", want: 403},
		{name: "sandboxed frame", host: "kokoma.example", path: "/x", origin: "null", site: "cross-site", want: 403},
		{name: "neither header", host: "kokoma.example", path: "/x", want: 403},
		{name: "neither header, English", host: "kokoma.example", path: "/en/x", want: 403},
		{name: "neither header, local", host: "kokoma.example", path: "/local/clock", want: 204},
		{name: "neither header, reading", method: http.MethodGet, host: "kokoma.example", path: "/x", want: 204},
		{name: "PUT from elsewhere", method: http.MethodPut, host: "kokoma.example", path: "/x", site: "cross-site", want: 403},
	} {
		method := http.MethodPost
		if c.method != "" {
			method = c.method
		}
		r := httptest.NewRequestWithContext(t.Context(), method, c.path, nil)
		r.Host = c.host
		for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		posted.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
		if w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no security headers", c.name)
		}
	}
}

func TestEnglishIsTheSamePageUnderEn(t *testing.T) {
	t.Parallel()
	h := platform(t, "https://kokoma.example").Handler()
	for path, want := range map[string]struct {
		status int
		lang   string
	}{
		"/": {200, "de"}, "/en": {200, "en"}, "/en/": {200, "en"}, "/en/kontakt": {200, "en"},
		"/kontakt": {200, "de"}, "/english": {404, "de"}, "/en/nowhere": {404, "en"}, "/healthz": {200, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != want.status || want.lang != "" && !strings.Contains(w.Body.String(), `<html lang="`+want.lang+`"`) {
			t.Errorf("%s: %d, want %d in %q", path, w.Code, want.status, want.lang)
		}
	}
}

// TestNextDueMissesNoSecond asks for the next due time in the middle of a
// second, as a turned clock does.
func TestNextDueMissesNoSecond(t *testing.T) {
	t.Parallel()
	a := platform(t, "https://kokoma.example")
	second := time.Date(2027, 5, 5, 7, 0, 5, 0, time.UTC)
	for _, c := range []struct {
		after time.Time
		want  bool
	}{
		{second.Add(-400 * time.Millisecond), true},
		{second.Add(-time.Second), true},
		{second, false}, // handled by the tick at that second
		{second.Add(time.Millisecond), false},
	} {
		it := table.Item{Key: table.Key{PK: "mail#x", SK: "mail"}, Kind: "x", Body: []byte("{}"), Due: table.DueAt("x", second, "")}
		if err := a.table.Write(t.Context(), table.Put(it)); err != nil {
			t.Fatal(err)
		}
		at, ok, err := a.NextDue(t.Context(), c.after)
		if err != nil || ok != c.want || ok && !at.Equal(second) {
			t.Errorf("after %s: %s, %t, %v; want %t", c.after, at, ok, err, c.want)
		}
	}
}

// TestTickGivesMailsLastAndTogether lets a noun's due work put a mail into the
// outbox in the same tick.
func TestTickGivesMailsLastAndTogether(t *testing.T) {
	t.Parallel()
	a := platform(t, "https://kokoma.example")
	now := time.Date(2027, 5, 5, 7, 0, 0, 0, time.UTC)
	var order []string
	a.due = map[string]followUp{"case": func(ctx context.Context, k table.Key, _ time.Time) error {
		order = append(order, k.SK)
		if k.SK == "broken" {
			return errors.New("planted")
		}
		return a.table.Write(ctx, table.Put(table.Item{Key: k, Kind: "step", Body: []byte("{}")}))
	}}
	for _, sk := range []string{"a", "broken", "b"} {
		it := table.Item{Key: table.Key{PK: "case#1", SK: sk}, Kind: "step", Body: []byte("{}"), Due: table.DueAt("1", now, "")}
		if err := a.table.Write(t.Context(), table.Put(it)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Tick(t.Context(), now); err == nil || !strings.Contains(err.Error(), "planted") {
		t.Errorf("the tick hides what failed: %v", err)
	}
	if len(order) != 3 {
		t.Errorf("handled %v, want each once", order)
	}
	order = nil
	if err := a.Tick(t.Context(), now); err == nil {
		t.Error("what failed was not tried again")
	}
	if len(order) != 1 || order[0] != "broken" {
		t.Errorf("the second tick handled %v, want what had failed alone", order)
	}
}

// TestEveryTextIsUsed finds texts that no page and no code names, and names
// that no text has.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	a := platform(t, "https://kokoma.example")
	source := sources(t)
	for _, key := range a.site.Catalog.Keys() {
		if strings.Contains(source, `"`+key+`"`) || named(source, key) {
			continue
		}
		t.Errorf("no page and no code uses the text %s", key)
	}
	texts := map[string]bool{}
	for _, key := range a.site.Catalog.Keys() {
		texts[key] = true
	}
	for _, m := range regexp.MustCompile(`\.T "([a-z][a-z0-9._-]*)"`).FindAllStringSubmatch(source, -1) {
		if !texts[m[1]] && !strings.HasPrefix(m[1], "local.") {
			t.Errorf("a page uses the text %s, which does not exist", m[1])
		}
	}
}

// named reports whether code puts the key together from a prefix that ends at
// one of its dots, or with .title and .text as web.Status does.
func named(source, key string) bool {
	for i := len(key) - 1; i > 0; i-- {
		if key[i] != '.' {
			continue
		}
		if strings.Contains(source, `"`+key[:i+1]+`"`) {
			return true
		}
		if rest := key[i:]; (rest == ".title" || rest == ".text") && strings.Contains(source, `"`+key[:i]+`"`) {
			return true
		}
	}
	return false
}

func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			return err
		}
		raw, err := fs.ReadFile(root, name)
		all.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

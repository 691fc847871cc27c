package account_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
)

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

// FO-2: what was posted after the session had ended is sent again from the page that says so.
func TestAPostAfterTheSessionEndedIsNotLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	d.wait(2 * time.Hour)
	r := d.give(b, "erika.muster@musterstadt.example", "EVA", "")
	if r.Status != http.StatusUnauthorized {
		t.Fatalf("status %d, want 401", r.Status)
	}
	again := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(r.Body, -1) {
		again.Add(m[1], html.UnescapeString(m[2]))
	}
	d.signIn(b, office) // in another window of the same browser
	if r := b.Post("/verwaltung", again); r.Location() != "/verwaltung?ok=neu" {
		t.Errorf("sent again: %d %s\n%v", r.Status, r.Text(), again)
	}
	if !strings.Contains(b.Get("/verwaltung").Text(), "Erika Muster") {
		t.Error("the entry is lost")
	}
}

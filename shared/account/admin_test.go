package account_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/account"
	"kokoma/shared/web/webtest"
)

func id(email string) string {
	sum := sha256.Sum256([]byte(email))
	return hex.EncodeToString(sum[:])
}

func (d *desk) give(b *webtest.Browser, email, role, municipality string) *webtest.Response {
	d.t.Helper()
	return b.Post("/verwaltung", url.Values{
		"email": {email}, "name": {"Erika  Muster"}, "role": {role}, "municipality": {municipality},
	})
}

func TestOfficeGivesAndTakesRoles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	email := "erika.muster@musterstadt.example"
	if r := d.give(b, "Erika.Muster@musterstadt.example", "EXT", "09 162 000"); r.Location() != "/verwaltung?ok=neu" {
		t.Fatalf("giving a role: %d %s", r.Status, r.Text())
	}
	d.give(b, email, "EXT", "09162000") // again: no second one
	d.give(b, email, "EXT", "KK-2026-0007")
	page := b.Get("/verwaltung?ok=neu")
	for _, want := range []string{"Erika Muster", email, "Externe Prozessbegleitung", "KK-2026-0007", "Die Rolle ist vergeben."} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("%q is missing in:\n%s", want, page.Text())
		}
	}
	if strings.Contains(page.Body, "⟦") {
		t.Errorf("a text is missing:\n%s", page.Body)
	}
	theirs := d.browser()
	d.signIn(theirs, email)
	if r := theirs.Get("/aufgaben"); r.Body != email+" [{EXT 09162000} {EXT KK-2026-0007}]" {
		t.Errorf("they are %q", r.Body)
	}
	for _, place := range []string{"09162000", "KK-2026-0007"} {
		r := b.Post("/verwaltung/entfernen", url.Values{"person": {id(email)}, "role": {"EXT"}, "municipality": {place}})
		if r.Location() != "/verwaltung?ok=weg" {
			t.Errorf("taking the role: %d %s", r.Status, r.Text())
		}
	}
	if r := theirs.Get("/aufgaben"); r.Status != http.StatusSeeOther {
		t.Errorf("without a role they still get %d", r.Status)
	}
	if strings.Contains(b.Get("/verwaltung").Text(), email) {
		t.Error("who has no role is still listed")
	}
}

func TestWrongEntriesForARoleAreKeptAndExplained(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	good := "erika.muster@musterstadt.example"
	for _, c := range []struct{ email, role, place, field string }{
		{"x", "SVC", "", "email"},
		{good, "", "", "role"},
		{good, "KING", "", "role"},
		{good, "GRE", "", "role"}, // never signs in
		{good, "EXT", "", "municipality"},
		{good, "EXT", "123", "municipality"},
		{good, "SVC", "09162000", "municipality"},
	} {
		r := d.give(b, c.email, c.role, c.place)
		if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, `href="#f-`+c.field+`"`) ||
			!strings.Contains(r.Body, `value="`+c.email+`"`) || !strings.Contains(r.Body, "<title>Fehler: Verwaltung") {
			t.Errorf("%+v: status %d\n%s", c, r.Status, r.Text())
		}
	}
	if users, err := d.service.Users(t.Context()); err != nil || len(users) != 1 {
		t.Errorf("users: %+v %v, want the office alone", users, err)
	}
}

func TestAdministrationIsNotFoundForOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := d.browser()
	d.signIn(admin, office)
	for role, c := range map[string]struct {
		place     string
		see, edit bool
	}{
		"SVC": {"", true, true}, "ADM": {"", true, true}, "DSB": {"", true, false}, "EVA": {"", false, false},
		"EXT": {"09162000", false, false}, "LOK": {"09162000", false, false}, "FED": {"09162000", false, false},
		"LEI": {"09162000", false, false}, "KM": {"09162000", false, false},
	} {
		email := strings.ToLower(role) + "@musterstadt.example"
		if r := d.give(admin, email, role, c.place); r.Status != http.StatusSeeOther {
			t.Fatalf("giving %s: %d %s", role, r.Status, r.Text())
		}
		b := d.browser()
		d.signIn(b, email)
		list := b.Get("/verwaltung")
		if got := list.Status == http.StatusOK; got != c.see || !got && list.Status != http.StatusNotFound {
			t.Errorf("%s sees the list with status %d, want to see it: %t", role, list.Status, c.see)
		}
		if got := strings.Contains(list.Body, "<select"); got != c.edit {
			t.Errorf("%s is offered to edit: %t, want %t", role, got, c.edit)
		}
		added := d.give(b, "neu@musterstadt.example", "DSB", "")
		removed := b.Post("/verwaltung/entfernen", url.Values{"person": {id(office)}, "role": {"ADM"}})
		if c.edit != (added.Status == http.StatusSeeOther) || !c.edit && (added.Status != http.StatusNotFound || removed.Status != http.StatusNotFound) {
			t.Errorf("%s adds with %d and removes with %d, may edit: %t", role, added.Status, removed.Status, c.edit)
		}
		d.give(admin, office, "ADM", "")
	}
}

func TestNobodyTakesTheirOwnAdministration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	for _, role := range []string{"SVC", "ADM"} {
		r := b.Post("/verwaltung/entfernen", url.Values{"person": {id(office)}, "role": {role}})
		if r.Status != http.StatusNotFound {
			t.Errorf("taking the own role %s: %d", role, r.Status)
		}
	}
	if strings.Contains(b.Get("/verwaltung").Body, "/verwaltung/entfernen") {
		t.Error("the page offers it")
	}
}

func TestEnsureOfficeChangesNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	d.signIn(b, office)
	d.give(b, "zweite@example.org", "SVC", "")
	other := d.browser()
	d.signIn(other, "zweite@example.org")
	other.Post("/verwaltung/entfernen", url.Values{"person": {id(office)}, "role": {"ADM"}})
	if err := d.service.EnsureOffice(t.Context(), office); err != nil {
		t.Fatal(err)
	}
	if r := b.Get("/aufgaben"); r.Body != office+" [{SVC }]" {
		t.Errorf("after the next start: %q, want the role that is left", r.Body)
	}
	if err := d.service.EnsureOffice(t.Context(), "nonsense"); err == nil {
		t.Error("an office without an address passes")
	}
}

func TestPagesAreWhole(t *testing.T) {
	t.Parallel()
	site := webtest.Site(t, account.Texts)
	d := newDesk(t)
	b := d.browser()
	d.code(b, office)
	for _, path := range []string{"/anmelden", "/anmelden/code", "/anmelden?abgemeldet=1"} {
		for _, prefix := range []string{"", "/en"} {
			if r := b.Get(prefix + path); r.Status != http.StatusOK || strings.Contains(r.Body, "⟦") {
				t.Errorf("%s%s: status %d or a text is missing", prefix, path, r.Status)
			}
		}
	}
	for _, code := range []string{"SVC", "EVA", "ADM", "DSB", "EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM"} {
		if strings.Contains(site.Catalog.T("en", "account.role."+code), "⟦") {
			t.Errorf("role %s has no name", code)
		}
	}
}

func (d *desk) takeAway(b *webtest.Browser, email, role string) *webtest.Response {
	d.t.Helper()
	return b.Post("/verwaltung/entfernen", url.Values{"person": {id(email)}, "role": {role}})
}

func TestARemovedOfficeStaysRemoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.signedIn(), d.browser()
	d.give(first, "zweite@example.org", "SVC", "")
	d.signIn(second, "zweite@example.org")
	for _, role := range []string{"SVC", "ADM"} {
		if r := d.takeAway(second, office, role); r.Status != http.StatusSeeOther {
			t.Fatalf("taking %s: %d", role, r.Status)
		}
	}
	for range 2 {
		if err := d.service.EnsureOffice(t.Context(), office); err != nil {
			t.Fatal(err)
		}
	}
	if users, err := d.service.Users(t.Context()); err != nil || len(users) != 1 {
		t.Errorf("after the next start: %+v %v, want the second one alone", users, err)
	}
	if r := first.Get("/aufgaben"); r.Status != http.StatusSeeOther {
		t.Errorf("the removed one still gets %d", r.Status)
	}
	known, stranger := d.browser(), d.browser()
	a := known.Post("/anmelden", url.Values{"email": {office}})
	b := stranger.Post("/anmelden", url.Values{"email": {unknown}})
	if a.Status != b.Status || a.Location() != b.Location() || len(d.mailed()) != 0 {
		t.Errorf("the removed one gets %d, an unknown address %d, or a code went out", a.Status, b.Status)
	}
}

func TestSignedOutSessionsStayOutWhenSomebodyComesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin, email := d.signedIn(), "erika.muster@musterstadt.example"
	d.give(admin, email, "SVC", "")
	lost, other := d.browser(), d.browser()
	d.signIn(lost, email)
	d.signIn(other, email)
	other.Post("/abmelden/ueberall", nil)
	d.takeAway(admin, email, "SVC")
	if strings.Contains(lastImage(d.dump.String(), id(email)), "Muster") {
		t.Error("name or address of who was removed are kept")
	}
	d.give(admin, email, "SVC", "")
	if r := lost.Get("/aufgaben"); r.Status != http.StatusSeeOther {
		t.Errorf("the lost device is in again: %d", r.Status)
	}
	d.signIn(d.browser(), email)
}

// lastImage is the last line of the dump with that in it.
func lastImage(dump, what string) string {
	at := strings.LastIndex(dump, "account#user#"+what)
	if at < 0 {
		return ""
	}
	image, _, _ := strings.Cut(dump[at:], "\n")
	return image
}

func TestHandMadeIDsAreNotFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn()
	for _, person := range []string{"\xff", "a\xc3", strings.Repeat("x", 3000), strings.Repeat("ü", 1500)} {
		r := b.Post("/verwaltung/entfernen", url.Values{"person": {person}, "role": {"DSB"}})
		if r.Status != http.StatusNotFound || !strings.Contains(r.Text(), "Diese Seite gibt es nicht") {
			t.Errorf("person %.20q: status %d\n%s", person, r.Status, r.Text())
		}
	}
}

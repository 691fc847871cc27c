package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPlatformAdministrationGivesAndTakesOnlyItsOwnRoles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	svc, adm, email := d.signedIn(), d.browser(), "adm@musterstadt.example"
	d.give(svc, email, "ADM", "")
	d.give(svc, "zweite@example.org", "DSB", "")
	d.signIn(adm, email)
	for role, place := range map[string]string{"SVC": "", "EVA": "", "EXT": "09162000", "LEI": "09162000"} {
		for _, who := range []string{email, "neu@musterstadt.example"} {
			r := d.give(adm, who, role, place)
			if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, `href="#f-role"`) {
				t.Errorf("giving %s to %s: %d", role, who, r.Status)
			}
		}
		d.give(svc, "dritte@example.org", role, place)
		r := adm.Post("/verwaltung/entfernen", url.Values{"person": {id("dritte@example.org")}, "role": {role}, "municipality": {place}})
		if r.Status != http.StatusNotFound {
			t.Errorf("taking %s: %d", role, r.Status)
		}
	}
	if r := d.takeAway(adm, office, "SVC"); r.Status != http.StatusNotFound {
		t.Errorf("taking SVC from the office: %d", r.Status)
	}
	page := adm.Get("/verwaltung").Body
	for _, not := range []string{`<option value="SVC"`, `<option value="EXT"`, `name="role" value="SVC"`, `name="role" value="EXT"`, `<optgroup label="Für eine Kommune"`} {
		if strings.Contains(page, not) {
			t.Errorf("the page offers %s", not)
		}
	}
	for _, want := range []string{`<option value="DSB"`, `<option value="ADM"`, `name="role" value="DSB"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not offer %s", want)
		}
	}
	for _, role := range []string{"ADM", "DSB"} {
		if r := d.give(adm, "vierte@example.org", role, ""); r.Status != http.StatusSeeOther {
			t.Errorf("giving %s: %d", role, r.Status)
		}
		if r := d.takeAway(adm, "vierte@example.org", role); r.Status != http.StatusSeeOther {
			t.Errorf("taking %s: %d", role, r.Status)
		}
	}
	users, err := d.service.Users(t.Context())
	if err != nil || len(users) != 4 {
		t.Errorf("users: %+v %v", users, err)
	}
}

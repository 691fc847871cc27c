package workflow

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// everybody is signed in as one of each role.
func (w *world) everybody() map[string]*webtest.Browser {
	return map[string]*webtest.Browser{
		"SVC": w.svc(), "EXT": w.signedIn("aussen@begleitung.example", "EXT"), "LOK": w.signedIn("vorort@verein.example", "LOK"),
		"FED": w.signedIn("amt@musterstadt.example", "FED"), "KUF": w.signedIn(expert, "KUF"),
		"LEI": w.signedIn(lead, "LEI"), "STG": w.signedIn("steuerung@musterstadt.example", "STG"),
		"TRA": w.signedIn("traeger@verein.example", "TRA"), "foreign FED": w.signedIn("amt@anderswo.example", "FED"),
		"EVA": w.signedIn("auswertung@example.org", "EVA"), "ADM": w.signedIn("technik@example.org", "ADM"),
	}
}

// TestContactsAreForWhoMaySeeThem goes through kokoma.md 6.1, line contacts: who
// sees the page of roles, and who can change what there.
func TestContactsAreForWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	w := resources(t)
	base := "/vorgaenge/" + w.id
	with := func(do, role, email string) string {
		return base + "/" + do + "?wer=" + role + "." + cases.WhoHash(email)
	}
	carrier := "traeger@verein.example"
	for path, may := range map[string][]string{
		base + "/rollen":                      {"SVC", "EXT", "LOK", "FED"},
		base + "/rolle":                       {"SVC", "FED"},
		base + "/abwesend":                    {"EXT", "LOK", "FED", "KUF", "LEI"}, // who holds a role
		base + "/wieder-da":                   {},
		base + "/rolle-beenden":               {},
		with("rolle-beenden", "KUF", expert):  {"SVC", "FED"},
		with("rolle-beenden", "TRA", carrier): {"SVC"},
		with("abwesend", "KUF", expert):       {"SVC", "FED", "KUF"},
		with("abwesend", "TRA", carrier):      {"SVC"},
		with("wieder-da", "KUF", expert):      {},
		with("abwesend", "KUF", carrier):      {},
		with("pausieren", "KUF", expert):      {},
	} {
		for who, b := range w.everybody() {
			want := http.StatusNotFound
			if slices.Contains(may, who) {
				want = http.StatusOK
			}
			r := b.Get(path)
			if r.Status != want {
				t.Errorf("%s at %s: status %d, want %d", who, path, r.Status, want)
			}
			if want == http.StatusNotFound {
				if r := b.Post(path, url.Values{"_command": {"x"}, "_iteration": {"0"}, "to": {w.day(3).String()}, "from": {w.day(0).String()}}); r.Status != want && !(strings.HasSuffix(path, "/rollen") && r.Status == http.StatusMethodNotAllowed) {
					t.Errorf("%s posting to %s: status %d, want %d", who, path, r.Status, want)
				}
			}
		}
	}
}

var withPath = regexp.MustCompile(`href="([^"]*\?wer=KUF\.[0-9a-f]+)"`)

// acts are the links of a row of the page of roles.
func acts(page *webtest.Response) map[string]string {
	out := map[string]string{}
	for _, m := range withPath.FindAllStringSubmatch(page.Body, -1) {
		name, _, _ := strings.Cut(m[1][strings.LastIndex(m[1], "/")+1:], "?")
		out[name] = m[1]
	}
	return out
}

// TestRolesAreKeptOnTheirPage names, adds, lets go and ends at the desk.
func TestRolesAreKeptOnTheirPage(t *testing.T) {
	t.Parallel()
	w := resources(t)
	base := "/vorgaenge/" + w.id
	fed := w.signedIn("amt@musterstadt.example", "FED")
	shows(t, fed, base, "Rollen und Kontakte")
	page := shows(t, fed, base+"/rollen", expert, "erreichbar", "Vertretung", "traeger@verein.example", "niemand benannt")
	if strings.Contains(page.Text(), "⟦") {
		t.Errorf("a text is missing:\n%s", page.Text())
	}
	post := func(path string, v url.Values) *webtest.Response {
		t.Helper()
		r := fed.Post(path, fill(shows(t, fed, path), v))
		if r.Status != http.StatusSeeOther || r.Location() != base+"/rollen" {
			t.Fatalf("%s: status %d to %q\n%s", path, r.Status, r.Location(), r.Text())
		}
		return r
	}
	from, to := w.day(3), w.day(20)
	post(base+"/rolle", url.Values{
		"role": {"KUF"}, "name": {"Zweite Fachkraft"}, "email": {another}, "phone": {"0123 456"}, "add": {"Y"},
		"from": {from.String()}, "to": {to.String()}, "deputy": {deputy}, "deputy_name": {"Kollegin"},
	})
	shows(t, fed, base+"/rollen", expert, another, "0123 456", "Kollegin, "+deputy, lang.Short(lang.DE, from)+" bis "+lang.Short(lang.DE, to))
	w.turn(from.At(12, 0))
	w.wants("A05", "", expert, another)

	path := acts(shows(t, fed, base+"/rollen"))
	bad := url.Values{"from": {w.day(0).String()}, "to": {w.day(-2).String()}}
	if r := fed.Post(path["abwesend"], fill(shows(t, fed, path["abwesend"]), bad)); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong period: status %d", r.Status)
	}
	post(path["abwesend"], url.Values{"from": {w.day(0).String()}, "to": {w.day(5).String()}})
	w.wants("A05", "", expert, deputy)
	page = shows(t, fed, base+"/rollen", lang.Short(lang.DE, w.day(5)))
	post(acts(page)["wieder-da"], url.Values{"_send": {"1"}})
	w.wants("A05", "", expert, another)
	w.days(2)
	post(path["rolle-beenden"], url.Values{"last": {w.day(-1).String()}, "reason": {"Stelle gewechselt"}})
	w.wants("A05", "", expert)
	shows(t, fed, base+"/rollen", "ausgeschieden")
	w.do(command.Bounce{Meta: by(process.ByClock), Email: expert})
	shows(t, fed, base+"/rollen", "E-Mail kommt zurück seit "+lang.Short(lang.DE, w.day(0)))
	w.sameAsEvents()
}

// TestOwnAbsenceCountsInAllCases signs in as somebody who holds a role in two
// municipalities, and as one whom somebody else notes in one of them.
func TestOwnAbsenceCountsInAllCases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const tandem = "aussen@begleitung.example"
	var ids []string
	for _, key := range []string{"09999123", "09999124", "09999125"} {
		ids = append(ids, w.beginFor(municipality.Municipality{Key: key, Name: "Musterstadt " + key, Land: "BY"}, process.People{
			"FED": {{Email: "amt" + key + "@musterstadt.example"}},
		}))
		role := process.Person{Email: tandem}
		if key == "09999125" {
			role.Email = another
		}
		w.do(command.Assign{Meta: by("SVC"), Role: "EXT", Person: role})
	}
	away := func(id string) bool {
		w.id = id
		return !w.record().People.Reachable(tandem, w.day(0))
	}
	office := "/vorgaenge/" + ids[0] + "/abwesend?wer=EXT." + cases.WhoHash(tandem)
	v := url.Values{"from": {w.day(0).String()}, "to": {w.day(5).String()}}
	svc := w.svc()
	svc.Post(office, fill(shows(t, svc, office), v))
	if !away(ids[0]) || away(ids[1]) {
		t.Errorf("noted by the office: away in the first case %t, in the second %t; want only the first", away(ids[0]), away(ids[1]))
	}
	w.id = ids[0]
	w.do(command.Return{Meta: by("SVC"), Email: tandem})
	b := w.signedIn(tandem, "EXT")
	path := "/vorgaenge/" + ids[0] + "/abwesend"
	if r := b.Post(path, fill(shows(t, b, path), v)); r.Status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", r.Status, r.Text())
	}
	for i, want := range []bool{true, true, false} {
		if got := away(ids[i]); got != want {
			t.Errorf("said by themselves: away in case %d is %t, want %t", i+1, got, want)
		}
	}
}

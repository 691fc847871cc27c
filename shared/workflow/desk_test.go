package workflow

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/command"
)

// signedIn is a browser of somebody at the desk.
func (w *world) signedIn(email string, codes ...string) *webtest.Browser {
	u := &web.User{Email: email}
	for _, c := range codes {
		u.Roles = append(u.Roles, web.Role{Code: c})
	}
	return w.as(u)
}

func (w *world) as(u *web.User) *webtest.Browser {
	return webtest.NewBrowser(w.t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mux.ServeHTTP(rw, r.WithContext(web.WithUser(r.Context(), u)))
	}))
}

func (w *world) svc() *webtest.Browser { return w.signedIn(office, "SVC") }

// shows opens a page that has to be there and to say something.
func shows(t testing.TB, b *webtest.Browser, path string, want ...string) *webtest.Response {
	t.Helper()
	r := b.Get(path)
	if r.Status != http.StatusOK {
		t.Fatalf("%s: status %d\n%s", path, r.Status, r.Text())
	}
	text := r.Text()
	for _, s := range want {
		if !strings.Contains(text, s) {
			t.Errorf("%s lacks %q:\n%s", path, s, text)
		}
	}
	if strings.Contains(text, "⟦") {
		t.Errorf("%s has a text that nobody wrote:\n%s", path, text)
	}
	return r
}

func TestDeskWalksThroughTheReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	b := w.svc()
	shows(t, b, "/aufgaben", "Angaben prüfen", "Musterstadt", w.no, "bis 20.04.2026")
	for _, step := range []string{"O02", "O03", "O04"} {
		path := "/vorgaenge/" + w.id + "/schritte/" + step
		page := shows(t, b, path, "Absenden")
		if step == "O02" && !strings.Contains(page.Text(), "Angaben der Kommune") {
			t.Error("the check does not show the expression of interest")
		}
		r := b.Post(path, fill(page, w.values(step)))
		if r.Status != http.StatusSeeOther {
			t.Fatalf("sending %s: status %d\n%s", step, r.Status, r.Text())
		}
		shows(t, b, r.Location(), "Erledigt:")
	}
	shows(t, b, "/vorgaenge/"+w.id, "Musterstadt", "aktiv", "M0", "noch nicht erreicht", "O05 Kooperationsvereinbarung schließen", "Verwaltungsspitze", "Erinnerung am", "Interessenbekundung bestätigt", "Stand: aktiv", "leitung@musterstadt.example")
	shows(t, b, "/vorgaenge", w.no, "Musterstadt", "Einstieg")
	shows(t, b, "/vorgaenge?suche=muster&stand=active&phase=O", w.no, "Vorgänge: 1")
	shows(t, b, "/vorgaenge?suche=anderswo", "Vorgänge: 0")
	shows(t, b, "/kommunen", "Musterstadt", "09999123", w.no)
	shows(t, b, "/aufgaben", "Nichts offen")
	shows(t, b, "/vorgaenge/"+w.id+"/schritte/O04", "aufgenommen", "erledigt", "Wieder öffnen")
	shows(t, b, "/en/vorgaenge/"+w.id, "Conclude the co-operation agreement", "History")
}

func TestDeskActions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	b := w.svc()
	base := "/vorgaenge/" + w.id
	act := func(path string, v url.Values, want int) *webtest.Response {
		t.Helper()
		page := shows(t, b, path)
		r := b.Post(path, fill(page, v))
		if r.Status != want {
			t.Fatalf("%s: status %d, want %d\n%s", path, r.Status, want, r.Text())
		}
		if want == http.StatusSeeOther {
			if again := b.Post(path, fill(page, v)); again.Status != want {
				t.Errorf("%s, sent twice: status %d", path, again.Status)
			}
		}
		return r
	}
	later := w.current("A05").Due.AddDays(30).String()
	act(base+"/schritte/A05/verlaengern", url.Values{"due": {"2020-01-01"}, "reason": {"mehr Zeit"}}, http.StatusUnprocessableEntity)
	act(base+"/schritte/A05/verlaengern", url.Values{"due": {later}, "reason": {"mehr Zeit nötig"}}, http.StatusSeeOther)
	if got := w.current("A05").Due.String(); got != later {
		t.Errorf("A05 is due on %s, want %s", got, later)
	}
	act(base+"/schritte/A05/beauftragen", url.Values{"name": {"Projektbüro"}, "email": {"projekt@verein.example"}}, http.StatusSeeOther)
	act(base+"/schritte/A05/ueberspringen", url.Values{"reason": {"kurz"}}, http.StatusUnprocessableEntity)
	act(base+"/schritte/A05/ueberspringen", url.Values{"reason": {"liegt aus einem anderen Projekt vor"}}, http.StatusSeeOther)
	act(base+"/schritte/A05/wieder-oeffnen", url.Values{"reason": {"doch noch gebraucht"}}, http.StatusSeeOther)
	act(base+"/rolle", url.Values{"role": {"STG"}, "name": {"Vorsitz"}, "email": {"vorsitz@musterstadt.example"}}, http.StatusSeeOther)
	act(base+"/pausieren", url.Values{"reason": {"Wahlkampf"}}, http.StatusSeeOther)
	act(base+"/fortsetzen", url.Values{}, http.StatusSeeOther)
	shows(t, b, base, "mehr Zeit nötig", "liegt aus einem anderen Projekt vor", "doch noch gebraucht", "Wahlkampf", "Stand: pausiert", "Stand: aktiv", "Rollen besetzt: Steuerungsgruppe")
	if r := b.Get(base + "/schritte/A03/ueberspringen"); r.Status != http.StatusNotFound {
		t.Errorf("a milestone can be skipped: status %d", r.Status)
	}

	page := shows(t, b, base+"/schritte/A03", "Sie tragen für jemand anderen ein")
	if r := b.Post(base+"/schritte/A03", fill(page, w.values("A03"))); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Bitte nennen Sie den Grund") {
		t.Errorf("recording without a reason: status %d", r.Status)
	}
	v := fill(page, w.values("A03"))
	v.Set("_reason", "telefonisch")
	if r := b.Post(base+"/schritte/A03", v); r.Status != http.StatusSeeOther {
		t.Fatalf("recording: status %d\n%s", r.Status, r.Text())
	}
	shows(t, b, base, "Servicestelle für federführendes Amt", "telefonisch", "M1", "erreicht am")

	page = shows(t, b, base+"/schritte/A03/korrigieren")
	v = fill(page, w.values("A03"))
	v.Set("rhythm_weeks", "8")
	if r := b.Post(base+"/schritte/A03/korrigieren", v); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("correcting without a reason: status %d", r.Status)
	}
	v.Set("_reason", "Rhythmus verlesen")
	for range 2 {
		if r := b.Post(base+"/schritte/A03/korrigieren", v); r.Status != http.StatusSeeOther {
			t.Fatalf("correcting: status %d\n%s", r.Status, r.Text())
		}
	}
	if got := w.current("A03").Answers.Text("rhythm_weeks"); got != "8" {
		t.Errorf("the rhythm is %s, want 8", got)
	}
	act(base+"/zurueckziehen", url.Values{"reason": {"Ratsbeschluss"}}, http.StatusSeeOther)
	shows(t, b, base, "zurückgezogen", "Ratsbeschluss")
	w.sameAsEvents()
}

func TestTasksAreSettled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC", "safety_flag", "Y")
	b := w.svc()
	shows(t, b, "/aufgaben", "Sicherheit: bitte anrufen")
	page := shows(t, b, "/vorgaenge/"+w.id, "Zu erledigen", "Sicherheit: bitte anrufen")
	_, rest, _ := strings.Cut(page.Body, "/erledigen?aufgabe=")
	name, _, _ := strings.Cut(rest, `"`)
	path := "/vorgaenge/" + w.id + "/erledigen?aufgabe=" + name
	v := fill(shows(t, b, path), url.Values{"reason": {"angerufen, es geht allen gut"}})
	for range 2 {
		if r := b.Post(path, v); r.Status != http.StatusSeeOther {
			t.Fatalf("status %d\n%s", r.Status, r.Text())
		}
	}
	if text := shows(t, b, "/aufgaben").Text(); strings.Contains(text, "Sicherheit") {
		t.Error("the task is still there")
	}
}

// TestRolesSeeWhatIsTheirs goes through kokoma.md 6.1.
func TestRolesSeeWhatIsTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	for _, s := range [][2]string{{"A01", "EXT"}, {"A02", "FED"}, {"A03", "FED"}, {"A04", "LOK"}, {"A09", "LOK"}} {
		w.submit(s[0], s[1])
	}
	base := "/vorgaenge/" + w.id
	people := map[string]*webtest.Browser{
		"SVC": w.svc(), "EXT": w.signedIn("aussen@begleitung.example", "EXT"), "LOK": w.signedIn("vorort@verein.example", "LOK"),
		"FED": w.signedIn("amt@musterstadt.example", "FED"), "KUF": w.signedIn("fachstelle@musterstadt.example", "KUF"),
		"LEI": w.signedIn(lead, "LEI"), "STG": w.signedIn("steuerung@musterstadt.example", "STG"),
		"TRA": w.signedIn("traeger@verein.example", "TRA"), "foreign FED": w.signedIn("amt@anderswo.example", "FED"),
		"EVA": w.signedIn("auswertung@example.org", "EVA"), "ADM": w.signedIn("technik@example.org", "ADM"),
	}
	for path, may := range map[string][]string{
		base:                                    {"SVC", "EXT", "LOK", "FED", "KUF", "LEI", "STG"},
		base + "/schritte/A02":                  {"SVC", "EXT", "LOK", "FED", "KUF", "LEI", "STG"},
		base + "/schritte/A05":                  {"SVC", "EXT", "LOK", "FED", "KUF", "LEI", "STG"},
		base + "/schritte/A05/verlaengern":      {"SVC", "EXT"},
		base + "/schritte/A02/korrigieren":      {"SVC", "EXT", "LOK", "FED"},
		base + "/schritte/A09/korrigieren":      {"EXT", "LOK"},
		base + "/rollen":                        {"SVC", "EXT", "LOK", "FED"},
		base + "/abwesend":                      {"EXT", "LOK", "FED", "KUF", "LEI", "STG"}, // who holds a role
		base + "/rolle":                         {"SVC", "FED"},
		base + "/pausieren":                     {"SVC"},
		base + "/zurueckziehen":                 {"SVC", "FED"},
		base + "/fortsetzen":                    {},
		base + "/gibtesnicht":                   {},
		"/vorgaenge/" + strings.Repeat("A", 26): {},
		"/vorgaenge/x":                          {},
	} {
		for who, b := range people {
			want := http.StatusNotFound
			if slices.Contains(may, who) {
				want = http.StatusOK
			}
			if r := b.Get(path); r.Status != want {
				t.Errorf("%s at %s: status %d, want %d", who, path, r.Status, want)
			}
		}
	}
	note, safety := "nur für das Tandem bestimmt", "Getrennte Sprechzeiten"
	for who, b := range people {
		if who == "TRA" || who == "foreign FED" || who == "EVA" || who == "ADM" {
			continue
		}
		a04, a09 := b.Get(base+"/schritte/A04").Body, b.Get(base+"/schritte/A09").Body
		if got, want := strings.Contains(a04, note), who == "EXT" || who == "LOK"; got != want {
			t.Errorf("%s sees the note on an actor: %t, want %t", who, got, want)
		}
		if got, want := strings.Contains(a09, "nicht für Ihre Rolle bestimmt"), who != "EXT" && who != "LOK" && who != "LEI"; got != want {
			t.Errorf("%s is told that answers of A09 are not for their role: %t, want %t", who, got, want)
		}
		if got := strings.Contains(a09, "keine Angabe"); got && who != "EXT" && who != "LOK" && who != "LEI" {
			t.Errorf("%s is told that nobody answered what is kept from them", who)
		}
		if !strings.Contains(a04, "Anwohnendenverein") {
			t.Errorf("%s does not see the actors", who)
		}
		if got, want := strings.Contains(a09, safety), who == "EXT" || who == "LOK" || who == "LEI"; got != want {
			t.Errorf("%s sees the safety note: %t, want %t", who, got, want)
		}
		if text := b.Get(base).Text(); strings.Contains(text, "traeger@verein.example") != (who == "SVC" || who == "EXT" || who == "LOK" || who == "FED") {
			t.Errorf("%s sees contacts, or does not: %s", who, text)
		}
	}
	shows(t, people["KUF"], "/aufgaben", "Ressourcen und Angebote erfassen")
	shows(t, people["foreign FED"], "/aufgaben", "Nichts offen")
	shows(t, people["foreign FED"], "/vorgaenge", "Vorgänge: 0")
	shows(t, people["FED"], "/vorgaenge", w.no)
	if r := w.browser().Get(base); r.Status != http.StatusSeeOther || !strings.Contains(r.Location(), "/anmelden") {
		t.Errorf("nobody at the case: status %d", r.Status)
	}
}

func TestCarrierDoesTheStepAskedOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.submit("O05", "LEI")
	b := w.signedIn("traeger@verein.example", "TRA")
	shows(t, b, "/aufgaben", "Tandem benennen")
	path := "/vorgaenge/" + w.id + "/schritte/O06"
	r := b.Post(path, fill(shows(t, b, path), w.values("O06")))
	if r.Status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", r.Status, r.Text())
	}
	shows(t, b, r.Location(), "Aufgaben")
}

func TestStepDoneMeanwhileKeepsWhatWasTypedAtTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	b := w.signedIn("aussen@begleitung.example", "EXT")
	path := "/vorgaenge/" + w.id + "/schritte/A01"
	v := fill(shows(t, b, path), w.values("A01"))
	v.Set("contact_press", "mein Entwurf")
	w.do(command.Submit{Meta: by("LOK"), Ref: w.current("A01").Ref, Answers: w.answers("A01")})
	if r := b.Post(path, v); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "mein Entwurf") {
		t.Errorf("status %d\n%s", r.Status, r.Text())
	}
}

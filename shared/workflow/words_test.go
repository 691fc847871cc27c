package workflow

import (
	"slices"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// What goes out is said with whom it goes to: by name for those who see
// contacts, with the deputy only where there is one.
func TestTheForecastSaysToWhom(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
	O01:
	O02: pre: [{step: O01}]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "FED", Add: true, Person: process.Person{Name: "Zweites Amt", Email: "zwei@musterstadt.example"}})
	w.days(2)
	r := shows(t, w.svc(), "/aufgaben/vorschau", "Erinnerung nach dem Termin")
	got := strings.Join(texts(r, ".item-side"), "\n")
	for _, want := range []string{"Amt für Zusammenleben", "Zweites Amt", "auch an die Vertretung"} {
		if !strings.Contains(got, want) {
			t.Errorf("the forecast lacks %q:\n%s", want, got)
		}
	}
	shows(t, w.svc(), "/vorgaenge/"+w.id, "Erinnerung nach dem Termin")
	w.beginFor(municipality.Municipality{Key: "09999124", Name: "Beispielheim", Land: "BY"}, process.People{"FED": {{Email: "amt@beispielheim.example"}}})
	w.days(2)
	if text := shows(t, w.svc(), "/vorgaenge/"+w.id, "Erinnerung nach dem Termin").Text(); strings.Contains(text, "Vertretung") || strings.Contains(text, "Zweite Erinnerung") || strings.Contains(text, "zweite Erinnerung") {
		t.Errorf("there is no deputy, and was no first reminder: %s", text)
	}
	w.turn(municipality.CalendarOf("BY").AddWorkingDays(w.current("O02").Due, 2).At(9, 0))
	text := shows(t, w.svc(), "/vorgaenge/"+w.id, "Erinnerung nach dem Termin verschickt: O02").Text()
	if strings.Contains(text, "Bitte nachzufragen") || !strings.Contains(text, "Bitte an die Servicestelle, nachzufragen") {
		t.Errorf("without a tandem the office is asked to ask: %s", text)
	}
}

// Steps that come again have no number of which some are done.
func TestRecurringStepsAreNotCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	r := shows(t, w.svc(), "/vorgaenge/"+w.id)
	got := slices.Concat(texts(r, "ol.journey li.beside"), texts(r, "details.phase summary"))
	for _, s := range got {
		if strings.HasPrefix(s, "Wiederkehrend") && (strings.Contains(s, "erledigt") || !strings.Contains(s, "begleitet die anderen Phasen")) {
			t.Errorf("it says %q", s)
		}
	}
	if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "Wiederkehrend") }) {
		t.Errorf("the phases are %q", got)
	}
}

// What a step's or an action's form says is said once.
func TestActionsSayTheirLimitsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for _, do := range []string{"beenden", "verweisen"} {
		if text := shows(t, w.svc(), "/vorgaenge/"+w.id+"/"+do, "20 bis 1.000 Zeichen.").Text(); strings.Count(text, "Zeichen") > 1 {
			t.Errorf("%s says it twice: %s", do, text)
		}
	}
	w.tick()
	text := shows(t, w.browser(), w.link(lead, "O05")+"/weitergeben", "Wenn Sie niemanden wissen, kreuzen Sie das an").Text()
	if strings.Contains(text, "Mehrere Antworten") {
		t.Errorf("there is one box: %s", text)
	}
}

// Somebody who is away was named all the same.
func TestWhoIsAwayWasNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	today := lang.DateOf(w.now)
	w.do(command.Absence{Meta: by("SVC"), Email: lead, Away: process.Period{From: today, To: today.AddDays(20)}})
	w.tick()
	if st := w.current("O05"); !st.Nobody() || st.Gap != process.Absent {
		t.Fatalf("the step is with %+v, %q", st.Asked, st.Gap)
	}
	for _, path := range []string{"/aufgaben", "/aufgaben?sicht=kommunen", "/aufgaben/erinnern?schritt=" + w.id + ".O05.1"} {
		if text := shows(t, w.svc(), path).Text(); strings.Contains(text, "niemand benannt") {
			t.Errorf("%s says that nobody was named: %s", path, text)
		}
	}
	shows(t, w.svc(), "/aufgaben", "abwesend ohne Vertretung")
}

// A rehearsal's municipality is in no list.
func TestARehearsalLeadsToNoMunicipality(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.svc()
	d, err := w.x.Current()
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.x.Rehearse(w.ctx, d, process.Person{Email: office, Lang: lang.DE}, w.now)
	if err != nil {
		t.Fatal(err)
	}
	if r := shows(t, b, "/vorgaenge/"+id, "Musterstadt"); strings.Contains(r.Body, "/kommunen/") {
		t.Errorf("it leads to a municipality that is not there")
	}
}

// What is called like its role is not said twice, and the Länder stand in
// alphabetical order.
func TestNamesAndLandsAtTheDesk(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
	O01:
	O02: pre: [{step: O01}]`)
	w.beginFor(municipality.Municipality{Key: "08999124", Name: "Beispielheim", Land: "BW"}, process.People{"FED": {{Name: "Federführendes Amt", Email: "amt@beispielheim.example"}}})
	if text := shows(t, w.svc(), "/vorgaenge/"+w.id).Text(); strings.Contains(text, "Federführendes Amt") {
		t.Errorf("the role is said twice: %s", text)
	}
	w.beginFor(municipality.Municipality{Key: "01999124", Name: "Musterhafen", Land: "SH"}, process.People{"FED": {{Email: "amt@musterhafen.example"}}})
	for _, path := range []string{"/vorgaenge", "/kommunen"} {
		if got := texts(shows(t, w.svc(), path), "#land option"); !slices.Equal(got, []string{"alle", "Baden-Württemberg", "Bayern", "Schleswig-Holstein"}) {
			t.Errorf("%s offers %q", path, got)
		}
	}
}

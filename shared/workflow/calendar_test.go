package workflow

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

func TestDeskSaysWhenTheMunicipalityWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	path := "/vorgaenge/" + w.id + "/kalender"
	b := w.svc()
	shows(t, b, "/vorgaenge/"+w.id, "Kalender und Post")
	page := shows(t, b, path, "Freitag, 1. Mai 2026: Tag der Arbeit", "Donnerstag, 4. Juni 2026: Fronleichnam", "Schulferien von", "Mariä Himmelfahrt", "Friedensfest")
	if strings.Contains(page.Text(), "Feiertage, die nur hier gelten") && strings.Contains(page.Body, `value="corpus_christi"`) {
		t.Error("Bavaria is offered Corpus Christi, which it has anyway")
	}
	more := b.Post(path, fill(page, url.Values{"window": {"PM"}, "paper": {"N"}, "_rows:closed": {"1"}, "_add:closed": {"1"}}))
	if more.Status != http.StatusOK || !strings.Contains(more.Body, `name="closed[1].from"`) || !strings.Contains(more.Body, `value="PM" checked`) {
		t.Fatalf("adding a row: status %d, want one more and what was chosen\n%s", more.Status, more.Text())
	}
	wrong := b.Post(path, fill(page, url.Values{
		"window": {"PM"}, "paper": {"N"}, "_rows:closed": {"1"}, "closed[0].from": {"2026-08-14"}, "closed[0].to": {"2026-08-03"},
	}))
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text(), "Der letzte Tag liegt vor dem ersten") {
		t.Fatalf("a span that ends before it begins: status %d\n%s", wrong.Status, wrong.Text())
	}
	r := b.Post(path, fill(page, url.Values{
		"feasts": {"assumption"}, "window": {"PM"}, "paper": {"N"}, "_rows:closed": {"1"}, "closed[0].from": {"2026-08-03"}, "closed[0].to": {"2026-08-14"},
	}))
	if r.Status != http.StatusSeeOther {
		t.Fatalf("saving: status %d\n%s", r.Status, r.Text())
	}
	shows(t, b, r.Location(), "Gespeichert", "geschlossen von Montag, 3. August 2026 bis Freitag, 14. August 2026")
	day := func(d int) lang.Date { return lang.Date{Year: 2026, Month: 8, Day: d} }
	want := municipality.Settings{
		Feasts: []municipality.Feast{municipality.Assumption}, Window: municipality.Afternoons,
		Closed: []municipality.Range{{From: day(3), To: day(14)}},
	}
	if got := w.head().Settings; !got.Equal(want) {
		t.Errorf("the case has %+v, want %+v", got, want)
	}
	shows(t, b, "/vorgaenge/"+w.id, "Kalender und Post geändert: Servicestelle")
	shows(t, b, "/en"+path, "Friday, 1 May 2026: Labour Day", "Weeks in which the offices are closed")
	if again := b.Post(path, fill(page, url.Values{
		"feasts": {"assumption"}, "window": {"PM"}, "paper": {"N"}, "_rows:closed": {"1"}, "closed[0].from": {"2026-08-03"}, "closed[0].to": {"2026-08-14"},
	})); again.Status != http.StatusSeeOther {
		t.Errorf("the same post again: status %d, want where the first led", again.Status)
	}
}

func TestCalendarIsForWhoMayChangeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acceptedIn("NW")
	path := "/vorgaenge/" + w.id + "/kalender"
	page := shows(t, w.signedIn("amt@musterstadt.example", "FED"), path, "Briefe statt E-Mails?")
	if strings.Contains(page.Text(), "Feiertage, die nur hier gelten") {
		t.Error("a Land without local feasts is asked about them")
	}
	for _, other := range []string{lead, "niemand@musterstadt.example"} {
		if r := w.signedIn(other, "LEI").Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", other, r.Status)
		}
	}
}

func TestLetterHasTheQuestionsAndIsPostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	b := w.svc()
	path := "/vorgaenge/" + w.id + "/schritte/O05"
	if r := b.Get(path + "/brief"); r.Status != http.StatusNotFound {
		t.Errorf("a letter where mails are wanted: status %d, want 404", r.Status)
	}
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	shows(t, b, "/aufgaben", "Kooperationsvereinbarung schließen", "Brief schicken")
	shows(t, b, path, "Brief drucken", "Sie tragen für jemand anderen ein")
	page := shows(t, b, path+"/brief", "Kooperationsvereinbarung schließen", "Mittwoch, 20. Mai 2026", "Bitte prüfen Sie den Entwurf",
		"Der Brief ist abgeschickt", "Ihre Antworten", "Antworten eintragen", "Verwaltungsspitze")
	f, err := w.record().Def.Template("O05").Form()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range f.Fields() {
		if q.Type != "calculate" && q.Type != "hidden" && !strings.Contains(page.Text(), q.Label.DE) {
			t.Errorf("the letter does not ask %q", q.Label.DE)
		}
	}
	if r := w.signedIn("amt@musterstadt.example", "FED").Get(path + "/brief"); r.Status != http.StatusNotFound {
		t.Errorf("the lead office opens the letter: status %d, want 404", r.Status)
	}
	for range 2 { // the second press of the button
		if r := b.Post(path+"/brief", fill(page, url.Values{})); r.Status != http.StatusSeeOther {
			t.Fatalf("posted: status %d\n%s", r.Status, r.Text())
		}
	}
	shows(t, b, path+"/brief", "Dieser Brief ist abgeschickt")
	shows(t, b, "/aufgaben", "Nichts offen")
	shows(t, b, "/vorgaenge/"+w.id, "Brief abgeschickt: O05")
	cal := w.head().Calendar()
	w.turn(cal.AddWorkingDays(w.current("O05").Due, 3).At(18, 0))
	if stage, ok := w.current("O05").Letter(); !ok || stage != process.Overdue {
		t.Errorf("after the due date the letter is %v of stage %d", ok, stage)
	}
	shows(t, b, path+"/brief", "Brauchen Sie Hilfe oder mehr Zeit?")
}

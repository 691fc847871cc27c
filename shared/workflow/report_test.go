package workflow

import (
	"net/http"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const companion = "aussen@begleitung.example"

// reporting brings the case to where its first quarterly report is asked for.
func (w *world) reporting() {
	w.t.Helper()
	w.analysis()
	w.turn(lang.Date{Year: 2026, Month: 7, Day: 2}.At(9, 0))
}

// TestQuarterlyReportComesFilledIn: the figures stand on the page behind the
// link and can't be changed; a draft keeps them; the report is there to print
// for who sees the case, and for nobody else.
func TestQuarterlyReportComesFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reporting()
	path := w.link(companion, "R07")
	b := w.browser()
	page := shows(t, b, path, "Abgeschlossene Schritte", "O05 Kooperationsvereinbarung schließen", "01.04.2026", "30.06.2026", "Stimmen die Zahlen?")
	forged := fill(page, w.values("R07"))
	forged.Set("steps_done", "99")
	if r := b.Post(path, forged); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a report with other figures: status %d\n%s", r.Status, r.Text())
	}
	// What was saved keeps its figures, whatever happens in the case.
	w.submit("A01", "LOK")
	page = shows(t, b, path, "A01 Auftrag und Rollen klären")
	r := b.Post(path, fill(page, w.values("R07")))
	if r.Status != http.StatusSeeOther {
		t.Fatalf("sending the report: status %d\n%s", r.Status, r.Text())
	}
	shows(t, b, r.Location(), "Vielen Dank", "O05 Kooperationsvereinbarung schließen")
	at := "/vorgaenge/" + w.id + "/bericht/1"
	shows(t, w.svc(), at, "Quartalsbericht 2. Quartal 2026", "O05 Kooperationsvereinbarung schließen", "Was ist vorangekommen?", paragraph, "Stimmen die Zahlen? ja")
	shows(t, w.svc(), "/en"+at, "Quarterly report Q2 2026", "What has made progress?")
	for _, other := range []string{"/vorgaenge/" + w.id + "/bericht/2", "/vorgaenge/" + w.id + "/bericht/x"} {
		if r := w.svc().Get(other); r.Status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", other, r.Status)
		}
	}
	if r := w.signedIn("jemand@example.org").Get(at); r.Status == http.StatusOK {
		t.Errorf("somebody without a role reads the report")
	}
	if r := w.signedIn("traeger@verein.example", "TRA").Get(at); r.Status != http.StatusNotFound {
		t.Errorf("the carrier reads the report: status %d", r.Status)
	}
}

// TestEarlierRoundsStayReadable: the next month begins empty, and the one before
// can be read at the desk.
func TestEarlierRoundsStayReadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reporting()
	w.submit("R01", "LOK", "done", "Im Mai lief es gut.")
	step := "/vorgaenge/" + w.id + "/schritte/R01"
	w.turn(lang.Date{Year: 2026, Month: 8, Day: 4}.At(9, 0))
	now := shows(t, w.svc(), step, "Andere Durchgänge", "1. Durchgang: erledigt")
	if strings.Contains(now.Text(), "Im Mai") || strings.Contains(now.Text(), "noch einmal offen") {
		t.Errorf("the next round is no empty form: %s", now.Text())
	}
	shows(t, w.svc(), step+"/durchgang/1", "Im Mai lief es gut.", "1. Durchgang, erledigt", "Zum jetzigen Durchgang")
	for path, want := range map[string]int{step + "/durchgang/2": http.StatusSeeOther, step + "/durchgang/3": http.StatusNotFound, step + "/durchgang/0": http.StatusNotFound} {
		if r := w.svc().Get(path); r.Status != want {
			t.Errorf("%s: status %d, want %d", path, r.Status, want)
		}
	}
	if r := w.signedIn("traeger@verein.example", "TRA").Get(step + "/durchgang/1"); r.Status != http.StatusNotFound {
		t.Errorf("the carrier reads the status of a month: status %d", r.Status)
	}
}

// TestReviewOfDataShowsPeopleWithoutAddresses: whoever finds the link reads
// roles and names, and no address.
func TestReviewOfDataShowsPeopleWithoutAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.turn(lang.Date{Year: 2027, Month: 1, Day: 5}.At(9, 0))
	page := shows(t, w.browser(), w.link("amt@musterstadt.example", "R08"), "externe Prozessbegleitung", "Prozessbegleitung Außen", "a…@begleitung.example")
	if strings.Contains(page.Body, companion) {
		t.Error("the page of a link tells an address")
	}
	if st := w.current("R08"); st.State != process.Open {
		t.Errorf("R08 is %q, want open", st.State)
	}
}

// TestAPlannedStepOfACaseThatIsPutOffWaits: its day comes while nobody may work
// on the case. It is looked at once a day, not all the time, and opens later when
// the case goes on.
func TestAPlannedStepOfACaseThatIsPutOffWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.do(command.Reopen{Meta: by("SVC"), Step: "O04", Reason: "noch einmal"})
	w.submit("O04", "SVC", "decision", "waiting")
	w.turn(lang.Date{Year: 2026, Month: 5, Day: 12}.At(9, 0))
	if st := w.current("R01"); st.State != process.Planned || w.head().Status != process.Waiting {
		t.Fatalf("R01 is %q in a case that is %s, want planned and waiting", st.State, w.head().Status)
	}
	w.do(command.Reopen{Meta: by("SVC"), Step: "O04", Reason: "noch einmal"})
	w.submit("O04", "SVC")
	w.turn(w.current("R01").Opens.At(9, 0))
	if st := w.current("R01"); st.State != process.Open {
		t.Errorf("R01 is %q on %s, want open", st.State, st.Opens)
	}
	w.sameAsEvents()
}

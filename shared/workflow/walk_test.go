package workflow

import (
	"net/http"
	"strings"
	"testing"

	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

func TestCaseRunsThroughOnboardingAndAnalysis(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	if w.no != "KK-2026-0001" {
		t.Errorf("got case number %s, want KK-2026-0001", w.no)
	}
	who := map[string]string{
		"O02": office, "O03": office, "O04": office, "O05": "leitung@musterstadt.example", "O06": "traeger@verein.example",
		"O07": "amt@musterstadt.example", "O08": "vorort@verein.example", "A01": "aussen@begleitung.example",
		"A02": "amt@musterstadt.example", "A03": "amt@musterstadt.example", "A04": "vorort@verein.example",
		"A05": "fachstelle@musterstadt.example", "A06": "amt@musterstadt.example", "A07": "aussen@begleitung.example",
		"A08": "aussen@begleitung.example", "A09": "vorort@verein.example", "A10": "aussen@begleitung.example",
		"A11": "steuerung@musterstadt.example", "A12": "amt@musterstadt.example",
	}
	for _, step := range []string{
		"O02", "O03", "O04", "O05", "O06", "O07", "O08", "A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09",
		"A10", "A11", "A12",
	} {
		w.days(4) // over every weekend
		b := w.browser()
		r := w.send(b, who[step], step)
		if r.Status != http.StatusSeeOther || !strings.HasSuffix(r.Location(), "/fertig") {
			t.Fatalf("sending step %s: status %d to %q\n%s", step, r.Status, r.Location(), r.Text())
		}
		if thanks := b.Get(r.Location()); thanks.Status != http.StatusOK || !strings.Contains(thanks.Text(), "Vielen Dank") {
			t.Errorf("after step %s: status %d\n%s", step, thanks.Status, thanks.Text())
		}
		if step == "A06" {
			w.closeSurvey()
		}
	}
	h := w.head()
	done := 0
	for key, m := range h.Steps {
		if strings.Contains("OA", key[:1]) && m.State == process.Done {
			done++
		}
	}
	if done != 20 || h.Status != process.Active {
		t.Errorf("at the end %d steps of both phases are done, status %s; want 20, active: %v", done, h.Status, h.Steps)
	}
	w.sameAsEvents()
}

// closeSurvey checks that the survey step waits without reminders, and ends it.
func (w *world) closeSurvey() {
	w.t.Helper()
	if len(w.planned) != 1 || w.planned[0].Survey != "S_T0" || w.planned[0].Mode != "open" || w.planned[0].From.IsZero() {
		w.t.Fatalf("planned surveys: %+v, want one S_T0", w.planned)
	}
	if st := w.current("A06"); st.State != process.Submitted {
		w.t.Errorf("A06 is %q while its survey runs, want submitted", st.State)
	}
	if it, err := w.table.Get(w.ctx, cases.Key(w.id, "step#A06#1")); err != nil || it.Due.PK != "" {
		w.t.Errorf("A06 has a timer while its survey runs: %v %v", it.Due, err)
	}
	for range 2 { // being told twice changes nothing
		if err := w.x.SurveyClosed(w.ctx, w.id, "A06", 1, "SURVEY1", w.now); err != nil {
			w.t.Fatal(err)
		}
	}
	if st := w.current("A06"); st.State != process.Done {
		w.t.Errorf("A06 is %q after its survey, want done", st.State)
	}
}

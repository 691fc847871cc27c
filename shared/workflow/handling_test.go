package workflow

import (
	"net/http"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// byLink does a step by the link that was mailed, as its recipient would.
func (w *world) byLink(step, address string) {
	w.t.Helper()
	w.days(4) // over every weekend
	if r := w.send(w.browser(), address, step); r.Status != http.StatusSeeOther || !strings.HasSuffix(r.Location(), "/fertig") {
		w.t.Fatalf("sending step %s: status %d to %q\n%s", step, r.Status, r.Location(), r.Text())
	}
}

// TestCaseRunsThroughTheHandling: phase B by mail, with sessions that come again,
// the wait before the balance and its survey.
func TestCaseRunsThroughTheHandling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	const (
		tandem = "vorort@verein.example"
		led    = "amt@musterstadt.example"
		km     = "eins@musterstadt.example"
	)
	for _, s := range [][2]string{
		{"B03", chair},
		{"B09", led},
		{"B04", chair},
		{"B05", office},
		{"B08", led},
		{"B10", tandem},
		{"B07", tandem},
		{"B11", tandem},
		{"B06", office},
	} {
		w.byLink(s[0], s[1])
	}
	w.secondSession(tandem)
	h := w.head()
	for step, want := range map[string]process.Mark{
		"B07": {State: process.Open, Iteration: 3}, "B10": {State: process.Open, Iteration: 2}, "B11": {State: process.Open, Iteration: 2},
		"B13": {State: process.Planned, Iteration: 1}, "B12": {State: process.Planned, Iteration: 1},
		"B06": {State: process.Done, Iteration: 1}, "B09": {State: process.Done, Iteration: 1},
	} {
		if got := h.Steps[step]; got != want {
			t.Errorf("%s stands at %+v, want %+v", step, got, want)
		}
	}
	w.balance()
	w.byLink("B13", km)
	w.byLink("B14", chair)
	if st := w.current("B14"); st.State != process.Done || st.Answers.Text("outcome") != "REGU" {
		t.Errorf("B14 is %+v", st)
	}
	var stages []int
	all, err := w.x.AllSteps(w.ctx, w.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range process.Assessments(all) {
		stages = append(stages, a.Total)
	}
	if len(stages) != 3 || stages[0] != 4 || stages[1] != 3 || stages[2] != 2 {
		t.Errorf("the stages were %v, want 4, 3, 2", stages)
	}
	w.sameAsEvents()
}

// secondSession does B07 again by the link of the first time: no mail was sent
// for the next.
func (w *world) secondSession(address string) {
	w.t.Helper()
	var old string
	for _, m := range w.to(address) {
		for _, path := range tokenPath.FindAllString(m.Text, -1) {
			if strings.HasPrefix(path, "/s/"+cases.IDOf(w.id, process.Ref{Step: "B07", Iteration: 1})+".") {
				old = path
			}
		}
	}
	b := w.browser()
	lead := b.Get(old)
	if lead.Status != http.StatusSeeOther {
		w.t.Fatalf("the link of the first session %s: status %d", old, lead.Status)
	}
	path := lead.Location()
	if r := b.Post(path, fill(b.Get(path), w.values("B07"))); r.Status != http.StatusSeeOther {
		w.t.Fatalf("the second session: status %d\n%s", r.Status, r.Text())
	}
}

// balance waits for B12, does it and ends its survey.
func (w *world) balance() {
	w.t.Helper()
	cal := municipality.CalendarOf("BY")
	decided := lang.DateOf(w.current("B04").At)
	opens := cal.AddWorkingDays(decided, 110)
	if st := w.current("B12"); st.Opens != opens {
		w.t.Errorf("B12 is planned for %s, want %s, 110 working days after %s", st.Opens, opens, decided)
	}
	w.set(opens.At(9, 0))
	w.tick()
	w.byLink("B12", chair)
	st := w.current("B12")
	if p := w.planned[len(w.planned)-1]; st.State != process.Submitted || p.Survey != "S_T1" {
		w.t.Fatalf("B12 is %q and plans %+v, want submitted and S_T1", st.State, p)
	}
	w.do(command.SurveyClosed{Meta: by(process.BySurvey), Ref: st.Ref})
}

func TestConceptThatIsNotAdoptedLeadsBackToTheProcedure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	w.submit("B03", "STG")
	w.submit("B04", "STG", "decision", "not_adopted", "changes", "Bitte ohne Versammlung planen.")
	h := w.head()
	if b03, b04 := h.Steps["B03"], h.Steps["B04"]; b03 != (process.Mark{State: process.Open, Iteration: 2}) || b04.State != process.Void {
		t.Errorf("B03 stands at %+v, B04 at %+v; want B03 open again", b03, b04)
	}
	if m, ok := h.Steps["B07"]; ok {
		t.Errorf("formats can be carried out without a concept: %+v", m)
	}
	w.submit("B03", "STG")
	w.submit("B04", "STG")
	if m := w.head().Steps["B07"]; m.State != process.Open {
		t.Errorf("B07 is %q after the concept was adopted, want open", m.State)
	}
}

// TestIncidentOpensTheSafetyArrangements at once, and again when they were made
// before.
func TestIncidentOpensTheSafetyArrangements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	for _, s := range [][2]string{{"B03", "STG"}, {"B04", "STG"}, {"B09", "FED"}} {
		w.submit(s[0], s[1])
	}
	w.submit("B07", "EXT", "safety_incident", "N")
	if m := w.head().Steps["B09"]; m.State != process.Done {
		t.Errorf("B09 is %q after a quiet session, want done", m.State)
	}
	w.submit("B07", "EXT", "safety_incident", "Y")
	if m := w.head().Steps["B09"]; m != (process.Mark{State: process.Open, Iteration: 2}) {
		t.Errorf("B09 stands at %+v after an incident, want open again", m)
	}
	if text := shows(t, w.signedIn("amt@musterstadt.example", "FED"), "/vorgaenge/"+w.id+"/schritte/B09").Text(); !strings.Contains(text, "Regel 1") || !strings.Contains(text, "110 oder 112") {
		t.Errorf("the emergency notice is missing:\n%s", text)
	}
}

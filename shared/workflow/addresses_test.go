package workflow

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const invited = "a@x.example b@x.example c@x.example d@x.example e@x.example"

// TestInvitationListIsOnNoPageAndInNoDraft lets two browsers save a list, and
// one of them send it in.
func TestInvitationListIsOnNoPageAndInNoDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A03", "FED")
	w.days(3)
	path := w.link("amt@musterstadt.example", "A06")
	v := w.values("A06")
	v.Set("survey_mode", "closed")
	v.Set("addresses", invited)
	v.Del("expected_count")
	v.Set("_confirm:addresses", "1")
	fed := w.signedIn("amt@musterstadt.example", "FED")
	atDesk := "/vorgaenge/" + w.id + "/schritte/A06"
	save := fill(shows(t, fed, atDesk), v)
	save.Set("_save", "1")
	if r := fed.Post(atDesk, save); r.Status != http.StatusSeeOther {
		t.Fatalf("saving at the desk: status %d", r.Status)
	}
	save.Del("_save")
	b := w.browser()
	if r := b.Post(path, fill(b.Get(path), save)); r.Status != http.StatusSeeOther {
		t.Fatalf("sending: status %d\n%s", r.Status, r.Text())
	}
	if got := w.current("A06").Answers.Text("addresses"); got != invited {
		t.Fatalf("the step holds %q", got)
	}
	w.noDraft(cases.RefSK("draft", w.current("A06").Ref))
	for who, email := range map[string]string{"SVC": office, "FED": "amt@musterstadt.example", "STG": "steuerung@musterstadt.example"} {
		page := shows(t, w.signedIn(email, who), atDesk, "5 Adressen")
		if strings.Contains(page.Body, "b@x.example") {
			t.Errorf("%s sees the list", who)
		}
	}
	if err := w.x.SurveyCancelled(w.ctx, w.id, "A06", 1, "SURVEY1", w.now); err != nil {
		t.Fatal(err)
	}
	if page := shows(t, fed, atDesk); !strings.Contains(page.Body, "b@x.example") {
		t.Error("the lead office does not begin with its list again")
	}
	if page := shows(t, w.svc(), atDesk); strings.Contains(page.Body, "b@x.example") {
		t.Error("the service office, recording for it, sees the list")
	}
}

// noDraft looks for drafts that are left.
func (w *world) noDraft(prefix string) {
	w.t.Helper()
	for it, err := range table.All(w.ctx, w.table, table.Query{PK: cases.Prefix + w.id, Prefix: prefix}) {
		w.t.Errorf("a draft is left: %s %v", it.SK, err)
	}
}

// TestInvitationListIsForgottenWithItsSurvey submits A06 with addresses and
// looks for them after the survey has closed.
func TestInvitationListIsForgottenWithItsSurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for _, s := range []struct{ step, role string }{{"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}, {"O08", "LOK"}, {"A01", "LOK"}, {"A03", "FED"}} {
		w.submit(s.step, s.role)
	}
	w.submit("A06", "FED", "survey_mode", "closed", "addresses", invited)
	if got := w.current("A06").Answers.Text("addresses"); got != invited {
		t.Fatalf("while the survey runs the step holds %q, want the list: a cancelled survey begins with it again", got)
	}
	if err := w.x.SurveyClosed(w.ctx, w.id, "A06", 1, "SURVEY1", w.now); err != nil {
		t.Fatal(err)
	}
	st := w.current("A06")
	if st.State != process.Done || st.Answers.Text("addresses") != "" || st.Answers.Text("survey_mode") != "closed" {
		t.Errorf("after the survey the step is %q and holds %v", st.State, st.Answers)
	}
	w.sameAsEvents()
}

// TestSurveyOfAnEndedCaseIsOver: a case is withdrawn while its survey runs. The
// survey's end is taken, and its list forgotten; a pause only puts it off.
func TestSurveyOfAnEndedCaseIsOver(t *testing.T) {
	t.Parallel()
	for _, cancelled := range []bool{false, true} {
		w := newWorld(t)
		w.analysis()
		w.submit("A01", "EXT")
		w.submit("A03", "FED")
		w.submit("A06", "FED", "survey_mode", "closed", "addresses", invited)
		over := func() error {
			if cancelled {
				return w.x.SurveyCancelled(w.ctx, w.id, "A06", 1, "SURVEY1", w.now)
			}
			return w.x.SurveyClosed(w.ctx, w.id, "A06", 1, "SURVEY1", w.now)
		}
		w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
		if err := over(); !errors.Is(err, command.ErrResting) {
			t.Errorf("in a pause: %v, want to be asked again", err)
		}
		w.do(command.Resume{Meta: by("SVC")})
		w.do(command.Withdraw{Meta: by("FED"), Reason: "Ratsbeschluss"})
		for range 2 {
			if err := over(); err != nil {
				t.Errorf("after the end: %v", err)
			}
		}
		if st := w.current("A06"); st.State != process.Submitted || st.Answers.Text("addresses") != "" || st.Answers.Text("survey_mode") != "closed" {
			t.Errorf("the step is %q and holds %v", st.State, st.Answers)
		}
		w.sameAsEvents()
	}
}

package survey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/survey/score"
	"kokoma/shared/table"
)

// TestClosedSurvey walks a whole closed survey: invitations, answers, reminders, closing, result.
func TestClosedSurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(7, 59))
	if got := w.sent(); len(got) != 0 {
		t.Fatalf("%d mails before the window", len(got))
	}
	w.turn(day("2026-08-03").At(8, 0))
	invited := w.sent()
	checkInvitations(t, w, id, invited)

	sectors := []string{"ADM", "ADM", "ADM", "ADM", "ADM", "ADM", "POL"}
	for i, sector := range sectors {
		page := w.respondent(linkIn(t, invited[i])).send(same(strconv.Itoa(i%4+2), sector))
		if page.Status != http.StatusSeeOther || page.Location() != "/b/danke" {
			t.Fatalf("sending gives %d to %q:\n%s", page.Status, page.Location(), page.Text())
		}
	}
	half := w.remindedOn(t, "2026-08-17") // Saturday 15 August, moved to Monday
	last := w.remindedOn(t, "2026-08-27")
	if len(half) != 5 || len(last) != 5 {
		t.Fatalf("reminders to %d and %d people, want the 5 who have not answered", len(half), len(last))
	}
	says(t, half[0])
	says(t, last[0])
	if linkIn(t, half[0]) != linkIn(t, last[0]) || half[0].To != last[0].To {
		t.Error("a reminder carries another link than the mail before")
	}
	w.turn(day("2026-08-28").At(23, 59))
	if s := w.head(id); s.State != survey.StateRunning {
		t.Errorf("state %s on the last evening, want running", s.State)
	}
	w.turn(day("2026-08-29").At(0, 0))
	checkResult(t, w, id)
	if page := w.respondent(linkIn(t, invited[11])).browser.Get(linkIn(t, invited[11])); page.Status != http.StatusNotFound {
		t.Errorf("a link after the end gives %d, want the calm page", page.Status)
	}
}

func checkInvitations(t *testing.T, w *world, id string, invited []mail.Message) {
	t.Helper()
	if len(invited) != 12 {
		t.Fatalf("%d invitations, want 12", len(invited))
	}
	seen := map[string]bool{}
	for _, m := range invited {
		seen[m.To+linkIn(t, m)] = true
		says(t, m, "fünf Antworten")
	}
	if len(seen) != 12 {
		t.Errorf("%d different people and links, want 12", len(seen))
	}
	if s := w.head(id); s.State != survey.StateRunning || len(s.Pending) != 0 || s.Hash == "" {
		t.Errorf("after the start: %+v", s)
	}
}

// says checks what the mails to the people who are asked have to say: who asks, how long it takes, until
// when; and that they say nothing of the case.
func says(t *testing.T, m mail.Message, more ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(m.Text), " ") // lines are broken anywhere
	for _, want := range append(more, "„Kommunales Konfliktmanagement“", "Musterstadt", "etwa 12–15 Minuten", "28. August 2026") {
		if !strings.Contains(text, want) {
			t.Errorf("the mail %q lacks %q:\n%s", m.Subject, want, m.Text)
		}
	}
	for _, secret := range []string{"A06", "KK-2026"} {
		if strings.Contains(m.Subject+text, secret) {
			t.Errorf("the mail %q says more than it should, %q:\n%s", m.Subject, secret, m.Text)
		}
	}
}

// remindedOn turns the clock to just before and to the morning of a day and returns its mails.
func (w *world) remindedOn(t *testing.T, iso string) []mail.Message {
	t.Helper()
	w.turn(day(iso).At(7, 59))
	if early := w.sent(); len(early) != 0 {
		t.Errorf("%d mails before %s", len(early), iso)
	}
	w.turn(day(iso).At(8, 0))
	return w.sent()
}

func checkResult(t *testing.T, w *world, id string) {
	t.Helper()
	if s := w.head(id); s.State != survey.StateEvaluated {
		t.Errorf("state %s after the end, want evaluated", s.State)
	}
	if want := []string{"closed C1 A06 1 " + id}; !reflect.DeepEqual(w.told, want) {
		t.Errorf("told the case %q, want %q", w.told, want)
	}
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.service.Recompute(t.Context(), w.head(id))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(strip(snap.Result), strip(again)) {
		t.Errorf("snapshot\n%+v\nis not the recomputation\n%+v", snap.Result, again)
	}
	if snap.Result.Answers != 7 || snap.Result.Completed != 7 || snap.Rate == nil || *snap.Rate != 0.583 {
		t.Errorf("answers %d, completed %d, rate %v; want 7, 7, 0.583", snap.Result.Answers, snap.Result.Completed, snap.Rate)
	}
	// Values 2 3 4 5 2 3 4: mean of (x-1)/4*100.
	if hs := snap.Result.Constructs[0]; hs.Key != "HS" || hs.N != 7 || hs.Index != 57.1 {
		t.Errorf("HS %+v, want n 7 and index 57.1", hs)
	}
	if snap.Result.Sectors != nil {
		t.Errorf("sectors 6 and 1 are shown: %+v", snap.Result.Sectors)
	}
}

// strip leaves out what is not stored.
func strip(r score.Result) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestClosingIsRepeatedUntilTheCaseKnows: the snapshot stands, and the case is told again and again.
func TestClosingIsRepeatedUntilTheCaseKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	w.refuse = errors.New("the case is busy")
	w.turn(day("2026-08-29").At(0, 5))
	w.turn(day("2026-08-29").At(0, 5))
	w.turn(day("2026-08-29").At(0, 5))
	if s := w.head(id); s.State != survey.StateClosed {
		t.Fatalf("state %s while the case can't be told, want closed", s.State)
	}
	before, err := w.table.Get(t.Context(), table.Key{PK: "survey#" + id, SK: "snapshot#1"})
	if err != nil {
		t.Fatal(err)
	}
	w.refuse = nil
	w.turn(day("2026-08-29").At(0, 10))
	if s := w.head(id); s.State != survey.StateEvaluated || len(w.told) != 1 {
		t.Errorf("state %s, told %q; want evaluated, once", s.State, w.told)
	}
	after, err := w.table.Get(t.Context(), before.Key)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the snapshot changed: %v, %v", after, err)
	}
}

// TestBouncedInvitationsLeaveTheBase of the response rate.
func TestBouncedInvitationsLeaveTheBase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	invited := w.sent()
	for _, m := range invited[:2] {
		event := mail.DeliveryEvent{Tag: m.Tag, Kind: mail.DeliveryBounce, Hard: true, At: w.now()}
		for range 2 {
			if err := w.outbox.Event(t.Context(), event, w.now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range invited[2:7] {
		w.respondent(linkIn(t, m)).send(same("4", "ADM"))
	}
	if got := w.remindedOn(t, "2026-08-17"); len(got) != 5 {
		t.Errorf("%d reminders, want 5: not to those whose mail came back", len(got))
	}
	w.turn(day("2026-08-29").At(0, 0))
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Invited != 12 || snap.Bounced != 2 || snap.Rate == nil || *snap.Rate != 0.5 {
		t.Errorf("invited %d, bounced %d, rate %v; want 12, 2, 0.5", snap.Invited, snap.Bounced, snap.Rate)
	}
}

// TestFewerThanFiveAnswersShowNothing: the snapshot holds no number of them at all.
func TestFewerThanFiveAnswersShowNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	for _, m := range w.sent()[:4] {
		w.respondent(linkIn(t, m)).send(same("4", "ADM"))
	}
	w.turn(day("2026-08-29").At(0, 0))
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(snap.Result, score.Result{Hidden: score.Few}) || snap.Rate != nil {
		t.Errorf("four answers left %+v, rate %v", snap.Result, snap.Rate)
	}
}

func TestInvitationsGoThirtyDaysAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	w.turn(day("2026-08-29").At(0, 0))
	want := day("2026-08-29").At(0, 0).AddDate(0, 0, 30).UTC()
	n := 0
	for _, it := range w.items(table.Main, "survey#"+id) {
		if it.Kind == "invitation" {
			n++
			if d := it.Expires.Sub(want).Hours(); d < -2 || d > 2 {
				t.Errorf("invitation expires on %v, want %v", it.Expires, want)
			}
		}
	}
	if n != 12 {
		t.Errorf("%d invitations, want 12", n)
	}
}

package workflow

import (
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// subjects are the mails to an address about a step, by their subject.
func (w *world) subjects(address, title string) []string {
	var out []string
	for _, m := range w.to(address) {
		if strings.Contains(m.Subject, title) {
			out = append(out, m.Subject)
		}
	}
	return out
}

func TestRemindersComeInOrderAndEscalate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acceptedIn("NW") // no school holidays in these weeks
	const title = "Kooperationsvereinbarung schließen"
	due := w.current("O05").Due
	cal := municipality.CalendarOf("NW")
	for _, c := range []struct {
		wt         int // working days from the due date, at its end
		lead, tell string
		leads      int
		told       int
	}{
		{-6, "KoKoMa", "", 1, 0},
		{-4, "Erinnerung", "", 2, 0},
		{0, "Erinnerung", "", 2, 0},
		{3, "Noch offen", "", 3, 0},
		{9, "Noch offen", "bitte nachfragen", 3, 1},
		{19, "Noch offen", "bitte nachfragen", 3, 1},
	} {
		w.turn(cal.AddWorkingDays(due, c.wt).At(18, 0))
		got := w.subjects(lead, title)
		if len(got) != c.leads || !strings.Contains(got[len(got)-1], c.lead) {
			t.Errorf("%+d working days: the head of administration got %q, want %d, the last a %q", c.wt, got, c.leads, c.lead)
		}
		if got := w.subjects("aussen@begleitung.example", title); len(got) != c.told || c.told > 0 && !strings.Contains(got[0], c.tell) {
			t.Errorf("%+d working days: the tandem got %q, want %d", c.wt, got, c.told)
		}
	}
	if got := w.subjects(office, title); len(got) != 1 || !strings.Contains(got[0], "bitte anrufen") {
		t.Errorf("the service office got %q, want to be asked to call", got)
	}
	if why := w.onDesk(); why["O05"] != cases.WhyLate {
		t.Errorf("on the desk: %v, want O05 as late", why)
	}
	w.sameAsEvents()
}

// onDesk says what stands on the service office's desk, and why.
func (w *world) onDesk() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	all, err := w.x.Desk(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range all {
		out[d.Step] = d.Why
	}
	return out
}

func TestMailGoesOutOnlyInTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(120)
	cal := municipality.CalendarOf("BY")
	perDay := map[string]int{}
	for _, m := range w.box.sent {
		if at := cal.MailTime(m.At); !at.Equal(m.At) {
			t.Errorf("%q went out at %v, outside the window", m.Subject, m.At)
		}
		perDay[m.To+lang.DateOf(m.At).String()]++
	}
	for who, n := range perDay {
		if n > 1 {
			t.Errorf("%d mails to %s in a day", n, who)
		}
	}
}

func TestAfterAnOutageOnlyTheNewestReminderGoesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(1)
	due := w.current("O05").Due
	w.set(municipality.CalendarOf("BY").AddWorkingDays(due, 3).At(10, 0))
	w.days(2)
	got := w.subjects(lead, "Kooperationsvereinbarung schließen")
	if len(got) != 2 || !strings.Contains(got[1], "Noch offen") {
		t.Errorf("got %q, want the first mail and then only the second reminder", got)
	}
}

// TestTimerOfAChangedStepDoesNothing runs timers that were read before the
// step was done, moved or opened anew.
func TestTimerOfAChangedStepDoesNothing(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(w *world){
		"done": func(w *world) { w.submit("O05", "LEI") },
		"moved": func(w *world) {
			w.do(command.Extend{Meta: by("SVC"), Ref: w.current("O05").Ref, Due: w.current("O05").Due.AddDays(90), Reason: "Ferien"})
		},
		"opened anew": func(w *world) {
			w.submit("O05", "LEI")
			w.do(command.Reopen{Meta: by("SVC"), Step: "O05", Reason: "Unterschrift fehlt"})
		},
		"paused": func(w *world) { w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"}) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.accepted()
			w.days(1)
			w.set(municipality.CalendarOf("BY").AddWorkingDays(w.current("O05").Due, 3).At(10, 0))
			change(w)
			n := len(w.box.sent)
			if err := w.x.Due(t.Context(), cases.Key(w.id, "step#O05#1"), w.now); err != nil {
				t.Fatal(err)
			}
			w.days(2)
			for _, m := range w.box.sent[n:] {
				if strings.Contains(m.Subject, "Noch offen") || strings.Contains(m.Subject, "Erinnerung") {
					t.Errorf("a step that was %s: %s", what, m.Subject)
				}
			}
			w.sameAsEvents()
		})
	}
}

func TestExtensionKeepsTheOldDateAndStartsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	old := w.current("O05").Due
	w.turn(municipality.CalendarOf("BY").AddWorkingDays(old, 3).At(18, 0))
	later := lang.DateOf(w.now).AddDays(42)
	w.do(command.Extend{Meta: by("EXT"), Ref: w.current("O05").Ref, Due: later, Reason: "Beschluss erst nach der Wahl"})
	st := w.current("O05")
	if st.Due != later || len(st.Moved) != 1 || st.Moved[0].From != old || st.Stage != process.Fresh {
		t.Errorf("after the extension: %+v", st)
	}
	w.turn(later.At(18, 0))
	got := w.subjects(lead, "Kooperationsvereinbarung schließen")
	if len(got) != 4 || !strings.Contains(got[3], "Erinnerung") {
		t.Errorf("got %q, want a friendly reminder before the new date", got)
	}
}

func TestPauseMovesDueDatesByTheWorkingDaysLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(1)
	cal := municipality.CalendarOf("BY")
	due := w.current("O05").Due
	w.do(command.Pause{Meta: by("SVC"), Reason: "Haushaltssperre"})
	from, n := lang.DateOf(w.now), len(w.box.sent)
	w.days(60)
	if got := len(w.box.sent); got != n {
		t.Errorf("%d mails went out in the pause", got-n)
	}
	w.do(command.Resume{Meta: by("SVC")})
	lost := 0
	for d := from; d.Before(lang.DateOf(w.now)); d = d.AddDays(1) {
		if cal.WorkingDay(d) {
			lost++
		}
	}
	if got, want := w.current("O05").Due, cal.AddWorkingDays(due, lost); got != want {
		t.Errorf("due on %s, want %s (%d working days later than %s)", got, want, lost, due)
	}
	w.sameAsEvents()
}

func TestDueDatesAreWorkingDaysOfTheLand(t *testing.T) {
	t.Parallel()
	friday := lang.Date{Year: 2026, Month: 5, Day: 29}
	for land, want := range map[string]string{"TH": "2026-06-05", "BY": "2026-06-08"} {
		w := newWorld(t)
		w.now = friday.At(9, 0)
		w.beginFor(municipality.Municipality{Key: "09999123", Name: "Musterstadt", Kind: "STADT", Land: land}, process.People{
			"FED": {{Email: "amt@musterstadt.example"}},
		})
		if got := w.current("O02").Due.String(); got != want {
			t.Errorf("five working days after %s in %s: %s, want %s", friday, land, got, want)
		}
	}
}

func TestSecondReminderIsCopiedToTheDeputy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED") // A05 is asked of the co-ordination office, which named a deputy
	w.turn(municipality.CalendarOf("BY").AddWorkingDays(w.current("A05").Due, 3).At(18, 0))
	const deputy = "fachstelle-vertretung@musterstadt.example"
	if got := w.subjects(deputy, "Ressourcen und Angebote"); len(got) != 1 || !strings.Contains(got[0], "Noch offen") {
		t.Fatalf("the deputy got %q, want the second reminder", got)
	}
	b := w.browser()
	path := w.link(deputy, "A05")
	if r := b.Post(path, fill(b.Get(path), w.values("A05"))); r.Status != 303 {
		t.Errorf("the deputy's post: status %d", r.Status)
	}
}

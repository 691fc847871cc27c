package workflow

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

func closed(from, to lang.Date) municipality.Settings {
	return municipality.Settings{Closed: []municipality.Range{{From: from, To: to}}}
}

func TestStepO07SaysWhenAndHowToWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.submit("O05", "LEI")
	w.submit("O06", "TRA")
	w.submit("O07", "FED", "mailing_window", "PM", "paper_mode", "N")
	if got := w.head().Settings; got.Window != municipality.Afternoons || got.Paper {
		t.Errorf("after O07: %+v, want afternoons and no letters", got)
	}
	if got := w.current("O08").Settings.Window; got != municipality.Afternoons {
		t.Errorf("the step that was opened by it has the window %q", got)
	}
	w.do(command.Correct{Meta: by("SVC"), Ref: w.current("O07").Ref, Reason: "anders gesagt", Answers: func() form.Answers {
		a := w.answers("O07")
		a["mailing_window"], a["paper_mode"] = form.Value{Text: "AM"}, form.Value{Text: "N"}
		return a
	}()})
	if got := w.current("O08").Settings.Window; got != municipality.Mornings {
		t.Errorf("after the correction the open step has the window %q", got)
	}
	w.sameAsEvents()
}

func TestClosedOfficesMoveTimersButNoDueDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acceptedIn("NW")
	w.days(1)
	before := w.current("O05")
	friendly := municipality.CalendarOf("NW").AddWorkingDays(before.Due, -5)
	week := closed(friendly.AddDays(-2), friendly.AddDays(2))
	w.do(command.Configure{Meta: by("FED"), Settings: week})
	if after := w.current("O05"); after.Due != before.Due {
		t.Errorf("due on %s, was %s: a due date moved", after.Due, before.Due)
	}
	w.turn(before.Due.At(18, 0))
	got := w.to(lead)
	last := got[len(got)-1]
	want := municipality.CalendarOf("NW", week).AddWorkingDays(before.Due, -5)
	if at := lang.DateOf(last.At); !strings.Contains(last.Subject, "Erinnerung") || at != want || !want.Before(friendly.AddDays(-2)) {
		t.Errorf("%q went out on %s; want the reminder on %s, before the closed days around %s", last.Subject, at, want, friendly)
	}
	w.sameAsEvents()
}

func TestMailThatWaitsIsHeldBackByOfficesThatCloseMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC")
	w.submit("O03", "SVC")
	w.set(lang.Date{Year: 2026, Month: 4, Day: 16}.At(17, 0)) // Thursday evening: mail goes out on Monday
	w.submit("O04", "SVC")
	monday := lang.Date{Year: 2026, Month: 4, Day: 20}
	w.do(command.Configure{Meta: by("SVC"), Settings: closed(monday, monday.AddDays(2))})
	w.turn(monday.AddDays(3).At(7, 0))
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 0 {
		t.Fatalf("while the offices were closed there came %q", got)
	}
	w.turn(monday.AddDays(3).At(9, 0))
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 1 {
		t.Errorf("afterwards there came %q, want the step", got)
	}
}

func TestOnlySomeRolesSayHowTheMunicipalityWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for role, want := range map[string]error{"SVC": nil, "KUF": command.ErrRole, "LEI": command.ErrRole, "clock": command.ErrRole} {
		_, err := w.x.Do(w.ctx, w.id, command.Configure{Meta: by(role), Settings: municipality.Settings{Window: municipality.Mornings}}, w.now)
		if !errors.Is(err, want) {
			t.Errorf("as %s: %v, want %v", role, err, want)
		}
	}
	_, err := w.x.Do(w.ctx, w.id, command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Window: municipality.Mornings}}, w.now)
	if !errors.Is(err, command.ErrAlready) {
		t.Errorf("the same settings again: %v, want %v", err, command.ErrAlready)
	}
}

func TestPaperModeWritesLettersInsteadOfMails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acceptedIn("NW")
	w.days(1)
	n := len(w.to(lead))
	w.do(command.Configure{Meta: by("EXT"), Settings: municipality.Settings{Paper: true}})
	if why := w.onDesk()["O05"]; why != cases.WhyLetter {
		t.Errorf("the step that was mailed before stands on the desk as %q, want %q", why, cases.WhyLetter)
	}
	post := func(want process.Stage) {
		t.Helper()
		if stage, ok := w.current("O05").Letter(); !ok || stage != want || w.onDesk()["O05"] != cases.WhyLetter {
			t.Errorf("letter %v of stage %d, on the desk as %q; want the one of stage %d", ok, stage, w.onDesk()["O05"], want)
		}
		w.do(command.PostLetter{Meta: by("SVC"), Ref: w.current("O05").Ref})
		if why := w.onDesk()["O05"]; why != "" {
			t.Errorf("after the letter was posted the step stands on the desk as %q", why)
		}
	}
	post(process.Fresh)
	cal, due := municipality.CalendarOf("NW"), w.current("O05").Due
	w.turn(cal.AddWorkingDays(due, -4).At(18, 0))
	post(process.Friendly)
	w.turn(cal.AddWorkingDays(due, 3).At(18, 0))
	post(process.Overdue)
	w.turn(cal.AddWorkingDays(due, 8).At(18, 0))
	if got := w.subjects("aussen@begleitung.example", "Kooperationsvereinbarung"); len(got) != 1 {
		t.Errorf("the tandem got %q, want its mail", got)
	}
	w.turn(cal.AddWorkingDays(due, 20).At(18, 0))
	if got := w.to(office); !strings.Contains(got[len(got)-1].Text, "Briefe statt E-Mails") {
		t.Errorf("the service office got\n%s", got[len(got)-1].Text)
	}
	if got := w.to(lead)[n:]; len(got) != 0 {
		t.Errorf("the head of administration got mails in paper mode: %q", got[0].Subject)
	}
	w.sameAsEvents()
}

func TestLeavingPaperModeMailsWhatWasNotPosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}
	w.days(1)
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 0 || w.onDesk()["O05"] != cases.WhyLetter {
		t.Fatalf("in paper mode: mails %q, on the desk %q", got, w.onDesk()["O05"])
	}
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{}})
	w.days(2)
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 1 || w.onDesk()["O05"] != "" {
		t.Errorf("after it: mails %q, on the desk as %q; want the step by mail", got, w.onDesk()["O05"])
	}
	w.sameAsEvents()
}

func TestMailThatWaitsIsDroppedWhenLettersAreWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC")
	w.submit("O03", "SVC")
	w.set(time.Date(2026, 4, 16, 17, 0, 0, 0, lang.Berlin()))
	w.submit("O04", "SVC")
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	w.days(7)
	if got := w.subjects(lead, "Kooperationsvereinbarung"); len(got) != 0 {
		t.Errorf("a mail that waited went out in paper mode: %q", got)
	}
}

func TestReminderByHandIsALetterInPaperMode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acceptedIn("NW")
	w.days(1)
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	w.do(command.PostLetter{Meta: by("SVC"), Ref: w.current("O05").Ref})
	n := len(w.to(lead))
	w.do(command.Nudge{Meta: by("SVC"), Ref: w.current("O05").Ref})
	w.days(2)
	if got := len(w.to(lead)); got != n || w.onDesk()["O05"] != cases.WhyLetter {
		t.Errorf("%d mails, on the desk as %q; want a letter to post", got-n, w.onDesk()["O05"])
	}
	w.sameAsEvents()
}

// TestInPaperModeADecisionIsALetter that the service office is to write: nobody
// reads the mail.
func TestInPaperModeADecisionIsALetter(t *testing.T) {
	t.Parallel()
	const own = "amt@musterstadt.example"
	for _, decision := range []string{"accepted", "waiting", "declined", "referred"} {
		w := newWorld(t)
		w.begin()
		w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
		w.submit("O02", "SVC")
		w.submit("O03", "SVC")
		w.submit("O04", "SVC", "decision", decision)
		w.days(2)
		if got := w.to(own); len(got) != 0 {
			t.Errorf("%s: the lead office got a mail: %s", decision, got[0].Subject)
		}
		if why := w.onDesk()["O04"]; why != cases.WhyLetter {
			t.Errorf("%s: on the desk as %q, want %q", decision, why, cases.WhyLetter)
		}
		w.do(command.Settle{Meta: by("SVC"), Task: "letter#O04#1", Reason: "abgeschickt"})
		if why := w.onDesk()["O04"]; why != "" {
			t.Errorf("%s: on the desk as %q after the letter has gone", decision, why)
		}
		w.sameAsEvents()
	}
}

func TestInPaperModeTheEndIsALetterButToTheTandem(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "EXT", Person: process.Person{Email: expert}})
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	w.finish("C15", "SVC", "next_on", "2026-10-02")
	w.days(3)
	for who, want := range map[string]int{"amt@musterstadt.example": 0, expert: 1} {
		if n := len(w.subjects(who, "Abschluss und Nachsorge")); n != want {
			t.Errorf("%s got %d closing mails, want %d", who, n, want)
		}
	}
	if why := w.onDesk()["C15"]; why != cases.WhyLetter {
		t.Errorf("on the desk as %q, want %q", why, cases.WhyLetter)
	}
}

package workflow

import (
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// A reminder by hand that waits for the mailing hours is worded by the day on
// which it goes: meanwhile the date can have passed.
func TestAMailIsWordedByTheDayOnWhichItGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	due := w.current("O05").Due
	w.turn(due.At(6, 0))
	w.set(due.At(19, 0))
	w.do(command.Nudge{Meta: by("SVC"), Ref: w.current("O05").Ref})
	w.set(municipality.CalendarOf("BY").MailTime(w.now))
	if !due.Before(lang.DateOf(w.now)) {
		t.Fatalf("the mail goes on %v, on the day of the date %v", w.now, due)
	}
	before := len(w.to(lead))
	w.tick()
	sent := w.to(lead)[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "Der Termin ist vorbei") {
		t.Errorf("after the date went %+v", sent)
	}
}

// A reminder that waits does not speak of a date that was moved meanwhile.
func TestAMailThatWaitedGivesTheDateThatHolds(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED]`)
	due := w.current("O02").Due
	w.turn(due.AddDays(3).At(22, 0))
	w.do(command.Nudge{Meta: by("SVC"), Ref: w.current("O02").Ref})
	later := due.AddDays(60)
	w.do(command.Extend{Meta: by("SVC"), Ref: w.current("O02").Ref, Due: later, Reason: "Ferien"})
	before := len(w.to("amt@musterstadt.example"))
	w.days(5)
	sent := w.to("amt@musterstadt.example")[before:]
	if len(sent) != 1 {
		t.Fatalf("%d mails went, want 1", len(sent))
	}
	text := strings.ReplaceAll(strings.Join(strings.Fields(sent[0].Text), " "), "\u00a0", " ")
	if !strings.Contains(text, "Termin: "+lang.Long(lang.DE, later)) || strings.Contains(text, "vorbei") {
		t.Errorf("the date is %s now, the mail says\n%s", later, text)
	}
}

func TestWhoGetsALateStepReadsThatItWasDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	due := w.current("O05").Due
	w.turn(municipality.CalendarOf("BY").AddWorkingDays(due, 2).At(9, 0))
	w.do(command.Handover{Meta: by("SVC"), Ref: w.current("O05").Ref, To: process.Person{Name: "Büro", Email: "buero@musterstadt.example"}, Reason: "zuständig"})
	w.days(7)
	mails := w.to("buero@musterstadt.example")
	if len(mails) == 0 {
		t.Fatal("nothing was sent")
	}
	m, day := mails[0], lang.Long(lang.DE, due)
	if text := strings.Join(strings.Fields(m.Text), " "); !strings.Contains(text, "Der Termin war am "+day) || strings.Contains(text, "bis "+day) || strings.Contains(m.Subject, "bis ") {
		t.Errorf("%q says\n%s", m.Subject, m.Text)
	}
	shows(t, w.browser(), w.link("buero@musterstadt.example", "O05"), "Der Termin war am "+day)
}

// Who takes over a late step by letter reads that it was due, as in a mail.
func TestALetterAboutALateStepSaysThatItWasDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	due := w.current("O05").Due
	w.turn(municipality.CalendarOf("BY").AddWorkingDays(due, 2).At(9, 0))
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	w.do(command.Handover{Meta: by("SVC"), Ref: w.current("O05").Ref, To: process.Person{Name: "Büro", Email: "buero@musterstadt.example"}, Reason: "zuständig"})
	day := lang.Long(lang.DE, due)
	if text := shows(t, w.svc(), "/vorgaenge/"+w.id+"/schritte/O05/brief", "war am "+day).Text(); strings.Contains(text, "Termin ist "+day) {
		t.Errorf("the letter gives a date that has passed: %s", text)
	}
}

// What says that a date was missed does not go once more time was given: whoever
// was to call is not asked to any more.
func TestNobodyIsToldOfADateThatWasMoved(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"FED", "SVC"} {
		for stage := process.TellTandem; stage <= process.TellOffice; stage++ {
			w := tiny(t, `
				O01:
				O02: pre: [{step: O01}]; acts: [`+role+`]`)
			w.do(command.Assign{Meta: by("SVC"), Role: "EXT", Person: process.Person{Email: expert}})
			st := w.current("O02")
			for m := range st.Moments(st.Calendar()) {
				if m.Stage == stage {
					w.turn(m.At.Add(-time.Hour))
					w.set(m.At)
				}
			}
			before := len(w.box.sent)
			if err := w.x.Due(w.ctx, cases.Key(w.id, cases.RefSK("step", st.Ref)), w.now); err != nil {
				t.Fatal(err)
			}
			if queued, err := w.x.Outbox.Queued(w.ctx); err != nil || len(queued) != 1 {
				t.Fatalf("%s, stage %d: %d mails wait, %v", role, stage, len(queued), err)
			}
			w.do(command.Extend{Meta: by("SVC"), Ref: st.Ref, Due: w.day(60), Reason: "Ferien"})
			w.days(2)
			if sent := w.box.sent[before:]; len(sent) > 0 {
				t.Errorf("%s, stage %d: %q goes after the date was moved", role, stage, sent[0].Subject)
			}
		}
	}
}

package command

import (
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

// A step that waits after another, and one that beside that needs a third.
const (
	waitsAfter = `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02, wait_wt: 3}]`
	waitsBeside = `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O01}]
		O04: pre: [{step: O02, wait_wt: 3}, {step: O03}]`
)

func TestAStepWaitsSoManyWorkingDays(t *testing.T) {
	t.Parallel()
	r := begin(t, waitsBeside)
	r.submit("O02") // on Monday, 13 April
	r.to("2026-04-14")
	r.submit("O03")
	r.want("O04", process.Planned, 1)
	if st := r.state.Steps[r.ref("O04")]; st.Opens.String() != "2026-04-16" || !st.Due.IsZero() {
		t.Errorf("O04 is planned for %s, due %s; want 2026-04-16 and no due date", st.Opens, st.Due)
	}
	r.refuses(ErrDate, Open{Meta: r.by(process.ByClock), Ref: r.ref("O04")})
	r.refuses(ErrRole, Open{Meta: r.by("FED"), Ref: r.ref("O04")})
	r.refuses(ErrNotOpen, Submit{Meta: r.by("FED"), Ref: r.ref("O04"), Answers: answers()})
	r.to("2026-04-16")
	r.want("O04", process.Open, 1)
	if st := r.state.Steps[r.ref("O04")]; st.Due.String() != "2026-04-30" || len(st.Asked) != 1 {
		t.Errorf("O04 is due on %s and asks %v; want 2026-04-30 and one", st.Due, st.Asked)
	}
	r.refuses(ErrNotOpen, Open{Meta: r.by("SVC"), Ref: r.ref("O04")})
	r.sameAsEvents()
}

func TestAWaitThatIsOverIsNoWait(t *testing.T) {
	t.Parallel()
	r := begin(t, waitsBeside)
	r.submit("O02")
	r.to("2026-05-04")
	r.submit("O03")
	r.want("O04", process.Open, 1)
}

func TestWhatWaitsForAStepIsPlannedAnewWhenThatIsDoneAgain(t *testing.T) {
	t.Parallel()
	r := begin(t, waitsAfter)
	r.submit("O02")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O02", Reason: "noch einmal"})
	r.want("O03", process.Withheld, 1)
	r.to("2026-04-20")
	r.want("O03", process.Withheld, 1)
	r.refuses(ErrNotOpen, Open{Meta: r.by(process.ByClock), Ref: r.ref("O03")})
	r.submit("O02")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, O03 planned for 2026-04-16
		O02 reopened (2), O02 opened (2), O03 unplanned
		O02 done (2), O03 planned for 2026-04-23`)
}

// TestAReviewedStepCountsFromItsAcceptance: done is what was accepted, not what
// was submitted.
func TestAReviewedStepCountsFromItsAcceptance(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; reviewer: SVC
		O03: pre: [{step: O01}]
		O04: pre: [{step: O02, wait_wt: 3}, {step: O03}]`)
	r.submit("O02")
	r.to("2026-04-20")
	r.must(Accept{Meta: r.by("SVC"), Ref: r.ref("O02")})
	r.to("2026-04-21")
	r.submit("O03")
	if st := r.state.Steps[r.ref("O04")]; st.Opens.String() != "2026-04-23" {
		t.Errorf("O04 is planned for %s, want 2026-04-23: three working days after the acceptance", st.Opens)
	}
}

func TestAPauseMovesWhatIsPlanned(t *testing.T) {
	t.Parallel()
	r := begin(t, waitsAfter)
	r.submit("O02")
	r.must(Pause{Meta: r.by("SVC"), Reason: "Wahl"})
	r.to("2026-04-20") // five working days
	r.refuses(ErrResting, Open{Meta: r.by("SVC"), Ref: r.ref("O03")})
	r.must(Resume{Meta: r.by("SVC")})
	if st := r.state.Steps[r.ref("O03")]; st.Opens.String() != "2026-04-23" || st.Pause {
		t.Errorf("O03 is planned for %s, resting %t; want 2026-04-23 and no rest", st.Opens, st.Pause)
	}
	r.to("2026-04-23")
	r.want("O03", process.Open, 1)
	r.sameAsEvents()
}

func TestWhatIsPlannedEndsWithTheCase(t *testing.T) {
	t.Parallel()
	r := begin(t, waitsAfter)
	r.submit("O02")
	r.must(Withdraw{Meta: r.by("SVC"), Reason: "kein Beschluss"})
	r.want("O03", process.Ended, 1)
	r.refuses(ErrResting, Open{Meta: r.by(process.ByClock), Ref: r.ref("O03")})
	r.sameAsEvents()
}

func TestAStepComesAgainInItsRhythm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ repeat, first, next string }{
		{"{every: monthly}", "2026-05-04", "2026-06-01"},
		{"{every: quarterly}", "2026-07-01", "2026-10-01"},
		{"{every: half_yearly}", "2026-07-01", "2027-01-04"},
		{"{every: yearly}", "2027-01-04", "2028-01-03"},
		{`{every: "2 weeks"}`, "", "2026-04-27"},
		{`{every: "2 weeks", first: next_on}`, "2026-06-22", "2026-07-06"}, // the answer is a Saturday
	} {
		r := begin(t, `
			O01:
			O02: pre: [{step: O01}]
			R01: pre: [{step: O02}]; repeatable: true; repeat: `+c.repeat)
		r.submit("O02", "next_on", "2026-06-20")
		if c.first != "" {
			r.want("R01", process.Planned, 1)
			if st := r.state.Steps[r.ref("R01")]; st.Opens.String() != c.first {
				t.Errorf("%s: first planned for %s, want %s", c.repeat, st.Opens, c.first)
			}
			r.to(c.first)
		}
		r.want("R01", process.Open, 1)
		r.submit("R01")
		r.want("R01", process.Planned, 2)
		if st := r.state.Steps[r.ref("R01")]; st.Opens.String() != c.next {
			t.Errorf("%s: next planned for %s, want %s", c.repeat, st.Opens, c.next)
		}
		r.sameAsEvents()
	}
}

func TestAnAnswerSaysWhenAStepComesAgain(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		R01: pre: [{step: O01}]; repeatable: true; repeat: {every: "6 weeks", on: next_on}`)
	r.submit("R01", "next_on", "2026-04-30") // the day after is a holiday, a Friday
	r.to("2026-05-04")
	r.want("R01", process.Open, 2)
	r.submit("R01", "next_on", "2026-05-01") // recorded late: it was held meanwhile
	r.want("R01", process.Open, 3)
	r.submit("R01")
	r.wantTrace(`
		O01 started, R01 opened
		R01 done, R01 planned (2) for 2026-05-04
		R01 opened (2)
		R01 done (2), R01 opened (3)
		R01 done (3), R01 planned (4) for 2026-06-15`)
}

func TestARoundThatIsLeftOutIsFollowedByTheNext(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		R01: pre: [{step: O01}]; repeatable: true; repeat: {every: "1 week"}; outcome: [{when: "${word} = 'danger'", effect: safety}]`)
	r.must(Skip{Meta: r.by("SVC"), Ref: r.ref("R01"), Reason: "in dieser Woche war niemand da"})
	r.want("R01", process.Planned, 2)
}

func TestARoundCanBeCorrectedWhenTheNextIsPlanned(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		R01: pre: [{step: O01}]; repeatable: true; repeat: {every: monthly}`)
	r.to("2026-05-04")
	r.submit("R01")
	done := process.Ref{Step: "R01", Iteration: 1}
	r.must(Correct{Meta: r.by("SVC"), Ref: done, Answers: answers("why", "Tippfehler"), Reason: "Tippfehler"})
	if got := r.state.Steps[done].Answers.Text("why"); got != "Tippfehler" {
		t.Errorf("the answer is %q", got)
	}
	r.to("2026-06-01")
	r.submit("R01")
	r.refuses(ErrNotOpen, Correct{Meta: r.by("SVC"), Ref: done, Answers: answers("why", "zu spät"), Reason: "Tippfehler"})
	r.sameAsEvents()
}

func TestWhatIsOnDemandIsAlwaysThere(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		R06: pre: [{step: O01}]; acts: [KM]; repeatable: true; repeat: {every: on_demand}`)
	st := r.state.Steps[r.ref("R06")]
	if st.State != process.Open || !st.Due.IsZero() || st.WT != 0 {
		t.Errorf("R06 is %+v, want open without a due date", st)
	}
	if _, ok := st.Next(calendarOf(r)); ok || st.LateBy(calendarOf(r), st.Opened.AddDays(900)) != 0 {
		t.Error("a step without a due date is reminded of, or late")
	}
	r.submit("R06")
	r.want("R06", process.Open, 2)
	r.refuses(ErrDate, Extend{Meta: r.by("SVC"), Ref: r.ref("R06"), Due: st.Opened.AddDays(20), Reason: "mehr Zeit"})
	r.must(Pause{Meta: r.by("SVC"), Reason: "Wahl"})
	r.to("2026-05-20")
	r.must(Resume{Meta: r.by("SVC")})
	if st := r.state.Steps[r.ref("R06")]; !st.Due.IsZero() || st.Pause || len(st.Moved) > 0 {
		t.Errorf("after the pause R06 is %+v, want it as before", st)
	}
	r.sameAsEvents()
}

// TestWhatFollowsAStepThatComesAgainOpens: its next round begins at once, so it
// is never done when others look.
func TestWhatFollowsAStepThatComesAgainOpens(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		B07: pre: [{step: O01}]; repeatable: true; repeat: {every: on_demand}
		B08: pre: [{step: O01}]; repeatable: true; repeat: {every: quarterly}
		B11: pre: [{step: B07}]
		B12: pre: [{step: B08}]`)
	r.want("B11", process.Locked, 0)
	r.submit("B07")
	r.want("B11", process.Open, 1)
	r.submit("B11")
	r.submit("B07")
	r.want("B11", process.Done, 1)
	r.to(r.state.Steps[r.ref("B08")].Opens.String())
	r.submit("B08")
	r.want("B12", process.Open, 1)
	r.sameAsEvents()
}

func calendarOf(r *run) municipality.Calendar {
	return municipality.CalendarOf(r.state.Head.Municipality.Land)
}

func TestDangerOpensASafetyStepAtOnce(t *testing.T) {
	t.Parallel()
	const text = `
		O01:
		O02: pre: [{step: O01}]; outcome: [{when: "${word} = 'danger'", effect: safety}]
		O03: pre: [{step: O01}]
		O04: pre: [{step: O02}]; repeatable: true; outcome: [{when: "${word} = 'danger'", effect: safety}]
		B09: pre: [{step: O03}]; opens_on: safety; repeatable: true`
	r := begin(t, text)
	r.submit("O02", "word", "danger")
	r.want("B09", process.Open, 1)
	r.submit("O04", "word", "danger")
	r.want("B09", process.Open, 1) // it is being done
	r.submit("B09")
	r.submit("O03")
	r.want("B09", process.Done, 1)
	r.must(Reopen{Meta: r.by("SVC"), Step: "O04", Reason: "neue Lage"})
	r.submit("O04", "word", "danger")
	r.wantTrace(`
		O01 started, O02 opened, O03 opened
		O02 done, O02 safety, B09 opened, O04 opened
		O04 done, O04 safety
		B09 done
		O03 done
		O04 reopened (2), O04 opened (2)
		O04 done (2), O04 safety (2), B09 opened (2)`)
}

// TestWhatIsUnderWayRestsWhileTheDecisionIsPutOff: no timer comes by for it.
func TestWhatIsUnderWayRestsWhileTheDecisionIsPutOff(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02, wait_wt: 3}]
		O04: pre: [{step: O02}]; outcome: [{when: "${word} = 'later'", effect: park}]`)
	r.submit("O02")
	r.submit("O04", "word", "later")
	if st := r.state.Steps[r.ref("O03")]; !st.Pause {
		t.Errorf("O03 is %+v, want it at rest", st)
	}
	r.to("2026-04-20") // five working days
	r.must(Reopen{Meta: r.by("SVC"), Step: "O04", Reason: "es geht weiter"})
	if st := r.state.Steps[r.ref("O03")]; st.Pause || st.Opens.String() != "2026-04-23" {
		t.Errorf("O03 is %+v, want it planned for 2026-04-23", st)
	}
	r.sameAsEvents()
}

// TestALaterRoundTakesBackWhatAnEarlierOnePlanned: what its answers keep closed does not open on the day
// that an earlier round had led to, and is planned anew when a later one asks for it.
func TestALaterRoundTakesBackWhatAnEarlierOnePlanned(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; repeatable: true; repeat: {every: on_demand}
		O03: pre: [{step: O02, when: "${word} != 'b'"}, {step: O01, wait_wt: 4}]`)
	r.submit("O02")
	r.want("O03", process.Planned, 1)
	r.submit("O02", "word", "b")
	r.want("O03", process.Withheld, 1)
	r.refuses(ErrNotOpen, Open{Meta: r.by(process.ByClock), Ref: r.ref("O03")})
	r.submit("O02")
	r.want("O03", process.Planned, 1)
}

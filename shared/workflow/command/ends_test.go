package command

import (
	"slices"
	"testing"

	"kokoma/shared/workflow/process"
)

func (r *run) as(role, who string) Meta {
	m := r.by(role)
	m.By.Who = process.WhoHash(who)
	return m
}

func TestFourEyesAreTwoPeople(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [TAN]; reviewer: SVC; four_eyes: true
		O03: pre: [{step: O02}]`)
	const ext, lok = "ext@musterstadt.example", "lok@musterstadt.example"
	r.refuses(ErrSame, Submit{Meta: Meta{By: process.Actor{Role: "EXT"}}, Ref: r.ref("O02"), Answers: answers()})
	r.must(Submit{Meta: r.as("EXT", ext), Ref: r.ref("O02"), Answers: answers()})
	st := r.state.Steps[r.ref("O02")]
	if st.State != process.Submitted || len(st.Asked) != 2 || st.Asked[0].Email != lok || st.Asked[1].Role != "SVC" {
		t.Errorf("O02 is %q and asks %+v, want submitted and the other two asked", st.State, st.Asked)
	}
	r.refuses(ErrSame, Accept{Meta: r.as("EXT", ext), Ref: r.ref("O02")})
	r.refuses(ErrSame, Accept{Meta: r.as("LOK", ext), Ref: r.ref("O02")}) // another role, the same address
	r.refuses(ErrSame, Accept{Meta: Meta{By: process.Actor{Role: "LOK"}}, Ref: r.ref("O02")})
	r.refuses(ErrRole, Accept{Meta: r.as("FED", "fed@musterstadt.example"), Ref: r.ref("O02")})
	r.refuses(ErrDecides, Correct{Meta: r.as("LOK", lok), Ref: r.ref("O02"), Answers: answers("why", "x"), Reason: "Tippfehler"})
	r.must(SendBack{Meta: r.as("LOK", lok), Ref: r.ref("O02"), Comment: "bitte ergänzen"})
	r.must(Submit{Meta: r.as("LOK", lok), Ref: r.ref("O02"), Answers: answers()})
	r.must(Accept{Meta: r.as("EXT", ext), Ref: r.ref("O02")})
	r.wantTrace(`
		O01 started, O02 opened
		O02 submitted
		O02 returned, O02 opened (2)
		O02 submitted (2)
		O02 done (2), O03 opened`)
	if by := r.rows[len(r.rows)-1].By; by.Who != process.WhoHash(ext) {
		t.Errorf("the history does not tell who accepted: %+v", by)
	}
	r.must(Submit{Meta: r.as("FED", "fed@musterstadt.example"), Ref: r.ref("O03"), Answers: answers()})
	if by := r.rows[len(r.rows)-1].By; by.Who != "" {
		t.Errorf("where nobody has to be told apart the history keeps %q", by.Who)
	}
}

// TestDangerDoesNotWaitForAReview: and is raised once.
func TestDangerDoesNotWaitForAReview(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; reviewer: SVC; outcome: [{when: "${word} = 'danger'", effect: safety}]
		B09: pre: [{step: O02}]; opens_on: safety; repeatable: true`)
	r.submit("O02", "word", "danger")
	r.want("B09", process.Open, 1)
	r.submit("B09")
	r.must(Accept{Meta: r.by("SVC"), Ref: r.ref("O02")})
	r.wantTrace(`
		O01 started, O02 opened
		O02 submitted, O02 safety, B09 opened
		B09 done
		O02 done`)
}

const closing = `
	O01:
	O02: pre: [{step: O01}]
	O03: pre: [{step: O02, wait_wt: 100}]
	R01: pre: [{step: O01}]; repeatable: true; repeat: {every: "1 week"}
	R06: pre: [{step: O01}]; repeatable: true; repeat: {every: on_demand}
	C15: pre: [{step: O02}]; acts: [SVC]; outcome: [{when: "${word} = 'stop'", effect: stop, reason: why}, {when: "${word} = 'end'", effect: complete, follow_up: next_on}]`

func TestCompletingEndsWhatIsOpenAndPlanned(t *testing.T) {
	t.Parallel()
	r := begin(t, closing)
	r.submit("O02")
	r.submit("C15", "word", "end", "next_on", "2026-10-20")
	r.wantTrace(`
		O01 started, O02 opened, R01 opened, R06 opened
		O02 done, O03 planned for 2026-09-04, C15 opened
		C15 done, completed for 2026-10-20, O03 closed, R01 closed, R06 closed`)
	r.refuses(ErrResting, Submit{Meta: r.by("FED"), Ref: r.ref("R01"), Answers: answers()})
	r.refuses(ErrResting, Stop{Meta: r.by("SVC"), Reason: "nach dem Abschluss noch einmal beendet"})
}

func TestStoppingNeedsAReason(t *testing.T) {
	t.Parallel()
	r := begin(t, closing)
	r.submit("O02")
	stop := func(why string) Submit {
		return Submit{Meta: r.by("SVC"), Ref: r.ref("C15"), Answers: answers("word", "stop", "why", why)}
	}
	r.refuses(ErrReason, stop("zu kurz"))
	r.must(stop("die Kommune hat sich aufgelöst"))
	if r.state.Head.Status != process.Stopped || r.state.Head.Steps["O03"].State != process.Ended {
		t.Errorf("the case is %q, O03 %q; want stopped and ended", r.state.Head.Status, r.state.Head.Steps["O03"].State)
	}
	r.sameAsEvents()
}

func TestTheServiceOfficeRefersAndStops(t *testing.T) {
	t.Parallel()
	const reason = "ein anderes Angebot passt besser"
	for to, c := range map[process.Status]func(Meta, string) Command{
		process.Referred: func(m Meta, why string) Command { return Refer{m, why} },
		process.Stopped:  func(m Meta, why string) Command { return Stop{m, why} },
	} {
		r := begin(t, closing)
		r.submit("O02")
		r.refuses(ErrRole, c(r.by("FED"), reason))
		r.refuses(ErrReason, c(r.by("SVC"), "zu kurz            "))
		r.must(Pause{Meta: r.by("SVC"), Reason: "Wahl"})
		r.must(c(r.by("SVC"), reason))
		if h := r.state.Head; h.Status != to || len(h.Pending()) > 0 {
			t.Errorf("the case is %q with %v, want %q with nothing", h.Status, h.Pending(), to)
		}
		r.refuses(ErrResting, c(r.by("SVC"), reason))
		r.sameAsEvents()
	}
}

func TestPhaseIsNotThatOfWhatAccompanies(t *testing.T) {
	t.Parallel()
	h := process.Head{Steps: process.Marks{
		"O08": {State: process.Done, Iteration: 1}, "A01": {State: process.Open, Iteration: 1},
		"R01": {State: process.Open, Iteration: 3}, "B12": {State: process.Planned, Iteration: 1},
	}}
	if got := h.Phase(); got != "A" {
		t.Errorf("the case is in phase %q, want A", got)
	}
}

// TestOnlyADecisionIsTakenAnew: what was referred in the middle of its way stays
// so, since its open steps have ended.
func TestOnlyADecisionIsTakenAnew(t *testing.T) {
	t.Parallel()
	const text = `
		O01:
		O04: pre: [{step: O01}]; outcome: [{when: "${word} = 'no'", effect: end_referred}, {when: "${word} = 'later'", effect: park}]
		O05: pre: [{step: O04, when: "${word} = 'x'"}]; outcome: [{when: "${word} = 'danger'", effect: safety}]
		O06: pre: [{step: O05}]`
	r := begin(t, text)
	r.submit("O04", "word", "later")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O04", Reason: "ein Platz ist frei"})
	r.submit("O04", "word", "no")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O04", Reason: "ein Platz ist frei"})
	r.submit("O04")
	r.submit("O05")
	r.must(Refer{r.by("SVC"), "ein anderes Angebot passt besser"})
	for _, step := range []string{"O04", "O05"} {
		r.refuses(ErrResting, Reopen{Meta: r.by("SVC"), Step: step, Reason: "doch nicht"})
	}
	r.sameAsEvents()
}

// TestOnlyTheDecisionEndsTheWait: another step with outcomes would leave the case
// in its intake with nothing to do.
func TestOnlyTheDecisionEndsTheWait(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; outcome: [{when: "${word} = 'danger'", effect: safety}]
		O04: pre: [{step: O02}]; outcome: [{when: "${word} = 'later'", effect: park}]`)
	r.submit("O02")
	r.submit("O04", "word", "later")
	r.refuses(ErrResting, Reopen{Meta: r.by("SVC"), Step: "O02", Reason: "noch einmal"})
	r.must(Reopen{Meta: r.by("SVC"), Step: "O04", Reason: "es geht weiter"})
}

// TestNobodyIsAskedInACaseThatRestsOrHasEnded, whoever is named then.
func TestNobodyIsAskedInACaseThatRestsOrHasEnded(t *testing.T) {
	t.Parallel()
	const text = `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, LEI]; four_eyes: true
		O03: pre: [{step: O01}]
		O04: pre: [{step: O01}]; outcome: [{when: "${word} = 'later'", effect: park}]`
	for name, end := range map[string]func(r *run){
		"stopped": func(r *run) { r.must(Stop{r.by("SVC"), "die Kommune hat sich aufgelöst"}) },
		"waiting": func(r *run) { r.submit("O04", "word", "later") },
		"paused":  func(r *run) { r.must(Pause{Meta: r.by("SVC"), Reason: "Wahl"}) },
	} {
		r := begin(t, text)
		r.submit("O02")
		end(r)
		for _, role := range []string{"LEI", "FED"} {
			r.must(Assign{Meta: r.by("SVC"), Role: role, Person: process.Person{Email: "neu@musterstadt.example"}})
		}
		for _, e := range slices.Concat(r.rows[len(r.rows)-1].Events, r.rows[len(r.rows)-2].Events) {
			if e.Kind == process.Readdressed {
				t.Errorf("%s: %s is asked of somebody else", name, e.Step)
			}
		}
	}
}

// TestABounceInAPauseAsksNobodyYet: the owner of the step is asked again when the
// case goes on.
func TestABounceInAPauseAsksNobodyYet(t *testing.T) {
	t.Parallel()
	const other = "andere@musterstadt.example"
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]`)
	r.must(Handover{Meta: r.by("FED"), Ref: r.ref("O02"), From: "fed@musterstadt.example", To: process.Person{Email: other}})
	r.must(Pause{Meta: r.by("SVC"), Reason: "Wahl"})
	r.must(Bounce{Meta: r.by(process.ByClock), Email: other})
	if st := r.state.Steps[r.ref("O02")]; len(st.Asked) > 0 || !r.rows[len(r.rows)-1].Events[0].Quiet {
		t.Errorf("in the pause it is asked of %v by %+v", st.Asked, r.rows[len(r.rows)-1].Events)
	}
	r.must(Resume{Meta: r.by("SVC")})
	if st := r.state.Steps[r.ref("O02")]; len(st.Asked) != 1 || st.Asked[0].Email != "fed@musterstadt.example" {
		t.Errorf("after the pause it is asked of %v", st.Asked)
	}
	r.sameAsEvents()
}

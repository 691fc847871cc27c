// The control-flow patterns of the workflow patterns catalogue (workflowpatterns.com,
// numbers WCP-1 to WCP-43) that the language of steps supports, each with a
// process and the trace that it leaves.
//
// Claimed are WCP-1 sequence, WCP-2 parallel split, WCP-3 synchronization, WCP-4
// exclusive choice, WCP-6 multi-choice, WCP-10 arbitrary cycles (by reopening),
// WCP-18 milestone (for planned steps), WCP-19 cancel task, WCP-20 cancel case,
// WCP-21 structured loop, and WCP-43 explicit termination.
//
// Not claimed, since all needs of a step must be met: WCP-5 simple merge, WCP-7
// and WCP-37 synchronizing merges, WCP-8 multi-merge, and WCP-9 with the other
// discriminators and partial joins. Not claimed, since a step has one iteration at
// a time: WCP-12 to WCP-15, WCP-34 to WCP-36 multiple instances, WCP-22
// recursion, WCP-42 thread split. Nor are WCP-11 implicit termination (a case goes
// on until something ends it), WCP-16 deferred choice (a step that is open is not
// taken back because another one was done), WCP-17, WCP-39 and WCP-40 (steps
// exclude each other never), WCP-23 and WCP-24 triggers (a danger opens steps, but
// no step waits for one), WCP-25 cancel region.
package command

import (
	"testing"

	"kokoma/shared/workflow/process"
)

func TestWCP1Sequence(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02}]`)
	r.refuses(ErrNotOpen, Submit{Meta: r.by("FED"), Ref: process.Ref{Step: "O03", Iteration: 1}, Answers: answers()})
	r.submit("O02")
	r.submit("O03")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, O03 opened
		O03 done`)
}

func TestWCP2ParallelSplit(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		A01: pre: [{step: O02}]
		A02: pre: [{step: O02}]`)
	r.submit("O02")
	r.submit("A02")
	r.submit("A01")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, A01 opened, A02 opened
		A02 done
		A01 done`)
}

func TestWCP3Synchronization(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		A01: pre: [{step: O01}]
		A02: pre: [{step: O01}]
		A03: pre: [{step: A01}, {step: A02}]`)
	r.submit("A02")
	r.submit("A01")
	r.wantTrace(`
		O01 started, A01 opened, A02 opened
		A02 done
		A01 done, A03 opened`)
}

func TestWCP4ExclusiveChoice(t *testing.T) {
	t.Parallel()
	for word, opened := range map[string]string{"left": "A01", "right": "A02"} {
		r := begin(t, `
			O01:
			O02: pre: [{step: O01}]
			A01: pre: [{step: O02, when: "${word} = 'left'"}]
			A02: pre: [{step: O02, when: "${word} = 'right'"}]`)
		r.submit("O02", "word", word)
		r.wantTrace(`
			O01 started, O02 opened
			O02 done, ` + opened + ` opened`)
	}
}

func TestWCP6MultiChoice(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		A01: pre: [{step: O02, when: "${word} = 'both' or ${word} = 'left'"}]
		A02: pre: [{step: O02, when: "${word} = 'both' or ${word} = 'right'"}]
		A03: pre: [{step: O02, when: "${word} = 'other'"}]`)
	r.submit("O02", "word", "both")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, A01 opened, A02 opened`)
}

// TestWCP10ArbitraryCycles: a step is done again from any later point, and what
// had followed stays.
func TestWCP10ArbitraryCycles(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02}]
		O04: pre: [{step: O03}]`)
	r.submit("O02")
	r.submit("O03")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O02", Reason: "neue Lage"})
	r.submit("O04")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O03", Reason: "neue Lage"})
	r.submit("O03")
	r.submit("O02")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, O03 opened
		O03 done, O04 opened
		O02 reopened (2), O02 opened (2)
		O04 done
		O03 reopened (2), O03 opened (2)
		O03 done (2)
		O02 done (2)`)
}

// TestWCP18Milestone: a planned step opens only while what it needs stands.
func TestWCP18Milestone(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]; milestone: M1
		O03: pre: [{step: O02, wait_wt: 5}]`)
	r.submit("O02")
	r.must(Reopen{Meta: r.by("SVC"), Step: "O02", Reason: "neue Lage"})
	r.to("2026-05-04")
	r.submit("O02")
	r.to("2026-05-18")
	r.wantTrace(`
		O01 started, O02 opened
		O02 done, O03 planned for 2026-04-20
		O02 reopened (2), O02 opened (2), O03 unplanned
		O02 done (2), O03 planned for 2026-05-11
		O03 opened`)
}

func TestWCP19CancelTask(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02}]`)
	r.must(Skip{Meta: r.by("SVC"), Ref: r.ref("O02"), Reason: "wird in diesem Vorgang nicht gebraucht"})
	r.wantTrace(`
		O01 started, O02 opened
		O02 skipped, O03 opened`)
}

func TestWCP20CancelCase(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O01}]
		O04: pre: [{step: O02, wait_wt: 5}]`)
	r.submit("O02")
	r.must(Withdraw{Meta: r.by("FED"), Reason: "kein Beschluss"})
	r.to("2026-05-18")
	r.wantTrace(`
		O01 started, O02 opened, O03 opened
		O02 done, O04 planned for 2026-04-20
		withdrawn, O03 closed, O04 closed`)
}

// TestWCP21StructuredLoop: a body is done until an answer lets the case go on, or
// in a rhythm for as long as it runs.
func TestWCP21StructuredLoop(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		A10: pre: [{step: O01}]
		A11: pre: [{step: A10}]; outcome: [{when: "${word} = 'again'", effect: reopen, step: A10}]
		A12: pre: [{step: A11}]`)
	r.submit("A10")
	r.submit("A11", "word", "again")
	r.submit("A10")
	r.submit("A11")
	r.wantTrace(`
		O01 started, A10 opened
		A10 done, A11 opened
		A11 voided, A10 opened (2)
		A10 done (2), A11 opened (2)
		A11 done (2), A12 opened`)

	r = begin(t, `
		O01:
		R01: pre: [{step: O01}]; repeatable: true; repeat: {every: "1 week"}`)
	r.submit("R01")
	r.to("2026-04-20")
	r.submit("R01")
	r.must(Stop{Meta: r.by("SVC"), Reason: "die Kommune hat sich aufgelöst"})
	r.wantTrace(`
		O01 started, R01 opened
		R01 done, R01 planned (2) for 2026-04-20
		R01 opened (2)
		R01 done (2), R01 planned (3) for 2026-04-27
		stopped, R01 closed (3)`)
}

// TestWCP43ExplicitTermination: one step ends the case, whatever is still open.
func TestWCP43ExplicitTermination(t *testing.T) {
	t.Parallel()
	r := begin(t, `
		O01:
		O02: pre: [{step: O01}]
		C15: pre: [{step: O01}]; outcome: [{effect: complete}]`)
	r.submit("C15")
	r.wantTrace(`
		O01 started, O02 opened, C15 opened
		C15 done, completed, O02 closed`)
}

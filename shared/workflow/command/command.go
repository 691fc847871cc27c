// Package command is what can be asked of a case, and the rules: Decide says
// which events a command leads to, or why it leads to none. It is pure, as is
// package process, which it is the other half of.
//
// Read command.go for what there is, decide.go for steps and what follows from
// them, plan.go for what opens on a day to come, change.go for dates, corrections
// and pauses; people.go for who holds which role, absence.go and handover.go for
// who does a step in their place, readdress.go for what that means for open steps;
// eyes.go for what two people do, nudge.go for reminders by hand, settings.go for
// calendar and post of a municipality, records.go for agreements and documents,
// move.go for another version of the process, and reads.go for what has to be read
// before.
package command

import (
	"errors"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

// Why Decide refuses. ErrAlready is no fault: the same command was done
// before, and its answer is given again.
var (
	ErrAlready   = errors.New("this command was done before")
	ErrNotOpen   = errors.New("the step is not open in this iteration")
	ErrResting   = errors.New("the case rests or has ended")
	ErrRole      = errors.New("this role may not do that")
	ErrReason    = errors.New("a reason is needed")
	ErrMilestone = errors.New("the case cannot go on without this step")
	ErrDecides   = errors.New("the correction would change the way of the case; open the step again")
	ErrDate      = errors.New("the new date must be later than today")
	ErrNobody    = errors.New("nothing was sent to this address, or it has it already")
	ErrPeriod    = errors.New("the last day must be today or later, and not before the first one")
	ErrAway      = errors.New("nobody can be asked at this address at present")
	ErrMove      = errors.New("an agreement or a document cannot go from its state to this one")
	ErrSame      = errors.New("somebody else has to accept what this person submitted")
	ErrVersion   = errors.New("the plan is not for the version of the process that the case stands on")
)

// MinReason is how long the reason for leaving a step out, or for ending a case
// early, must be, in characters.
const MinReason = 20

// Meta is what all commands have: an id that was made with the page they come
// from, and who gives them.
type Meta struct {
	ID string
	By process.Actor
}

func (m Meta) meta() Meta { return m }

// Command is something that is asked of a case.
type Command interface{ meta() Meta }

// The commands.
type (
	// Start begins a case from a confirmed expression of interest.
	Start struct {
		Meta
		Case   process.Opening
		People process.People
	}
	// Submit finishes a step with its form. Who records for somebody else says
	// why.
	Submit struct {
		Meta
		process.Ref
		Answers form.Answers
		Form    string // hash of the version that was answered; "" for the process's own
		Browser string
		Reason  string
	}
	// Skip leaves a step out.
	Skip struct {
		Meta
		process.Ref
		Reason string
	}
	// Open begins a planned step: the clock on its day, or somebody before it.
	Open struct {
		Meta
		process.Ref
	}
	// Accept is the reviewer's yes, SendBack the no with a comment; a survey
	// that is cancelled sends its step back, too.
	Accept struct {
		Meta
		process.Ref
	}
	SendBack struct {
		Meta
		process.Ref
		Comment string
	}
	// Answered tells that the municipality answered what a step asked back.
	Answered struct {
		Meta
		Step string
	}
	// SurveyClosed tells that the survey of a step is over.
	SurveyClosed struct {
		Meta
		process.Ref
	}
	// Extend moves the due date.
	Extend struct {
		Meta
		process.Ref
		Due    lang.Date
		Reason string
	}
	// Correct changes answers after the step was finished.
	Correct struct {
		Meta
		process.Ref
		Answers form.Answers
		Reason  string
	}
	// Reopen lets a finished step be done again.
	Reopen struct {
		Meta
		Step   string
		Reason string
	}
	// SetRecord says what became of an agreement or a document.
	SetRecord struct {
		Meta
		Record string // its id
		State  string
		Reason string
	}
	// Settle closes a task of the service office.
	Settle struct {
		Meta
		Task   string
		Reason string
	}
	// Configure says how the municipality works and wants to be written to.
	Configure struct {
		Meta
		Settings municipality.Settings
	}
	// PostLetter notes that the letter of a step was posted.
	PostLetter struct {
		Meta
		process.Ref
	}
	// Pause, Resume and the ends are about the case: Withdraw is the
	// municipality's, Refer and Stop are the service office's.
	Pause struct {
		Meta
		Reason string
	}
	Resume struct{ Meta }
	// Move brings the case to another version of the process.
	Move struct {
		Meta
		Plan process.Plan
		To   *process.Definition
	}
	Withdraw struct {
		Meta
		Reason string
	}
	Refer struct {
		Meta
		Reason string
	}
	Stop struct {
		Meta
		Reason string
	}
)

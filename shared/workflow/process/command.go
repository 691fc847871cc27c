package process

import (
	"errors"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Why Decide refuses. ErrAlready is no fault: the same command was done
// before, and its answer is given again.
var (
	ErrAlready   = errors.New("process: this command was done before")
	ErrNotOpen   = errors.New("process: the step is not open in this iteration")
	ErrResting   = errors.New("process: the case rests or has ended")
	ErrRole      = errors.New("process: this role may not do that")
	ErrReason    = errors.New("process: a reason is needed")
	ErrMilestone = errors.New("process: the case cannot go on without this step")
	ErrDecides   = errors.New("process: the correction would change the way of the case; open the step again")
	ErrDate      = errors.New("process: the new date must be later than today")
	ErrNobody    = errors.New("process: the step was not sent to this address")
)

// Roles of what is no person.
const (
	ByClock  = "clock"
	BySurvey = "survey"
)

// MinReason is how long the reason for leaving a step out must be, in
// characters.
const MinReason = 20

// Meta is what all commands have: an id that was made with the page they come
// from, and who gives them.
type Meta struct {
	ID string
	By Actor
}

func (m Meta) meta() Meta { return m }

// Command is something that is asked of a case.
type Command interface{ meta() Meta }

// The commands.
type (
	// Start begins a case from a confirmed expression of interest.
	Start struct {
		Meta
		Case   Opening
		People People
	}
	// Submit finishes a step with its form. Who records for somebody else says
	// why.
	Submit struct {
		Meta
		Ref
		Answers form.Answers
		Browser string
		Reason  string
	}
	// Skip leaves a step out.
	Skip struct {
		Meta
		Ref
		Reason string
	}
	// Accept is the reviewer's yes, SendBack the no with a comment; a survey
	// that is cancelled sends its step back, too.
	Accept struct {
		Meta
		Ref
	}
	SendBack struct {
		Meta
		Ref
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
		Ref
	}
	// Extend moves the due date.
	Extend struct {
		Meta
		Ref
		Due    lang.Date
		Reason string
	}
	// Handover asks somebody else for this one step, in place of From; with no
	// From in addition.
	Handover struct {
		Meta
		Ref
		From   string
		To     Person
		Reason string
	}
	// Correct changes answers after the step was finished.
	Correct struct {
		Meta
		Ref
		Answers form.Answers
		Reason  string
	}
	// Reopen lets a finished step be done again.
	Reopen struct {
		Meta
		Step   string
		Reason string
	}
	// Assign names who holds a role from now on.
	Assign struct {
		Meta
		Role   string
		Person Person
		Reason string
	}
	// Settle closes a task of the service office.
	Settle struct {
		Meta
		Task   string
		Reason string
	}
	// Pause, Resume and Withdraw are about the case.
	Pause struct {
		Meta
		Reason string
	}
	Resume   struct{ Meta }
	Withdraw struct {
		Meta
		Reason string
	}
)

// Reads says which steps' contents Decide looks at for a command. Everything
// else it knows from the head.
func Reads(d *Definition, h Head, c Command) []Ref {
	switch c := c.(type) {
	case Submit:
		return withOpen(d, h, c.Ref)
	case Accept:
		return withOpen(d, h, c.Ref)
	case Correct:
		return withOpen(d, h, c.Ref)
	case Skip:
		return []Ref{c.Ref}
	case SendBack:
		return []Ref{c.Ref}
	case SurveyClosed:
		return []Ref{c.Ref}
	case Extend:
		return []Ref{c.Ref}
	case Handover:
		return []Ref{c.Ref}
	case Assign, Pause, Resume, Withdraw:
		return h.Open()
	}
	return nil
}

// withOpen adds the open steps where answers can name new people or end the
// case.
func withOpen(d *Definition, h Head, ref Ref) []Ref {
	out := []Ref{ref}
	t := d.Template(ref.Step)
	if t == nil || len(t.Roles) == 0 && !t.ends() {
		return out
	}
	for _, o := range h.Open() {
		if o != ref {
			out = append(out, o)
		}
	}
	return out
}

func (t *Template) ends() bool {
	for _, o := range t.Outcomes {
		if o.Effect == EffectDeclined || o.Effect == EffectReferred {
			return true
		}
	}
	return false
}

package command

import (
	"errors"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// ErrNudged is for a step of which somebody was reminded by hand today.
var ErrNudged = errors.New("this step was reminded of by hand today")

// Nudge reminds those who are asked for a step, by hand.
type Nudge struct {
	Meta
	process.Ref
}

func (x *decision) nudge(c Nudge) error {
	st, _, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	today := lang.DateOf(x.now)
	switch {
	case st.Due.IsZero():
		return ErrNotOpen // it is there to be done at any time, so nobody is waited for
	case !st.Others():
		return ErrNobody
	case st.Nudged == today:
		return ErrNudged
	case !process.MayNudge(st, today, c.By.Role):
		return ErrRole
	}
	x.emit(process.Event{Kind: process.Nudged, Step: c.Step, Iteration: c.Iteration})
	return nil
}

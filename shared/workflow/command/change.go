package command

import (
	"errors"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// This file holds the commands that change what is under way: dates, answers,
// and the pause of a case.

func (x *decision) extend(c Extend) error {
	st, _, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, "SVC", "EXT"); err != nil {
		return err
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if !c.Due.After(lang.DateOf(x.now)) || c.Due == st.Due || st.Due.IsZero() {
		return ErrDate
	}
	e := process.Event{Kind: process.Extended, Step: c.Step, Iteration: c.Iteration, Due: c.Due, Reason: c.Reason}
	st.Due = c.Due
	e.Stage = st.Passed(x.calendar(), x.now)
	e.Post = unposted(st)
	x.emit(e)
	return nil
}

// correct changes finished answers. What the answers led to stays, so answers
// that would lead elsewhere are refused.
func (x *decision) correct(c Correct) error {
	st, t, err := x.finished(c.Ref)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"SVC", "EXT", "LOK"}, c.By.Role) && !t.ActsFor(c.By.Role) {
		return ErrRole
	}
	if blank(c.Reason) {
		return ErrReason
	}
	if t.Survey != "" || t.FourEyes || !slices.Equal(x.unmet(t, st.Answers), x.unmet(t, c.Answers)) || !sameEffects(x.effects(t, st.Answers), x.effects(t, c.Answers)) {
		return ErrDecides
	}
	x.emit(process.Event{
		Kind: process.Corrected, Step: c.Step, Iteration: c.Iteration, Reason: c.Reason,
		Hash: process.HashAnswers(c.Answers), Answers: c.Answers,
	})
	if st.State == process.Done {
		x.leave(t, c.Ref, c.Answers)
	}
	x.nameAll(t, c.Answers)
	x.settleBy(t, c.Answers)
	return nil
}

// finished gives a step whose answers can be corrected. Where the next round has
// begun by itself, the one before still can.
func (x *decision) finished(ref process.Ref) (process.Step, *process.Template, error) {
	st, t, err := x.open(ref, process.Done, process.Submitted)
	if !errors.Is(err, ErrNotOpen) {
		return st, t, err
	}
	st, t = x.state.Steps[ref], x.def.Template(ref.Step)
	next := x.state.Head.Steps[ref.Step]
	if t == nil || t.Repeat == nil || st.State != process.Done || next.Iteration != ref.Iteration+1 {
		return st, nil, ErrNotOpen
	}
	return st, t, nil
}

func sameEffects(a, b []process.Outcome) bool {
	return slices.EqualFunc(a, b, func(p, q process.Outcome) bool { return p.Effect == q.Effect && p.Step == q.Step })
}

// reopen lets a step be done again; a decision that was taken or put off can
// be taken anew.
func (x *decision) reopen(c Reopen) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if blank(c.Reason) {
		return ErrReason
	}
	t, mark := x.def.Template(c.Step), x.state.Head.Steps[c.Step]
	if t == nil || !t.HasForm() || mark.State != process.Done && mark.State != process.Skipped {
		return ErrNotOpen
	}
	if !MayReopen(x.def, x.state.Head, t) {
		return ErrResting
	}
	if since := x.state.Head.Since; !x.state.Head.Status.Running() {
		x.emit(process.Event{Kind: process.StatusChanged, Status: process.Intake})
		x.wake(since)
	}
	x.emit(process.Event{Kind: process.Reopened, Step: c.Step, Iteration: mark.Iteration + 1, Reason: c.Reason})
	x.openStep(t, mark.Iteration+1, c.Reason)
	x.withhold(c.Step)
	return nil
}

// MayReopen says whether a step can be done again as the case stands: any while
// the case runs, else the decision that put it off or ended it. Where something
// followed from that decision before, what was open has ended with the case, and
// nothing would bring it back.
func MayReopen(d *process.Definition, h process.Head, t *process.Template) bool {
	led := func(to process.Effect) bool {
		return slices.ContainsFunc(t.Outcomes, func(o process.Outcome) bool { return o.Effect == to })
	}
	followed := slices.ContainsFunc(d.Templates, func(next *process.Template) bool {
		return dependsOn(next, t.Key) && h.Steps[next.Key].State != process.Locked
	})
	switch h.Status {
	case process.Waiting:
		return led(process.EffectPark)
	case process.Declined:
		return led(process.EffectDeclined) && !followed
	case process.Referred:
		return led(process.EffectReferred) && !followed
	}
	return h.Status.Running()
}

func (x *decision) pause(c Pause) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if !x.state.Head.Status.Running() {
		return ErrResting
	}
	if blank(c.Reason) {
		return ErrReason
	}
	x.emit(process.Event{Kind: process.StatusChanged, Status: process.Paused, Reason: c.Reason})
	x.rest()
	return nil
}

// rest keeps timers and mails from what is under way.
func (x *decision) rest() {
	for _, ref := range underWay(x.def, x.state.Head) {
		x.emit(process.Event{Kind: process.Rested, Step: ref.Step, Iteration: ref.Iteration})
	}
}

func (x *decision) resume(c Resume) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	if x.state.Head.Status != process.Paused {
		return ErrResting
	}
	since := x.state.Head.Since
	x.emit(process.Event{Kind: process.StatusChanged, Status: x.state.Head.Before})
	x.wake(since)
	x.openReady() // what a version has ready to which the case was moved meanwhile
	return nil
}

// wake moves due dates, and the days of what is planned, by the working days
// that were lost since a day.
func (x *decision) wake(since lang.Date) {
	cal, lost := x.calendar(), 0
	for d := since; !since.IsZero() && d.Before(x.today()); d = d.AddDays(1) {
		if cal.WorkingDay(d) {
			lost++
		}
	}
	for _, ref := range underWay(x.def, x.state.Head) {
		st := x.state.Steps[ref]
		e := process.Event{Kind: process.Resumed, Step: ref.Step, Iteration: ref.Iteration}
		switch {
		case st.State == process.Planned:
			e.On, e.WT = moved(cal, st.Opens, lost), lost
		case st.State == process.Open && !st.Due.IsZero():
			st.Due = moved(cal, st.Due, lost)
			e.Due, e.WT, e.Stage, e.Post = st.Due, lost, st.Passed(cal, x.now), unposted(st)
		}
		x.emit(e)
	}
	x.readdressAll()
}

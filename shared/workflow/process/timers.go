package process

import (
	"iter"
	"strconv"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Stage is how far the reminding of a step has got, kokoma.md 6.6.
type Stage int

// The stages.
const (
	Fresh      Stage = iota
	Friendly         // five working days before the due date
	Overdue          // one after it, with a copy to the deputy
	TellTandem       // six after it
	TellOffice       // sixteen after it: the service office calls
)

// stages says on which working day, counted from the due date, each stage is.
var stages = []struct {
	Stage Stage
	WT    int
}{{Friendly, -5}, {Overdue, 1}, {TellTandem, 6}, {TellOffice, 16}}

// Moment is when a stage is reached.
type Moment struct {
	Stage Stage
	At    time.Time
}

// Moments are the stages of an open step, in order: each at the beginning of
// the mailing hours of its day, or when mail may next go out after that, since
// a reminder that waits over a weekend could come after the step was done.
// Escalations wait for the end of school holidays, and keep their distance.
// Whoever wants the next one stops there: working days cost something to count.
func (s Step) Moments(cal municipality.Calendar) iter.Seq[Moment] {
	return func(yield func(Moment) bool) {
		escalated := lang.Date{}
		for i, x := range stages {
			if x.Stage == Friendly && s.WT <= 5 {
				continue
			}
			day := cal.AddWorkingDays(s.Due, x.WT)
			if x.Stage >= TellTandem {
				if !escalated.IsZero() {
					day = laterDay(day, cal.AddWorkingDays(escalated, x.WT-stages[i-1].WT))
				}
				day = afterSchoolHolidays(cal, day)
				escalated = day
			}
			if !yield(Moment{x.Stage, mailTime(cal, day)}) {
				return
			}
		}
	}
}

// afterSchoolHolidays is the first day from a day on that is in no school
// holidays, nor its mail.
func afterSchoolHolidays(cal municipality.Calendar, day lang.Date) lang.Date {
	for cal.SchoolHoliday(day) || cal.SchoolHoliday(lang.DateOf(mailTime(cal, day))) {
		day = day.AddDays(1)
	}
	return day
}

func mailTime(cal municipality.Calendar, day lang.Date) time.Time {
	return cal.MailTime(day.At(0, 0))
}

func laterDay(a, b lang.Date) lang.Date {
	if a.Before(b) {
		return b
	}
	return a
}

// Next is when the step has to be looked at again; false when nothing is to
// come. A step in a paused case waits.
func (s Step) Next(cal municipality.Calendar) (Moment, bool) {
	if s.State != Open || s.Pause || s.Due.IsZero() {
		return Moment{}, false
	}
	for m := range s.Moments(cal) {
		if m.Stage > s.Stage {
			return m, true
		}
	}
	return Moment{}, false
}

// Passed is the last stage whose moment is not to come any more.
func (s Step) Passed(cal municipality.Calendar, now time.Time) Stage {
	last := Fresh
	for m := range s.Moments(cal) {
		if m.At.After(now) {
			break
		}
		last = m.Stage
	}
	return last
}

// Remind says what is due for a step at now: after an outage only the newest
// stage. False when there is nothing to do.
func Remind(s Step, cal municipality.Calendar, now time.Time) (Row, bool) {
	next, ok := s.Next(cal)
	if !ok || next.At.After(now) {
		return Row{}, false
	}
	e := Event{
		Kind: Reminded, Step: s.Step, Iteration: s.Iteration, Stage: s.Passed(cal, now), Moves: len(s.Moved), Due: s.Due,
	}
	if e.Stage < TellTandem { // later ones do not go to the municipality
		e.Post = PostFor(s.Settings, s.Asked)
	}
	return Row{At: now.UTC().Truncate(time.Second), By: Actor{Role: ByClock}, Events: []Event{e}}, true
}

// queryDays is how many working days the municipality has to answer what it was
// asked, before the service office asks after it.
const queryDays = 10

// QueryTask names the service office's task of asking after the answer to what
// this iteration of a step asked.
func (r Ref) QueryTask() string { return "query#" + r.Step + "#" + strconv.Itoa(r.Iteration) }

// Unanswered is the day on which the service office asks after an answer of the
// municipality that has not come, of a step in state Query.
func (s Step) Unanswered() lang.Date {
	return s.Calendar().AddWorkingDays(lang.DateOf(s.At), queryDays)
}

// LateBy is how many working days the step is past its due date.
func (s Step) LateBy(cal municipality.Calendar, today lang.Date) int {
	n := 0
	if s.Due.IsZero() {
		return 0
	}
	for d := s.Due; d.Before(today); {
		d = d.AddDays(1)
		if cal.WorkingDay(d) {
			n++
		}
	}
	return n
}

package command

import (
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

// This file holds what opens on a day to come: steps that wait for so many
// working days, and steps that come again in a rhythm.

// following is the iteration in which a step is done next: one that was only
// planned has not been used.
func following(m process.Mark) int {
	if m.State == process.Planned || m.State == process.Withheld {
		return m.Iteration
	}
	return m.Iteration + 1
}

// begin opens a step whose needs are met, or plans it.
func (x *decision) begin(t *process.Template, mark process.Mark) {
	n := following(mark)
	x.beginOn(t, n, x.firstDay(t, mark))
}

func (x *decision) beginOn(t *process.Template, n int, day lang.Date) {
	if !day.After(x.today()) {
		x.openStep(t, n, "")
		return
	}
	x.emit(process.Event{Kind: process.Scheduled, Step: t.Key, Iteration: n, On: day})
}

// firstDay is the day from which a step can be done: when all its waits are
// over and, the first time, as its rhythm says.
func (x *decision) firstDay(t *process.Template, mark process.Mark) lang.Date {
	day := x.rhythmDay(t, mark)
	for _, n := range t.Pre {
		if n.WaitWT == 0 {
			continue
		}
		if d := x.calendar().AddWorkingDays(x.doneOn(n.Step), n.WaitWT); d.After(day) {
			day = d
		}
	}
	return day
}

func (x *decision) doneOn(key string) lang.Date {
	st, ok := x.state.Current(key)
	if !ok {
		return x.today()
	}
	return st.DoneOn()
}

// rhythmDay is zero where no rhythm says when.
func (x *decision) rhythmDay(t *process.Template, mark process.Mark) lang.Date {
	r := t.Repeat
	if r == nil || t.OnDemand() {
		return lang.Date{}
	}
	if following(mark) > 1 { // withheld once it was planned, or done in vain
		st, _ := x.state.Current(t.Key)
		return st.Opens
	}
	if r.First != "" {
		st, _ := x.state.Current(t.Pre[0].Step)
		if d, ok := dateIn(st.Answers, r.First); ok {
			return process.OnWorkingDay(d, x.calendar())
		}
	}
	if r.First == "" && !r.Calendar() {
		return lang.Date{}
	}
	return r.After(x.today(), x.today(), x.calendar())
}

// next plans the round after one that was done or left out.
func (x *decision) next(t *process.Template, n int, answers form.Answers) {
	mark := x.state.Head.Steps[t.Key]
	over := mark.State == process.Done || mark.State == process.Skipped
	if t.Repeat == nil || !over || mark.Iteration != n || !x.state.Head.Status.Running() {
		return
	}
	if t.OnDemand() {
		x.openStep(t, n+1, "")
		return
	}
	cal := x.calendar()
	if d, ok := dateIn(answers, t.Repeat.On); ok {
		x.beginOn(t, n+1, process.OnWorkingDay(d.AddDays(1), cal))
		return
	}
	st := x.state.Steps[process.Ref{Step: t.Key, Iteration: n}]
	x.beginOn(t, n+1, t.Repeat.After(st.Opened, x.today(), cal))
}

func dateIn(a form.Answers, name string) (lang.Date, bool) {
	if name == "" {
		return lang.Date{}, false
	}
	d, err := lang.ParseDate(a.Text(name))
	return d, err == nil && !d.IsZero()
}

// withhold takes back what was planned because a step was done that is done
// again now. It is planned anew when that is done.
func (x *decision) withhold(key string) {
	for _, ref := range dependents(x.def, x.state.Head, key) {
		if x.state.Head.Steps[ref.Step].State == process.Planned {
			x.emit(process.Event{Kind: process.Unscheduled, Step: ref.Step, Iteration: ref.Iteration})
		}
	}
}

// withholdUnmet takes back what an earlier round had planned and the answers of
// this one keep closed. A later round can plan it anew.
func (x *decision) withholdUnmet(keys []string) {
	for _, key := range keys {
		if m := x.state.Head.Steps[key]; m.State == process.Planned {
			x.emit(process.Event{Kind: process.Unscheduled, Step: key, Iteration: m.Iteration})
		}
	}
}

// openNow opens a planned step: on its day, or before it by who may say so. The
// clock comes again if it is too early or if the case rests.
func (x *decision) openNow(c Open) error {
	st, t, err := x.open(c.Ref, process.Planned)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, process.ByClock, "SVC", "EXT", "LOK"); err != nil {
		return err
	}
	if c.By.Role == process.ByClock && st.Opens.After(x.today()) {
		return ErrDate
	}
	x.openStep(t, c.Iteration, "")
	return nil
}

// moved is a day, so many working days later.
func moved(cal municipality.Calendar, d lang.Date, by int) lang.Date {
	if by == 0 {
		return d
	}
	return cal.AddWorkingDays(d, by)
}

// alarm opens what must not wait when somebody may be in danger: whatever it
// needs, and once more if it was done before.
func (x *decision) alarm() {
	if !x.state.Head.Status.Running() {
		return
	}
	for _, t := range x.def.Templates {
		mark := x.state.Head.Steps[t.Key]
		under := slices.Contains([]process.StepState{process.Open, process.Submitted, process.Query}, mark.State)
		if t.OpensOn == process.OnSafety && !under {
			x.openStep(t, following(mark), "")
		}
	}
}

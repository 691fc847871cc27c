package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// This file brings a case to another version of the process. The plan decides;
// what it does not say and this case needs is never guessed.

// What a move finds different for a step of a case.
type What string

// Differences. The first four need a decision.
const (
	Gone  What = "gone"  // under way, and the new version has no such step
	Lost  What = "form"  // under way, and what was typed or sent has no place in the new form
	Stuck What = "stuck" // waits for a review that the new version does not know
	Opens What = "opens" // the new version opens it now
	Early What = "early" // under way, and the new version would not have opened it yet
	Due   What = "due"   // the new version gives another time
	Asked What = "asked" // the new version asks others
)

// Change is something that is different for one step of a case.
type Change struct {
	process.Ref
	What    What
	Decided bool      // by the plan, or nothing has to be
	Offers  []string  // the words by which the plan can decide; keys of steps are left out
	Was     lang.Date // due so far, and
	Due     lang.Date // due by the new version
	Asked   []process.Asked
}

// Outlook is what a move would do to a case.
type Outlook struct {
	Row     process.Row
	Changes []Change
}

// Undecided says for which steps of a case the plan lacks a decision.
type Undecided struct{ Changes []Change }

// Error names them.
func (u *Undecided) Error() string {
	var out []string
	for _, c := range u.Changes {
		out = append(out, fmt.Sprintf("%s (%s: one of %s)", c.Step, c.What, strings.Join(c.Offers, ", ")))
	}
	return "the plan does not say what becomes of " + strings.Join(out, "; ")
}

// mover is a move in the making.
type mover struct {
	*decision
	old     *process.Definition
	plan    process.Plan
	changes []Change
	blocked []string // steps under way that the version so far would not open now either
}

// Foresee says what a move would do to a case. Where the plan lacks a decision
// the step stays as it is, so that the rest can be seen.
func Foresee(d *process.Definition, s process.State, c Move, now time.Time) (Outlook, error) {
	m, err := moving(deciding(d, s, c.Meta, now), c)
	return Outlook{m.row, m.changes}, err
}

func (x *decision) move(c Move) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	m, err := moving(x, c)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(m.changes, func(c Change) bool { return c.Decided })
	if len(open) > 0 {
		return &Undecided{open}
	}
	return nil
}

func moving(x *decision, c Move) (*mover, error) {
	m := &mover{decision: x, old: x.def, plan: c.Plan}
	if c.To == nil || c.Plan.From != x.state.Head.Definition || c.Plan.From != x.def.Hash || c.Plan.To != c.To.Hash || c.Plan.From == c.Plan.To {
		return m, ErrVersion
	}
	if x.state.Head.Status.Ended() {
		return m, ErrResting
	}
	live := x.state.Head.Live()
	unmet := m.unmetIn(c.To)
	for _, ref := range live {
		if t := x.def.Template(ref.Step); t != nil && !x.ready(t) {
			m.blocked = append(m.blocked, ref.Step) // what it waits for is done once more
		}
	}
	x.def, x.moves = c.To, true
	x.emit(process.Event{Kind: process.Moved, Process: c.To.Hash, Reason: c.Plan.Reason, Unmet: unmet})
	for _, ref := range live {
		if err := m.take(ref); err != nil {
			return m, err
		}
	}
	return m, m.openReady()
}

// note keeps a difference. Whether it was decided is known by the word.
func (m *mover) note(ref process.Ref, what What, word string, offers ...string) {
	decided := len(offers) == 0 || slices.Contains(offers, word) || m.def.Template(word) != nil
	m.changes = append(m.changes, Change{Ref: ref, What: what, Decided: decided, Offers: offers})
}

// take decides what becomes of a step that is under way.
func (m *mover) take(ref process.Ref) error {
	st, ok := m.state.Steps[ref]
	if !ok {
		return fmt.Errorf("step %s was not read", ref.Step)
	}
	t, d := m.def.Template(ref.Step), m.plan.Steps[ref.Step]
	switch {
	case t == nil:
		m.note(ref, Gone, d.Open, process.Close)
	case m.stuck(t, st):
		m.note(ref, Stuck, d.Open, process.Accept, process.Close)
	case m.lost(t, st):
		m.note(ref, Lost, d.Open, process.Keep, process.Close)
	}
	switch {
	case d.Open == process.Close:
		m.emit(process.Event{Kind: process.Closed, Step: ref.Step, Iteration: ref.Iteration, Reason: m.plan.Reason})
		return nil
	case d.Open == process.Accept && t != nil && m.stuck(t, st):
		return m.accepted(t, st)
	case m.def.Template(d.Open) != nil:
		return m.become(st, d.Open)
	case t == nil:
		return nil
	}
	m.carry(st, t, process.Ref{}, "")
	return nil
}

// accepted finishes what waits for a review that there is no more.
func (m *mover) accepted(t *process.Template, st process.Step) error {
	before := len(m.row.Events)
	err := m.finish(t, process.Event{Step: st.Ref.Step, Iteration: st.Iteration}, st.Answers)
	m.hush(before, !m.plan.Mails(t.Key))
	return err
}

// hush says of the events since then whether anybody is written to.
func (m *mover) hush(since int, quiet bool) {
	for i := range m.row.Events[since:] {
		m.row.Events[since+i].Quiet = quiet
	}
}

// stuck says whether a step that was handed in would wait for nobody.
func (m *mover) stuck(t *process.Template, st process.Step) bool {
	return st.State == process.Submitted && t.Reviewer == "" && t.Survey == "" && !t.FourEyes
}

// lost says whether what was typed into a step, or is still to be judged of it,
// has no place in its new form.
func (m *mover) lost(t *process.Template, st process.Step) bool {
	was := m.old.Template(t.Key)
	if was == nil {
		return false
	}
	if st.State != process.Submitted {
		return len(was.Loses(t)) > 0
	}
	f, err := was.Form()
	return err == nil && len(m.def.Lacks(t, f)) > 0
}

// become lets a step go on under another key, in that step's next iteration.
func (m *mover) become(st process.Step, key string) error {
	t, mark := m.def.Template(key), m.state.Head.Steps[key]
	if !m.pending(st) || mark.State.Live() || mark.State == process.Withheld {
		return fmt.Errorf("step %s can't become %s: it was sent in already, or %[2]s is under way itself: %w", st.Ref.Step, key, ErrNotOpen)
	}
	left := m.state.Steps[process.Ref{Step: st.Ref.Step, Iteration: st.Iteration - 1}].State
	m.carry(st, t, process.Ref{Step: key, Iteration: following(mark)}, left)
	return nil
}

// carry takes a step along. What was handed in stays as it is: its answers
// belong to the version on which they were given.
func (m *mover) carry(st process.Step, t *process.Template, into process.Ref, left process.StepState) {
	d, was := m.plan.Steps[st.Ref.Step], m.old.Template(st.Ref.Step)
	e := process.Event{
		Kind: process.Carried, Step: st.Ref.Step, Iteration: st.Iteration, Into: into, Left: left, Stage: st.Stage,
		Quiet: !m.plan.Mails(st.Ref.Step),
	}
	if st.State == process.Open {
		m.recount(st, t, d, &e)
	}
	if m.pending(st) || into != (process.Ref{}) {
		m.emit(e)
	}
	if st.State != process.Open {
		return
	}
	if into != (process.Ref{}) {
		st = m.state.Steps[into]
	}
	if was == nil || !slices.Equal(was.Actors(), t.Actors()) {
		m.ask(st, t, d, e.Quiet)
	}
	if !m.ready(t) && st.Iteration == 1 && !slices.Contains(m.blocked, t.Key) {
		m.note(st.Ref, Early, "")
	}
}

// pending says whether the step still needs what the version says of it.
func (m *mover) pending(st process.Step) bool {
	return st.State == process.Open || st.State == process.Planned
}

// recount gives the step the time of the new version, counted from the day on
// which it opened; what pauses added stays added. Nobody is late by a move: a week
// remains, or the step's own time where that is less.
func (m *mover) recount(st process.Step, t *process.Template, d process.Decision, e *process.Event) {
	if st.WT == 0 || t.DueWT == st.WT {
		return
	}
	due := m.calendar().AddWorkingDays(st.Opened, t.DueWT+st.Lost)
	if least := m.calendar().AddWorkingDays(lang.DateOf(m.now), min(t.DueWT, 5)); due.Before(least) {
		due = least
	}
	m.note(st.Ref, Due, "")
	seen := &m.changes[len(m.changes)-1]
	seen.Was, seen.Due = st.Due, due
	if d.Due != process.Recount || due == st.Due {
		return
	}
	st.Due, st.WT = due, t.DueWT
	e.Due, e.WT, e.Stage = due, t.DueWT, st.Passed(m.calendar(), m.now)
}

// ask sends the step to whom the new version asks, if the plan says so. A case
// that rests does that when it goes on.
func (m *mover) ask(st process.Step, t *process.Template, d process.Decision, quiet bool) {
	e, _ := m.readdressed(st, t)
	if slices.EqualFunc(e.Asked, st.Asked, func(a, b process.Asked) bool { return a.Email == b.Email }) {
		return
	}
	m.note(st.Ref, Asked, "")
	m.changes[len(m.changes)-1].Asked = e.Asked
	if d.Asked == process.Again && m.state.Head.Status.Running() {
		e.Quiet = quiet
		m.emit(e)
	}
}

// unmetIn are the steps that answers keep closed in another version. Where a
// condition is the same, what it said when it was answered stays: it could have
// asked for the day.
func (m *mover) unmetIn(to *process.Definition) []string {
	var out []string
	for _, u := range m.state.Head.Unmet {
		step, next, _ := strings.Cut(u, ">")
		if need(m.old, step, next) == need(to, step, next) {
			out = append(out, u)
		}
	}
	for _, next := range to.Templates {
		for _, n := range next.Pre {
			if n.When == nil || need(m.old, n.Step, next.Key) == n.When.Src {
				continue
			}
			if a := m.finished(n.Step); a != nil && !n.When.Holds(a.Answers, m.env()) {
				out = append(out, n.Step+">"+next.Key)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// need is the condition under which one step waits for another, "" for none.
func need(d *process.Definition, step, next string) string {
	t := d.Template(next)
	if t == nil {
		return ""
	}
	for _, n := range t.Pre {
		if n.Step == step && n.When != nil {
			return n.When.Src
		}
	}
	return ""
}

// finished is the step as it was finished last; nil when it was not, or not so
// that others could follow.
func (m *mover) finished(key string) *process.Step {
	mark := m.state.Head.Steps[key]
	ref := process.Ref{Step: key, Iteration: mark.Iteration}
	if mark.State == process.Open || mark.State == process.Planned || mark.State == process.Withheld {
		ref.Iteration--
	}
	if st, ok := m.state.Steps[ref]; ok && st.State == process.Done {
		return &st
	}
	return nil
}

// openReady opens what the new version has ready, as the plan says. What is left
// out makes others ready.
func (m *mover) openReady() error {
	seen := map[string]bool{}
	for again := m.state.Head.Status.Running(); again; {
		again = false
		for _, t := range m.def.Templates {
			mark := m.state.Head.Steps[t.Key]
			if seen[t.Key] || !waits(mark) || !m.ready(t) {
				continue
			}
			seen[t.Key], again = true, true
			if err := m.openNew(t, mark); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *mover) openNew(t *process.Template, mark process.Mark) error {
	ref := process.Ref{Step: t.Key, Iteration: following(mark)}
	offers := []string{process.Now, process.Silently, process.Later}
	if m.def.Skippable(t) {
		offers = append(offers, process.LeaveOut)
	}
	d := m.plan.Steps[t.Key]
	m.note(ref, Opens, d.Ready, offers...)
	switch d.Ready {
	case process.Now, process.Silently:
		before := len(m.row.Events)
		m.begin(t, mark)
		m.hush(before, d.Ready == process.Silently || !m.plan.Mails(t.Key))
	case process.LeaveOut:
		if !m.def.Skippable(t) {
			return fmt.Errorf("step %s can't be left out: %w", t.Key, ErrMilestone)
		}
		before := len(m.row.Events)
		m.emit(process.Event{Kind: process.WasSkipped, Step: t.Key, Iteration: ref.Iteration, Reason: m.plan.Reason})
		m.next(t, ref.Iteration, nil)
		m.hush(before, !m.plan.Mails(t.Key))
	}
	return nil
}

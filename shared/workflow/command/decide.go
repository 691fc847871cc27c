package command

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

// Decide says which events a command leads to, or why it leads to none. The
// state is left as it is.
func Decide(d *process.Definition, s process.State, c Command, now time.Time) (process.Row, error) {
	m := c.meta()
	x := deciding(d, s, m, now)
	if m.ID != "" && slices.Contains(s.Head.Recent, x.row.Cmd) {
		return process.Row{}, ErrAlready
	}
	if err := x.decide(c); err != nil {
		return process.Row{}, err
	}
	if len(x.row.Events) == 0 {
		return process.Row{}, ErrAlready // everything is as the command wants it
	}
	return x.row, nil
}

// decision is a row in the making, and the state that it has led to so far.
type decision struct {
	def   *process.Definition
	state process.State
	now   time.Time
	row   process.Row
	moves bool // to another version: its plan says what opens
}

func deciding(d *process.Definition, s process.State, m Meta, now time.Time) *decision {
	return &decision{def: d, state: s.Clone(), now: now, row: process.Row{
		Seq: s.Head.Seq + 1, At: now.UTC().Truncate(time.Second), Cmd: process.Short(m.ID),
		By: process.Actor{Role: m.By.Role, For: m.By.For}, // who it was is kept only where two are told apart
	}}
}

func (x *decision) emit(e process.Event) {
	if p := x.post(e); p != "" {
		e.Post = p
	}
	e.Whom = x.whom(e)
	x.row.Events = append(x.row.Events, e)
	x.state.Happen(e, x.row)
}

func (x *decision) decide(c Command) error {
	switch c := c.(type) {
	case Start:
		return x.start(c)
	case Submit:
		return x.submit(c)
	case Skip:
		return x.skip(c)
	case Open:
		return x.openNow(c)
	case Accept:
		return x.accept(c)
	case SendBack:
		return x.sendBack(c)
	case Answered:
		return x.answered(c)
	case SurveyClosed:
		return x.surveyClosed(c)
	case Extend:
		return x.extend(c)
	case Correct:
		return x.correct(c)
	case Reopen:
		return x.reopen(c)
	}
	return x.decideCase(c)
}

// decideCase takes the commands that are about the case as a whole.
func (x *decision) decideCase(c Command) error {
	switch c := c.(type) {
	case Nudge:
		return x.nudge(c)
	case Configure:
		return x.configure(c)
	case PostLetter:
		return x.postLetter(c)
	case Settle:
		if err := x.needs(c.By, "SVC", "EXT"); err != nil {
			return err
		}
		x.emit(process.Event{Kind: process.Settled, Task: c.Task, Reason: c.Reason})
		return nil
	case SetRecord:
		return x.setRecord(c)
	case Pause:
		return x.pause(c)
	case Resume:
		return x.resume(c)
	case Move:
		return x.move(c)
	case Withdraw:
		if err := x.needs(c.By, "SVC", "FED"); err != nil {
			return err
		}
		if blank(c.Reason) {
			return ErrReason
		}
		return x.end(process.Withdrawn, c.Reason, lang.Date{})
	case Refer:
		return x.endEarly(process.Referred, c.By, c.Reason)
	case Stop:
		return x.endEarly(process.Stopped, c.By, c.Reason)
	}
	return x.decidePeople(c)
}

func (x *decision) needs(by process.Actor, roles ...string) error {
	if !slices.Contains(roles, by.Role) {
		return ErrRole
	}
	return nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (x *decision) start(c Start) error {
	first := x.def.Templates[0]
	x.emit(process.Event{Kind: process.Started, Step: first.Key, Iteration: 1, Case: &c.Case, People: c.People})
	x.openReady()
	return nil
}

// open gives the step and its template if it can be acted on now.
func (x *decision) open(ref process.Ref, states ...process.StepState) (process.Step, *process.Template, error) {
	if !x.state.Head.Status.Running() {
		return process.Step{}, nil, ErrResting
	}
	st, ok := x.state.Steps[ref]
	t := x.def.Template(ref.Step)
	mark := x.state.Head.Steps[ref.Step]
	if !ok || t == nil || mark.Iteration != ref.Iteration || !slices.Contains(states, mark.State) {
		return process.Step{}, nil, ErrNotOpen
	}
	return st, t, nil
}

func (x *decision) submit(c Submit) error {
	if st, ok := x.state.Steps[c.Ref]; ok && c.ID != "" && st.Cmd == x.row.Cmd {
		return ErrAlready
	}
	st, t, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	if err := mayDo(st, t, c.By, c.Reason); err != nil {
		return err
	}
	e := process.Event{
		Step: c.Step, Iteration: c.Iteration, Reason: c.Reason,
		Hash: process.HashAnswers(c.Answers), Form: c.Form, Answers: c.Answers, Browser: c.Browser,
	}
	if t.FourEyes {
		return x.submitForTwo(t, c.By, e)
	}
	if t.Reviewer != "" || t.Survey != "" {
		x.hand(t, e)
		return nil
	}
	return x.finish(t, e, c.Answers)
}

// hand leaves the step to its reviewer or to the end of its survey. A danger
// does not wait for that.
func (x *decision) hand(t *process.Template, e process.Event) {
	e.Kind = process.Handed
	x.emit(e)
	if slices.ContainsFunc(x.effects(t, e.Answers), func(o process.Outcome) bool { return o.Effect == process.EffectSafety }) {
		x.danger(t)
	}
}

// mayDo lets those act whom the step is for or was sent to, and the service
// office and the tandem for others, with the reason (phone, paper).
func mayDo(st process.Step, t *process.Template, by process.Actor, reason string) error {
	if by.For == "" {
		if t.ActsFor(by.Role) || slices.ContainsFunc(st.Asked, func(a process.Asked) bool { return a.Role == by.Role }) {
			return nil
		}
		return ErrRole
	}
	if !slices.Contains([]string{"SVC", "EXT", "LOK"}, by.Role) || !t.ActsFor(by.For) {
		return ErrRole
	}
	if blank(reason) {
		return ErrReason
	}
	return nil
}

// finish ends the step and does what its answers lead to. The event comes
// with what the caller knows of it.
func (x *decision) finish(t *process.Template, e process.Event, answers form.Answers) error {
	effects := x.effects(t, answers)
	e.Kind = process.Finished
	for _, o := range effects {
		switch o.Effect {
		case process.EffectQuery:
			e.Kind = process.Queried
		case process.EffectReopen:
			e.Kind = process.Voided
		}
	}
	if e.Kind == process.Finished {
		e.Unmet, e.Roles = x.unmet(t, answers), t.Informs()
	}
	x.emit(e)
	if e.Kind == process.Finished {
		x.withholdUnmet(e.Unmet)
		x.leave(t, e.Ref(), answers)
	}
	x.nameAll(t, answers)
	x.settleBy(t, answers)
	for _, o := range effects {
		if o.Effect == process.EffectSafety && e.Hash == "" {
			continue // it was raised when this was submitted
		}
		if err := x.effect(t, o, answers); err != nil {
			return err
		}
	}
	x.next(t, e.Iteration, answers)
	x.openReady()
	return nil
}

func (x *decision) env() form.Env {
	return form.Env{Today: lang.DateOf(x.now), Now: x.now, Lang: lang.DE}
}

func (x *decision) effects(t *process.Template, answers form.Answers) []process.Outcome {
	var out []process.Outcome
	for _, o := range t.Outcomes {
		if o.When.Holds(answers, x.env()) {
			out = append(out, o)
		}
	}
	return out
}

// unmet are the steps that these answers keep closed.
func (x *decision) unmet(t *process.Template, answers form.Answers) []string {
	var out []string
	for _, next := range x.def.Templates {
		for _, n := range next.Pre {
			if n.Step == t.Key && !n.When.Holds(answers, x.env()) {
				out = append(out, next.Key)
			}
		}
	}
	return out
}

// danger calls for help, and opens what must not wait then.
func (x *decision) danger(t *process.Template) {
	x.emit(process.Event{Kind: process.SafetyRaised, Step: t.Key, Iteration: x.state.Head.Steps[t.Key].Iteration})
	x.alarm()
}

func (x *decision) effect(t *process.Template, o process.Outcome, answers form.Answers) error {
	switch o.Effect {
	case process.EffectSafety:
		x.danger(t)
	case process.EffectPark:
		x.emit(process.Event{Kind: process.StatusChanged, Status: process.Waiting})
		x.rest()
	case process.EffectAccept:
		x.emit(process.Event{Kind: process.StatusChanged, Status: process.Active})
	case process.EffectDeclined:
		return x.end(process.Declined, "", lang.Date{})
	case process.EffectReferred:
		return x.end(process.Referred, "", lang.Date{})
	case process.EffectComplete:
		on, _ := dateIn(answers, o.Follow)
		return x.end(process.Completed, "", on)
	case process.EffectStop:
		if reason := answers.Text(o.Reason); !short(reason) {
			return x.end(process.Stopped, reason, lang.Date{})
		}
		return ErrReason
	case process.EffectReopen:
		return x.again(o.Step, t.Key)
	}
	return nil
}

// again opens a step in its next iteration.
func (x *decision) again(key, why string) error {
	mark, ok := x.state.Head.Steps[key]
	if !ok || mark.State == process.Open || mark.State == process.Submitted {
		return nil // it is being done anyway
	}
	t := x.def.Template(key)
	if t == nil || !t.HasForm() {
		return ErrNotOpen
	}
	x.openStep(t, following(mark), why)
	x.withhold(key)
	return nil
}

// endEarly is the service office's end, with a reason that can be understood
// later.
func (x *decision) endEarly(to process.Status, by process.Actor, reason string) error {
	if err := x.needs(by, "SVC"); err != nil {
		return err
	}
	if short(reason) {
		return ErrReason
	}
	return x.end(to, reason, lang.Date{})
}

// short says that a reason says too little.
func short(reason string) bool { return utf8.RuneCountInString(strings.TrimSpace(reason)) < MinReason }

// end closes the case and whatever is under way in it. A completed one may be
// asked once more on a day.
func (x *decision) end(to process.Status, reason string, on lang.Date) error {
	if s := x.state.Head.Status; !s.Running() && s != process.Waiting && s != process.Paused {
		return ErrResting
	}
	x.emit(process.Event{Kind: process.StatusChanged, Status: to, Reason: reason, On: on})
	for _, ref := range underWay(x.def, x.state.Head) {
		x.emit(process.Event{Kind: process.Closed, Step: ref.Step, Iteration: ref.Iteration})
	}
	return nil
}

// openReady opens every step whose needs are met, in the order of the process.
func (x *decision) openReady() {
	if !x.state.Head.Status.Running() || x.moves {
		return
	}
	for _, t := range x.def.Templates {
		mark := x.state.Head.Steps[t.Key]
		if waits(mark) && x.ready(t) {
			x.begin(t, mark)
		}
	}
}

// waits says whether a step is not under way, and can be.
func waits(m process.Mark) bool {
	return m.State == process.Locked || m.State == process.Void || m.State == process.Withheld
}

func (x *decision) ready(t *process.Template) bool {
	for _, n := range t.Pre {
		if !x.settled(n) {
			return false
		}
		if slices.Contains(x.state.Head.Unmet, n.Step+">"+t.Key) {
			return false
		}
	}
	return len(t.Pre) > 0
}

// settled says whether a step that others wait for was done. One that comes again
// stays done while its next round is planned or open.
func (x *decision) settled(n process.Need) bool {
	mark := x.state.Head.Steps[n.Step]
	if t := x.def.Template(n.Step); t != nil && t.Repeat != nil && mark.Iteration > 1 {
		return true
	}
	return mark.State == process.Done || mark.State == process.Skipped && n.When == nil
}

func (x *decision) openStep(t *process.Template, iteration int, why string) {
	e := process.Event{Kind: process.Opened, Step: t.Key, Iteration: iteration, Reason: why}
	if x.state.Head.Steps[t.Key].State == process.Skipped {
		e.Left = process.Skipped
	}
	e.Asked, e.Gap = x.state.Ask(t, 0, x.today())
	if !t.OnDemand() {
		e.WT, e.Due = t.DueWT, x.calendar().AddWorkingDays(x.today(), t.DueWT)
	}
	if !t.OnDemand() || iteration == 1 { // later ones are not mailed
		e.Roles = x.state.Head.News.Hears(e.Asked, x.state.Head.Settings)
	}
	x.emit(e)
}

func (x *decision) today() lang.Date { return lang.DateOf(x.now) }

func (x *decision) calendar() municipality.Calendar {
	return x.state.Head.Calendar()
}

func (x *decision) skip(c Skip) error {
	_, t, err := x.open(c.Ref, process.Open)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, "SVC", "EXT"); err != nil {
		return err
	}
	if !x.def.Skippable(t) {
		return ErrMilestone
	}
	if short(c.Reason) {
		return ErrReason
	}
	x.emit(process.Event{Kind: process.WasSkipped, Step: c.Step, Iteration: c.Iteration, Reason: c.Reason})
	x.next(t, c.Iteration, nil)
	x.openReady()
	return nil
}

func (x *decision) accept(c Accept) error {
	st, t, err := x.open(c.Ref, process.Submitted)
	if err != nil {
		return err
	}
	if !MayAccept(c.By.Role, t) {
		return ErrRole
	}
	if err := x.second(t, c.By, st); err != nil {
		return err
	}
	return x.finish(t, process.Event{Step: c.Step, Iteration: c.Iteration}, st.Answers)
}

func (x *decision) sendBack(c SendBack) error {
	_, t, err := x.open(c.Ref, process.Submitted)
	if err != nil {
		return err
	}
	if !MayAccept(c.By.Role, t) && (t.Survey == "" || c.By.Role != process.BySurvey) {
		return ErrRole
	}
	if blank(c.Comment) {
		return ErrReason
	}
	x.emit(process.Event{Kind: process.SentBack, Step: c.Step, Iteration: c.Iteration, Reason: c.Comment})
	x.openStep(t, c.Iteration+1, c.Comment)
	return nil
}

// answered opens what waited for the municipality's answer again, to rest with
// the case if that rests.
func (x *decision) answered(c Answered) error {
	mark := x.state.Head.Steps[c.Step]
	t := x.def.Template(c.Step)
	if t == nil || mark.State != process.Query {
		return ErrNotOpen
	}
	if x.state.Head.Status.Ended() {
		return ErrResting
	}
	x.openStep(t, mark.Iteration+1, "")
	x.emit(process.Event{Kind: process.Settled, Task: process.Ref{Step: c.Step, Iteration: mark.Iteration}.QueryTask()})
	if !x.state.Head.Status.Running() {
		x.emit(process.Event{Kind: process.Rested, Step: c.Step, Iteration: mark.Iteration + 1})
	}
	return nil
}

func (x *decision) surveyClosed(c SurveyClosed) error {
	st, t, err := x.open(c.Ref, process.Submitted)
	if err != nil {
		return err
	}
	return x.finish(t, process.Event{Step: c.Step, Iteration: c.Iteration}, st.Answers)
}

package process

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Decide says which events a command leads to, or why it leads to none. The
// state is left as it is.
func Decide(d *Definition, s State, c Command, now time.Time) (Row, error) {
	m := c.meta()
	x := &decision{def: d, state: s.clone(), now: now, row: Row{
		Seq: s.Head.Seq + 1, At: now.UTC().Truncate(time.Second), By: m.By, Cmd: Short(m.ID),
	}}
	if m.ID != "" && slices.Contains(s.Head.Recent, x.row.Cmd) {
		return Row{}, ErrAlready
	}
	if err := x.decide(c); err != nil {
		return Row{}, err
	}
	if len(x.row.Events) == 0 {
		return Row{}, ErrAlready // everything is as the command wants it
	}
	return x.row, nil
}

// decision is a row in the making, and the state that it has led to so far.
type decision struct {
	def   *Definition
	state State
	now   time.Time
	row   Row
}

func (x *decision) emit(e Event) {
	x.row.Events = append(x.row.Events, e)
	x.state.apply(e, x.row)
}

func (x *decision) decide(c Command) error {
	switch c := c.(type) {
	case Start:
		return x.start(c)
	case Submit:
		return x.submit(c)
	case Skip:
		return x.skip(c)
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
	case Handover:
		return x.handover(c)
	case Correct:
		return x.correct(c)
	case Reopen:
		return x.reopen(c)
	case Assign:
		return x.assign(c)
	}
	return x.decideCase(c)
}

// decideCase takes the commands that are about the case as a whole.
func (x *decision) decideCase(c Command) error {
	switch c := c.(type) {
	case Settle:
		x.emit(Event{Kind: Settled, Task: c.Task, Reason: c.Reason})
		return x.needs(c.By, "SVC", "EXT")
	case Pause:
		return x.pause(c)
	case Resume:
		return x.resume(c)
	case Withdraw:
		if err := x.needs(c.By, "SVC", "FED"); err != nil {
			return err
		}
		if blank(c.Reason) {
			return ErrReason
		}
		return x.end(Withdrawn, c.Reason)
	}
	return ErrRole
}

func (x *decision) needs(by Actor, roles ...string) error {
	if !slices.Contains(roles, by.Role) {
		return ErrRole
	}
	return nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (x *decision) start(c Start) error {
	first := x.def.Templates[0]
	x.emit(Event{Kind: Started, Step: first.Key, Iteration: 1, Case: &c.Case, People: c.People})
	x.openReady()
	return nil
}

// open gives the step and its template if it can be acted on now.
func (x *decision) open(ref Ref, states ...StepState) (Step, *Template, error) {
	if !x.state.Head.Status.Running() {
		return Step{}, nil, ErrResting
	}
	st, ok := x.state.Steps[ref]
	t := x.def.Template(ref.Step)
	mark := x.state.Head.Steps[ref.Step]
	if !ok || t == nil || mark.Iteration != ref.Iteration || !slices.Contains(states, mark.State) {
		return Step{}, nil, ErrNotOpen
	}
	return st, t, nil
}

func (x *decision) submit(c Submit) error {
	if st, ok := x.state.Steps[c.Ref]; ok && c.ID != "" && st.Cmd == x.row.Cmd {
		return ErrAlready
	}
	_, t, err := x.open(c.Ref, Open)
	if err != nil {
		return err
	}
	if err := mayDo(t, c.By, c.Reason); err != nil {
		return err
	}
	e := Event{
		Step: c.Step, Iteration: c.Iteration, Reason: c.Reason,
		Hash: HashAnswers(c.Answers), Answers: c.Answers, Browser: c.Browser,
	}
	if t.Reviewer != "" || t.Survey != "" {
		e.Kind = Handed
		x.emit(e)
		return nil
	}
	return x.finish(t, e, c.Answers)
}

// mayDo lets those act whom the step is for, and the service office and the
// tandem for others, with the reason (phone, paper).
func mayDo(t *Template, by Actor, reason string) error {
	if by.For == "" {
		if t.ActsFor(by.Role) {
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
func (x *decision) finish(t *Template, e Event, answers form.Answers) error {
	effects := x.effects(t, answers)
	e.Kind = Finished
	for _, o := range effects {
		switch o.Effect {
		case EffectQuery:
			e.Kind = Queried
		case EffectReopen:
			e.Kind = Voided
		}
	}
	if e.Kind == Finished {
		e.Unmet = x.unmet(t, answers)
	}
	x.emit(e)
	x.nameAll(t, answers)
	for _, o := range effects {
		if err := x.effect(t, o); err != nil {
			return err
		}
	}
	x.openReady()
	return nil
}

func (x *decision) env() form.Env {
	return form.Env{Today: lang.DateOf(x.now), Now: x.now, Lang: lang.DE}
}

func (x *decision) effects(t *Template, answers form.Answers) []Outcome {
	var out []Outcome
	for _, o := range t.Outcomes {
		if o.When.expr.Bool(answers, x.env()) {
			out = append(out, o)
		}
	}
	return out
}

// unmet are the steps that these answers keep closed.
func (x *decision) unmet(t *Template, answers form.Answers) []string {
	var out []string
	for _, next := range x.def.Templates {
		for _, n := range next.Pre {
			if n.Step == t.Key && n.When != nil && !n.When.expr.Bool(answers, x.env()) {
				out = append(out, next.Key)
			}
		}
	}
	return out
}

func (x *decision) effect(t *Template, o Outcome) error {
	switch o.Effect {
	case EffectSafety:
		x.emit(Event{Kind: SafetyRaised, Step: t.Key, Iteration: x.state.Head.Steps[t.Key].Iteration})
	case EffectPark:
		x.emit(Event{Kind: StatusChanged, Status: Waiting})
	case EffectAccept:
		x.emit(Event{Kind: StatusChanged, Status: Active})
	case EffectDeclined:
		return x.end(Declined, "")
	case EffectReferred:
		return x.end(Referred, "")
	case EffectReopen:
		return x.again(o.Step, t.Key)
	}
	return nil
}

// again opens a step in its next iteration.
func (x *decision) again(key, why string) error {
	mark, ok := x.state.Head.Steps[key]
	if !ok || mark.State == Open || mark.State == Submitted {
		return nil // it is being done anyway
	}
	t := x.def.Template(key)
	if t == nil || !t.HasForm() {
		return ErrNotOpen
	}
	x.openStep(t, mark.Iteration+1, why)
	return nil
}

// end closes the case and whatever is open in it.
func (x *decision) end(to Status, reason string) error {
	if s := x.state.Head.Status; !s.Running() && s != Waiting && s != Paused {
		return ErrResting
	}
	x.emit(Event{Kind: StatusChanged, Status: to, Reason: reason})
	for _, ref := range x.state.Head.Open() {
		x.emit(Event{Kind: Closed, Step: ref.Step, Iteration: ref.Iteration})
	}
	return nil
}

// openReady opens every step whose needs are met, in the order of the process.
func (x *decision) openReady() {
	if !x.state.Head.Status.Running() {
		return
	}
	for _, t := range x.def.Templates {
		mark := x.state.Head.Steps[t.Key]
		if (mark.State == Locked || mark.State == Void) && x.ready(t) {
			x.openStep(t, mark.Iteration+1, "")
		}
	}
}

func (x *decision) ready(t *Template) bool {
	for _, n := range t.Pre {
		st := x.state.Head.Steps[n.Step].State
		if st != Done && (st != Skipped || n.When != nil) {
			return false
		}
		if slices.Contains(x.state.Head.Unmet, n.Step+">"+t.Key) {
			return false
		}
	}
	return len(t.Pre) > 0
}

func (x *decision) openStep(t *Template, iteration int, why string) {
	x.emit(Event{
		Kind: Opened, Step: t.Key, Iteration: iteration, WT: t.DueWT, Reason: why,
		Due: x.calendar().AddWorkingDays(lang.DateOf(x.now), t.DueWT), Asked: x.state.ask(t, 0),
	})
}

func (x *decision) calendar() municipality.Calendar {
	return municipality.CalendarOf(x.state.Head.Municipality.Land)
}

func (x *decision) skip(c Skip) error {
	_, t, err := x.open(c.Ref, Open)
	if err != nil {
		return err
	}
	if err := x.needs(c.By, "SVC", "EXT"); err != nil {
		return err
	}
	if !x.def.Skippable(t) {
		return ErrMilestone
	}
	if utf8.RuneCountInString(strings.TrimSpace(c.Reason)) < MinReason {
		return ErrReason
	}
	x.emit(Event{Kind: WasSkipped, Step: c.Step, Iteration: c.Iteration, Reason: c.Reason})
	x.openReady()
	return nil
}

func (x *decision) accept(c Accept) error {
	st, t, err := x.open(c.Ref, Submitted)
	if err != nil {
		return err
	}
	if !t.reviewedBy(c.By.Role) {
		return ErrRole
	}
	return x.finish(t, Event{Step: c.Step, Iteration: c.Iteration}, st.Answers)
}

func (x *decision) sendBack(c SendBack) error {
	_, t, err := x.open(c.Ref, Submitted)
	if err != nil {
		return err
	}
	if !t.reviewedBy(c.By.Role) && (t.Survey == "" || c.By.Role != BySurvey) {
		return ErrRole
	}
	if blank(c.Comment) {
		return ErrReason
	}
	x.emit(Event{Kind: SentBack, Step: c.Step, Iteration: c.Iteration, Reason: c.Comment})
	x.openStep(t, c.Iteration+1, c.Comment)
	return nil
}

func (t *Template) reviewedBy(role string) bool {
	return t.Reviewer != "" && slices.Contains(expand([]string{t.Reviewer}), role)
}

// answered opens what waited for the municipality's answer again.
func (x *decision) answered(c Answered) error {
	mark := x.state.Head.Steps[c.Step]
	t := x.def.Template(c.Step)
	if t == nil || mark.State != Query || !x.state.Head.Status.Running() {
		return ErrNotOpen
	}
	x.openStep(t, mark.Iteration+1, "")
	return nil
}

func (x *decision) surveyClosed(c SurveyClosed) error {
	st, t, err := x.open(c.Ref, Submitted)
	if err != nil {
		return err
	}
	return x.finish(t, Event{Step: c.Step, Iteration: c.Iteration}, st.Answers)
}

package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// attempts is how often a command is decided anew because somebody else was
// faster. Each time somebody got something done, so it ends.
const attempts = 12

// errBusy is for a case in which others were faster every time: like a table
// that has too much to do, it asks for patience.
var errBusy = fmt.Errorf("workflow: too much happens in this case at once: %w", table.ErrThrottled)

// Opening is what the intake knows when a case begins.
type Opening struct {
	Intake       string // id of the expression of interest
	Municipality municipality.Municipality
	Lang         lang.Lang
	People       process.People // FED with its deputy, KUF …
	Command      string         // id of what confirmed it
}

// Start gives the operations that begin a case, and its number, for the
// transaction that confirms the expression of interest: that transaction keeps
// it from beginning twice. When it meets ErrConflict, ask Start again.
func (x *Service) Start(ctx context.Context, o Opening, now time.Time) ([]table.Op, string, error) {
	def, err := x.Current()
	if err != nil {
		return nil, "", err
	}
	if err := x.Publish(ctx); err != nil {
		return nil, "", err
	}
	no, counter, err := x.nextNumber(ctx, lang.DateOf(now).Year)
	if err != nil {
		return nil, "", err
	}
	c := &Record{ID: newID(), Def: def}
	c.Steps = map[process.Ref]process.Step{}
	c.Office, c.today = []process.Person{{Email: x.Office, Lang: lang.DE}}, lang.DateOf(now)
	row, err := command.Decide(def, c.State, command.Start{
		Meta: command.Meta{ID: o.Command, By: process.Actor{Role: "FED"}},
		Case: process.Opening{
			No: no, Municipality: slim(o.Municipality), Lang: o.Lang, Definition: def.Hash, Intake: o.Intake,
		},
		People: tidy(o.People),
	}, now)
	if err != nil {
		return nil, "", fmt.Errorf("beginning a case: %w", err)
	}
	ops, err := x.ops(ctx, c, row, now)
	return append(ops, counter), no, err
}

// slim is what a case keeps of its municipality.
func slim(m municipality.Municipality) municipality.Municipality {
	m.Postcode = ""
	return m
}

func tidy(p process.People) process.People {
	out := process.People{}
	for role, list := range p {
		for _, h := range list {
			h.Email, h.Deputy = process.Address(h.Email), process.Address(h.Deputy)
			if h.Email != "" {
				out[role] = append(out[role], h)
			}
		}
	}
	return out
}

// do decides a command and writes what follows from it in one transaction. The
// case's version is its condition: when somebody else was faster, everything
// is read and decided again. A process that dies has done all of it or nothing.
func (x *Service) Do(ctx context.Context, id string, cmd command.Command, now time.Time) (process.Row, error) {
	for range attempts {
		c, row, ops, err := x.plan(ctx, id, cmd, now)
		if err != nil {
			if c != nil && row.Seq == 0 && x.overtaken(ctx, c) {
				continue
			}
			return row, err
		}
		err = x.Table.Write(ctx, ops...)
		if err == nil {
			x.Log.Info("case changed", "kind", string(row.Events[0].Kind), "municipality", c.Head.Municipality.Key)
			return row, nil
		}
		if !errors.Is(err, table.ErrConflict) {
			return row, fmt.Errorf("writing a command: %w", err)
		}
	}
	return process.Row{}, errBusy
}

// overtaken says that a refused case has changed since its head was read. No
// write's condition guards a refusal: its steps may have been read later than its
// head, and then it is about a case that never was.
func (x *Service) overtaken(ctx context.Context, c *Record) bool {
	now, err := x.Load(ctx, c.ID)
	return err == nil && now.Head.Seq != c.Head.Seq
}

// plan reads the case, decides, and gives the operations of the transaction.
func (x *Service) plan(ctx context.Context, id string, cmd command.Command, now time.Time) (*Record, process.Row, []table.Op, error) {
	c, err := x.Load(ctx, id)
	if err != nil {
		return nil, process.Row{}, nil, err
	}
	now = c.Now(now)
	if err := x.wantFor(ctx, c, cmd); err != nil {
		return nil, process.Row{}, nil, err
	}
	row, err := command.Decide(c.Def, c.State, cmd, now)
	if err != nil {
		return c, row, nil, err
	}
	switch cmd := cmd.(type) {
	case command.Move:
		c.Def = cmd.To
	case command.Settle: // tasks stand beside the state
		open, err := x.TaskOpen(ctx, id, cmd.Task)
		if err == nil && !open {
			err = command.ErrNotOpen
		}
		if err != nil {
			return c, process.Row{}, nil, err
		}
	}
	ops, err := x.ops(ctx, c, row, now)
	if err != nil {
		return c, row, nil, err
	}
	return c, row, ops, nil
}

// wantFor reads what a command looks at beside head and people.
func (x *Service) wantFor(ctx context.Context, c *Record, cmd command.Command) error {
	if _, moves := cmd.(command.Move); moves {
		return x.wantMove(ctx, c)
	}
	if err := x.Want(ctx, c, command.Reads(c.Def, c.Head, cmd)...); err != nil {
		return err
	}
	if command.ReadsRecords(c.Def, cmd) {
		return x.wantRecords(ctx, c)
	}
	return nil
}

// ops applies the row to the case and gives all that has to be written: head,
// steps, row, people, tasks, mails, and what other nouns add.
func (x *Service) ops(ctx context.Context, c *Record, row process.Row, now time.Time) ([]table.Op, error) {
	was, before := c.State, c.Steps
	c.Steps = cloneSteps(before)
	c.Apply(row)
	c.today = lang.DateOf(now)
	c.people = c.people || c.overslept() || slices.ContainsFunc(row.Events, func(e process.Event) bool { return e.Kind != process.Started && e.People != nil })
	c.forgetAddresses(row)

	var ops []table.Op
	add := func(op table.Op, err error) error {
		ops = append(ops, op)
		return err
	}
	errs := []error{add(c.headOp()), add(rowOp(c.ID, row))}
	for _, ref := range row.Refs() {
		errs = append(errs, add(c.stepOp(c.Steps[ref])))
	}
	if c.people {
		errs = append(errs, add(c.peopleOp()))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	records, err := c.recordOps(row)
	if err != nil {
		return nil, err
	}
	ops = append(ops, records...)
	ops = append(ops, c.oldAnswers(row, before)...)
	ops = append(ops, c.taskOps(row, lang.DateOf(now))...)
	for _, e := range x.mails(c, row, was) {
		ops = append(ops, x.Post(c, e, now))
	}
	lists, err := x.forgetDrafts(ctx, c, row)
	if err != nil {
		return nil, err
	}
	moved, err := x.moveOps(ctx, c, row, before)
	if err != nil {
		return nil, err
	}
	more, err := x.follow(ctx, c, row, now)
	return c.rehearsed(slices.Concat(ops, lists, moved, more)), err
}

func cloneSteps(in map[process.Ref]process.Step) map[process.Ref]process.Step {
	out := make(map[process.Ref]process.Step, len(in)+2)
	for k, v := range in {
		out[k] = v
	}
	return out
}

// oldAnswers keeps what a correction replaces.
func (c *Record) oldAnswers(row process.Row, before map[process.Ref]process.Step) []table.Op {
	var ops []table.Op
	for _, e := range row.Events {
		if e.Kind != process.Corrected {
			continue
		}
		b, err := json.Marshal(before[e.Ref()].Answers)
		if err != nil {
			panic(err) // answers always can be written
		}
		k := Key(c.ID, fmt.Sprintf("%s#%06d", RefSK("old", e.Ref()), row.Seq))
		ops = append(ops, table.Put(table.Item{Key: k, Kind: "old", Body: b}, table.Absent()))
	}
	return ops
}

func (c *Record) taskOps(row process.Row, today lang.Date) []table.Op {
	var ops []table.Op
	for _, e := range row.Events {
		switch e.Kind {
		case process.SafetyRaised:
			ops = append(ops, c.taskOp(Task{Name: RefSK(TaskSafety, e.Ref()), Kind: TaskSafety, Step: e.Step, On: today}))
		case process.Queried:
			ops = append(ops, c.laterOp(Task{Name: e.Ref().QueryTask(), Kind: TaskQuery, Step: e.Step, On: c.Steps[e.Ref()].Unanswered()}))
		case process.StatusChanged:
			ops = append(append(ops, c.followUp(e, row)...), c.toWrite(e, row)...)
		case process.Settled:
			kind, _, _ := cutTask(e.Task)
			var conds []table.Cond
			if kind != TaskQuery { // what was asked by an earlier release has no task
				conds = append(conds, table.Exists())
			}
			ops = append(ops, c.taskOp(Task{Name: e.Task, Kind: kind, On: today, Closed: true}, conds...))
		}
	}
	return ops
}

// follow asks the other nouns what they add to the transaction.
func (x *Service) follow(ctx context.Context, c *Record, row process.Row, now time.Time) ([]table.Op, error) {
	if c.Rehearsal != nil {
		return nil, nil // Simulate stands for them
	}
	var ops []table.Op
	for _, e := range row.Events {
		st := c.Steps[e.Ref()]
		var more []table.Op
		var err error
		switch t := c.Def.Template(e.Step); {
		case e.Kind == process.Queried:
			more, err = x.Query(ctx, c.Head.Intake, c.Head.No, st.Answers.Text(process.QuestionsField), now)
		case e.Kind == process.Handed && t.Survey != "":
			more, err = x.PlanSurvey(ctx, c.survey(t, st), now)
		}
		if err != nil {
			return nil, fmt.Errorf("what follows from step %s: %w", e.Step, err)
		}
		ops = append(ops, more...)
	}
	return ops, nil
}

// SurveyPlan is what a step says about the survey that it starts.
type SurveyPlan struct {
	Survey       string // "S_T0"
	Case, No     string
	Municipality municipality.Municipality
	Settings     municipality.Settings // what holds there beyond the calendar of its Land
	Lang         lang.Lang
	Step         string
	Iteration    int
	Mode         string // closed, open
	Addresses    string // as they were typed, in closed mode
	Expected     string // how many could answer, in open mode
	From, To     lang.Date
	Answers      form.Answers
}

func (c *Record) survey(t *process.Template, st process.Step) SurveyPlan {
	return SurveyPlan{
		Survey: t.Survey, Case: c.ID, No: c.Head.No, Municipality: c.Head.Municipality, Lang: c.Head.Lang,
		Settings: municipality.Settings{Feasts: c.Head.Settings.Feasts, Closed: c.Head.Settings.Closed},
		Step:     st.Ref.Step, Iteration: st.Iteration, Mode: st.Answers.Text("survey_mode"), Addresses: st.Answers.Text(AddressesField),
		Expected: st.Answers.Text("expected_count"), Answers: st.Answers,
		From: DateIn(st.Answers, "window_from"), To: DateIn(st.Answers, "window_to"),
	}
}

// DateIn is an answer that is a date.
func DateIn(a form.Answers, name string) lang.Date {
	d, err := lang.ParseDate(a.Text(name))
	if err != nil {
		return lang.Date{}
	}
	return d
}

// Answered gives the operations that tell a case that its municipality has
// answered what was asked back, for the transaction of that answer. A case
// that waits for no answer, or has ended, is left as it is.
func (x *Service) Answered(ctx context.Context, caseNo string, now time.Time) ([]table.Op, error) {
	id, err := x.ByNumber(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	c, err := x.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	for key, m := range c.Head.Steps {
		if m.State != process.Query || c.Head.Status.Ended() {
			continue
		}
		cmd := command.Answered{Meta: command.Meta{By: process.Actor{Role: "FED"}}, Step: key}
		_, _, ops, err := x.plan(ctx, id, cmd, now)
		return ops, err
	}
	return nil, nil
}

// SurveyClosed tells a case that the survey of its step is over. Being told
// again changes nothing.
func (x *Service) SurveyClosed(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error {
	ref := process.Ref{Step: step, Iteration: iteration}
	return x.fromSurvey(ctx, caseID, ref, command.SurveyClosed{Meta: surveyMeta("closed", surveyID), Ref: ref}, now)
}

// SurveyCancelled tells a case that the survey of its step will not be held:
// the step is open again.
func (x *Service) SurveyCancelled(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error {
	ref := process.Ref{Step: step, Iteration: iteration}
	return x.fromSurvey(ctx, caseID, ref, command.SendBack{
		Meta: surveyMeta("cancelled", surveyID), Ref: ref, Comment: ReasonCancelled,
	}, now)
}

// ReasonCancelled is a reason that pages write in their language.
const ReasonCancelled = "survey_cancelled"

func surveyMeta(what, surveyID string) command.Meta {
	return command.Meta{ID: "survey#" + what + "#" + surveyID, By: process.Actor{Role: process.BySurvey}}
}

// fromSurvey gives a survey's command. In a pause it has to come again; in a
// case that has ended it changes nothing, but the list of addresses goes.
func (x *Service) fromSurvey(ctx context.Context, caseID string, ref process.Ref, cmd command.Command, now time.Time) error {
	_, err := x.Do(ctx, caseID, cmd, now)
	if errors.Is(err, command.ErrAlready) || errors.Is(err, command.ErrNotOpen) {
		return nil
	}
	if !errors.Is(err, command.ErrResting) {
		return err
	}
	c, loading := x.Load(ctx, caseID)
	if loading != nil {
		return loading
	}
	if !c.Head.Status.Ended() {
		return err
	}
	return x.forgetEnded(ctx, c, ref)
}

package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Due does what is due for the item with this key: a step's next reminder, or a
// change of people. A step that was done, opened anew or moved in the meantime
// has no such place any more; then nothing happens, nor in a case that is gone.
func (x *Service) Due(ctx context.Context, key table.Key, now time.Time) error {
	if err := x.due(ctx, key, now); !errors.Is(err, errGone) {
		return err
	}
	return nil
}

func (x *Service) due(ctx context.Context, key table.Key, now time.Time) error {
	if strings.HasPrefix(key.SK, taskPrefix) {
		return x.taskDue(ctx, key, now)
	}
	if strings.HasPrefix(key.SK, recordPrefix) {
		return x.recordDue(ctx, key, now)
	}
	c := &Record{ID: key.PK[len(Prefix):], today: lang.DateOf(now)}
	if key.SK == peopleSK {
		return x.turnPeople(ctx, c.ID, now)
	}
	ref, ok := refOf(key.SK)
	if !ok {
		return nil
	}
	st, err := x.Step(ctx, c.ID, ref)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.State == process.Planned {
		return x.ripen(ctx, c.ID, st, now)
	}
	row, ok := process.Remind(st, st.Calendar(), now)
	if !ok {
		return nil
	}
	ops, err := x.remind(ctx, c, st, row, now)
	if err != nil {
		return err
	}
	err = x.Table.Write(ctx, ops...)
	if errors.Is(err, table.ErrConflict) {
		return nil // it was changed meanwhile; if it is still due, the next tick comes by
	}
	return err
}

// remind gives the operations of a timer: the step with its next moment, the
// mark, and the mails. An ordinary reminder reads nothing but the step.
func (x *Service) remind(ctx context.Context, c *Record, st process.Step, row process.Row, now time.Time) ([]table.Op, error) {
	stage := row.Events[0].Stage
	if err := x.brief(ctx, c, st); err != nil {
		return nil, err
	}
	// What stands or will stand on the office's desk says whose case it is.
	if stage > process.Overdue || row.Events[0].Post != "" || c.desk(st).PK != "" {
		full, err := x.Load(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		full.today = c.today
		c = full
	}
	c.Steps = map[process.Ref]process.Step{st.Ref: st}
	c.Apply(row)
	st = c.Steps[st.Ref]
	step, err := c.stepOp(st)
	if err != nil {
		return nil, err
	}
	mails := x.reminders(c, st, stage)
	if st.Nobody() || stage == process.TellTandem && x.toldOffice(mails) {
		row.Events[0].Roles = []string{"SVC"}
	}
	mark, err := markOp(c.ID, row)
	if err != nil {
		return nil, err
	}
	ops := []table.Op{step, mark}
	for _, e := range mails {
		ops = append(ops, x.Post(c, e, now))
	}
	return c.rehearsed(ops), nil
}

// toldOffice says whether a stage of a step comes to the service office alone.
func (x *Service) toldOffice(mails []mail.Entry) bool {
	return !slices.ContainsFunc(mails, func(e mail.Entry) bool { return e.To != x.Office })
}

// brief fills a record from what the open step itself knows.
func (x *Service) brief(ctx context.Context, c *Record, st process.Step) error {
	if IsRehearsal(c.ID) { // only the head knows whom to mail
		full, err := x.Load(ctx, c.ID)
		if err == nil {
			full.today = c.today
			*c = *full
		}
		return err
	}
	def, err := x.Definition(ctx, st.Definition)
	c.Def = def
	c.Head.No, c.Head.Status, c.Head.Municipality.Land, c.Head.Settings = st.No, process.Active, st.Land, st.Settings
	return err
}

// reminders are the mails of a stage.
func (x *Service) reminders(c *Record, st process.Step, stage process.Stage) []mail.Entry {
	moves := fmt.Sprint(len(st.Moved))
	switch { // the service office reminds itself, and escalates to nobody
	case st.Nobody():
		return []mail.Entry{x.toOffice(c, st, "m_nobody", fmt.Sprint("nobody", stage))}
	case stage == process.Friendly:
		return x.ask(c, st, "remind1", "remind1."+moves, st.Asked)
	case slices.Contains(c.Def.Template(st.Ref.Step).Acts, "SVC"):
		return x.ask(c, st, ownReminders[stage], fmt.Sprintf("remind%d.%s", stage, moves), st.Asked)
	case stage == process.Overdue:
		return x.ask(c, st, "remind2", "remind2."+moves, Recipients(st))
	case stage == process.TellTandem:
		return x.tellTandem(c, st)
	}
	e := x.toOffice(c, st, "escalate_svc", "escalate_svc")
	if c.Head.Settings.Paper {
		e.Template = "m_call_paper"
	}
	e.LinkPath += "/schritte/" + st.Ref.Step
	return []mail.Entry{e}
}

// ownReminders are what the service office is told about its own late steps.
var ownReminders = map[process.Stage]string{
	process.Overdue: "remind2", process.TellTandem: "m_remind3", process.TellOffice: "m_remind4",
}

// tellTandem asks the tandem to ask; before there is one, and where it is the
// tandem itself that is late, the service office.
func (x *Service) tellTandem(c *Record, st process.Step) []mail.Entry {
	t := c.Def.Template(st.Ref.Step)
	tandem := append(c.Reach("EXT", c.today), c.Reach("LOK", c.today)...)
	if len(tandem) == 0 || t.ActsFor("EXT", "LOK") {
		return []mail.Entry{x.toOffice(c, st, "escalate_tan", "escalate_tan")}
	}
	var out []mail.Entry
	for i, h := range tandem {
		e := x.toOffice(c, st, "escalate_tan", fmt.Sprint("escalate_tan", i))
		e.To, e.ToName = h.Email, h.Name
		if h.Lang != "" {
			e.Lang = h.Lang
		}
		out = append(out, e)
	}
	return out
}

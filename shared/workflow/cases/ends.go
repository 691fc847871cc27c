package cases

import (
	"context"
	"encoding/json"
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

// What follows from the end of a case: the closing mail or letter, a word to the
// service office, and the question half a year later.

// ended mails who has to know that a case is over.
func (x *Service) ended(c *Record, e process.Event, row process.Row, was process.State) []mail.Entry {
	switch {
	case e.Status == process.Completed:
		return x.farewell(c, e, row)
	case !e.Status.Ended():
		return nil
	}
	out := x.over(c, e, row, was)
	if e.Status == process.Withdrawn && row.By.Role != "SVC" {
		out = append(out, mail.Entry{
			Key: fmt.Sprintf("%s%s#withdrawn#%d", Prefix, c.ID, row.Seq), Template: "m_withdrawn", Class: mail.Step,
			To: x.Office, Lang: lang.DE, CaseNo: c.Head.No, Land: c.Head.Municipality.Land, Settings: c.Head.Settings, LinkPath: "/vorgaenge/" + c.ID,
		})
	}
	return out
}

// over tells who had a step, which is closed now, that they need not do it any
// more, and the lead office in any case: each once, but not who was told of the
// decision, or withdrew themselves. A step that can be done at any time was
// nobody's work. To who gets letters the service office writes.
func (x *Service) over(c *Record, e process.Event, row process.Row, was process.State) []mail.Entry {
	var to []process.Asked
	for _, o := range row.Events {
		if st := was.Steps[o.Ref()]; o.Kind == process.Closed && !st.AnyTime() {
			to = append(to, st.Asked...)
		}
	}
	known := c.told(e, row)
	if len(known) == 0 {
		to = append(to, c.belonging("FED", false)...)
	}
	var out []mail.Entry
	for _, a := range to {
		same := func(k process.Asked) bool { return k.Email == a.Email }
		withdrew := e.Status == process.Withdrawn && a.Role == row.By.Role
		if a.Role == "SVC" || withdrew || a.Writes(c.Head.Settings) || slices.ContainsFunc(known, same) {
			continue
		}
		known = append(known, a)
		out = append(out, mail.Entry{
			Key:      fmt.Sprintf("%s%s#over#%d.%d", Prefix, c.ID, row.Seq, len(out)+1),
			Template: "m_over", Class: mail.Step, To: a.Email, ToName: a.Name, Lang: a.Lang,
			CaseNo: c.Head.No, Land: c.Head.Municipality.Land, Settings: c.Head.Settings,
		})
	}
	return out
}

// farewell thanks head of administration, lead office and tandem.
func (x *Service) farewell(c *Record, e process.Event, row process.Row) []mail.Entry {
	var out []mail.Entry
	for i, h := range c.told(e, row) {
		if h.Writes(c.Head.Settings) {
			continue
		}
		out = append(out, mail.Entry{
			Key:      fmt.Sprintf("%s%s#end#%d.%d", Prefix, c.ID, row.Seq, i+1),
			Template: "m_end", Class: mail.Step, To: h.Email, ToName: h.Name, Lang: h.Lang,
			CaseNo: c.Head.No, Land: c.Head.Municipality.Land, Settings: c.Head.Settings,
		})
	}
	return out
}

// toWrite is the task of writing to whom a decision or the end of the case is no
// mail, because they get letters. What was decided stands at the step, which can
// be printed.
func (c *Record) toWrite(e process.Event, row process.Row) []table.Op {
	if !slices.ContainsFunc(c.told(e, row), func(a process.Asked) bool { return a.Writes(c.Head.Settings) }) {
		return nil
	}
	ref := row.Events[0].Ref()
	return []table.Op{c.taskOp(Task{Name: RefSK(WhyLetter, ref), Kind: WhyLetter, Step: ref.Step, On: c.today})}
}

// followUp is the task of asking a completed case once more. It stands on the
// desk from its day on.
func (c *Record) followUp(e process.Event, row process.Row) []table.Op {
	if e.Status != process.Completed || e.On.IsZero() {
		return nil
	}
	ref := row.Events[0].Ref()
	return []table.Op{c.laterOp(Task{Name: RefSK(TaskFollow, ref), Kind: TaskFollow, Step: ref.Step, On: e.On})}
}

// asleep and awake are versions of a task that is to stand on the desk from a
// day on; one that was settled has neither.
const (
	asleep = 1
	awake  = 2
)

// laterOp keeps a task until its day.
func (c *Record) laterOp(t Task) table.Op {
	op := c.taskOp(t, table.Absent())
	op.Item.By, op.Item.Version = table.Place{}, asleep
	op.Item.Due = table.DueAt(c.ID, t.On.At(openingHour, 0), "")
	return op
}

// taskDue puts a task on the desk whose day has come. One that was settled
// before has no such place any more.
func (x *Service) taskDue(ctx context.Context, key table.Key, now time.Time) error {
	it, err := x.Table.Get(ctx, key)
	if errors.Is(err, table.ErrNotFound) || err == nil && it.Version != asleep {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a task that is due: %w", err)
	}
	t := Task{Name: strings.TrimPrefix(key.SK, taskPrefix)}
	if err := json.Unmarshal(it.Body, &t); err != nil {
		return fmt.Errorf("reading a task that is due: %v", err)
	}
	if t.On.At(openingHour, 0).After(now) {
		return nil
	}
	c, err := x.Load(ctx, strings.TrimPrefix(key.PK, Prefix))
	if err != nil {
		return err
	}
	if t.Kind == TaskQuery && c.Head.Status.Ended() {
		t.Closed = true // nobody waits for the answer any more
	}
	op := c.taskOp(t, table.AtVersion(asleep))
	op.Item.Version = awake
	err = x.Table.Write(ctx, c.rehearsed([]table.Op{op})...)
	if errors.Is(err, table.ErrConflict) {
		return nil // settled at the same moment; else the next tick comes by
	}
	return err
}

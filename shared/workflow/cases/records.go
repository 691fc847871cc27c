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

const recordPrefix = "record#"

// Records reads the agreements and documents of a case.
func (x *Service) Records(ctx context.Context, id string) ([]process.Record, error) {
	var out []process.Record
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id, Prefix: recordPrefix}) {
		if err != nil {
			return nil, fmt.Errorf("reading agreements and documents: %w", err)
		}
		r, err := recordOf(it)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func recordOf(it table.Item) (process.Record, error) {
	r := process.Record{ID: strings.TrimPrefix(it.SK, recordPrefix), Stored: it.Version}
	if err := json.Unmarshal(it.Body, &r); err != nil {
		return r, fmt.Errorf("reading an agreement or a document: %v", err)
	}
	return r, nil
}

// wantRecords adds them to what was read of a case.
func (x *Service) wantRecords(ctx context.Context, c *Record) error {
	list, err := x.Records(ctx, c.ID)
	c.State.Records = map[string]process.Record{}
	for _, r := range list {
		c.State.Records[r.ID] = r
	}
	return err
}

// recordOps write what a row says of agreements and documents.
func (c *Record) recordOps(row process.Row) ([]table.Op, error) {
	var ops []table.Op
	var done []string
	for _, e := range row.Events {
		if e.Kind != process.Recorded && e.Kind != process.RecordSet || slices.Contains(done, e.Record) {
			continue
		}
		done = append(done, e.Record)
		op, err := c.recordOp(c.State.Records[e.Record], c.State.Records[e.Record].Due)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// recordOp writes one. The day after its review it is due.
func (c *Record) recordOp(r process.Record, review lang.Date) (table.Op, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing an agreement or a document: %w", err)
	}
	it := table.Item{Key: Key(c.ID, recordPrefix+r.ID), Kind: "record", Version: r.Stored + 1, Body: b}
	if r.Unreviewed() {
		it.Due = table.DueAt(c.ID, review.AddDays(1).At(openingHour, 0), "")
	}
	return table.Put(it, table.AtVersion(r.Stored)), nil
}

// recordDue asks the tandem about an agreement whose review is past. In a pause
// nobody is asked: it comes again the next day.
func (x *Service) recordDue(ctx context.Context, key table.Key, now time.Time) error {
	it, err := x.Table.Get(ctx, key)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an agreement: %w", err)
	}
	r, err := recordOf(it)
	if err != nil {
		return err
	}
	c, err := x.Load(ctx, strings.TrimPrefix(key.PK, Prefix))
	if err != nil || !r.Unreviewed() || r.Due.AddDays(1).At(openingHour, 0).After(now) {
		return err
	}
	again, ops := r.Due, []table.Op(nil)
	switch s := c.Head.Status; {
	case s.Running():
		r.Asked = true
		ops = x.review(c, r, now)
	case s.Ended():
		r.Due = lang.Date{}
	default:
		again = lang.DateOf(now)
	}
	op, err := c.recordOp(r, again)
	if err != nil {
		return err
	}
	err = x.Table.Write(ctx, c.rehearsed(append(ops, op))...)
	if errors.Is(err, table.ErrConflict) {
		return nil // it was changed meanwhile; if it is still due, the next tick comes by
	}
	return err
}

// review is the tandem's task of looking at an agreement again, and the mail
// about it, which does not say what was agreed. Its key holds the date: a
// correction can set another one.
func (x *Service) review(c *Record, r process.Record, now time.Time) []table.Op {
	ops := []table.Op{c.taskOp(Task{Name: r.ID, Kind: TaskReview, Step: r.Step, On: r.Due, Role: "TAN"})}
	today := lang.DateOf(now)
	to := append(c.Reach("EXT", today), c.Reach("LOK", today)...)
	if len(to) == 0 {
		to = []process.Asked{{Email: x.Office, Lang: lang.DE}}
	}
	for i, h := range to {
		e := mail.Entry{
			Key: fmt.Sprintf("%s%s#review#%s.%s.%d", Prefix, c.ID, r.ID, r.Due, i), Template: "m_review", Class: mail.Step,
			To: h.Email, ToName: h.Name, Lang: h.Lang, CaseNo: c.Head.No, Land: c.Head.Municipality.Land, Settings: c.Head.Settings,
			LinkPath: "/vorgaenge/" + c.ID,
		}
		ops = append(ops, x.Post(c, e, now))
	}
	return ops
}

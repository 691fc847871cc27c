package cases

import (
	"context"
	"errors"
	"fmt"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Whom a survey invites is kept no longer than the invitations (retention class
// R1), and in one place: the step.

// AddressesField holds whom a survey invites.
const AddressesField = "addresses"

// WithoutAddresses leaves the invitation list out of answers.
func WithoutAddresses(a form.Answers) form.Answers {
	a = a.Clone()
	delete(a, AddressesField)
	return a
}

// forgetAddresses drops the invitation list from a step whose survey is over.
func (c *Record) forgetAddresses(row process.Row) {
	for _, ref := range row.Refs() {
		st := c.Steps[ref]
		t := c.Def.Template(ref.Step)
		if t == nil || t.Survey == "" || st.State != process.Done {
			continue
		}
		st.Answers = WithoutAddresses(st.Answers)
		c.Steps[ref] = st
	}
}

// forgetEnded drops the list from a step whose case ended before its survey.
func (x *Service) forgetEnded(ctx context.Context, c *Record, ref process.Ref) error {
	st, err := x.Step(ctx, c.ID, ref)
	if errors.Is(err, table.ErrNotFound) || err == nil && st.Answers.Text(AddressesField) == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("forgetting whom a survey invited: %w", err)
	}
	st.Answers = WithoutAddresses(st.Answers)
	op, err := c.stepOp(st)
	if err != nil {
		return err
	}
	return x.Table.Write(ctx, c.rehearsed([]table.Op{op})...)
}

// maxDrafts is how many drafts go with one command; a transaction has room for
// a hundred operations, and what is left goes with the next one, or expires.
const maxDrafts = 40

// forgetDrafts drops what browsers saved of a survey's step when it is not open
// any more: the list is in it. Once more when the survey is over, for who saved
// at the same moment.
func (x *Service) forgetDrafts(ctx context.Context, c *Record, row process.Row) ([]table.Op, error) {
	var ops []table.Op
	for _, ref := range row.Refs() {
		if t := c.Def.Template(ref.Step); t == nil || t.Survey == "" || c.Steps[ref].State == process.Open {
			continue
		}
		q := table.Query{PK: Prefix + c.ID, Prefix: RefSK("draft", ref) + "#", Limit: maxDrafts}
		page, err := x.Table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("forgetting the drafts of step %s: %w", ref.Step, err)
		}
		for _, it := range page.Items {
			ops = append(ops, table.Delete(it.Key))
		}
	}
	return ops, nil
}

package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// maxAgain is how many open steps are mailed again at once.
const maxAgain = 8

// MailAgain mails an address the links of its open steps once more, at once. It
// finds the cases in which the address holds a role; nothing happens for an
// address that holds none. The links are the same as before.
func (x *Service) MailAgain(ctx context.Context, email, request string, now time.Time) error {
	all, err := x.List(ctx)
	if err != nil {
		return err
	}
	var ops []table.Op
	for _, l := range all {
		if !l.Status.Running() || !slices.Contains(l.Who, WhoHash(email)) {
			continue
		}
		c, entries, err := x.openFor(ctx, l.ID, email, request, now)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if len(ops) < maxAgain {
				ops = append(ops, x.Post(c, e, now))
			}
		}
	}
	if len(ops) == 0 {
		return nil
	}
	if err := x.Table.Write(ctx, ops...); err != nil {
		return fmt.Errorf("mailing links again: %w", err)
	}
	return nil
}

// openFor are the mails of the open steps of a case that one address may do.
func (x *Service) openFor(ctx context.Context, id, email, request string, now time.Time) (*Record, []mail.Entry, error) {
	c, err := x.Load(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	c.today = lang.DateOf(now)
	if err := x.Want(ctx, c, c.Head.Open()...); err != nil {
		return nil, nil, err
	}
	var out []mail.Entry
	for _, ref := range c.Head.Open() {
		st, ok := c.Steps[ref]
		if !ok {
			continue
		}
		to := slices.DeleteFunc(Recipients(st), func(a process.Asked) bool { return a.Email != email })
		for _, e := range x.ask(c, st, stepTemplate(st), "again#"+request, to) {
			e.Class, e.Topic = mail.Asked, ""
			out = append(out, e)
		}
	}
	return c, out, nil
}

package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// bounceKept is how long the first bounce of an address counts: a mailbox that
// was full half a year ago says nothing.
const bounceKept = 60 * 24 * time.Hour

// Bounced gives the operations for a mail that came back: a task of the service
// office, and the address is not mailed any more; its steps go to who stands in,
// or stand on the desk. At once when the address will never work, else when a
// second mail to it comes back, kokoma.md 6.6.
func (x *Service) Bounced(ctx context.Context, b mail.Bounce) ([]table.Op, error) {
	id, ref, ok := topic(b.EntryKey)
	if !ok || IsRehearsal(id) {
		return nil, nil
	}
	c, err := x.Load(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("noting a mail that came back: %w", err)
	}
	if b.State == mail.Bounced && !b.Hard {
		op, again, err := x.firstBounce(ctx, id, b)
		if err != nil || !again {
			return op, err
		}
	}
	task, err := x.bounceTask(ctx, c, ref, b)
	if err != nil || b.State == mail.Failed { // which says nothing about the address
		return task, err
	}
	more, err := x.unreachable(ctx, c, ref, b)
	return append(task, more...), err
}

// unreachable marks the address whose mail came back, wherever it is named in
// the case.
func (x *Service) unreachable(ctx context.Context, c *Record, ref process.Ref, b mail.Bounce) ([]table.Op, error) {
	if err := x.Want(ctx, c, ref); err != nil {
		return nil, err
	}
	var all []string
	for _, list := range c.People {
		for _, p := range list {
			all = append(all, p.Email, p.Deputy)
		}
	}
	for _, a := range c.Steps[ref].Asked {
		all = append(all, a.Email)
	}
	at := slices.IndexFunc(all, func(email string) bool { return email != "" && x.Links.Hash(email) == b.ToHash })
	if at < 0 {
		return nil, nil // the service office's own, or somebody who is not asked any more
	}
	cmd := command.Bounce{Meta: command.Meta{By: process.Actor{Role: process.ByClock}}, Email: all[at]}
	_, _, ops, err := x.plan(ctx, c.ID, cmd, b.At)
	if errors.Is(err, command.ErrAlready) {
		return nil, nil
	}
	return ops, err
}

// firstBounce notes that a mail to an address came back for a while, or says
// that another one had before.
func (x *Service) firstBounce(ctx context.Context, id string, b mail.Bounce) (ops []table.Op, again bool, err error) {
	key := Key(id, "bounce#"+b.ToHash)
	it, err := x.Table.Get(ctx, key)
	if errors.Is(err, table.ErrNotFound) {
		return []table.Op{table.Put(table.Item{
			Key: key, Kind: "bounce", Body: []byte(Compact(b.Message)), Expires: b.At.Add(bounceKept),
		}, table.Absent())}, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking whether mail came back before: %w", err)
	}
	var first string
	if err := json.Unmarshal(it.Body, &first); err != nil {
		return nil, false, fmt.Errorf("reading a bounce: %v", err)
	}
	return nil, b.Message == "" || b.Message != first, nil
}

func (x *Service) bounceTask(ctx context.Context, c *Record, ref process.Ref, b mail.Bounce) ([]table.Op, error) {
	name := RefSK(TaskBounce, ref) + "#" + mail.Tag(b.EntryKey)[:8]
	it, err := x.Table.Get(ctx, Key(c.ID, taskPrefix+name))
	if err == nil {
		old := Task{}
		if err := json.Unmarshal(it.Body, &old); err == nil && old.Closed {
			return nil, nil // seen to already
		}
	} else if !errors.Is(err, table.ErrNotFound) {
		return nil, fmt.Errorf("looking for the task of a bounce: %w", err)
	}
	return []table.Op{c.taskOp(Task{Name: name, Kind: TaskBounce, Step: ref.Step, On: lang.DateOf(b.At)})}, nil
}

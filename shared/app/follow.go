package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"kokoma/shared/table"
)

// What follows from what stands in the due index; this file hands it out.

// mailPrefix begins the partition keys of the outbox.
const mailPrefix = "mail#"

// Follow does what the items with these keys call for at now. Whatever fails
// stays due and is tried again by the next tick; the others go on.
func (a *App) Follow(ctx context.Context, keys []table.Key, now time.Time) error {
	var mails []table.Key
	var partitions [][]table.Key
	at := map[string]int{}
	for _, k := range keys {
		if strings.HasPrefix(k.PK, mailPrefix) {
			mails = append(mails, k)
			continue
		}
		if _, ok := at[k.PK]; !ok {
			at[k.PK] = len(partitions)
			partitions = append(partitions, nil)
		}
		partitions[at[k.PK]] = append(partitions[at[k.PK]], k)
	}
	err := a.followAll(ctx, partitions, now)
	if len(mails) > 0 {
		if sending := a.outbox.Due(ctx, mails, now); sending != nil {
			err = errors.Join(err, fmt.Errorf("sending: %w", sending))
		}
	}
	return err
}

// atOnce is how many partitions are followed, and mails sent, at the same time:
// a write waits for the disk or the network most of its time, and the embedded
// table makes writes that meet durable together.
const atOnce = 16

// followAll takes the keys of one partition, a case or a survey, one after the
// other, so that they don't meet in a write.
func (a *App) followAll(ctx context.Context, partitions [][]table.Key, now time.Time) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	errs := make([]error, len(partitions))
	for i, keys := range partitions {
		g.Go(func() error {
			for _, k := range keys {
				errs[i] = errors.Join(errs[i], a.follow(ctx, k, now))
			}
			return nil
		})
	}
	_ = g.Wait() // none stops the others; errs has them
	return errors.Join(errs...)
}

func (a *App) follow(ctx context.Context, k table.Key, now time.Time) error {
	noun, _, _ := strings.Cut(k.PK, "#")
	do, ok := a.due[noun]
	if !ok {
		return fmt.Errorf("nobody follows %s#…", noun)
	}
	if err := do(ctx, k, now); err != nil {
		return fmt.Errorf("following %s#…: %w", noun, err)
	}
	return nil
}

// Tick does everything that is due at now. The nouns come first, to their end,
// and then all mails together: so of a person's mails that fell due meanwhile
// one digest is made, and of the reminders of one step only the newest goes. An
// item that is still due at the same place afterwards waits for the next tick.
func (a *App) Tick(ctx context.Context, now time.Time) error {
	var errs []error
	seen := map[table.Key]string{} // where an item stood when it was handled
	for {
		work, mails, err := a.fresh(ctx, now, seen)
		if len(work) == 0 {
			work = mails
		}
		if err == nil && len(work) > 0 {
			for _, it := range work {
				seen[it.Key] = it.Due.SK
			}
			errs = append(errs, a.Follow(ctx, keys(work), now))
			err = ctx.Err()
		}
		if err != nil || len(work) == 0 {
			return errors.Join(append(errs, err)...)
		}
	}
}

// fresh gives what is due and was not handled at its place yet, the mails apart.
func (a *App) fresh(ctx context.Context, now time.Time, seen map[table.Key]string) (work, mails []table.Item, err error) {
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, a.table, table.DueUntil(shard, now)) {
			switch {
			case err != nil:
				return nil, nil, fmt.Errorf("looking for what is due: %w", err)
			case seen[it.Key] == it.Due.SK:
			case strings.HasPrefix(it.PK, mailPrefix):
				mails = append(mails, it)
			default:
				work = append(work, it)
			}
		}
	}
	return work, mails, nil
}

func keys(items []table.Item) []table.Key {
	out := make([]table.Key, len(items))
	for i, it := range items {
		out[i] = it.Key
	}
	return out
}

// NextDue is when the first thing after a time falls due; ok is false when
// nothing waits.
func (a *App) NextDue(ctx context.Context, after time.Time) (at time.Time, ok bool, err error) {
	for shard := range table.Shards() {
		q := table.DueUntil(shard, farAway)
		q.From = table.DueAt("", after.Truncate(time.Second).Add(time.Second), "").SK
		q.Limit = 1
		page, err := a.table.Query(ctx, q)
		if err != nil {
			return at, false, fmt.Errorf("looking for the next due item: %w", err)
		}
		for _, it := range page.Items {
			t, err := it.Due.Time()
			if err != nil {
				return at, false, err
			}
			if !ok || t.Before(at) {
				at, ok = t, true
			}
		}
	}
	return at, ok, nil
}

// farAway is later than anything that the platform plans.
var farAway = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

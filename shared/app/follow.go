package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kokoma/shared/table"
)

// What follows from what stands in the due index; this file hands it out.

// mailBatch is how many due mails are looked at together: enough that all of
// one person's go into one digest, little enough for one Lambda call.
const mailBatch = 200

// Follow does what the items with these keys call for at now. Whatever fails
// stays due and is tried again by the next tick; the others go on.
func (a *App) Follow(ctx context.Context, keys []table.Key, now time.Time) error {
	var mails []table.Key
	var errs []error
	for _, k := range keys {
		noun, _, _ := strings.Cut(k.PK, "#")
		if noun == "mail" {
			mails = append(mails, k)
			continue
		}
		do, ok := a.due[noun]
		if !ok {
			errs = append(errs, fmt.Errorf("nobody follows %s#…", noun))
			continue
		}
		if err := do(ctx, k, now); err != nil {
			errs = append(errs, fmt.Errorf("following %s#…: %w", noun, err))
		}
	}
	if len(mails) > 0 {
		if err := a.outbox.Due(ctx, mails, now); err != nil {
			errs = append(errs, fmt.Errorf("sending: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Tick does everything that is due at now, oldest first. An item that is still
// due afterwards (it failed, or asked for more) waits for the next tick, unless
// the pass also did something: then what follows from it is done as well.
func (a *App) Tick(ctx context.Context, now time.Time) error {
	var errs []error
	seen := map[table.Key]string{} // where an item stood when it was handled
	for {
		fresh, err := a.fresh(ctx, now, seen)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if len(fresh) == 0 {
			return errors.Join(errs...)
		}
		if err := a.Follow(ctx, fresh, now); err != nil {
			errs = append(errs, err)
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
}

// fresh gives up to mailBatch due keys that this tick has not handled at this
// place yet.
func (a *App) fresh(ctx context.Context, now time.Time, seen map[table.Key]string) ([]table.Key, error) {
	var keys []table.Key
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, a.table, table.DueUntil(shard, now)) {
			if err != nil {
				return nil, fmt.Errorf("looking for what is due: %w", err)
			}
			place := it.Due.PK + it.Due.SK
			if seen[it.Key] == place {
				continue
			}
			seen[it.Key] = place
			if keys = append(keys, it.Key); len(keys) >= mailBatch {
				return keys, nil
			}
		}
	}
	return keys, nil
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

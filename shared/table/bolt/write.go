package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

// write is a queued call of Write and its answer.
type write struct {
	ops   []table.Op
	done  chan struct{} // closed when err and units are set
	err   error
	units table.Units
}

// Write queues the operations and waits until they are on disk, or refused.
// Once queued they are waited for, whatever the context says: nobody has to
// guess what became of them.
func (f *file) Write(ctx context.Context, ops ...table.Op) error {
	w := &write{ops: ops, done: make(chan struct{})}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-f.stopped:
		return ErrClosed
	case f.queue <- w:
	}
	<-w.done
	table.Spend(ctx, w.units)
	return w.err
}

// commits takes writes until the file is closed.
func (f *file) commits() {
	defer close(f.stopped)
	for {
		select {
		case w := <-f.queue:
			f.commit(f.gather(w))
		case <-f.stop:
			if batch := f.gather(nil); len(batch) > 0 {
				f.commit(batch)
			}
			return
		}
	}
}

// gather takes what waits, after first.
func (f *file) gather(first *write) []*write {
	var batch []*write
	if first != nil {
		batch = append(batch, first)
	}
	for {
		select {
		case w := <-f.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
}

// errNothing rolls a transaction back in which every write was refused.
var errNothing = errors.New("nothing to commit")

// commit puts the batch into one transaction of the file and answers it after
// the fsync. Refusals wait for it, too: what they saw may be part of it.
func (f *file) commit(batch []*write) {
	err := f.db.Update(func(tx *bbolt.Tx) error {
		changed := false
		for _, w := range batch {
			applied, err := f.apply(tx, w)
			if err != nil {
				return err
			}
			changed = changed || applied
		}
		if !changed {
			return errNothing
		}
		return nil
	})
	for _, w := range batch {
		if err != nil && !errors.Is(err, errNothing) {
			w.err = fmt.Errorf("writing the table file: %w", err)
		}
		close(w.done)
	}
}

// apply checks all operations of the write and then does them; refusing it, it
// leaves nothing behind. The error is of the file, not of the write.
func (f *file) apply(tx *bbolt.Tx, w *write) (applied bool, err error) {
	before := make([]*table.Item, len(w.ops))
	after := make([]*table.Item, len(w.ops))
	now := f.now()
	for i, op := range w.ops {
		if before[i], err = stored(tx, op.Item.Key); err != nil {
			return false, err
		}
		live := before[i]
		if live != nil && live.ExpiredAt(now) {
			live = nil
		}
		after[i] = op.Apply(live)
		w.units = w.units.Plus(table.WriteUnits(before[i], after[i], len(w.ops) > 1))
		if w.err == nil && !op.Holds(live) {
			w.err = &table.ConflictError{Op: i}
		}
		if w.err == nil && after[i] != nil {
			w.err = table.Fits(*after[i])
		}
	}
	if w.err != nil {
		return false, nil
	}
	for i, op := range w.ops {
		if op.Verb == table.Checking {
			continue
		}
		if err := replace(tx, before[i], after[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// replace puts one item in place of another under the same key, in the table,
// its indexes and the list of what expires; nil is "no item".
func replace(tx *bbolt.Tx, before, after *table.Item) error {
	var was, is []keep
	if before != nil {
		was = keeps(before)
	}
	if after != nil {
		is = keeps(after)
	}
	for _, k := range was {
		if err := tx.Bucket(k.bucket).Delete(k.key); err != nil {
			return err
		}
	}
	for _, k := range is {
		if err := tx.Bucket(k.bucket).Put(k.key, k.value); err != nil {
			return err
		}
	}
	return nil
}

// keep is one entry that an item has in the file.
type keep struct {
	bucket, key, value []byte
}

func keeps(it *table.Item) []keep {
	all := []keep{{bucketOf(it.Table), itemKey(it.Key), encode(it)}}
	for _, ix := range []table.Index{table.Due, table.By} {
		if p := it.Place(ix); p.PK != "" {
			all = append(all, keep{bucketFor(ix), placeKey(p, it.Key), encodeEntry(it, ix)})
		}
	}
	if !it.Expires.IsZero() {
		all = append(all, keep{bucketExpiry, expiryKey(it), nil})
	}
	return all
}

var _ = bytes.Equal

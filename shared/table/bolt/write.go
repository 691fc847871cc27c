package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

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
	if err := ctx.Err(); err != nil {
		return err
	}
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

// patience is how often gather looks in vain before it commits. The writers
// that the last commit answered need a moment to come back: without it a commit
// of all of them follows one of a single write, 8 on average of 16 writers;
// with it 15.
const patience = 8

// most is the number of writes of a commit, so that it ends under any load.
const most = 1000

// gather takes what waits, after first.
func (f *file) gather(first *write) []*write {
	var batch []*write
	if first != nil {
		batch = append(batch, first)
	}
	for left := patience; left > 0 && len(batch) < most; {
		select {
		case w := <-f.queue:
			batch = append(batch, w)
		default:
			left--
			runtime.Gosched()
		}
	}
	return batch
}

// errNothing rolls a transaction back in which every write was refused.
var errNothing = errors.New("nothing to commit")

// commit puts the batch into one transaction of the file and answers it after
// the fsync. Refusals wait for it, too: what they saw may be part of it.
func (f *file) commit(batch []*write) {
	var state int
	err := guarded(func() error {
		return f.db.Update(func(tx *bbolt.Tx) error {
			state = tx.ID()
			return f.applyAll(tx, batch)
		})
	})
	switch {
	case err == nil:
		// What was written is on disk whether or not this succeeds; if it does
		// not, it is tried again after the next commit, and by Close and Open.
		_ = f.settle(state)
	case !errors.Is(err, errNothing):
		f.wiped = nil // nobody knows what was written to
	}
	for _, w := range batch {
		if err != nil && !errors.Is(err, errNothing) {
			w.err = fmt.Errorf("writing the table file: %w", err)
		}
		close(w.done)
	}
}

func (f *file) applyAll(tx *bbolt.Tx, batch []*write) error {
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
	return f.sweep(tx, 2*len(batch))
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
		if w.err == nil {
			w.err = judge(i, op, live, after[i])
		}
	}
	w.units = cost(w, before, after)
	if w.err != nil {
		return false, nil
	}
	for i, op := range w.ops {
		if op.Verb == table.Checking {
			continue
		}
		if err := f.replace(tx, before[i], after[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// judge says why operation i cannot be done, nil when it can.
func judge(i int, op table.Op, live, after *table.Item) error {
	if !op.Holds(live) {
		return &table.ConflictError{Op: i}
	}
	if after == nil {
		return nil
	}
	return table.Fits(*after)
}

func cost(w *write, before, after []*table.Item) table.Units {
	var sum table.Units
	for i, op := range w.ops {
		units := table.WriteUnits
		if w.err != nil {
			units = table.RefusedUnits
		}
		sum = sum.Plus(units(before[i], after[i], len(w.ops) > 1 || op.Verb == table.Checking))
	}
	return sum
}

// replace puts one item in place of another under the same key, in the table,
// its indexes and the list of what expires; nil is "no item".
func (f *file) replace(tx *bbolt.Tx, before, after *table.Item) error {
	f.stale = f.stale || isAnswer(before) || isAnswer(after)
	was, is := entries(before), entries(after)
	for _, e := range was {
		if slices.ContainsFunc(is, e.sameKey) {
			continue
		}
		if err := tx.Bucket(e.bucket).Delete(e.key); err != nil {
			return err
		}
	}
	for _, e := range is {
		if slices.ContainsFunc(was, e.same) {
			continue
		}
		if err := tx.Bucket(e.bucket).Put(e.key, e.value); err != nil {
			return err
		}
	}
	return nil
}

func isAnswer(it *table.Item) bool { return it != nil && it.Table == table.Answers }

// sweep takes out up to limit items that have expired.
func (f *file) sweep(tx *bbolt.Tx, limit int) error {
	now := f.now()
	expiry := tx.Bucket(bucketExpiry)
	for range limit {
		first, _ := expiry.Cursor().First()
		if first == nil {
			return nil
		}
		second, key, err := readExpiryKey(first)
		if err != nil || int64(second) > now.Unix() {
			return err
		}
		it, err := stored(tx, key)
		if err != nil {
			return err
		}
		if it == nil {
			return fmt.Errorf("%w: what expires is not there", errDamaged)
		}
		if err := f.replace(tx, it, nil); err != nil {
			return err
		}
	}
	return nil
}

// entry is one of those that an item has in the file.
type entry struct {
	bucket, key, value []byte
}

func entries(it *table.Item) []entry {
	if it == nil {
		return nil
	}
	all := []entry{{bucketOf(it.Table), itemKey(it.Key), encode(it)}}
	for _, ix := range []table.Index{table.Due, table.By} {
		if p := it.Place(ix); p.PK != "" {
			all = append(all, entry{bucketFor(ix), placeKey(p, it.Key), encodeEntry(it, ix)})
		}
	}
	if !it.Expires.IsZero() {
		all = append(all, entry{bucketExpiry, expiryKey(it), nil})
	}
	return all
}

func (e entry) sameKey(f entry) bool {
	return bytes.Equal(e.bucket, f.bucket) && bytes.Equal(e.key, f.key)
}

func (e entry) same(f entry) bool { return e.sameKey(f) && bytes.Equal(e.value, f.value) }

// Package bolt keeps tables in one file on this machine, on go.etcd.io/bbolt:
// durable (a write is answered after fsync), for one process at a time.
//
// Buckets of the file, keys in the order-keeping coding of keys.go:
//
//	meta      format   file format, decimal
//	main      PK SK                  item (codec.go)
//	answers   PK SK                  item
//	due, by   PK SK of the place, PK SK of the item   kind and note
//	expiry    second, table, PK SK   nothing; what expires, oldest first
//
// One goroutine writes: it takes what waits, applies each write in order or
// refuses it, and commits all of it with one fsync. The process may die at any
// moment: what was answered is there, of what was not answered all or nothing.
//
// The file is to give away no more than its items do: who copies it must not
// see in it which answer came in together with which invitation. So nothing of
// an older state is left in it once a write to answers is answered (wipe.go).
// What remains: two copies of the file show what changed between them, and a
// copy made while a write is under way shows that write. A file system that
// keeps snapshots or a journal of data, and a solid state disk beneath it, may
// hold what was wiped. Where pages lie hints at what was written together. So
// no copies of the file are made while a survey runs, and the disk is encrypted.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

// Table is an open file. It is a table.Table, within the limits of package
// table.
type Table struct {
	table.Table
	file *file
}

// Option changes how a file is opened.
type Option func(*file)

// Clock gives the time by which items expire, in place of time.Now.
func Clock(now func() time.Time) Option { return func(f *file) { f.now = now } }

// ErrClosed answers writes after Close.
var ErrClosed = errors.New("table file is closed")

// Close ends the writing goroutine when what waits is written, and closes the
// file.
func (t *Table) Close() error {
	t.file.closing.Do(func() { close(t.file.stop) })
	<-t.file.stopped
	var err error
	if t.file.stale {
		err = t.file.settle(t.file.state)
	}
	return errors.Join(err, t.file.db.Close())
}

// Get reads one item.
func (f *file) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if err := ctx.Err(); err != nil {
		return table.Item{}, err
	}
	var it *table.Item
	err := f.view(func(tx *bbolt.Tx) (err error) {
		it, err = stored(tx, k)
		return err
	})
	if err != nil {
		return table.Item{}, fmt.Errorf("reading %s: %w", k, err)
	}
	if it == nil {
		table.Spend(ctx, table.ReadUnits(0, false))
		return table.Item{}, table.ErrNotFound
	}
	table.Spend(ctx, table.ReadUnits(table.Size(*it), false))
	if it.ExpiredAt(f.now()) {
		return table.Item{}, table.ErrNotFound
	}
	return *it, nil
}

// view runs a function in a reading transaction.
func (f *file) view(read func(*bbolt.Tx) error) error {
	f.reading.RLock()
	defer f.reading.RUnlock()
	return guarded(func() error { return f.db.View(read) })
}

// stored gives what stands under a key, expired or not; nil when nothing does.
func stored(tx *bbolt.Tx, k table.Key) (*table.Item, error) {
	raw := tx.Bucket(bucketOf(k.Table)).Get(itemKey(k))
	if raw == nil {
		return nil, nil
	}
	it, err := decode(k, raw)
	if err != nil {
		return nil, err
	}
	return &it, nil
}

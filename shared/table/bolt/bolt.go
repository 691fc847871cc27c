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
	return t.file.db.Close()
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

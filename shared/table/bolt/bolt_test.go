package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
)

func TestBoltConforms(t *testing.T) {
	t.Parallel()
	tabletest.Conformance(t, func(t testing.TB) table.Table { return tabletest.New(t) })
}

func FuzzActsAsAMap(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { tabletest.Random(t, tabletest.New(t), seed, 60) })
}

func open(t testing.TB, path string, options ...bolt.Option) *bolt.Table {
	t.Helper()
	f, err := bolt.Open(path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func key(sk string) table.Key { return table.Key{PK: "p", SK: sk} }

func put(t *testing.T, tb table.Table, items ...table.Item) {
	t.Helper()
	for _, it := range items {
		if err := tb.Write(t.Context(), table.Put(it)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReopeningFindsEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	for i := range 3 {
		f := open(t, path)
		put(t, f, table.Item{Key: key(fmt.Sprint(i)), Due: table.Place{PK: "due#0", SK: "1"}})
		for _, q := range []table.Query{{PK: "p"}, {Index: table.Due, PK: "due#0"}} {
			if page, err := f.Query(t.Context(), q); err != nil || len(page.Items) != i+1 {
				t.Errorf("round %d: %d items, %v", i, len(page.Items), err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusedWritesDoNotHurtTheirBatch(t *testing.T) {
	t.Parallel()
	f := tabletest.New(t)
	put(t, f, table.Item{Key: key("guard"), Version: 1})
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			mine := table.Put(table.Item{Key: key(fmt.Sprintf("item %03d", i))})
			err := f.Write(t.Context(), mine, table.Check(key("guard"), table.AtVersion(int64(i%2))))
			if refused := errors.Is(err, table.ErrConflict); refused != (i%2 == 0) || err != nil && !refused {
				t.Errorf("write %d gave %v", i, err)
			}
		})
	}
	all.Wait()
	n := 0
	for it, err := range table.All(t.Context(), f, table.Query{PK: "p", Prefix: "item"}) {
		if n++; err != nil || (it.SK[len(it.SK)-1]-'0')%2 == 0 {
			t.Errorf("got %s, %v", it.Key, err)
		}
	}
	if n != 100 {
		t.Errorf("got %d items, want 100", n)
	}
}

func TestCloseAnswersWhatWaitsAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	f := open(t, path)
	var all sync.WaitGroup
	answers := make([]error, 100)
	for i := range answers {
		all.Go(func() { answers[i] = f.Write(t.Context(), table.Put(table.Item{Key: key(fmt.Sprint(i))})) })
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := f.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := f.Write(t.Context(), table.Delete(key("0"))); !errors.Is(err, bolt.ErrClosed) {
		t.Errorf("writing after Close: %v", err)
	}
	f = open(t, path)
	for i, answer := range answers {
		_, err := f.Get(t.Context(), key(fmt.Sprint(i)))
		if found := err == nil; found != (answer == nil) || answer != nil && !errors.Is(answer, bolt.ErrClosed) {
			t.Errorf("write %d was answered %v and is there: %v", i, answer, found)
		}
	}
}

func TestCancelledCallsDoNothing(t *testing.T) {
	t.Parallel()
	f := tabletest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, getErr := f.Get(ctx, key("a"))
	_, queryErr := f.Query(ctx, table.Query{PK: "p"})
	writeErr := f.Write(ctx, table.Put(table.Item{Key: key("a")}))
	for _, err := range []error{getErr, queryErr, writeErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := f.Get(t.Context(), key("a")); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// clock is a time that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestExpiryFollowsTheClockAndEmptiesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	c := &clock{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
	f := open(t, path, bolt.Clock(c.Now))
	for i := range 20 {
		it := table.Item{Key: key(fmt.Sprint(i)), Due: table.Place{PK: "due#0", SK: "1"}, Expires: c.now.Add(time.Minute)}
		put(t, f, it)
	}
	kept := table.Item{Key: key("kept"), Expires: c.now.Add(time.Minute)}
	put(t, f, kept)
	if err := f.Write(t.Context(), table.Update(kept.Key, table.Change{Expires: new(c.now.Add(time.Hour))})); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Minute - time.Second)
	if _, err := f.Get(t.Context(), key("0")); err != nil {
		t.Errorf("a second too early: %v", err)
	}
	c.advance(time.Second)
	if _, err := f.Get(t.Context(), key("0")); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("in time: %v", err)
	}
	put(t, f, table.Item{Key: key("another")})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if n := entries(t, path, "main"); n != 20 {
		t.Errorf("a write took out %d expired items, want 2", 22-n)
	}
	if err := open(t, path, bolt.Clock(c.Now)).Close(); err != nil {
		t.Fatal(err)
	}
	for bucket, want := range map[string]int{"main": 2, "due": 0, "expiry": 1} {
		if n := entries(t, path, bucket); n != want {
			t.Errorf("after opening, %s has %d entries, want %d", bucket, n, want)
		}
	}
}

// entries counts what a bucket of a closed file has.
func entries(t *testing.T, path, bucket string) (n int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}

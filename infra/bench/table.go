package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

const (
	tableWriters = 16
	tableRounds  = 6
	tableRound   = 700 * time.Millisecond
)

// store is one way to make something durable; do is called by many at once.
type store struct {
	name  string
	do    func(n int64) error
	close func() error
	calls atomic.Int64
	best  result // the fastest round: the others were disturbed more
}

func benchTable(w io.Writer) error {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a left-over temporary folder harms nobody
	fmt.Fprintf(w, "%d writers, fsync on; the fastest of %d rounds of %s each, in turn. Both sides write the same keys and bodies of 1 KB.\n"+
		"The bare database has no conditions, indexes or limits; in the transactions it reads what ours checks.\n\n", tableWriters, tableRounds, tableRound)
	fmt.Fprint(w, "| | a second | share of the best bare one | p50 ms | p99 ms |\n|---|---|---|---|---|\n")
	for _, kind := range []string{"put", "transaction"} {
		if err := compareStores(w, dir, kind); err != nil {
			return err
		}
	}
	return nil
}

func compareStores(w io.Writer, dir, kind string) error {
	stores, err := openStores(dir, kind)
	if err != nil {
		return err
	}
	for range tableRounds {
		for _, s := range stores {
			r, err := during(tableRound, tableWriters, func(int) error { return s.do(s.calls.Add(1)) })
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if r.rate() > s.best.rate() {
				s.best = r
			}
		}
	}
	best := 0.0
	for _, s := range stores[1:] {
		best = max(best, s.best.rate())
	}
	for _, s := range stores {
		fmt.Fprintf(w, "| %s | %.0f | %.2f | %s | %s |\n", s.name, s.best.rate(), s.best.rate()/best, s.best.ms(0.5), s.best.ms(0.99))
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

// openStores gives ours first, then the bare ones: as bbolt's Batch comes, with
// its batch as large as there are writers (it then waits for nobody), and one
// transaction each.
func openStores(dir, kind string) ([]*store, error) {
	ours, err := openOurs(filepath.Join(dir, kind+"-ours.db"), kind)
	if err != nil {
		return nil, err
	}
	stores := []*store{ours}
	for _, way := range []struct {
		name string
		size int
		run  func(*bbolt.DB) func(func(*bbolt.Tx) error) error
	}{
		{"db.Batch, batches of 16", tableWriters, func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Batch }},
		{"db.Batch as it comes", 1000, func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Batch }},
		{"db.Update", 0, func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Update }},
	} {
		db, err := openBare(filepath.Join(dir, fmt.Sprintf("%s-%d.db", kind, len(stores))))
		if err != nil {
			return nil, err
		}
		db.MaxBatchSize = way.size
		write := way.run(db)
		do := func(n int64) error { return write(func(tx *bbolt.Tx) error { return barePut(tx, n) }) }
		if kind == "transaction" {
			do = func(n int64) error { return write(func(tx *bbolt.Tx) error { return bareTransaction(tx, n) }) }
		}
		stores = append(stores, &store{name: kind + ", bare: " + way.name, do: do, close: db.Close})
	}
	return stores, nil
}

// openOurs writes through the table's door. The transaction is that of a step:
// two new items, a counter and a check.
func openOurs(file, kind string) (*store, error) {
	t, err := bolt.Open(file)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	s := &store{name: kind + ", ours", close: t.Close}
	s.do = func(n int64) error { return t.Write(ctx, table.Put(benchItem(n, "put"))) }
	if kind == "transaction" {
		s.do = func(n int64) error {
			return t.Write(ctx,
				table.Put(benchItem(n, "head"), table.Absent()), table.Put(benchItem(n, "mail"), table.Absent()),
				table.Update(table.Key{PK: "count", SK: counter(n)}, table.Change{Add: map[string]int64{"n": 1}}),
				table.Check(guard, table.AtVersion(1)))
		}
	}
	return s, t.Write(ctx, table.Put(table.Item{Key: guard, Version: 1}))
}

var (
	guard      = table.Key{PK: "guard", SK: "guard"}
	bareBucket = []byte("main")
	bareBody   = fmt.Appendf(nil, `{"text":"%0980d"}`, 0)
)

func counter(n int64) string { return fmt.Sprint(n % 64) }

func benchItem(n int64, kind string) table.Item {
	// The keys jump about as random ones do.
	return table.Item{
		Key:  table.Key{PK: fmt.Sprintf("case#%08d", n*2654435761%100000000), SK: kind},
		Kind: kind, Version: 1, Body: bareBody,
	}
}

func openBare(file string) (*bbolt.DB, error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	return db, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket(bareBucket)
		if err != nil {
			return err
		}
		return b.Put(bareKey(guard), []byte{1})
	})
}

func bareKey(k table.Key) []byte { return []byte(k.PK + "\x00" + k.SK) }

func barePut(tx *bbolt.Tx, n int64) error {
	it := benchItem(n, "put")
	return tx.Bucket(bareBucket).Put(bareKey(it.Key), it.Body)
}

func bareTransaction(tx *bbolt.Tx, n int64) error {
	b := tx.Bucket(bareBucket)
	for _, kind := range []string{"head", "mail"} {
		it := benchItem(n, kind)
		key := bareKey(it.Key)
		b.Get(key)
		if err := b.Put(key, it.Body); err != nil {
			return err
		}
	}
	b.Get(bareKey(guard))
	key := bareKey(table.Key{PK: "count", SK: counter(n)})
	next := byte(0)
	if old := b.Get(key); len(old) > 0 {
		next = old[0] + 1
	}
	return b.Put(key, append([]byte{next}, make([]byte, 31)...))
}

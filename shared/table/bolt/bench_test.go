package bolt_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

const writers = 16

// BenchmarkPuts is one durable put of 1 KB by each of 16 writers.
func BenchmarkPuts(b *testing.B) {
	f := open(b, filepath.Join(b.TempDir(), "table.db"))
	parallel(b, func(n int64) error {
		return f.Write(b.Context(), table.Put(benchItem(n, "put")))
	})
}

// BenchmarkTransactions is a step's transaction: two puts, an update and a
// check, by each of 16 writers.
func BenchmarkTransactions(b *testing.B) {
	f := open(b, filepath.Join(b.TempDir(), "table.db"))
	guard := table.Item{Key: table.Key{PK: "guard", SK: "guard"}, Version: 1}
	if err := f.Write(b.Context(), table.Put(guard)); err != nil {
		b.Fatal(err)
	}
	parallel(b, func(n int64) error {
		head, mail := benchItem(n, "head"), benchItem(n, "mail")
		count := table.Key{PK: "count", SK: fmt.Sprint(n % 64)}
		return f.Write(b.Context(),
			table.Put(head, table.Absent()), table.Put(mail, table.Absent()),
			table.Update(count, table.Change{Add: map[string]int64{"n": 1}}),
			table.Check(guard.Key, table.AtVersion(1)))
	})
}

// BenchmarkBareBatchPuts is the floor for BenchmarkPuts: the same key and
// bytes by bbolt's own db.Batch, without conditions, indexes or limits.
func BenchmarkBareBatchPuts(b *testing.B) {
	bareBatch(b, "put")
}

// BenchmarkBareBatchTransactions is the floor for BenchmarkTransactions: four
// puts of which two have 1 KB.
func BenchmarkBareBatchTransactions(b *testing.B) {
	bareBatch(b, "head", "mail", "count", "check")
}

func bareBatch(b *testing.B, kinds ...string) {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.MaxBatchSize = writers // else each batch waits 10 ms for more
	name := []byte("main")
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket(name); return err }); err != nil {
		b.Fatal(err)
	}
	parallel(b, func(n int64) error {
		return db.Batch(func(tx *bbolt.Tx) error {
			for i, kind := range kinds {
				it := benchItem(n, kind)
				if i > 1 {
					it.Body = it.Body[:32]
				}
				if err := tx.Bucket(name).Put([]byte(it.PK+"\x00"+it.SK), it.Body); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func parallel(b *testing.B, do func(n int64) error) {
	b.Helper()
	var n atomic.Int64
	b.SetParallelism(max(1, writers/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(n.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

var filler = fmt.Sprintf(`{"text":"%0980d"}`, 0)

func benchItem(n int64, kind string) table.Item {
	return table.Item{
		Key:  table.Key{PK: fmt.Sprintf("case#%08d", n*2654435761%100000000), SK: kind},
		Kind: kind, Version: 1, Body: []byte(filler),
	}
}

// BenchmarkSubmissions is what taking an answer to a survey writes: an
// invitation becomes used, the head counts, an answer of 2 KB comes in.
func BenchmarkSubmissions(b *testing.B) {
	f := open(b, filepath.Join(b.TempDir(), "table.db"))
	head := table.Key{PK: "survey#A", SK: "head"}
	if err := f.Write(b.Context(), table.Put(table.Item{Key: head, Version: 1, Body: []byte(filler)})); err != nil {
		b.Fatal(err)
	}
	parallel(b, func(n int64) error {
		return f.Write(b.Context(), submission(head, n)...)
	})
}

func submission(head table.Key, n int64) []table.Op {
	id := fmt.Sprintf("%08d", n*2654435761%100000000)
	return []table.Op{
		table.Put(table.Item{Key: table.Key{PK: head.PK, SK: "invitation#" + id}, Version: 2, Body: []byte(`{"state":"used"}`)}),
		table.Update(head, table.Change{Add: map[string]int64{"answers": 1}}),
		table.Put(table.Item{Key: table.Key{Table: table.Answers, PK: head.PK, SK: id}, Body: []byte(filler + filler)}, table.Absent()),
	}
}

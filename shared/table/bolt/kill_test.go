package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// childVariable makes this test binary the process that is killed; its value
// is the file and the round.
const childVariable = "KOKOMA_TEST_WRITER"

func TestMain(m *testing.M) {
	if round, path, ok := strings.Cut(os.Getenv(childVariable), " "); ok {
		fmt.Fprintln(os.Stderr, "writing:", write(round, path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestKilledProcessKeepsWhatItAcknowledged kills a writing process without
// warning, several times on one file.
func TestKilledProcessKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	acknowledged := make(map[string]bool)
	for round := range 4 {
		for _, id := range runAndKill(t, path, round, 50+round*137) {
			acknowledged[id] = true
		}
		checkPairs(t, path, acknowledged)
	}
}

// runAndKill gives the ids that the child acknowledged; it is killed when
// there are enough of them.
func runAndKill(t *testing.T, path string, round, enough int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", childVariable, round, path))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "done "); ok {
			ids = append(ids, id)
		}
		if len(ids) == enough {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(ids) < enough {
		t.Fatalf("the child ended by itself after %d writes: %v", len(ids), err)
	}
	return ids
}

// checkPairs wants every acknowledged id, and of every id both items, the
// answer, the index entry and its part of the count.
func checkPairs(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	f := open(t, path)
	found := func(q table.Query) map[string]bool {
		ids := make(map[string]bool)
		for it, err := range table.All(t.Context(), f, q) {
			if err != nil {
				t.Fatal(err)
			}
			ids[it.SK] = true
		}
		return ids
	}
	answers := found(table.Query{Table: table.Answers, PK: "answer"})
	left, right := found(table.Query{PK: "left"}), found(table.Query{PK: "right"})
	due := found(table.Query{Index: table.Due, PK: "due#0"})
	for id := range acknowledged {
		if !left[id] {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	for id := range left {
		if !right[id] || !due[id] || !answers[id] {
			t.Errorf("%s is there by half", id)
		}
	}
	count, err := f.Get(t.Context(), table.Key{PK: "count", SK: "count"})
	if n := len(left); err != nil || int(count.Counters["n"]) != n || len(right) != n || len(due) != n || len(answers) != n {
		t.Errorf("%d and %d items, %d entries, counted %d, %v", n, len(right), len(due), count.Counters["n"], err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// write is what the process does that is killed. It ends by itself only if a
// write fails.
func write(round, path string) error {
	f, err := bolt.Open(path)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	failed := make(chan error)
	for writer := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%s-%d-%06d", round, writer, n)
				if err := writePair(context.Background(), f, id); err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println("done", id)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

func writePair(ctx context.Context, f *bolt.Table, id string) error {
	return f.Write(ctx,
		table.Put(table.Item{Key: table.Key{Table: table.Answers, PK: "answer", SK: id}, Body: []byte(filler)}, table.Absent()),
		table.Put(table.Item{Key: table.Key{PK: "left", SK: id}, Body: []byte(filler)}, table.Absent()),
		table.Put(table.Item{Key: table.Key{PK: "right", SK: id}, Due: table.Place{PK: "due#0", SK: id}}, table.Absent()),
		table.Update(table.Key{PK: "count", SK: "count"}, table.Change{Add: map[string]int64{"n": 1}}))
}

package bolt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

func invitation(i int) table.Key {
	return table.Key{PK: "survey#A", SK: fmt.Sprintf("invitation#%03d", i)}
}

// invited is a file with an open invitation for each of n people.
func invited(t *testing.T, path string, n int) *bolt.Table {
	t.Helper()
	f := open(t, path)
	for i := range n {
		put(t, f, table.Item{Key: invitation(i), Version: 1, Body: fmt.Appendf(nil, `{"open":"person%03d@example.org"}`, i)})
	}
	put(t, f, table.Item{Key: table.Key{PK: "survey#A", SK: "head"}, Version: 1, Body: []byte(filler)})
	return f
}

// submit is one person's answer.
func submit(t *testing.T, f *bolt.Table, i int) {
	t.Helper()
	if err := f.Write(t.Context(),
		table.Update(invitation(i), table.Change{Body: []byte(`{"used":true}`), Version: 2}, table.AtVersion(1)),
		table.Update(table.Key{PK: "survey#A", SK: "head"}, table.Change{Add: map[string]int64{"answers": 1}}),
		table.Put(table.Item{Key: answerOf(i), Body: fmt.Appendf(nil, `{"answer":"of %03d %s"}`, i, filler[:900])}, table.Absent()),
	); err != nil {
		t.Fatal(err)
	}
}

// answerOf scatters the answers, as their random keys do.
func answerOf(i int) table.Key {
	return table.Key{Table: table.Answers, PK: "survey#A", SK: fmt.Sprintf("%08x", uint32(i)*2654435761)}
}

func copied(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// roots counts the meta pages of a file that lead anywhere.
func roots(raw []byte) int {
	n := 0
	for _, at := range []int{16, os.Getpagesize() + 16} {
		if binary.NativeEndian.Uint32(raw[at:]) == 0xED0CDAED {
			n++
		}
	}
	return n
}

// TestCopyOfTheFileJoinsNothing: after each answer the file is copied. It holds no state but the present
// one: nothing of an invitation that was used, every answer once, one root.
func TestCopyOfTheFileJoinsNothing(t *testing.T) {
	t.Parallel()
	const people = 40
	path := filepath.Join(t.TempDir(), "table.db")
	f := invited(t, path, people)
	for i := range people {
		submit(t, f, i)
		if i%3 == 0 { // something else is written in between
			put(t, f, table.Item{Key: key(fmt.Sprint(i)), Due: table.Place{PK: "due#0", SK: "1"}})
			other := table.Put(table.Item{Key: table.Key{Table: table.Answers, PK: "other", SK: fmt.Sprint(i)}})
			if err := f.Write(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}
		raw := copied(t, path)
		if n := roots(raw); n != 1 {
			t.Fatalf("after answer %d: %d states can be read from the file, want 1", i, n)
		}
		for k := range people {
			open, answer := fmt.Appendf(nil, "person%03d@", k), fmt.Appendf(nil, "of %03d ", k)
			want := 1
			if k <= i {
				want = 0
			}
			if n := bytes.Count(raw, open); n != want {
				t.Fatalf("after answer %d: invitation %d stands open in the file %d times, want %d", i, k, n, want)
			}
			if n := bytes.Count(raw, answer); n != 1-want {
				t.Fatalf("after answer %d: answer %d stands in the file %d times, want %d", i, k, n, 1-want)
			}
		}
	}
}

// TestOldFilesAreWipedWhenOpened: what a process left that died between commit and wipe.
func TestOldFilesAreWipedWhenOpened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	f := invited(t, path, 5)
	for i := range 5 { // no answers are touched, so nothing is wiped
		if err := f.Write(t.Context(), table.Update(invitation(i), table.Change{Body: []byte(`{}`)})); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if raw := copied(t, path); !bytes.Contains(raw, []byte("person")) || roots(raw) != 2 {
		t.Fatal("nothing older is in the file: the test is blind")
	}
	open(t, path)
	if raw := copied(t, path); bytes.Contains(raw, []byte("person")) || roots(raw) != 1 {
		t.Errorf("older states are in the file, %d roots", roots(raw))
	}
}

// TestTornCommitAfterWipe: the next commit's meta page came to the disk by half. The state before is there.
func TestTornCommitAfterWipe(t *testing.T) {
	t.Parallel()
	for answers := 1; answers <= 2; answers++ { // the wiped meta page is once the first, once the second
		path := filepath.Join(t.TempDir(), "table.db")
		f := invited(t, path, answers)
		for i := range answers {
			submit(t, f, i)
		}
		raw := copied(t, path)
		for _, at := range []int{0, os.Getpagesize()} {
			if binary.NativeEndian.Uint32(raw[at+16:]) == 0 {
				copy(raw[at:at+40], raw[os.Getpagesize()-at:])
			}
		}
		torn := filepath.Join(t.TempDir(), "torn.db")
		if err := os.WriteFile(torn, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		g := open(t, torn)
		for i := range answers {
			if _, err := g.Get(t.Context(), answerOf(i)); err != nil {
				t.Errorf("%d answers: answer %d: %v", answers, i, err)
			}
		}
		other := table.Put(table.Item{Key: answerOf(99)})
		if err := g.Write(t.Context(), other); err != nil {
			t.Error(err)
		}
	}
}

// TestReadersSeeWholeStatesWhileOlderOnesAreWiped reads everything again and again while answers come in.
func TestReadersSeeWholeStatesWhileOlderOnesAreWiped(t *testing.T) {
	t.Parallel()
	const people = 120
	f := invited(t, filepath.Join(t.TempDir(), "table.db"), people)
	done := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			n := 0
			for _, err := range table.All(t.Context(), f, table.Query{PK: "survey#A"}) {
				if err != nil {
					t.Error(err)
					return
				}
				n++
			}
			if n != people+1 {
				t.Errorf("%d items read, want %d", n, people+1)
				return
			}
		}
	})
	for i := range people {
		submit(t, f, i)
	}
	close(done)
	reader.Wait()
}

// TestNothingOverwrittenIsLeft: items of all sizes come, change and go, many times between two writes to
// answers; after such a write the file holds what there is, and nothing that was.
func TestNothingOverwrittenIsLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	f := open(t, path)
	rng := rand.New(rand.NewPCG(7, 11))
	var gone []string
	now := map[table.Key]string{}
	for round := range 300 {
		k := key(fmt.Sprint(rng.IntN(30)))
		if old := now[k]; old != "" {
			gone = append(gone, old)
			delete(now, k)
		}
		op := table.Delete(k)
		if rng.IntN(3) > 0 {
			now[k] = fmt.Sprintf("mark%05d", round)
			body := fmt.Sprintf(`{"text":"%s"}`, strings.Repeat(now[k], 1+rng.IntN(40)*rng.IntN(40)))
			op = table.Put(table.Item{Key: k, Body: []byte(body)})
		}
		if err := f.Write(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		if rng.IntN(6) > 0 {
			continue
		}
		answer := table.Put(table.Item{Key: table.Key{Table: table.Answers, PK: "survey#A", SK: fmt.Sprint(round)}})
		if err := f.Write(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
		raw := copied(t, path)
		for _, mark := range gone {
			if bytes.Contains(raw, []byte(mark)) {
				t.Fatalf("round %d: %s is still in the file", round, mark)
			}
		}
	}
}

package tabletest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kokoma/shared/table"
)

// Random does random writes to an empty table and to a plain map, and wants
// the same of both: which writes are refused, at which operation, and what is
// stored after each.
func Random(t *testing.T, tb table.Table, seed uint64, writes int) {
	t.Helper()
	random(door{t, tb}, seed, writes)
}

func randomWrites(d door) { random(d, 1, 100) }

func random(t door, seed uint64, writes int) {
	m := model{random: rand.New(rand.NewPCG(seed, 0)), items: make(map[table.Key]table.Item), now: time.Now()}
	for range writes {
		ops := m.ops()
		want := m.write(ops)
		err := t.Write(t.Context(), ops...)
		got := -1
		if conflict, ok := errors.AsType[*table.ConflictError](err); ok {
			got = conflict.Op
		} else if err != nil {
			t.Fatalf("seed %d: writing %+v: %v", seed, ops, err)
		}
		if got != want {
			t.Fatalf("seed %d: writing %+v: refused at %d, the map at %d", seed, ops, got, want)
		}
		m.compare(t, seed)
	}
}

// model is the map. It knows nothing of package table's own rules.
type model struct {
	random *rand.Rand
	items  map[table.Key]table.Item
	now    time.Time
}

func (m *model) live(k table.Key) (table.Item, bool) {
	it, ok := m.items[k]
	if !ok || !it.Expires.IsZero() && !it.Expires.After(m.now) {
		return table.Item{Key: k}, false
	}
	return it, true
}

// write gives the operation that is refused, -1 when none is.
func (m *model) write(ops []table.Op) int {
	for i, op := range ops {
		it, there := m.live(op.Item.Key)
		for _, c := range op.Conds {
			if !holds(c, it, there) {
				return i
			}
		}
	}
	for _, op := range ops {
		switch op.Verb {
		case table.Putting:
			m.items[op.Item.Key] = op.Item
		case table.Deleting:
			delete(m.items, op.Item.Key)
		case table.Updating:
			it, _ := m.live(op.Item.Key)
			m.items[op.Item.Key] = changed(it, op.Change)
		}
	}
	return -1
}

func holds(c table.Cond, it table.Item, there bool) bool {
	return map[table.Want]bool{
		table.WantAbsent:  !there,
		table.WantExists:  there,
		table.WantVersion: it.Version == c.N,
		table.WantCounter: it.Counters[c.Name] == c.N,
		table.WantBelow:   it.Counters[c.Name] < c.N,
		table.WantDue:     it.Due == c.Place,
	}[c.Want]
}

func changed(it table.Item, ch table.Change) table.Item {
	it.Counters = maps.Clone(it.Counters)
	for name, n := range ch.Add {
		if it.Counters == nil {
			it.Counters = make(map[string]int64)
		}
		it.Counters[name] += n
	}
	if ch.Body != nil {
		it.Body = ch.Body
	}
	it.Version = cmp.Or(ch.Version, it.Version)
	it.Kind = cmp.Or(ch.Kind, it.Kind)
	for to, p := range map[*table.Place]*table.Place{&it.Due: ch.Due, &it.By: ch.By} {
		if p != nil {
			*to = *p
		}
	}
	if ch.Expires != nil {
		it.Expires = *ch.Expires
	}
	return it
}

// compare wants the table to hold what the map holds, in table and indexes.
func (m *model) compare(t door, seed uint64) {
	got, want := make(map[string]string), make(map[string]string)
	for k := range m.items {
		if it, ok := m.live(k); ok {
			want[k.String()] = show(it)
		}
	}
	for _, name := range []table.Name{table.Main, table.Answers} {
		for pk := range 2 {
			for it, err := range table.All(t.Context(), t, table.Query{Table: name, PK: fmt.Sprint(pk)}) {
				if err != nil {
					t.Fatal(err)
				}
				got[it.Key.String()] = show(it)
			}
		}
	}
	for _, ix := range []table.Index{table.Due, table.By} {
		m.compareIndex(t, ix, got, want)
	}
	if !maps.Equal(got, want) {
		t.Fatalf("seed %d:\n got %v\nwant %v", seed, got, want)
	}
}

// compareIndex adds the entries of live items: of expired ones an index may
// have them or not.
func (m *model) compareIndex(t door, ix table.Index, got, want map[string]string) {
	for k := range m.items {
		if it, ok := m.live(k); ok && it.Place(ix).PK != "" {
			want[string(ix)+" "+k.String()] = show(table.Item{Key: k, Kind: it.Kind, Due: it.Place(ix)})
		}
	}
	var places []string
	for it, err := range table.All(t.Context(), t, table.Query{Index: ix, PK: "place"}) {
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, it.Place(ix).SK)
		if _, live := m.live(it.Key); live {
			got[string(ix)+" "+it.Key.String()] = show(table.Item{Key: it.Key, Kind: it.Kind, Due: it.Place(ix)})
		}
	}
	if !slices.IsSorted(places) {
		t.Errorf("index %s out of order: %q", ix, places)
	}
}

// ops makes a random write.
func (m *model) ops() []table.Op {
	seen := make(map[table.Key]bool)
	var ops []table.Op
	for range 1 + m.random.IntN(4) {
		k := table.Key{PK: fmt.Sprint(m.random.IntN(2)), SK: fmt.Sprint(m.random.IntN(4))}
		if m.random.IntN(4) == 0 {
			k.Table = table.Answers
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		ops = append(ops, m.op(k))
	}
	return ops
}

func (m *model) op(k table.Key) table.Op {
	var conds []table.Cond
	for range m.random.IntN(3) {
		conds = append(conds, m.cond())
	}
	switch m.random.IntN(5) {
	case 0, 1:
		return table.Put(m.item(k), conds...)
	case 2:
		return table.Delete(k, conds...)
	case 3:
		return table.Check(k, append(conds, m.cond())...)
	}
	return table.Update(k, m.change(k.Table), conds...)
}

func (m *model) item(k table.Key) table.Item {
	it := table.Item{Key: k, Version: m.random.Int64N(3), Kind: m.pick("", "a", "b")}
	it.Body = []byte(m.pick("", "1", `{"a":"ä"}`))
	if len(it.Body) == 0 {
		it.Body = nil
	}
	if m.random.IntN(2) == 0 {
		it.Counters = map[string]int64{m.pick("n", "m"): m.random.Int64N(3)}
	}
	if k.Table == table.Main {
		it.Due, it.By = m.place(), m.place()
	}
	it.Expires = m.expiry()
	return it
}

func (m *model) change(name table.Name) table.Change {
	ch := table.Change{Add: map[string]int64{m.pick("n", "m"): m.random.Int64N(3) - 1}}
	if m.random.IntN(2) == 0 {
		ch.Version, ch.Kind, ch.Body = m.random.Int64N(3), m.pick("", "a", "b"), []byte("2")
	}
	if m.random.IntN(2) == 0 && name == table.Main {
		ch.Due = new(m.place())
	}
	if m.random.IntN(2) == 0 && name == table.Main {
		ch.By = new(m.place())
	}
	if m.random.IntN(4) == 0 {
		ch.Expires = new(m.expiry())
	}
	return ch
}

func (m *model) cond() table.Cond {
	n := m.random.Int64N(3)
	return []table.Cond{
		table.Absent(), table.Exists(), table.AtVersion(n), table.CounterIs("n", n), table.CounterBelow("n", n),
		table.DueIs(m.place()),
	}[m.random.IntN(6)]
}

func (m *model) place() table.Place {
	if m.random.IntN(2) == 0 {
		return table.Place{}
	}
	return table.Place{PK: "place", SK: m.pick("1", "2", "3"), Note: m.pick("", "x")}
}

// expiry is mostly never; an hour ago or ahead, so that the run is not at the
// edge.
func (m *model) expiry() time.Time {
	switch m.random.IntN(6) {
	case 0:
		return m.now.Add(-time.Hour).Truncate(time.Second).UTC()
	case 1:
		return m.now.Add(time.Hour).Truncate(time.Second).UTC()
	}
	return time.Time{}
}

func (m *model) pick(s ...string) string { return s[m.random.IntN(len(s))] }

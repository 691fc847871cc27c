package tabletest

import (
	"errors"
	"fmt"
	"sync"

	"kokoma/shared/table"
)

func conditionsDecide(d door) {
	due := table.Place{PK: "due#0", SK: "2026", Note: "n"}
	item := &table.Item{Version: 3, Counters: map[string]int64{"hits": 5, "zero": 0}, Due: due}
	bare := &table.Item{Kind: "bare"}
	for i, c := range []struct {
		before *table.Item
		cond   table.Cond
		want   bool
	}{
		{nil, table.Absent(), true},
		{item, table.Absent(), false},
		{nil, table.Exists(), false},
		{item, table.Exists(), true},
		{item, table.AtVersion(3), true},
		{item, table.AtVersion(2), false},
		{item, table.AtVersion(0), false},
		{bare, table.AtVersion(0), true},
		{bare, table.AtVersion(1), false},
		{nil, table.AtVersion(0), true},
		{nil, table.AtVersion(1), false},
		{item, table.CounterIs("hits", 5), true},
		{item, table.CounterIs("hits", 4), false},
		{item, table.CounterIs("zero", 0), true},
		{item, table.CounterIs("other", 0), true},
		{item, table.CounterIs("other", 1), false},
		{nil, table.CounterIs("hits", 0), true},
		{nil, table.CounterIs("hits", 1), false},
		{item, table.CounterBelow("hits", 6), true},
		{item, table.CounterBelow("hits", 5), false},
		{item, table.CounterBelow("other", 1), true},
		{item, table.CounterBelow("other", 0), false},
		{nil, table.CounterBelow("hits", 1), true},
		{nil, table.CounterBelow("hits", -1), false},
		{item, table.DueIs(due), true},
		{item, table.DueIs(table.Place{PK: "due#0", SK: "2026"}), false},
		{item, table.DueIs(table.Place{PK: "due#0", SK: "2027", Note: "n"}), false},
		{item, table.DueIs(table.Place{}), false},
		{bare, table.DueIs(table.Place{}), true},
		{bare, table.DueIs(due), false},
		{nil, table.DueIs(table.Place{}), true},
		{nil, table.DueIs(due), false},
	} {
		d.tryCondition(fmt.Sprintf("case %d", i), c.before, c.cond, c.want)
	}
}

// tryCondition puts the condition on every verb, alone and in a transaction.
func (d door) tryCondition(pk string, before *table.Item, c table.Cond, want bool) {
	d.Helper()
	for verb, op := range map[string]func(table.Key) table.Op{
		"put":    func(k table.Key) table.Op { return table.Put(table.Item{Key: k, Kind: "put"}, c) },
		"update": func(k table.Key) table.Op { return table.Update(k, table.Change{Kind: "updated"}, c) },
		"delete": func(k table.Key) table.Op { return table.Delete(k, c) },
		"check":  func(k table.Key) table.Op { return table.Check(k, c) },
	} {
		for _, sk := range []string{verb + " alone", verb + " with another"} {
			k := key(pk, sk)
			if before != nil {
				it := *before
				it.Key = k
				d.write(table.Put(it))
			}
			ops := []table.Op{op(k)}
			if sk != verb+" alone" {
				ops = append(ops, table.Put(table.Item{Key: key(pk, sk+" one")}))
			}
			err := d.Write(d.Context(), ops...)
			if want && err != nil || !want && !errors.Is(err, table.ErrConflict) {
				d.Errorf("%s of %v with %+v: got %v, want it to hold: %v", sk, before, c, err, want)
			}
		}
	}
}

func allConditions(d door) {
	it := table.Item{Key: key("a", "b"), Version: 1, Counters: map[string]int64{"n": 1}}
	d.write(table.Put(it))
	good, bad := table.AtVersion(1), table.CounterIs("n", 2)
	d.refused(0, table.Delete(it.Key, good, bad))
	d.refused(0, table.Delete(it.Key, bad, good))
	d.write(table.Delete(it.Key, good, table.CounterBelow("n", 2), table.Exists(), table.DueIs(table.Place{})))
	d.hasNot(it.Key)
}

func allOrNothing(d door) {
	old := table.Item{Key: key("a", "old"), Kind: "old"}
	d.write(table.Put(old))
	place := &table.Place{PK: "due#0", SK: "1"}
	d.refused(3,
		table.Put(table.Item{Key: key("a", "new"), By: *place}),
		table.Update(old.Key, table.Change{Kind: "changed", Due: place}),
		table.Delete(key("a", "gone")),
		table.Check(key("b", "guard"), table.Exists()))
	d.has(old)
	d.hasNot(key("a", "new"))
	d.finds(table.Query{Index: table.Due, PK: "due#0"})
	d.finds(table.Query{Index: table.By, PK: "due#0"})

	d.write(
		table.Put(table.Item{Key: key("a", "new"), By: *place}),
		table.Update(key("a", "made"), table.Change{Kind: "made", Due: place}),
		table.Delete(old.Key),
		table.Check(key("b", "guard"), table.Absent()))
	d.finds(table.Query{PK: "a"}, "made", "new")
	d.finds(table.Query{Index: table.Due, PK: "due#0"}, "1")
	d.finds(table.Query{Index: table.By, PK: "due#0"}, "1")
}

func conflictNames(d door) {
	d.write(table.Put(table.Item{Key: key("a", "there")}))
	fine := table.Put(table.Item{Key: key("a", "fine")}, table.Absent())
	d.refused(1, fine, table.Put(table.Item{Key: key("a", "there")}, table.Absent()), table.Check(key("a", "none"), table.Exists()))
	d.refused(2, fine, table.Check(key("a", "there"), table.Exists()), table.Delete(key("a", "none"), table.Exists()))
	d.refused(0, table.Check(key("a", "none"), table.Exists()))
}

func acrossTables(d door) {
	answer := table.Item{Key: table.Key{Table: table.Answers, PK: "a", SK: "b"}, Kind: "answer"}
	used := table.Item{Key: key("a", "b"), Kind: "invitation", Counters: map[string]int64{"used": 1}}
	write := []table.Op{
		table.Put(answer, table.Absent()),
		table.Update(used.Key, table.Change{Kind: used.Kind, Add: map[string]int64{"used": 1}}, table.CounterIs("used", 0)),
	}
	d.write(write...)
	d.refused(0, write...)
	d.refused(1, table.Put(table.Item{Key: table.Key{Table: table.Answers, PK: "a", SK: "c"}}), write[1])
	d.has(answer)
	d.has(used)
	d.finds(table.Query{Table: table.Answers, PK: "a"}, "b")
}

const goroutines = 50

// together runs the function in many goroutines at once.
func together(do func(i int)) {
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

func incrementsKept(d door) {
	k := key("a", "counter")
	together(func(int) {
		for {
			it, err := d.Get(d.Context(), k)
			if err != nil && !errors.Is(err, table.ErrNotFound) {
				d.Error(err)
				return
			}
			seen := it.Counters["n"]
			err = d.Write(d.Context(), table.Update(k, table.Change{Add: map[string]int64{"n": 1}}, table.CounterIs("n", seen)))
			if err == nil {
				return
			}
			if !errors.Is(err, table.ErrConflict) {
				d.Error(err)
				return
			}
		}
	})
	d.has(table.Item{Key: k, Counters: map[string]int64{"n": goroutines}})
}

func countsKept(d door) {
	k := key("a", "counter")
	together(func(i int) {
		ops := []table.Op{table.Update(k, table.Change{Add: map[string]int64{"n": 1}})}
		if i%2 == 0 {
			ops = append(ops, table.Put(table.Item{Key: key("b", fmt.Sprint(i))}))
		}
		err := d.Write(d.Context(), ops...)
		for errors.Is(err, table.ErrConflict) { // transactions may collide
			err = d.Write(d.Context(), ops...)
		}
		if err != nil {
			d.Error(err)
		}
	})
	d.has(table.Item{Key: k, Counters: map[string]int64{"n": goroutines}})
}

func oneWinner(d door) {
	k := key("a", "head")
	d.write(table.Put(table.Item{Key: k, Version: 1}))
	var mu sync.Mutex
	won := 0
	together(func(i int) {
		err := d.Write(d.Context(),
			table.Put(table.Item{Key: k, Version: 2}, table.AtVersion(1)),
			table.Put(table.Item{Key: key("a", fmt.Sprintf("event %d", i))}))
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			won++
		} else if !errors.Is(err, table.ErrConflict) {
			d.Error(err)
		}
	})
	if page := d.page(table.Query{PK: "a", Prefix: "event"}); won != 1 || len(page.Items) != 1 {
		d.Errorf("%d writers won and left %d events, want 1", won, len(page.Items))
	}
}

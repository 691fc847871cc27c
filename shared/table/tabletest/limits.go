package tabletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kokoma/shared/table"
)

func expiredUnseen(d door) {
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for i, at := range []time.Time{{}, past, future, past, past, {}} {
		d.write(table.Put(table.Item{Key: key("p", fmt.Sprint(i)), Expires: at}))
	}
	d.hasNot(key("p", "1"))
	d.finds(table.Query{PK: "p"}, "0", "2", "5")
	d.finds(table.Query{PK: "p", Desc: true}, "5", "2", "0")
	if page := d.page(table.Query{PK: "p", Limit: 3}); len(page.Items) != 3 {
		d.Errorf("expired items count towards the limit: page of %d", len(page.Items))
	}
	for _, limit := range []int{1, 2} {
		if all := d.follow(table.Query{PK: "p", Limit: limit}); len(all) != 3 {
			d.Errorf("pages of %d give %d items", limit, len(all))
		}
	}
}

func expiredAbsent(d door) {
	n := 0
	expired := func() table.Key {
		n++
		it := whole(key("p", fmt.Sprint(n)))
		it.Expires = time.Now().Add(-time.Minute)
		d.write(table.Put(it))
		return it.Key
	}
	other := table.Put(table.Item{Key: key("q", "other")})
	d.refused(0, table.Delete(expired(), table.Exists()))
	d.refused(0, table.Update(expired(), table.Change{Version: 8}, table.AtVersion(7)))
	d.refused(1, other, table.Check(expired(), table.CounterIs("hits", 3)))
	d.refused(0, table.Check(expired(), table.DueIs(whole(key("", "")).Due)), other)
	d.write(other, table.Check(expired(), table.Absent()))

	k := expired()
	d.write(table.Put(table.Item{Key: k, Kind: "new"}, table.Absent()))
	d.has(table.Item{Key: k, Kind: "new"})
	k = expired()
	d.write(table.Update(k, table.Change{Add: map[string]int64{"hits": 1}}))
	d.has(table.Item{Key: k, Counters: map[string]int64{"hits": 1}})
	k = expired()
	d.write(other, table.Update(k, table.Change{Add: map[string]int64{"hits": 1}, Version: 1}, table.CounterBelow("hits", 2), table.AtVersion(0)))
	d.has(table.Item{Key: k, Version: 1, Counters: map[string]int64{"hits": 1}})
	k = expired()
	d.write(table.Delete(k))
	d.hasNot(k)
	d.finds(table.Query{Index: table.By, PK: "by#none"})
}

func (d door) tooLarge(ops ...table.Op) {
	d.Helper()
	if err := d.Write(d.Context(), ops...); !errors.Is(err, table.ErrTooLarge) {
		d.Errorf("writing %s: got %v, want ErrTooLarge", names(ops), err)
	}
}

func limitsKept(d door) {
	fit := func(k table.Key, over int) table.Op {
		return table.Put(table.Item{Key: k, Body: text(table.MaxItem - len("pksk") - len(k.PK) - len(k.SK) - len("b") + over)})
	}
	k := key("p", "largest")
	d.write(fit(k, 0))
	d.tooLarge(fit(key("p", "too large"), 1))
	d.tooLarge(table.Update(k, table.Change{Kind: "k"}))
	d.tooLarge(table.Put(table.Item{Key: key("p", "other")}), table.Update(k, table.Change{Kind: "k"}))
	d.hasNot(key("p", "other"))

	var ops []table.Op
	for i := range table.MaxOps {
		ops = append(ops, table.Put(table.Item{Key: key("many", fmt.Sprint(i))}))
	}
	d.write(ops...)
	d.tooLarge(append(ops, table.Put(table.Item{Key: key("many", "100")}))...)

	ops = nil
	for i := range 11 {
		ops = append(ops, table.Put(table.Item{Key: key("big", fmt.Sprint(i)), Body: text(390_000)}))
	}
	d.tooLarge(ops...)
	d.write(ops[:10]...)
	if err := d.Write(d.Context(), table.Put(table.Item{Key: k}), table.Delete(k)); err == nil {
		d.Error("two operations on one key")
	}
}

func keysFormed(d door) {
	long := func(n int) string { return strings.Repeat("x", n) }
	pk, sk := long(table.MaxPK), long(table.MaxSK)
	it := table.Item{Key: key(pk, sk), Due: table.Place{PK: pk, SK: sk, Note: "n"}, By: table.Place{PK: pk, SK: sk}}
	d.write(table.Put(it))
	d.has(it)
	d.finds(table.Query{Index: table.Due, PK: pk}, sk)
	d.finds(table.Query{PK: pk, From: sk, To: sk}, sk)
	d.tooLarge(table.Put(table.Item{Key: key(pk+"x", sk)}))
	d.tooLarge(table.Put(table.Item{Key: key(pk, sk+"x")}))
	d.tooLarge(table.Put(table.Item{Key: key(pk, sk), Due: table.Place{PK: pk + "x", SK: sk}}))
	d.tooLarge(table.Put(table.Item{Key: key(pk, sk), By: table.Place{PK: pk, SK: sk + "x"}}))
	d.tooLarge(table.Update(key(pk, sk), table.Change{Due: &table.Place{PK: pk, SK: sk + "x"}}))
	for _, op := range []table.Op{
		table.Put(table.Item{Key: key("", "b")}),
		table.Put(table.Item{Key: key("a", "")}),
		table.Put(table.Item{Key: key("a", "\xff")}),
		table.Put(table.Item{Key: key("a", "b"), Body: []byte("\xff")}),
		table.Put(table.Item{Key: key("a", "b"), Due: table.Place{PK: "due#0"}}),
		table.Put(table.Item{Key: key("a", "b"), By: table.Place{SK: "1"}}),
		table.Put(table.Item{Key: table.Key{Table: "other", PK: "a", SK: "b"}}),
		table.Update(key("a", "b"), table.Change{}),
		table.Update(key("a", "b"), table.Change{Add: map[string]int64{"": 1}}),
		table.Check(key("a", "b")),
		table.Delete(key("a", "b"), table.CounterIs("", 1)),
		{},
	} {
		if err := d.Write(d.Context(), op); err == nil || errors.Is(err, table.ErrConflict) {
			d.Errorf("writing %+v: got %v, want an error", op, err)
		}
	}
	d.finds(table.Query{PK: "a"})
}

func (d door) costs(what string, want table.Units, call func(context.Context) error) {
	d.Helper()
	got, err := d.units(call)
	if err != nil && !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrNotFound) {
		d.Errorf("%s: %v", what, err)
	}
	if got != want {
		d.Errorf("%s: consumed %+v, want %+v", what, got, want)
	}
}

func writeUnits(d door) {
	a, b, c, large := key("p", "a"), key("p", "b"), key("p", "c"), key("p", "large")
	due := func(sk, note string) table.Place { return table.Place{PK: "due#0", SK: sk, Note: note} }
	at := func(p table.Place) table.Change { return table.Change{Due: &p} }
	hit := table.Change{Add: map[string]int64{"n": 1}}
	answer := table.Key{Table: table.Answers, PK: "a", SK: "b"}
	for _, step := range []struct {
		what  string
		units float64
		ops   []table.Op
	}{
		{"a small put", 1, []table.Op{table.Put(table.Item{Key: a, Version: 1})}},
		{"a put of 2.5 KB", 3, []table.Op{table.Put(table.Item{Key: large, Body: text(2500)})}},
		{"a small item in place of a large one", 3, []table.Op{table.Put(table.Item{Key: large})}},
		{"a large item in place of a small one", 3, []table.Op{table.Put(table.Item{Key: large, Body: text(2500)})}},
		{"counting in a large item", 3, []table.Op{table.Update(large, hit)}},
		{"a refused put", 1, []table.Op{table.Put(table.Item{Key: a}, table.Absent())}},
		{"a refused update of a large item", 3, []table.Op{table.Update(large, hit, table.AtVersion(9))}},
		{"deleting a large item", 3, []table.Op{table.Delete(large)}},
		{"deleting nothing", 1, []table.Op{table.Delete(large)}},
		{"a put with a place", 2, []table.Op{table.Put(table.Item{Key: b, Kind: "k", Due: due("1", "n")})}},
		{"the same again", 1, []table.Op{table.Put(table.Item{Key: b, Kind: "k", Due: due("1", "n")})}},
		{"another body", 1, []table.Op{table.Put(table.Item{Key: b, Kind: "k", Body: text(9), Due: due("1", "n")})}},
		{"moving the place", 3, []table.Op{table.Update(b, at(due("2", "n")))}},
		{"another note", 2, []table.Op{table.Update(b, at(due("2", "m")))}},
		{"another kind", 2, []table.Op{table.Update(b, table.Change{Kind: "l"})}},
		{"counting beside a place", 1, []table.Op{table.Update(b, hit)}},
		{"a long note", 4, []table.Op{table.Update(b, at(due("2", string(text(1100)))))}},
		{"a short note again", 4, []table.Op{table.Update(b, at(due("2", "")))}},
		{"entering the other index", 2, []table.Op{table.Update(b, table.Change{By: new(due("3", ""))})}},
		{"leaving one index", 2, []table.Op{table.Update(b, table.Change{By: new(table.Place)})}},
		{"deleting an item with a place", 2, []table.Op{table.Delete(b)}},
		{"two puts, one with a place", 7, []table.Op{table.Put(table.Item{Key: b, Due: due("1", "")}), table.Put(table.Item{Key: c, Body: text(2000)})}},
		{"a put and a check of 2 KB", 6, []table.Op{table.Put(table.Item{Key: b, Due: due("1", "")}), table.Check(c, table.Exists())}},
		{"a check of nothing", 4, []table.Op{table.Put(table.Item{Key: b, Due: due("1", "")}), table.Check(large, table.Absent())}},
		{"a refused transaction", 4, []table.Op{table.Put(table.Item{Key: b, Due: due("2", "")}), table.Check(large, table.Exists())}},
		{"moving and deleting", 8, []table.Op{table.Put(table.Item{Key: b, Due: due("2", "")}), table.Delete(c)}},
		{"a lone check", 2, []table.Op{table.Check(b, table.Exists())}},
		{"both tables", 4, []table.Op{table.Update(b, hit), table.Put(table.Item{Key: answer})}},
	} {
		d.costs(step.what, table.Units{Write: step.units}, func(ctx context.Context) error { return d.Write(ctx, step.ops...) })
	}
}

func readUnits(d door) {
	d.write(table.Put(table.Item{Key: key("p", "1"), Due: table.Place{PK: "due#0", SK: "1"}}))
	d.write(table.Put(table.Item{Key: key("p", "2"), Body: text(9000), Due: table.Place{PK: "due#0", SK: "2"}}))
	get := func(k table.Key) func(context.Context) error {
		return func(ctx context.Context) error { _, err := d.Get(ctx, k); return err }
	}
	d.costs("a small item", table.Units{Read: 1}, get(key("p", "1")))
	d.costs("an item of 9 KB", table.Units{Read: 3}, get(key("p", "2")))
	d.costs("no item", table.Units{Read: 1}, get(key("p", "3")))
	for _, c := range []struct {
		q    table.Query
		want float64
	}{
		{table.Query{PK: "p"}, 3},
		{table.Query{PK: "p", Eventual: true}, 1.5},
		{table.Query{PK: "p", Limit: 1}, 1},
		{table.Query{PK: "p", Prefix: "x"}, 1},
		{table.Query{PK: "none", Eventual: true}, 0.5},
		{table.Query{Index: table.Due, PK: "due#0"}, 0.5},
		{table.Query{Index: table.Due, PK: "due#1"}, 0.5},
	} {
		d.costs(fmt.Sprintf("%+v", c.q), table.Units{Read: c.want}, func(ctx context.Context) error {
			_, err := d.Query(ctx, c.q)
			return err
		})
	}
}

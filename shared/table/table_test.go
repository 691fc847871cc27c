package table

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSizeCountsNamesAndValues(t *testing.T) {
	t.Parallel()
	k := Key{PK: "ab", SK: "c"} // pk ab sk c: 7
	for _, c := range []struct {
		it   Item
		want int
	}{
		{Item{Key: k}, 7},
		{Item{Key: k, Kind: "case"}, 7 + 5},
		{Item{Key: k, Body: []byte(`"ä"`)}, 7 + 5},
		{Item{Key: k, Version: 7}, 7 + 1 + 2},
		{Item{Key: k, Version: 123}, 7 + 1 + 3},
		{Item{Key: k, Version: 1000}, 7 + 1 + 2},
		{Item{Key: k, Counters: map[string]int64{"n": 0}}, 7 + 3 + 1},
		{Item{Key: k, Counters: map[string]int64{"n": -15}}, 7 + 3 + 3},
		{Item{Key: k, Due: Place{PK: "d", SK: "s", Note: "n"}}, 7 + 7 + 7 + 9},
		{Item{Key: k, By: Place{PK: "d", SK: "s"}}, 7 + 6 + 6},
		{Item{Key: k, Expires: time.Unix(1772359201, 0)}, 7 + 3 + 6},
	} {
		if got := Size(c.it); got != c.want {
			t.Errorf("%+v has %d bytes, want %d", c.it, got, c.want)
		}
	}
}

func TestUnitsGrowAtTheEdges(t *testing.T) {
	t.Parallel()
	sized := func(n int) *Item { return &Item{Key: Key{PK: "p", SK: "s"}, Body: make([]byte, n-len("pkpsksb"))} }
	for n, want := range map[int]float64{100: 1, 1024: 1, 1025: 2, 2048: 2, MaxItem: 400} {
		if got := WriteUnits(nil, sized(n), false); got != (Units{Write: want}) {
			t.Errorf("writing %d bytes: %+v, want %v", n, got, want)
		}
		if got := WriteUnits(sized(n), sized(100), true); got != (Units{Write: 2 * want}) {
			t.Errorf("in a transaction, in place of %d bytes: %+v, want %v", n, got, 2*want)
		}
	}
	for n, want := range map[int]float64{0: 1, 1: 1, 4096: 1, 4097: 2, MaxPage: 256} {
		if got := ReadUnits(n, false); got != (Units{Read: want}) {
			t.Errorf("reading %d bytes: %+v, want %v", n, got, want)
		}
		if got := ReadUnits(n, true); got != (Units{Read: want / 2}) {
			t.Errorf("eventually, %d bytes: %+v, want %v", n, got, want/2)
		}
	}
}

func TestApplyLeavesTheItemBeforeAlone(t *testing.T) {
	t.Parallel()
	before := &Item{Key: Key{PK: "p", SK: "s"}, Counters: map[string]int64{"n": 1}}
	after := Update(before.Key, Change{Add: map[string]int64{"n": 1}}).Apply(before)
	after.Counters["m"] = 1
	if !reflect.DeepEqual(before.Counters, map[string]int64{"n": 1}) || after.Counters["n"] != 2 {
		t.Errorf("before %v, after %v", before.Counters, after.Counters)
	}
}

func TestDueAtIsNeverEarly(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 1, time.FixedZone("CET", 3600))
	p := DueAt("case#1", at, "remind")
	if p.SK != "2026-03-01T09:00:01Z" || p.Note != "remind" {
		t.Errorf("got %+v", p)
	}
	if back, err := p.Time(); err != nil || !back.Equal(time.Date(2026, 3, 1, 9, 0, 1, 0, time.UTC)) {
		t.Errorf("got %v, %v", back, err)
	}
	if q := DueUntil(2, at); q.Has(p.SK) || q.PK != "due#2" || q.Index != Due {
		t.Errorf("%+v finds it too early", q)
	}
	if q := DueUntil(2, at.Add(time.Second)); !q.Has(p.SK) {
		t.Errorf("%+v does not find it", q)
	}
	if _, err := (Place{PK: "due#0", SK: "soon"}).Time(); err == nil {
		t.Error("a place without a time has one")
	}
}

func TestDueAtSpreadsOwnersAndKeepsThem(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for i := range 1000 {
		seen[DueAt(fmt.Sprintf("case#%d", i), time.Unix(int64(i), 0), "").PK]++
	}
	for shard := range Shards() {
		if n := seen[DueUntil(shard, time.Now()).PK]; n < 100 {
			t.Errorf("shard %d has %d of 1000", shard, n)
		}
	}
	// Stored places depend on this.
	if p := DueAt("case#1", time.Unix(0, 0), ""); p.PK != "due#1" {
		t.Errorf("case#1 moved to %s", p.PK)
	}
}

func TestMeterAddsUp(t *testing.T) {
	t.Parallel()
	Spend(t.Context(), Units{Write: 1}) // nobody measures
	var m Meter
	ctx := WithMeter(t.Context(), &m)
	Spend(ctx, Units{Write: 1, Read: 0.5})
	Spend(ctx, Units{Write: 2})
	if write, read := m.Units(); write != 3 || read != 0.5 {
		t.Errorf("got %v and %v", write, read)
	}
}

// answering is a table that takes every write, or none.
type answering struct {
	Table
	err error
}

func (a answering) Write(context.Context, ...Op) error { return a.err }

func TestObserveTellsWhatWasWritten(t *testing.T) {
	t.Parallel()
	var told []Item
	inner := &answering{}
	tb := Observe(inner, func(_ context.Context, items []Item) { told = append(told, items...) })
	key := func(sk string) Key { return Key{PK: "p", SK: sk} }
	place := Place{PK: "due#0", SK: "1"}
	ops := []Op{
		Put(Item{Key: key("put"), Kind: "k", Due: place}),
		Update(key("update"), Change{Version: 2, Due: &place}),
		Delete(key("delete")),
		Check(key("check"), Exists()),
	}
	if err := tb.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	want := []Item{{Key: key("put"), Kind: "k", Due: place}, {Key: key("update"), Version: 2, Due: place}}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("told %+v, want %+v", told, want)
	}
	told = nil
	if err := tb.Write(t.Context(), ops[2:]...); err != nil || told != nil {
		t.Errorf("of deletes and checks: told %+v, %v", told, err)
	}
	inner.err = ErrConflict
	if err := tb.Write(t.Context(), ops...); !errors.Is(err, ErrConflict) || told != nil {
		t.Errorf("of a refused write: told %+v, %v", told, err)
	}
}

func TestCursorsComeBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    Query
		mark Mark
	}{
		{Query{}, Mark{SK: "ä\x00#"}},
		{Query{Index: Due}, Mark{Place: "1", PK: "p", SK: "s"}},
	} {
		c.q.Cursor = c.mark.Cursor()
		if strings.ContainsAny(c.q.Cursor, "+/=?&# ") {
			t.Errorf("cursor %q has to be escaped in an address", c.q.Cursor)
		}
		if got, ok, err := c.q.Mark(); err != nil || !ok || got != c.mark {
			t.Errorf("got %+v, %v, %v, want %+v", got, ok, err, c.mark)
		}
	}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  *ConflictError
		want string
	}{
		{&ConflictError{Op: 2}, "the condition of operation 2"},
		{&ConflictError{Op: 1, Collided: true}, "operation 1 met another transaction"},
	} {
		wrapped := fmt.Errorf("keeping: %w", c.err)
		if !errors.Is(wrapped, ErrConflict) || !strings.Contains(wrapped.Error(), c.want) {
			t.Errorf("got %v", wrapped)
		}
	}
	if k := (Key{PK: "a", SK: "b"}); k.String() != "main:a/b" {
		t.Errorf("got %s", k)
	}
}

func TestIllFormedKeysAreToldApart(t *testing.T) {
	t.Parallel()
	tb := Limited(&answering{})
	for name, k := range map[string]Key{
		"empty": {SK: "s"}, "no SK": {PK: "p"}, "no UTF-8": {PK: "p#\xff", SK: "s"}, "no UTF-8 SK": {PK: "p", SK: "\xff"},
		"long": {PK: strings.Repeat("x", MaxPK+1), SK: "s"}, "long SK": {PK: "p", SK: strings.Repeat("x", MaxSK+1)},
	} {
		_, got := tb.Get(t.Context(), k)
		errs := map[string]error{
			"get":    fmt.Errorf("reading: %w", got),
			"put":    tb.Write(t.Context(), Put(Item{Key: k})),
			"delete": tb.Write(t.Context(), Delete(k)),
			"check":  tb.Write(t.Context(), Put(Item{Key: Key{PK: "p", SK: "s"}}), Check(k, Exists())),
		}
		switch {
		case !strings.HasSuffix(name, "SK"):
			_, errs["query"] = tb.Query(t.Context(), Query{PK: k.PK})
			_, errs["index"] = tb.Query(t.Context(), Query{Index: By, PK: k.PK})
		case k.SK != "": // an empty bound is none
			_, errs["prefix"] = tb.Query(t.Context(), Query{PK: "p", Prefix: k.SK})
			_, errs["from"] = tb.Query(t.Context(), Query{PK: "p", From: k.SK})
		}
		for how, err := range errs {
			if !errors.Is(err, ErrKey) {
				t.Errorf("%s, %s: got %v, want ErrKey", name, how, err)
			}
		}
	}
	_, prefix := tb.Query(t.Context(), Query{PK: "p", Prefix: strings.Repeat("x", MaxSK)})
	if !errors.Is(prefix, ErrKey) {
		t.Errorf("a prefix that no key can have: %v", prefix)
	}
	long, ok := strings.Repeat("x", MaxSK+1), Key{PK: "p", SK: "s"}
	for _, it := range []Item{
		{Key: Key{Table: "other", PK: "p", SK: "s"}},
		{Key: ok, By: Place{PK: "p", SK: long}},
		{Key: ok, Body: []byte("\xff")},
		{Key: ok, Body: make([]byte, MaxItem)},
	} {
		if err := tb.Write(t.Context(), Put(it)); err == nil || errors.Is(err, ErrKey) {
			t.Errorf("a fault of the program or too much text: got %v, want an error that is not ErrKey", err)
		}
	}
}

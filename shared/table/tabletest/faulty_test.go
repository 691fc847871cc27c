package tabletest

import (
	"context"
	"errors"
	"testing"

	"kokoma/shared/table"
)

// A table without an order has no faults.
func TestFaultyConforms(t *testing.T) {
	t.Parallel()
	Conformance(t, func(t testing.TB) table.Table { return Faulty(New(t)) })
}

func faulty(t *testing.T) (*Faults, door) {
	f := Faulty(New(t))
	return f, door{t, f}
}

func item(sk string) table.Item {
	return table.Item{Key: key("p", sk), Due: table.Place{PK: "due#0", SK: sk}}
}

func TestConflictsAndThrottlingComeOnOrder(t *testing.T) {
	t.Parallel()
	f, d := faulty(t)
	f.Conflict(1)
	err := d.Write(t.Context(), table.Put(item("1")))
	if conflict, ok := errors.AsType[*table.ConflictError](err); !ok || !conflict.Collided {
		t.Errorf("got %v", err)
	}
	d.hasNot(key("p", "1"))
	d.write(table.Put(item("1")))

	f.Throttle(3)
	_, getErr := f.Get(t.Context(), key("p", "1"))
	_, queryErr := f.Query(t.Context(), table.Query{PK: "p"})
	for _, err := range []error{getErr, queryErr, f.Write(t.Context(), table.Put(item("2")))} {
		if !errors.Is(err, table.ErrThrottled) {
			t.Errorf("got %v", err)
		}
	}
	d.finds(table.Query{PK: "p"}, "1")
}

func TestIndexesLagByWrites(t *testing.T) {
	t.Parallel()
	f, d := faulty(t)
	d.write(table.Put(item("1")), table.Put(item("2")), table.Put(item("3")))
	moved := item("2")
	moved.Due.SK = "4"
	d.write(table.Put(moved))
	d.write(table.Delete(key("p", "1")))
	d.write(table.Put(item("5")))
	for lag, want := range [][]string{
		{"3", "4", "5"}, {"3", "4"}, {"1", "3", "4"}, {"1", "2", "3"}, nil, nil,
	} {
		f.Lag(lag)
		q := table.Query{Index: table.Due, PK: "due#0"}
		d.finds(q, want...)
		d.finds(table.Query{PK: "p"}, "2", "3", "5")
		if lag != 2 {
			continue
		}
		d.findsEveryWay(q, want)
		q.From, q.To = "2", "3"
		d.findsEveryWay(q, want)
		d.same(d.page(q).Items[0], table.Item{Key: key("p", "3"), Due: item("3").Due})
	}
}

func TestAProcessDiesAroundAWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order func(*Faults)
		there []string
	}{
		"before": {func(f *Faults) { f.Crash(2, false) }, []string{"1"}},
		"after":  {func(f *Faults) { f.Crash(2, true) }, []string{"1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, d := faulty(t)
			c.order(f)
			d.write(table.Put(item("1")))
			for _, sk := range []string{"2", "3"} {
				if err := f.Write(t.Context(), table.Put(item(sk))); !errors.Is(err, ErrCrashed) {
					t.Errorf("write %s gave %v", sk, err)
				}
			}
			if _, err := f.Get(t.Context(), key("p", "1")); !errors.Is(err, ErrCrashed) {
				t.Errorf("reading gave %v", err)
			}
			f.Revive()
			d.finds(table.Query{PK: "p"}, c.there...)
			d.write(table.Put(item("4")))
		})
	}
}

func TestFaultyDoesNotSpend(t *testing.T) {
	t.Parallel()
	_, d := faulty(t)
	d.costs("a put", table.Units{Write: 2}, func(ctx context.Context) error { return d.Write(ctx, table.Put(item("1"))) })
}

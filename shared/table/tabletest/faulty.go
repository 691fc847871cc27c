package tabletest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"kokoma/shared/table"
)

// ErrCrashed answers everything after a crash point.
var ErrCrashed = errors.New("tabletest: the process died here")

// Faults is a table that has, on order, the faults that DynamoDB has: two
// transactions that meet, throttling, indexes that follow late, and a process
// that dies around a write. It is itself a table.Table.
type Faults struct {
	inner table.Table

	mu        sync.Mutex
	conflicts int
	throttles int
	lag       int
	crash     crash
	past      []step // all writes through here, oldest first
}

// crash is a crash point: writes are counted down, and the one that reaches
// zero is the last; happens says whether it takes place.
type crash struct {
	set, happens, dead bool
	left               int
}

// step is what a write changed: the items before it, nil being "no item".
type step map[table.Key]*table.Item

// Faulty wraps a table that works. Writes that are to lag have to go through
// it.
func Faulty(inner table.Table) *Faults { return &Faults{inner: inner} }

// Conflict lets the next n writes meet another transaction.
func (f *Faults) Conflict(n int) { f.set(func() { f.conflicts = n }) }

// Throttle refuses the next n calls.
func (f *Faults) Throttle(n int) { f.set(func() { f.throttles = n }) }

// Lag lets indexes answer as they were n writes ago.
func (f *Faults) Lag(n int) { f.set(func() { f.lag = n }) }

// Crash lets the process die at the n-th write from now: before it, so that it
// does not happen, or after it, when it has happened though nobody hears of it.
// All later calls give ErrCrashed until Revive.
func (f *Faults) Crash(n int, after bool) {
	f.set(func() { f.crash = crash{set: true, happens: after, left: n} })
}

// Revive ends all faults.
func (f *Faults) Revive() {
	f.set(func() { f.conflicts, f.throttles, f.lag, f.crash = 0, 0, 0, crash{} })
}

func (f *Faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// Get reads, if the faults let it.
func (f *Faults) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if err := f.call(); err != nil {
		return table.Item{}, err
	}
	return f.inner.Get(ctx, k)
}

// Query reads, of an index perhaps what was there some writes ago.
func (f *Faults) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := f.call(); err != nil {
		return table.Page{}, err
	}
	undone := f.undone()
	if q.Index == table.Primary || len(undone) == 0 {
		return f.inner.Query(ctx, q)
	}
	return f.queryPast(ctx, q, undone)
}

// Write writes, if the faults let it. Writes go one after the other here.
func (f *Faults) Write(ctx context.Context, ops ...table.Op) error {
	if err := f.call(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conflicts > 0 {
		f.conflicts--
		return &table.ConflictError{Op: len(ops) - 1, Collided: true}
	}
	if f.crash.set {
		f.crash.left--
		f.crash.dead = f.crash.left <= 0
	}
	if f.crash.dead && !f.crash.happens {
		return ErrCrashed
	}
	before := make(step)
	for _, op := range ops {
		before[op.Item.Key] = f.now(ctx, op.Item.Key)
	}
	if err := f.inner.Write(ctx, ops...); err != nil {
		return err
	}
	f.past = append(f.past, before)
	if f.crash.dead {
		return ErrCrashed
	}
	return nil
}

// call gives the fault that any call can have.
func (f *Faults) call() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crash.dead {
		return ErrCrashed
	}
	if f.throttles > 0 {
		f.throttles--
		return table.ErrThrottled
	}
	return nil
}

// now reads an item without the meter of the context.
func (f *Faults) now(ctx context.Context, k table.Key) *table.Item {
	it, err := f.inner.Get(table.WithMeter(ctx, new(table.Meter)), k)
	if err != nil {
		return nil
	}
	return &it
}

// undone gives the items as they were before the writes that an index has not
// seen yet.
func (f *Faults) undone() step {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := make(step)
	for _, before := range slices.Backward(f.past[max(0, len(f.past)-f.lag):]) {
		maps.Copy(old, before)
	}
	return old
}

// queryPast answers a query of an index with the older items in place of the
// newer ones.
func (f *Faults) queryPast(ctx context.Context, q table.Query, undone step) (table.Page, error) {
	mark, marked, err := q.Mark()
	if err != nil {
		return table.Page{}, err
	}
	var entries []table.Item
	everything := table.Query{Index: q.Index, PK: q.PK}
	for it, err := range table.All(ctx, f.inner, everything) {
		if err != nil {
			return table.Page{}, err
		}
		if _, changed := undone[it.Key]; !changed {
			entries = append(entries, it)
		}
	}
	for _, it := range undone {
		if it != nil && it.Place(q.Index).PK == q.PK {
			entries = append(entries, it.Entry(q.Index))
		}
	}
	order := func(a, b table.Item) int { return compare(table.MarkOf(q, a), table.MarkOf(q, b)) }
	if q.Desc {
		forwards := order
		order = func(a, b table.Item) int { return forwards(b, a) }
	}
	slices.SortFunc(entries, order)
	behind := func(it table.Item) bool {
		c := compare(table.MarkOf(q, it), mark)
		return !marked || c > 0 && !q.Desc || c < 0 && q.Desc
	}
	return cut(q, slices.DeleteFunc(entries, func(it table.Item) bool {
		return !q.Has(it.Place(q.Index).SK) || !behind(it)
	})), nil
}

func compare(a, b table.Mark) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.PK, b.PK), cmp.Compare(a.SK, b.SK))
}

func cut(q table.Query, entries []table.Item) table.Page {
	page := table.Page{Items: entries}
	if q.Limit > 0 && len(entries) >= q.Limit {
		page.Items = entries[:q.Limit]
		page.Cursor = table.MarkOf(q, page.Items[q.Limit-1]).Cursor()
	}
	return page
}

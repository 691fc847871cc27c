package tabletest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"kokoma/shared/table"
)

// Conformance checks what every table promises; open gives an empty one.
func Conformance(t *testing.T, open func(testing.TB) table.Table) {
	for _, c := range []struct {
		claim string
		check func(door)
	}{
		{"an item comes back as it was put", comesBack},
		{"a put replaces all of an item", putReplaces},
		{"an update changes what it names", updateChanges},
		{"an update makes the item that is absent", updateMakes},
		{"a delete removes", deleteRemoves},
		{"main and answers are two tables", twoTables},
		{"a write of nothing does nothing", writeNothing},
		{"conditions decide", conditionsDecide},
		{"all conditions of an operation have to hold", allConditions},
		{"a write does all or nothing", allOrNothing},
		{"a conflict names the first operation", conflictNames},
		{"a write of both tables is one", acrossTables},
		{"conditional increments are never lost", incrementsKept},
		{"unconditional counts are never lost", countsKept},
		{"a version lets one writer win", oneWinner},
		{"items enter, move in and leave an index", indexPlaces},
		{"items share a place in an index", sharedPlace},
		{"an index gives key, kind and place only", indexProjects},
		{"a query gives its range in order", queryRanges},
		{"keys sort by bytes", byteOrder},
		{"partitions do not touch", partitionsApart},
		{"pages follow one another", pagesFollow},
		{"a page goes on after an item that went", pageAfterGone},
		{"a cursor fits its query only", cursorFits},
		{"a page ends at 1 MB", pageEnds},
		{"all ends at the limit and when nobody listens", allEnds},
		{"what has expired is not seen", expiredUnseen},
		{"what has expired counts as absent", expiredAbsent},
		{"random writes act as on a map", randomWrites},
		{"limits are kept", limitsKept},
		{"keys are well formed", keysFormed},
		{"writes cost what they should", writeUnits},
		{"reads cost what they should", readUnits},
	} {
		t.Run(strings.ReplaceAll(c.claim, " ", "-"), func(t *testing.T) {
			t.Parallel()
			c.check(door{T: t, Table: open(t)})
		})
	}
}

// door is a table with the test that tries it.
type door struct {
	*testing.T
	table.Table
}

// write wants the write to happen.
func (d door) write(ops ...table.Op) {
	d.Helper()
	if err := d.Write(d.Context(), ops...); err != nil {
		d.Fatalf("writing %s: %v", names(ops), err)
	}
}

// refused wants the write to fail at an operation's condition.
func (d door) refused(op int, ops ...table.Op) {
	d.Helper()
	err := d.Write(d.Context(), ops...)
	var conflict *table.ConflictError
	if !errors.Is(err, table.ErrConflict) || !errors.As(err, &conflict) {
		d.Fatalf("writing %s: got %v, want a conflict", names(ops), err)
	}
	if conflict.Op != op || conflict.Collided {
		d.Errorf("writing %s: got %+v, want operation %d", names(ops), conflict, op)
	}
}

// has wants the item to be stored so.
func (d door) has(want table.Item) {
	d.Helper()
	got, err := d.Get(d.Context(), want.Key)
	if err != nil {
		d.Fatalf("reading %s: %v", want.Key, err)
	}
	d.same(got, want)
}

func (d door) same(got, want table.Item) {
	d.Helper()
	if !reflect.DeepEqual(got, want) {
		d.Errorf("item %s:\n got %s\nwant %s", want.Key, show(got), show(want))
	}
}

// hasNot wants no item there.
func (d door) hasNot(k table.Key) {
	d.Helper()
	if got, err := d.Get(d.Context(), k); !errors.Is(err, table.ErrNotFound) {
		d.Errorf("reading %s: got %s, %v, want ErrNotFound", k, show(got), err)
	}
}

// page wants the query to work.
func (d door) page(q table.Query) table.Page {
	d.Helper()
	page, err := d.Query(d.Context(), q)
	if err != nil {
		d.Fatalf("query %+v: %v", q, err)
	}
	return page
}

// finds wants the query, followed to its end, to give these sort keys: of the
// items in a table, of their places in an index.
func (d door) finds(q table.Query, want ...string) {
	d.Helper()
	var got []string
	for it, err := range table.All(d.Context(), d, q) {
		if err != nil {
			d.Fatalf("query %+v: %v", q, err)
		}
		got = append(got, it.Place(q.Index).SK)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		d.Fatalf("query %+v:\n got %q\nwant %q", q, got, want)
	}
}

// units gives what the call consumed.
func (d door) units(call func(context.Context) error) (table.Units, error) {
	m := new(table.Meter)
	err := call(table.WithMeter(d.Context(), m))
	write, read := m.Units()
	return table.Units{Write: write, Read: read}, err
}

func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }

// text is a body of this many bytes.
func text(bytes int) []byte { return []byte(`"` + strings.Repeat("x", bytes-2) + `"`) }

// show prints an item without the middle of a long body.
func show(it table.Item) string {
	if len(it.Body) > 100 {
		it.Body = append(it.Body[:50:50], fmt.Sprintf("… (%d bytes)", len(it.Body))...)
	}
	return fmt.Sprintf("{%s v%d %s %s %v due %q by %q expires %v}",
		it.Key, it.Version, it.Kind, it.Body, it.Counters, it.Due, it.By, it.Expires)
}

func names(ops []table.Op) string {
	var b strings.Builder
	for i, op := range ops {
		if i == 3 {
			fmt.Fprintf(&b, " … (%d)", len(ops))
			break
		}
		fmt.Fprintf(&b, " %d:%s", op.Verb, op.Item.Key)
	}
	return b.String()
}

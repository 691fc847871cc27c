package tabletest

import (
	"errors"
	"testing"

	"kokoma/shared/table"
)

func TestNewKeepsItems(t *testing.T) {
	t.Parallel()
	tb, ctx := New(t), t.Context()
	it := table.Item{Key: table.Key{PK: "a", SK: "b"}, Body: []byte(`{}`), Due: table.Place{PK: "due#0", SK: "1"}}
	if err := tb.Write(ctx, table.Put(it, table.Absent())); err != nil {
		t.Fatal(err)
	}
	if err := tb.Write(ctx, table.Put(it, table.Absent())); !errors.Is(err, table.ErrConflict) {
		t.Errorf("second put gave %v", err)
	}
	n := 0
	for got, err := range table.All(ctx, tb, table.Query{Index: table.Due, PK: "due#0"}) {
		if err != nil || got.PK != "a" {
			t.Errorf("got %v, %v", got, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("got %d entries", n)
	}
}

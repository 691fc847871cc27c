package municipality

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"kokoma/shared/table"
)

// batch is how many operations go into one write. The door allows 100; a
// municipality needs some five.
const batch = 80

// Imported says what an import changed.
type Imported struct {
	Added, Changed, Removed, Unchanged int
}

// Import makes the stored register equal to places, for every Land that
// places has an entry of; other Länder stay as they are. What did not change
// is not written. Each municipality is written whole, so an import that was
// interrupted is completed by running it again.
func (r *Register) Import(ctx context.Context, places []Municipality) (Imported, error) {
	before, err := r.storedOf(ctx, places)
	if err != nil {
		return Imported{}, fmt.Errorf("reading the stored register: %w", err)
	}
	var done Imported
	w := writer{table: r.table}
	for _, m := range places {
		old, known := before[m.Key]
		delete(before, m.Key)
		switch {
		case !known:
			done.Added++
		case old == m:
			done.Unchanged++
			continue
		default:
			done.Changed++
		}
		if err := w.replace(ctx, old, m); err != nil {
			return done, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		done.Removed++
		if err := w.replace(ctx, before[key], Municipality{}); err != nil {
			return done, err
		}
	}
	return done, w.flush(ctx)
}

// storedOf reads what is stored of every Land that places names.
func (r *Register) storedOf(ctx context.Context, places []Municipality) (map[string]Municipality, error) {
	numbers := map[string]bool{}
	for _, m := range places {
		numbers[m.Key[:2]] = true
	}
	found := map[string]Municipality{}
	for number := range numbers {
		for it, err := range table.All(ctx, r.table, table.Query{Table: table.Main, PK: keyPlace(number).PK}) {
			if err != nil {
				return nil, err
			}
			m, err := decode(it)
			if err != nil {
				return nil, err
			}
			found[m.Key] = m
		}
	}
	return found, nil
}

// writer gathers operations until a write is full.
type writer struct {
	table table.Table
	ops   []table.Op
}

// replace puts now where old was. Either can be the zero Municipality.
func (w *writer) replace(ctx context.Context, old, now Municipality) error {
	var ops []table.Op
	var kept []table.Key
	if now.Key != "" {
		body, err := json.Marshal(now)
		if err != nil {
			return fmt.Errorf("writing municipality %s: %v", now.Key, err)
		}
		kept = places(now)
		for _, k := range kept {
			ops = append(ops, table.Put(table.Item{Key: k, Kind: kind, Body: body}))
		}
	}
	if old.Key != "" {
		for _, k := range places(old) {
			if !slices.Contains(kept, k) {
				ops = append(ops, table.Delete(k))
			}
		}
	}
	if len(w.ops)+len(ops) > batch {
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	w.ops = append(w.ops, ops...)
	return nil
}

func (w *writer) flush(ctx context.Context) error {
	if len(w.ops) == 0 {
		return nil
	}
	if err := w.table.Write(ctx, w.ops...); err != nil {
		return fmt.Errorf("writing the register: %w", err)
	}
	w.ops = nil
	return nil
}

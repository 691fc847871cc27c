package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kokoma/shared/table"
)

const (
	prefix = "intake#"
	headSK = "head"
	sentSK = "sent#"
	codeSK = "code#"
	recSK  = "record#"
	// attempts to win a write against others on the same entry. Everybody who
	// loses one sees what the winner stored, and mostly has nothing left to do.
	attempts = 40
)

// errNoChange tells change that there is nothing to store.
var errNoChange = errors.New("no change")

func headKey(id string) table.Key { return table.Key{PK: prefix + id, SK: headSK} }

func sentKey(id string, n int) table.Key {
	return table.Key{PK: prefix + id, SK: fmt.Sprintf("%s%04d", sentSK, n)}
}

func codeKey(id string, k codeKind) table.Key {
	return table.Key{PK: prefix + id, SK: codeSK + string(k)}
}

// load reads an entry; ErrNotFound when there is none, or its time is over.
func (x *Service) load(ctx context.Context, id string) (entry, error) {
	it, err := x.Table.Get(ctx, headKey(id))
	if err != nil {
		return entry{}, fmt.Errorf("loading an expression of interest: %w", err)
	}
	e := entry{id: id, version: it.Version}
	if err := json.Unmarshal(it.Body, &e); err != nil {
		return entry{}, fmt.Errorf("reading an expression of interest: %w", err)
	}
	return e, nil
}

// change loads an entry, lets f change it, and stores it together with the
// operations that f gives, all or nothing. When somebody else was faster it
// begins again: f decides anew on what is then stored.
func (x *Service) change(ctx context.Context, id string, f func(*entry) ([]table.Op, error)) (entry, error) {
	var lost error
	for range attempts {
		e, err := x.load(ctx, id)
		if err != nil {
			return entry{}, err
		}
		ops, err := f(&e)
		if errors.Is(err, errNoChange) {
			return e, nil
		}
		if err != nil {
			return e, err
		}
		put, err := e.put()
		if err != nil {
			return e, err
		}
		lost = x.Table.Write(ctx, append([]table.Op{put}, ops...)...)
		if lost == nil {
			e.version++
			return e, nil
		}
		if !errors.Is(lost, table.ErrConflict) {
			return e, fmt.Errorf("storing an expression of interest: %w", lost)
		}
	}
	// Not ErrConflict, which callers could take for "done by somebody else".
	return entry{}, fmt.Errorf("storing an expression of interest, %d times beaten (%v): %w", attempts, lost, table.ErrThrottled)
}

// put stores the entry in place of the version that it was loaded from.
func (e *entry) put() (table.Op, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing an expression of interest: %w", err)
	}
	it := table.Item{Key: headKey(e.id), Version: e.version + 1, Kind: "intake", Body: body}
	it.Due, it.Expires = e.retention()
	return table.Put(it, table.AtVersion(e.version)), nil
}

// retention is when somebody has to look at the entry next, and when nobody can
// see it any more. What belongs to a case stays.
func (e *entry) retention() (table.Place, time.Time) {
	if !e.temporary() {
		return table.Place{}, time.Time{}
	}
	next := e.Counted.Add(remindAfter)
	if e.Reminded {
		next = e.Counted.Add(deleteAfter)
	}
	return table.DueAt(e.id, next, "draft"), e.Changed.Add(deleteAfter)
}

// sent reads a sending of an entry.
func (x *Service) sent(ctx context.Context, id string, n int) (sending, error) {
	it, err := x.Table.Get(ctx, sentKey(id, n))
	if err != nil {
		return sending{}, fmt.Errorf("loading what was sent: %w", err)
	}
	var s sending
	if err := json.Unmarshal(it.Body, &s); err != nil {
		return sending{}, fmt.Errorf("reading what was sent: %w", err)
	}
	return s, nil
}

func (s sending) put(id string, n int, expires time.Time) (table.Op, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing what was sent: %w", err)
	}
	return table.Put(table.Item{Key: sentKey(id, n), Kind: "sent", Body: body, Expires: expires}), nil
}

// record is the proof that a notice was read or a consent given.
type record struct {
	Text  string    `json:"text"` // id@version of what was agreed to
	Given time.Time `json:"given"`
}

func (r record) put(id, kind string) (table.Op, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a consent record: %w", err)
	}
	key := table.Key{PK: prefix + id, SK: recSK + kind}
	return table.Put(table.Item{Key: key, Kind: "record", Body: body}), nil
}

// remove deletes all that is stored of an entry. Dying half way leaves items
// that expire by themselves.
func (x *Service) remove(ctx context.Context, id string) error {
	for it, err := range table.All(ctx, x.Table, table.Query{PK: prefix + id}) {
		if err != nil {
			return fmt.Errorf("listing an expression of interest: %w", err)
		}
		if err := x.Table.Write(ctx, table.Delete(it.Key)); err != nil {
			return fmt.Errorf("deleting an expression of interest: %w", err)
		}
	}
	// The head may be past its time and so not be listed.
	if err := x.Table.Write(ctx, table.Delete(headKey(id))); err != nil {
		return fmt.Errorf("deleting an expression of interest: %w", err)
	}
	return nil
}

// idOf is the entry that a stored item belongs to.
func idOf(k table.Key) (string, bool) { return strings.CutPrefix(k.PK, prefix) }

package draft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"kokoma/shared/table"
)

// Prefix begins the partition keys of entries.
const Prefix = "intake#"

const (
	headSK = "head"
	sentSK = "sent#"
	codeSK = "code#"
	recSK  = "record#"

	// dangerPK lists, in index By, what tells of danger and is not confirmed.
	dangerPK = Prefix + "danger"

	// attempts to win a write against others on the same entry. Everybody who
	// loses one sees what the winner stored, and mostly has nothing left to do.
	attempts = 40
)

// ErrNoChange tells Change that there is nothing to store.
var ErrNoChange = errors.New("no change")

// Store keeps expressions of interest in a table.
type Store struct{ Table table.Table }

func headKey(id string) table.Key { return table.Key{PK: Prefix + id, SK: headSK} }

func sentKey(id string, n int) table.Key {
	return table.Key{PK: Prefix + id, SK: fmt.Sprintf("%s%04d", sentSK, n)}
}

func codeKey(id string, k Kind) table.Key {
	return table.Key{PK: Prefix + id, SK: codeSK + string(k)}
}

// idPattern is what rand.Text makes.
var idPattern = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Load reads an entry; ErrNotFound when there is none, or its time is over.
func (x Store) Load(ctx context.Context, id string) (Entry, error) {
	if !idPattern.MatchString(id) {
		return Entry{}, fmt.Errorf("loading an expression of interest of no possible id: %w", table.ErrNotFound)
	}
	it, err := x.Table.Get(ctx, headKey(id))
	if err != nil {
		return Entry{}, fmt.Errorf("loading an expression of interest: %w", err)
	}
	e := Entry{ID: id, version: it.Version}
	if err := json.Unmarshal(it.Body, &e); err != nil {
		return Entry{}, fmt.Errorf("reading an expression of interest: %w", err)
	}
	return e, nil
}

// Change loads an entry, lets f change it, and stores it together with the
// operations that f gives, all or nothing. When somebody else was faster it
// begins again: f decides anew on what is then stored.
func (x Store) Change(ctx context.Context, id string, f func(*Entry) ([]table.Op, error)) (Entry, error) {
	var lost error
	for range attempts {
		e, err := x.Load(ctx, id)
		if err != nil {
			return Entry{}, err
		}
		ops, err := f(&e)
		if errors.Is(err, ErrNoChange) {
			return e, nil
		}
		if err != nil {
			return e, err
		}
		put, err := e.Put()
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
	return Entry{}, fmt.Errorf("storing an expression of interest, %d times beaten (%v): %w", attempts, lost, table.ErrThrottled)
}

// Put stores the entry in place of the version that it was loaded from.
func (e *Entry) Put() (table.Op, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing an expression of interest: %w", err)
	}
	it := table.Item{Key: headKey(e.ID), Version: e.version + 1, Kind: "intake", Body: body}
	it.Due, it.Expires = e.retention()
	if !e.Danger.IsZero() {
		it.By = table.Place{PK: dangerPK, SK: e.Danger.UTC().Format(time.RFC3339) + "#" + e.ID}
	}
	return table.Put(it, table.AtVersion(e.version)), nil
}

// retention is when somebody has to look at the entry next, and when nobody can
// see it any more. What belongs to a case stays.
func (e *Entry) retention() (table.Place, time.Time) {
	if !e.Temporary() {
		return table.Place{}, time.Time{}
	}
	next := e.Counted.Add(RemindAfter)
	if e.Reminded {
		next = e.Counted.Add(DeleteAfter)
	}
	return table.DueAt(e.ID, next, "draft"), e.Changed.Add(DeleteAfter)
}

// InDanger gives the ids of the entries that tell of danger and are not
// confirmed, the newest first and at most so many.
func (x Store) InDanger(ctx context.Context, limit int) ([]string, error) {
	page, err := x.Table.Query(ctx, table.Query{Index: table.By, PK: dangerPK, Desc: true, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("listing what tells of danger: %w", err)
	}
	var ids []string
	for _, it := range page.Items {
		if id, ok := IDOf(it.Key); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Sent reads a sending of an entry.
func (x Store) Sent(ctx context.Context, id string, n int) (Sending, error) {
	it, err := x.Table.Get(ctx, sentKey(id, n))
	if err != nil {
		return Sending{}, fmt.Errorf("loading what was sent: %w", err)
	}
	var s Sending
	if err := json.Unmarshal(it.Body, &s); err != nil {
		return Sending{}, fmt.Errorf("reading what was sent: %w", err)
	}
	return s, nil
}

// Put stores what was sent as the n-th sending.
func (s Sending) Put(id string, n int, expires time.Time) (table.Op, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing what was sent: %w", err)
	}
	return table.Put(table.Item{Key: sentKey(id, n), Kind: "sent", Body: body, Expires: expires}), nil
}

// Record is the proof that a notice was read or a consent given.
type Record struct {
	Text  string    `json:"text"` // id@version of what was agreed to
	Given time.Time `json:"given"`
}

// Put stores the proof of one kind.
func (r Record) Put(id, kind string) (table.Op, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a consent record: %w", err)
	}
	key := table.Key{PK: Prefix + id, SK: recSK + kind}
	return table.Put(table.Item{Key: key, Kind: "record", Body: body}), nil
}

// Remove deletes all that is stored of an entry. Dying half way leaves items
// that expire by themselves.
func (x Store) Remove(ctx context.Context, id string) error {
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id}) {
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

// IDOf is the entry that a stored item belongs to.
func IDOf(k table.Key) (string, bool) { return strings.CutPrefix(k.PK, Prefix) }

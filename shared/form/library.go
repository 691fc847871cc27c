package form

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"kokoma/shared/table"
)

// Library keeps forms for ever, by the hash of their content, and for each
// form_id which of them is live, which were, and what the office works on
// (shelf.go). The keys are in the package comment.
type Library struct {
	table table.Table
	now   func() time.Time

	mu    sync.Mutex
	known map[string]*Form
	lives map[string]live // by form_id
}

// live is what was looked up: the hash of the published form, "" for none.
type live struct {
	hash  string
	until time.Time
}

// liveFor is how long a form that was published elsewhere may stay unknown to
// this process.
const liveFor = time.Minute

// NewLibrary is a library over t. It remembers the forms it has seen.
func NewLibrary(t table.Table, now func() time.Time) *Library {
	return &Library{table: t, now: now, known: map[string]*Form{}, lives: map[string]live{}}
}

func formKey(hash string) table.Key { return table.Key{PK: "form#" + hash, SK: "form"} }

func formItem(f *Form) table.Item {
	return table.Item{Key: formKey(f.Hash), Version: 1, Kind: "form", Body: f.model.Canonical}
}

// Keep stores a form under its hash. What is there already stays as it is.
func (l *Library) Keep(ctx context.Context, f *Form) error {
	if l.remembered(f.Hash) != nil {
		return nil
	}
	err := l.table.Write(ctx, table.Put(formItem(f), table.Absent()))
	if err != nil && !errors.Is(err, table.ErrConflict) {
		return fmt.Errorf("keeping form %s: %w", f.ID, err)
	}
	l.remember(f)
	return nil
}

// Form is the form with that hash; table.ErrNotFound if there is none.
func (l *Library) Form(ctx context.Context, hash string) (*Form, error) {
	if f := l.remembered(hash); f != nil {
		return f, nil
	}
	item, err := l.table.Get(ctx, formKey(hash))
	if err != nil {
		return nil, fmt.Errorf("reading form %s: %w", hash, err)
	}
	f, err := stored(hash, item.Body)
	if err != nil {
		return nil, err
	}
	l.remember(f)
	return f, nil
}

// stored compiles a canonical definition. The stored bytes are what was hashed,
// even if a newer version of the platform would write them otherwise.
func stored(hash string, canonical []byte) (*Form, error) {
	f, err := Compile("form "+hash, canonical, Stored())
	if err != nil {
		return nil, fmt.Errorf("reading form %s: %w", hash, err)
	}
	m := *f.model
	m.Canonical = canonical
	f.Hash, f.model = hash, &m
	return f, nil
}

// Live is what begins now under the form_id of a shipped form: what the office
// published, else the shipped one. Until the office publishes one of its own
// the shipped form is live, and a newer shipped one follows it; afterwards a
// newer shipped one is only offered. It is looked up once a minute.
func (l *Library) Live(ctx context.Context, shipped *Form) (*Form, error) {
	hash, err := l.liveHash(ctx, shipped.ID)
	if err != nil {
		return nil, err
	}
	if hash == "" || hash == shipped.Hash {
		return shipped, nil
	}
	return l.Form(ctx, hash)
}

func (l *Library) liveHash(ctx context.Context, id string) (string, error) {
	now := l.now()
	l.mu.Lock()
	seen, ok := l.lives[id]
	l.mu.Unlock()
	if ok && now.Before(seen.until) {
		return seen.hash, nil
	}
	h, err := l.head(ctx, id)
	if err != nil {
		return "", err
	}
	l.sawLive(id, h, now)
	return h.liveHash(), nil
}

func (l *Library) sawLive(id string, h head, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lives[id] = live{h.liveHash(), now.Add(liveFor)}
}

func (l *Library) remembered(hash string) *Form {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[hash]
}

func (l *Library) remember(f *Form) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[f.Hash] = f
}

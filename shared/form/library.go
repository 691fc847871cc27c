package form

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kokoma/shared/table"
)

// Library keeps published forms for ever, by the hash of their content:
//
//	form#<hash>  form  the canonical definition, version 1, never written again
type Library struct {
	table table.Table
	mu    sync.Mutex
	known map[string]*Form
}

// NewLibrary is a library over t. It remembers the forms it has seen.
func NewLibrary(t table.Table) *Library { return &Library{table: t, known: map[string]*Form{}} }

func formKey(hash string) table.Key { return table.Key{PK: "form#" + hash, SK: "form"} }

// Publish compiles a definition and stores it under its hash. What is there
// already stays as it is.
func (l *Library) Publish(ctx context.Context, src []byte, name string) (hash string, err error) {
	f, err := Compile(name, src)
	if err != nil {
		return "", err
	}
	return f.Hash, l.Keep(ctx, f)
}

// Keep stores a form that was compiled elsewhere.
func (l *Library) Keep(ctx context.Context, f *Form) error {
	if l.remembered(f.Hash) != nil {
		return nil
	}
	item := table.Item{Key: formKey(f.Hash), Version: 1, Kind: "form", Body: f.model.Canonical}
	err := l.table.Write(ctx, table.Put(item, table.Absent()))
	if err != nil && !errors.Is(err, table.ErrConflict) {
		return fmt.Errorf("publishing form %s: %w", f.ID, err)
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
	f, err := Compile("form "+hash, item.Body, Stored())
	if err != nil {
		return nil, fmt.Errorf("reading form %s: %w", hash, err)
	}
	// The stored bytes are what was hashed, even if a newer version of the
	// platform would write them otherwise.
	stored := *f.model
	stored.Canonical = item.Body
	f.Hash, f.model = hash, &stored
	l.remember(f)
	return f, nil
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

package form

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
	"kokoma/shared/table"
)

// ErrConflict says that the draft or the live version of a form changed since
// it was looked at: look again, then decide again.
var ErrConflict = table.ErrConflict

// RefusedError says in words why a form can't be kept or published, and what to
// do.
type RefusedError struct{ Text lang.Text }

// Error says it in English.
func (e *RefusedError) Error() string { return e.Text.EN }

// Version is a form that is or was live.
type Version struct {
	Hash    string    `json:"hash"`
	Version string    `json:"version"`
	At      time.Time `json:"at,omitzero"` // zero for a shipped form that was live before the office published
	By      string    `json:"by,omitempty"`
	Note    string    `json:"note,omitempty"`
	Shipped bool      `json:"shipped,omitempty"` // it comes with the platform
}

// Draft is a form that the office works on. Nobody fills it in.
type Draft struct {
	Hash    string    `json:"hash"`
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"`
	File    string    `json:"file,omitempty"` // what it was read from
}

// Shelf is all that there is under one form_id.
type Shelf struct {
	ID      string
	Title   lang.Text
	Live    *Version  // nil: the shipped form is live
	History []Version // newest first, Live included
	Draft   *Draft

	rev int64
}

// Has says whether a form with that hash is or was live.
func (s Shelf) Has(hash string) bool {
	return slices.ContainsFunc(s.History, func(v Version) bool { return v.Hash == hash })
}

// Taken says whether a version number stands for another content already.
func (s Shelf) Taken(version, hash string) bool {
	return slices.ContainsFunc(s.History, func(v Version) bool { return v.Version == version && v.Hash != hash })
}

// Publication is the wish that a form becomes live.
type Publication struct {
	ID   string // form_id
	Hash string // of the draft, or of an earlier version to go back to
	Live string // hash of the version that was live when this was decided; "" for the shipped one
	By   string
	Note string
	// Shipped is the form that comes with the platform; nil where none does.
	Shipped *Form
}

// Bounds of what is kept.
const (
	maxCanonical = 350 << 10 // bytes of a definition, below the table's 400 KB
	maxNote      = 2000      // characters
)

// head is what a shelf says of itself, in one small item.
type head struct {
	Title  lang.Text `json:"title"`
	Live   *Version  `json:"live,omitempty"`
	Before string    `json:"before,omitempty"` // what was live when Live was published: Publication.Live
	Count  int       `json:"count,omitempty"`  // of versions
	Draft  *Draft    `json:"draft,omitempty"`

	rev int64
}

func (h head) liveHash() string {
	if h.Live == nil {
		return ""
	}
	return h.Live.Hash
}

func (h head) draftHash() string {
	if h.Draft == nil {
		return ""
	}
	return h.Draft.Hash
}

const versionSK = "version#"

func shelfKey(id, sk string) table.Key { return table.Key{PK: "form#id#" + id, SK: sk} }
func headKey(id string) table.Key      { return shelfKey(id, "head") }
func draftKey(id string) table.Key     { return shelfKey(id, "draft") }

// head reads the head of a shelf; a shelf that nobody used yet is empty.
func (l *Library) head(ctx context.Context, id string) (head, error) {
	var h head
	it, err := l.table.Get(ctx, headKey(id))
	if errors.Is(err, table.ErrNotFound) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("reading the versions of form %s: %w", id, err)
	}
	if err := json.Unmarshal(it.Body, &h); err != nil {
		return h, fmt.Errorf("reading the versions of form %s: %v", id, err)
	}
	h.rev = it.Version
	return h, nil
}

// replace puts a head in the place of the one that was read.
func (h head) replace(id string) (table.Op, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing the versions of form %s: %v", id, err)
	}
	it := table.Item{Key: headKey(id), Version: h.rev + 1, Kind: "form-shelf", Body: b}
	return table.Put(it, table.AtVersion(h.rev)), nil
}

// Shelf is what there is under a form_id: nothing but the ID when the office
// never published or drafted anything.
func (l *Library) Shelf(ctx context.Context, id string) (Shelf, error) {
	h, err := l.head(ctx, id)
	if err != nil {
		return Shelf{}, err
	}
	s := Shelf{ID: id, Title: h.Title, Live: h.Live, Draft: h.Draft, rev: h.rev}
	s.History, err = l.history(ctx, id)
	return s, err
}

func (l *Library) history(ctx context.Context, id string) ([]Version, error) {
	var out []Version
	for it, err := range table.All(ctx, l.table, table.Query{PK: shelfKey(id, "").PK, Prefix: versionSK, Desc: true}) {
		if err != nil {
			return nil, fmt.Errorf("reading the versions of form %s: %w", id, err)
		}
		var v Version
		if err := json.Unmarshal(it.Body, &v); err != nil {
			return nil, fmt.Errorf("reading the versions of form %s: %v", id, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// Forms are the forms that are or were live, each once, oldest first: what a
// new one is compared with, and what answers can be of.
func (l *Library) Forms(ctx context.Context, s Shelf) ([]*Form, error) {
	var out []*Form
	for i, v := range slices.Backward(s.History) {
		// One that came back stands where it was live last.
		if slices.ContainsFunc(s.History[:i], func(later Version) bool { return later.Hash == v.Hash }) {
			continue
		}
		f, err := l.Form(ctx, v.Hash)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// SaveDraft keeps a form as what the office works on, in place of the draft of
// the hash before, "" for none; ErrConflict when there is another one by now.
// Nobody sees it until it is published. When the process dies after the write
// the draft is there; saving it again changes nothing but its time.
func (l *Library) SaveDraft(ctx context.Context, f *Form, before, file, by string, now time.Time) error {
	if n := len(f.model.Canonical); n > maxCanonical {
		return &RefusedError{say("form.library.large", entry.Count(n>>10), entry.Count(maxCanonical>>10))}
	}
	h, err := l.head(ctx, f.ID)
	if err != nil {
		return err
	}
	if there := h.draftHash(); there != before && there != f.Hash {
		return fmt.Errorf("saving the draft of form %s: another one is there by now: %w", f.ID, ErrConflict)
	}
	h.Draft = &Draft{Hash: f.Hash, Version: f.Version, At: now.UTC(), By: by, File: file}
	if h.Live == nil {
		h.Title = f.Title
	}
	put, err := h.replace(f.ID)
	if err != nil {
		return err
	}
	it := table.Item{Key: draftKey(f.ID), Version: h.rev + 1, Kind: "form-draft", Body: f.model.Canonical}
	if err := l.table.Write(ctx, put, table.Put(it)); err != nil {
		return fmt.Errorf("saving the draft of form %s: %w", f.ID, err)
	}
	return nil
}

// DraftForm is the form that the office works on; table.ErrNotFound if there is
// none.
func (l *Library) DraftForm(ctx context.Context, id string) (*Form, Draft, error) {
	h, err := l.head(ctx, id)
	if err != nil {
		return nil, Draft{}, err
	}
	if h.Draft == nil {
		return nil, Draft{}, fmt.Errorf("reading the draft of form %s: %w", id, table.ErrNotFound)
	}
	f, err := l.draft(ctx, id, h.Draft.Hash)
	return f, *h.Draft, err
}

// draft reads the draft of that hash; ErrConflict when another one took its
// place.
func (l *Library) draft(ctx context.Context, id, hash string) (*Form, error) {
	if f := l.remembered(hash); f != nil {
		return f, nil
	}
	it, err := l.table.Get(ctx, draftKey(id))
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, fmt.Errorf("reading the draft of form %s: %w", id, err)
	}
	sum := sha256.Sum256(it.Body)
	if err != nil || hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("reading the draft of form %s: it was just replaced: %w", id, ErrConflict)
	}
	// It is not remembered: what is remembered counts as kept.
	return stored(hash, it.Body)
}

// DropDraft forgets the draft of that hash; ErrConflict when another one took
// its place. That there is none is no error. When the process dies after the
// write the draft is gone; dropped again, nothing happens.
func (l *Library) DropDraft(ctx context.Context, id, hash string) error {
	h, err := l.head(ctx, id)
	if err != nil || h.Draft == nil {
		return err
	}
	if h.Draft.Hash != hash {
		return fmt.Errorf("dropping the draft of form %s: it was just replaced: %w", id, ErrConflict)
	}
	h.Draft = nil
	put, err := h.replace(id)
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, put, table.Delete(draftKey(id))); err != nil {
		return fmt.Errorf("dropping the draft of form %s: %w", id, err)
	}
	return nil
}

// Publish makes the draft of that hash live, or a version that was live before.
// ErrConflict says that draft or live version changed since the publication was
// decided; a RefusedError why it can't be. All is one write. When the process
// dies after it the form is published, other processes find it within a minute,
// and the same publication again answers with the version and changes nothing.
func (l *Library) Publish(ctx context.Context, p Publication, now time.Time) (Version, error) {
	if n := len([]rune(p.Note)); n > maxNote {
		return Version{}, &RefusedError{say("form.library.note", entry.Count(n), entry.Count(maxNote))}
	}
	h, err := l.head(ctx, p.ID)
	if err != nil {
		return Version{}, err
	}
	if h.did(p) {
		return *h.Live, nil
	}
	if h.liveHash() != p.Live {
		return Version{}, fmt.Errorf("publishing form %s: another version is live by now: %w", p.ID, ErrConflict)
	}
	s, err := l.Shelf(ctx, p.ID)
	if err != nil {
		return Version{}, err
	}
	f, err := l.wanted(ctx, h, s, p)
	if err != nil {
		return Version{}, err
	}
	v := Version{
		Hash: f.Hash, Version: f.Version, At: now.UTC(), By: p.By, Note: p.Note,
		Shipped: p.ships(f.Hash),
	}
	if err := l.publish(ctx, h, f, v, p); err != nil {
		return Version{}, fmt.Errorf("publishing form %s: %w", p.ID, err)
	}
	return v, nil
}

// did says whether this publication was the last one.
func (h head) did(p Publication) bool {
	return h.Live != nil && h.Live.Hash == p.Hash && h.Before == p.Live && h.Live.By == p.By && h.Live.Note == p.Note
}

// wanted is the form that is to become live, if it may. What was live before may
// always, and numbers of what comes with the platform are not the office's.
func (l *Library) wanted(ctx context.Context, h head, s Shelf, p Publication) (*Form, error) {
	switch {
	case h.liveHash() == p.Hash:
		return nil, &RefusedError{say("form.library.same")}
	case s.Has(p.Hash):
		return l.Form(ctx, p.Hash)
	case h.Draft == nil || h.Draft.Hash != p.Hash:
		return nil, fmt.Errorf("publishing form %s: the draft is another one by now: %w", p.ID, ErrConflict)
	}
	f, err := l.draft(ctx, p.ID, p.Hash)
	if err != nil || p.ships(f.Hash) {
		return f, err
	}
	if s.Taken(f.Version, f.Hash) || p.Shipped != nil && p.Shipped.Version == f.Version {
		return nil, &RefusedError{say("form.library.version", entry.Verbatim(f.Version))}
	}
	return f, nil
}

func (p Publication) ships(hash string) bool { return p.Shipped != nil && p.Shipped.Hash == hash }

// publish writes it all. The first time the shipped form goes into the history,
// too, since it was live until now.
func (l *Library) publish(ctx context.Context, h head, f *Form, v Version, p Publication) error {
	var ops []table.Op
	add := func(f *Form, v Version) error {
		op, err := l.keeping(ctx, f)
		if err != nil {
			return err
		}
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		h.Count++
		it := table.Item{Key: shelfKey(p.ID, fmt.Sprintf("%s%06d", versionSK, h.Count)), Version: 1, Kind: "form-version", Body: b}
		ops = append(append(ops, op...), table.Put(it, table.Absent()))
		return nil
	}
	if s := p.Shipped; h.Live == nil && s != nil && s.Hash != f.Hash {
		if err := add(s, Version{Hash: s.Hash, Version: s.Version, Shipped: true}); err != nil {
			return err
		}
	}
	if err := add(f, v); err != nil {
		return err
	}
	if h.Draft != nil && h.Draft.Hash == f.Hash {
		h.Draft = nil
		ops = append(ops, table.Delete(draftKey(p.ID)))
	}
	h.Title, h.Live, h.Before = f.Title, &v, p.Live
	put, err := h.replace(p.ID)
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, append(ops, put)...); err != nil {
		return err
	}
	l.remember(f)
	l.sawLive(p.ID, h, l.now())
	return nil
}

// keeping gives the operation that keeps a form, none when it is kept.
func (l *Library) keeping(ctx context.Context, f *Form) ([]table.Op, error) {
	_, err := l.table.Get(ctx, formKey(f.Hash))
	if errors.Is(err, table.ErrNotFound) {
		return []table.Op{table.Put(formItem(f), table.Absent())}, nil
	}
	return nil, err
}

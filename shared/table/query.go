package table

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"strings"
)

// Query asks for the items of one partition of a table or an index, in byte
// order of the sort key.
type Query struct {
	Table    Name
	Index    Index // Primary, Due or By
	PK       string
	Prefix   string // of the sort key
	From, To string // bounds of the sort key, both inclusive; empty is open
	Limit    int    // most items of a page; 0 is "as many as fit", 1 MB
	Desc     bool   // from the end
	Cursor   string // of the page before
	Eventual bool   // half the price, may miss the newest; indexes always are
}

// Page is one page of an answer. Queries of an index give Key, Kind and that
// index's Place only, and may name items that meanwhile changed, expired or
// went. A cursor can lead to an empty page; only an empty cursor is the end.
type Page struct {
	Items  []Item
	Cursor string
}

// All follows the cursors. With a Limit it ends after so many items.
func All(ctx context.Context, t Table, q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		left := q.Limit
		for {
			page, err := t.Query(ctx, q)
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, it := range page.Items {
				if !yield(it, nil) {
					return
				}
			}
			left -= len(page.Items)
			if page.Cursor == "" || q.Limit > 0 && left <= 0 {
				return
			}
			q.Cursor = page.Cursor
			q.Limit = max(left, 0)
		}
	}
}

// Has says whether a sort key is in the range of the query.
func (q Query) Has(sk string) bool {
	return strings.HasPrefix(sk, q.Prefix) && sk >= q.From && (q.To == "" || sk <= q.To)
}

// Mark is the position after which a page goes on: an item's key, and in an
// index its sort key there.
type Mark struct {
	Place string `json:"p,omitempty"`
	PK    string `json:"k,omitempty"` // in an index only; else it is the query's
	SK    string `json:"s"`
}

// MarkOf gives the position of an item in the answer to the query.
func MarkOf(q Query, it Item) Mark {
	if q.Index == Primary {
		return Mark{SK: it.SK}
	}
	return Mark{Place: it.Place(q.Index).SK, PK: it.PK, SK: it.SK}
}

// Cursor writes the position down, opaque to callers.
func (m Mark) Cursor() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // three strings always can be written
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Mark reads the query's cursor: false when there is none, ErrCursor when it
// is not one of this query's.
func (q Query) Mark() (Mark, bool, error) {
	if q.Cursor == "" {
		return Mark{}, false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return Mark{}, false, ErrCursor
	}
	var m Mark
	if err := json.Unmarshal(b, &m); err != nil {
		return Mark{}, false, ErrCursor
	}
	sk := m.SK
	if q.Index != Primary {
		sk = m.Place
	}
	if m.SK == "" || !q.Has(sk) || (m.PK == "") != (q.Index == Primary) {
		return Mark{}, false, ErrCursor
	}
	return m, true, nil
}

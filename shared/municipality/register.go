package municipality

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/table"
)

// Register finds municipalities: in the short list that the program ships,
// and in the official list where it was imported, which then takes precedence.
type Register struct {
	table   table.Table
	shipped []Municipality
}

// New opens the register over t. Without a table it knows the shipped list.
func New(t table.Table) *Register {
	return &Register{table: t, shipped: shipped()}
}

// Find looks up one key, of a municipality or of a county.
func (r *Register) Find(ctx context.Context, key string) (Municipality, bool, error) {
	if !ValidKey(key) {
		return Municipality{}, false, nil
	}
	if r.table != nil {
		it, err := r.table.Get(ctx, keyPlace(key))
		if err == nil {
			m, err := decode(it)
			return m, err == nil, err
		}
		if !errors.Is(err, table.ErrNotFound) {
			return Municipality{}, false, fmt.Errorf("finding municipality %s: %w", key, err)
		}
	}
	for _, m := range r.shipped {
		if m.Key == key {
			return m, true, nil
		}
	}
	return Municipality{}, false, nil
}

// Search finds municipalities by the beginnings of words of the name, or by
// the beginning of a postcode or key (also a regional key of 12 digits). The
// best hits come first: the whole name, then names that begin with q, then
// larger places. It reads one or two pages of at most 100 entries, however
// long the register is; who types two letters sees only some of the hits.
func (r *Register) Search(ctx context.Context, q string, limit int) ([]Municipality, error) {
	q = strings.TrimSpace(q)
	if key, ok := KeyOfARS(q); ok {
		q = key
	}
	ask := askFor(q)
	if ask.empty() || limit <= 0 {
		return nil, nil
	}
	hits := map[string]Municipality{}
	for _, m := range r.shipped {
		if ask.matches(m) {
			hits[m.Key] = m
		}
	}
	if err := r.stored(ctx, ask, hits); err != nil {
		return nil, fmt.Errorf("searching municipalities: %w", err)
	}
	found := make([]Municipality, 0, len(hits))
	for _, m := range hits {
		found = append(found, m)
	}
	slices.SortFunc(found, ask.order)
	return found[:min(limit, len(found))], nil
}

// question is what somebody typed, made ready for comparison.
type question struct {
	digits string   // postcode or key, or their beginning
	folded string   // the whole text, folded
	words  []string // its words
}

func askFor(q string) question {
	if len(q) >= 2 && strings.Trim(q, "0123456789") == "" {
		return question{digits: q}
	}
	folded := fold(DisplayName(q))
	return question{folded: folded, words: strings.Fields(folded)}
}

func (a question) empty() bool { return a.digits == "" && len(a.folded) < 2 }

// matches reports whether every word begins a word of the name, or the digits
// begin the key or the postcode.
func (a question) matches(m Municipality) bool {
	if a.digits != "" {
		return strings.HasPrefix(m.Key, a.digits) || strings.HasPrefix(m.Postcode, a.digits)
	}
	words := strings.Fields(fold(m.Name))
	for _, w := range a.words {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, w) }) {
			return false
		}
	}
	return true
}

func (a question) order(x, y Municipality) int {
	return cmp.Or(cmp.Compare(a.rank(x), a.rank(y)), cmp.Compare(y.Population, x.Population),
		cmp.Compare(x.Name, y.Name), cmp.Compare(x.Key, y.Key))
}

func (a question) rank(m Municipality) int {
	name := fold(m.Name)
	switch {
	case a.digits != "" && (m.Key == a.digits || m.Postcode == a.digits), a.folded != "" && name == a.folded:
		return 0
	case a.folded != "" && strings.HasPrefix(name, a.folded):
		return 1
	}
	return 2
}

// longest is the word that narrows the search most.
func (a question) longest() string {
	return slices.MaxFunc(a.words, func(x, y string) int { return cmp.Compare(len(x), len(y)) })
}

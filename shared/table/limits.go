package table

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

// DynamoDB's limits, kept by every implementation.
const (
	MaxItem  = 400 << 10 // bytes of an item, by Size
	MaxOps   = 100       // operations of a write
	MaxWrite = 4 << 20   // bytes of a write
	MaxPage  = 1 << 20   // bytes of a page
	MaxPK    = 2048      // bytes of a partition key
	MaxSK    = 1024      // bytes of a sort key
)

// Limited keeps the limits above an implementation: what passes is well formed
// and small enough. The size of an updated item is known only below; there
// Fits tells.
func Limited(inner Table) Table { return &limited{inner} }

type limited struct{ inner Table }

// Get checks the key.
func (l *limited) Get(ctx context.Context, k Key) (Item, error) {
	if err := checkKey(k); err != nil {
		return Item{}, err
	}
	return l.inner.Get(ctx, k)
}

// Query checks the question.
func (l *limited) Query(ctx context.Context, q Query) (Page, error) {
	if err := q.check(); err != nil {
		return Page{}, fmt.Errorf("query of %q: %w", q.PK, err)
	}
	return l.inner.Query(ctx, q)
}

// Write checks the operations, one by one and together.
func (l *limited) Write(ctx context.Context, ops ...Op) error {
	if len(ops) == 0 {
		return nil
	}
	if len(ops) > MaxOps {
		return fmt.Errorf("%d operations in a write, %d are possible: %w", len(ops), MaxOps, ErrTooLarge)
	}
	seen, sum := make(map[Key]bool, len(ops)), 0
	for i, op := range ops {
		if err := op.check(); err != nil {
			return fmt.Errorf("operation %d on %s: %w", i, op.Item.Key, err)
		}
		if seen[op.Item.Key] {
			return fmt.Errorf("operation %d on %s: the write has another one on this key", i, op.Item.Key)
		}
		seen[op.Item.Key] = true
		if after := op.Apply(nil); after != nil {
			sum += Size(*after)
		}
	}
	if sum > MaxWrite {
		return fmt.Errorf("%d bytes in a write, %d are possible: %w", sum, MaxWrite, ErrTooLarge)
	}
	return l.inner.Write(ctx, ops...)
}

// Fits tells whether an item is small enough to be stored, else ErrTooLarge.
func Fits(it Item) error {
	if n := Size(it); n > MaxItem {
		return fmt.Errorf("item of %d bytes, %d are possible: %w", n, MaxItem, ErrTooLarge)
	}
	return nil
}

func (o Op) check() error {
	if err := checkKey(o.Item.Key); err != nil {
		return err
	}
	for _, c := range o.Conds {
		if (c.Want == WantCounter || c.Want == WantBelow) && c.Name == "" {
			return errors.New("a condition on a counter without a name")
		}
	}
	if o.Verb < Putting || o.Verb > Checking {
		return errors.New("an operation that no constructor made")
	}
	if o.Verb == Checking && len(o.Conds) == 0 {
		return errors.New("a check without a condition")
	}
	if o.Verb == Updating && o.Change.empty() {
		return errors.New("an update that changes nothing")
	}
	after := o.Apply(nil)
	if after == nil {
		return nil
	}
	return after.check()
}

func (it Item) check() error {
	if !utf8.Valid(it.Body) {
		return errors.New("the body is not UTF-8")
	}
	if _, ok := it.Counters[""]; ok {
		return errors.New("a counter without a name")
	}
	if !it.Expires.IsZero() && it.Expires.Unix() <= 0 {
		return errors.New("an expiry before 1970")
	}
	for _, ix := range []Index{Due, By} {
		p := it.Place(ix)
		if p == (Place{}) {
			continue
		}
		if it.Table != Main {
			return fmt.Errorf("table %s has no index %s", it.Table, ix)
		}
		if err := checkPlace(p.PK, p.SK); err != nil {
			return fmt.Errorf("place in index %s: %w", ix, err)
		}
		if !utf8.ValidString(p.Note) {
			return fmt.Errorf("the note in index %s is not UTF-8", ix)
		}
	}
	return Fits(it)
}

func checkKey(k Key) error {
	if k.Table != Main && k.Table != Answers {
		return fmt.Errorf("there is no table %q", string(k.Table))
	}
	return keyError(checkPlace(k.PK, k.SK))
}

// keyError makes err an ErrKey: keys, unlike places in an index, are made of
// what people send, and what no item can have is not there.
func keyError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrKey, err)
}

func checkPlace(pk, sk string) error {
	switch {
	case pk == "" || sk == "":
		return errors.New("an empty key")
	case len(pk) > MaxPK:
		return fmt.Errorf("a partition key of %d bytes, %d are possible: %w", len(pk), MaxPK, ErrTooLarge)
	case len(sk) > MaxSK:
		return fmt.Errorf("a sort key of %d bytes, %d are possible: %w", len(sk), MaxSK, ErrTooLarge)
	case !utf8.ValidString(pk) || !utf8.ValidString(sk):
		return errors.New("a key that is not UTF-8")
	}
	return nil
}

func (q Query) check() error {
	if err := checkKey(Key{Table: q.Table, PK: q.PK, SK: "-"}); err != nil {
		return err
	}
	for _, bound := range []string{q.Prefix, q.From, q.To} {
		if err := checkPlace("-", bound); bound != "" && err != nil {
			return keyError(err)
		}
	}
	switch {
	case q.Index != Primary && q.Index != Due && q.Index != By:
		return fmt.Errorf("there is no index %q", string(q.Index))
	case q.Index != Primary && q.Table != Main:
		return fmt.Errorf("table %s has no index %s", q.Table, q.Index)
	case len(q.Prefix) > MaxSK-utf8.UTFMax:
		return keyError(fmt.Errorf("a prefix of %d bytes: %w", len(q.Prefix), ErrTooLarge))
	case q.Limit < 0:
		return fmt.Errorf("a limit of %d", q.Limit)
	}
	_, _, err := q.Mark()
	return err
}

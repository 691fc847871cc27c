package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Coming is a step for which something falls due, or a mail about it that waits
// to go out.
type Coming struct {
	At   time.Time
	ID   string // of the case
	Ref  process.Ref
	Mail *mail.Entry
}

// Look says what of the due index is of interest.
type Look struct {
	Until time.Time
	Limit int                    // most entries
	Case  func(id string) bool   // a case whose steps and mails are wanted
	Hash  func(hash string) bool // of somebody who may be written to in such a case
}

// Coming reads what falls due, in order. It reads the due index, of which about
// thirty entries fill half a unit, and each mail that waits, but no case. When
// there is more than the limit, until is earlier than it was asked for: up to
// there nothing is missing.
func (x *Service) Coming(ctx context.Context, look Look) (out []Coming, until time.Time, err error) {
	var found []table.Item
	for shard := range table.Shards() {
		n := 0
		for it, err := range table.All(ctx, x.Table, table.DueUntil(shard, look.Until)) {
			if err != nil {
				return nil, until, fmt.Errorf("looking for what falls due: %w", err)
			}
			if !look.wants(it) {
				continue
			}
			found = append(found, it)
			if n++; n > look.Limit {
				break
			}
		}
	}
	slices.SortStableFunc(found, func(a, b table.Item) int { return strings.Compare(a.Due.SK, b.Due.SK) })
	until = look.Until
	if len(found) > look.Limit {
		if until, err = found[look.Limit].Due.Time(); err != nil {
			return nil, until, err
		}
		found = found[:look.Limit]
	}
	for _, it := range found {
		c, ok, err := x.coming(ctx, it)
		if err != nil {
			return nil, until, err
		}
		if ok && look.Case(c.ID) {
			out = append(out, c)
		}
	}
	return out, until, nil
}

// stepMail begins the note of a step mail in the due index; the hash of its
// recipient follows.
const stepMail = string(mail.Step) + " "

func (l Look) wants(it table.Item) bool {
	if id, ok := strings.CutPrefix(it.PK, Prefix); ok {
		return l.Case(id)
	}
	hash, ok := strings.CutPrefix(it.Due.Note, stepMail)
	return ok && l.Hash(hash)
}

func (x *Service) coming(ctx context.Context, it table.Item) (Coming, bool, error) {
	at, err := it.Due.Time()
	if err != nil {
		return Coming{}, false, err
	}
	if id, ok := strings.CutPrefix(it.PK, Prefix); ok {
		ref, ok := refOf(it.SK)
		return Coming{At: at, ID: id, Ref: ref}, ok, nil
	}
	e, err := x.Outbox.Waiting(ctx, it.Key)
	if err != nil || e == nil {
		return Coming{}, false, err
	}
	id, ref, ok := topic(e.Topic)
	return Coming{At: at, ID: id, Ref: ref, Mail: e}, ok, nil
}

package mail

import (
	"context"
	"slices"
	"strings"
	"time"

	"kokoma/shared/table"
)

const failedPK = prefix + "failed"

// Record is what is known about an entry.
type Record struct {
	Key, Template, CaseNo string
	Class                 Class
	State                 State
	At                    time.Time // when it reached its state; while queued, when it is due
	ToHash                string
	ProviderID            string
	Reason                string // of Failed and Dropped, in a few words
	To, Subject           string // only while queued
}

func (s *stored) record() Record {
	return Record{
		Key: s.Key, Template: s.Template, CaseNo: s.CaseNo, Class: s.Class, State: s.State,
		At: s.At, ToHash: s.ToHash, ProviderID: s.ProviderID, Reason: s.Reason, To: s.To,
	}
}

// Find tells what became of the entry with that key, or table.ErrNotFound.
func (o *Outbox) Find(ctx context.Context, entryKey string) (Record, error) {
	s, err := o.load(ctx, itemKey(Tag(entryKey)))
	if err == nil && s == nil {
		err = table.ErrNotFound
	}
	if err != nil {
		return Record{}, err
	}
	return s.record(), nil
}

// Queued lists what is not yet sent, soonest first. It reads every entry: for
// the local platform and for operators.
func (o *Outbox) Queued(ctx context.Context) ([]Record, error) {
	var out []Record
	end := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, o.Table, table.DueUntil(shard, end)) {
			if err != nil {
				return nil, err
			}
			if it.Kind != kindMail || !strings.HasPrefix(it.PK, prefix) {
				continue
			}
			s, err := o.load(ctx, it.Key)
			if err != nil {
				return nil, err
			}
			if s == nil || s.State != Queued {
				continue
			}
			r := s.record()
			if at, err := it.Due.Time(); err == nil {
				r.At = at
			}
			if m, err := o.Templates.Compose(o.Links, s.Entry, r.At); err == nil {
				r.Subject = m.Subject
			}
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Record) int { return a.At.Compare(b.At) })
	return out, nil
}

// Failed lists the mails that could not be sent, newest first.
func (o *Outbox) Failed(ctx context.Context) ([]Record, error) {
	var out []Record
	for it, err := range table.All(ctx, o.Table, table.Query{Index: table.By, PK: failedPK, Desc: true}) {
		if err != nil {
			return nil, err
		}
		s, err := o.load(ctx, it.Key)
		if err != nil {
			return nil, err
		}
		if s != nil && s.State == Failed {
			out = append(out, s.record())
		}
	}
	return out, nil
}

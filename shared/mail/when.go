package mail

import (
	"context"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
)

// Waiting reads an entry that waits to go out; nil when it does not wait any
// more.
func (o *Outbox) Waiting(ctx context.Context, k table.Key) (*Entry, error) {
	s, err := o.load(ctx, k)
	if err != nil || s == nil || s.State != Queued {
		return nil, err
	}
	return &s.Entry, nil
}

// When says when an entry would go out that was put into the outbox at now, and
// whether it waits because the person has had their step mail of that day. It
// is a forecast: what others put into the outbox meanwhile joins it.
func (o *Outbox) When(ctx context.Context, e Entry, now time.Time) (at time.Time, had bool, err error) {
	s := &stored{Entry: o.completed(e), ToHash: o.Links.Hash(normal(e.To))}
	at = s.window(latest(now, e.NotBefore))
	if s.Class != Step {
		return at, false, nil
	}
	b := &batch{Outbox: o, now: now}
	d, err := b.loadDay(ctx, dayKey(s.ToHash, lang.DateOf(at)))
	if err != nil || d == nil {
		return at, false, err
	}
	return s.window(lang.DateOf(at).AddDays(1).At(0, 0)), true, nil
}

package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kokoma/shared/table"
)

const (
	leaseTime = 2 * time.Minute  // longer than any sender takes
	sendTime  = 45 * time.Second // for one message
	spareTime = 5 * time.Second  // to take a mail before and to record it afterwards
	doubtTime = 15 * time.Minute // for the report about a message in doubt
	maxPause  = 4 * time.Hour    // between attempts while the sender puts us off
	giveUp    = 7 * 24 * time.Hour
	maxDoubts = 3               // attempts that may have arrived, then somebody has to look
	freshFor  = 5 * time.Minute // as long nobody is asked whether an entry is still wanted
	maxNotNow = 3               // in a row: the sender is down, the rest waits for the next sweep
)

// batch is one call of Due.
type batch struct {
	*Outbox
	now time.Time

	mu     sync.Mutex
	notNow int // how often in a row the sender put us off
	errs   []error
}

// Due works off the entries under the given keys that are due: safety first,
// then what somebody waits for, then step mails, one per person and day. Keys
// may be stale, repeated, and handled elsewhere at the same time. Give it all
// due keys of a sweep at once: what one person gets is then one mail. An error
// means that the table failed; nothing is lost, and the same call may be
// repeated.
func (o *Outbox) Due(ctx context.Context, keys []table.Key, now time.Time) error {
	b := &batch{Outbox: o, now: now}
	var mails []table.Key
	seen := map[table.Key]bool{}
	for _, k := range keys {
		if !seen[k] && k.SK == entrySK && strings.HasPrefix(k.PK, prefix) {
			seen[k] = true
			mails = append(mails, k)
		}
	}
	b.send(ctx, b.newest(ctx, b.loaded(ctx, mails)))
	return errors.Join(b.errs...)
}

// loaded reads the entries under these keys that are due.
func (b *batch) loaded(ctx context.Context, keys []table.Key) []*stored {
	all := make([]*stored, len(keys))
	b.atOnce(len(keys), func(i int) (err error) {
		all[i], err = b.load(ctx, keys[i])
		return err
	})
	return slices.DeleteFunc(all, func(s *stored) bool {
		return s == nil || s.State != Queued || s.NotBefore.After(b.clock())
	})
}

// atOnce does n things that have nothing to do with each other.
func (b *batch) atOnce(n int, do func(i int) error) {
	var g errgroup.Group
	g.SetLimit(max(b.AtOnce, 1))
	for i := range n {
		g.Go(func() error {
			b.fail(do(i))
			return nil
		})
	}
	_ = g.Wait() // none stops the others; fail has them
}

// clock is the time to judge leases by.
func (b *batch) clock() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return b.now
}

func (b *batch) fail(err error) {
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.errs = append(b.errs, err)
	}
}

// newest puts the entries into the order in which they were made, keeps the
// newest of each topic and records the others.
func (b *batch) newest(ctx context.Context, due []*stored) []*stored {
	slices.SortFunc(due, func(x, y *stored) int {
		return cmp.Or(x.Made.Compare(y.Made), strings.Compare(x.Key, y.Key))
	})
	last := map[string]*stored{}
	for _, s := range due {
		last[s.ToHash+" "+s.Topic] = s
	}
	return slices.DeleteFunc(due, func(s *stored) bool {
		if s.Topic == "" || last[s.ToHash+" "+s.Topic] == s {
			return false
		}
		b.fail(b.finish(ctx, s, ending{state: Superseded, at: b.clock()}))
		return true
	})
}

// send sends safety mails, then what somebody waits for, then what is about
// steps, a mail to each person.
func (b *batch) send(ctx context.Context, due []*stored) {
	var safety, asked [][]*stored // one by one
	var people []string
	steps := map[string][]*stored{}
	for _, s := range due {
		switch {
		case s.Class == Safety:
			safety = append(safety, []*stored{s})
		case s.Class != Step:
			asked = append(asked, []*stored{s})
		default:
			if steps[s.ToHash] == nil {
				people = append(people, s.ToHash)
			}
			steps[s.ToHash] = append(steps[s.ToHash], s)
		}
	}
	b.sendAll(ctx, safety, b.sendAlone)
	b.sendAll(ctx, asked, b.sendAlone)
	var days [][]*stored
	for _, p := range people {
		days = append(days, steps[p])
	}
	b.sendAll(ctx, days, b.sendDay)
}

func (b *batch) sendAll(ctx context.Context, mails [][]*stored, send func(context.Context, []*stored) error) {
	b.atOnce(len(mails), func(i int) error {
		if b.stopped(ctx) {
			return nil
		}
		return send(ctx, mails[i])
	})
}

// stopped leaves the rest to the next sweep when the sender is down or the
// time does not suffice for one more mail: Lambda ends a function in the middle
// of it, and what it was sending is in doubt.
func (b *batch) stopped(ctx context.Context) bool {
	end, limited := ctx.Deadline()
	short := limited && time.Until(end) < sendTime+spareTime
	b.mu.Lock()
	down := b.notNow >= maxNotNow
	b.mu.Unlock()
	if !down && !short && ctx.Err() == nil {
		return false
	}
	b.Log.Warn("mail left for the next sweep", "sender_down", down)
	return true
}

// answered counts how often in a row the sender put us off.
func (b *batch) answered(notNow bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.notNow++; !notNow {
		b.notNow = 0
	}
}

// wanted tells whether s should still go out, and records it if not.
func (b *batch) wanted(ctx context.Context, s *stored) (bool, error) {
	at := b.clock()
	if !s.NotAfter.IsZero() && at.After(s.NotAfter) {
		return false, b.finish(ctx, s, ending{state: Dropped, at: at, reason: "too late"})
	}
	if b.Wanted == nil || at.Sub(s.Made) < freshFor {
		return true, nil
	}
	ok, err := b.Wanted(ctx, &s.Entry, at)
	if err != nil {
		return false, fmt.Errorf("asking whether mail %s is still wanted: %w", s.id, err)
	}
	if !ok {
		return false, b.finish(ctx, s, ending{state: Dropped, at: at, reason: "not wanted any more"})
	}
	return true, nil
}

// sendAlone sends what goes out at once. The lease is the entry's own.
func (b *batch) sendAlone(ctx context.Context, in []*stored) error {
	s, at := in[0], b.clock()
	if at.Before(s.Lease) {
		return nil // somebody is sending it
	}
	if ok, err := b.wanted(ctx, s); !ok {
		return err
	}
	m, err := b.Templates.Compose(b.Links, s.Entry, at)
	if err != nil {
		return b.spoilt(ctx, s, err)
	}
	if !s.Lease.IsZero() { // whoever had it died; the mail may be out
		if s.Doubts++; s.Code != nil {
			return b.finish(ctx, s, ending{state: Doubtful, at: at})
		}
		if s.Doubts >= maxDoubts {
			return b.finish(ctx, s, ending{state: Failed, at: at, reason: inDoubt})
		}
	}
	s.Lease = at.Add(leaseTime).UTC()
	err = b.Table.Write(ctx, table.Update(itemKey(s.id),
		table.Change{Body: s.body(), Version: s.version + 1}, table.AtVersion(s.version)))
	if errors.Is(err, table.ErrConflict) {
		return nil // somebody else has it
	}
	if err != nil {
		return fmt.Errorf("leasing mail %s: %w", s.id, err)
	}
	s.version++
	return b.handOver(ctx, m, in, nil)
}

// spoilt records an entry that cannot be composed, and never will be.
func (b *batch) spoilt(ctx context.Context, s *stored, err error) error {
	b.Log.Error("mail cannot be composed", "template", s.Template, "error", err)
	return b.finish(ctx, s, ending{state: Failed, at: b.clock(), reason: "cannot be composed"})
}

// handOver sends m and records what came of it for all entries in it. From
// here on the end of ctx stops nothing: a message half handed over is in doubt.
// Dying in the middle leaves the entries queued under a lease that lapses.
func (b *batch) handOver(ctx context.Context, m Message, in []*stored, d *day) error {
	ctx = context.WithoutCancel(ctx)
	sendCtx, cancel := context.WithTimeout(ctx, sendTime)
	provider, err := b.Sender.Send(sendCtx, m)
	cancel()
	at := b.clock()
	log := b.Log.With("template", in[0].Template, "entries", len(in), "error", err)
	b.answered(errors.Is(err, ErrNotNow))
	switch {
	case err == nil:
		return b.recordSent(ctx, in, provider, at)
	case errors.Is(err, ErrRefused):
		log.Error("mail refused")
		b.fail(b.release(ctx, d))
		return each(in, func(s *stored) error {
			return b.finish(ctx, s, ending{state: Failed, at: at, reason: "refused"})
		})
	case errors.Is(err, ErrNotNow):
		log.Warn("mail put off")
		b.fail(b.release(ctx, d))
		return each(in, func(s *stored) error { return b.putOff(ctx, s, at) })
	}
	log.Warn("mail in doubt")
	return each(in, func(s *stored) error { return b.doubted(ctx, s, at) })
}

func each(in []*stored, do func(*stored) error) error {
	var errs []error
	for _, s := range in {
		errs = append(errs, do(s))
	}
	return errors.Join(errs...)
}

// recordSent records the first entry with the ids of the others, then them:
// a report under the tag of the first finds all.
func (b *batch) recordSent(ctx context.Context, in []*stored, provider string, at time.Time) error {
	e := ending{state: Sent, at: at, provider: line(provider, 80)}
	for _, s := range in[1:] {
		e.also = append(e.also, s.id)
	}
	if err := b.finish(ctx, in[0], e); err != nil {
		return err
	}
	e.also, e.state, e.hard = nil, in[0].State, in[0].Hard
	return each(in[1:], func(s *stored) error { return b.finish(ctx, s, e) })
}

// putOff waits longer each time the sender surely did not take the message.
func (b *batch) putOff(ctx context.Context, s *stored, at time.Time) error {
	if s.Since.IsZero() {
		s.Since = at.UTC()
	}
	if at.Sub(s.Since) > giveUp {
		return b.finish(ctx, s, ending{state: Failed, at: at, reason: "given up after a week"})
	}
	pause := min(leaseTime<<min(s.PutOff, 10), maxPause)
	s.PutOff++
	return b.again(ctx, s, at.Add(pause))
}

const inDoubt = "in doubt too often"

// doubted waits for a report about a message that may be on its way before it
// is sent once more; a code is not.
func (b *batch) doubted(ctx context.Context, s *stored, at time.Time) error {
	s.Doubts++
	switch {
	case s.Code != nil:
		return b.finish(ctx, s, ending{state: Doubtful, at: at})
	case s.Doubts >= maxDoubts:
		return b.finish(ctx, s, ending{state: Failed, at: at, reason: inDoubt})
	case s.Class == Safety:
		return b.again(ctx, s, at.Add(leaseTime))
	}
	return b.again(ctx, s, at.Add(doubtTime))
}

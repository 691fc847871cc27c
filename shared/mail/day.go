package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
)

// dayKept is how long a day's item stays: until nobody can ask for it.
const dayKept = 3 * 24 * time.Hour

// day is the step mail of one person on one day. Who puts the item sends the
// mail; the entries named in it may be sent again while their record is missing
// and the lease has lapsed; all others wait for the next day.
type day struct {
	Entries []string  `json:"entries"`
	Lease   time.Time `json:"lease"`
	Tries   int       `json:"tries"` // that may have arrived

	key     table.Key
	version int64
}

func (d *day) body() []byte {
	body, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings, numbers and a time of this century
	}
	return body
}

// sendDay sends one person's due step entries as one mail.
func (b *batch) sendDay(ctx context.Context, due []*stored) error {
	var ready []*stored
	parts := map[string]part{}
	for _, s := range due {
		p, ok, err := b.ready(ctx, s)
		b.fail(err)
		if ok {
			ready, parts[s.id] = append(ready, s), p
		}
	}
	if len(ready) == 0 {
		return nil
	}
	d, mine, err := b.takeDay(ctx, due[0].ToHash, ready)
	if err != nil || len(mine) == 0 {
		return err
	}
	m, err := b.compose(mine, parts)
	if err != nil {
		return err
	}
	return b.handOver(ctx, m, mine, d)
}

// ready composes what s says, if it may go out now.
func (b *batch) ready(ctx context.Context, s *stored) (part, bool, error) {
	at := b.clock()
	if s.window(at).After(at) {
		return part{}, false, b.again(ctx, s, at)
	}
	if ok, err := b.wanted(ctx, s); !ok {
		return part{}, false, err
	}
	if s.window(at).After(at) { // since the entry was made its window has moved
		return part{}, false, b.again(ctx, s, at)
	}
	p, err := b.Templates.part(b.Links, s.Entry)
	if err != nil {
		return part{}, false, b.spoilt(ctx, s, err)
	}
	return p, true, nil
}

func (b *batch) compose(mine []*stored, parts map[string]part) (Message, error) {
	if len(mine) == 1 {
		return b.Templates.Compose(b.Links, mine[0].Entry, b.clock())
	}
	var all []part
	for _, s := range mine {
		all = append(all, parts[s.id])
	}
	return b.Templates.digest(b.Links, all, b.clock())
}

// takeDay puts the day's item and returns the entries to send under it.
func (b *batch) takeDay(ctx context.Context, toHash string, ready []*stored) (*day, []*stored, error) {
	at := b.clock()
	d := &day{Lease: at.Add(leaseTime).UTC(), Tries: 1, key: dayKey(toHash, lang.DateOf(at)), version: 1}
	for _, s := range ready {
		d.Entries = append(d.Entries, s.id)
	}
	err := b.Table.Write(ctx, table.Put(table.Item{
		Key: d.key, Version: d.version, Kind: kindDay, Body: d.body(), Expires: at.Add(dayKept),
	}, table.Absent()))
	if errors.Is(err, table.ErrConflict) {
		return b.joinDay(ctx, d.key, ready, at)
	}
	return d, ready, wrapped(err, "taking a mail day")
}

// joinDay is for a day that has its mail already. It may be ours, unfinished.
func (b *batch) joinDay(ctx context.Context, k table.Key, ready []*stored, at time.Time) (*day, []*stored, error) {
	d, err := b.loadDay(ctx, k)
	if d == nil {
		return nil, nil, err
	}
	var mine []*stored
	for _, s := range ready {
		if slices.Contains(d.Entries, s.id) {
			mine = append(mine, s)
		} else {
			b.fail(b.again(ctx, s, lang.DateOf(at).AddDays(1).At(0, 0)))
		}
	}
	if len(mine) == 0 || at.Before(d.Lease) {
		return nil, nil, nil
	}
	if d.Tries >= maxDoubts {
		return nil, nil, each(mine, func(s *stored) error {
			return b.finish(ctx, s, ending{state: Failed, at: at, reason: inDoubt})
		})
	}
	d.Lease, d.Tries = at.Add(leaseTime).UTC(), d.Tries+1
	if err := b.writeDay(ctx, d); errors.Is(err, table.ErrConflict) {
		return nil, nil, nil // somebody else took it over
	} else if err != nil {
		return nil, nil, fmt.Errorf("taking over a mail day: %w", err)
	}
	mine, err = b.stillQueued(ctx, mine)
	return d, mine, err
}

func (b *batch) loadDay(ctx context.Context, k table.Key) (*day, error) {
	it, err := b.Table.Get(ctx, k)
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil // released just now; the next sweep takes it
	}
	if err != nil {
		return nil, fmt.Errorf("reading a mail day: %w", err)
	}
	d := &day{key: k, version: it.Version}
	if err := json.Unmarshal(it.Body, d); err != nil {
		return nil, fmt.Errorf("reading a mail day: %v", err)
	}
	return d, nil
}

func (b *batch) writeDay(ctx context.Context, d *day) error {
	err := b.Table.Write(ctx, table.Update(d.key,
		table.Change{Body: d.body(), Version: d.version + 1}, table.AtVersion(d.version)))
	if err == nil {
		d.version++
	}
	return err
}

// stillQueued reads the entries again after their day was taken over: who had
// it before us may have recorded them in the meantime.
func (b *batch) stillQueued(ctx context.Context, mine []*stored) ([]*stored, error) {
	var out []*stored
	for _, s := range mine {
		fresh, err := b.load(ctx, itemKey(s.id))
		if err != nil {
			return nil, err
		}
		if fresh != nil && fresh.State == Queued && fresh.version == s.version {
			out = append(out, fresh)
		}
	}
	return out, nil
}

// release gives the day back when the sender surely did not take its mail. A
// day whose earlier try is in doubt stays taken.
func (b *batch) release(ctx context.Context, d *day) error {
	if d == nil {
		return nil
	}
	var err error
	if d.Tries == 1 {
		err = b.Table.Write(ctx, table.Delete(d.key, table.AtVersion(d.version)))
	} else {
		d.Lease, d.Tries = time.Time{}, d.Tries-1
		err = b.writeDay(ctx, d)
	}
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return wrapped(err, "giving back a mail day")
}

package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/table"
)

// kept is how long the record of a mail stays (retention class R6).
const kept = 365 * 24 * time.Hour

// tries is how often a write that met another one is done anew.
const tries = 4

// rank orders the states that a provider reports: whatever the order of the
// reports, the highest stays. States that we gave an entry ourselves give way.
func (s State) rank() int {
	return slices.Index([]State{Sent, Delivered, Bounced, Complaint}, s) + 1
}

// ending is what an entry comes to.
type ending struct {
	state    State
	hard     bool
	at       time.Time
	provider string
	reason   string
	also     []string
}

// end joins e into what is known. It says whether anything changed, and
// whether the noun has to hear of it.
func (s *stored) end(e ending) (changed, bad bool) {
	before, hard := s.State, s.Hard
	if before == Queued || e.state.rank() > before.rank() {
		s.State = e.state
		if !e.at.IsZero() && before.rank() == 0 {
			s.At = e.at.UTC()
		}
	}
	s.Hard = s.Hard || e.hard
	added := s.ProviderID == "" && e.provider != "" || len(s.Also) == 0 && len(e.also) > 0
	if s.ProviderID == "" {
		s.ProviderID = e.provider
	}
	if len(s.Also) == 0 {
		s.Also = e.also
	}
	if s.State == e.state && before != s.State {
		s.Reason = e.reason
	}
	bad = s.Hard && !hard || s.State != before && (s.State == Bounced || s.State == Complaint || s.State == Failed)
	return s.State != before || s.Hard != hard || added, bad
}

// finish records what an entry came to: it leaves index Due, and everything
// that was mailed leaves the table.
func (o *Outbox) finish(ctx context.Context, s *stored, e ending) error {
	for range tries {
		changed, bad := s.end(e)
		if !changed {
			return nil
		}
		ops, err := o.endOps(ctx, s, bad)
		if err != nil {
			return err
		}
		err = o.Table.Write(ctx, ops...)
		if !errors.Is(err, table.ErrConflict) {
			return wrapped(err, "recording mail %s", s.id)
		}
		// Another sender, or a report that overtook us: join with what it wrote.
		fresh, err := o.load(ctx, itemKey(s.id))
		if err != nil || fresh == nil {
			return err
		}
		*s = *fresh
	}
	return fmt.Errorf("recording mail %s: %w", s.id, table.ErrConflict)
}

func (o *Outbox) endOps(ctx context.Context, s *stored, bad bool) ([]table.Op, error) {
	record := stored{
		Entry: Entry{Key: s.Key, Template: s.Template, Class: s.Class, CaseNo: s.CaseNo},
		State: s.State, Hard: s.Hard, ToHash: s.ToHash, Made: s.Made, At: s.At,
		ProviderID: s.ProviderID, Reason: s.Reason, Also: s.Also,
	}
	expires := s.At.Add(kept)
	by := table.Place{}
	if s.State == Failed {
		by = table.Place{PK: failedPK, SK: s.At.Format(time.RFC3339) + "#" + s.id}
	}
	ch := table.Change{
		Body: record.body(), Version: s.version + 1, Due: &table.Place{}, By: &by, Expires: &expires,
	}
	ops := []table.Op{table.Update(itemKey(s.id), ch, table.AtVersion(s.version))}
	if !bad || o.Bounced == nil {
		return ops, nil
	}
	more, err := o.Bounced(ctx, Bounce{
		EntryKey: s.Key, Template: s.Template, CaseNo: s.CaseNo, ToHash: s.ToHash, State: s.State, At: s.At,
		Hard: s.Hard, Message: s.ProviderID,
	})
	if err != nil {
		return nil, fmt.Errorf("asking what the %s mail %s calls for: %w", s.State, s.id, err)
	}
	return append(ops, more...), nil
}

// again leaves an entry queued, due anew at that time.
func (o *Outbox) again(ctx context.Context, s *stored, at time.Time) error {
	s.Lease = time.Time{}
	place := s.moveTo(at)
	ch := table.Change{Body: s.body(), Version: s.version + 1, Due: &place}
	err := o.Table.Write(ctx, table.Update(itemKey(s.id), ch, table.AtVersion(s.version)))
	if errors.Is(err, table.ErrConflict) {
		return nil // somebody else moved or finished it
	}
	s.version++
	return wrapped(err, "putting off mail %s", s.id)
}

func wrapped(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// Event takes in what a provider reports about a message. Reports may come
// late, twice and in any order: the state at the end is the same.
func (o *Outbox) Event(ctx context.Context, v DeliveryEvent, now time.Time) error {
	e := ending{at: v.At, hard: v.Hard && v.Kind == DeliveryBounce}
	if e.at.IsZero() {
		e.at = now
	}
	switch v.Kind {
	case DeliveryDone:
		e.state = Delivered
	case DeliveryBounce:
		e.state = Bounced
	case DeliveryComplaint:
		e.state = Complaint
	default:
		return nil
	}
	lead, err := o.load(ctx, itemKey(v.Tag))
	if err != nil || lead == nil {
		return err // none: from another installation, or longer ago than records are kept
	}
	if err := o.finish(ctx, lead, e); err != nil {
		return err
	}
	for _, id := range lead.Also {
		s, err := o.load(ctx, itemKey(id))
		if err == nil && s != nil {
			err = o.finish(ctx, s, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

package mail

import (
	"context"
	"log/slog"
	"time"

	"kokoma/shared/table"
)

// Deps is what an Outbox works with; Table, Sender, Links, Templates and Log
// are needed.
type Deps struct {
	Table     table.Table
	Sender    Sender
	Links     *Links
	Templates *Templates
	Log       *slog.Logger
	// Now is the time while a batch is worked off, for leases; nil: the time
	// that Due is given stands still.
	Now func() time.Time
	// Wanted is asked just before an entry is sent that has waited for more
	// than a few minutes: is its step still open in that iteration? nil: yes.
	Wanted func(context.Context, Entry) (bool, error)
	// Bounced is asked what a hard bounce, a complaint or a failed mail calls
	// for; its operations are part of the write that records the state.
	Bounced func(context.Context, Bounce) ([]table.Op, error)
}

// Outbox is the one way by which mail leaves.
type Outbox struct{ Deps }

// New returns the outbox.
func New(d Deps) *Outbox { return &Outbox{d} }
// Record is what is known about an entry.
type Record struct {
	Key, Template, CaseNo string
	Class                 Class
	State                 State
	At                    time.Time // when it reached Sent or another end; while queued, when it is due
	ToHash                string
	ProviderID            string
	Reason                string // of Failed and Dropped, in a word
	To, Subject           string // while queued
}
func (o *Outbox) Op(e Entry, now time.Time) table.Op { return table.Op{} }
func (o *Outbox) Due(ctx context.Context, keys []table.Key, now time.Time) error { return nil }
func (o *Outbox) Event(ctx context.Context, v DeliveryEvent, now time.Time) error { return nil }
func (o *Outbox) Queued(ctx context.Context) ([]Record, error) { return nil, nil }
func (o *Outbox) Failed(ctx context.Context) ([]Record, error) { return nil, nil }
func (o *Outbox) Find(ctx context.Context, entryKey string) (Record, error) { return Record{}, nil }

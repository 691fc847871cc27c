package mail

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
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
	Office    string // address of the service office; may be empty
	// AtOnce is how many mails are on their way at the same time, each to
	// somebody else; 0 is one after the other. A provider answers slowly, but
	// takes several: the rate is kept by Throttle.
	AtOnce int
	// Now is the time while a batch is worked off, for leases; nil: the time
	// that Due is given stands still.
	Now func() time.Time
	// Wanted is asked just before an entry is sent that has waited for more
	// than a few minutes: is its step still open in that iteration? It may
	// bring the entry's Settings up to date, which can make it wait, and choose
	// the template for the day on which it goes. nil: yes.
	Wanted func(context.Context, *Entry, time.Time) (bool, error)
	// Bounced is asked what a bounce, a complaint or a failed mail calls for; its
	// operations are part of the write that records the state.
	Bounced func(context.Context, Bounce) ([]table.Op, error)
}

// Outbox is the one way by which mail leaves.
type Outbox struct{ Deps }

// New returns the outbox.
func New(d Deps) *Outbox { return &Outbox{d} }

// stored is an entry as the table keeps it, and later its record.
type stored struct {
	Entry
	State      State     `json:"state"`
	Hard       bool      `json:"hard,omitempty"` // of Bounced
	ToHash     string    `json:"hash"`
	Made       time.Time `json:"made"`
	Since      time.Time `json:"since,omitzero"` // of the first attempt that came to nothing
	Lease      time.Time `json:"lease,omitzero"` // until when somebody is sending it
	PutOff     int       `json:"putOff,omitempty"`
	Doubts     int       `json:"doubts,omitempty"` // attempts that may have arrived
	At         time.Time `json:"at,omitzero"`      // when it reached its state
	ProviderID string    `json:"provider,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Also       []string  `json:"also,omitempty"` // ids of the other entries in its digest

	id      string
	version int64
}

const (
	kindMail = "mail"
	kindDay  = "mailday"
	prefix   = "mail#"
	entrySK  = "mail"
)

// Tag is the id of the entry with that key: in its partition key, and what a
// provider reports about its message under.
func Tag(entryKey string) string {
	sum := sha256.Sum256([]byte(entryKey))
	return base32Lower(sum[:16])
}

func itemKey(id string) table.Key { return table.Key{PK: prefix + id, SK: entrySK} }

func dayKey(toHash string, day lang.Date) table.Key {
	return table.Key{PK: prefix + "day#" + toHash, SK: day.String()}
}

// Op puts e into the outbox, as part of the write of what causes it. That
// write fails when there is an entry of the same key already: no second mail.
func (o *Outbox) Op(e Entry, now time.Time) table.Op {
	e = o.completed(e)
	s := stored{Entry: e, State: Queued, ToHash: o.Links.Hash(e.To), Made: now.UTC(), id: Tag(e.Key)}
	place := s.moveTo(latest(now, e.NotBefore))
	return table.Put(table.Item{
		Key: itemKey(s.id), Version: 1, Kind: kindMail, Body: s.body(), Due: place,
	}, table.Absent())
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// completed fills in what may be left out and bounds what people typed.
func (o *Outbox) completed(e Entry) Entry {
	e.Lang = cmp.Or(e.Lang, lang.DE)
	e.Class = cmp.Or(e.Class, o.Templates.Class(e.Template), Step)
	e.To, e.ToName = normal(line(e.To, 320)), line(e.ToName, 80)
	e.Office = o.Office != "" && e.To == normal(o.Office) && e.Trial == ""
	params := make(map[string]string, len(e.Params))
	for name, v := range e.Params {
		params[name] = line(v, maxValue)
	}
	e.Params = params
	if e.Link != nil && e.Link.Recipient == e.To {
		k := *e.Link
		k.Recipient = "" // said once is enough
		e.Link = &k
	}
	return e
}

func (s *stored) body() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings, numbers and times of this century
	}
	return b
}

// window is the earliest moment from at on when the entry may go out.
func (s *stored) window(at time.Time) time.Time {
	if s.Class != Step {
		return at
	}
	return municipality.CalendarOf(s.Land, s.Settings).MailTime(at)
}

// moveTo has the entry wait until at, or until its window opens after that.
// The time is in the entry, too: a key that comes early changes nothing.
func (s *stored) moveTo(at time.Time) table.Place {
	at = s.window(at)
	if at.After(s.Made) {
		s.NotBefore = at.UTC()
	}
	return table.DueAt(s.ToHash, at, string(s.Class)+" "+s.ToHash)
}

// load reads an entry or record; nil when there is none.
func (o *Outbox) load(ctx context.Context, k table.Key) (*stored, error) {
	it, err := o.Table.Get(ctx, k)
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading mail %s: %w", k.PK, err)
	}
	if it.Kind != kindMail {
		return nil, nil
	}
	s := &stored{id: strings.TrimPrefix(k.PK, prefix), version: it.Version}
	if err := json.Unmarshal(it.Body, s); err != nil {
		return nil, fmt.Errorf("reading mail %s: %v", k.PK, err)
	}
	return s, nil
}

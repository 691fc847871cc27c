package mail

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Throttle is a Sender that keeps a rate, evenly spaced: no second sees more
// messages than that. A message that its Sender puts off is tried again after
// a moment, twice, before that is passed on.
type Throttle struct {
	inner   Sender
	spacing time.Duration

	mu   sync.Mutex
	next time.Time
}

// NewThrottle lets at most perSecond messages a second through to inner. Where
// several processes send, each gets its share of the provider's rate.
func NewThrottle(inner Sender, perSecond float64) *Throttle {
	return &Throttle{inner: inner, spacing: time.Duration(float64(time.Second)/perSecond) + 1}
}

// Send waits for its turn, then sends.
func (t *Throttle) Send(ctx context.Context, m Message) (string, error) {
	for try := 0; ; try++ {
		err := sleep(ctx, time.Duration(try)*time.Second)
		if err == nil {
			err = sleep(ctx, t.turn())
		}
		if err != nil {
			return "", err
		}
		id, err := t.inner.Send(ctx, m)
		if try == 2 || !errors.Is(err, ErrNotNow) {
			return id, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: waiting for a turn: %v", ErrNotNow, ctx.Err())
	case <-timer.C:
		return nil
	}
}

// turn books the next free moment and says how far it is.
func (t *Throttle) turn() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	at := latest(now, t.next)
	t.next = at.Add(t.spacing)
	return at.Sub(now)
}

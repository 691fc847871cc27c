package table

import (
	"context"
	"sync"
)

// Meter adds up what the calls of a context consumed. The zero Meter is ready,
// and several goroutines may share it.
type Meter struct {
	mu    sync.Mutex
	units Units
}

// Units is a number of write and read units as DynamoDB bills them.
type Units struct{ Write, Read float64 }

// Plus adds.
func (u Units) Plus(v Units) Units { return Units{u.Write + v.Write, u.Read + v.Read} }

// Units gives the sums so far.
func (m *Meter) Units() (write, read float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.units.Write, m.units.Read
}

type meterKey struct{}

// WithMeter gives a context whose calls are added to the meter.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// Spend adds to the meter of the context, if it has one. Implementations call
// it, also for calls that fail.
func Spend(ctx context.Context, u Units) {
	m, ok := ctx.Value(meterKey{}).(*Meter)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units = m.units.Plus(u)
}

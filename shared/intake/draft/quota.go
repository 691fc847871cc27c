package draft

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"kokoma/shared/table"
)

// Quota is how often something may be done in a span of time. Unlike
// web.Limiter it counts in the write of what is done: who is beaten by somebody
// else, and tries again, counts once.
type Quota struct {
	Name string
	Max  int64
	Per  time.Duration
}

// perAddress is how often one address may be written to because somebody typed
// it, whichever drafts it is for.
var perAddress = Quota{Name: "address", Max: 10, Per: 24 * time.Hour}

// Take gives the operation that counts one more of who, ErrTooMany when there
// were enough. The key's hash covers the span, so counts cannot be joined.
func (q Quota) Take(ctx context.Context, t table.Table, who string, now time.Time) (table.Op, error) {
	start := now.Truncate(q.Per)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", q.Name, who, start.Unix()))
	key := table.Key{PK: Prefix + "quota#" + hex.EncodeToString(sum[:16]), SK: "count"}
	it, err := t.Get(ctx, key)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return table.Op{}, fmt.Errorf("reading a quota: %w", err)
	}
	if it.Counters["n"] >= q.Max {
		return table.Op{}, ErrTooMany
	}
	end := start.Add(q.Per + time.Hour) // later than any write of this span
	change := table.Change{Add: map[string]int64{"n": 1}, Expires: &end}
	return table.Update(key, change, table.CounterBelow("n", q.Max)), nil
}

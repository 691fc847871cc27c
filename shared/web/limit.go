package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/table"
)

// Limit is how often something may happen in a span of time.
type Limit struct {
	Name string // "login-address": part of the key, so two limits never share a count
	Max  int64
	Per  time.Duration
}

// Limiter counts in the table, so all functions and processes share the count.
type Limiter struct{ table table.Table }

// NewLimiter returns a limiter that counts in t.
func NewLimiter(t table.Table) *Limiter { return &Limiter{t} }

// Take counts one try of who and returns a *TooManyError when there were too many in this window.
// The key holds a hash that also covers the window: no address is stored, and counts of different
// windows cannot be joined.
func (l *Limiter) Take(ctx context.Context, limit Limit, who string, now time.Time) error {
	start := now.Truncate(limit.Per)
	end := start.Add(limit.Per)
	sum := sha256.Sum256([]byte(limit.Name + "\x00" + who + "\x00" + strconv.FormatInt(start.Unix(), 10)))
	key := table.Key{PK: "web#limit#" + hex.EncodeToString(sum[:16]), SK: "count"}
	change := table.Change{Add: map[string]int64{"n": 1}, Expires: &end}
	err := l.table.Write(ctx, table.Update(key, change, table.CounterBelow("n", limit.Max)))
	if c, ok := errors.AsType[*table.ConflictError](err); ok && c.Collided {
		return nil // two counted at the same moment: one try more or less is no matter
	}
	if errors.Is(err, table.ErrConflict) {
		return &TooManyError{After: end.Sub(now)}
	}
	if err != nil {
		return fmt.Errorf("counting for a limit: %w", err)
	}
	return nil
}

// ClientAddress is where a request came from, for limits: a whole IPv6 network of one subscriber
// counts as one. Only what a trusted proxy forwarded is believed.
func (s *Site) ClientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(a); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		a = next
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // 64 bits always fit an IPv6 address
	return p.String()
}

func (s *Site) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

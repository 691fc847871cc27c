package table

import (
	"fmt"
	"hash/fnv"
	"time"
)

const shards = 4

// Shards is the number of partitions that share index Due. It never changes:
// stored places depend on it.
func Shards() int { return shards }

// DueAt gives the place in index Due for something of this owner that has to
// be looked at from that time on, never earlier: parts of a second are rounded
// up. Equal owners share a shard, so that their things come in order.
func DueAt(owner string, at time.Time, note string) Place {
	h := fnv.New32a()
	h.Write([]byte(owner)) // never fails
	if whole := at.Truncate(time.Second); whole.Before(at) {
		at = whole.Add(time.Second)
	}
	return Place{PK: shardKey(int(h.Sum32() % shards)), SK: stamp(at), Note: note}
}

// DueUntil asks for what is due in one of the shards, oldest first.
func DueUntil(shard int, now time.Time) Query {
	return Query{Index: Due, PK: shardKey(shard), To: stamp(now)}
}

// Time gives the time of a place that DueAt made.
func (p Place) Time() (time.Time, error) {
	at, err := time.Parse(time.RFC3339, p.SK)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the time of place %s: %w", p.PK, err)
	}
	return at, nil
}

func shardKey(i int) string { return fmt.Sprintf("due#%d", i) }

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

package bolt

import (
	"bytes"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

// scan collects one page.
type scan struct {
	q     table.Query
	now   time.Time
	page  table.Page
	last  table.Item // the one before, taken or passed over
	bytes int        // read so far
}

func (s *scan) bucket() []byte {
	if s.q.Index != table.Primary {
		return bucketFor(s.q.Index)
	}
	return bucketOf(s.q.Table)
}

// start goes to the first key of the page.
func (s *scan) start(c *bbolt.Cursor, prefix []byte, mark table.Mark, marked bool) (k, v []byte) {
	if marked {
		return s.startAfter(c, markKey(s.q, mark))
	}
	low := max(s.q.From, s.q.Prefix)
	if !s.q.Desc {
		return c.Seek(append(prefix[:len(prefix):len(prefix)], escaped(low)...))
	}
	high := after(append(prefix[:len(prefix):len(prefix)], escaped(s.q.Prefix)...))
	if s.q.To != "" {
		high = earlier(high, after(appendPart(prefix[:len(prefix):len(prefix)], s.q.To)))
	}
	return before(c, high)
}

// startAfter goes to the key that follows a mark, which need not be there any
// more.
func (s *scan) startAfter(c *bbolt.Cursor, mark []byte) (k, v []byte) {
	if s.q.Desc {
		return before(c, mark)
	}
	k, v = c.Seek(mark)
	if bytes.Equal(k, mark) {
		return c.Next()
	}
	return k, v
}

func (s *scan) next(c *bbolt.Cursor) (k, v []byte) {
	if s.q.Desc {
		return c.Prev()
	}
	return c.Next()
}

// take adds an item to the page and says whether there is more to take.
func (s *scan) take(k, v []byte) (bool, error) {
	it, err := s.decode(k, v)
	if err != nil {
		return false, err
	}
	if sk := it.Place(s.q.Index).SK; !s.q.Has(sk) {
		return false, nil
	}
	size := table.Size(it)
	if s.bytes > 0 && s.bytes+size > table.MaxPage {
		s.page.Cursor = table.MarkOf(s.q, s.last).Cursor()
		return false, nil
	}
	s.bytes += size
	s.last = it
	if it.ExpiredAt(s.now) {
		return true, nil
	}
	s.page.Items = append(s.page.Items, it)
	if s.q.Limit > 0 && len(s.page.Items) == s.q.Limit {
		s.page.Cursor = table.MarkOf(s.q, it).Cursor()
		return false, nil
	}
	return true, nil
}

func (s *scan) decode(k, v []byte) (table.Item, error) {
	if s.q.Index != table.Primary {
		return decodeEntry(s.q.Index, k, v)
	}
	pk, rest, err := cutPart(k)
	if err != nil {
		return table.Item{}, err
	}
	sk, _, err := cutPart(rest)
	if err != nil {
		return table.Item{}, err
	}
	return decode(table.Key{Table: s.q.Table, PK: pk, SK: sk}, v)
}

func markKey(q table.Query, m table.Mark) []byte {
	if q.Index == table.Primary {
		return parts(q.PK, m.SK)
	}
	return parts(q.PK, m.Place, m.PK, m.SK)
}

// escaped is the beginning that the keys of all strings with this prefix
// share.
func escaped(prefix string) []byte {
	b := appendPart(nil, prefix)
	return b[:len(b)-2]
}

// before goes to the last key less than high; nil is the end of the bucket.
func before(c *bbolt.Cursor, high []byte) (k, v []byte) {
	if high == nil {
		return c.Last()
	}
	if k, _ := c.Seek(high); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// after gives the first key that does not begin so, nil when there is none.
func after(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return next[:i+1]
		}
	}
	return nil
}

func earlier(a, b []byte) []byte {
	if a == nil || b != nil && bytes.Compare(b, a) < 0 {
		return b
	}
	return a
}

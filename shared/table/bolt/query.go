package bolt

import (
	"bytes"
	"context"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

// Query reads one page. Expired items cost like others but do not count
// towards the limit.
func (f *file) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := ctx.Err(); err != nil {
		return table.Page{}, err
	}
	mark, marked, err := q.Mark()
	if err != nil {
		return table.Page{}, err
	}
	s := scan{q: q, now: f.now()}
	err = f.view(func(tx *bbolt.Tx) error {
		c, prefix := tx.Bucket(s.bucket()).Cursor(), parts(q.PK)
		k, v := s.start(c, prefix, mark, marked)
		for ; bytes.HasPrefix(k, prefix); k, v = s.next(c) {
			more, err := s.take(k, v)
			if err != nil || !more {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return table.Page{}, fmt.Errorf("reading partition %q: %w", q.PK, err)
	}
	table.Spend(ctx, table.ReadUnits(s.bytes, q.Eventual || q.Index != table.Primary))
	return s.page, nil
}

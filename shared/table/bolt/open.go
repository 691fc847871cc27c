package bolt

import (
	"errors"
	"fmt"
	"sync"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
)

type file struct {
	db      *bbolt.DB
	now     func() time.Time
	queue   chan *write
	stop    chan struct{}
	stopped chan struct{}
	closing sync.Once
}

// Open opens the file, or makes it when there is none.
func Open(path string, options ...Option) (*Table, error) {
	f := &file{now: time.Now, queue: make(chan *write), stop: make(chan struct{}), stopped: make(chan struct{})}
	for _, o := range options {
		o(f)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("opening table file %s: %w", path, err)
	}
	f.db = db
	if err := db.Update(prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing table file %s: %w", path, err), db.Close())
	}
	go f.commits()
	return &Table{table.Limited(f), f}, nil
}

func prepare(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketMeta, bucketMain, bucketAnswers, bucketDue, bucketBy, bucketExpiry} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

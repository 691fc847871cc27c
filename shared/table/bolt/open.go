package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"kokoma/shared/table"
)

// What keeps a file from being opened. The file is then as it was before.
var (
	ErrLocked     = errors.New("another program has this table file open")
	ErrUnreadable = errors.New("this is no table file, or it is damaged")
	ErrNewer      = errors.New("a newer version of the program wrote this table file")
)

// format is the version of what this package writes into a file. Readers of
// the next format come one release before its writers.
const format = 1

var keyFormat = []byte("format")

// lockWait is how long Open waits for a program that is just ending.
const lockWait = time.Second

type file struct {
	db      *bbolt.DB
	now     func() time.Time
	queue   chan *write
	stop    chan struct{} // closed to end the writing goroutine
	stopped chan struct{} // closed when it has ended
	closing sync.Once

	disk    *os.File     // what db writes to
	reading sync.RWMutex // held while a state of the file is read
	state   int          // number of the last commit
	stale   bool         // answers were touched, and older states not wiped yet
	wiped   []uint64     // free pages that hold zeros, in order
}

// Open opens the file, or makes it when there is none; its folder has to be
// there. It looks before it touches: ErrLocked, ErrUnreadable and ErrNewer
// leave the file alone.
func Open(path string, options ...Option) (*Table, error) {
	f := &file{now: time.Now, queue: make(chan *write), stop: make(chan struct{}), stopped: make(chan struct{})}
	for _, o := range options {
		o(f)
	}
	if err := guarded(func() error { return f.open(path) }); err != nil {
		return nil, fmt.Errorf("opening table file %s: %w", path, err)
	}
	go f.commits()
	return &Table{table.Limited(f), f}, nil
}

func (f *file) open(path string) error {
	info, err := os.Stat(path)
	fresh := errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
	if !fresh {
		if err := inspect(path); err != nil {
			return err
		}
	}
	// The list of free pages is kept in the file: not to write it would gain 5 %
	// and make every start read the whole file.
	f.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, FreelistType: bbolt.FreelistMapType, OpenFile: f.openDisk,
	})
	if err != nil {
		return explain(err)
	}
	err = f.db.Update(f.prepare)
	if err == nil {
		err = f.settle(f.state)
	}
	if fresh && err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(err, f.db.Close())
	}
	return nil
}

func (f *file) openDisk(path string, flag int, mode fs.FileMode) (*os.File, error) {
	disk, err := os.OpenFile(path, flag, mode)
	f.disk = disk
	return disk, err
}

// inspect reads so much of a file that opening it for writing is safe.
func inspect(path string) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return fmt.Errorf("%w: it ends after %d of %d bytes", ErrUnreadable, info.Size(), tx.Size())
		}
		return readFormat(tx)
	})
}

// readFormat accepts this format, and a file that a dying process left before
// it held anything.
func readFormat(tx *bbolt.Tx) error {
	if k, _ := tx.Cursor().First(); k == nil {
		return nil
	}
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return fmt.Errorf("%w: another program's data is in it", ErrUnreadable)
	}
	n, err := strconv.Atoi(string(meta.Get(keyFormat)))
	switch {
	case err != nil || n < 1:
		return fmt.Errorf("%w: its format is %q", ErrUnreadable, meta.Get(keyFormat))
	case n > format:
		return fmt.Errorf("%w: its format is %d, this program reads up to %d", ErrNewer, n, format)
	}
	for _, name := range dataBuckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: its part %s is missing", ErrUnreadable, name)
		}
	}
	return nil
}

// prepare makes what a new file needs, and takes out what expired while nobody
// had the file open.
func (f *file) prepare(tx *bbolt.Tx) error {
	f.state, f.stale = tx.ID(), true // who wrote last may have died before wiping
	for _, name := range dataBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil {
		return err
	}
	if err := meta.Put(keyFormat, []byte(strconv.Itoa(format))); err != nil {
		return err
	}
	return f.sweep(tx, 10_000)
}

// explain gives bbolt's errors our names.
func explain(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.As(err, &path):
		return err
	}
	return fmt.Errorf("%w: %v", ErrUnreadable, err)
}

// guarded makes an ErrUnreadable of the panics with which bbolt meets damage,
// and of faults in the mapped file. A file whose opening panicked stays locked
// while the process lives.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrUnreadable, r)
		}
	}()
	return do()
}

// syncFolder makes a new file's name durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Package folder is the data folder of a platform on one machine: its table, its
// link key, and its clock, which can be turned. One process at a time opens it.
package folder

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kokoma/shared/table/bolt"
)

// Folder is an open data folder.
type Folder struct {
	Root  *os.Root
	Clock *Clock
	Table *bolt.Table
}

// Open opens a data folder that is there. Nothing in it is changed when it
// cannot be used.
func Open(name string) (*Folder, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("opening the data folder: %w", err)
	}
	f := &Folder{Root: root}
	if f.Clock, err = openClock(root); err == nil {
		f.Table, err = openTable(filepath.Join(name, "table.db"), f.Clock.Now)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close closes it.
func (f *Folder) Close() error {
	err := f.Root.Close()
	if f.Table != nil {
		err = errors.Join(err, f.Table.Close())
	}
	return err
}

func openTable(file string, now func() time.Time) (*bolt.Table, error) {
	t, err := bolt.Open(file, bolt.Clock(now))
	switch {
	case errors.Is(err, bolt.ErrLocked):
		return nil, fmt.Errorf("%s is in use: a platform runs on this data folder; stop it or choose another with -data", file)
	case errors.Is(err, bolt.ErrNewer):
		return nil, fmt.Errorf("%s was written by a newer version: start that version, or choose another folder with -data", file)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be opened (%w): nothing was changed; restore the file or choose another folder with -data", file, err)
	}
	return t, nil
}

// LinkKey reads the key that links are made with, or makes it at the first start.
func (f *Folder) LinkKey() ([]byte, error) {
	const name = "link.key"
	raw, err := f.Root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails (crypto/rand)
		text := base64.StdEncoding.EncodeToString(key) + "\n"
		return key, f.Root.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the link key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) < 32 {
		return nil, errors.New("the file link.key in the data folder is damaged: restore it, or all links that were mailed stop working")
	}
	return key, nil
}

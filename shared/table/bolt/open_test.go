package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

func TestOpenRefusesWhatIsNoReadableTableFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
	}{
		"text":              {func(t *testing.T, path string) { overwrite(t, path, []byte("Guten Tag\n")) }, bolt.ErrUnreadable},
		"long text":         {func(t *testing.T, path string) { overwrite(t, path, bytes.Repeat([]byte("abc\n"), 9000)) }, bolt.ErrUnreadable},
		"cut short":         {func(t *testing.T, path string) { overwrite(t, path, read(t, path)[:20_000]) }, bolt.ErrUnreadable},
		"very short":        {func(t *testing.T, path string) { overwrite(t, path, read(t, path)[:5000]) }, bolt.ErrUnreadable},
		"another program":   {func(t *testing.T, path string) { foreign(t, path) }, bolt.ErrUnreadable},
		"newer format":      {func(t *testing.T, path string) { reformat(t, path, "2") }, bolt.ErrNewer},
		"unreadable format": {func(t *testing.T, path string) { reformat(t, path, "x") }, bolt.ErrUnreadable},
		"a part missing":    {func(t *testing.T, path string) { drop(t, path, "due") }, bolt.ErrUnreadable},
		"a folder":          {func(t *testing.T, path string) { folder(t, path) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filled(t)
			c.spoil(t, path)
			before := read(t, path)
			f, err := bolt.Open(path)
			if err == nil {
				_ = f.Close()
				t.Fatal("opened")
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%v does not name the file", err)
			}
			if !bytes.Equal(read(t, path), before) {
				t.Error("the file was touched")
			}
		})
	}
}

func TestOpenRefusesAFileThatIsOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "table.db")
	open(t, path)
	if _, err := bolt.Open(path); !errors.Is(err, bolt.ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestOpenNeedsTheFolder(t *testing.T) {
	t.Parallel()
	_, err := bolt.Open(filepath.Join(t.TempDir(), "none", "table.db"))
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, bolt.ErrUnreadable) {
		t.Errorf("got %v", err)
	}
}

func TestOpenTakesWhatADyingProcessBegan(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.db")
	overwrite(t, empty, nil)
	begun := filepath.Join(t.TempDir(), "begun.db")
	change(t, begun, func(*bbolt.Tx) error { return nil })
	for _, path := range []string{empty, begun} {
		put(t, open(t, path), table.Item{Key: key("a")})
	}
}

// A page that a disk has spoilt must end in an error, not end the process.
func TestDamagedPagesAreErrors(t *testing.T) {
	t.Parallel()
	good := read(t, filled(t))
	dir, size := t.TempDir(), os.Getpagesize()
	noticed := 0
	for page := 2; page < len(good)/size; page++ {
		bad := bytes.Clone(good)
		for i := range 64 {
			bad[page*size+i] ^= 0xA5
		}
		path := filepath.Join(dir, fmt.Sprint(page))
		overwrite(t, path, bad)
		if err := useAll(t, path); err != nil {
			noticed++
			if !errors.Is(err, bolt.ErrUnreadable) {
				t.Errorf("page %d: %v", page, err)
			}
		}
	}
	if noticed == 0 {
		t.Error("no damage was noticed")
	}
}

// useAll opens, reads and writes until something fails.
func useAll(t *testing.T, path string) error {
	f, err := bolt.Open(path)
	if err != nil {
		return err
	}
	for _, q := range []table.Query{{PK: "p"}, {PK: "p", Desc: true}, {Index: table.Due, PK: "due#0"}} {
		for _, err := range table.All(t.Context(), f, q) {
			if err != nil {
				return errors.Join(err, f.Close())
			}
		}
	}
	var ops []table.Op
	for i := range 50 {
		ops = append(ops, table.Put(table.Item{Key: key(fmt.Sprintf("%04d", i))}))
	}
	return errors.Join(f.Write(t.Context(), ops...), f.Close())
}

// filled gives the path of a closed file with 100 items.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.db")
	f := open(t, path)
	var ops []table.Op
	for i := range 100 {
		ops = append(ops, table.Put(table.Item{
			Key: key(fmt.Sprintf("%04d", i)), Body: []byte(filler), Due: table.Place{PK: "due#0", SK: "1"},
		}))
	}
	if err := f.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func overwrite(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
}

func change(t *testing.T, path string, do func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func foreign(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	change(t, path, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
}

func reformat(t *testing.T, path, format string) {
	t.Helper()
	change(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(format)) })
}

func drop(t *testing.T, path, bucket string) {
	t.Helper()
	change(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(bucket)) })
}

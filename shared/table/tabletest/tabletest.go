// Package tabletest helps to test what uses a table, and what is one.
package tabletest

import (
	"path/filepath"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// New gives an empty table in a file that ends with the test.
func New(t testing.TB, options ...bolt.Option) table.Table {
	t.Helper()
	f, err := bolt.Open(filepath.Join(t.TempDir(), "table.db"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

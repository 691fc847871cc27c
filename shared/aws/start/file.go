//go:build filetable

package start

import (
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// openFile lets a test run a function over an embedded table.
func openFile(file string) (table.Table, error) { return bolt.Open(file) }

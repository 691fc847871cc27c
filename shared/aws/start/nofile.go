//go:build !filetable

package start

import (
	"errors"

	"kokoma/shared/table"
)

// openFile refuses: what is deployed does not carry the embedded database.
func openFile(string) (table.Table, error) {
	return nil, errors.New("KOKOMA_TABLE_FILE is set, but this binary was built without the tag filetable")
}

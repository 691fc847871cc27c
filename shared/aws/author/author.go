// Package author is how the function begins that serves the desk of authors.
// It is apart from start because it carries the library that reads and writes
// workbooks, which no other function needs.
package author

import (
	"kokoma/shared/app"
	"kokoma/shared/authoring"
	"kokoma/shared/aws/start"
	"kokoma/shared/form/workbook"
)

// maxFile is what comes through: Lambda takes and gives 6 MB at once, in which a
// file stands in base64, a third longer.
const maxFile = 4 << 20

// HTTP serves the desk of authors.
func HTTP() {
	start.HTTP("authoring", func(d *app.Deps) {
		d.Workbooks = authoring.Workbooks{Read: workbook.Read, Write: workbook.Write, WriteSheets: workbook.WriteSheets}
		d.MaxUpload, d.MaxDownload = maxFile, maxFile
	})
}

// Package export writes the answers of any form as tables: wide and long CSV
// in a German and a machine dialect, sheets of a workbook with codes and with
// labels, and a JSON Schema of what is handed in.
package export

import (
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/lang"
)

// Sheet is a table of a workbook. Cells are string, float64, int, bool or nil.
type Sheet = codebook.Sheet

// Record is what somebody handed in once.
type Record struct {
	Case string // the case that it belongs to
	Key  string // tells records of one case apart: of a step "A04/2", its iteration
	Form string // hash of the version that was answered
	At   time.Time
	Lang lang.Lang
	// Answers are canonical, as Form.Clean made them.
	Answers form.Answers
}

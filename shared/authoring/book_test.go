package authoring_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// edit changes cells of the sheet survey, named by question and column.
func edit(t *testing.T, book string, cells map[string]string) string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("survey")
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i + 1
	}
	for y, row := range rows {
		for x, name := range column {
			if column["name"] > len(row) {
				continue
			}
			value, ok := cells[row[column["name"]-1]+"."+x]
			if !ok {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(name, y+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr("survey", cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

package authoring_test

import (
	"bytes"
	"slices"
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

// cellOf is where a question has a column, like "C12".
func cellOf(t *testing.T, book, question, column string) string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("survey")
	if err != nil {
		t.Fatal(err)
	}
	x, name := slices.Index(rows[0], column), slices.Index(rows[0], "name")
	y := slices.IndexFunc(rows, func(row []string) bool { return name < len(row) && row[name] == question })
	cell, err := excelize.CoordinatesToCellName(x+1, y+1)
	if err != nil {
		t.Fatalf("%s of %s: %v", column, question, err)
	}
	return cell
}

// renamed is the workbook of a form with another form_id.
func renamed(t *testing.T, book, from, to string) string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	cells, err := f.SearchSheet("settings", from)
	if err != nil || len(cells) != 1 {
		t.Fatalf("the form_id stands in %v %v", cells, err)
	}
	if err := f.SetCellStr("settings", cells[0], to); err != nil {
		t.Fatal(err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

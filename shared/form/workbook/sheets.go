package workbook

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"kokoma/shared/form/export"

	"github.com/xuri/excelize/v2"
)

// writeForm writes the sheets of a form with a header that stays in view, and
// lists to choose from where a column has few values.
func writeForm(w io.Writer, grids []grid) error {
	f := excelize.NewFile()
	err := func() error {
		for i, g := range grids {
			if err := overlong(g); err != nil {
				return err
			}
			if err := addSheet(f, i, g.name); err != nil {
				return err
			}
			if err := offer(f, g); err != nil { // before the rows, which close the sheet
				return err
			}
			if err := fill(f, g.name, g.head, g.rows, widthOf); err != nil {
				return err
			}
		}
		return f.Write(w)
	}()
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

// WriteSheets writes tables as a workbook. Strings become text cells, also
// those that look like a formula or a number.
func WriteSheets(w io.Writer, sheets []export.Sheet) error {
	f := excelize.NewFile()
	err := func() error {
		names := map[string]bool{}
		for i, s := range sheets {
			name := sheetName(s.Name, names)
			if err := addSheet(f, i, name); err != nil {
				return err
			}
			if err := fill(f, name, s.Head, s.Rows, dataWidth); err != nil {
				return err
			}
		}
		return f.Write(w)
	}()
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

// sheetName is a name that spreadsheet programs take: at most 31 characters,
// some of them not, and no two alike but for capitals.
func sheetName(name string, taken map[string]bool) string {
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\`, r) {
			return '_'
		}
		return r
	}, name), "' ")
	if clean == "" {
		clean = "Sheet"
	}
	for n := 1; ; n++ {
		ending := ""
		if n > 1 {
			ending = fmt.Sprintf(" (%d)", n)
		}
		try := cut(clean, maxSheetName-len(ending)) + ending
		if !taken[strings.ToLower(try)] {
			taken[strings.ToLower(try)] = true
			return try
		}
	}
}

const maxSheetName = 31

// cut keeps at most n characters as spreadsheets count them.
func cut(s string, n int) string {
	for i, r := range s {
		if n -= len(utf16.Encode([]rune{r})); n < 0 {
			return s[:i]
		}
	}
	return s
}

func dataWidth(head string) float64 { return min(40, max(12, float64(len(head))+3)) }

// addSheet names the sheet that every new file has, or adds one.
func addSheet(f *excelize.File, i int, name string) error {
	if i == 0 {
		return f.SetSheetName("Sheet1", name)
	}
	_, err := f.NewSheet(name)
	return err
}

// fill streams the rows below a header. Strings become text cells whatever
// they begin with: nothing is ever a formula.
func fill(f *excelize.File, sheet string, head []string, rows [][]any, width func(string) float64) error {
	header, body, err := styles(f)
	if err != nil {
		return err
	}
	s, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, h := range head {
		if err := s.SetColWidth(i+1, i+1, width(h)); err != nil {
			return err
		}
	}
	err = s.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	})
	if err != nil {
		return err
	}
	top := make([]any, len(head))
	for i, h := range head {
		top[i] = excelize.Cell{StyleID: header, Value: h}
	}
	if err := s.SetRow("A1", top); err != nil {
		return err
	}
	for i, row := range rows {
		if err := s.SetRow(fmt.Sprintf("A%d", i+2), styled(row, body)); err != nil {
			return err
		}
	}
	return s.Flush()
}

// styled leaves empty cells away, and says so where a text is longer than a
// cell holds.
func styled(row []any, style int) []any {
	out := make([]any, len(row))
	for i, value := range row {
		switch v := value.(type) {
		case string:
			if short := cut(v, maxCell); short != v {
				v = cut(v, maxCell-utf8.RuneCountInString(wasCut)) + wasCut
			}
			if v != "" {
				out[i] = excelize.Cell{StyleID: style, Value: v}
			}
		case float64:
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				out[i] = v
			}
		default:
			out[i] = v
		}
	}
	return out
}

const wasCut = " […]"

func styles(f *excelize.File) (header, body int, err error) {
	header, err = f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EDF2"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true},
	})
	if err != nil {
		return 0, 0, err
	}
	body, err = f.NewStyle(&excelize.Style{
		NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, // 49 is text
	})
	return header, body, err
}

// offered are the values that spreadsheet programs offer. They only help: other
// values can be typed all the same, an expression in required, a list's name
// behind select_one.
var offered = map[string][]string{
	"type": {
		"text", "integer", "decimal", "range", "date", "time", "datetime", "select_one", "select_multiple", "rank", "acknowledge",
		"note", "calculate", "hidden", "begin_group", "end_group", "begin_repeat", "end_repeat",
	},
	"required": {"yes", "no"}, "readonly": {"yes", "no"}, "x_unique": {"yes"}, "x_reversed": {"yes"}, "x_sensitive": {"yes", "no"},
	"x_class": {"org", "case", "sens", "pers", "rec", "anon"},
}

// offer adds the lists to a sheet, down to rows that authors will add.
func offer(f *excelize.File, g grid) error {
	for i, h := range g.head {
		values, ok := offered[h]
		if strings.HasPrefix(h, checkPrefix) && strings.HasSuffix(h, "_level") {
			values, ok = []string{"error", "warning", "hint"}, true
		}
		if !ok || g.name != "survey" {
			continue
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, len(g.rows)+500))
		v.ShowErrorMessage = false
		if err := v.SetDropList(values); err != nil {
			return err
		}
		if err := f.AddDataValidation(g.name, v); err != nil {
			return err
		}
	}
	return nil
}

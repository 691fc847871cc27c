package workbook

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form/define"

	"github.com/xuri/excelize/v2"
)

// kind is what a cell holds besides text.
type kind uint8

const (
	text kind = iota
	number
	truth
	date
	formula
)

// cell is what stands in one cell, with blanks at both ends cut off.
type cell struct {
	at   define.Place
	text string
	kind kind
}

// row is a row that is not empty: its cells by column, from 1.
type row struct {
	line  int
	cells map[int]cell
}

// fact is what XML says of a cell that is no plain text.
type fact struct {
	kind  kind
	style int
	value string
}

type position struct{ row, column int }

// rows reads a sheet row by row and gives those that are not empty, until one
// is not wanted. The library reads the texts; it tells formulas, numbers and
// dates only after loading the whole sheet, so facts looks for these first.
func (b *book) rows(s sheetPart, sheet string, wanted func(row) bool) (err error) {
	defer func() {
		if recover() != nil { // see library
			err = define.Fault("define.book.broken")
		}
	}()
	facts, err := b.facts(s.part)
	if err != nil {
		return err
	}
	it, err := b.file.Rows(s.name)
	if err != nil {
		return define.Fault("define.book.broken")
	}
	for line := 1; it.Next(); line++ {
		values, err := it.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return define.Fault("define.book.broken")
		}
		if r := b.row(sheet, line, values, facts); len(r.cells) > 0 && !wanted(r) {
			break
		}
	}
	return it.Close()
}

func (b *book) row(sheet string, line int, values []string, facts map[position]fact) row {
	r := row{line: line, cells: map[int]cell{}}
	for i, value := range values {
		c := cell{at: place(sheet, line, i+1), text: value}
		if f, ok := facts[position{line, i + 1}]; ok {
			b.judge(&c, f)
		}
		if c.text = trim(c.text); c.text != "" || c.kind == formula {
			r.cells[i+1] = c
		}
	}
	return r
}

func place(sheet string, line, column int) define.Place {
	name, _ := excelize.ColumnNumberToName(column)
	return define.Place{Line: line, Sheet: sheet, Column: name}
}

// trim cuts off blanks, also those that do not break, and brings line breaks
// to one form.
func trim(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// facts reads what is no text in a sheet.
func (b *book) facts(part string) (map[position]fact, error) {
	f := b.parts[part]
	if f == nil {
		return nil, define.Fault("define.book.broken")
	}
	x := factReader{found: map[position]fact{}}
	err := decoding(f, func(d *xml.Decoder) error {
		x.Decoder = d
		return x.read()
	})
	if err != nil {
		return nil, define.Fault("define.book.broken")
	}
	if x.spread > maxSpread {
		return nil, define.Fault("define.book.full")
	}
	return x.found, nil
}

// maxSpread bounds the sum of the widths of all rows: the library makes a row as
// wide as its last cell with something in it.
const maxSpread = 2_000_000

// longestNumber is more than any number or date takes.
const longestNumber = 64

// factReader walks through a sheet.
type factReader struct {
	*xml.Decoder
	found map[position]fact
	at    position
	cell  fact
	typ   string
	value bool // within <v>

	widest, spread int // columns of this row; of all rows
}

func (x *factReader) read() error {
	for {
		token, err := x.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			x.start(t)
		case xml.CharData:
			if x.value && len(x.cell.value) < longestNumber {
				x.cell.value += string(t)
			}
		case xml.EndElement:
			x.end(t.Name.Local)
		}
	}
}

func (x *factReader) start(t xml.StartElement) {
	switch t.Name.Local {
	case "row":
		x.at, x.widest = position{row: x.at.row + 1}, 0
		if n, err := strconv.Atoi(attribute(t, "r")); err == nil && n > 0 {
			x.at.row = n
		}
	case "c":
		x.at.column++
		if column, _, err := excelize.CellNameToCoordinates(attribute(t, "r")); err == nil {
			x.at.column = column
		}
		style, _ := strconv.Atoi(attribute(t, "s"))
		x.cell, x.typ = fact{style: style}, attribute(t, "t")
	case "f":
		x.cell.kind = formula
		x.widen()
	case "v":
		x.value = true
		x.widen()
	case "is":
		x.widen()
	}
}

// widen notes that there is something in the cell.
func (x *factReader) widen() {
	if x.at.column > x.widest {
		x.spread += x.at.column - x.widest
		x.widest = x.at.column
	}
}

func (x *factReader) end(name string) {
	switch name {
	case "v":
		x.value = false
	case "c":
		switch {
		case x.cell.kind == formula:
		case x.typ == "b":
			x.cell.kind = truth
		case x.typ == "" || x.typ == "n" || x.typ == "d":
			x.cell.kind = number
		default:
			return
		}
		if x.cell.value != "" || x.cell.kind == formula {
			x.found[x.at] = x.cell
		}
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// judge says what a cell that holds no text stands for in a definition.
func (b *book) judge(c *cell, f fact) {
	c.kind = f.kind
	switch f.kind {
	case truth:
		c.text = "FALSE"
		if strings.TrimSpace(f.value) == "1" {
			c.text = "TRUE"
		}
	case number:
		n, err := strconv.ParseFloat(strings.TrimSpace(f.value), 64)
		if err != nil {
			c.kind = text
			return
		}
		if shown := b.shownAs(f.style); shown != "" && n >= 0 && n < 2_958_466 { // the year 10000
			b.dated(c, n, shown)
			return
		}
		// Spreadsheets count in 15 digits; what is beyond comes of computing.
		n, _ = strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
		c.text = strconv.FormatFloat(n, 'f', -1, 64)
	}
}

// dated writes what the spreadsheet holds as a number of days: 2026-03-01,
// 2026-03 where it shows no day, 09:30 where it is less than a day.
func (b *book) dated(c *cell, days float64, shown string) {
	c.kind = date
	at, err := excelize.ExcelDateToTime(days, b.epoch)
	if err != nil {
		return
	}
	at = at.Round(time.Second)
	clock := days != float64(int64(days))
	switch {
	case days < 1 && clock:
		c.text = at.Format("15:04")
	case clock:
		c.text = at.Format("2006-01-02T15:04")
	case !strings.Contains(shown, "d") && strings.Contains(shown, "y") && at.Day() == 1:
		c.text = at.Format("2006-01")
	default:
		c.text = at.Format("2006-01-02")
	}
}

// shownAs is the letters of the number format if it shows a date or time.
func (b *book) shownAs(style int) string {
	s, err := b.file.GetStyle(style)
	if err != nil {
		return ""
	}
	if s.CustomNumFmt != nil {
		return dateLetters(*s.CustomNumFmt)
	}
	switch n := s.NumFmt; {
	case n == 14, n == 15, n == 22, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 58:
		return "dmy"
	case n == 16:
		return "dm"
	case n == 17:
		return "my"
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n >= 45 && n <= 47:
		return "h"
	}
	return ""
}

// dateLetters are the letters d, m, y, h and s of a number format that stand
// for something: not quoted, not escaped, no colour or currency in brackets.
// Only the part for positive numbers counts.
func dateLetters(format string) string {
	var out strings.Builder
	closing := rune(0)
	escaped := false
	if strings.EqualFold(format, "standard") {
		return ""
	}
	for _, c := range strings.ToLower(format) {
		switch {
		case escaped:
			escaped = false
		case closing != 0:
			if c == closing {
				closing = 0
			}
		case c == '"':
			closing = '"'
		case c == '[':
			closing = ']'
		case c == '\\' || c == '_' || c == '*':
			escaped = true
		case c == ';':
			return out.String()
		case c == '0' || c == '#' || c == '?':
			if !strings.Contains(out.String(), "s") { // seconds may have decimals
				return ""
			}
		case strings.ContainsRune("dmyhjts", c):
			out.WriteRune(germanLetters(c))
		}
	}
	return out.String()
}

// germanLetters: some programs write TT.MM.JJJJ into files.
func germanLetters(c rune) rune {
	switch c {
	case 't':
		return 'd'
	case 'j':
		return 'y'
	}
	return c
}

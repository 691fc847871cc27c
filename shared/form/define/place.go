package define

import (
	"cmp"
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// Place says where something stands: in a line of a file, or in a cell of a
// workbook's sheet.
type Place struct {
	Line   int    // from 1: of the file, or the row of the sheet
	Sheet  string // "" in a file
	Column string // of a sheet: "C", or "" for the whole row
}

// Places says where each key of an entry stands; "" is the entry itself.
type Places map[string]Place

// Of is the place of a key, or of the whole where the key is not given.
func (p Places) Of(key string) Place {
	if at, ok := p[key]; ok {
		return at
	}
	return p[""]
}

// In is the place of a text in one language, of which the text itself may be
// missing there; that of the key where languages have no places of their own.
func (p Places) In(key string, l lang.Lang) Place {
	if at, ok := p[key+"::"+string(l)]; ok {
		return at
	}
	return p.Of(key)
}

// String is "12" in a file, "survey!C12" in a workbook, as spreadsheets write
// it.
func (p Place) String() string {
	if p.Sheet == "" {
		return strconv.Itoa(p.Line)
	}
	return p.Sheet + "!" + p.Column + strconv.Itoa(p.Line)
}

// sheets in the order in which people look at them.
var sheets = map[string]int{"settings": 1, "choices": 2, "survey": 3}

// before orders places as people read them.
func (p Place) before(q Place) int {
	if p.Sheet != q.Sheet {
		return sheets[p.Sheet] - sheets[q.Sheet]
	}
	// Columns after Z have two letters.
	return cmp.Or(p.Line-q.Line, len(p.Column)-len(q.Column), strings.Compare(p.Column, q.Column))
}

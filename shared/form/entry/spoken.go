package entry

import (
	"strconv"

	"kokoma/shared/lang"
)

// Spoken is a thing that is said in one language.
type Spoken interface {
	In(l lang.Lang) string
}

// Verbatim is the same in every language.
type Verbatim string

func (v Verbatim) In(lang.Lang) string { return string(v) }

// Count is a whole number.
type Count int

func (n Count) In(l lang.Lang) string {
	// Small numbers need no separator, which saves the formatter.
	if n > -1000 && n < 1000 {
		return strconv.Itoa(int(n))
	}
	return lang.Number(l, float64(n), 0)
}

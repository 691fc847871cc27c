package expr

import (
	"math"
	"strconv"
	"strings"
)

// appendNumber writes a number as JavaScript does: the shortest digits that
// read back the same, an exponent only from 1e21 and below 1e-6.
func appendNumber(b []byte, f float64) []byte {
	size := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return b
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	case size < 1e15 && f == math.Trunc(f):
		return strconv.AppendInt(b, int64(f), 10)
	case size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	// Go writes at least two digits of the exponent.
	if n := len(b); b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') {
		b = append(b[:n-2], b[n-1])
	}
	return b
}

// appendDecimal writes at least one decimal place and never an exponent.
func appendDecimal(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendNumber(b, f)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if !strings.Contains(string(b[start:]), ".") {
		b = append(b, '.', '0')
	}
	return b
}

// textNumber reads a text as a number or as the days of a date.
func textNumber(s string) float64 {
	if s == "" {
		return math.NaN()
	}
	if t, ok := parseMoment(s); ok {
		return days(t)
	}
	f, ok := scriptNumber(s)
	if !ok {
		return math.NaN()
	}
	return f
}

// blank are the characters that JavaScript takes off both ends of a number.
const blank = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

// scriptNumber reads a number as JavaScript's Number() does.
func scriptNumber(s string) (float64, bool) {
	s = strings.Trim(s, blank)
	switch s {
	case "":
		return 0, true
	case "Infinity", "+Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if len(s) > 2 && s[0] == '0' && strings.IndexByte("xXoObB", s[1]) >= 0 {
		return basedNumber(s)
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && strings.IndexByte("+-.eE", c) < 0 {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

func basedNumber(s string) (float64, bool) {
	base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
	n, err := strconv.ParseUint(s[2:], base, 53)
	return float64(n), err == nil
}

// plainNumber says whether a text is a number as authors write them.
func plainNumber(s string) bool {
	f, ok := scriptNumber(s)
	return ok && strings.TrimSpace(s) != "" && !math.IsInf(f, 0)
}

// leadingInt reads the digits at the beginning of a text, as JavaScript's
// parseInt() does; ok is false where there are none.
func leadingInt(s string) (n float64, ok bool) {
	s = strings.TrimLeft(s, blank)
	end := 0
	if end < len(s) && (s[0] == '-' || s[0] == '+') {
		end++
	}
	start := end
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	if end == start {
		return 0, false
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	return n, err == nil || math.IsInf(n, 0)
}

// roundTo rounds the size of a number, halves up, to some decimal places.
func roundTo(f, places float64) float64 {
	if math.IsNaN(f) || math.IsNaN(places) {
		return math.NaN()
	}
	scale := math.Pow(10, places)
	if places == math.Trunc(places) {
		scale = math.Pow10(int(max(min(places, 400), -400)))
	}
	size := math.Abs(f) * scale
	whole := math.Floor(size)
	if size-whole >= 0.5 {
		whole++
	}
	if f < 0 {
		return -(whole / scale)
	}
	return whole / scale
}

// power differs from Go's in that nothing makes a number of what is none.
func power(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(b, 0) && math.Abs(a) == 1 {
		return math.NaN()
	}
	return math.Pow(a, b)
}

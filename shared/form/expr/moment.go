package expr

import (
	"math"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
)

// Points in time are kept as what the clock in Berlin shows, in a time.Time
// that claims to be UTC: days have 24 hours.

const dayMillis = 86_400_000

func days(wall time.Time) float64 { return float64(wall.UnixMilli()) / dayMillis }

func wallClock(t time.Time) time.Time {
	t = t.In(lang.Berlin())
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// parseMoment reads 2026-03-01, with T09, T09:30, T09:30:00 or T09:30:00.000
// behind it, and with Z or an offset behind that.
func parseMoment(s string) (time.Time, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	year, okY := digits(s[:4])
	month, okM := digits(s[5:7])
	day, okD := digits(s[8:10])
	if !okY || !okM || !okD {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return time.Time{}, false
	}
	if len(s) == 10 {
		return t, true
	}
	if s[10] != 'T' {
		return time.Time{}, false
	}
	return momentWithTime(t, s[11:])
}

func momentWithTime(day time.Time, s string) (time.Time, bool) {
	clock, offset := splitOffset(s)
	since, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	t := day.Add(since)
	if offset == "" {
		return t, true
	}
	shift, ok := parseOffset(offset)
	if !ok {
		return time.Time{}, false
	}
	return wallClock(t.Add(-shift)), true
}

// splitOffset cuts Z or +01:00 off a time.
func splitOffset(s string) (clock, offset string) {
	if strings.HasSuffix(s, "Z") {
		return s[:len(s)-1], "Z"
	}
	if i := len(s) - 6; i > 0 && (s[i] == '+' || s[i] == '-') && s[i+3] == ':' {
		return s[:i], s[i:]
	}
	return s, ""
}

func parseOffset(s string) (time.Duration, bool) {
	if s == "Z" {
		return 0, true
	}
	h, okH := digits(s[1:3])
	m, okM := digits(s[4:6])
	if !okH || !okM || h > 14 || m > 59 {
		return 0, false
	}
	shift := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		shift = -shift
	}
	return shift, true
}

// parseClock reads 09, 09:30, 09:30:00 and 09:30:00.000.
func parseClock(s string) (time.Duration, bool) {
	s, fraction, hasFraction := strings.Cut(s, ".")
	if len(s) != 8 && hasFraction || len(s) != 2 && len(s) != 5 && len(s) != 8 {
		return 0, false
	}
	var parts [3]int
	for i, unit := 0, 0; i < len(s); i, unit = i+3, unit+1 {
		n, ok := digits(s[i : i+2])
		if !ok || i > 0 && s[i-1] != ':' {
			return 0, false
		}
		parts[unit] = n
	}
	if parts[0] > 23 || parts[1] > 59 || parts[2] > 59 {
		return 0, false
	}
	d := time.Duration(parts[0])*time.Hour + time.Duration(parts[1])*time.Minute + time.Duration(parts[2])*time.Second
	if !hasFraction {
		return d, true
	}
	n, ok := digits((fraction + "000000000")[:9])
	return d + time.Duration(n), ok && fraction != "" && len(fraction) <= 9
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}

// momentText writes a point in time as ODK does: only the date at midnight,
// else with milliseconds and the offset of Berlin.
func momentText(wall time.Time) string {
	if wall.Hour() == 0 && wall.Minute() == 0 && wall.Second() == 0 && wall.Nanosecond() < 1_000_000 {
		return wall.Format(time.DateOnly)
	}
	y, m, d := wall.Date()
	local := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), lang.Berlin())
	text := wall.Format("2006-01-02T15:04:05")
	if wall.Nanosecond() < 1_000_000 {
		return text + ".000" + local.Format("-07:00")
	}
	return text + wall.Format(".999") + local.Format("-07:00")
}

// noDate is what date() makes of a text that is none.
const noDate = "Invalid Date"

// momentOf is the value of a point in time that was computed.
func momentOf(wall time.Time) Value {
	if y := wall.Year(); y < 0 || y > 9999 {
		return Value{}
	}
	if wall.UnixMilli()%dayMillis == 0 {
		return Value{kind: Date, num: days(wall)}
	}
	return Value{kind: DateTime, text: momentText(wall), num: days(wall)}
}

// toMoment is date() and date-time().
func toMoment(v Value) Value {
	if v.computed() {
		return momentOfDays(v.num)
	}
	s := v.Text()
	if s == "" || v.kind == Bool && !v.answer {
		return Value{kind: Text}
	}
	if t, ok := parseMoment(padded(s)); ok {
		return momentOf(t)
	}
	return Value{kind: Date, text: noDate, num: math.NaN()}
}

func momentOfDays(f float64) Value {
	switch {
	case math.IsNaN(f):
		return Value{kind: Date, text: noDate, num: f}
	case math.Abs(f) > 4e6:
		return Value{}
	}
	return momentOf(time.UnixMilli(int64(math.Round(f * dayMillis))).UTC())
}

// padded fills up 2026-3-1 to 2026-03-01.
func padded(s string) string {
	day, rest, timed := strings.Cut(s, "T")
	parts := strings.Split(day, "-")
	if len(parts) != 3 || len(parts[0]) != 4 {
		return s
	}
	for i, p := range parts[1:] {
		if len(p) == 1 && p != "0" {
			parts[i+1] = "0" + p
		}
	}
	day = strings.Join(parts, "-")
	if timed {
		return day + "T" + rest
	}
	return day
}

// decimalDays is decimal-date-time().
func decimalDays(v Value) float64 {
	if v.computed() {
		return math.Round(v.num*dayMillis) / dayMillis
	}
	t, ok := parseMoment(v.Text())
	if !ok {
		return math.NaN()
	}
	return days(t)
}

// decimalTime is the part of the day that has passed at a time of day.
func decimalTime(s string) float64 {
	clock, offset := splitOffset(s)
	since, ok := parseClock(clock)
	if !ok || len(clock) < 5 || offset == "Z" {
		return math.NaN()
	}
	if offset != "" {
		shift, ok := parseOffset(offset)
		if !ok {
			return math.NaN()
		}
		wall := wallClock(time.Unix(0, 0).Add(since - shift))
		since = wall.Sub(wall.Truncate(24 * time.Hour))
	}
	return float64(since.Milliseconds()) / dayMillis
}

// formats are the parts of a date that format-date() knows, each with the
// width to which it is filled up with zeros.
var formats = map[byte]struct {
	width int
	part  func(t time.Time) int
}{
	'Y': {4, time.Time.Year},
	'y': {2, func(t time.Time) int { return t.Year() % 100 }},
	'm': {2, func(t time.Time) int { return int(t.Month()) }},
	'n': {1, func(t time.Time) int { return int(t.Month()) }},
	'd': {2, time.Time.Day},
	'e': {1, time.Time.Day},
	'H': {2, time.Time.Hour},
	'h': {1, time.Time.Hour},
	'M': {2, time.Time.Minute},
	'S': {2, time.Time.Second},
	'3': {3, func(t time.Time) int { return t.Nanosecond() / 1_000_000 }},
}

// formatMoment is format-date() and format-date-time(). A number is no date
// for them, and a time of day neither.
func formatMoment(v Value, format string) Value {
	s := v.Text()
	t, ok := parseMoment(s)
	if !ok {
		return TextOf("")
	}
	var b []byte
	for i := 0; i < len(format); i++ {
		f, known := formats[second(format, i)]
		if format[i] != '%' || !known {
			b = append(b, format[i])
			continue
		}
		part := strconv.Itoa(f.part(t))
		for range f.width - len(part) {
			b = append(b, '0')
		}
		b = append(b, part...)
		i++
	}
	return TextOf(string(b))
}

func second(s string, i int) byte {
	if i+1 < len(s) {
		return s[i+1]
	}
	return 0
}

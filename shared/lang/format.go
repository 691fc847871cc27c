package lang

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// golang.org/x/text writes dates in English only, so the names stand here.
var (
	weekdaysDE = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
	monthsDE   = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)

// Long writes a date in words: "Montag, 3. August 2026", "Monday, 3 August 2026".
func Long(l Lang, d Date) string {
	if d.IsZero() {
		return ""
	}
	if l == EN {
		return fmt.Sprintf("%s, %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
	}
	return fmt.Sprintf("%s, %d. %s %d", weekdaysDE[d.Weekday()], d.Day, monthsDE[d.Month-1], d.Year)
}

// Short writes a date in figures: "03.08.2026", "3 Aug 2026".
func Short(l Lang, d Date) string {
	if d.IsZero() {
		return ""
	}
	if l == EN {
		return fmt.Sprintf("%d %s %d", d.Day, d.Month.String()[:3], d.Year)
	}
	return fmt.Sprintf("%02d.%02d.%04d", d.Day, d.Month, d.Year)
}

// Month writes a month: "März 2026", "March 2026".
func Month(l Lang, year int, m time.Month) string {
	if l == EN {
		return fmt.Sprintf("%s %d", m, year)
	}
	return fmt.Sprintf("%s %d", monthsDE[m-1], year)
}

// DateTime writes an instant as clocks in Berlin show it:
// "03.08.2026, 14:05 Uhr", "3 Aug 2026, 14:05".
func DateTime(l Lang, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Berlin())
	text := Short(l, DateOf(t)) + ", " + t.Format("15:04")
	if l == EN {
		return text
	}
	return text + " Uhr"
}

// Number writes f for readers, with thousands separators and a true minus
// sign, halves rounded away from zero: "1.234,5", "1,234.5". It is not for
// files that machines read.
func Number(l Lang, f float64, decimals int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	point, separator := ",", "."
	if l == EN {
		point, separator = ".", ","
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(roundHalfAway(math.Abs(f), decimals), 'f', decimals, 64), ".")
	text := group(whole, separator)
	if fraction != "" {
		text += point + fraction
	}
	if f < 0 && strings.Trim(text, "0.,") != "" {
		text = "−" + text
	}
	return text
}

// roundHalfAway rounds a positive number as people do by hand: 0.125 to 0.13,
// where strconv gives 0.12. One step up in the last bit makes good what the
// binary form lost, so that 1.005 counts as a half.
func roundHalfAway(f float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(math.Nextafter(f*scale, math.Inf(1))) / scale
}

// group puts a separator between groups of three digits.
func group(digits, separator string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}

// Percent writes a share of one: 0.5 is "50,0 %" with a space that does not
// break in German, "50.0%" in English.
func Percent(l Lang, share float64, decimals int) string {
	text := Number(l, share*100, decimals)
	if l == EN {
		return text + "%"
	}
	return text + "\u00a0%"
}

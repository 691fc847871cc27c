package lang

import (
	"cmp"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // Lambda and scratch images have no zone files.
)

var berlin = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic("lang: the embedded zone data lacks Europe/Berlin: " + err.Error())
	}
	return l
})

// Berlin is the zone in which the platform shows instants and counts days.
func Berlin() *time.Location { return berlin() }

// Date is a day of the calendar, not an instant. Its text and JSON form is
// "2026-03-01"; the zero Date is "".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t falls on in Berlin.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Berlin()).Date()
	return Date{y, m, d}
}

// ParseDate reads an ISO date such as 2026-03-01. It refuses days that the
// calendar lacks.
func ParseDate(iso string) (Date, error) {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date of the form 2026-03-01", iso)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// midnight is the day in UTC, where every day has 24 hours.
func (d Date) midnight() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// AddDays is n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	y, m, day := d.midnight().AddDate(0, 0, n).Date()
	return Date{y, m, day}
}

// DaysUntil counts the days from d to other; negative when other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.midnight().Sub(d.midnight()) / (24 * time.Hour))
}

// Compare is negative when d is earlier than other, zero on the same day.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// IsZero reports whether d was never set.
func (d Date) IsZero() bool { return d == Date{} }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// At is the instant at which clocks in Berlin show hour:min on that day. For
// the hour that March skips and the one that October has twice it is an
// instant of that day, no more is promised.
func (d Date) At(hour, min int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, min, 0, 0, Berlin())
}

// String is the ISO form, empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText gives the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form; the empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	read, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = read
	return nil
}

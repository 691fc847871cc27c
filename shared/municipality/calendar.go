package municipality

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"

	"kokoma/shared/lang"
)

// Calendar tells working days from others for one municipality. Make it with
// CalendarOf; the zero value knows no holidays but weekends and year's end.
type Calendar struct {
	Land     string
	holidays []*cal.Holiday
	closed   []Range
	window   Window
}

// What rickar/cal lacks: its list of Mecklenburg-Vorpommern does not have
// Women's Day, which is a holiday there since 2023.
var (
	frauentagMV  = de.Frauentag.Clone(&cal.Holiday{StartYear: 2023})
	friedensfest = &cal.Holiday{
		Name: "Augsburger Hohes Friedensfest", Type: cal.ObservancePublic,
		Month: time.August, Day: 8, Func: cal.CalcDayOfMonth,
	}
)

var landHolidays = map[string][]*cal.Holiday{
	"BB": de.HolidaysBB, "BE": de.HolidaysBE, "BW": de.HolidaysBW, "BY": de.HolidaysBY,
	"HB": de.HolidaysHB, "HE": de.HolidaysHE, "HH": de.HolidaysHH,
	"MV": append(slices.Clip(de.HolidaysMV), frauentagMV),
	"NI": de.HolidaysNI, "NW": de.HolidaysNW, "RP": de.HolidaysRP, "SH": de.HolidaysSH,
	"SL": de.HolidaysSL, "SN": de.HolidaysSN, "ST": de.HolidaysST, "TH": de.HolidaysTH,
}

// CalendarOf is the calendar of a municipality in that Land, with its own
// settings where they are known. An unknown Land has the nationwide holidays.
func CalendarOf(land string, own ...Settings) Calendar {
	holidays, ok := landHolidays[land]
	if !ok {
		holidays = de.Holidays
	}
	c := Calendar{Land: land, holidays: slices.Clip(holidays)}
	for _, s := range own {
		c.closed, c.window = append(c.closed, s.Closed...), s.Window
		for _, f := range s.Feasts {
			if h := feasts[f]; h != nil {
				c.holidays = append(c.holidays, h)
			}
		}
	}
	return c
}

var feasts = map[Feast]*cal.Holiday{
	Assumption: de.MariaHimmelfahrt, CorpusChristi: de.Fronleichnam, PeaceFeast: friedensfest,
}

// isClosed reports whether the municipality has said that nobody works on d.
func (c Calendar) isClosed(d lang.Date) bool {
	return slices.ContainsFunc(c.closed, func(r Range) bool { return r.Has(d) })
}

// Holiday is the German name of the public holiday on d.
func (c Calendar) Holiday(d lang.Date) (name string, ok bool) {
	for _, h := range c.holidays {
		actual, _ := h.Calc(d.Year)
		if _, m, day := actual.Date(); !actual.IsZero() && m == d.Month && day == d.Day {
			return h.Name, true
		}
	}
	return "", false
}

// WorkingDay reports whether d counts for due dates: Monday to Friday, no
// public holiday, not 24 or 31 December, the offices not closed.
func (c Calendar) WorkingDay(d lang.Date) bool {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	if d.Month == time.December && (d.Day == 24 || d.Day == 31) || c.isClosed(d) {
		return false
	}
	_, holiday := c.Holiday(d)
	return !holiday
}

// AddWorkingDays is the n-th working day after d, or before it when n is
// negative. With n = 0 it is d, or the next working day when d is none.
func (c Calendar) AddWorkingDays(d lang.Date, n int) lang.Date {
	if n == 0 {
		for !c.WorkingDay(d) {
			d = d.AddDays(1)
		}
		return d
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d = d.AddDays(step); c.WorkingDay(d) {
			n--
		}
	}
	return d
}

// QuietDay reports whether nobody is written to on d: a public holiday,
// 24 December to 2 January, or a day on which the offices are closed.
func (c Calendar) QuietDay(d lang.Date) bool {
	if d.Month == time.December && d.Day >= 24 || d.Month == time.January && d.Day <= 2 {
		return true
	}
	if c.isClosed(d) {
		return true
	}
	_, holiday := c.Holiday(d)
	return holiday
}

// The mailing hours in Berlin: from eight until before sixteen o'clock. Who
// prefers a part of the day gets what lies before or after noon.
const (
	mailFrom  = 8
	mailNoon  = 12
	mailUntil = 16
)

// MailTime is now if a mail may go out now, else the next moment at which it
// may: Monday to Thursday from 8 until 16 o'clock, or in the municipality's
// part of that, not on quiet days.
func (c Calendar) MailTime(now time.Time) time.Time {
	today := lang.DateOf(now)
	from, until := c.window.Hours()
	if c.mailDay(today) {
		if now.Before(today.At(from, 0)) {
			return today.At(from, 0)
		}
		if now.Before(today.At(until, 0)) {
			return now
		}
	}
	for today = today.AddDays(1); !c.mailDay(today); {
		today = today.AddDays(1)
	}
	return today.At(from, 0)
}

func (c Calendar) mailDay(d lang.Date) bool {
	switch d.Weekday() {
	case time.Friday, time.Saturday, time.Sunday:
		return false
	}
	return !c.QuietDay(d)
}

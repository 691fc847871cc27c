package process

import (
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// The rhythms that follow the calendar.
const (
	Monthly    = "monthly"
	Quarterly  = "quarterly"
	HalfYearly = "half_yearly"
	Yearly     = "yearly"
)

// months is how long a rhythm of the calendar is; its spans begin with the year.
var months = map[string]int{Monthly: 1, Quarterly: 3, HalfYearly: 6, Yearly: 12}

// After is the day on which a step comes again that opened on a day: the first
// working day of the next month, quarter, half-year or year, or so many weeks
// later. It is never before today: who was late by a whole span is asked at once
// for the next, and for that alone.
func (r Repeat) After(opened, today lang.Date, cal municipality.Calendar) lang.Date {
	next := lang.Date{}
	if n, ok := months[r.Every]; ok {
		next = nextSpan(opened, n)
	} else {
		word, _, _ := strings.Cut(r.Every, " ")
		weeks, _ := strconv.Atoi(word) // the loader has read it
		next = opened.AddDays(7 * weeks)
	}
	if next.Before(today) {
		next = today
	}
	return OnWorkingDay(next, cal)
}

// nextSpan is the first day of the span of n months that comes after the one a
// day is in.
func nextSpan(d lang.Date, n int) lang.Date {
	at := d.Year*12 + int(d.Month) - 1
	at = (at/n + 1) * n
	return lang.Date{Year: at / 12, Month: time.Month(at%12 + 1), Day: 1}
}

// OnWorkingDay is the day, or the next working day after it.
func OnWorkingDay(d lang.Date, cal municipality.Calendar) lang.Date {
	for !cal.WorkingDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// Calendar says whether the rhythm begins with a month.
func (r Repeat) Calendar() bool { return months[r.Every] > 0 }

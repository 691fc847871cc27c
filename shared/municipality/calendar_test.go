package municipality

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
)

func day(t *testing.T, iso string) lang.Date {
	t.Helper()
	d, err := lang.ParseDate(iso)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHolidaysOfAllLaenderFor2026To2028(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/holidays.txt")
	if err != nil {
		t.Fatal(err)
	}
	years := map[string]int{}
	for line := range strings.Lines(string(src)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		year, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		years[f[0]]++
		if got := holidaysIn(CalendarOf(f[0]), year); !slices.Equal(got, f[2:]) {
			t.Errorf("%s %d:\n got %v\nwant %v", f[0], year, got, f[2:])
		}
	}
	for _, l := range Lands() {
		if years[l.Code] != 3 {
			t.Errorf("testdata/holidays.txt has %d years of %s, want 3", years[l.Code], l.Code)
		}
	}
}

func holidaysIn(c Calendar, year int) []string {
	var out []string
	for d := (lang.Date{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.AddDays(1) {
		if _, ok := c.Holiday(d); ok {
			out = append(out, d.String()[5:])
		}
	}
	return out
}

func TestOverlayAddsLocalFeastsAndClosedDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		land  string
		feast Feast
		date  string
		name  string
	}{
		{"BY", Assumption, "2028-08-15", "Mariä Himmelfahrt"},
		{"BY", PeaceFeast, "2028-08-08", "Augsburger Hohes Friedensfest"},
		{"SN", CorpusChristi, "2026-06-04", "Fronleichnam"},
		{"TH", CorpusChristi, "2027-05-27", "Fronleichnam"},
	} {
		d := day(t, c.date)
		if !CalendarOf(c.land).WorkingDay(d) {
			t.Errorf("%s is free in all of %s", c.date, c.land)
		}
		with := CalendarOf(c.land, Settings{Feasts: []Feast{c.feast}})
		if name, _ := with.Holiday(d); name != c.name || with.WorkingDay(d) || !with.QuietDay(d) {
			t.Errorf("%s with %s: holiday %q, working day %v", c.date, c.feast, name, with.WorkingDay(d))
		}
	}
	closed := CalendarOf("TH", Settings{Closed: []Range{{day(t, "2026-07-01"), day(t, "2026-07-03")}}})
	if d := day(t, "2026-07-01"); closed.WorkingDay(d) || !closed.QuietDay(d) {
		t.Error("a day on which the offices are closed counts as a working day")
	}
	if holidays := holidaysIn(CalendarOf("BY"), 2028); slices.Contains(holidays, "08-15") {
		t.Error("an overlay changed the calendar of its Land")
	}
}

func TestWorkingDaysAreCountedByTheLand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		land string
		from string
		n    int
		want string
	}{
		{"TH", "2026-05-29", 5, "2026-06-05"},
		{"BY", "2026-05-29", 5, "2026-06-08"}, // Corpus Christi
		{"TH", "2026-12-23", 1, "2026-12-28"}, // 24 to 26 December, then Sunday
		{"TH", "2026-12-30", 1, "2027-01-04"}, // 31 December, New Year, weekend
		{"BY", "2027-01-05", 1, "2027-01-07"}, // Epiphany
		{"SN", "2026-11-17", 1, "2026-11-19"}, // Repentance Day
		{"MV", "2027-03-05", 1, "2027-03-09"}, // Women's Day on a Monday
		{"BE", "2027-03-05", 1, "2027-03-09"},
		{"TH", "2027-03-05", 1, "2027-03-08"},
		{"TH", "2027-09-17", 1, "2027-09-21"}, // Children's Day on a Monday
		{"NW", "2026-05-29", 0, "2026-05-29"},
		{"NW", "2026-05-30", 0, "2026-06-01"}, // a Saturday
		{"TH", "2026-06-05", -5, "2026-05-29"},
		{"BY", "2026-06-08", -5, "2026-05-29"},
		{"HE", "2026-03-31", 3, "2026-04-07"}, // Easter
	} {
		got := CalendarOf(c.land).AddWorkingDays(day(t, c.from), c.n)
		if got.String() != c.want {
			t.Errorf("%s: %s plus %d working days = %s, want %s", c.land, c.from, c.n, got, c.want)
		}
	}
}

func TestQuietDaysAreHolidaysAndTheTurnOfTheYear(t *testing.T) {
	t.Parallel()
	c := CalendarOf("TH")
	quiet := map[string]bool{
		"2026-12-23": false, "2026-12-24": true, "2026-12-28": true, "2026-12-31": true,
		"2027-01-02": true, "2027-01-03": false, "2026-10-31": true, "2026-06-04": false, "2026-05-25": true,
	}
	for _, iso := range slices.Sorted(maps.Keys(quiet)) {
		if got := c.QuietDay(day(t, iso)); got != quiet[iso] {
			t.Errorf("QuietDay(%s) = %v, want %v", iso, got, quiet[iso])
		}
	}
}

func TestMailsWaitForTheWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ land, now, want string }{
		{"TH", "2026-06-01 07:59", "2026-06-01 08:00"},
		{"TH", "2026-06-01 08:00", "2026-06-01 08:00"},
		{"TH", "2026-06-01 15:59", "2026-06-01 15:59"},
		{"TH", "2026-06-01 16:00", "2026-06-02 08:00"},
		{"TH", "2026-06-04 17:00", "2026-06-08 08:00"}, // Thursday evening to Monday
		{"TH", "2026-06-05 10:00", "2026-06-08 08:00"}, // Friday
		{"BY", "2026-06-04 10:00", "2026-06-08 08:00"}, // Corpus Christi
		{"TH", "2026-05-25 09:00", "2026-05-26 08:00"}, // Whit Monday
		{"TH", "2026-12-23 18:00", "2027-01-04 08:00"}, // turn of the year
		{"BW", "2027-01-05 16:00", "2027-01-07 08:00"}, // Epiphany
		{"TH", "2026-03-26 16:30", "2026-03-30 08:00"}, // clocks go forward
		{"TH", "2026-10-22 16:30", "2026-10-26 08:00"}, // clocks go back
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, lang.Berlin())
		if err != nil {
			t.Fatal(err)
		}
		got := CalendarOf(c.land).MailTime(now.UTC()).In(lang.Berlin()).Format("2006-01-02 15:04")
		if got != c.want {
			t.Errorf("%s, now %s: mail at %s, want %s", c.land, c.now, got, c.want)
		}
	}
}

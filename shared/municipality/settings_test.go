package municipality

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
)

func span(t *testing.T, text string) Range {
	t.Helper()
	var r Range
	if err := r.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSettingsAreStoredShortAndReadBack(t *testing.T) {
	t.Parallel()
	full := Settings{
		Feasts: []Feast{Assumption}, Closed: []Range{span(t, "2026-08-03/2026-08-14")}, Window: Mornings, Paper: true,
	}
	for s, want := range map[string]Settings{
		`{}`: {}, `{"f":["assumption"],"c":["2026-08-03/2026-08-14"],"w":"AM","p":true}`: full,
	} {
		b, err := json.Marshal(want)
		if err != nil || string(b) != s {
			t.Errorf("stored as %s, %v, want %s", b, err, s)
		}
		var got Settings
		if err := json.Unmarshal([]byte(s), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("read back: %+v, %v, want %+v", got, err, want)
		}
	}
	for _, bad := range []string{"", "2026-08-03", "2026-08-14/2026-08-03", "3.8.2026/14.8.2026"} {
		var r Range
		if err := r.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, r)
		}
	}
}

func TestTidySettingsHaveOnlyWhatHoldsThere(t *testing.T) {
	t.Parallel()
	in := Settings{
		Feasts: []Feast{PeaceFeast, CorpusChristi, Assumption}, Window: "NIGHT",
		Closed: []Range{span(t, "2026-12-28/2026-12-30"), span(t, "2026-05-01/2026-05-02"), span(t, "2026-08-03/2026-08-14"), span(t, "2026-08-03/2026-08-14")},
	}
	got := in.Tidy("BY", day(t, "2026-06-01"))
	want := Settings{
		Feasts: []Feast{Assumption, PeaceFeast},
		Closed: []Range{span(t, "2026-08-03/2026-08-14"), span(t, "2026-12-28/2026-12-30")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("tidied in Bavaria:\n got %+v\nwant %+v", got, want)
	}
	if got := in.Tidy("NW", day(t, "2026-06-01")).Feasts; got != nil {
		t.Errorf("a municipality in NW has the feasts %v, want none", got)
	}
}

func TestMailsKeepToTheMunicipalitysPartOfTheDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		window    Window
		now, want string
	}{
		{Mornings, "2026-06-01 07:00", "2026-06-01 08:00"},
		{Mornings, "2026-06-01 11:59", "2026-06-01 11:59"},
		{Mornings, "2026-06-01 12:00", "2026-06-02 08:00"},
		{Mornings, "2026-06-04 12:00", "2026-06-08 08:00"}, // Thursday noon to Monday
		{Afternoons, "2026-06-01 08:00", "2026-06-01 12:00"},
		{Afternoons, "2026-06-01 15:59", "2026-06-01 15:59"},
		{Afternoons, "2026-06-01 16:00", "2026-06-02 12:00"},
		{"", "2026-06-01 15:59", "2026-06-01 15:59"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, lang.Berlin())
		if err != nil {
			t.Fatal(err)
		}
		got := CalendarOf("TH", Settings{Window: c.window}).MailTime(now).In(lang.Berlin()).Format("2006-01-02 15:04")
		if got != c.want {
			t.Errorf("window %q, now %s: mail at %s, want %s", c.window, c.now, got, c.want)
		}
	}
}

func TestSchoolHolidaysThatAreShipped(t *testing.T) {
	t.Parallel()
	all, err := readSchoolHolidays(schoolHolidaysYAML)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Lands() {
		for _, year := range []string{"2026", "2027"} {
			summer := 0
			for _, r := range all[l.Code] {
				n := r.From.DaysUntil(r.To)
				switch {
				case !strings.HasPrefix(r.From.String(), year):
				case n >= 38 && n <= 45:
					summer++
				case n > 25:
					t.Errorf("%s: %v is too long", l.Code, r)
				}
			}
			if summer != 1 {
				t.Errorf("%s %s: %d summer holidays, want 1", l.Code, year, summer)
			}
		}
	}
	c := CalendarOf("BY")
	for iso, want := range map[string]bool{"2026-08-02": false, "2026-08-03": true, "2026-09-14": true, "2026-09-15": false, "2029-08-10": false} {
		if got := c.SchoolHoliday(day(t, iso)); got != want {
			t.Errorf("school holiday in Bavaria on %s: %v, want %v", iso, got, want)
		}
	}
}

func TestFaultsInSchoolHolidaysAreToldWithTheirLine(t *testing.T) {
	t.Parallel()
	_, err := readSchoolHolidays([]byte("BY: [2026-08-03/2026-09-14, 2026-09-01/2026-09-20]\nXX: []\nBY: []\nTH: 2026-07-04\nSN: [2026-07-04]\n"))
	if err == nil {
		t.Fatal("a file full of faults was read")
	}
	for _, want := range []string{
		":1: 2026-09-01/2026-09-20 begins before", `:2: "XX" is no Land`, `:3: "BY" is no Land, or it is there twice`,
		":4: wanted is a list", `:5: "2026-07-04" is no span`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the faults do not say %q:\n%v", want, err)
		}
	}
	if _, err := readSchoolHolidays(nil); err == nil {
		t.Error("an empty file was read")
	}
}

func TestComingDaysHaveTheirNamesInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range Lands() {
		days := CalendarOf(l.Code, Settings{Feasts: Feasts(l.Code)}).Ahead(day(t, "2026-01-01"), 15)
		if len(days) != 15 {
			t.Fatalf("%s: %d holidays ahead, want 15", l.Code, len(days))
		}
		for _, d := range days {
			if d.Name.DE == d.Name.EN {
				t.Errorf("%s: %q has no English name", d.Day, d.Name.DE)
			}
		}
	}
	c := CalendarOf("BY")
	if r, ok := c.NextSchoolHolidays(day(t, "2026-08-20")); !ok || r != span(t, "2026-08-03/2026-09-14") {
		t.Errorf("in the summer holidays: %v %v", r, ok)
	}
	if r, ok := c.NextSchoolHolidays(day(t, "2030-01-01")); ok {
		t.Errorf("in 2030: %v, want none that is known", r)
	}
}

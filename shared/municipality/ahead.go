package municipality

import (
	"kokoma/shared/lang"
)

// Special is a day that has a name.
type Special struct {
	Day  lang.Date
	Name lang.Text
}

// Ahead are the next n public holidays from a day on.
func (c Calendar) Ahead(from lang.Date, n int) []Special {
	var out []Special
	for d := from; len(out) < n && from.DaysUntil(d) < 2*366; d = d.AddDays(1) {
		if name, ok := c.Holiday(d); ok {
			out = append(out, Special{d, lang.Text{DE: name, EN: english(name)}})
		}
	}
	return out
}

// NextSchoolHolidays are those that last or come next, as far as they are known.
func (c Calendar) NextSchoolHolidays(from lang.Date) (Range, bool) {
	for _, r := range schoolHolidays()[c.Land] {
		if !r.To.Before(from) {
			return r, true
		}
	}
	return Range{}, false
}

func english(name string) string {
	if en, ok := inEnglish[name]; ok {
		return en
	}
	return name
}

var inEnglish = map[string]string{
	"Neujahrstag": "New Year’s Day", "Heilige Drei Könige": "Epiphany", "Frauentag": "Women’s Day",
	"Karfreitag": "Good Friday", "Ostermontag": "Easter Monday", "Tag der Arbeit": "Labour Day",
	"Christi Himmelfahrt": "Ascension Day", "Pfingstmontag": "Whit Monday", "Fronleichnam": "Corpus Christi",
	"Augsburger Hohes Friedensfest": "Augsburg Peace Festival", "Mariä Himmelfahrt": "Assumption Day",
	"Weltkindertag": "Children’s Day", "Tag der Deutschen Einheit": "Day of German Unity",
	"Reformationstag": "Reformation Day", "Allerheiligen": "All Saints’ Day",
	"Buß- und Bettag": "Day of Repentance and Prayer", "Weihnachtstag": "Christmas Day",
	"Zweiter Weihnachtsfeiertag": "Second Day of Christmas",
}

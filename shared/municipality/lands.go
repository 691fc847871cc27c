package municipality

import (
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Land is one of the sixteen states.
type Land struct {
	Number string // first two digits of its keys
	Code   string // "BY"
	Name   lang.Text
}

var lands = []Land{
	{"01", "SH", lang.Text{DE: "Schleswig-Holstein", EN: "Schleswig-Holstein"}},
	{"02", "HH", lang.Text{DE: "Hamburg", EN: "Hamburg"}},
	{"03", "NI", lang.Text{DE: "Niedersachsen", EN: "Lower Saxony"}},
	{"04", "HB", lang.Text{DE: "Bremen", EN: "Bremen"}},
	{"05", "NW", lang.Text{DE: "Nordrhein-Westfalen", EN: "North Rhine-Westphalia"}},
	{"06", "HE", lang.Text{DE: "Hessen", EN: "Hesse"}},
	{"07", "RP", lang.Text{DE: "Rheinland-Pfalz", EN: "Rhineland-Palatinate"}},
	{"08", "BW", lang.Text{DE: "Baden-Württemberg", EN: "Baden-Württemberg"}},
	{"09", "BY", lang.Text{DE: "Bayern", EN: "Bavaria"}},
	{"10", "SL", lang.Text{DE: "Saarland", EN: "Saarland"}},
	{"11", "BE", lang.Text{DE: "Berlin", EN: "Berlin"}},
	{"12", "BB", lang.Text{DE: "Brandenburg", EN: "Brandenburg"}},
	{"13", "MV", lang.Text{DE: "Mecklenburg-Vorpommern", EN: "Mecklenburg-Western Pomerania"}},
	{"14", "SN", lang.Text{DE: "Sachsen", EN: "Saxony"}},
	{"15", "ST", lang.Text{DE: "Sachsen-Anhalt", EN: "Saxony-Anhalt"}},
	{"16", "TH", lang.Text{DE: "Thüringen", EN: "Thuringia"}},
}

// Lands are the sixteen Länder in the order of their keys.
func Lands() []Land { return slices.Clone(lands) }

// LandsByName are the Länder as people look for them in a list.
func LandsByName(l lang.Lang) []Land {
	return slices.SortedFunc(slices.Values(lands), func(a, b Land) int { return strings.Compare(a.Name.In(l), b.Name.In(l)) })
}

// LandName is the name of the Land with that code, the code itself when there
// is none.
func LandName(l lang.Lang, code string) string {
	for _, land := range lands {
		if land.Code == code {
			return land.Name.In(l)
		}
	}
	return code
}

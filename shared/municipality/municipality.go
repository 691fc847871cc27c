// Package municipality knows whom the platform serves: official keys, the
// Länder, the register of municipalities and the calendar that binds each.
//
// # Keys
//
// A municipality is named by its official key (AGS, 8 digits), a county by
// the first five digits of the keys inside it. Keys are strings: they begin
// with a zero in nine Länder, and they have no check digit. They change when
// municipalities merge, so a case keeps its own copy of name and Land.
//
// # Stored items
//
// A short list is shipped with the program. The official list, when it was
// imported, stands in the table three times, each time whole, so that every
// look-up is one query of one partition:
//
//	municipality#key#16      16051000          by key and beginning of a key
//	municipality#postcode#9  99084#16051000    by postcode and its beginning
//	municipality#name#e      erfurt#16051000   by beginning of each word of the name
//
// Names are folded (see fold): "Köln", "Koln" and "koeln" are the same. The
// items of one municipality are written together; an import that dies half
// way is made good by running it again.
package municipality

import (
	"regexp"
	"strings"

	"kokoma/shared/lang"
)

// Kinds that the register knows, codes of the option list OL-MUNI. Its other
// kinds (associations, boroughs, joint partnerships) are entered by hand.
const (
	Gemeinde  = "GEM"
	Stadt     = "STADT"
	Kreisfrei = "KFS"
	Landkreis = "LK"
)

// Municipality is a town, a municipality or a county.
type Municipality struct {
	Key        string `json:"key"`
	Name       string `json:"name"` // as people say it, without ", Stadt"
	Kind       string `json:"kind"` // code of OL-MUNI
	Land       string `json:"land"` // "BY"
	Postcode   string `json:"postcode,omitempty"`
	Population int    `json:"population,omitempty"`
	// PopulationDate is zero where the figure is only known roughly.
	PopulationDate lang.Date `json:"population_date,omitzero"`
	// ByHand marks what somebody typed because the register lacks it.
	ByHand bool `json:"by_hand,omitempty"`
}

var (
	keyForm = regexp.MustCompile(`^(0[1-9]|1[0-6])([0-9]{3}|[0-9]{6})$`)
	arsForm = regexp.MustCompile(`^(0[1-9]|1[0-6])[0-9]{10}$`)
)

// ValidKey reports whether s has the form of a municipality key (8 digits) or
// of a county key (5 digits).
func ValidKey(s string) bool { return keyForm.MatchString(s) }

// KeyOfARS takes the municipality key out of a regional key (ARS, 12 digits),
// whose four digits in the middle name the association.
func KeyOfARS(ars string) (key string, ok bool) {
	if !arsForm.MatchString(ars) {
		return "", false
	}
	return ars[:5] + ars[9:], true
}

// LandOf is the Land that a valid key belongs to, "" for any other text.
func LandOf(key string) string {
	if !ValidKey(key) {
		return ""
	}
	for _, l := range lands {
		if l.Number == key[:2] {
			return l.Code
		}
	}
	return ""
}

// DisplayName is the official name without its title: "Erfurt" for
// "Erfurt, Stadt", "Kiel" for "Kiel, Landeshauptstadt".
func DisplayName(official string) string {
	name, _, _ := strings.Cut(official, ", ")
	return strings.TrimSpace(name)
}

// SizeBand is the code of OL-POP that reports group m by, "" when the
// population is unknown. Bands also keep small places from being recognised.
func SizeBand(m Municipality) string {
	switch {
	case m.Kind == Landkreis:
		return "PK"
	case m.Population <= 0:
		return ""
	case m.Population < 10_000:
		return "P1"
	case m.Population < 50_000:
		return "P2"
	case m.Population < 100_000:
		return "P3"
	case m.Population < 500_000:
		return "P4"
	}
	return "P5"
}

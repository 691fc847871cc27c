package municipality

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// twoLetters takes what people write for an umlaut, and the sharp s, to the
// base letter. It also shortens "Soest" to "sost": names and questions are
// folded alike, so they still meet.
var twoLetters = strings.NewReplacer("ß", "ss", "ł", "l", "ae", "a", "oe", "o", "ue", "u")

// fold brings a name to lower case base letters and digits, its words parted
// by single spaces. The beginning of a name folds to the beginning of the
// folded name, so that people can search while they type.
func fold(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return twoLetters.Replace(b.String())
}

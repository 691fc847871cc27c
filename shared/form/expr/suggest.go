package expr

import (
	"strings"

	"kokoma/shared/lang"
)

// Suggest proposes the name that was probably meant: "; did you mean …?", or
// nothing.
func Suggest(name string, known []string) lang.Text {
	near := Nearest(name, known)
	if near == "" {
		return lang.Text{}
	}
	return lang.Text{DE: "; gemeint ist vielleicht " + near, EN: "; did you mean " + near + "?"}
}

// Nearest is the known name that was probably meant, "" where none comes near.
func Nearest(name string, known []string) string {
	best, least := "", 2+len(name)/4
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	return best
}

// distance counts insertions, deletions and replacements (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

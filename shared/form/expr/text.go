package expr

import (
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ODK counts UTF-16 units: ä is one, an emoji two. Half an emoji becomes the
// replacement character.

func isXMLSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// length counts the units of a text.
func length(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xffff {
			n++
		}
	}
	return n
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut takes the units from start up to end; both are within the text.
func cut(s string, start, end int) string {
	if plain(s) {
		return s[start:end]
	}
	return string(utf16.Decode(utf16.Encode([]rune(s))[start:end]))
}

// substr counts from 0; negative places count from the end.
func substr(s string, from, to Value, toEnd bool) string {
	if s == "" {
		return ""
	}
	total := float64(length(s))
	start, ok := place(from, total)
	end, okEnd := total, true
	if !toEnd {
		end, okEnd = place(to, total)
	}
	if !ok || !okEnd || start > end {
		return ""
	}
	return cut(s, int(start), int(end))
}

func place(v Value, total float64) (float64, bool) {
	n, ok := leadingInt(v.Text())
	if n < 0 {
		n += total
	}
	return min(max(n, 0), total), ok
}

// selected says whether a choice is among those that an answer consists of.
func selected(answer, choice string) bool {
	want := strings.TrimFunc(choice, isXMLSpace)
	rest := strings.TrimFunc(answer, isXMLSpace)
	for {
		i := strings.IndexFunc(rest, isXMLSpace)
		if i < 0 {
			return rest == want
		}
		if rest[:i] == want {
			return true
		}
		rest = strings.TrimLeftFunc(rest[i:], isXMLSpace)
	}
}

func countSelected(answer string) int {
	n, inside := 0, false
	for _, r := range answer {
		if isXMLSpace(r) {
			inside = false
		} else if !inside {
			inside = true
			n++
		}
	}
	return n
}

func selectedAt(answer string, at Value) string {
	n, ok := leadingInt(at.Text())
	if !ok || n < 0 {
		return ""
	}
	for name := range strings.FieldsFuncSeq(answer, isXMLSpace) {
		if n == 0 {
			return name
		}
		n--
	}
	return ""
}

// normalize takes blanks off both ends and makes one space of several. As in
// Web Forms, a single tab or line end stays what it is.
func normalize(s string) string {
	s = strings.TrimFunc(s, isXMLSpace)
	var b strings.Builder
	for i := 0; i < len(s); {
		n := 0
		for i+n < len(s) && isXMLSpace(rune(s[i+n])) {
			n++
		}
		if n > 1 {
			b.WriteByte(' ')
			i += n
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// translate puts the character of to for the one at the same place of from;
// characters without a counterpart go.
func translate(s, from, to string) string {
	needles, others := utf16.Encode([]rune(from)), utf16.Encode([]rune(to))
	var out []uint16
	for _, unit := range utf16.Encode([]rune(s)) {
		at := -1
		for i, n := range needles {
			if n == unit {
				at = i
				break
			}
		}
		switch {
		case at < 0:
			out = append(out, unit)
		case at < len(others):
			out = append(out, others[at])
		}
	}
	return string(utf16.Decode(out))
}

func before(s, mark string) string {
	head, _, found := strings.Cut(s, mark)
	if !found {
		return ""
	}
	return head
}

// after is substring-after(); Check lets only marks of one character through,
// since Web Forms skips one character whatever the mark.
func after(s, mark string) string {
	if mark == "" {
		return s
	}
	_, tail, _ := strings.Cut(s, mark)
	return tail
}

// tally is checklist() and weighted-checklist(): it counts up to a limit.
type tally struct{ least, most, sum float64 }

// open says whether counting can change anything: a bound of -1 is none.
func newTally(least, most float64) (t tally, open bool) {
	if most == -1 {
		most = math.Inf(1)
		open = !(least < 1)
		return tally{least: least, most: most}, open
	}
	return tally{least: least, most: most}, true
}

// add counts and says whether the limit still holds.
func (t *tally) add(weight float64) bool {
	t.sum += weight
	return !(t.sum > t.most)
}

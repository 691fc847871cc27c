package survey

import (
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
)

// maxList bounds what is read of a pasted list: 500 addresses of the longest kind, with names.
const maxList = 256 << 10

// maxProblems is how many lines are complained about one by one.
const maxProblems = 10

// ParseAddresses reads the list of people to invite, as somebody pastes it: one address a line, or CSV
// with the address in any column and a heading or not, "Name <a@b>" and several on a line tolerated. The
// addresses come in order, each once, spelt as mail.Address spells them. What is wrong comes as texts for
// the person, with the number of the line.
func ParseAddresses(text string) ([]string, []lang.Text) {
	if len(text) > maxList {
		return nil, []lang.Text{{
			DE: "Die Liste ist zu lang. Höchstens 500 Adressen können eingeladen werden.",
			EN: "The list is too long. At most 500 addresses can be invited.",
		}}
	}
	var found []string
	var bad []int
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		addresses, ok := addressesIn(line)
		if !ok && !(n == 1 && heading(line)) {
			bad = append(bad, n)
		}
		for _, a := range addresses {
			if !slices.Contains(found, a) {
				found = append(found, a)
			}
		}
	}
	return found, append(badLines(bad), count(len(found), len(bad))...)
}

// addressesIn takes the addresses out of a line: as a list in the form of mail programs, which may have
// commas in quoted names, else field by field.
func addressesIn(line string) ([]string, bool) {
	if list, err := netmail.ParseAddressList(line); err == nil {
		var out []string
		for _, a := range list {
			canonical, err := mail.Address(a.Address)
			if err != nil {
				return out, false
			}
			out = append(out, canonical)
		}
		return out, true
	}
	var out []string
	for field := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(";,\t|", r) }) {
		if !strings.Contains(field, "@") {
			continue
		}
		canonical, err := mail.Address(bare(field))
		if err != nil {
			return out, false
		}
		out = append(out, canonical)
	}
	return out, len(out) > 0
}

// bare takes a name and quotes off: `"Amt" <a@b>` is a@b.
func bare(field string) string {
	if _, rest, ok := strings.Cut(field, "<"); ok {
		field, _, _ = strings.Cut(rest, ">")
	}
	return strings.Trim(field, " \t\"'<>")
}

// heading: the first line of a table names its columns.
func heading(line string) bool {
	l := strings.ToLower(line)
	return !strings.Contains(l, "@") && (strings.ContainsAny(l, ";,\t") || strings.Contains(l, "mail") || strings.Contains(l, "adress"))
}

func badLines(lines []int) []lang.Text {
	var out []lang.Text
	for i, n := range lines {
		if i == maxProblems {
			rest := len(lines) - maxProblems
			return append(out, lang.Text{
				DE: fmt.Sprintf("Und %d weitere Zeilen ohne gültige E-Mail-Adresse.", rest),
				EN: fmt.Sprintf("And %d more lines without a valid e-mail address.", rest),
			})
		}
		out = append(out, lang.Text{
			DE: fmt.Sprintf("Zeile %d: Hier steht keine gültige E-Mail-Adresse. Schreiben Sie zum Beispiel name@example.org, oder löschen Sie die Zeile.", n),
			EN: fmt.Sprintf("Line %d: there is no valid e-mail address. Write for example name@example.org, or delete the line.", n),
		})
	}
	return out
}

// count judges the number only when every line could be read: else it is wrong for that reason.
func count(n, bad int) []lang.Text {
	switch {
	case n > MaxAddresses:
		return []lang.Text{{
			DE: fmt.Sprintf("Das sind %d verschiedene Adressen. Höchstens %d können eingeladen werden.", n, MaxAddresses),
			EN: fmt.Sprintf("These are %d different addresses. At most %d can be invited.", n, MaxAddresses),
		}}
	case n < MinAddresses && bad == 0:
		return []lang.Text{{
			DE: fmt.Sprintf("Das sind %d verschiedene Adressen. Nötig sind mindestens %d, sonst ließen sich keine Ergebnisse zeigen.", n, MinAddresses),
			EN: fmt.Sprintf("These are %d different addresses. At least %d are needed, or no results could be shown.", n, MinAddresses),
		}}
	}
	return nil
}

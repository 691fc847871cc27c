package mail

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address returns the spelling of an e-mail address under which it is stored,
// compared and mailed: no name, no blanks, lower case, the domain in ASCII.
// Mail goes to one address; a list or a name with it is a fault.
func Address(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > 254 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || hidden(r) }) {
		return "", fmt.Errorf("not an e-mail address: too long, or blanks in it")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || strings.ContainsAny(s, `<>(),;:"\[]`) {
		return "", fmt.Errorf("not an e-mail address: wanted is name@domain")
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") {
		return "", fmt.Errorf("not an e-mail address: no valid domain after the @")
	}
	whole := strings.ToLower(s[:at]) + "@" + strings.ToLower(domain)
	parsed, err := mail.ParseAddress(whole)
	if err != nil || parsed.Address != whole || parsed.Name != "" {
		return "", fmt.Errorf("not an e-mail address: wanted is name@domain")
	}
	for _, r := range whole {
		if r >= utf8.RuneSelf {
			return "", fmt.Errorf("not an e-mail address that can be mailed: %q before the @", r)
		}
	}
	return whole, nil
}

// normal is Address for what is compared and need not be mailed.
func normal(s string) string {
	if a, err := Address(s); err == nil {
		return a
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// hidden tells whether r turns or hides writing: direction marks, zero width
// signs and the like let a name look like something else.
func hidden(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != '\u00ad' || r == '\u2028' || r == '\u2029' || r == '\u00ad'
}

// line makes one clean line of what people typed, at most limit characters:
// control signs become blanks, hidden signs go, broken UTF-8 is marked.
func line(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case hidden(r) && r != '\u2028' && r != '\u2029':
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return clip(strings.Join(strings.Fields(s), " "), limit)
}

// clip cuts s to limit characters, the last one saying so.
func clip(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:max(limit-1, 0)]), " ") + "…"
}

package expr

import "testing"

// The expected values are those of JavaScript; (?i) and (?s) are Java's.
func TestPatternsMeanWhatTheyDoInWebForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`a.c`, "a\nc", false},
		{`(?s)a.c`, "a\nc", true},
		{`(?i)ÄB`, "äb", true},
		{`a.c`, "a\rc", false},
		{`a\sc`, "a\u00a0c", true},
		{`a\Sc`, "a\u00a0c", false},
		{`^[\s\-a]+$`, "a -\u2003", true},
		{`a$`, "a\n", false},
		{`^a\/b$`, "a/b", true},
		{`\x41\u00e4`, "Aä", true},
		{`]}`, "]}", true},
		{`^a{2,3}$`, "aaaa", false},
		{`^a{2,}?$`, "aaaa", true},
		{`^[^a-c]+$`, "xyz", true},
		{`^[a^]+$`, "a^", true},
		{`^[.*]+$`, "..*", true},
		{`(ab)+c`, "xababc", true},
		{`\bß`, "aß", true}, // ß is no letter for \b
		{`^\w+$`, "Straße", false},
		{`^[A-Za-zÄÖÜäöüß]+$`, "Straße", true},
		{`\.`, "a", false},
		{`^$`, "", true},
	} {
		re, fault := pattern(c.pattern)
		if fault != nil {
			t.Errorf("%s: %s", c.pattern, fault.EN)
			continue
		}
		if got := re.MatchString(c.text); got != c.want {
			t.Errorf("%s on %q is %v", c.pattern, c.text, got)
		}
	}
}

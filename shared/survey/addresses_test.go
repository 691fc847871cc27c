package survey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/survey"
)

func TestAddressListsAsPeoplePasteThem(t *testing.T) {
	t.Parallel()
	five := "a@example.org\nb@example.org\nc@example.org\nd@example.org\n"
	cases := []struct {
		name, text string
		want       []string
		problem    string // part of the only problem, empty for none
	}{
		{"one a line", five + "e@example.org", []string{"a", "b", "c", "d", "e"}, ""},
		{"byte order mark, blanks, empty lines, Windows ends", "\ufeff" + strings.ReplaceAll(five, "\n", " \r\n\r\n") + "\te@example.org ", []string{"a", "b", "c", "d", "e"}, ""},
		{"names", five + `Eva Muster <e@example.org>`, []string{"a", "b", "c", "d", "e"}, ""},
		{"quoted name with a comma", five + `"Muster, Eva" <E@Example.org>`, []string{"a", "b", "c", "d", "e"}, ""},
		{"bare name with a comma", five + `Muster, Eva <e@example.org>`, []string{"a", "b", "c", "d", "e"}, ""},
		{"several on a line", "a@example.org, b@example.org; c@example.org\nd@example.org;e@example.org", []string{"a", "b", "c", "d", "e"}, ""},
		{"CSV with heading", "Name;E-Mail;Amt\n" + "A;a@example.org;10\nB;\"b@example.org\";20\nC;c@example.org;30\nD;d@example.org;\nE;e@example.org;50", []string{"a", "b", "c", "d", "e"}, ""},
		{"heading of one column", "E-Mail-Adresse\n" + five + "e@example.org", []string{"a", "b", "c", "d", "e"}, ""},
		{"duplicates fold", five + "A@EXAMPLE.org\ne@example.org\nb@example.org", []string{"a", "b", "c", "d", "e"}, ""},
		{"a line that is none", five + "e@example.org\nRathaus, Zimmer 3", []string{"a", "b", "c", "d", "e"}, "Zeile 6:"},
		{"half an address", five + "e@example.org\nf@", []string{"a", "b", "c", "d", "e"}, "Zeile 6:"},
		{"too few", five, []string{"a", "b", "c", "d"}, "4 verschiedene Adressen. Nötig sind mindestens 5"},
		{"none", "", nil, "0 verschiedene"},
	}
	for _, c := range cases {
		got, problems := survey.ParseAddresses(c.text)
		var want []string
		for _, w := range c.want {
			want = append(want, w+"@example.org")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
		switch {
		case c.problem == "" && len(problems) > 0:
			t.Errorf("%s: problems %v, want none", c.name, problems)
		case c.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0].DE, c.problem) || problems[0].EN == ""):
			t.Errorf("%s: problems %v, want one with %q", c.name, problems, c.problem)
		}
	}
}

func TestAddressListBounds(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 501 {
		fmt.Fprintf(&many, "p%d@example.org\n", i)
	}
	if got, problems := survey.ParseAddresses(many.String()); len(got) != 501 || len(problems) != 1 || !strings.Contains(problems[0].DE, "Höchstens 500") {
		t.Errorf("501 addresses: %d, problems %v", len(got), problems)
	}
	if got, problems := survey.ParseAddresses(strings.Repeat("x", 300_000)); got != nil || len(problems) != 1 {
		t.Errorf("an endless list: %d addresses, problems %v", len(got), problems)
	}
	if _, problems := survey.ParseAddresses(strings.Repeat("falsch\n", 30)); len(problems) != 11 {
		t.Errorf("30 bad lines: %d problems, want ten and a rest", len(problems))
	}
}

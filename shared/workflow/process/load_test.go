package process

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

func TestShippedStepsCompile(t *testing.T) {
	t.Parallel()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Compile(); err != nil {
		t.Fatal(err)
	}
	if len(d.Templates) < 20 || d.Templates[0].Key != "O01" {
		t.Errorf("got %d steps beginning with %s, want at least 20 from O01", len(d.Templates), d.Templates[0].Key)
	}
}

const (
	first = `key: O01
phase: O
title: {de: "Anfang", en: "Beginning"}
acts: [FED]
asks: {de: "Bitte.", en: "Please."}
due_wt: 5
`
	second = `key: O02
phase: O
title: {de: "Weiter", en: "On"}
acts: [FED]
asks: {de: "Bitte.", en: "Please."}
due_wt: 5
pre: [{step: O01}]
form:
  survey:
    - {type: text, name: word, label: {de: "Wort", en: "Word"}, required: "yes", x_maxlength: 50, x_class: org}
`
)

func steps(one, two string) fstest.MapFS {
	return fstest.MapFS{"o/o01.yaml": {Data: []byte(one)}, "o/o02.yaml": {Data: []byte(two)}}
}

// TestBrokenDefinitionsNameFileLineAndReason plants one fault at a time.
func TestBrokenDefinitionsNameFileLineAndReason(t *testing.T) {
	t.Parallel()
	if d, err := Load(steps(first, second)); err != nil || d.Compile() != nil {
		t.Fatalf("without a fault: %v", err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"acts: [FED]", "acts: [BOSS]", `o/o02.yaml:4: acts: "BOSS" is no role`},
		{"acts: [FED]\n", "", "o/o02.yaml:1: acts is missing"},
		{"key: O02", "key: O2", `o/o02.yaml:1: key "O2" is no step key`},
		{"key: O02", "key: O01", "o/o02.yaml:1: step O01 is also in o/o01.yaml"},
		{"phase: O", "phase: A", `o/o02.yaml:2: phase "A" does not fit`},
		{`, en: "On"`, "", "o/o02.yaml:1: title needs both de and en"},
		{"due_wt: 5", "due_wt: 0", "o/o02.yaml:6: due_wt is 0"},
		{"due_wt: 5", "due_wt: soon", "o/o02.yaml:6: "},
		{"due_wt: 5", "due: 5", "o/o02.yaml:6: field due is unknown in a step"},
		{"step: O01", "step: O09", `o/o02.yaml:1: pre names step "O09"`},
		{"step: O01", "step: O02", "o/o02.yaml:1: steps wait for each other: [O02 O02]"},
		{"pre: [{step: O01}]\n", "", "o/o02.yaml:1: step O02 has no pre"},
		{"step: O01}]", "step: O01, when: \"${word = 1\"}]", "o/o02.yaml:7: condition"},
		{"form:", "outcome: [{when: \"${word} = 'x'\", effect: explode}]\nform:", `o/o02.yaml:8: outcome: effect "explode" is unknown`},
		{"form:", "outcome: [{when: \"${word} = 'x'\", effect: reopen}]\nform:", "o/o02.yaml:8: outcome: reopen needs a step"},
		{"form:", "outcome: [{when: \"${other} = 'x'\", effect: park}]\nform:", "o/o02.yaml:8: condition"},
		{"form:", "outcome: [{when: \"${word} = 'x'\", effect: query}]\nform:", `o/o02.yaml:1: effect query names the question "questions_to_municipality"`},
		{"form:", "roles: [{role: KUF, email: mail}]\nform:", `o/o02.yaml:1: roles names the question "mail"`},
		{"form:\n", "form: {}\n", "o/o02.yaml:8: write the form as indented lines"},
		{"org}\n", "org}\nmilestone: M0\n", "o/o02.yaml:11: form must be the last part"},
		{`, required: "yes"`, "", "o/o02.yaml:1: no question of step O02 is always required"},
		{"type: text", "type: txt", "o/o02.yaml:10: "},
	} {
		d, err := Load(steps(first, strings.Replace(second, c.old, c.new, 1)))
		if err == nil {
			err = d.Compile()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: got %v\nwant %s", c.new, c.old, err, c.want)
		}
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(steps(strings.Replace(first, "FED", "BOSS", 1), strings.Replace(second, "due_wt: 5", "due_wt: 0", 1)))
	if err == nil || !strings.Contains(err.Error(), "o/o01.yaml:4") || !strings.Contains(err.Error(), "o/o02.yaml:6") {
		t.Errorf("got %v, want both files' faults", err)
	}
}

func TestHashNamesTheContents(t *testing.T) {
	t.Parallel()
	a, err := Load(steps(first, second))
	if err != nil {
		t.Fatal(err)
	}
	same, err := Stored(a.Source)
	if err != nil || same.Hash != a.Hash {
		t.Errorf("the same files: %v, hash %s, want %s", err, same.Hash, a.Hash)
	}
	b, err := Load(steps(first, strings.Replace(second, "Weiter", "Fort", 1)))
	if err != nil || b.Hash == a.Hash {
		t.Errorf("other files: %v, hash %s, want another than %s", err, b.Hash, a.Hash)
	}
}

func TestMomentsAreWorkingDaysInTheMailingWindow(t *testing.T) {
	t.Parallel()
	// Wednesday, 30 September 2026; 3 October is a holiday, on a Saturday.
	st := Step{State: Open, WT: 25, Due: lang.Date{Year: 2026, Month: 9, Day: 30}}
	var got []string
	for m := range st.Moments(municipality.CalendarOf("TH")) {
		got = append(got, m.At.Format("Mon 2006-01-02 15"))
	}
	want := "Wed 2026-09-23 08, Thu 2026-10-01 08, Thu 2026-10-08 08, Mon 2026-10-26 08" // the last after the autumn holidays
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	st.WT = 5
	if n := len(slices.Collect(st.Moments(municipality.CalendarOf("TH")))); n != 3 {
		t.Errorf("a step of five working days has %d moments, want 3: no friendly reminder", n)
	}
	st.Due = lang.Date{Year: 2026, Month: 12, Day: 22} // the day after is a Wednesday, then come the holidays
	if at := slices.Collect(st.Moments(municipality.CalendarOf("BY")))[1].At.Format("2006-01-02"); at != "2027-01-11" {
		t.Errorf("six working days after 22 December in Bavaria are 5 January, in school holidays: %s, want 2027-01-11", at)
	}
}

func TestMarksComeBack(t *testing.T) {
	t.Parallel()
	m := Marks{"O01": {Done, 1}, "A10": {Open, 12}, "A11": {Void, 2}}
	b, err := m.MarshalJSON()
	if err != nil || string(b) != `"O01d A10o12 A11v2"` {
		t.Errorf("got %s %v", b, err)
	}
	var back Marks
	if err := back.UnmarshalJSON(b); err != nil || len(back) != 3 || back["A10"] != m["A10"] || back["O01"] != m["O01"] {
		t.Errorf("got %v %v", back, err)
	}
	if err := back.UnmarshalJSON([]byte(`"O0"`)); err == nil {
		t.Error("a broken head is read")
	}
}

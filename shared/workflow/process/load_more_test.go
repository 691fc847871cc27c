package process

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

const third = `key: O03
phase: O
title: {de: "Danach", en: "Afterwards"}
acts: [TAN]
asks: {de: "Bitte.", en: "Please."}
due_wt: 5
pre:
  - {step: O02, wait_wt: 110}
repeatable: true
repeat: {every: "6 weeks", on: next_on, first: begins}
opens_on: safety
four_eyes: true
prefill:
  - {question: stage, from: "O02.word"}
records:
  - {kind: agreement, each: agreements, title: agreement_text, state: agreement_state, due: review_on}
  - {kind: document, title: {de: "Analyse", en: "Analysis"}, doc: analysis, version: stage, state: released}
outcome:
  - {when: "${stage} = 'x'", effect: stop, reason: stage}
  - {effect: complete, follow_up: next_on}
form:
  choices:
    state:
      - {name: open, label: {de: "offen", en: "open"}}
      - {name: kept, label: {de: "eingehalten", en: "kept"}}
  survey:
    - {type: text, name: stage, label: {de: "Wort", en: "Word"}, required: "yes", x_class: org}
    - {type: text, name: done, label: {de: "Getan", en: "Done"}, required: "yes", x_class: org}
    - {type: date, name: next_on, label: {de: "Nächstes Mal", en: "Next time"}, x_class: org}
    - type: repeat
      name: agreements
      label: {de: "Vereinbarungen", en: "Agreements"}
      children:
        - {type: text, name: agreement_text, label: {de: "Text", en: "Text"}, x_class: case}
        - {type: select_one state, name: agreement_state, label: {de: "Stand", en: "State"}, x_class: case}
        - {type: date, name: review_on, label: {de: "Prüfung", en: "Review"}, x_class: case}
`

func threeSteps(o3 string) fstest.MapFS {
	out := steps(first, second+"    - {type: date, name: begins, label: {de: \"Beginn\", en: \"Beginning\"}, x_class: org}\n"+
		"    - {type: text, name: secret, label: {de: \"Geheim\", en: \"Secret\"}, x_class: sens}\n")
	out["o/o03.yaml"] = &fstest.MapFile{Data: []byte(o3)}
	return out
}

func TestAllKeysOfAStepAreRead(t *testing.T) {
	t.Parallel()
	d, err := Load(threeSteps(third))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Compile(); err != nil {
		t.Fatal(err)
	}
	x := d.Template("O03")
	if x.Pre[0].WaitWT != 110 || !x.FourEyes || x.OpensOn != OnSafety || x.OnDemand() {
		t.Errorf("got %+v", x)
	}
	if r := x.Repeat; r.Every != "6 weeks" || r.On != "next_on" || r.First != "begins" {
		t.Errorf("repeat is %+v", r)
	}
	if p := x.Prefill[0]; p.Question != "stage" || p.Step != "O02" || p.From != "word" {
		t.Errorf("prefill is %+v", p)
	}
	if r := x.Records; len(r) != 2 || r[0].Each != "agreements" || r[0].Due != "review_on" || r[1].Begins != "released" || r[1].Name.EN != "Analysis" {
		t.Errorf("records are %+v", r)
	}
	if o := x.Outcomes; o[0].Reason != "stage" || o[1].Follow != "next_on" || o[1].When != nil {
		t.Errorf("outcomes are %+v", o)
	}
}

func TestBrokenKeysNameFileLineAndReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"wait_wt: 110", "wait_wt: 0", "o/o03.yaml:8: pre: wait_wt is 0"},
		{"wait_wt: 110", "wait_wt: 501", "o/o03.yaml:8: pre: wait_wt is 501"},
		{"wait_wt: 110", "wait: 110", "o/o03.yaml:8: field wait"},
		{"repeatable: true\n", "", "o/o03.yaml:9: repeat goes with `repeatable: true` only"},
		{`"6 weeks"`, "often", `o/o03.yaml:10: repeat: every is "often"`},
		{`every: "6 weeks", `, "", `o/o03.yaml:10: repeat: every is ""`},
		{`"6 weeks"`, "on_demand", "o/o03.yaml:10: repeat: a step that is on demand has no dates"},
		{`"6 weeks", on: next_on, first: begins`, "on_demand", "o/o03.yaml:10: repeat: a step that is on demand can wait for nobody"},
		{"on: next_on, f", "on: later, f", `o/o03.yaml:10: repeat: on names the question "later"`},
		{"on: next_on, f", "on: stage, f", `o/o03.yaml:10: repeat: on names the question "stage", which is of type text, wanted is date`},
		{"first: begins", "first: word", `o/o03.yaml:10: repeat: first names the question "word", which is of type text`},
		{"first: begins", "frist: begins", "o/o03.yaml:10: field frist"},
		{"opens_on: safety", "opens_on: monday", `o/o03.yaml:11: opens_on: "monday" is unknown`},
		{"four_eyes: true", "four_eyes: perhaps", "o/o03.yaml:12: "},
		{"four_eyes: true", "four_eyes: true\nstarts_survey: S_T0", "o/o03.yaml:12: four_eyes: a step that starts a survey"},
		{"O02.word", "O09.word", `o/o03.yaml:14: prefill takes from step "O09"`},
		{"O02.word", "word", "o/o03.yaml:14: prefill: wanted are"},
		{"O02.word", "O02.words", `o/o03.yaml:14: prefill: from names the question "words"`},
		{"O02.word", "O02.begins", `o/o03.yaml:14: prefill: from names the question "begins", which is of type date, wanted is text`},
		{"O02.word", "O02.secret", `o/o03.yaml:14: "stage" takes over the answer to "secret"`},
		{`"Done"}, required: "yes"`, `"Done"}`, "o/o03.yaml:1: no question of step O03 is always required"},
		{"{question: stage", "{question: stages", `o/o03.yaml:14: prefill: question names the question "stages"`},
		{"kind: agreement", "kind: promise", `o/o03.yaml:16: records: kind "promise" is unknown`},
		{"each: agreements, ", "", "o/o03.yaml:16: records: an agreement needs the repeat"},
		{"title: agreement_text", "title: stage", `o/o03.yaml:16: records: title names the question "stage", which is not where it has to be`},
		{"due: review_on", "due: agreement_text", `o/o03.yaml:16: records: due names the question "agreement_text", which is of type text`},
		{", doc: analysis", "", "o/o03.yaml:17: records: a document needs a name in `doc`"},
		{"state: released", "state: final", `o/o03.yaml:17: records: "final" is no state of a document`},
		{", reason: stage", "", "o/o03.yaml:19: outcome: stop needs the question of its reason"},
		{"reason: stage", "reason: next_on", `o/o03.yaml:19: outcome: reason names the question "next_on", which is of type date`},
		{"effect: complete, ", "effect: park, when: \"${stage} = 'x'\", ", "o/o03.yaml:20: outcome: follow_up goes with complete only"},
		{"follow_up: next_on", "follow_up: stage", `o/o03.yaml:20: outcome: follow_up names the question "stage"`},
	} {
		if !strings.Contains(third, c.old) {
			t.Fatalf("%q is not in the step", c.old)
		}
		d, err := Load(threeSteps(strings.Replace(third, c.old, c.new, 1)))
		if err == nil {
			err = d.Compile()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: got %v\nwant %s", c.new, c.old, err, c.want)
		}
	}
}

// TestFormsOfTheOfficeKeepWhatRhythmsAndRecordsAskFor: a published form that
// lacks such a question does not fit the process.
func TestFormsOfTheOfficeKeepWhatRhythmsAndRecordsAskFor(t *testing.T) {
	t.Parallel()
	d, err := Load(threeSteps(third))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Load(threeSteps(strings.ReplaceAll(strings.ReplaceAll(third, "next_on", "later_on"), "review_on", "look_on")))
	if err != nil {
		t.Fatal(err)
	}
	f, err := other.Template("O03").Form()
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, l := range d.Lacks(d.Template("O03"), f) {
		said += l.EN + "\n"
	}
	for _, name := range []string{"next_on", "review_on"} {
		if !strings.Contains(said, name) {
			t.Errorf("that %s is missing is not said:\n%s", name, said)
		}
	}
}

func day(y, m, d int) lang.Date { return lang.Date{Year: y, Month: time.Month(m), Day: d} }

func TestRhythmsFollowTheCalendar(t *testing.T) {
	t.Parallel()
	cal := municipality.CalendarOf("BY")
	for _, c := range []struct {
		every               string
		opened, today, want lang.Date
	}{
		{Monthly, day(2026, 4, 1), day(2026, 4, 8), day(2026, 5, 4)},      // 1 May is a holiday, a Friday
		{Monthly, day(2026, 12, 1), day(2026, 12, 3), day(2027, 1, 4)},    // over the year's end
		{Monthly, day(2026, 4, 1), day(2026, 5, 20), day(2026, 5, 20)},    // late: at once
		{Monthly, day(2026, 4, 1), day(2026, 5, 23), day(2026, 5, 26)},    // late, over Whitsun
		{Quarterly, day(2026, 5, 4), day(2026, 5, 5), day(2026, 7, 1)},    //
		{Quarterly, day(2026, 11, 2), day(2026, 11, 9), day(2027, 1, 4)},  // 1 January is a Friday
		{HalfYearly, day(2026, 7, 1), day(2026, 8, 3), day(2027, 1, 4)},   //
		{Yearly, day(2026, 2, 2), day(2026, 2, 3), day(2027, 1, 4)},       //
		{"6 weeks", day(2026, 4, 13), day(2026, 4, 14), day(2026, 5, 26)}, // 25 May is Whit Monday
		{"1 week", day(2026, 4, 13), day(2026, 4, 30), day(2026, 4, 30)},
	} {
		if got := (Repeat{Every: c.every}).After(c.opened, c.today, cal); got != c.want {
			t.Errorf("%s, opened %s, done %s: next on %s, want %s", c.every, c.opened, c.today, got, c.want)
		}
	}
}

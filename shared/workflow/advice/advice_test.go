package advice

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

func shipped(t *testing.T) *Table {
	t.Helper()
	src, err := os.ReadFile("../suggestions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := Load("suggestions.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// facts writes "stage_highest=7 main_type=CT3" as answers.
func facts(s string) form.Answers {
	out := form.Answers{}
	for word := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(word, "=")
		out[name] = form.Value{Text: value}
	}
	return out
}

func words(list []lang.Text) string {
	var out []string
	for _, t := range list {
		out = append(out, t.DE)
	}
	return strings.Join(out, ", ")
}

// TestRules goes through kokoma.md 3.6, each rule at its edges.
func TestRules(t *testing.T) {
	t.Parallel()
	table := shipped(t)
	for _, c := range []struct{ facts, rules, suggest, against string }{
		{"", "", "", ""},
		{"threat_now=ACUTE", "1", "", ""},
		{"threat_now=POSS", "", "", ""},
		{"safety_flag=Y", "1", "", ""},
		{"safety_flag=N", "", "", ""},
		{"stage_highest=9", "2", "Schutzplanung, Mobile Beratung, ordnungsrechtliche Maßnahme, Prozessberatung", "runder Tisch"},
		{"stage_highest=7", "2", "Schutzplanung, Mobile Beratung, ordnungsrechtliche Maßnahme, Prozessberatung", "runder Tisch"},
		{"stage_highest=6", "3", "Prozessberatung, Mediation, Vermittlungsgespräche, Kommunikationsstrategie", ""},
		{"stage_highest=4", "3", "Prozessberatung, Mediation, Vermittlungsgespräche, Kommunikationsstrategie", ""},
		{"stage_highest=3", "4", "Moderation, Dialogformat, runder Tisch, Beteiligungsverfahren", ""},
		{"stage_highest=1", "4", "Moderation, Dialogformat, runder Tisch, Beteiligungsverfahren", ""},
		{"main_type=CT3", "5", "Mobile Beratung, Grenzsetzung ohne Dialogangebot, Betroffenenberatung, Bildung und Begegnung", ""},
		{"main_type=CT2", "", "", ""},
		{"muni_role=PAR", "6", "", ""},
		{"muni_role=DEC", "", "", ""},
		{"affected_unreached=1", "7", "", ""},
		{"affected_unreached=0", "", "", ""},
		{"decision_final=Y", "8", "Kommunikationsstrategie", "Beteiligungsverfahren"},
		{"decision_final=U", "", "", ""},
		{"stage_highest=2 decision_final=Y", "4 8", "Moderation, Dialogformat, runder Tisch, Kommunikationsstrategie", "Beteiligungsverfahren"},
	} {
		var numbers, suggest, against []string
		for _, r := range table.Say(facts(c.facts)) {
			numbers = append(numbers, fmt.Sprint(r.Number))
			if s := words(r.Suggest); s != "" {
				suggest = append(suggest, s)
			}
			if s := words(r.Against); s != "" {
				against = append(against, s)
			}
			if r.Because.DE == "" || r.Because.EN == "" || !strings.HasPrefix(r.Because.DE, "weil ") {
				t.Errorf("rule %d gives no reason: %q", r.Number, r.Because)
			}
			if r.Number != 4 && r.Warn.DE == "" {
				t.Errorf("rule %d does not warn", r.Number)
			}
		}
		got := []string{strings.Join(numbers, " "), strings.Join(suggest, ", "), strings.Join(against, ", ")}
		if want := []string{c.rules, c.suggest, c.against}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.facts, got, want)
		}
	}
	again := table.Say(facts("stage_highest=2"))[0]
	if len(again.Suggest) != 4 {
		t.Errorf("what one case advises against is missing in the next: %q", words(again.Suggest))
	}
}

func TestSuggestionsAreShownWhereProceduresAreChosen(t *testing.T) {
	t.Parallel()
	table := shipped(t)
	for step, want := range map[string]bool{"B02": true, "B03": true, "B09": true, "B04": false, "A08": false} {
		if got := table.On(step); got != want {
			t.Errorf("on %s: %t, want %t", step, got, want)
		}
	}
}

// TestBrokenTablesNameFileLineAndReason plants one fault at a time.
func TestBrokenTablesNameFileLineAndReason(t *testing.T) {
	t.Parallel()
	const good = `shown_on: [B03]
rules:
  - number: 1
    when: "${stage_highest} >= 7"
    because: {de: "weil hoch", en: "because high"}
    suggest: [SAFE]
  - number: 2
    when: "${main_type} = 'CT3'"
    because: {de: "weil so", en: "because so"}
    advice: {de: "Bitte.", en: "Please."}
`
	if _, err := Load("s.yaml", []byte(good)); err != nil {
		t.Fatalf("without a fault: %v", err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"shown_on: [B03]", "shown_on: []", "s.yaml:1: shown_on is empty"},
		{"shown_on: [B03]", "shown_at: [B03]", "s.yaml: "},
		{"number: 2", "number: 1", "s.yaml:7: number 1 is missing or taken"},
		{"number: 2", "number: two", "s.yaml:7: "},
		{"${stage_highest} >= 7", "${stage_high} >= 7", "s.yaml:3: when"},
		{"${stage_highest} >= 7", "${stage_highest} >=", "s.yaml:3: when"},
		{"= 'CT3'", "= 'CT33'", "s.yaml:7: when"},
		{"[SAFE]", "[SAVE]", `s.yaml:3: "SAVE" is no format`},
		{", en: \"because high\"", "", "s.yaml:3: because needs both"},
		{", en: \"Please.\"", "", "s.yaml:7: advice needs both"},
		{"    suggest: [SAFE]\n", "", "s.yaml:3: rule 1 suggests nothing"},
		{"    suggest: [SAFE]", "    suggests: [SAFE]", "s.yaml:6: suggests is unknown"},
	} {
		_, err := Load("s.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: got %v\nwant %s", c.new, c.old, err, c.want)
		}
	}
}

func answered(month time.Month, a form.Answers) process.Step {
	return process.Step{State: process.Done, At: time.Date(2027, month, 1, 9, 0, 0, 0, time.UTC), Answers: a}
}

func assessment(month time.Month, total string, sides ...string) process.Step {
	a := facts("glasl_total=" + total)
	var rows []form.Answers
	for _, s := range sides {
		rows = append(rows, facts("glasl_party=Seite glasl_stage="+s))
	}
	a["glasl_parties"] = form.Value{Rows: rows}
	return answered(month, a)
}

func ref(step string) process.Ref { return process.Ref{Step: step, Iteration: 1} }

func TestFactsAreTakenFromTheCase(t *testing.T) {
	t.Parallel()
	type steps = map[process.Ref]process.Step
	actors := form.Answers{"actors": {Rows: []form.Answers{
		facts("actor_affected=Y actor_access=N"), facts("actor_role=AFF actor_access=N"), facts("actor_affected=Y actor_access=Y"),
		facts("actor_affected=N actor_role=PARTY actor_access=N"), facts("actor_affected=Y actor_access=U"),
	}}}
	focus := func(types ...string) form.Answers { return form.Answers{"types": {Choices: types}} }
	for _, c := range []struct {
		what, intake string
		steps        steps
		fact, want   string
	}{
		{"nothing known", "", nil, "stage_highest", ""},
		{"intake", "muni_role=PAR", nil, "muni_role", "PAR"},
		{"acute at the beginning", "threat_now=ACUTE", nil, "threat_now", "ACUTE"},
		{"acute, then arranged", "threat_now=ACUTE", steps{ref("B09"): answered(3, nil)}, "threat_now", ""},
		{"flag", "", steps{ref("B07"): answered(2, facts("safety_incident=Y"))}, "safety_flag", "Y"},
		{"flag, then arranged", "", steps{ref("B07"): answered(2, facts("safety_incident=Y")), ref("B09"): answered(3, nil)}, "safety_flag", ""},
		{"flag in the moment of the arrangement", "", steps{ref("B07"): answered(3, facts("safety_incident=Y")), ref("B09"): answered(3, nil)}, "safety_flag", "Y"},
		{"flag after arrangement", "", steps{ref("R01"): answered(5, facts("safety_flag=Y")), ref("B09"): answered(3, nil)}, "safety_flag", "Y"},
		{"named type", "conflict_main=CT3", nil, "main_type", "CT3"},
		{"named type in the focus", "conflict_main=CT3", steps{ref("A02"): answered(1, focus("CT1", "CT3"))}, "main_type", "CT3"},
		{"named type left the focus", "conflict_main=CT3", steps{ref("A02"): answered(1, focus("CT1", "CT2"))}, "main_type", ""},
		{"only type of the focus", "conflict_main=CT3", steps{ref("A02"): answered(1, focus("CT1"))}, "main_type", "CT1"},
		{"highest of a side", "", steps{ref("A08"): assessment(1, "4", "7", "3")}, "stage_highest", "7"},
		{"later one counts", "", steps{ref("A08"): assessment(1, "6", "7"), ref("B12"): assessment(6, "3", "2")}, "stage_highest", "3"},
		{"later one without sides", "", steps{ref("A08"): assessment(1, "6", "7"), ref("B12"): assessment(6, "3")}, "stage_highest", "7"},
		{"total of the later one", "", steps{ref("A08"): assessment(1, "6", "7"), ref("B12"): assessment(6, "3")}, "stage", "3"},
		{"groups without access", "", steps{ref("A04"): answered(1, actors)}, "affected_unreached", "2"},
		{"decided for good", "", steps{ref("A08"): answered(1, facts("decision_final=Y"))}, "decision_final", "Y"},
	} {
		if got := Facts(facts(c.intake), c.steps).Text(c.fact); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.what, c.fact, got, c.want)
		}
	}
	if got := Facts(form.Answers{"conflict_types": {Choices: []string{"CT1", "CT5"}}}, nil).Choices("types"); len(got) != 2 {
		t.Errorf("types of the intake: %v", got)
	}
}

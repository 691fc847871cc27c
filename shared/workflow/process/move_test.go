package process

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"
)

// shipped is the process with some files changed: old text, new text in turns;
// the file is left out where the old text is "".
func shipped(t *testing.T, file string, change ...string) *Definition {
	t.Helper()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	source := maps.Clone(d.Source)
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(source[file], change[i]) {
			t.Fatalf("%s lacks %q", file, change[i])
		}
		source[file] = strings.ReplaceAll(source[file], change[i], change[i+1])
	}
	if file != "" && len(change) == 0 {
		delete(source, file)
	}
	if d, err = Stored(source); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCompareNamesWhatIsDifferent(t *testing.T) {
	t.Parallel()
	old := shipped(t, "")
	for _, c := range []struct {
		name, file string
		change     []string
		want       string
		texts      bool
	}{
		{name: "nothing", want: "[]", texts: true},
		{name: "a comment", file: "o/o03-talk.yaml", change: []string{"key: O03", "# said anew\nkey: O03"}, want: "[]", texts: true},
		{name: "a title", file: "o/o03-talk.yaml", change: []string{"title: {de: \"", "title: {de: \"Neu: "}, want: "[{O03 false false [texts]}]", texts: true},
		{name: "a label of a choice", file: "o/o04-decision.yaml", change: []string{"de: \"aufgenommen\"", "de: \"nimmt teil\""}, want: "[{O04 false false [texts]}]", texts: true},
		{name: "a due date", file: "o/o04-decision.yaml", change: []string{"due_wt: 5", "due_wt: 7"}, want: "[{O04 false false [due_wt]}]"},
		{name: "a name of a choice", file: "o/o04-decision.yaml", change: []string{"name: OTH", "name: OTHER", "'OTH'", "'OTHER'"}, want: "[{O04 false false [form]}]"},
		{name: "a limit and a text", file: "o/o04-decision.yaml", change: []string{"x_minlength: 50", "x_minlength: 40", "de: \"aufgenommen\"", "de: \"nimmt teil\""}, want: "[{O04 false false [form]}]"},
		{name: "a step", file: "a/a12-inform.yaml", want: "[{A12 false true []}]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Compare(old, shipped(t, c.file, c.change...))
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint([]StepDiff(got)) != c.want || got.TextsOnly() != c.texts {
				t.Errorf("got %v, texts only %t; want %s, %t", got, got.TextsOnly(), c.want, c.texts)
			}
		})
	}
}

func TestPlanIsReadStrictly(t *testing.T) {
	t.Parallel()
	p, err := ReadPlan([]byte("from: aa\nto: \"12\"\nreason: neue Fassung der Schritte\nsteps:\n  A07: {open: A08, due: recount, mail: yes}\n"))
	want := Plan{From: "aa", To: "12", Reason: "neue Fassung der Schritte", Steps: map[string]Decision{"A07": {Open: "A08", Due: Recount, Mail: new(true)}}}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("read %+v, %v", p, err)
	}
	if again, err := ReadPlan(p.YAML()); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
	if p, err := ReadPlan([]byte(`{"from": "aa", "to": "bb", "mail": true}`)); err != nil || !p.Mail {
		t.Errorf("JSON: %+v, %v", p, err)
	}
	for _, src := range []string{"", "form: aa", "steps: {A07: {opne: close}}", "from: a\n---\nfrom: b", "steps: [A07]"} {
		if _, err := ReadPlan([]byte(src)); err == nil {
			t.Errorf("%q was taken for a plan", src)
		}
	}
}

func TestPlanSaysWhatIsWrongInIt(t *testing.T) {
	t.Parallel()
	old, new := shipped(t, ""), shipped(t, "a/a12-inform.yaml")
	good := Plan{From: old.Hash, To: new.Hash, Reason: "Der letzte Schritt der Analyse entfällt."}
	if err := good.Check(old, new); err != nil {
		t.Errorf("a good plan: %v", err)
	}
	for want, change := range map[string]func(*Plan){
		"the plan leads from":           func(p *Plan) { p.From = new.Hash },
		"reason: say in at least":       func(p *Plan) { p.Reason = "darum" },
		"no step X99":                   func(p *Plan) { p.Steps = map[string]Decision{"X99": {}} },
		"ready is \"soon\"":             func(p *Plan) { p.Steps = map[string]Decision{"A11": {Ready: "soon"}} },
		"due is \"new\"":                func(p *Plan) { p.Steps = map[string]Decision{"A11": {Due: "new"}} },
		"asked is \"all\"":              func(p *Plan) { p.Steps = map[string]Decision{"A11": {Asked: "all"}} },
		"step A12: open is keep, but":   func(p *Plan) { p.Steps = map[string]Decision{"A12": {Open: Keep}} },
		"open is \"A99\"":               func(p *Plan) { p.Steps = map[string]Decision{"A12": {Open: "A99"}} },
		"can't become A06":              func(p *Plan) { p.Steps = map[string]Decision{"A12": {Open: "A06"}} },
		"A11 becomes A10 already; only": func(p *Plan) { p.Steps = map[string]Decision{"A11": {Open: "A10"}, "A12": {Open: "A10"}} },
	} {
		p := good
		change(&p)
		if err := p.Check(old, new); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

package advice

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// formats is the list whose names rules suggest.
const formats = "OL-HB"

//go:embed facts.yaml
var factsYAML []byte

// known is the form of the facts: it knows their names, kinds and choices.
var known = sync.OnceValues(func() (*form.Form, error) { return form.Compile("facts.yaml", factsYAML) })

type tableFile struct {
	ShownOn []string    `yaml:"shown_on"`
	Rules   []yaml.Node `yaml:"rules"`
}

type ruleFile struct {
	Number  int       `yaml:"number"`
	When    string    `yaml:"when"`
	Because lang.Text `yaml:"because"`
	Suggest []string  `yaml:"suggest"`
	Against []string  `yaml:"against"`
	Advice  lang.Text `yaml:"advice"`
	Warn    lang.Text `yaml:"warn"`
}

// Load reads the table from the contents of its file. All faults are reported at
// once, each with file and line.
func Load(name string, src []byte) (*Table, error) {
	facts, err := known()
	if err != nil {
		return nil, err
	}
	var file tableFile
	dec := yaml.NewDecoder(strings.NewReader(string(src)))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %v", name, err)
	}
	l := &loader{file: name, facts: facts, numbers: map[int]bool{}}
	t := &Table{steps: file.ShownOn}
	if len(t.steps) == 0 {
		l.fault(1, "shown_on is empty: nobody would see what the rules say")
	}
	for i := range file.Rules {
		t.rules = append(t.rules, l.rule(&file.Rules[i]))
	}
	return t, errors.Join(l.faults...)
}

type loader struct {
	file    string
	facts   *form.Form
	numbers map[int]bool
	faults  []error
}

func (l *loader) fault(line int, say string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s:%d: %s", l.file, line, fmt.Sprintf(say, args...)))
}

// ruleKeys are the keys of a rule. A node is decoded without KnownFields, so
// they are looked at here.
var ruleKeys = map[string]bool{"number": true, "when": true, "because": true, "suggest": true, "against": true, "advice": true, "warn": true}

func (l *loader) rule(n *yaml.Node) rule {
	var f ruleFile
	if err := n.Decode(&f); err != nil {
		l.fault(n.Line, "%v", err)
		return rule{}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !ruleKeys[key.Value] {
			l.fault(key.Line, "%s is unknown in a rule", key.Value)
		}
	}
	if f.Number < 1 || l.numbers[f.Number] {
		l.fault(n.Line, "number %d is missing or taken; every rule has one of its own", f.Number)
	}
	l.numbers[f.Number] = true
	l.text(n.Line, "because", f.Because, true)
	l.text(n.Line, "advice", f.Advice, false)
	l.text(n.Line, "warn", f.Warn, false)
	if len(f.Suggest) == 0 && f.Advice == (lang.Text{}) {
		l.fault(n.Line, "rule %d suggests nothing; name formats in suggest or say it in advice", f.Number)
	}
	x, err := l.facts.CompileExpr(f.When)
	if err != nil {
		l.fault(n.Line, "when %q: %v", f.When, err)
	}
	return rule{when: x, Rule: Rule{
		Number: f.Number, Because: f.Because, Advice: f.Advice, Warn: f.Warn,
		Suggest: l.named(n.Line, f.Suggest), Against: l.named(n.Line, f.Against),
	}}
}

func (l *loader) text(line int, what string, t lang.Text, needed bool) {
	if (t.DE == "") != (t.EN == "") || needed && t.DE == "" {
		l.fault(line, "%s needs both de and en", what)
	}
}

// named are the formats in words.
func (l *loader) named(line int, codes []string) []lang.Text {
	var out []lang.Text
	for _, code := range codes {
		c, ok := form.Lists()[formats].Choice(code)
		if !ok {
			l.fault(line, "%q is no format of the list %s", code, formats)
		}
		out = append(out, c.Label)
	}
	return out
}

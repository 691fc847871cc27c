package process

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/lang"
)

// This file reads what makes a step more than a form between two others: waits,
// rhythms, prefilled answers and records.

type repeatFile struct {
	Every line[string] `yaml:"every"`
	On    line[string] `yaml:"on"`
	First line[string] `yaml:"first"`
}

type prefillFile struct {
	Question line[string] `yaml:"question"`
	From     line[string] `yaml:"from"`
}

type recordFile struct {
	Kind    line[string]    `yaml:"kind"`
	Each    string          `yaml:"each"`
	Title   line[titleFile] `yaml:"title"`
	State   line[string]    `yaml:"state"`
	Due     string          `yaml:"due"`
	Doc     line[string]    `yaml:"doc"`
	Version string          `yaml:"version"`
}

// titleFile is the name of a question, or a text.
type titleFile struct {
	Question string
	Text     lang.Text
}

// UnmarshalYAML tells the two apart.
func (t *titleFile) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&t.Question)
	}
	return n.Decode(&t.Text)
}

type faultFunc = func(line int, format string, args ...any)

// maxWait is the longest time that a step can wait for, in working days: about
// the time that a case takes.
const maxWait = 500

// maxMinutes is a working day.
const maxMinutes = 480

// sources are those that fill in many questions at once.
var sources = []string{FromFigures, FromPeople}

func (t *Template) needs(list []needFile, fault faultFunc) {
	for _, n := range list {
		if n.WaitWT.At > 0 && (n.WaitWT.V < 1 || n.WaitWT.V > maxWait) {
			fault(n.WaitWT.At, "pre: wait_wt is %d; wanted are 1 to %d working days", n.WaitWT.V, maxWait)
		}
		t.Pre = append(t.Pre, Need{Step: n.Step.V, When: cond(n.When, fault), WaitWT: n.WaitWT.V})
	}
}

func (t *Template) more(f stepFile, fault faultFunc) {
	t.FourEyes, t.OpensOn = f.FourEyes.V, f.OpensOn.V
	if t.FourEyes && t.Survey != "" {
		fault(f.FourEyes.At, "four_eyes: a step that starts a survey waits for the survey already; leave one of the two out")
	}
	if t.OpensOn != "" && t.OpensOn != OnSafety {
		fault(f.OpensOn.At, "opens_on: %q is unknown; known is %s", t.OpensOn, OnSafety)
	}
	t.rhythm(f, fault)
	if t.minutes = f.Minutes.V; f.Minutes.At > 0 && (t.minutes < 1 || t.minutes > maxMinutes) {
		fault(f.Minutes.At, "minutes is %d; wanted are 1 to %d", t.minutes, maxMinutes)
	}
	t.settings(f.Settings, fault)
	for _, p := range f.Prefill {
		if p.Question.V == "" && slices.Contains(sources, p.From.V) {
			t.Source = p.From.V
			continue
		}
		step, from, ok := strings.Cut(p.From.V, ".")
		if !ok || !keyForm.MatchString(step) || from == "" || p.Question.V == "" {
			fault(max(p.From.At, p.Question.At), "prefill: wanted are a question and where its answer comes from, such as {question: stage, from: \"A08.glasl_total\"}, or one of %s alone, such as {from: %s}", strings.Join(sources, " "), FromFigures)
			continue
		}
		t.Prefill = append(t.Prefill, Prefill{Question: p.Question.V, Step: step, From: from, line: p.From.At})
	}
	for _, r := range f.Records {
		t.record(r, fault)
	}
}

// rhythms are those that follow the calendar.
var rhythms = []string{Monthly, Quarterly, HalfYearly, Yearly}

var weeksForm = regexp.MustCompile(`^[1-9][0-9]? weeks?$`)

func (t *Template) rhythm(f stepFile, fault faultFunc) {
	r := f.Repeat
	if r == nil {
		return
	}
	every := r.Every.V
	at := max(r.Every.At, r.On.At, r.First.At, 1)
	if !t.Repeatable {
		fault(at, "repeat goes with `repeatable: true` only")
	}
	if every != OnDemand && !slices.Contains(rhythms, every) && !weeksForm.MatchString(every) {
		fault(at, "repeat: every is %q; known are %s, %s and such as \"6 weeks\"", every, strings.Join(rhythms, " "), OnDemand)
	}
	if every == OnDemand && (r.On.V != "" || r.First.V != "") {
		fault(at, "repeat: a step that is on demand has no dates; leave on and first out")
	}
	if every == OnDemand && (t.Survey != "" || t.OpensOn != "" || t.Reviewer != "" || t.FourEyes) {
		fault(at, "repeat: a step that is on demand can wait for nobody: no survey, reviewer, four_eyes or opens_on")
	}
	t.Repeat = &Repeat{Every: every, On: r.On.V, First: r.First.V, line: at}
}

func (t *Template) record(r recordFile, fault faultFunc) {
	out := RecordRule{
		Kind: r.Kind.V, Each: r.Each, Title: r.Title.V.Question, Name: r.Title.V.Text, Due: r.Due,
		Doc: r.Doc.V, Version: r.Version, line: r.Kind.At,
	}
	switch out.Kind {
	case Agreement:
		out.State = r.State.V
		if out.Each == "" || out.Title == "" || out.Doc != "" || out.Version != "" {
			fault(r.Kind.At, "records: an agreement needs the repeat in `each` and a question in `title`, and has neither doc nor version")
		}
	case Document:
		out.Begins = r.State.V
		if out.Doc == "" || out.Name.DE == "" || out.Name.EN == "" || out.Each != "" || out.Due != "" {
			fault(r.Kind.At, "records: a document needs a name in `doc` and a title in de and en, and has neither each nor due")
		}
		if !slices.Contains(RecordStates(Document), out.Begins) {
			fault(max(r.State.At, r.Kind.At), "records: %q is no state of a document; known are %s", out.Begins, strings.Join(RecordStates(Document), " "))
		}
	default:
		fault(r.Kind.At, "records: kind %q is unknown; known are %s %s", out.Kind, Agreement, Document)
	}
	t.Records = append(t.Records, out)
}

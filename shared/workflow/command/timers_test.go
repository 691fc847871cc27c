package command

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

var twoSteps = fstest.MapFS{
	"o01.yaml": {Data: []byte(`key: O01
phase: O
title: {de: Anfang, en: Start}
asks: {de: Bitte., en: Please.}
acts: [FED]
due_wt: 5
`)},
	"o02.yaml": {Data: []byte(`key: O02
phase: O
title: {de: Weiter, en: Next}
asks: {de: Bitte., en: Please.}
acts: [FED]
due_wt: 5
pre: [{step: O01}]
form:
  survey:
    - {type: text, name: a, label: {de: A, en: A}, required: "yes"}
`)},
}

// worked is a line of testdata/timers.txt.
type worked struct {
	line, land  string
	own         municipality.Settings
	ready       lang.Date
	wt          int
	what        string
	on, until   lang.Date
	due, stages string
}

func readWorked(t *testing.T) []worked {
	t.Helper()
	src, err := os.ReadFile("testdata/timers.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []worked
	for line := range strings.Lines(string(src)) {
		f := strings.Split(strings.TrimSpace(line), " | ")
		if strings.HasPrefix(line, "#") || len(f) < 7 {
			continue
		}
		w := worked{line: strings.TrimSpace(line), land: f[0], ready: dateOf(t, f[2]), due: f[5], stages: strings.TrimSuffix(f[6], " |")}
		w.own = settingsOf(t, f[1])
		if w.wt, err = strconv.Atoi(f[3]); err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(f[4])
		w.what = words[0]
		if len(words) > 1 {
			w.on = dateOf(t, words[1])
		}
		if len(words) > 2 {
			w.until = dateOf(t, words[2])
		}
		out = append(out, w)
	}
	return out
}

func dateOf(t *testing.T, iso string) lang.Date {
	t.Helper()
	d, err := lang.ParseDate(iso)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func settingsOf(t *testing.T, text string) municipality.Settings {
	t.Helper()
	var s municipality.Settings
	for word := range strings.FieldsSeq(text) {
		switch {
		case word == "-":
		case word == "AM" || word == "PM":
			s.Window = municipality.Window(word)
		case strings.Contains(word, "/"):
			var r municipality.Range
			if err := r.UnmarshalText([]byte(word)); err != nil {
				t.Fatal(err)
			}
			s.Closed = append(s.Closed, r)
		default:
			s.Feasts = append(s.Feasts, municipality.Feast(word))
		}
	}
	return s
}

func TestWorkedCasesOfTimers(t *testing.T) {
	t.Parallel()
	def, err := process.Load(twoSteps)
	if err != nil {
		t.Fatal(err)
	}
	cases := readWorked(t)
	lands := map[string]bool{}
	for _, w := range cases {
		lands[w.land] = true
		if due, stages := w.run(t, def); due != w.due || stages != w.stages {
			t.Errorf("%s\n got %s | %s", w.line, due, stages)
		}
	}
	if len(cases) < 60 || len(lands) != len(municipality.Lands()) {
		t.Errorf("%d cases of %d Länder, want 60 of all", len(cases), len(lands))
	}
}

// run lives a case from the day on which its step is ready until nothing is to
// come any more.
func (w worked) run(t *testing.T, def *process.Definition) (due, stages string) {
	t.Helper()
	def.Template("O02").DueWT = w.wt
	s := process.State{Steps: map[process.Ref]process.Step{}}
	w.do(t, def, &s, Start{
		Meta: Meta{By: process.Actor{Role: "FED"}},
		Case: process.Opening{Municipality: municipality.Municipality{Land: w.land}},
	}, w.ready.At(6, 0))
	w.do(t, def, &s, Configure{Meta: Meta{By: process.Actor{Role: "SVC"}}, Settings: w.own}, w.ready.At(6, 0))
	// Due dates stay when the calendar changes, so the step is opened anew.
	w.do(t, def, &s, Submit{Meta: Meta{By: process.Actor{Role: "FED"}}, Ref: current(s).Ref, Answers: form.Answers{}}, w.ready.At(6, 0))
	w.do(t, def, &s, Reopen{Meta: Meta{By: process.Actor{Role: "SVC"}}, Step: "O02", Reason: "noch einmal"}, w.ready.At(6, 0))
	var told []string
	for range 20 {
		at, what := w.next(s)
		if at.IsZero() {
			break
		}
		if what != nil {
			w.do(t, def, &s, what, at)
			continue
		}
		row, ok := process.Remind(current(s), s.Head.Calendar(), at)
		if !ok {
			t.Fatalf("%s: nothing is due at %s", w.line, at)
		}
		s.Apply(row)
		told = append(told, fmt.Sprintf("%s %s", stageNames[row.Events[0].Stage], at.In(lang.Berlin()).Format("2006-01-02 15 MST")))
	}
	return current(s).Due.String(), strings.Join(told, ", ")
}

var stageNames = map[process.Stage]string{
	process.Friendly: "friendly", process.Overdue: "overdue", process.TellTandem: "tandem", process.TellOffice: "office",
}

func current(s process.State) process.Step {
	st, _ := s.Current("O02")
	return st
}

// next is what comes next: a timer, or what the line says.
func (w worked) next(s process.State) (time.Time, Command) {
	act := map[string]Command{
		"pause":  Pause{Meta: Meta{By: process.Actor{Role: "SVC"}}, Reason: "Wahl"},
		"extend": Extend{Meta: Meta{By: process.Actor{Role: "EXT"}}, Ref: current(s).Ref, Due: w.until, Reason: "mehr Zeit"},
		"done":   Submit{Meta: Meta{By: process.Actor{Role: "FED"}}, Ref: current(s).Ref, Answers: form.Answers{}},
	}[w.what]
	if s.Head.Status == process.Paused {
		return w.until.At(7, 0), Resume{Meta: Meta{By: process.Actor{Role: "SVC"}}}
	}
	m, ok := current(s).Next(s.Head.Calendar())
	if !ok {
		return time.Time{}, nil
	}
	if act != nil && len(current(s).Moved) == 0 && !m.At.Before(w.on.At(7, 0)) {
		return w.on.At(7, 0), act
	}
	if w.what == "outage" && !m.At.Before(w.on.At(7, 0)) && m.At.Before(w.until.At(8, 0)) {
		return w.until.At(8, 0), nil
	}
	return m.At, nil
}

func (w worked) do(t *testing.T, def *process.Definition, s *process.State, c Command, at time.Time) {
	t.Helper()
	row, err := Decide(def, *s, c, at)
	if err != nil && !errors.Is(err, ErrAlready) {
		t.Fatalf("%s: %T: %v", w.line, c, err)
	}
	if err == nil {
		s.Apply(row)
	}
}

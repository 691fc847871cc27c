package command

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

func define(t testing.TB, text string) *process.Definition {
	t.Helper()
	d, err := process.Load(processtest.Files(text))
	if err == nil {
		err = d.Compile()
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}

// run is a case without a table: commands, and a clock that tests turn.
type run struct {
	t     testing.TB
	def   *process.Definition
	state process.State
	rows  []process.Row
	now   time.Time
	given int
}

// begin starts a case on Monday, 13 April 2026, with somebody in each role.
func begin(t testing.TB, text string) *run {
	t.Helper()
	return beginOn(t, define(t, text))
}

func beginOn(t testing.TB, d *process.Definition) *run {
	t.Helper()
	r := &run{t: t, def: d, state: process.State{Steps: map[process.Ref]process.Step{}}, now: time.Date(2026, 4, 13, 9, 0, 0, 0, lang.Berlin())}
	people := process.People{}
	for _, role := range []string{"FED", "EXT", "LOK", "LEI", "STG", "KM", "TRA", "KUF"} {
		people[role] = []process.Person{{Email: strings.ToLower(role) + "@musterstadt.example"}}
	}
	r.must(Start{Meta: r.by("FED"), People: people, Case: process.Opening{
		No: "KK-2026-0001", Definition: d.Hash, Municipality: municipality.Municipality{Name: "Musterstadt", Land: "BY"},
	}})
	return r
}

func (r *run) by(role string) Meta {
	r.given++
	return Meta{ID: fmt.Sprint("command", r.given), By: process.Actor{Role: role, Who: role}}
}

// do gives a command as the cases do: with no more read than Reads says.
func (r *run) do(c Command) error {
	r.t.Helper()
	seen := r.state.Clone()
	seen.Office = []process.Person{{Email: "servicestelle@example.org"}}
	if reads := Reads(r.def, r.state.Head, c); r.rows != nil {
		for ref := range seen.Steps {
			if !slices.Contains(reads, ref) {
				delete(seen.Steps, ref)
			}
		}
	}
	row, err := Decide(r.def, seen, c, r.now)
	if err != nil {
		return err
	}
	r.checkOpenings(row)
	r.state.Apply(row)
	r.rows = append(r.rows, row)
	return nil
}

// checkOpenings is the rule that no step opens whose needs are not met, told
// apart from the code that opens: by the state before each event.
func (r *run) checkOpenings(row process.Row) {
	r.t.Helper()
	s := r.state.Clone()
	again, alarm := map[string]bool{}, false
	for _, e := range row.Events {
		switch e.Kind {
		case process.SafetyRaised:
			alarm = true
		case process.Reopened, process.SentBack:
			again[e.Step] = true
		case process.Voided:
			for _, o := range r.def.Template(e.Step).Outcomes {
				again[o.Step] = true
			}
		case process.Opened:
			t := r.def.Template(e.Step)
			before := s.Head.Steps[e.Step]
			round := t.Repeat != nil && before.Iteration > 0
			asked := before.State == process.Query
			if !again[e.Step] && !round && !asked && !(alarm && t.OpensOn == process.OnSafety) && !met(s, t) {
				r.t.Fatalf("%s opens in row %d, and its needs are not met: %v", e.Step, row.Seq, s.Head.Steps)
			}
		}
		s.Happen(e, row)
	}
}

func met(s process.State, t *process.Template) bool {
	for _, n := range t.Pre {
		m := s.Head.Steps[n.Step]
		if m.State != process.Done && m.State != process.Skipped && m.Iteration < 2 {
			return false // no round of it was done
		}
		if slices.Contains(s.Head.Unmet, n.Step+">"+t.Key) {
			return false
		}
	}
	return true
}

func (r *run) must(c Command) {
	r.t.Helper()
	if err := r.do(c); err != nil {
		r.t.Fatalf("%T %+v: %v", c, c, err)
	}
}

// refuses expects a refusal.
func (r *run) refuses(want error, c Command) {
	r.t.Helper()
	if err := r.do(c); !errors.Is(err, want) {
		r.t.Fatalf("%T %+v: got %v, want %v", c, c, err, want)
	}
}

// ref is a step in its present iteration.
func (r *run) ref(key string) process.Ref {
	return process.Ref{Step: key, Iteration: r.state.Head.Steps[key].Iteration}
}

func answers(pairs ...string) form.Answers {
	a := form.Answers{"word": {Text: "x"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		a[pairs[i]] = form.Value{Text: pairs[i+1]}
	}
	return a
}

// submit does steps by the role that they are for.
func (r *run) submit(key string, pairs ...string) {
	r.t.Helper()
	r.must(Submit{Meta: r.by(r.def.Template(key).Actors()[0]), Ref: r.ref(key), Answers: answers(pairs...)})
}

// to turns the clock to a day and opens what is planned for it or before.
func (r *run) to(day string) {
	r.t.Helper()
	d, err := lang.ParseDate(day)
	if err != nil {
		r.t.Fatal(err)
	}
	for r.now.Before(d.At(9, 0)) {
		r.now = r.now.AddDate(0, 0, 1)
		r.tick()
	}
}

func (r *run) tick() {
	r.t.Helper()
	for _, ref := range r.state.Head.Pending() {
		if st := r.state.Steps[ref]; st.State == process.Planned && !st.Pause && !st.Opens.After(lang.DateOf(r.now)) {
			r.must(Open{Meta: Meta{By: process.Actor{Role: process.ByClock}}, Ref: ref})
		}
	}
}

// trace tells all events from a row on as text, a row a line.
func (r *run) trace() string {
	var lines []string
	for _, row := range r.rows {
		var words []string
		for _, e := range row.Events {
			words = append(words, tell(e))
		}
		lines = append(lines, strings.Join(words, ", "))
	}
	return strings.Join(lines, "\n")
}

func tell(e process.Event) string {
	word := string(e.Kind)
	if e.Status != "" {
		word = string(e.Status)
	}
	if e.Step != "" {
		word = e.Step + " " + word
	}
	if e.Iteration > 1 {
		word += fmt.Sprintf(" (%d)", e.Iteration)
	}
	if !e.On.IsZero() {
		word += " for " + e.On.String()
	}
	return word
}

func (r *run) wantTrace(want string) {
	r.t.Helper()
	var lines []string
	for l := range strings.Lines(want) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if got := r.trace(); got != strings.Join(lines, "\n") {
		r.t.Errorf("got the trace\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
	}
	r.sameAsEvents()
}

// sameAsEvents compares the state with what its rows lead to.
func (r *run) sameAsEvents() {
	r.t.Helper()
	got, want := process.Rebuild(r.rows, nil).Bare(), r.state.Bare()
	if !reflect.DeepEqual(got, want) {
		r.t.Fatalf("the events lead to\n%+v\nthe case is\n%+v", got, want)
	}
}

// state of a step, as its mark is written.
func (r *run) want(key string, state process.StepState, iteration int) {
	r.t.Helper()
	if m := r.state.Head.Steps[key]; m.State != state || m.Iteration != iteration {
		r.t.Fatalf("%s is %q in iteration %d, want %q in %d\n%s", key, m.State, m.Iteration, state, iteration, r.trace())
	}
}

package workflow

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// stored reads the whole case as it stands in the table.
func (w *world) stored() process.State {
	w.t.Helper()
	c := w.record()
	for it, err := range table.All(w.ctx, w.table, table.Query{PK: cases.Prefix + w.id, Prefix: "step#"}) {
		if err != nil {
			w.t.Fatal(err)
		}
		part := strings.Split(it.SK, "#")
		n, err := strconv.Atoi(part[2])
		if err != nil {
			w.t.Fatal(err)
		}
		st, err := w.x.Step(w.ctx, w.id, process.Ref{Step: part[1], Iteration: n})
		if err != nil {
			w.t.Fatal(err)
		}
		c.Steps[st.Ref] = st
	}
	return c.State
}

// sameAsEvents compares the stored case with what its events lead to.
func (w *world) sameAsEvents() {
	w.t.Helper()
	rows, marks, err := w.x.History(w.ctx, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	built := process.Rebuild(rows, marks)
	w.sameRecords(built)
	got, want := built.Bare(), w.stored().Bare()
	if !reflect.DeepEqual(got.Head, want.Head) {
		w.t.Errorf("the events lead to the head\n%+v\nstored is\n%+v", got.Head, want.Head)
	}
	for ref := range want.Steps {
		if !reflect.DeepEqual(got.Steps[ref], want.Steps[ref]) {
			w.t.Errorf("the events lead to step %v\n%+v\nstored is\n%+v", ref, got.Steps[ref], want.Steps[ref])
		}
	}
	if len(got.Steps) != len(want.Steps) {
		w.t.Errorf("the events lead to %d steps, stored are %d", len(got.Steps), len(want.Steps))
	}
}

// TestStateEqualsItsEvents gives random commands, most of them allowed, some
// not, with the clock turning in between, and compares after each stretch.
func TestStateEqualsItsEvents(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.begin()
			g := &randomCommands{world: w, r: rand.New(rand.NewPCG(seed, 11)), did: map[string]int{}}
			for range 6 {
				for range 20 {
					g.step()
				}
				w.sameAsEvents()
			}
			if g.did["Submit"] < 3 {
				t.Errorf("seed %d did too little to show anything: %v", seed, g.did)
			}
		})
	}
}

type randomCommands struct {
	*world
	r   *rand.Rand
	n   int
	did map[string]int
}

func (g *randomCommands) step() {
	g.t.Helper()
	if g.r.IntN(4) == 0 {
		g.set(g.now.Add(time.Duration(g.r.IntN(12*24)) * time.Hour))
		g.tick()
	}
	c := g.command()
	if c == nil {
		return
	}
	_, err := g.x.Do(g.ctx, g.id, c, g.now)
	if err == nil {
		g.did[reflect.TypeOf(c).Name()]++
	}
	if err == nil && g.r.IntN(3) == 0 { // the same command once more
		if _, err := g.x.Do(g.ctx, g.id, c, g.now); err == nil {
			g.t.Errorf("%T was done twice under one id", c)
		}
	}
}

func (g *randomCommands) meta(role string) command.Meta {
	g.n++
	return command.Meta{ID: fmt.Sprint("command", g.n), By: process.Actor{Role: role}}
}

// command makes one that has a chance to be allowed.
func (g *randomCommands) command() command.Command {
	h := g.head()
	open := h.Open()
	anyStep := []string{"O02", "O04", "O05", "O07", "A01", "A04", "A06", "A10", "A11"}[g.r.IntN(9)]
	ref := process.Ref{Step: anyStep, Iteration: max(h.Steps[anyStep].Iteration, 1)}
	if len(open) > 0 && g.r.IntN(10) > 0 {
		ref = open[g.r.IntN(len(open))]
	}
	person := process.Person{Name: "Vertretung", Email: fmt.Sprintf("person%d@musterstadt.example", g.r.IntN(5))}
	switch n := g.r.IntN(28); {
	case n < 11:
		return g.submission(ref)
	case n == 11:
		return command.Skip{Meta: g.meta("SVC"), Ref: ref, Reason: "wird in diesem Vorgang nicht gebraucht"}
	case n == 12:
		due := lang.DateOf(g.now).AddDays(g.r.IntN(60))
		return command.Extend{Meta: g.meta("EXT"), Ref: ref, Due: due, Reason: "mehr Zeit"}
	case n == 13:
		return command.Handover{Meta: g.meta("SVC"), Ref: ref, To: person}
	case n == 14:
		return command.Assign{Meta: g.meta("SVC"), Role: []string{"KUF", "STG", "LOK"}[g.r.IntN(3)], Person: person}
	case n == 15:
		return command.Reopen{Meta: g.meta("SVC"), Step: anyStep, Reason: "noch einmal"}
	case n == 16:
		return command.Correct{Meta: g.meta("SVC"), Ref: ref, Answers: g.answers(ref.Step), Reason: "Tippfehler"}
	case n == 17 && g.r.IntN(3) == 0:
		return command.Pause{Meta: g.meta("SVC"), Reason: "Wahl"}
	case n == 18, h.Status == process.Paused:
		return command.Resume{Meta: g.meta("SVC")}
	case n == 19 && g.r.IntN(30) == 0:
		return command.Withdraw{Meta: g.meta("FED"), Reason: "kein Beschluss"}
	case n < 24:
		return command.Configure{Meta: g.meta("FED"), Settings: municipality.Settings{
			Paper: g.r.IntN(2) == 0, Window: []municipality.Window{"", municipality.Mornings, municipality.Afternoons}[g.r.IntN(3)],
			Closed: []municipality.Range{{From: lang.DateOf(g.now).AddDays(g.r.IntN(5)), To: lang.DateOf(g.now).AddDays(5 + g.r.IntN(9))}},
		}}
	case n == 24:
		return command.PostLetter{Meta: g.meta("SVC"), Ref: ref}
	case n < 27:
		return command.SurveyClosed{Meta: g.meta(process.BySurvey), Ref: process.Ref{Step: "A06", Iteration: max(1, h.Steps["A06"].Iteration)}}
	}
	return command.Answered{Meta: g.meta("FED"), Step: "O02"}
}

// submission answers a step, sometimes so that the case takes another way.
func (g *randomCommands) submission(ref process.Ref) command.Command {
	d, err := g.x.Current()
	if err != nil {
		g.t.Fatal(err)
	}
	t := d.Template(ref.Step)
	if !t.HasForm() {
		return nil
	}
	a := g.answers(ref.Step)
	change := func(chance int, name, value string) {
		if g.r.IntN(chance) == 0 {
			a[name] = form.Value{Text: value}
		}
	}
	switch ref.Step {
	case "O02":
		change(3, "complete", "N")
		change(3, "safety_flag", "Y")
	case "O04":
		change(3, "decision", "waiting")
		change(15, "decision", "declined")
	case "A11":
		change(2, "decision", "not_released")
	}
	return command.Submit{Meta: g.meta(t.Actors()[0]), Ref: ref, Answers: a}
}

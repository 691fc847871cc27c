package workflow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// refusals are what a command can be answered with beside its number.
var refusals = []error{
	command.ErrAlready, command.ErrNotOpen, command.ErrResting, command.ErrRole, command.ErrReason, command.ErrDecides, command.ErrDate,
	command.ErrNobody, command.ErrAway, command.ErrMove, command.ErrSame, command.ErrNudged,
}

// asked is what somebody wanted of a case: a command, or with none to see it.
type asked struct {
	id string
	c  command.Command
}

// toldBack is what they were told: the number of what happened, the refusal, or the
// case as they saw it.
type toldBack struct {
	seq  int64
	no   error
	head process.Head
}

// rules are a case as the rules alone have it: one command after another, decided
// over everything that there is.
type rules struct {
	process.State
	id string
}

func sequential(def *process.Definition, begin map[string]process.State, now time.Time) porcupine.Model {
	return porcupine.Model{
		Partition: byCase,
		Init:      func() any { return rules{} },
		Step: func(before, in, out any) (bool, any) {
			s, a := before.(rules), in.(asked)
			if s.id == "" {
				s = rules{begin[a.id], a.id}
			}
			return s.answer(def, a, out.(toldBack), now)
		},
		Equal: func(a, b any) bool {
			return a.(rules).id == b.(rules).id && sameHead(a.(rules).Head, b.(rules).Head)
		},
		DescribeOperation: func(in, out any) string {
			a, b := in.(asked), out.(toldBack)
			return fmt.Sprintf("%T%+v -> %d %v", a.c, a.c, b.seq, b.no)
		},
	}
}

// answer says whether the rules would have answered so, and how the case stands
// afterwards.
func (s rules) answer(def *process.Definition, a asked, b toldBack, now time.Time) (bool, any) {
	switch {
	case a.c == nil:
		return sameHead(s.Head, b.head), s
	case errors.Is(b.no, table.ErrThrottled):
		return true, s // it asked for patience and did nothing
	}
	row, err := command.Decide(def, s.State, a.c, now)
	if err != nil || b.no != nil {
		return errors.Is(b.no, err), s
	}
	after := rules{s.Clone(), s.id}
	after.Apply(row)
	return row.Seq == b.seq, after
}

// byCase parts what was told: what happens in one case is nothing to another.
func byCase(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	for _, op := range history {
		id := op.Input.(asked).id
		parts[id] = append(parts[id], op)
	}
	return slices.Collect(maps.Values(parts))
}

func sameHead(a, b process.Head) bool {
	bare := func(h process.Head) process.Head { return process.State{Head: h}.Bare().Head }
	return a.Seq == b.Seq && reflect.DeepEqual(bare(a), bare(b))
}

// gathering is several people who ask things of the same cases at once, and what
// each of them was told.
type gathering struct {
	*world
	def    *process.Definition
	begin  map[string]process.State
	clock  atomic.Int64
	mu     sync.Mutex
	events []porcupine.Operation
	did    map[string]int
}

// gathers opens so many cases in which much can be done at once.
func gathers(t *testing.T, n int, front func(table.Table) table.Table) *gathering {
	t.Helper()
	w := worldOf(t, processtest.Files(life), front)
	g := &gathering{world: w, begin: map[string]process.State{}, did: map[string]int{}}
	var err error
	if g.def, err = w.x.Current(); err != nil {
		t.Fatal(err)
	}
	rows := word()
	rows["rows"] = form.Value{Rows: []form.Answers{agreedOn("Absprache", "2027-04-22"), agreedOn("Zweite", "")}}
	for i := range n {
		w.beginFor(municipality.Municipality{Key: fmt.Sprintf("0999912%d", i), Name: "Musterstadt", Kind: "STADT", Land: "BY"}, process.People{
			"FED": {{Name: "Amt für Zusammenleben", Email: fmt.Sprintf("amt%d@musterstadt.example", i)}},
		})
		w.finish("O02", "FED", "mail", "leitung@musterstadt.example")
		g.begin[w.id] = process.State{}
	}
	w.set(w.now.AddDate(0, 0, 7))
	w.tick() // O04 opens
	for id := range g.begin {
		w.id = id
		w.do(command.Submit{Meta: by("FED"), Ref: w.current("O04").Ref, Answers: rows})
		g.begin[id] = g.whole(id)
	}
	return g
}

// whole reads all of a case.
func (g *gathering) whole(id string) process.State {
	g.t.Helper()
	rows, marks, err := g.x.History(g.ctx, id)
	if err != nil {
		g.t.Fatal(err)
	}
	c, err := g.x.Load(g.ctx, id)
	if err != nil {
		g.t.Fatal(err)
	}
	if c.Steps, err = g.x.AllSteps(g.ctx, id); err != nil {
		g.t.Fatal(err)
	}
	c.Records = process.Rebuild(rows, marks).Records
	return c.State
}

// ask gives a command, or looks at the case, and notes it with both moments.
func (g *gathering) ask(who int, a asked) toldBack {
	begin := g.clock.Add(1)
	var b toldBack
	if a.c == nil {
		c, err := g.x.Load(g.ctx, a.id)
		if err != nil {
			g.t.Error(err)
			return b
		}
		b.head = c.Head
	} else {
		row, err := g.x.Do(g.ctx, a.id, a.c, g.time())
		b.seq, b.no = row.Seq, err
		known := slices.ContainsFunc(append(refusals, table.ErrThrottled), func(r error) bool { return errors.Is(err, r) })
		if err != nil && !known {
			g.t.Errorf("%T was answered with %v", a.c, err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, porcupine.Operation{ClientId: who, Input: a, Output: b, Call: begin, Return: g.clock.Add(1)})
	if a.c != nil {
		g.did[fmt.Sprintf("%T/%v", a.c, b.no)[len("command."):]]++
	}
	return b
}

// checks asks porcupine for an order in which all answers are those of the rules,
// and tells where it found none.
func (g *gathering) checks() (porcupine.CheckResult, string) {
	m := sequential(g.def, g.begin, g.time())
	got, info := porcupine.CheckOperationsVerbose(m, g.events, 20*time.Second)
	var text strings.Builder
	for _, part := range info.PartialLinearizationsOperations() {
		longest := slices.MaxFunc(part, func(a, b []porcupine.Operation) int { return len(a) - len(b) })
		placed := map[int64]bool{}
		for _, op := range longest {
			placed[op.Call] = true
		}
		left := slices.DeleteFunc(slices.Clone(g.events), func(op porcupine.Operation) bool {
			return placed[op.Call] || op.Input.(asked).id != longest[0].Input.(asked).id
		})
		slices.SortFunc(left, func(a, b porcupine.Operation) int { return int(a.Return - b.Return) })
		for _, op := range left[:min(3, len(left))] {
			fmt.Fprintf(&text, "after %d in order, not to be placed: %s\n", len(longest), m.DescribeOperation(op.Input, op.Output))
		}
	}
	return got, text.String()
}

// person asks one thing after another. Ids are few, so that others give the same.
type person struct {
	*gathering
	no int
	r  *rand.Rand
}

func (p *person) meta(roles ...string) command.Meta {
	n := p.r.IntN(len(roles))
	return command.Meta{ID: fmt.Sprint("id", p.r.IntN(120)), By: process.Actor{Role: roles[n], Who: process.WhoHash(fmt.Sprint(p.r.IntN(2)))}}
}

// wants is a command with a chance to be allowed in the case as it was seen.
func (p *person) wants(h process.Head) command.Command {
	ref := func(keys ...string) process.Ref {
		key := keys[p.r.IntN(len(keys))]
		return process.Ref{Step: key, Iteration: max(1, h.Steps[key].Iteration)}
	}
	to := process.Person{Name: "Vertretung", Email: fmt.Sprintf("person%d@musterstadt.example", p.r.IntN(3))}
	switch submitted := []process.StepState{h.Steps["O03"].State, h.Steps["O05"].State}; {
	case h.Status == process.Paused && p.r.IntN(2) == 0:
		return command.Resume{Meta: p.meta("SVC")}
	case submitted[0] == process.Submitted && p.r.IntN(4) == 0:
		return command.Accept{Meta: p.meta("LEI"), Ref: ref("O03")}
	case submitted[1] == process.Submitted && p.r.IntN(3) == 0:
		return command.SendBack{Meta: p.meta("SVC"), Ref: ref("O05"), Comment: "bitte ergänzen"}
	}
	switch p.r.IntN(14) {
	case 0, 1, 2:
		return command.Submit{Meta: p.meta("FED"), Ref: ref("O03", "O05", "R01", "R06"), Answers: word("word", []string{"danger", "x"}[p.r.IntN(2)])}
	case 3:
		return command.Handover{Meta: p.meta("SVC", "FED"), Ref: ref("O03", "O05"), To: to}
	case 4:
		due := lang.DateOf(p.time()).AddDays(1 + p.r.IntN(9))
		return command.Extend{Meta: p.meta("SVC"), Ref: ref("O03", "O05", "R01"), Due: due, Reason: "mehr Zeit"}
	case 5:
		return command.Nudge{Meta: p.meta("SVC"), Ref: ref("O03", "O05")}
	case 6:
		return command.Reopen{Meta: p.meta("SVC"), Step: ref("O02", "O03", "O04", "O05").Step, Reason: "noch einmal"}
	case 7:
		return command.Correct{Meta: p.meta("SVC"), Ref: ref("O02", "O04"), Answers: word("mail", to.Email), Reason: "Tippfehler"}
	case 8:
		if p.r.IntN(2) == 0 {
			return command.Pause{Meta: p.meta("SVC"), Reason: "Wahl"}
		}
	case 9:
		return command.Assign{Meta: p.meta("SVC"), Role: []string{"LEI", "FED"}[p.r.IntN(2)], Person: to}
	case 10:
		state := []string{"kept", "broken", "open"}[p.r.IntN(3)]
		return command.SetRecord{Meta: p.meta("EXT"), Record: fmt.Sprintf("agreement#O04#1#%d", 1+p.r.IntN(2)), State: state, Reason: "geprüft"}
	case 11:
		return command.Accept{Meta: p.meta("SVC", "LEI"), Ref: ref("O03", "O05")}
	case 12:
		return command.Skip{Meta: p.meta("SVC"), Ref: ref("R01", "O03"), Reason: "wird in diesem Vorgang nicht gebraucht"}
	}
	return nil
}

// TestCommandsAtOnceAreAsOneAfterAnother: whatever several people ask of a case
// at once, there is an order in which the rules alone would have answered each
// of them so. The write meets others, also where there are none.
func TestCommandsAtOnceAreAsOneAfterAnother(t *testing.T) {
	t.Parallel()
	did := map[string]int{}
	for seed := range uint64(2) {
		var f *tabletest.Faults
		g := gathers(t, 3, func(inner table.Table) table.Table {
			f = tabletest.Faulty(inner)
			return f
		})
		var people sync.WaitGroup
		for no := range 8 {
			people.Go(func() {
				p := &person{g, no, rand.New(rand.NewPCG(seed, uint64(no)))}
				for range 32 {
					p.turn(f)
				}
			})
		}
		people.Wait()
		f.Revive()
		for id := range g.begin {
			g.ask(0, asked{id: id}) // how it ended belongs to what was told
			g.id = id
			g.sameAsEvents()
		}
		if got, why := g.checks(); got != porcupine.Ok {
			t.Errorf("seed %d: %s; %d answers cannot have been given one after the other\n%s", seed, got, len(g.events), why)
		}
		for k, n := range g.did {
			did[k] += n
		}
	}
	for _, want := range []string{
		"Submit", "Handover", "Extend", "Nudge", "Reopen", "Correct", "Pause", "Resume", "Assign", "SetRecord", "Accept", "SendBack", "Skip",
	} {
		if did[want+"/<nil>"] == 0 {
			t.Errorf("%s never succeeded, so nothing is shown about it: %v", want, did)
		}
	}
	t.Log(did)
}

func (p *person) turn(f *tabletest.Faults) {
	id := slices.Sorted(maps.Keys(p.begin))[p.r.IntN(len(p.begin))]
	seen := p.ask(p.no, asked{id: id})
	if p.r.IntN(4) == 0 {
		f.Conflict(1 + p.r.IntN(3))
	}
	if c := p.wants(seen.head); c != nil {
		p.ask(p.no, asked{id, c})
		if p.r.IntN(4) == 0 {
			p.ask(p.no, asked{id, c}) // the same page once more
		}
	}
}

// careless is a table that forgets the conditions of one write and does it after
// others: as if the door to the data did not keep what it promises.
type careless struct {
	table.Table
	armed atomic.Bool
	while func() // what others do before the write
}

func (c *careless) Write(ctx context.Context, ops ...table.Op) error {
	if !c.armed.CompareAndSwap(true, false) {
		return c.Table.Write(ctx, ops...)
	}
	c.while()
	for i := range ops {
		ops[i].Conds = nil
	}
	return c.Table.Write(ctx, ops...)
}

// TestALostConditionIsFound: the check is worth something. A write without its
// conditions takes back what somebody else was told had happened.
func TestALostConditionIsFound(t *testing.T) {
	t.Parallel()
	for _, dropped := range []bool{false, true} {
		c := &careless{}
		g := gathers(t, 1, func(inner table.Table) table.Table {
			c.Table = inner
			return c
		})
		give := func(who int, id string) {
			g.ask(who, asked{g.id, command.Submit{
				Meta: command.Meta{ID: id, By: process.Actor{Role: "FED"}}, Ref: process.Ref{Step: "R06", Iteration: 1}, Answers: word(),
			}})
		}
		c.while = func() { give(1, "other") }
		c.armed.Store(dropped)
		give(0, "one")
		if !dropped {
			give(1, "other")
		}
		g.ask(0, asked{id: g.id})
		want := porcupine.Ok
		if dropped {
			want = porcupine.Illegal
		}
		if got, _ := g.checks(); got != want {
			t.Errorf("with conditions dropped=%t the answers are %s, want %s", dropped, got, want)
		}
	}
}

// slow is a table on which something happens before a step is read.
type slow struct {
	table.Table
	armed  atomic.Bool
	before func()
}

func (s *slow) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if strings.HasPrefix(k.SK, "step#O05") && s.armed.CompareAndSwap(true, false) {
		s.before()
	}
	return s.Table.Get(ctx, k)
}

// TestARefusalIsOfOneMoment: head and step are read one after the other. Who is
// refused hears why the case as it is refuses, not a mixture of two moments: here
// that there is nobody to be reminded of an open step, which has just been done.
func TestARefusalIsOfOneMoment(t *testing.T) {
	t.Parallel()
	s := &slow{}
	g := gathers(t, 1, func(inner table.Table) table.Table {
		s.Table = inner
		return s
	})
	ref := process.Ref{Step: "O05", Iteration: 1}
	s.before = func() {
		g.do(command.Submit{Meta: by("FED"), Ref: ref, Answers: word()})
		g.do(command.Accept{Meta: by("SVC"), Ref: ref})
	}
	s.armed.Store(true)
	_, err := g.x.Do(g.ctx, g.id, command.Nudge{Meta: by("SVC"), Ref: ref}, g.time())
	if !errors.Is(err, command.ErrNotOpen) {
		t.Errorf("a reminder of a step that was done meanwhile: got %v, want %v", err, command.ErrNotOpen)
	}
	if s.armed.Load() {
		t.Error("the step was not read, so nothing is shown")
	}
}

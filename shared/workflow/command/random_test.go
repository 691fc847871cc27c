package command

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// dice are choices out of bytes, so that the fuzzer can steer them; when there
// are no more bytes everything is 0.
type dice struct{ bytes []byte }

func (d *dice) n(below int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % below
}

func (d *dice) one(of int) bool { return d.n(of) == of-1 }

func pick[T any](d *dice, list ...T) T { return list[d.n(len(list))] }

// randomProcess writes three to eight steps with all that a step can say.
func randomProcess(d *dice) string {
	keys := []string{"O01"}
	text := "O01:\n"
	for i := range 2 + d.n(6) {
		key := fmt.Sprintf("A%02d", i+1)
		text += key + ": " + randomStep(d, keys) + "\n"
		keys = append(keys, key)
	}
	return text
}

func randomStep(d *dice, before []string) string {
	need := func() string {
		out := "{step: " + pick(d, before...)
		if d.one(5) {
			out += `, when: "${word} != 'b'"`
		}
		if d.one(4) {
			out += fmt.Sprintf(", wait_wt: %d", 1+d.n(9))
		}
		return out + "}"
	}
	out := []string{"pre: [" + need() + "]"}
	if d.one(3) {
		out[0] = "pre: [" + need() + ", " + need() + "]"
	}
	repeats := d.one(3)
	every := pick(d, `"1 week"`, "monthly", "quarterly", "on_demand")
	switch {
	case repeats && every == "on_demand":
		out = append(out, "repeatable: true", "repeat: {every: on_demand}")
	case repeats:
		out = append(out, "repeatable: true", "repeat: {every: "+every+pick(d, "", ", on: next_on", ", first: next_on")+"}")
	}
	if every != "on_demand" || !repeats {
		out = append(out, pick(d, nil, nil, nil, []string{"reviewer: SVC"}, []string{"four_eyes: true"}, []string{"starts_survey: S_T0"}, []string{"opens_on: safety"})...)
	}
	out = append(out, "acts: ["+pick(d, "FED", "TAN", "SVC", "FED, LEI")+"]")
	if e := randomEffect(d, before[1:]); e != "" {
		out = append(out, "outcome: ["+e+"]")
	}
	out = append(out, pick(d, nil, nil, []string{"records: [{kind: agreement, each: rows, title: row_text, due: row_due}]"},
		[]string{`records: [{kind: document, title: {de: "D", en: "D"}, doc: d, state: draft}]`}, []string{"roles: [{role: LEI, email: mail}]"})...)
	return strings.Join(out, "; ")
}

func randomEffect(d *dice, before []string) string {
	effect := pick(d, "", "", "safety", "query", "park", "complete", "stop, reason: why", "end_declined", "accept")
	if len(before) > 0 && d.one(4) {
		effect = "reopen, step: " + pick(d, before...)
	}
	if effect == "" {
		return ""
	}
	return `{when: "${word} = 'a'", effect: ` + effect + "}"
}

// randomRun gives random commands to a case and looks after each whether all
// that has to hold does.
type randomRun struct {
	*run
	*dice
	did map[string]int
}

func (g *randomRun) step() {
	g.t.Helper()
	if g.one(3) {
		g.now = g.now.Add(time.Duration(g.n(40)) * 24 * time.Hour)
		if !g.one(3) {
			g.tick()
		}
	}
	c := g.command()
	before := g.state.Clone()
	err := g.do(c)
	g.check(c, err, before)
	if err == nil {
		g.did[reflect.TypeOf(c).Name()]++
		if c.meta().ID != "" && !errors.Is(g.do(c), ErrAlready) {
			g.t.Fatalf("%T was done twice under one id", c)
		}
	}
}

var refusals = []error{
	ErrAlready, ErrNotOpen, ErrResting, ErrRole, ErrReason, ErrMilestone, ErrDecides, ErrDate, ErrNobody, ErrAway, ErrMove, ErrSame,
}

// check is what has to hold after every command.
func (g *randomRun) check(c Command, err error, before process.State) {
	g.t.Helper()
	if err != nil {
		if !slices.ContainsFunc(refusals, func(want error) bool { return errors.Is(err, want) }) {
			g.t.Fatalf("%T: refused with %v", c, err)
		}
		if !reflect.DeepEqual(before, g.state) {
			g.t.Fatalf("%T was refused with %v and changed the case", c, err)
		}
		return
	}
	for ref, st := range g.state.Steps {
		mark := g.state.Head.Steps[ref.Step]
		if ref.Iteration == mark.Iteration && st.State != mark.State {
			g.t.Fatalf("after %T %v is %q, its mark %q", c, ref, st.State, mark.State)
		}
		if ref.Iteration != mark.Iteration && slices.Contains([]process.StepState{process.Open, process.Planned, process.Submitted, process.Withheld}, st.State) {
			g.t.Fatalf("after %T %v is %q, though iteration %d is the present one", c, ref, st.State, mark.Iteration)
		}
		if st.State == process.Planned && (st.Opens.IsZero() || !st.Pause && !g.state.Head.Status.Running() && g.state.Head.Status != process.Waiting) {
			g.t.Fatalf("after %T %v is planned for %s in a case that is %s", c, ref, st.Opens, g.state.Head.Status)
		}
	}
	if g.state.Head.Status.Ended() && len(g.state.Head.Pending()) > 0 {
		g.t.Fatalf("after %T the case has ended, and %v are under way", c, g.state.Head.Pending())
	}
	g.stale()
	if len(g.rows)%8 == 0 { // all rows are gone through each time
		g.sameAsEvents()
	}
}

// stale: what a timer could still bring about a step that moved does nothing.
func (g *randomRun) stale() {
	g.t.Helper()
	for ref, st := range g.state.Steps {
		mark := g.state.Head.Steps[ref.Step]
		if ref.Iteration == mark.Iteration && st.State == process.Planned {
			continue
		}
		if err := g.do(Open{Meta: Meta{By: process.Actor{Role: process.ByClock}}, Ref: ref}); err == nil {
			g.t.Fatalf("the clock opened %v, which is %q", ref, st.State)
		}
	}
}

func (g *randomRun) ref() process.Ref {
	pending := g.state.Head.Pending()
	if len(pending) > 0 && !g.one(5) {
		return pending[g.n(len(pending))]
	}
	t := g.def.Templates[g.n(len(g.def.Templates))]
	return process.Ref{Step: t.Key, Iteration: max(1, g.state.Head.Steps[t.Key].Iteration-g.n(2))}
}

func (g *randomRun) who() Meta {
	m := g.by(pick(g.dice, "SVC", "SVC", "SVC", "FED", "EXT", "LOK", "LEI", "KM", process.ByClock, process.BySurvey))
	m.By.Who = process.WhoHash(pick(g.dice, "one", "two"))
	return m
}

func (g *randomRun) answers() form.Answers {
	date := lang.DateOf(g.now).AddDays(g.n(50) - 10).String()
	a := answers(
		"word", pick(g.dice, "x", "x", "x", "a", "b"), "why", pick(g.dice, "kurz", "ein Grund, der lang genug ist"), "next_on", pick(g.dice, "", date),
		"mail", pick(g.dice, "", "neu@musterstadt.example"),
		"decision", pick(g.dice, "accepted", "accepted", "waiting", "declined", "released", "not_released"), "complete", pick(g.dice, "Y", "N"))
	a["rows"] = form.Value{Rows: []form.Answers{row("eins", pick(g.dice, "", "kept"), pick(g.dice, "", date)), row("zwei", "", "")}}
	return a
}

func (g *randomRun) command() Command {
	const reason = "ein Grund, der lang genug ist"
	ref := g.ref()
	switch g.n(22) {
	default:
		return g.submission(ref)
	case 8:
		return Skip{g.who(), ref, reason}
	case 9, 10:
		return Accept{g.who(), g.submitted(ref)}
	case 11:
		return SendBack{g.who(), g.submitted(ref), reason}
	case 12:
		return Answered{g.who(), ref.Step}
	case 13:
		return SurveyClosed{g.who(), g.submitted(ref)}
	case 14:
		return Extend{g.who(), ref, lang.DateOf(g.now).AddDays(g.n(40)), reason}
	case 15:
		return Correct{g.who(), ref, g.answers(), reason}
	case 16:
		return Reopen{g.who(), ref.Step, reason}
	case 17:
		return Open{g.who(), ref}
	case 18:
		return g.record()
	case 19:
		return g.people(ref, reason)
	case 20:
		if g.state.Head.Status == process.Paused || !g.one(4) {
			return Resume{g.who()}
		}
		return Pause{g.who(), reason}
	case 21:
		if !g.one(8) {
			return g.submission(ref)
		}
		return pick[Command](g.dice, Withdraw{g.who(), reason}, Refer{g.who(), reason}, Stop{g.who(), reason})
	}
}

// people gives a command about who does a step.
func (g *randomRun) people(ref process.Ref, reason string) Command {
	p := process.Person{Email: fmt.Sprintf("person%d@musterstadt.example", g.n(3))}
	role, today := pick(g.dice, "LEI", "KM", "LOK"), lang.DateOf(g.now)
	switch g.n(7) {
	case 0:
		return Assign{Meta: g.who(), Role: role, Person: p, Add: g.one(2)}
	case 1:
		p.From, p.To = today.AddDays(g.n(5)), today.AddDays(5+g.n(20))
		return Assign{Meta: g.who(), Role: role, Person: p, Add: g.one(2)}
	case 2:
		return EndRole{Meta: g.who(), Role: role, Email: p.Email, Last: today.AddDays(g.n(5)), Reason: reason}
	case 3:
		away := process.Period{From: today.AddDays(g.n(4)), To: today.AddDays(4 + g.n(9))}
		return Absence{Meta: g.who(), Email: p.Email, Away: away, Own: g.one(2), Reason: reason}
	case 4:
		return pick[Command](g.dice, Return{Meta: g.who(), Email: p.Email, Reason: reason}, Bounce{Meta: g.who(), Email: p.Email})
	case 5:
		return Readdress{g.who()}
	}
	return Handover{Meta: g.who(), Ref: ref, To: p, Reason: reason}
}

func (g *randomRun) submission(ref process.Ref) Command {
	m := g.who()
	if t := g.def.Template(ref.Step); !g.one(6) {
		m.By.Role = t.Actors()[0]
	}
	return Submit{Meta: m, Ref: ref, Answers: g.answers()}
}

// submitted is a step that waits to be accepted, if there is one.
func (g *randomRun) submitted(other process.Ref) process.Ref {
	for _, t := range g.def.Templates {
		if m := g.state.Head.Steps[t.Key]; m.State == process.Submitted {
			return process.Ref{Step: t.Key, Iteration: m.Iteration}
		}
	}
	return other
}

func (g *randomRun) record() Command {
	var ids []string
	for id := range g.state.Records {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	id := "agreement#A01#1#1"
	if len(ids) > 0 {
		id = ids[g.n(len(ids))]
	}
	return SetRecord{g.who(), id, pick(g.dice, "kept", "broken", "in_vote", "released", "public"), "Grund"}
}

// play runs a whole case out of bytes.
func play(t testing.TB, d *process.Definition, bytes *dice) *randomRun {
	t.Helper()
	g := &randomRun{run: beginOn(t, d), dice: bytes, did: map[string]int{}}
	for range 150 {
		if len(bytes.bytes) == 0 {
			break
		}
		g.step()
	}
	g.sameAsEvents()
	return g
}

func randomDice(seed uint64) *dice {
	r := rand.New(rand.NewPCG(seed, 11))
	d := &dice{bytes: make([]byte, 4000)}
	for i := range d.bytes {
		d.bytes[i] = byte(r.UintN(256))
	}
	return d
}

var shipped = sync.OnceValues(func() (*process.Definition, error) { return process.Load(os.DirFS("../phases")) })

// TestRandomCommandsKeepTheRules: WF-1, WF-5, WF-8 and WF-10 over processes that
// nobody wrote, and over the one that is shipped.
func TestRandomCommandsKeepTheRules(t *testing.T) {
	t.Parallel()
	did := map[string]int{}
	for seed := range uint64(80) {
		bytes := randomDice(seed)
		d, err := process.Load(processtest.Files(randomProcess(bytes)))
		if seed%8 == 0 {
			d, err = shipped()
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, n := range play(t, d, bytes).did {
			did[name] += n
		}
	}
	for _, name := range []string{
		"Submit", "Skip", "Open", "Accept", "SendBack", "Answered", "SurveyClosed", "Extend", "Handover", "Correct", "Reopen",
		"Assign", "SetRecord", "Pause", "Resume", "Withdraw", "Refer", "Stop",
	} {
		if did[name] == 0 {
			t.Errorf("%s was never done, so nothing is shown about it: %v", name, did)
		}
	}
	t.Log(did)
}

// TestRandomProcessesCompile: what the generator writes is what authors could
// write.
func TestRandomProcessesCompile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		define(t, randomProcess(randomDice(seed)))
	}
}

// FuzzCommands takes any bytes for a process and what is asked of a case.
func FuzzCommands(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomDice(seed).bytes[:600])
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		bytes := &dice{bytes: in}
		d, err := process.Load(processtest.Files(randomProcess(bytes)))
		if err != nil {
			t.Fatal(err)
		}
		play(t, d, bytes)
	})
}

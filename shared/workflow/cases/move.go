package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// This file moves running cases to another version of the process: one command
// and one transaction a case, so that it can stop anywhere and go on.

// wantMove reads what a move looks at: any step, in any iteration.
func (x *Service) wantMove(ctx context.Context, c *Record) error {
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + c.ID, Prefix: "step#"}) {
		if err != nil {
			return fmt.Errorf("reading a case's steps: %w", err)
		}
		st, err := stepOf(it)
		if err != nil {
			return err
		}
		c.Steps[st.Ref] = st
	}
	return nil
}

// moveOps are what a step that became another one leaves behind: the way to it,
// for mails that are out or wait, and what was saved of it.
func (x *Service) moveOps(ctx context.Context, c *Record, row process.Row, before map[process.Ref]process.Step) ([]table.Op, error) {
	var ops []table.Op
	for _, e := range row.Events {
		if e.Kind != process.Carried || e.Into == (process.Ref{}) {
			continue
		}
		way := table.Item{Key: Key(c.ID, RefSK("became", e.Ref())), Kind: "became", Body: []byte(Compact(e.Into))}
		ops = append(ops,
			table.Delete(Key(c.ID, RefSK("step", e.Ref())), table.AtVersion(before[e.Ref()].Version)),
			table.Put(way), table.Delete(Key(c.ID, RefSK("became", e.Into))))
		page, err := x.Table.Query(ctx, table.Query{PK: Prefix + c.ID, Prefix: RefSK("draft", e.Ref()) + "#", Limit: maxDrafts / 2})
		if err != nil {
			return nil, fmt.Errorf("taking the drafts of step %s along: %w", e.Step, err)
		}
		for _, it := range page.Items {
			_, browser, _ := strings.Cut(strings.TrimPrefix(it.SK, "draft#"+e.Step+"#"), "#")
			ops = append(ops, table.Delete(it.Key))
			it.SK = RefSK("draft", e.Into) + "#" + browser
			ops = append(ops, table.Put(it))
		}
	}
	return ops, nil
}

// Followed reads a step, under the key that it has by now: a move can have made
// another one of it.
func (x *Service) Followed(ctx context.Context, id string, ref process.Ref) (process.Step, error) {
	for range maxFollowed {
		st, err := x.Step(ctx, id, ref)
		if !errors.Is(err, table.ErrNotFound) {
			return st, err
		}
		it, err := x.Table.Get(ctx, Key(id, RefSK("became", ref)))
		if err != nil {
			return process.Step{}, err
		}
		if err := json.Unmarshal(it.Body, &ref); err != nil {
			return process.Step{}, fmt.Errorf("reading what a step became: %v", err)
		}
	}
	return process.Step{}, table.ErrNotFound
}

// maxFollowed is how many moves a mailed link outlives.
const maxFollowed = 8

// carried mails a step that goes on in another version, if its plan says so. Who
// is new to it is written to as such. In a case that rests nobody is.
func (x *Service) carried(c *Record, e process.Event, row process.Row) []mail.Entry {
	ref := cmp.Or(e.Into, e.Ref())
	st := c.Steps[ref]
	to := slices.Clone(st.Asked)
	if slices.ContainsFunc(row.Events, func(o process.Event) bool { return o.Kind == process.Readdressed && o.Ref() == ref }) {
		to = slices.DeleteFunc(to, func(a process.Asked) bool { return a.Rev == st.Rev })
	}
	if st.State != process.Open || !c.Head.Status.Running() {
		return nil
	}
	return x.ask(c, st, "step", fmt.Sprint("moved", row.Seq), to)
}

// Total is a difference over all cases that were looked at.
type Total struct {
	Step      string
	What      command.What
	Cases     int
	Undecided int
	Offers    []string
}

// Totals adds up what a move would do, by step.
func Totals(seen []Foreseen) []Total {
	var out []Total
	for _, f := range seen {
		for _, c := range f.Changes {
			at := slices.IndexFunc(out, func(t Total) bool { return t.Step == c.Step && t.What == c.What })
			if at < 0 {
				at, out = len(out), append(out, Total{Step: c.Step, What: c.What, Offers: c.Offers})
			}
			out[at].Cases++
			if !c.Decided {
				out[at].Undecided++
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Total) int { return cmp.Compare(a.Step, b.Step) })
	return out
}

// planKey is where the plan of a move stands that was begun.
func planKey(from string) table.Key { return table.Key{PK: defPK, SK: from + "#plan"} }

// KeepPlan keeps a plan, so that a move that was begun can go on by it whoever
// asks.
func (x *Service) KeepPlan(ctx context.Context, p process.Plan) error {
	it := table.Item{Key: planKey(p.From), Kind: "plan", Body: []byte(Compact(p))}
	if err := x.Table.Write(ctx, table.Put(it)); err != nil {
		return fmt.Errorf("keeping a plan: %w", err)
	}
	return nil
}

// Plan is the plan by which cases are moved from a version to another one; false
// when none was begun.
func (x *Service) Plan(ctx context.Context, from, to string) (process.Plan, bool, error) {
	it, err := x.Table.Get(ctx, planKey(from))
	if errors.Is(err, table.ErrNotFound) {
		return process.Plan{}, false, nil
	}
	p := process.Plan{}
	if err == nil {
		err = json.Unmarshal(it.Body, &p)
	}
	if err != nil {
		return p, false, fmt.Errorf("reading a plan: %w", err)
	}
	return p, p.To == to, nil
}

// Standing is how many running cases stand on a version of the process.
type Standing struct {
	Hash  string
	Cases int
}

// Standings counts the running cases on each version, most first.
func (x *Service) Standings(ctx context.Context) ([]Standing, error) {
	count := map[string]int{}
	err := x.running(ctx, "", func(c *Record) (bool, error) {
		count[c.Head.Definition]++
		return true, nil
	})
	var out []Standing
	for hash, n := range count {
		out = append(out, Standing{hash, n})
	}
	slices.SortFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Hash, b.Hash))
	})
	return out, err
}

// running gives the heads of the cases that have not ended and stand on a
// version, "" for any, oldest first, until do says false. Whoever stands on a
// version that can't be read any more is reported, not left out.
func (x *Service) running(ctx context.Context, hash string, do func(*Record) (bool, error)) error {
	all, err := x.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(all) {
		if l.Status.Ended() {
			continue
		}
		c, err := x.Load(ctx, l.ID)
		if errors.Is(err, table.ErrNotFound) {
			continue // the list lags behind
		}
		if err != nil {
			return fmt.Errorf("reading case %s: %w", l.No, err)
		}
		if c.Head.Status.Ended() || hash != "" && c.Head.Definition != hash {
			continue
		}
		if more, err := do(c); err != nil || !more {
			return err
		}
	}
	return nil
}

// Foreseen is what a move would do to one case.
type Foreseen struct {
	ID, No, Municipality string
	command.Outlook
	Mails []mail.Entry
	Fault error // why the plan can't be carried out
}

// Undecided says whether the plan lacks a decision for the case.
func (f Foreseen) Undecided() bool {
	return slices.ContainsFunc(f.Changes, func(c command.Change) bool { return !c.Decided })
}

// Foresee runs a plan over all running cases of its first version, in memory,
// and gives what would happen to each. Nothing is written.
func (x *Service) Foresee(ctx context.Context, plan process.Plan, to *process.Definition, now time.Time) ([]Foreseen, error) {
	var out []Foreseen
	err := x.running(ctx, plan.From, func(c *Record) (bool, error) {
		if err := x.wantMove(ctx, c); err != nil {
			return false, err
		}
		f := Foreseen{ID: c.ID, No: c.Head.No, Municipality: c.Head.Municipality.Name}
		f.Outlook, f.Fault = command.Foresee(c.Def, c.State, moveCommand(plan, to), now)
		if f.Fault == nil {
			was := c.State
			c.Def, c.Steps = to, cloneSteps(was.Steps)
			c.Apply(f.Row)
			f.Mails = x.mails(c, f.Row, was)
		}
		out = append(out, f)
		return true, nil
	})
	return out, err
}

// moveCommand needs no id: a case that was moved does not stand where the plan
// begins.
func moveCommand(plan process.Plan, to *process.Definition) command.Move {
	return command.Move{Meta: command.Meta{By: process.Actor{Role: "SVC"}}, Plan: plan, To: to}
}

// MoveResult is what became of one case.
type MoveResult struct {
	ID, No string
	Fault  error // why it stands where it stood; nil when it was moved
}

// Move carries out a plan on up to limit cases, and says of how many cases of
// the first version it knows that they still stand there. Asking again goes on
// with them. A case that changed since the preview so that the plan does not fit
// it stays, and is reported.
func (x *Service) Move(ctx context.Context, plan process.Plan, to *process.Definition, limit int, now time.Time) (done []MoveResult, left int, err error) {
	if err := x.Keep(ctx, to); err != nil {
		return nil, 0, err
	}
	moved := 0
	err = x.running(ctx, plan.From, func(c *Record) (bool, error) {
		if moved == limit {
			left++
			return true, nil
		}
		_, err := x.Do(ctx, c.ID, moveCommand(plan, to), now)
		switch undecided := (*command.Undecided)(nil); {
		case err == nil || errors.Is(err, command.ErrAlready):
			moved++
			err = nil
		case errors.As(err, &undecided), errors.Is(err, command.ErrNotOpen), errors.Is(err, command.ErrMilestone),
			errors.Is(err, command.ErrResting), errors.Is(err, command.ErrVersion):
			left++
		default:
			return false, fmt.Errorf("moving case %s: %w", c.Head.No, err)
		}
		done = append(done, MoveResult{c.ID, c.Head.No, err})
		return true, nil
	})
	return done, left, err
}

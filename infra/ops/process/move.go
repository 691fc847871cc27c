package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// origin is the version that cases come from.
func (c *call) origin(ctx context.Context) (*process.Definition, error) {
	if c.from == "" {
		all, err := c.cases.Standings(ctx)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(all, func(s cases.Standing) bool { return s.Hash != c.to.Hash })
		if at < 0 {
			return nil, fmt.Errorf("no running case stands on another version than %s: there is nothing to move", c.to.Hash)
		}
		c.from = all[at].Hash
	}
	return c.cases.Definition(ctx, c.from)
}

// diff prints what is different, and how many cases stand where.
func (c *call) diff(ctx context.Context) error {
	all, err := c.cases.Standings(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := c.printf("%s: %d running cases\n", s.Hash, s.Cases); err != nil {
			return err
		}
	}
	old, err := c.origin(ctx)
	if err != nil {
		return err
	}
	d, err := process.Compare(old, c.to)
	if err != nil {
		return err
	}
	if err := c.printf("\nfrom %s to %s, %d steps are different\n", old.Hash, c.to.Hash, len(d)); err != nil {
		return err
	}
	for _, s := range d {
		if err := c.printf("%s %s\n", s.Step, difference(s)); err != nil {
			return err
		}
	}
	return nil
}

func difference(s process.StepDiff) string {
	switch {
	case s.Added:
		return "is new"
	case s.Removed:
		return "is gone"
	}
	var parts []string
	for _, p := range s.Parts {
		parts = append(parts, string(p))
	}
	return strings.Join(parts, ", ")
}

// words say what a move finds different.
var words = map[command.What]string{
	command.Gone:  "is under way, and the new version has no such step",
	command.Lost:  "is under way, and what was typed has no place in the new form",
	command.Stuck: "waits for a review that the new version does not know",
	command.Opens: "would open",
	command.Early: "is open, and the new version would not have opened it yet",
	command.Due:   "has another time",
	command.Asked: "asks others",
}

// preview prints what a plan would do to each case, without one what nothing but
// the versions lead to.
func (c *call) preview(ctx context.Context) error {
	plan, err := c.readPlan(ctx)
	if err != nil {
		return err
	}
	seen, err := c.cases.Foresee(ctx, plan, c.to, c.now)
	if err != nil {
		return err
	}
	if err := c.print(seen); err != nil {
		return err
	}
	if c.write == "" {
		return nil
	}
	return os.WriteFile(c.write, draft(plan, cases.Totals(seen)), 0o644)
}

// readPlan reads the plan, or begins one.
func (c *call) readPlan(ctx context.Context) (process.Plan, error) {
	if c.plan == "" {
		old, err := c.origin(ctx)
		if err != nil {
			return process.Plan{}, err
		}
		return process.Plan{From: old.Hash, To: c.to.Hash}, nil
	}
	src, err := os.ReadFile(c.plan)
	if err != nil {
		return process.Plan{}, err
	}
	plan, err := process.ReadPlan(src)
	if err != nil {
		return plan, err
	}
	old, err := c.cases.Definition(ctx, plan.From)
	if err != nil {
		return plan, err
	}
	return plan, plan.Check(old, c.to)
}

func (c *call) print(seen []cases.Foreseen) error {
	var b bytes.Buffer
	mails := 0
	for _, f := range seen {
		mails += len(f.Mails)
		if f.Fault != nil {
			fmt.Fprintf(&b, "%s\t%s\t\t%v\n", f.No, f.Municipality, f.Fault)
		}
		for _, ch := range f.Changes {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", f.No, f.Municipality, ch.Step, sentence(ch))
		}
	}
	fmt.Fprintf(&b, "\n%d cases would be moved, %d mails would go out\n", len(seen), mails)
	for _, t := range cases.Totals(seen) {
		fmt.Fprintf(&b, "%s\t%s\t%d cases\t%d undecided\n", t.Step, words[t.What], t.Cases, t.Undecided)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	_, err := w.Write(b.Bytes())
	return errors.Join(err, w.Flush())
}

func sentence(ch command.Change) string {
	out := words[ch.What]
	if ch.What == command.Due {
		out += ": " + ch.Due.String()
	}
	if len(ch.Asked) > 0 {
		out += fmt.Sprintf(": %d people", len(ch.Asked))
	}
	if !ch.Decided {
		out += " (undecided: " + strings.Join(ch.Offers, ", ") + ")"
	}
	return out
}

// draft is a plan to be completed: what a case needs stands in it, empty.
func draft(plan process.Plan, totals []cases.Total) []byte {
	var b bytes.Buffer
	b.WriteString("# Decide where a step stands empty, and give the reason. open: keep, close, accept,\n" +
		"# or the step that it becomes; ready: now, silently, later, skip.\n")
	steps := map[string]process.Decision{}
	for key, d := range plan.Steps {
		steps[key] = d
	}
	for _, t := range totals {
		if _, ok := steps[t.Step]; !ok && len(t.Offers) > 0 {
			steps[t.Step] = process.Decision{}
		}
		fmt.Fprintf(&b, "# %s %s, in %d cases", t.Step, words[t.What], t.Cases)
		if len(t.Offers) > 0 {
			fmt.Fprintf(&b, ": one of %s", strings.Join(t.Offers, ", "))
		}
		b.WriteString("\n")
	}
	plan.Steps = steps
	b.Write(plan.YAML())
	return b.Bytes()
}

// atOnce is how many cases are moved before the next line is printed.
const atOnce = 100

// move carries out a plan that decides everything.
func (c *call) move(ctx context.Context) error {
	plan, err := c.readPlan(ctx)
	if err != nil {
		return err
	}
	return c.carryOut(ctx, plan)
}

// texts carries out the plan that changes nothing but words.
func (c *call) texts(ctx context.Context) error {
	old, err := c.origin(ctx)
	if err != nil {
		return err
	}
	plan := process.TextsPlan(old.Hash, c.to.Hash)
	if err := plan.Check(old, c.to); err != nil {
		return err
	}
	return c.carryOut(ctx, plan)
}

func (c *call) carryOut(ctx context.Context, plan process.Plan) error {
	seen, err := c.cases.Foresee(ctx, plan, c.to, c.now)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(seen, func(f cases.Foreseen) bool { return f.Undecided() || f.Fault != nil }) {
		return errors.Join(c.print(seen), errors.New("nothing was moved: the plan does not fit all cases, see above"))
	}
	total := 0
	for {
		done, left, err := c.cases.Move(ctx, plan, c.to, atOnce, c.now)
		moved := 0
		for _, d := range done {
			if d.Fault != nil {
				err = errors.Join(err, fmt.Errorf("%s stays: %w", d.No, d.Fault))
				continue
			}
			moved++
		}
		total += moved
		if err != nil || moved == 0 || left == 0 {
			return errors.Join(err, c.printf("%d cases moved from %s to %s, %d stay\n", total, plan.From, plan.To, left))
		}
		if err := c.printf("%d moved, %d to go\n", total, left); err != nil {
			return err
		}
	}
}

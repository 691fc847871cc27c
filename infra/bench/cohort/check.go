package cohort

import (
	"context"
	"fmt"
	"reflect"

	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// checkAll looks at every case.
func (l *life) checkAll(ctx context.Context) error {
	return l.each(func(p *place) error { return l.check(ctx, p) })
}

// check looks at one case: its events have no gaps, every accepted command
// happened once, what is stored is what the events lead to, and no step is waited
// for that nobody sees.
func (l *life) check(ctx context.Context, p *place) error {
	l.checks.Add(1)
	c, err := l.cases.Load(ctx, p.id)
	if err != nil {
		return fmt.Errorf("checking %s: %w", p.slug, err)
	}
	if c.Steps, err = l.cases.AllSteps(ctx, p.id); err != nil {
		return err
	}
	rows, marks, err := l.cases.History(ctx, p.id)
	if err != nil {
		return err
	}
	if err := p.told(rows, c.Head.Seq); err != nil {
		return err
	}
	got, want := process.Rebuild(rows, marks).Bare(), c.State.Bare()
	if !reflect.DeepEqual(got.Head, want.Head) || !reflect.DeepEqual(got.Steps, want.Steps) {
		return fmt.Errorf("%s: the events lead to\n%+v\n%+v\nstored is\n%+v\n%+v", p.slug, got.Head, got.Steps, want.Head, want.Steps)
	}
	for _, ref := range c.Head.Open() {
		it, err := l.table.Get(ctx, cases.Key(p.id, cases.RefSK("step", ref)))
		if err != nil {
			return err
		}
		if st := c.Steps[ref]; c.Head.Status.Running() && st.Nobody() && !st.AnyTime() && it.By.PK == "" {
			return fmt.Errorf("%s: step %s is open, and nobody is asked or sees it", p.slug, ref.Step)
		}
	}
	return nil
}

// told compares the rows with the commands that were accepted.
func (p *place) told(rows []process.Row, last int64) error {
	times := map[string]int{}
	for i, r := range rows {
		if r.Seq != int64(i)+1 {
			return fmt.Errorf("%s: row %d has the number %d", p.slug, i+1, r.Seq)
		}
		times[r.Cmd]++
	}
	if int64(len(rows)) != last {
		return fmt.Errorf("%s: %d rows, the case counts %d", p.slug, len(rows), last)
	}
	for _, id := range p.given {
		if n := times[process.Short(id)]; n != 1 {
			return fmt.Errorf("%s: the command %s happened %d times", p.slug, id, n)
		}
	}
	return nil
}

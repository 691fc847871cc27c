package workflow

import (
	"context"
	"errors"
	"testing"
	"time"

	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// meanwhile is a table in which others are once faster than a write.
type meanwhile struct {
	table.Table
	do func()
}

func (m *meanwhile) Write(ctx context.Context, ops ...table.Op) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Table.Write(ctx, ops...)
}

// TestTheClockOfARehearsalNeverRunsBackwards: not even by a command that was
// decided before it was turned; and it is turned though a command was faster.
func TestTheClockOfARehearsalNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	m := &meanwhile{}
	w := worldOf(t, processtest.Files("O01:\nO02: pre: [{step: O01}]"), func(inner table.Table) table.Table {
		m.Table = inner
		return m
	})
	w.rehearse()
	name := func(role string) {
		w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: expert}})
	}
	const day = 24 * time.Hour
	m.do = func() { w.ahead(day) }
	name("LEI")
	if got := w.record().Rehearsal.Ahead; got != day {
		t.Errorf("the clock is %s ahead, want %s", got, day)
	}
	m.do = func() { name("KM") }
	w.ahead(day)
	if got := w.record(); got.Rehearsal.Ahead != 2*day || len(got.People["KM"]) != 1 {
		t.Errorf("the clock is %s ahead, want %s; KM is %v", got.Rehearsal.Ahead, 2*day, got.People["KM"])
	}
}

func TestATaskThatIsNotThereIsNotSettled(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]`)
	_, err := w.x.Do(w.ctx, w.id, command.Settle{Meta: by("SVC"), Task: "safety#O02#1", Reason: "telefoniert"}, w.now)
	if !errors.Is(err, command.ErrNotOpen) {
		t.Errorf("got %v, want %v", err, command.ErrNotOpen)
	}
}

package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/table"
)

// Listed is a case in the list of all cases.
type Listed struct {
	ID, No string
	Note
}

// List reads all cases, newest first. It reads the list alone, of which 15 to 40
// cases fill a read unit: 11,000 take 300 to 700.
func (x *Service) List(ctx context.Context) ([]Listed, error) {
	var out []Listed
	for it, err := range table.All(ctx, x.Table, table.Query{Index: table.By, PK: casesPK, Desc: true}) {
		if err != nil {
			return nil, fmt.Errorf("listing cases: %w", err)
		}
		l := Listed{ID: strings.TrimPrefix(it.PK, Prefix), No: it.By.SK}
		if err := json.Unmarshal([]byte(it.By.Note), &l.Note); err != nil {
			return nil, fmt.Errorf("listing cases: %v", err)
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return cmp.Compare(b.No, a.No) })
	return out, nil
}

// OnDesk is something on the service office's desk.
type OnDesk struct {
	ID string // of the case
	DeskNote
	IsStep bool
	Task   string // its name, of what is no step
	Order  string // by date
}

// Desk reads what the service office has to see: its own steps, steps of
// nobody, what is long overdue, and what is no step. By date.
func (x *Service) Desk(ctx context.Context) ([]OnDesk, error) {
	var out []OnDesk
	for it, err := range table.All(ctx, x.Table, table.Query{Index: table.By, PK: deskPK}) {
		if err != nil {
			return nil, fmt.Errorf("reading the desk: %w", err)
		}
		d := OnDesk{ID: strings.TrimPrefix(it.PK, Prefix), IsStep: it.Kind == "step", Order: it.By.SK}
		if name, ok := strings.CutPrefix(it.SK, taskPrefix); ok {
			d.Task = name
		}
		if err := json.Unmarshal([]byte(it.By.Note), &d.DeskNote); err != nil {
			return nil, fmt.Errorf("reading the desk: %v", err)
		}
		out = append(out, d)
	}
	return out, nil
}

// Task is work for the service office that is no step.
type Task struct {
	Name   string    `json:"-"` // "safety#O02#1"
	Kind   string    `json:"k"`
	Step   string    `json:"s,omitempty"`
	On     lang.Date `json:"d"`
	Role   string    `json:"r,omitempty"` // whose mail came back, or who does it
	Closed bool      `json:"c,omitempty"`
}

const taskPrefix = "task#"

func (c *Record) taskOp(t Task, conds ...table.Cond) table.Op {
	it := table.Item{Key: Key(c.ID, taskPrefix+t.Name), Kind: "task", Body: []byte(Compact(t))}
	if !t.Closed {
		it.By = c.deskPlace(DeskNote{Due: t.On, Step: t.Step, Why: t.Kind})
		it.By.SK += "#" + t.Kind
	}
	return table.Put(it, conds...)
}

// TaskOpen says whether there is such a task, to be done yet.
func (x *Service) TaskOpen(ctx context.Context, id, name string) (bool, error) {
	if len(name) > 100 {
		return false, nil // longer than any, and perhaps than a key can be
	}
	it, err := x.Table.Get(ctx, Key(id, taskPrefix+name))
	if errors.Is(err, table.ErrNotFound) {
		return false, nil
	}
	t := Task{}
	if err == nil {
		err = json.Unmarshal(it.Body, &t)
	}
	if err != nil {
		return false, fmt.Errorf("reading a task: %w", err)
	}
	return !t.Closed, nil
}

// Tasks reads what is to be done beside the steps.
func (x *Service) Tasks(ctx context.Context, id string) ([]Task, error) {
	var out []Task
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id, Prefix: taskPrefix}) {
		if err != nil {
			return nil, fmt.Errorf("reading a case's tasks: %w", err)
		}
		t := Task{}
		if err := json.Unmarshal(it.Body, &t); err != nil {
			return nil, fmt.Errorf("reading a task: %v", err)
		}
		t.Name = strings.TrimPrefix(it.SK, taskPrefix)
		out = append(out, t)
	}
	return out, nil
}

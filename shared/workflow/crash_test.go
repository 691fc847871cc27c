package workflow

import (
	"errors"
	"fmt"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestDyingAtAnyWriteLosesAndDoublesNothing lets the process die before or
// after each of its writes, starts it again, repeats what was not answered, and
// compares the outcome with that of an undisturbed run.
func TestDyingAtAnyWriteLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 12; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%t", n, after), func(t *testing.T) {
				t.Parallel()
				w, faults := faultyWorld(t)
				w.accepted()
				faults.Crash(n, after)
				w.insist(faults, command.Submit{
					Meta: command.Meta{ID: "agreement", By: process.Actor{Role: "LEI"}}, Ref: process.Ref{Step: "O05", Iteration: 1}, Answers: w.answers("O05"),
				})
				w.insist(faults, command.Submit{
					Meta: command.Meta{ID: "tandem", By: process.Actor{Role: "TRA"}}, Ref: process.Ref{Step: "O06", Iteration: 1}, Answers: w.answers("O06"),
				})
				w.insistTick(faults)
				faults.Revive()
				w.days(2)
				if h := w.head(); h.Seq != 6 || h.Steps["O07"].State != process.Open {
					t.Errorf("%d events, O07 is %q; want 6 and open", h.Seq, h.Steps["O07"].State)
				}
				for who, title := range map[string]string{
					"leitung@musterstadt.example": "Kooperationsvereinbarung schließen", "traeger@verein.example": "Tandem benennen",
					"amt@musterstadt.example": "Zugänge, Rollen und Datenschutz klären",
				} {
					// A mail about a step that is done meanwhile is not wanted any more.
					got, open := len(w.subjects(who, title)), title == "Zugänge, Rollen und Datenschutz klären"
					if got > 2 || open && got == 0 {
						t.Errorf("%s was mailed %d times about %q, want once or twice", who, got, title)
					}
				}
				w.sameAsEvents()
			})
		}
	}
}

// insist gives a command until it is answered, reviving the process.
func (w *world) insist(f *tabletest.Faults, c command.Command) {
	w.t.Helper()
	for range 5 {
		_, err := w.x.Do(w.ctx, w.id, c, w.now)
		if err == nil || errors.Is(err, command.ErrAlready) {
			return
		}
		if !errors.Is(err, tabletest.ErrCrashed) {
			w.t.Fatal(err)
		}
		f.Revive()
	}
	w.t.Fatal("the command was never answered")
}

// insistTick works off what is due, reviving the process.
func (w *world) insistTick(f *tabletest.Faults) {
	w.t.Helper()
	for range 3 {
		for shard := range table.Shards() {
			page, err := w.table.Query(w.ctx, table.DueUntil(shard, w.now))
			if err != nil {
				f.Revive()
				continue
			}
			for _, it := range page.Items {
				if err := w.x.Outbox.Due(w.ctx, []table.Key{it.Key}, w.now); err != nil {
					f.Revive()
				}
			}
		}
	}
}

// TestConflictsAreTriedAgain: two transactions that meet are no error of
// anybody's.
func TestConflictsAreTriedAgain(t *testing.T) {
	t.Parallel()
	w, faults := faultyWorld(t)
	w.begin()
	faults.Conflict(3)
	w.submit("O02", "SVC")
	if m := w.head().Steps["O03"]; m.State != process.Open {
		t.Errorf("O03 is %+v, want open", m)
	}
}

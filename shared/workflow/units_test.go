package workflow

import (
	"encoding/json"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// cost measures what an operation consumes.
func (w *world) cost(what string, write, read float64, op func()) {
	w.t.Helper()
	meter := &table.Meter{}
	ctx := w.ctx
	w.ctx = table.WithMeter(ctx, meter)
	op()
	w.ctx = ctx
	gotWrite, gotRead := meter.Units()
	w.t.Logf("%s: %g write units, %g read units", what, gotWrite, gotRead)
	if gotWrite > write || gotRead > read {
		w.t.Errorf("%s took %g write units and %g read units, allowed are %g and %g", what, gotWrite, gotRead, write, read)
	}
}

func TestCostsStayWithinTheDesign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.x.Publish(w.ctx); err != nil {
		t.Fatal(err)
	}
	town := municipality.Municipality{Key: "09999123", Name: "Musterstadt", Kind: "STADT", Land: "BY"}
	w.cost("starting a case", 14, 1, func() {
		w.start(town, process.People{"FED": {{Name: "Amt", Email: "amt@musterstadt.example", Deputy: "vertretung@musterstadt.example"}}})
	})
	w.adopt("KK-2026-0001")
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}

	ref := process.Ref{Step: "O05", Iteration: 1}
	a := w.answers("O05")
	for size(t, a) < 1800 {
		a["open_points"] = form.Value{Text: a.Text("open_points") + "x"}
	}
	due := w.current("O05").Due
	w.cost("completing a step", 17, 2, func() {
		w.do(command.Submit{Meta: command.Meta{ID: "0123456789", By: process.Actor{Role: "LEI"}}, Ref: ref, Answers: a, Browser: "0123456789abcdef"})
	})

	cal := municipality.CalendarOf("BY")
	w.set(cal.AddWorkingDays(due, -4).At(12, 0)) // O06 opened on the same day and has as long
	key := cases.Key(w.id, "step#O06#1")
	w.cost("reminding a step", 9, 1, func() {
		if err := w.x.Due(w.ctx, key, w.now); err != nil {
			t.Fatal(err)
		}
	})
	if st := w.current("O06"); st.Stage != process.Friendly {
		t.Errorf("O06 is at stage %d after its reminder, want %d", st.Stage, process.Friendly)
	}
	w.cost("a timer that has nothing to do", 0, 1, func() {
		if err := w.x.Due(w.ctx, key, w.now); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRemindersCostTheSameWithSettings has as much as a municipality can say
// about itself travel with the step, and letters in place of mails.
func TestRemindersCostTheSameWithSettings(t *testing.T) {
	t.Parallel()
	for _, paper := range []bool{false, true} {
		w := newWorld(t)
		w.accepted()
		full := municipality.Settings{Feasts: municipality.Feasts("BY"), Window: municipality.Mornings, Paper: paper}
		for i := range municipality.MaxClosed {
			from := w.current("O05").Due.AddDays(60 + 20*i)
			full.Closed = append(full.Closed, municipality.Range{From: from, To: from.AddDays(4)})
		}
		w.do(command.Configure{Meta: by("SVC"), Settings: full})
		w.set(w.head().Calendar().AddWorkingDays(w.current("O05").Due, -4).At(9, 0))
		read := 1.0
		if paper { // what gets to the desk says whose case it is
			read = 2
		}
		w.cost("reminding a step of a municipality with settings", 9, read, func() {
			if err := w.x.Due(w.ctx, cases.Key(w.id, "step#O05#1"), w.now); err != nil {
				t.Fatal(err)
			}
		})
		if st := w.current("O05"); st.Stage != process.Friendly {
			t.Errorf("O05 is at stage %d after its reminder, want %d", st.Stage, process.Friendly)
		}
	}
}

func size(t *testing.T, v any) int {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}

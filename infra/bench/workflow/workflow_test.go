package workflow

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestOursDoesTheCases does once, with little, what the benchmark does on our
// side: it breaks with the commands.
func TestOursDoesTheCases(t *testing.T) {
	t.Parallel()
	b, out := little()
	if _, err := b.ours(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.sweep(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| all due: reminders written |") {
		t.Errorf("the report lacks the reminders:\n%s", out)
	}
}

// little is a bench that does little, and its report.
func little() (*bench, *bytes.Buffer) {
	var out bytes.Buffer
	return &bench{effort: effort{cases: 3, rounds: 1, workers: 2, open: 12}, root: "../../..", cpu: tick(), out: &out}, &out
}

// tick is a processor that is always busy.
func tick() func() time.Duration {
	var used time.Duration
	return func() time.Duration { used += time.Second; return used }
}

package workflow

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// TestBothDoTheCases does once, with little, what the benchmark does: it breaks
// with the commands and the peer. The peer needs modules that the project does
// not have, so it is built in CI alone.
func TestBothDoTheCases(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := &bench{effort: effort{cases: 3, rounds: 1, workers: 2, open: 12}, root: "../../..", cpu: tick(), out: &out}
	if os.Getenv("CI") == "true" {
		if err := b.besideDBOS(); err != nil {
			t.Fatal(err)
		}
	} else if _, err := b.ours(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.sweep(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| all due: reminders written |") {
		t.Errorf("the report lacks the reminders:\n%s", out.String())
	}
}

// tick is a processor that is always busy.
func tick() func() time.Duration {
	var used time.Duration
	return func() time.Duration { used += time.Second; return used }
}

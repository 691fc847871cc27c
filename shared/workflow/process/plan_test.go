package process

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// plan says on which working day after the invitation a step is finished when
// every step takes its full term and there are no holidays, and by which chain
// of steps.
func (d *Definition) plan(key string) (days int, chain []string) {
	t := d.byKey[key]
	for _, n := range t.Pre {
		before, path := d.plan(n.Step)
		if before += n.WaitWT; before > days {
			days, chain = before, path
		}
	}
	return days + t.DueWT, append(slices.Clone(chain), key)
}

// TestPlanFitsTheRunOfTheProject keeps the terms to what was promised: about
// two years from the invitation to the closing talk.
func TestPlanFitsTheRunOfTheProject(t *testing.T) {
	t.Parallel()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"O05": 70, "A03": 165, "A11": 240, "B04": 310, "B06": 415, "C10": 435, "C13": 490, "C15": 510} {
		if got, _ := d.plan(key); got != want {
			t.Errorf("%s is finished after %d working days, want %d", key, got, want)
		}
	}
	const longest = "O01 O02 O03 O04 O05 O06 O07 O08 A01 A02 A04 A07 A08 A10 A11 B01 B02 B03 B04 B12 C12 C13 C15"
	if _, chain := d.plan("C15"); strings.Join(chain, " ") != longest {
		t.Errorf("the longest chain to C15 is\n%s, want\n%s", strings.Join(chain, " "), longest)
	}
}

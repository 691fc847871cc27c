package cases

import (
	"fmt"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// TestHeadStaysSmall: every command writes the head, so it has to fit 1 KB
// with all 57 steps of the process.
func TestHeadStaysSmall(t *testing.T) {
	t.Parallel()
	fits(t, large("Verwaltungsgemeinschaft Musterstadt-Beispielheim"))
}

// large is a case of a municipality with all steps done, of everything as much
// as there is.
func large(name string) *Record {
	c := &Record{ID: strings.Repeat("A", 26), apart: 1}
	c.Head = process.Head{
		No: "KK-2026-0007", Lang: lang.DE, Status: process.Active, Definition: strings.Repeat("d", 16),
		Intake: strings.Repeat("I", 26), Steps: process.Marks{}, Seq: 123,
		Municipality: municipality.Municipality{Key: "09999123", Name: name, Kind: "STADT", Land: "BY", Population: 12345, PopulationDate: lang.Date{Year: 2024, Month: 12, Day: 31}},
	}
	for phase, n := range map[string]int{"O": 8, "A": 12, "B": 14, "C": 15, "R": 8} {
		for i := range n {
			c.Head.Steps[fmt.Sprintf("%s%02d", phase, i+1)] = process.Mark{State: process.Done, Iteration: 1}
		}
	}
	for range 8 {
		c.Head.Recent = append(c.Head.Recent, process.Short("command"))
	}
	c.People = process.People{}
	for _, role := range []string{"FED", "KUF", "LEI", "TRA", "EXT", "LOK", "STG", "BUE", "KM", "DSB"} {
		c.People[role] = []process.Person{{Email: role + "@musterstadt.example"}}
	}
	return c
}

// fits wants the head of all steps to cost one write unit.
func fits(t *testing.T, c *Record) {
	t.Helper()
	op, err := c.headOp()
	if err != nil {
		t.Fatal(err)
	}
	if n := table.Size(op.Item); n > 1024 || len(c.Head.Steps) != 57 {
		t.Errorf("the head of %d steps, %d of them open, has %d bytes, want 57 and at most 1024\n%s\n%s", len(c.Head.Steps), len(c.open), n, op.Item.Body, op.Item.By.Note)
	}
}

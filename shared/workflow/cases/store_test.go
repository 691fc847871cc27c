package cases

import (
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
	c := &Record{ID: strings.Repeat("A", 26), apart: 1}
	c.Head = process.Head{
		No: "KK-2026-0007", Lang: lang.DE, Status: process.Active, Definition: strings.Repeat("d", 16),
		Intake: strings.Repeat("I", 26), Steps: process.Marks{}, Seq: 123,
		Municipality: municipality.Municipality{Key: "09999123", Name: "Verwaltungsgemeinschaft Musterstadt-Beispielheim", Kind: "STADT", Land: "BY", Population: 12345, PopulationDate: lang.Date{Year: 2024, Month: 12, Day: 31}},
	}
	for phase, n := range map[string]int{"O": 8, "A": 12, "B": 14, "C": 15, "R": 8} {
		for i := range n {
			c.Head.Steps[phase+string(rune('0'+(i+1)/10))+string(rune('0'+(i+1)%10))] = process.Mark{State: process.Done, Iteration: 1}
		}
	}
	for range 8 {
		c.Head.Recent = append(c.Head.Recent, process.Short("command"))
	}
	c.People = process.People{}
	for _, role := range []string{"FED", "KUF", "LEI", "TRA", "EXT", "LOK", "STG", "BUE", "KM", "DSB"} {
		c.People[role] = []process.Person{{Email: role + "@musterstadt.example"}}
	}
	op, err := c.headOp()
	if err != nil {
		t.Fatal(err)
	}
	if n := table.Size(op.Item); n > 1024 || len(c.Head.Steps) != 57 {
		t.Errorf("the head of %d steps has %d bytes, want at most 1024\n%s\n%s", len(c.Head.Steps), n, op.Item.Body, op.Item.By.Note)
	}
}

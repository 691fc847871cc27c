package cases

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

func TestNotesTellOpenStepsInFewBytes(t *testing.T) {
	t.Parallel()
	on := lang.Date{Year: 2026, Month: 5, Day: 4}
	n := Note{Status: process.Active, Phase: "A", Name: "Musterstadt", Open: Dues{{"A04", on}, {"R01", on.AddDays(9)}, {"R06", lang.Date{}}}, Milestones: 5}
	text := Compact(n)
	if want := `"o":"A041sb R011sk R06","x":5`; !strings.Contains(text, want) {
		t.Errorf("the note is %s, want %s in it", text, want)
	}
	back := Note{}
	if err := json.Unmarshal([]byte(text), &back); err != nil || Compact(back) != text {
		t.Errorf("%s is read back as %s, %v", text, Compact(back), err)
	}
	today := on.AddDays(1)
	if back.Overdue(today) != 1 || !back.Reached("M0") || back.Reached("M1") || !back.Reached("M2") || back.Reached("") || back.Reached("Mx") {
		t.Errorf("%s: overdue %d, M0 to M2 %t %t %t", text, back.Overdue(today), back.Reached("M0"), back.Reached("M1"), back.Reached("M2"))
	}
	old := Note{}
	if err := json.Unmarshal([]byte(`{"s":"active","p":"A","m":"Musterstadt","t":"STADT"}`), &old); err != nil || old.Open != nil || old.Overdue(today) != 0 {
		t.Errorf("an older note is read as %+v, %v", old, err)
	}
	for _, bad := range []string{`{"o":"A0"}`, `{"o":"A04?!"}`, `{"o":7}`} {
		if err := json.Unmarshal([]byte(bad), &Note{}); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// A command reads few of the open steps; the dates of the others are carried
// along.
func TestNotesKeepTheDatesOfStepsThatWereNotRead(t *testing.T) {
	t.Parallel()
	on := lang.Date{Year: 2026, Month: 5, Day: 4}
	before := Dues{{"A04", on}, {"A05", on.AddDays(3)}, {"A07", on.AddDays(5)}}
	s := process.State{
		Head: process.Head{Steps: process.Marks{
			"A04": {State: process.Done, Iteration: 1}, "A05": {State: process.Open, Iteration: 1},
			"A07": {State: process.Open, Iteration: 1}, "A09": {State: process.Open, Iteration: 1}, "R06": {State: process.Open, Iteration: 2},
		}},
		Steps: map[process.Ref]process.Step{
			{Step: "A07", Iteration: 1}: {Due: on.AddDays(-1)}, {Step: "R06", Iteration: 2}: {},
		},
	}
	want := "A07 2026-05-03, A05 2026-05-07, A09 , R06 "
	var got []string
	for _, d := range before.next(s) {
		got = append(got, d.Step+" "+d.On.String())
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("open are %q, want %q", strings.Join(got, ", "), want)
	}
}

// A case under way has some steps open: with them the head fits 1 KB, too.
func TestHeadStaysSmallWithOpenSteps(t *testing.T) {
	t.Parallel()
	c := large("Musterstadt an der Beispielach")
	for i := range 8 {
		key := fmt.Sprintf("R%02d", i+1)
		c.Head.Steps[key] = process.Mark{State: process.Open, Iteration: 12}
		c.open = append(c.open, Due{key, lang.Date{Year: 2028, Month: 5, Day: 4 + i}})
	}
	fits(t, c)
}

package cohort

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/mail"
	"kokoma/shared/workflow/process"
)

// TestThreeMunicipalitiesLiveTwoYears does with three municipalities what the
// benchmark does with many: all that must hold is checked on the way.
func TestThreeMunicipalitiesLiveTwoYears(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := live(t.Context(), &out, "../../..", 3, given.Monday.AddDate(years, 0, 0), func() time.Duration { return 0 }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Cases: 3 completed.", " late,", " Handover", "away, by the deputy", "| remind1 |", "| m_survey |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q, so little is shown:\n%s", want, out.String())
		}
	}
}

// TestTheChecksFindFaults: what would be wrong is found, one fault at a time.
func TestTheChecksFindFaults(t *testing.T) {
	t.Parallel()
	row := func(seq int64, id string) process.Row { return process.Row{Seq: seq, Cmd: process.Short(id)} }
	p := &place{slug: "stadt-1", given: []string{"a", "b"}}
	for name, c := range map[string]struct {
		rows []process.Row
		last int64
		want string
	}{
		"all is well": {[]process.Row{row(1, "a"), row(2, "b"), row(3, "")}, 3, ""},
		"a gap":       {[]process.Row{row(1, "a"), row(3, "b")}, 3, "row 2 has the number 3"},
		"one is lost": {[]process.Row{row(1, "a")}, 1, "command b happened 0 times"},
		"one twice":   {[]process.Row{row(1, "a"), row(2, "b"), row(3, "b")}, 3, "command b happened 2 times"},
		"a short one": {[]process.Row{row(1, "a"), row(2, "b")}, 3, "2 rows, the case counts 3"},
	} {
		if got := fmt.Sprint(p.told(c.rows, c.last)); c.want == "" && got != "<nil>" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestThePostFindsFaults(t *testing.T) {
	t.Parallel()
	sunday := given.Monday.AddDate(0, 0, 6)
	for name, c := range map[string]struct {
		now  time.Time
		tags []string // of what is handed over, to one person
		want string
	}{
		"all is well":  {given.Monday, []string{"one"}, ""},
		"one twice":    {given.Monday, []string{"one", "one"}, "goes out once more"},
		"two on a day": {given.Monday, []string{"one", "two"}, "a second mail about steps"},
		"on a Sunday":  {sunday, []string{"one"}, "on a quiet day"},
		"nobody's":     {given.Monday, []string{"three"}, "nobody wanted"},
		"never sent":   {given.Monday, nil, "was due at"},
	} {
		p := newPost(func() time.Time { return c.now })
		for _, key := range []string{"one", "two"} {
			p.wants[mail.Tag(key)] = want{template: "step", land: "BY", class: mail.Step, state: mail.Dropped}
		}
		if c.tags == nil {
			p.wants[mail.Tag("one")] = want{template: "step", state: mail.Queued, at: c.now.Add(-time.Hour)}
		}
		for i, key := range c.tags {
			id, _ := p.Send(t.Context(), mail.Message{To: "amt@stadt-1.example", Tag: mail.Tag(key)}) // it has no error to give
			w := p.wants[mail.Tag(key)]
			w.state, w.message = mail.Sent, id
			if i == 0 && key != "three" {
				p.wants[mail.Tag(key)] = w
			}
		}
		if _, err := p.settle(); c.want == "" && err != nil || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

package walk

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/process"
)

// TestEntriesAreWhatTheStepsAskFor reads what the cohort types into each step
// as the step's form does, so that a walk does not have to come that far before
// somebody notices.
func TestEntriesAreWhatTheStepsAskFor(t *testing.T) {
	t.Parallel()
	c, err := Fictional()
	if err != nil {
		t.Fatal(err)
	}
	d, err := process.Load(workflow.Phases)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range c.Order {
		if step := d.Template(o.Step); step == nil || step.Title != (lang.Text{DE: o.DE, EN: o.EN}) {
			t.Errorf("the order says %+v, the process %+v", o, step)
		}
	}
	now := time.Date(2028, 5, 15, 9, 0, 0, 0, lang.Berlin())
	for key := range c.Steps {
		of, nth, _ := strings.Cut(key, "#") // "R01#2" says what the second time differs in
		step := d.Template(of)
		if step == nil {
			t.Errorf("there are entries for %s, which is no step", key)
			continue
		}
		n, _ := strconv.Atoi(nth) // 0 is the first time
		entries := c.Entries(Place{}, of, n)
		f, err := step.Form()
		if err != nil {
			t.Fatal(err)
		}
		values := url.Values{}
		post(values, "", entries, c.Places[0], now)
		answers := f.Read(values, "", nil)
		for _, p := range f.Check(answers, "", form.Env{Today: lang.DateOf(now), Now: now, Lang: lang.EN}) {
			if p.Level == form.Error {
				t.Errorf("%s: %+v", key, p)
			}
		}
	}
}

// post puts entries into the values that a page posts, those of a row behind
// the row's name.
func post(v url.Values, row string, e Entries, place Place, now time.Time) {
	for name, entry := range e {
		name = row + name
		list, ok := entry.([]any)
		if !ok {
			v.Set(name, typed(fmt.Sprint(entry), place, now))
			continue
		}
		for i, one := range list {
			inner, ok := one.(Entries)
			if !ok {
				v.Add(name, fmt.Sprint(one))
				continue
			}
			v.Set("_rows:"+name, strconv.Itoa(len(list)))
			post(v, name+"["+strconv.Itoa(i)+"].", inner, place, now)
		}
	}
}

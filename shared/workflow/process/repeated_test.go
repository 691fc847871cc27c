package process

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// TestWhatIsAskedAgainIsAskedInTheSameWords: a form can't take questions over
// from another, so those that several steps ask stand in each of their files.
// What is compared over time must not drift apart there.
func TestWhatIsAskedAgainIsAskedInTheSameWords(t *testing.T) {
	t.Parallel()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	maturity := []string{}
	for n := 1; n <= 10; n++ {
		maturity = append(maturity, fmt.Sprintf("MAT%d", n), fmt.Sprintf("MAT%d_reason", n))
	}
	for _, c := range []struct {
		first, again string
		names        []string
	}{
		{"A06", "B12", surveyFields},
		{"A06", "C12", append([]string{"works_council_informed"}, surveyFields...)},
		{"A11", "B12", maturity},
		{"A11", "C12", maturity},
	} {
		first, again := questions(t, d, c.first), questions(t, d, c.again)
		for _, name := range c.names {
			if want, got := first[name], again[name]; want == "" || got != want {
				t.Errorf("%s asks %s as\n%s, %s as\n%s", c.first, name, want, c.again, got)
			}
		}
	}
}

// questions are the questions of a step by name, as text, without their hints.
func questions(t *testing.T, d *Definition, key string) map[string]string {
	t.Helper()
	f, err := d.Template(key).Form()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(list []*define.Question)
	walk = func(list []*define.Question) {
		for _, q := range list {
			same := *q
			same.Hint = lang.Text{} // may say more when it is asked again
			b, err := json.Marshal(same)
			if err != nil {
				t.Fatal(err)
			}
			out[q.Name] = string(b)
			walk(q.Children)
		}
	}
	walk(f.Definition().Survey)
	return out
}

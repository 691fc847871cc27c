package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// listed is a step as the catalogue of the project lists it.
type listed struct {
	Key          string            `json:"key"`
	Phase        string            `json:"phase"`
	TitleDE      string            `json:"title_de"`
	TitleEN      string            `json:"title_en"`
	Acts         []string          `json:"acts"`
	Informed     []string          `json:"informed"`
	AsksDE       string            `json:"asks_de"`
	AsksEN       string            `json:"asks_en"`
	DueWT        int               `json:"due_wt"`
	Pre          []string          `json:"pre"`
	PreIf        map[string]string `json:"pre_if"`
	WaitWT       int               `json:"wait_wt"`
	Milestone    string            `json:"milestone"`
	Repeatable   bool              `json:"repeatable"`
	StartsSurvey string            `json:"starts_survey"`
}

// TestShippedStepsAreThoseOfTheCatalogue compares what the catalogue says of a
// step, in testdata/catalogue.json, with its file.
func TestShippedStepsAreThoseOfTheCatalogue(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	var steps []listed
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&steps); err != nil {
		t.Fatal(err)
	}
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, want := range steps {
		known[want.Key] = true
		tpl := d.Template(want.Key)
		if tpl == nil {
			if complete[want.Phase] {
				t.Errorf("step %s of the catalogue has no file", want.Key)
			}
			continue
		}
		if c, ok := added[want.Key]; ok {
			want.PreIf = c
		}
		if got := listing(tpl); plain(got) != plain(want) {
			t.Errorf("step %s differs from the catalogue:\ngot  %+v\nwant %+v", want.Key, got, want)
		}
	}
	for _, tpl := range d.Templates {
		if !known[tpl.Key] {
			t.Errorf("step %s is not in the catalogue", tpl.Key)
		}
	}
}

// complete are the phases of which every step has its file.
var complete = map[string]bool{"O": true, "A": true, "B": true, "C": true}

// added are conditions that the catalogue leaves to the sense of the step: nothing
// is published of an analysis that was not released.
var added = map[string]map[string]string{"A12": {"A11": "decision != 'not_released'"}}

// listing writes a step as the catalogue does.
func listing(t *Template) listed {
	out := listed{
		Key: t.Key, Phase: t.Phase, TitleDE: t.Title.DE, TitleEN: t.Title.EN, Acts: t.Acts, Informed: t.Informed,
		AsksDE: t.Asks.DE, AsksEN: t.Asks.EN, DueWT: t.DueWT, PreIf: map[string]string{}, Milestone: t.Milestone,
		Repeatable: t.Repeatable, StartsSurvey: t.Survey,
	}
	for _, n := range t.Pre {
		out.Pre = append(out.Pre, n.Step)
		out.WaitWT = max(out.WaitWT, n.WaitWT)
		if n.When != nil {
			out.PreIf[n.Step] = strings.NewReplacer("${", "", "}", "").Replace(n.When.Src)
		}
	}
	return out
}

// plain makes an empty list and none the same.
func plain(l listed) string { return fmt.Sprintf("%+v", l) }

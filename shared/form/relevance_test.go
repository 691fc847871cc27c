package form_test

import (
	"reflect"
	"testing"

	"kokoma/shared/form"
)

// A default that somebody emptied does not come back when their answers are
// looked at later.
func TestApplicableKnowsWhatWasEmptied(t *testing.T) {
	t.Parallel()
	f := compiled(t, `
- {type: text, name: a, `+label+`, default: x}
- {type: text, name: b, `+label+`, relevant: "${a} = 'x'"}
- {type: text, name: c, `+label+`, relevant: "${a} = ''"}
- type: repeat
  name: r
  `+label+`
  children:
    - {type: text, name: d, `+label+`}
    - {type: text, name: e, `+label+`, relevant: "${d} = 'x'"}
`)
	draft := form.Answers{
		"a": {Text: ""}, "b": {Text: "hidden"}, "c": {Text: "shown"},
		"r": {Rows: []form.Answers{{"d": {Text: "x"}}, {"d": {Text: "y"}, "e": {Text: "hidden"}}}},
	}
	clean := f.Clean(draft, env)
	before := clean.Clone()
	asked := f.Applicable(clean, env)
	for field, want := range map[string]bool{
		"a": true, "b": false, "c": true, "r": true, "r[0].d": true, "r[0].e": true, "r[1].d": true, "r[1].e": false,
		"r[2].d": false, "unknown": false,
	} {
		if got := asked(field); got != want {
			t.Errorf("%s: asked is %t, want %t", field, got, want)
		}
	}
	if !reflect.DeepEqual(clean, before) {
		t.Errorf("the answers were changed: %v", clean)
	}
}

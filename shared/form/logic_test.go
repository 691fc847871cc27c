package form_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
)

// What expressions see from where they stand: c is the calculation of the
// named question after the post.
func TestExpressionsSeeTheRowsAroundThem(t *testing.T) {
	t.Parallel()
	const survey = `
- {type: integer, name: base, label: {de: B, en: B}, default: "10"}
- type: repeat
  name: a
  label: {de: A, en: A}
  children:
    - {type: integer, name: x, label: {de: X, en: X}}
    - {type: select_one YN, name: yn, label: {de: YN, en: YN}}
    - {type: calculate, name: place, calculation: "position(..)"}
    - {type: calculate, name: before, calculation: "indexed-repeat(${x}, ${a}, position(..) - 1)"}
    - {type: calculate, name: with_base, calculation: "${x} + ${base}"}
    - {type: calculate, name: sibling, calculation: "../x * 2"}
    - {type: calculate, name: named, calculation: "jr:choice-name(${yn}, '${yn}')"}
    - type: repeat
      name: b
      label: {de: B, en: B}
      children:
        - {type: integer, name: y, label: {de: Y, en: Y}}
        - {type: calculate, name: outer, calculation: "position(../..) * 100 + position(..)"}
        - {type: calculate, name: of_outer, calculation: "${x} + ${y}"}
    - {type: calculate, name: inner, calculation: "sum(${y}) + count(${b})"}
    - {type: calculate, name: of_all, calculation: "count(${a})"}
- {type: calculate, name: all, calculation: "sum(${y})"}
- {type: calculate, name: second, calculation: "indexed-repeat(${y}, ${a}, 2, ${b}, 1)"}
- {type: calculate, name: rows, calculation: "count(${b})"}
`
	f := compiled(t, survey)
	v := url.Values{
		"_rows:a": {"3"}, "a[0].x": {"1"}, "a[0].yn": {"Y"}, "a[1].x": {"2"},
		"a[0].b[0].y": {"5"}, "a[0].b[1].y": {"6"}, "a[1].b[0].y": {"7"},
	}
	got := f.Clean(f.Read(v, "", nil), env)
	first, second := got.Rows("a")[0], got.Rows("a")[1]
	for what, c := range map[string][2]string{
		"position":               {second.Text("place"), "2"},
		"row before":             {second.Text("before"), "1"},
		"no row before":          {first.Text("before"), ""},
		"question around":        {second.Text("with_base"), "12"},
		"path to a sibling":      {second.Text("sibling"), "4"},
		"label of a choice":      {first.Text("named"), "ja"},
		"positions of both rows": {first.Rows("b")[1].Text("outer"), "102"},
		"question of the row":    {first.Rows("b")[1].Text("of_outer"), "7"},
		"sum below":              {first.Text("inner"), "13"},
		"count of the own rows":  {first.Text("of_all"), "2"},
		"sum of all":             {got.Text("all"), "18"},
		"indexed":                {got.Text("second"), "7"},
		"count of all":           {got.Text("rows"), "3"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: got %q, want %q", what, c[0], c[1])
		}
	}
}

func TestOnceKeepsWhatItCameTo(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: text, name: a, "+label+"}\n- {type: calculate, name: begun, calculation: \"once(format-date(today(), '%Y-%m-%d'))\"}\n- {type: calculate, name: first, calculation: \"once(${a})\"}")
	a := f.Settle(f.Read(url.Values{"a": {"x"}}, "", nil), env)
	later := env
	later.Today = env.Today.AddDays(3)
	a = f.Settle(f.Read(url.Values{"a": {"y"}}, "", a), later)
	got := f.Clean(a, later)
	if got.Text("begun") != env.Today.String() || got.Text("first") != "x" {
		t.Errorf("kept: %v", got)
	}
	a = f.Read(url.Values{"first": {"forged"}}, "", a)
	if got := f.Clean(a, later); got.Text("first") != "x" {
		t.Errorf("a post changes what was kept: %v", got)
	}
}

func TestNowIsTheTimeOfTheLook(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: calculate, name: n, calculation: \"format-date-time(now(), '%H:%M')\"}")
	e := env
	e.Now = time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC)
	if got := f.Clean(nil, e).Text("n"); got != "14:30" {
		t.Errorf("now is %q, want the clock of Berlin", got)
	}
}

// A chain of many questions, each calculated from the one before, is
// worked out without running out of stack and in the order of dependency.
func TestLongChainsOfCalculationsEnd(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("- {type: integer, name: q0, " + label + ", default: \"1\"}\n")
	for i := 1; i < 1900; i++ {
		b.WriteString("- {type: calculate, name: q" + strconv.Itoa(i) + ", calculation: \"${q" + strconv.Itoa(i-1) + "} + 1\"}\n")
	}
	f := compiled(t, b.String())
	if got := f.Clean(form.Answers{}, env).Text("q1899"); got != "1900" {
		t.Errorf("the last is %q", got)
	}
}

func TestCirclesOverRowsAreFound(t *testing.T) {
	t.Parallel()
	for _, survey := range []string{
		"- type: repeat\n  name: r\n  " + label + "\n  repeat_count: \"count(${x})\"\n  children: [{type: text, name: x, " + label + "}]",
		"- type: repeat\n  name: r\n  " + label + "\n  children:\n    - {type: integer, name: x, " + label + "}\n    - {type: calculate, name: c, calculation: \"sum(${d})\"}\n    - type: repeat\n      name: s\n      " + label + "\n      children: [{type: calculate, name: d, calculation: \"${c} + 1\"}, {type: text, name: e, " + label + "}]",
	} {
		_, err := form.Compile("test.yaml", []byte(definition(survey)))
		if err == nil || !strings.Contains(err.Error(), "depends on itself") {
			t.Errorf("%s\n%v", survey, err)
		}
	}
}

package form_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
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
		"- type: repeat\n  name: a\n  " + label + "\n  children:\n    - {type: text, name: x, " + label + "}\n    - type: repeat\n      name: b\n      " + label + "\n      repeat_count: \"count(${a})\"\n      children: [{type: text, name: y, " + label + "}]",
		"- {type: calculate, name: total, calculation: \"count(${a})\"}\n- type: repeat\n  name: a\n  " + label + "\n  children:\n    - {type: text, name: x, " + label + "}\n    - type: repeat\n      name: b\n      " + label + "\n      repeat_count: \"${total}\"\n      children: [{type: text, name: y, " + label + "}]",
		"- {type: select_one YN, name: q, " + label + ", choice_filter: \"name != ${c}\"}\n- {type: calculate, name: c, calculation: \"jr:choice-name(${q}, '${q}')\"}",
		"- type: repeat\n  name: r\n  " + label + "\n  repeat_count: \"count(${x})\"\n  children: [{type: text, name: x, " + label + "}]",
		"- type: repeat\n  name: r\n  " + label + "\n  children:\n    - {type: integer, name: x, " + label + "}\n    - {type: calculate, name: c, calculation: \"sum(${d})\"}\n    - type: repeat\n      name: s\n      " + label + "\n      children: [{type: calculate, name: d, calculation: \"${c} + 1\"}, {type: text, name: e, " + label + "}]",
	} {
		_, err := form.Compile("test.yaml", []byte(definition(survey)))
		if err == nil || !strings.Contains(err.Error(), "depends on itself") {
			t.Errorf("%s\n%v", survey, err)
		}
	}
}

func TestAnEmptiedDefaultStaysEmpty(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: integer, name: q, "+label+", default: \"3\"}\n- {type: text, name: w, "+label+", relevant: \"${q} = 3\"}")
	clean := f.Clean(f.Read(url.Values{"q": {""}, "w": {"x"}}, "", nil), env)
	for range 2 {
		if holds, err := f.Eval("${q} = 3", clean, env); err != nil || holds || clean.Text("q") != "" || clean.Text("w") != "" {
			t.Fatalf("the default came back: %v, %v", clean, err)
		}
		clean = f.Clean(clean, env)
	}
	if got := f.Summary(clean, env)[0].Items; len(got) != 1 || !got[0].Empty {
		t.Errorf("the summary says %+v", got)
	}
	if got := f.Clean(form.Answers{}, env); got.Text("q") != "3" {
		t.Errorf("nobody touched the default: %v", got)
	}
}

func TestTextsOfTextsEndSomewhere(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("- {type: text, name: c0, " + label + "}\n")
	for i := 1; i <= 40; i++ {
		b.WriteString("- {type: calculate, name: c" + strconv.Itoa(i) + ", calculation: \"concat(${c" + strconv.Itoa(i-1) + "}, ${c" + strconv.Itoa(i-1) + "})\"}\n")
	}
	f := compiled(t, b.String())
	for name, v := range f.Clean(form.Answers{"c0": {Text: strings.Repeat("x", 250)}}, env) {
		if len(v.Text) > 1<<16 {
			t.Errorf("%s has %d bytes", name, len(v.Text))
		}
	}
}

// A post of a few KB, or one number in it, must not make millions of rows.
func TestRowsThatNobodyFilledAreBounded(t *testing.T) {
	t.Parallel()
	const nested = `
- {type: integer, name: n, label: {de: N, en: N}}
- type: repeat
  name: a
  label: {de: A, en: A}
  %s
  children:
    - type: repeat
      name: b
      label: {de: B, en: B}
      %[1]s
      children:
        - type: repeat
          name: c
          label: {de: C, en: C}
          %[1]s
          children: [{type: text, name: x, label: {de: X, en: X}}]
`
	count := func(f *form.Form, v url.Values) (rows int, p form.Problems) {
		a := f.Read(v, "", nil)
		var walk func(items []form.Item)
		walk = func(items []form.Item) {
			for _, item := range items {
				if item.Repeat != nil {
					for _, row := range item.Repeat.Rows {
						rows++
						walk(row.Items)
					}
				}
			}
		}
		walk(f.View(a, "", nil, env).Items)
		return rows, f.Check(a, "", env)
	}
	counted := compiled(t, fmt.Sprintf(nested, `repeat_count: "${n}"`))
	if rows, p := count(counted, url.Values{"n": {"200"}}); rows > 2000 || !p.Errors() {
		t.Errorf("counted: %d rows, %v", rows, p.Errors())
	}
	free := compiled(t, strings.ReplaceAll(fmt.Sprintf(nested, "x_max: 200"), "  \n", ""))
	v := url.Values{"_rows:a": {"200"}}
	for i := range 200 {
		for j := range 9 {
			v.Set(fmt.Sprintf("_rows:a[%d].b[%d].c", i, j), "200")
		}
	}
	if rows, p := count(free, v); rows > 8000 || !p.Errors() {
		t.Errorf("shown: %d rows, %v", rows, p.Errors())
	}
}

// What JSON writes plainly and YAML does not take comes back all the same.
func TestAnyCharacterComesBackFromTheLibrary(t *testing.T) {
	t.Parallel()
	text := "a\u0085b\u007fc\u0093d\ufeffe\uffff\u2028f"
	d := &form.Definition{}
	d.Settings.ID, d.Settings.Version, d.Settings.Title = "t", "1", lang.Text{DE: text, EN: text}
	d.Survey = []*define.Question{{Type: "text", Name: "a", Label: lang.Text{DE: text, EN: text}}}
	f, found, err := form.ExamineDefinition(d, &define.Report{})
	if err != nil || f == nil {
		t.Fatal(err, found)
	}
	again, err := form.Compile("again", f.Canonical(), form.Stored())
	if err != nil || again.Hash != f.Hash || again.Fields()[0].Label.DE != text {
		t.Errorf("%v, %+v", err, again)
	}
}

func TestStoredFormsMayHaveWarnings(t *testing.T) {
	t.Parallel()
	src := []byte(definition("- {type: text, name: a, " + label + ", readonly: yes, default: x, constraint: \". = 'x'\", constraint_message: {de: x, en: x}}"))
	f, found, err := form.Examine("t.yaml", src)
	if err != nil || f == nil || len(found) != 1 {
		t.Fatal(err, found)
	}
	if _, err := form.Compile("again", f.Canonical(), form.Stored()); err != nil {
		t.Error(err)
	}
}

func TestOnceKeepsItsValueInRowsThatNobodyPosted(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: integer, name: n, "+label+"}\n- type: repeat\n  name: r\n  "+label+"\n  repeat_count: \"${n}\"\n  children: [{type: text, name: x, "+label+"}, {type: calculate, name: first, calculation: \"once(${n})\"}]")
	a := f.Settle(f.Read(url.Values{"n": {"2"}}, "", nil), env)
	a = f.Settle(f.Read(url.Values{"n": {"3"}}, "", a), env)
	var got []string
	for _, row := range f.Clean(a, env).Rows("r") {
		got = append(got, row.Text("first"))
	}
	if strings.Join(got, " ") != "2 2 3" {
		t.Errorf("kept: %v", got)
	}
}

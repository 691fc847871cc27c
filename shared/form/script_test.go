package form_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kokoma/shared/form"
)

// asked are the questions that the conditions made by chance ask for, with
// answers as people might type them.
var asked = []struct {
	name, entry string
	typed       []string
}{
	{"one", "type: select_one digits", []string{"", "1", "2", "10", "NA"}},
	{"other", "type: select_one digits, appearance: minimal", []string{"", "1", "2", "10", "NA"}},
	{"many", "type: select_multiple digits", []string{"", "1", "1 2", "2 10 NA", "NA"}},
	{"rank", "type: rank digits", []string{"", "NA", "10 2", "2 10 NA 1"}},
	{"box", "type: acknowledge", []string{"", "OK"}},
	{"int", "type: integer", []string{"", "0", "1", "-3", " 12 ", "007", "12.500", "2,0", "x", "1", "10"}},
	{"dec", "type: decimal", []string{"", "0", "1", "2,5", "-0,0", "0.75", "1.250", "2,50", "10,00", "abc", "1,"}},
	{"step", "{type: range, parameters: 'start=0 end=5 step=1'", []string{"", "0", "3", "5"}},
	{"half", "{type: range, parameters: 'start=0 end=2 step=0.5'", []string{"", "0", "0.5", "2"}},
	{"word", "type: text", []string{"", "a", "1", "Ä", "  1 ", "2026-03-01", "0x1f", "a b", "A\u0308", "\u202ea"}},
}

func askedForm(conditions []string) (*form.Form, error) {
	var b strings.Builder
	b.WriteString("- type: group\n  name: p\n  label: {de: S, en: P}\n  children:\n")
	for _, q := range asked {
		fmt.Fprintf(&b, "    - {%s, name: %s, %s}\n", strings.TrimPrefix(q.entry, "{"), q.name, label)
	}
	for i, c := range conditions {
		fmt.Fprintf(&b, "    - {type: note, name: n%d, label: {de: Hinweis, en: Note}, relevant: \"%s\"}\n", i, c)
	}
	return form.Compile("t.yaml", []byte(definition(b.String(), "choices: {digits: [{name: '1', label: {de: A, en: A}}, {name: '2', label: {de: B, en: B}}, {name: '10', label: {de: C, en: C}}, {name: NA, label: {de: D, en: D}}]}")))
}

// chance makes conditions.
type chance struct{ *rand.Rand }

func (c chance) pick(from ...string) string { return from[c.IntN(len(from))] }

func (c chance) condition(depth int) string {
	if depth == 0 {
		return c.comparison(0)
	}
	switch c.IntN(7) {
	case 0:
		return "(" + c.condition(depth-1) + " and " + c.condition(depth-1) + ")"
	case 1:
		return "(" + c.condition(depth-1) + " or " + c.condition(depth-1) + ")"
	case 2:
		return "not(" + c.condition(depth-1) + ")"
	case 3:
		return "if(" + c.condition(depth-1) + ", " + c.condition(depth-1) + ", " + c.condition(depth-1) + ")"
	}
	return c.comparison(depth - 1)
}

func (c chance) comparison(depth int) string {
	size := c.pick("<", "<=", ">", ">=", "=", "!=")
	switch c.IntN(7) {
	case 0:
		return "selected(${" + c.pick("one", "many", "rank") + "}, " + c.pick("'1'", "'2'", "'NA'") + ")"
	case 1:
		return "count-selected(${" + c.pick("many", "rank") + "}) " + size + " " + c.number(depth)
	case 2:
		return "${" + c.pick("one", "other") + "} " + c.pick("=", "!=") + " " + c.pick("'1'", "''", "'NA'", "${one}", "${other}")
	case 3:
		return "${word} " + c.pick("=", "!=") + " " + c.pick("'a'", "''", "'Ä'", "'1'")
	case 4:
		return "coalesce(${" + c.pick("one", "word", "int", "dec") + "}, ${" + c.pick("other", "word", "half") + "}) " + c.pick("=", "!=") + " " + c.pick("'1'", "''", "'2.5'", "'1.0'")
	case 5:
		return "${box} " + c.pick("=", "!=") + " " + c.pick("'OK'", "''")
	}
	return c.number(depth) + " " + size + " " + c.number(depth)
}

func (c chance) number(depth int) string {
	if depth <= 0 || c.IntN(2) == 0 {
		return c.pick("${int}", "${dec}", "${step}", "${half}", "${one}", "0", "1", "2.5", "10", "number(${word})", "-1")
	}
	return "(" + c.number(depth-1) + " " + c.pick("+", "-", "*", "div", "mod") + " " + c.number(depth-1) + ")"
}

func (c chance) answers() url.Values {
	v := url.Values{"box": {""}, "many": {""}}
	for _, q := range asked {
		typed := c.pick(q.typed...)
		if q.name == "many" || q.name == "rank" {
			v[q.name] = append(v[q.name], strings.Fields(typed)...)
			continue
		}
		v[q.name] = append(v[q.name], typed)
	}
	return v
}

// form has the conditions in it, or others where one of them can't be met.
func (c chance) form(t *testing.T, conditions []string) *form.Form {
	t.Helper()
	for range 1000 {
		f, err := askedForm(conditions)
		if err == nil {
			return f
		}
		m := regexp.MustCompile(`\bn(\d+)\b`).FindStringSubmatch(err.Error())
		if m == nil {
			t.Fatal(err)
		}
		i, _ := strconv.Atoi(m[1])
		conditions[i] = c.condition(3)
	}
	t.Fatal("no form can be made")
	return nil
}

// judged is one condition over one set of answers, judged by the server.
type judged struct {
	Source string          `json:"source"`
	If     json.RawMessage `json:"if"`
	Posted url.Values      `json:"posted"`
	Want   bool            `json:"want"`
}

// early are the conditions of the notes of the form, as the script gets them.
func early(items []form.Item) map[string]string {
	found := map[string]string{}
	for _, it := range items {
		if it.Early != nil {
			found[strings.TrimPrefix(it.Early.Items[0].Note.ID, "f-")] = it.Early.If
		}
	}
	return found
}

// The script may only show earlier what the server would show: both judge the
// same conditions over the same answers, as they are typed.
func TestTheScriptJudgesAsTheServerDoes(t *testing.T) {
	t.Parallel()
	c := chance{rand.New(rand.NewPCG(3, 14))}
	var cases []judged
	for range 10 {
		conditions := make([]string, 40)
		for i := range conditions {
			conditions[i] = c.condition(3)
		}
		f := c.form(t, conditions)
		for range 10 {
			posted := c.answers()
			a := f.Read(posted, "", nil)
			sources := early(f.View(a, "p", nil, env).Items)
			for i, condition := range conditions {
				src, ok := sources[fmt.Sprintf("n%d", i)]
				if !ok {
					continue
				}
				want, err := f.Eval(condition, a, env)
				if err != nil {
					t.Fatal(err)
				}
				cases = append(cases, judged{condition, json.RawMessage(src), posted, want})
			}
		}
	}
	runScript(t, "judge", cases)
}

// measured is a text with the number of its characters as the server counts.
type measured struct {
	Text string `json:"text"`
	Want int    `json:"want"`
}

func TestTheScriptCountsAsTheServerDoes(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: text, name: q, appearance: multiline, x_maxlength: 100, "+label+"}")
	c := chance{rand.New(rand.NewPCG(5, 9))}
	var cases []measured
	for range 2000 {
		var b strings.Builder
		for range c.IntN(12) {
			b.WriteString(c.pick("a", "Ä", "A\u0308", "😀", "👩\u200d👩", "\n", "\r\n", "\r", "\t", " ", "\u00a0", "\u202e", "\ufeff", "\x01", "\u0085", "e\u0301\u0301", "\u2028", "한"))
		}
		clean := f.Clean(f.Read(url.Values{"q": {b.String()}}, "", nil), env)
		cases = append(cases, measured{b.String(), utf8.RuneCountInString(clean.Text("q"))})
	}
	runScript(t, "count", cases)
}

// runScript lets node do what the server did.
func runScript(t *testing.T, what string, cases any) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is missing")
		}
		t.Skip("not run: node is not on the PATH")
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/judge.cjs", what)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func TestSavedNamesTheDayUnlessItIsToday(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 29, 12, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		saved time.Time
		env   form.Env
		want  string
	}{
		{time.Time{}, env, ""},
		{noon, env, "Gespeichert um 14:05 Uhr."},
		{noon, inEnglish(env), "Saved at 14:05."},
		{noon.AddDate(0, 0, -2), env, "Gespeichert am 27.03.2026 um 13:05 Uhr."},
	} {
		if got := form.Saved(c.saved, c.env); got != c.want {
			t.Errorf("saved %v: %q, want %q", c.saved, got, c.want)
		}
	}
}

// followUps are questions that others bring up, for what the script does with them.
const followUps = `- type: group
  name: p
  label: {de: S, en: P}
  children:
    - {type: hidden, name: secret}
    - {type: select_one YN, name: open, label: {de: Offen, en: Open}}
    - {type: text, name: why, label: {de: Warum, en: Why}, relevant: "${open} = 'Y'", required: "yes"}
    - {type: text, name: told, label: {de: Von anderen, en: By others}, relevant: "${open} = 'Y'", readonly: "yes"}
    - {type: text, name: match, label: {de: Gleich, en: Same}, relevant: "${open} = ${secret}"}
    - {type: text, name: behind, label: {de: Dahinter, en: Behind}, relevant: "${open} = 'Y' and ${secret} = 'x'"}
    - type: group
      name: more
      label: {de: Mehr, en: More}
      relevant: "${open} = 'Y' and ${why} != ''"
      children:
        - {type: note, name: hello, label: {de: Guten Tag, en: Hello}}
        - {type: text, name: deep, label: {de: Tief, en: Deep}, relevant: "${why} = 'x'"}
        - {type: text, name: deeper, label: {de: Von anderen, en: By others}, readonly: "yes"}
    - type: repeat
      name: row
      label: {de: Zeilen, en: Rows}
      children:
        - {type: select_one YN, name: kind, label: {de: Art, en: Kind}}
        - {type: text, name: other, label: {de: Andere, en: Other}, relevant: "${kind} = 'Y' and ${open} = 'Y'"}
        - {type: text, name: last, label: {de: Letzte, en: Last}, relevant: "position(..) = 2 and ${kind} = 'Y'"}
`

// What others answered is in no page before the server knows that it may be
// seen, neither as an output nor in a condition.
func TestNothingOfOthersIsPutReadyForTheScript(t *testing.T) {
	t.Parallel()
	f := compiled(t, followUps)
	a := form.Answers{"secret": {Text: "geheim"}, "told": {Text: "vertraulich"}, "deeper": {Text: "vertraulich"}}
	p := render(t, "form.fields", f.View(a, "p", nil, env))
	for _, bad := range []string{"geheim", "vertraulich", "Von anderen", "f-match", "f-last", "position"} {
		if strings.Contains(p.src, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	for _, id := range []string{"f-why", "f-deep", "f-hello", "f-row-0-other"} {
		if n := p.ids[id]; n == nil || inside(n, "template") == nil {
			t.Errorf("%s is not put ready", id)
		}
	}
	for _, want := range []string{`name="_shown:why"`, `name="_shown:hello"`, `name="_shown:row[0].other"`, `data-if="[&#34;=&#34;,[&#34;$&#34;,&#34;open&#34;,&#34;o&#34;],&#34;Y&#34;]"`, `[&#34;$&#34;,&#34;row[0].kind&#34;,&#34;o&#34;]`} {
		if !strings.Contains(p.src, want) {
			t.Errorf("%s is not in\n%s", want, p.src)
		}
	}
	if n := p.ids["f-behind"]; n != nil {
		t.Error("what a fixed answer rules out is put ready")
	}
	p.audit(t)
	// An attribute data-on… would be taken for a script by html/template.
	if !strings.Contains(p.src, `data-single="1 weitere Frage"`) || strings.Contains(p.src, "data-on") {
		t.Error("the words of the script are quoted")
	}
	open := f.Read(url.Values{"open": {"Y"}}, "p", a)
	p = render(t, "form.fields", f.View(open, "p", nil, env))
	if n := p.ids["f-why"]; n == nil || inside(n, "template") != nil || attr(inside(n, "div"), "class") == "" {
		t.Error("a relevant question is not on the page")
	}
}

func TestWhatTheScriptHasShownIsNotRevealedAgain(t *testing.T) {
	t.Parallel()
	f := compiled(t, followUps)
	v := url.Values{"open": {"Y"}, "why": {""}, "_rows:row": {"1"}, "row[0].kind": {"Y"}, "row[0].other": {""}}
	plain := f.Revealed(nil, f.Read(v, "p", nil), "p", env)
	v["_shown:why"], v["_shown:row[0].other"], v["_shown:nothing"] = []string{"1"}, []string{"1"}, []string{"1"}
	a := f.Read(v, "p", nil)
	scripted := f.Revealed(nil, a, "p", env)
	if got, want := strings.Join(plain, " "), "why told row[0].other"; got != want {
		t.Errorf("without scripts %q is revealed, want %q", got, want)
	}
	if got, want := strings.Join(scripted, " "), "told"; got != want {
		t.Errorf("with scripts %q is revealed, want %q", got, want)
	}
	if p := f.Check(a, "p", env); len(p) != 1 || p[0].Field != "why" {
		t.Errorf("problems: %v", p)
	}
	if _, there := f.Clean(a, env)["_shown"]; there {
		t.Error("what the script has shown is handed in")
	}
	if again := f.Read(url.Values{"open": {"N"}}, "p", a); len(again.Choices("_shown")) > 0 {
		t.Error("the marks of the last page are kept")
	}
}

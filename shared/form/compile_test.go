package form_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"kokoma/shared/form"
)

func TestFaultsOfADefinitionAreNamedWithTheirLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ survey, want string }{
		{"- {type: txt, name: a, " + label + "}", `test.yaml:4: a has the type "txt"; types are acknowledge`},
		{"- {type: text, name: a, " + label + ", lable: x}", `a has the unknown key "lable"; did you mean label?`},
		{"- {type: text, name: a, " + label + ", zzz: x}", `a has the unknown key "zzz"; known are appearance,`},
		{"- {type: text, name: a}", "a has no label"},
		{"- {type: text, name: a, label: {de: Frage}}", "label has no English text"},
		{"- {type: text, name: a, label: {en: Question}}", "label has no German text"},
		{"- {type: text, name: a, label: Frage}", "label needs both languages"},
		{"- {type: text, name: a, label: {de: 'x ${a}', en: y}}", "answers can't stand in texts"},
		{"- {type: text, name: a, label: {de: x, en: y, fr: z}}", `label has the unknown key "fr"`},
		{"- {type: text, " + label + "}", "a text has no name"},
		{"- {type: text, name: 1a, " + label + "}", `the name "1a" is not possible`},
		{"- {type: text, name: _a, " + label + "}", `the name "_a" is not possible`},
		{"- {type: text, name: a, " + label + "}\n- {type: text, name: a, " + label + "}", "test.yaml:5: the name a is given twice, first in line 4"},
		{"- {type: text, name: a, " + label + ", name: b}", "a has the key name twice"},
		{"- {type: select_one OL-CTYP, name: a, " + label + "}", `unknown list "OL-CTYP"; did you mean OL-CTYPE?`},
		{"- {type: select_one, name: a, " + label + "}", "write `select_one LIST`"},
		{"- {type: text YN, name: a, " + label + "}", "the type text takes no list"},
		{"- {type: text, name: a, appearance: likrt, " + label + "}", "text can have only email, month-year, multiline"},
		{"- {type: text, name: a, " + label + ", relevant: \"${b} = 1\"}", "a: relevant: at character 1: there is no question ${b}"},
		{"- {type: text, name: a, " + label + ", relevant: \"1 +\"}", "a: relevant: at character 4: the expression ends too early"},
		{"- {type: text, name: a, " + label + ", relevant: \"false()\"}", "a can never be reached"},
		{"- {type: text, name: a, " + label + ", relevant: \"${a} = 'x'\"}", "a depends on itself: a → a"},
		{"- {type: text, name: a, " + label + ", relevant: \"${b} = 'x'\"}\n- {type: text, name: b, " + label + ", relevant: \"${a} = 'x'\"}", "depends on itself: a → b → a"},
		{"- {type: calculate, name: a, calculation: \"${b} + 1\"}\n- {type: calculate, name: b, calculation: \"${a}\"}", "a → b → a"},
		{"- {type: group, name: g, " + label + ", relevant: \"${a} = 'x'\", children: [{type: text, name: a, " + label + "}]}", "g → a → g"},
		{"- {type: calculate, name: a}", "a is a calculate without calculation"},
		{"- {type: text, name: a, " + label + ", constraint: \". = 'x'\"}", "a constraint without constraint_message"},
		{"- {type: text, name: a, " + label + ", constraint: \"1 = 1\", constraint_message: {de: x, en: y}}", "it should look at the own answer"},
		{"- {type: note, name: a, " + label + ", required: yes}", "required does not go with the type note"},
		{"- {type: integer, name: a, " + label + ", x_max: 3}", "x_max does not go with the type integer; numbers and dates have parameters"},
		{"- {type: text, name: a, " + label + ", parameters: \"min=1\"}", "texts have x_minlength"},
		{"- {type: integer, name: a, " + label + ", parameters: \"min=x\"}", `"x" is no number`},
		{"- {type: integer, name: a, " + label + ", parameters: \"min=5 max=3\"}", "min is above max"},
		{"- {type: integer, name: a, " + label + ", parameters: \"least=5\"}", `"least" is unknown; min, max and step are known`},
		{"- {type: integer, name: a, " + label + ", parameters: \"step=0\"}", "a number above 0"},
		{"- {type: date, name: a, " + label + ", parameters: \"min=gestern\"}", "write 2026-03-01, today,"},
		{"- {type: date, name: a, " + label + ", parameters: \"step=1\"}", "step is for numbers only"},
		{"- {type: text, name: a, " + label + ", x_minlength: 9, x_maxlength: 3}", "which no answer can keep"},
		{"- {type: text, name: a, " + label + ", x_minlength: viele}", "x_minlength must be a whole number"},
		{"- {type: select_multiple YN, name: a, " + label + ", x_min: 3}", "x_min is 3, but YN has only 2 choices"},
		{"- {type: select_multiple YN, name: a, " + label + ", x_max: 0}", "less than x_min or 1"},
		{"- {type: select_multiple YN, name: a, " + label + ", x_exclusive: Q}", "Q, which is no choice of YN"},
		{"- {type: select_one YN, name: a, " + label + ", default: Q}", "Q is no choice of YN"},
		{"- {type: date, name: a, " + label + ", default: morgen}", "this is not possible for the type date"},
		{"- {type: acknowledge, name: a, " + label + ", default: yes}", "an acknowledge can only be OK"},
		{"- {type: text, name: a, " + label + ", readonly: \"${b}\"}", "it can be yes or no; where it depends"},
		{"- {type: text, name: a, " + label + ", readonly: yes, required: yes}", "readonly and required"},
		{"- {type: text, name: a, " + label + ", x_class: secret}", "x_class is \"secret\"; it can be org, case"},
		{"- {type: text, name: a, " + label + ", x_autocomplete: 'E Mail'}", "a token of HTML"},
		{"- {type: text, name: a, " + label + ", x_unique: yes}", "x_unique compares the rows of a repeat"},
		{"- {type: text, name: a, " + label + ", x_checks: [{level: error, message: {de: x, en: y}}]}", "the check has no when"},
		{"- {type: text, name: a, " + label + ", x_checks: [{when: \"true()\", level: fatal, message: {de: x, en: y}}]}", `level is "fatal"; it can be error, warning or hint`},
		{"- {type: text, name: a, " + label + ", x_checks: [{when: \"true()\", level: hint}]}", "the check has no message"},
		{"- {type: text, name: a, " + label + ", children: []}", "only group and repeat can"},
		{"- {type: group, name: a, " + label + "}", "a has no children"},
		{"- {type: repeat, name: r, " + label + ", children: [{type: repeat, name: q, " + label + ", children: [{type: repeat, name: p, " + label + ", children: [{type: repeat, name: o, " + label + ", children: [{type: text, name: a, " + label + "}]}]}]}]}", "o stands in more than 3 repeats"},
		{"- {type: text, name: a, " + label + ", appearance: likert}", "the appearance likert has no effect here"},
		{"- {type: geopoint, name: a, " + label + "}", "a has the type geopoint, which is not taken here: places of persons are not collected"},
		{"- {type: text, name: a, " + label + ", image: x.png}", "image is not taken here: pictures"},
		{"- {type: text, name: a, " + label + "}\n- {type: text, name: A, " + label + "}", "the names A and a (line 4) differ in capitals only"},
		{"- {type: text, name: " + strings.Repeat("a", 65) + ", " + label + "}", "statistics programs such as SPSS take at most 64"},
		{"- {type: hidden, name: a, constraint: \"1 = 1\", constraint_message: {de: x, en: y}}", "constraint does not go with the type hidden; nobody enters anything here"},
		{"- {type: text, name: a, " + label + ", readonly: yes, constraint: \". = 'x'\", constraint_message: {de: x, en: y}}", "it is never applied"},
		{"- {type: select_one YN, name: a, " + label + "}\n- {type: group, name: g, " + label + ", relevant: \"${a} = 'Y'\", children: [{type: text, name: b, " + label + ", relevant: \"${a} = 'N'\"}]}", "b can never be reached: no answer to the questions"},
		{"- {type: repeat, name: r, " + label + ", repeat_count: 1000000, children: [{type: text, name: a, " + label + "}]}", "repeat_count asks for more than 200 rows"},
		{"- {type: repeat, name: r, " + label + ", repeat_count: 2, x_min: 1, children: [{type: text, name: a, " + label + "}]}", "repeat_count fixes the number of rows"},
		{"- {type: range, name: a, " + label + ", parameters: \"min=1\"}", "a range has start, end and step"},
		{"- {type: range, name: a, " + label + ", parameters: \"end=1000000\"}", "more than 1000 steps"},
		{"- {type: text, name: a, " + label + ", x_alias: \"ä\"}", "is no name of a question"},
		{"- {type: text, name: a, " + label + ", x_wave: \"T0 T:1\"}", "x_wave has \"T:1\""},
		{"- {type: group, name: g, appearance: table-list, " + label + ", children: [{type: text, name: a, " + label + "}]}", "a can't stand in the table-list g"},
		{"- {type: repeat, name: r, " + label + ", children: [{type: integer, name: a, " + label + "}]}\n- {type: text, name: b, " + label + ", relevant: \"${a} > 1\"}", "${a} has many rows"},
		{"- {type: text, name: a, " + label + ", default: \"${b}\"}", "there is no question ${b}"},
		{"- text", "a question must be written as keys with values"},
		{"  a: 1", "survey and children must be a list"},
		{"- {type: select_one YN, name: a, " + label + ", choice_filter: \"name = 'Q'\"}", "'Q' is none of the choices Y, N"},
		{"- *x", "this is not valid YAML"},
		{"- {type: text, name: a, label: {de: Wann?, en: When?}}", "need quotes"},
	} {
		_, err := form.Compile("test.yaml", []byte(definition(c.survey)))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "test.yaml:") {
			t.Errorf("%s:\n got %v\nwant %s", c.survey, err, c.want)
		}
	}
}

func TestFaultsOfTheWholeFileAreNamed(t *testing.T) {
	t.Parallel()
	const survey = "\nsurvey: [{type: text, name: a, " + label + "}]"
	for src, want := range map[string]string{
		"":                      "not valid YAML",
		"null":                  "must be written as keys",
		"a: 1":                  "the definition has no settings",
		"settings: {}":          "the definition has no survey",
		"settings: {}" + survey: "settings lack form_id",
		"settings: {form_id: a, version: 1}" + survey:                                                                                                            "settings lack title",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}, default_language: en}" + survey:                                                               "German is authoritative",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}, style: pages}" + survey:                                                                       "a stands on no page",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {l: []}" + survey:                                                                   "the list l is empty",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {l: [{name: x, label: {de: x, en: x}}]}" + survey:                                   "the list l is used by no question",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {l: [{name: x y, label: {de: x, en: x}}]}" + survey:                                 "a name has letters",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {l: [{name: x}]}" + survey:                                                          "has no label",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {l: [{name: x, label: {de: x, en: x}}, {name: x, label: {de: x, en: x}}]}" + survey: "has the choice x twice",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}\nchoices: {YN: [{name: x, label: {de: x, en: x}}]}" + survey:                                  "the name of a shipped list",
		"settings: {form_id: a, version: 1, title: {de: x, en: y}}" + survey + "\n---\na: 1":                                                                     "a second document",
		strings.Repeat("#", 1<<20+1): "larger than 1 MB",
	} {
		_, err := form.Compile("test.yaml", []byte(src))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.300s:\n got %v\nwant %s", src, err, want)
		}
	}
}

func TestAllFaultsComeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := form.Compile("test.yaml", []byte(definition("- {type: txt, name: a, "+label+"}\n- {type: text, name: b}\n- {type: text, name: c, "+label+", relevant: \"${q} = 1\"}")))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "test.yaml:4:") || !strings.HasPrefix(lines[2], "test.yaml:6:") {
		t.Errorf("want three faults in order of lines, got:\n%v", err)
	}
}

func TestLaterQuestionsMayBeAskedFor(t *testing.T) {
	t.Parallel()
	compiled(t, "- {type: text, name: a, "+label+", relevant: \"${b} = 'x'\"}\n- {type: text, name: b, "+label+"}")
}

func TestHashFollowsTheContentOnly(t *testing.T) {
	t.Parallel()
	hash := func(survey string) string { return compiled(t, survey).Hash }
	base := hash("- {type: text, name: a, " + label + "}")
	if other := hash("# a comment\n- name: a\n  type:   text\n  label:\n    en: Question\n    de: Frage\n"); other != base {
		t.Error("layout changes the hash")
	}
	if hash("- {type: text, name: a, "+label+", required: yes}") == base {
		t.Error("a rule does not change the hash")
	}
	if len(base) != 64 {
		t.Errorf("the hash is %q", base)
	}
}

func TestAnchorsMaySpareRepetition(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: text, name: a, label: &l {de: Frage, en: Question}}\n- {type: text, name: b, label: *l}")
	if got, _ := f.Field("b"); got.Label.EN != "Question" {
		t.Errorf("the alias reads %+v", got.Label)
	}
	bomb := "- &a {type: group, name: g, " + label + ", children: [" + strings.Repeat("*a, ", 600) + "]}"
	if _, err := form.Compile("x", []byte(definition(bomb))); err == nil {
		t.Error("a definition that contains itself is accepted")
	}
}

func TestShippedListsHaveBothLanguages(t *testing.T) {
	t.Parallel()
	lists := form.Lists()
	if len(lists) != 29+8+5 {
		t.Errorf("there are %d lists", len(lists))
	}
	for name, want := range map[string]int{"OL-MUNI": 7, "OL-AFF": 13, "AGR5": 6, "MAT5": 5, "REC11": 12, "ESC9": 10, "YPN": 4, "YN": 2, "GLASL": 9, "CONF3": 3} {
		if got := len(lists[name].Choices); got != want {
			t.Errorf("%s has %d choices, want %d", name, got, want)
		}
	}
	for name, list := range lists {
		for _, c := range list.Choices {
			if c.Name == "" || c.Label.DE == "" || c.Label.EN == "" || list.Label.EN == "" {
				t.Errorf("%s: %+v lacks a text", name, c)
			}
		}
	}
	if c, _ := lists["AGR5"].Choice("NA"); c.Label.DE != "kann ich nicht beurteilen" {
		t.Errorf("NA of AGR5 is %+v", c)
	}
}

// FuzzCompile: whatever is in the file, compiling ends with a form or with
// faults that name the file, and a form's canonical definition compiles to the
// same form.
func FuzzCompile(f *testing.F) {
	all, err := fs.ReadFile(os.DirFS("testdata"), "everything.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(all))
	f.Add(definition("- {type: text, name: a, " + label + "}"))
	f.Add("&a [*a]")
	f.Add("settings: *x")
	f.Fuzz(func(t *testing.T, src string) {
		x, err := form.Compile("f.yaml", []byte(src))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml:") {
				t.Fatalf("a fault without a place: %v", err)
			}
			return
		}
		again, err := form.Compile("again", x.Canonical(), form.Stored())
		if err != nil || again.Hash != x.Hash {
			t.Fatalf("the canonical definition is another form: %v\n%s", err, x.Canonical())
		}
		x.Check(x.Read(nil, "", nil), "", env)
		x.View(nil, "", nil, env)
	})
}

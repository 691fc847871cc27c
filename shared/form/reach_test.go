package form_test

import (
	"strings"
	"testing"

	"kokoma/shared/form"
)

const regions = `choices:
  land: [{name: n, label: {de: N, en: N}}, {name: s, label: {de: S, en: S}}]
  place: [{name: p1, label: {de: P, en: P}, attributes: {land: n}}, {name: p2, label: {de: P, en: P}, attributes: {land: w}}]
`

func TestQuestionsThatCanNeverShowAreFound(t *testing.T) {
	t.Parallel()
	const yn = "- {type: select_one YN, name: a, " + label + "}\n- {type: select_one YN, name: b, " + label + "}\n"
	for _, c := range []struct {
		survey string
		never  bool
	}{
		{yn + "- {type: text, name: q, " + label + ", relevant: \"${a} = 'Y' and ${a} = 'N'\"}", true},
		{yn + "- {type: text, name: q, " + label + ", relevant: \"${a} = 'Y' and ${b} = 'N'\"}", false},
		{yn + "- {type: text, name: q, " + label + ", relevant: \"${a} = '' and ${b} != ''\"}", false},
		{yn + "- {type: group, name: g, " + label + ", relevant: \"${a} = 'Y'\", children: [{type: group, name: h, " + label + ", relevant: \"${b} = 'Y'\", children: [{type: text, name: q, " + label + ", relevant: \"${a} = 'N' or ${b} = 'N'\"}]}]}", true},
		{yn + "- {type: text, name: q, " + label + ", relevant: \"${a} = 'Y' and today() > date('2030-01-01')\"}", false},
		{yn + "- {type: text, name: t, " + label + "}\n- {type: text, name: q, " + label + ", relevant: \"${t} = 'x' and ${t} = 'y'\"}", false},
	} {
		_, err := form.Compile("test.yaml", []byte(definition(c.survey)))
		if got := err != nil && strings.Contains(err.Error(), "q can never be reached: no answer"); got != c.never {
			t.Errorf("%s\nnever: want %v, got %v", c.survey, c.never, err)
		}
	}
}

func TestChoicesThatAreNeverOfferedAreFound(t *testing.T) {
	t.Parallel()
	const survey = "- {type: select_one land, name: land, " + label + "}\n- {type: select_one place, name: p, " + label + ", choice_filter: \"land = ${land}\"}"
	f, found, err := form.Examine("test.yaml", []byte(definition(survey, regions)))
	if err != nil || f == nil || len(found) != 1 {
		t.Fatalf("%v, %v, %v", f, found, err)
	}
	if w := found[0]; !w.Warning || w.Text.DE != "Die Antwort p2 der Liste place kann bei p nie zur Wahl stehen: Der choice_filter lässt sie bei keiner Antwort zu." || w.At.Line != 4 {
		t.Errorf("found %+v", w)
	}
}

func TestAFormWithoutEnglishCanBeUsedWithAWarning(t *testing.T) {
	t.Parallel()
	src := []byte("settings: {form_id: t, version: '1', title: {de: T}}\nsurvey:\n- {type: text, name: a, label: {de: Frage}}")
	f, found, err := form.Examine("t.yaml", src)
	if err != nil || f == nil || len(found) != 2 || !found[0].Warning || found[1].At.Line != 3 {
		t.Fatalf("%v %v %v", f, found, err)
	}
	if got := f.View(nil, "", nil, inEnglish(env)).Items[0].Input.Label; got != "Frage" {
		t.Errorf("the English page says %q", got)
	}
	if _, err := form.Compile("t.yaml", src); err == nil {
		t.Error("what we ship may lack English")
	}
}

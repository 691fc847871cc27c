package mail_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kokoma/shared/mail"
)

// file is a file system with one mail.yaml.
func file(src string) fs.FS {
	return fstest.MapFS{"mail.yaml": {Data: []byte(src)}}
}

func TestTemplatesNameEveryFaultWithItsLine(t *testing.T) {
	t.Parallel()
	const good = "\n  subject: {de: a, en: a}\n  core: {de: a, en: a}\n"
	for _, c := range []struct{ name, src, want string }{
		{"unknown class", "m:\n  class: soon" + good, `mail.yaml:1: m: class must be`},
		{"no class", "m:" + good, `mail.yaml:1: m: class must be`},
		{"no subject", "m:\n  class: step\n  core: {de: a, en: a}", `mail.yaml:1: m: subject is missing`},
		{"no core", "m:\n  class: step\n  subject: {de: a, en: a}", `mail.yaml:1: m: core is missing`},
		{"unknown name", "m:\n  class: step\n  sujet: {de: a, en: a}" + good, `mail.yaml:3: m: sujet`},
		{"unknown frame", "m:\n  class: step\n  frame: letter" + good, `mail.yaml:3: m: frame: letter`},
		{"no English", "m:\n  class: step\n  subject: {de: a}\n  core: {de: a, en: a}", `mail.yaml:3: subject: needs both`},
		{"third language", "m:\n  class: step\n  action: {de: a, en: a, fr: a}" + good, `mail.yaml:3: action: language "fr"`},
		{"empty text", "m:\n  class: step\n  action: {de: a, en: ' '}" + good, `mail.yaml:3: action: en: the text is empty`},
		{"other parameters", "m:\n  class: step\n  action: {de: '{{x}}', en: '{{y}}'}" + good, `mail.yaml:3: action: parameters differ`},
		{"optional in one", "m:\n  class: step\n  action: {de: '{{x}}', en: '[[{{x}}]]'}" + good, `mail.yaml:3: action: parameters differ`},
		{"broken markup", "m:\n  class: step\n  action: {de: 'a {{x', en: a}" + good, `mail.yaml:3: action: de: a parameter is written`},
		{"key of ours", "step:\n  class: step" + good, `mail.yaml:1: "step": a mail's key is unique`},
		{"key twice", "m:\n  class: step" + good + "m:\n  class: step" + good, `mail.yaml:5: "m" was given before`},
		{"bad key", "M-1:\n  class: step" + good, `mail.yaml:1: "M-1"`},
		{"frame", "frame:\n  greeting: {de: a, en: a}", `mail.yaml:1: "frame"`},
		{"long subject", "m:\n  class: step\n  core: {de: a, en: a}\n  subject:\n    de: \"a\\n\\nb\"\n    en: \"a\\n\\nb\"", `mail.yaml:1: m: subject and line are one paragraph`},
		{"no mapping", "m: [a]", `mail.yaml:1: expected names`},
		{"no YAML", "m: {", `mail.yaml: yaml`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := mail.LoadTemplates(file(c.src))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("LoadTemplates(%q) = %v, want an error with %q", c.src, err, c.want)
			}
		})
	}
}

func TestTemplatesReportAllFaultsAtOnceAcrossFiles(t *testing.T) {
	t.Parallel()
	_, err := mail.LoadTemplates(file("a:\n  class: x"), file("a:\n  class: y"), fstest.MapFS{})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`a: class must`, `"a": a mail's key is unique`, "file does not exist"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}

func TestOwnTemplatesAreTheOnesPromised(t *testing.T) {
	t.Parallel()
	texts, err := mail.LoadTemplates()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"escalate_svc", "escalate_tan", "remind1", "remind2", "returned", "step", "step_digest"}
	if !slices.Equal(texts.Keys(), want) {
		t.Errorf("Keys() = %v, want %v", texts.Keys(), want)
	}
	if got, want := texts.Params("step"), []string{"ask", "case_no?", "deputy_for?", "deputy_role?", "due_date", "handed_by?", "minutes?", "news?", "step_title"}; !slices.Equal(got, want) {
		t.Errorf("Params(step) = %v, want %v", got, want)
	}
	if texts.Params("nothing") != nil || texts.Class("nothing") != "" || texts.Class("step") != mail.Step {
		t.Error("Params or Class of an unknown template, or the class of step, is wrong")
	}
}

package mail

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/lang"
	"kokoma/shared/mail/markup"
)

// mailFile is where each package keeps its mails, at the root of what it embeds.
const mailFile = "mail.yaml"

//go:embed mail.yaml
var own embed.FS

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// both is one text in both languages, compiled.
type both map[lang.Lang]markup.Text

// template is one mail: what its author writes beside the frame.
type template struct {
	Class   Class
	Framed  bool // by the frame of step mails: handover, discretion
	Subject both
	Core    both
	Action  both // label of the main link
	Line    both // what stands for the mail in a digest; else its subject and core
}

// Templates are the texts of all mails.
type Templates struct {
	byKey map[string]*template
	frame map[string]both
	later func() *Templates // of Lazy ones
}

// Lazy are templates that are read when the first one is asked for; see
// lang.Lazy. From broken ones every template is missing.
func Lazy(fsys ...fs.FS) *Templates {
	return &Templates{later: sync.OnceValue(func() *Templates {
		t, err := LoadTemplates(fsys...)
		if err != nil {
			return &Templates{}
		}
		return t
	})}
}

// loaded gives the templates themselves.
func (t *Templates) loaded() *Templates {
	if t.later != nil {
		return t.later()
	}
	return t
}

// frameTexts is what the reserved key "frame" of this package's mail.yaml gives.
var frameTexts = []string{
	"greeting", "handover", "discretion", "contact", "closing", "sender",
	"imprint", "privacy", "accessibility", "easy", "trial",
}

// templateTexts says of each text of a template whether it may be left out.
var templateTexts = map[string]bool{"subject": false, "core": false, "action": true, "line": true}

// LoadTemplates reads mail.yaml of this package and of every file system:
//
//	m_received:
//	  class: asked          # asked, step or safety
//	  frame: step           # only for mails that ask for a step
//	  subject: {de: "…", en: "…"}
//	  core: {de: "…", en: "…"}     # paragraphs before the main link
//	  action: {de: "…", en: "…"}   # label of the main link
//	  line: {de: "…", en: "…"}     # in a digest, instead of subject and core
//
// Nothing else is read, nothing may be missing in one language, and both take
// the same parameters. All faults are reported at once, each with its line.
func LoadTemplates(fsys ...fs.FS) (*Templates, error) {
	t := &Templates{byKey: map[string]*template{}, frame: map[string]both{}}
	faults := t.read(own, true)
	for _, f := range fsys {
		faults = append(faults, t.read(f, false)...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return t, nil
}

// Keys lists the templates in order.
func (t *Templates) Keys() []string { return slices.Sorted(maps.Keys(t.loaded().byKey)) }

// Class returns by which limits mails of the template go out.
func (t *Templates) Class(key string) Class {
	if m, ok := t.loaded().byKey[key]; ok {
		return m.Class
	}
	return ""
}

// Params lists the parameters that a template takes, those that may be left
// out with a "?" behind them.
func (t *Templates) Params(key string) []string {
	m, ok := t.loaded().byKey[key]
	if !ok {
		return nil
	}
	var all []string
	for _, text := range []both{m.Subject, m.Core, m.Action, m.Line} {
		all = append(all, text[lang.DE].Params()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (t *Templates) read(fsys fs.FS, ours bool) []error {
	src, err := fs.ReadFile(fsys, mailFile)
	if err != nil {
		return []error{fmt.Errorf("reading mails: %w", err)}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return []error{fmt.Errorf("%s: %v", mailFile, err)}
	}
	if len(doc.Content) == 0 {
		return nil
	}
	var faults []error
	for key, value := range fields(doc.Content[0], &faults) {
		if ours && key.Value == "frame" {
			t.readFrame(value, &faults)
			continue
		}
		if t.byKey[key.Value] != nil || key.Value == "frame" || !keyForm.MatchString(key.Value) {
			faults = append(faults, fault(key, "%q: a mail's key is unique, of small letters, digits and _, and not frame", key.Value))
			continue
		}
		t.byKey[key.Value] = readTemplate(key, value, &faults)
	}
	return faults
}

func (t *Templates) readFrame(value *yaml.Node, faults *[]error) {
	for name, text := range fields(value, faults) {
		if !slices.Contains(frameTexts, name.Value) {
			*faults = append(*faults, fault(name, "frame: no such text: %q", name.Value))
			continue
		}
		t.frame[name.Value] = readBoth(name, text, faults)
	}
	for _, name := range frameTexts {
		if t.frame[name] == nil {
			*faults = append(*faults, fault(value, "frame: %q is missing", name))
		}
	}
}

func readTemplate(key, value *yaml.Node, faults *[]error) *template {
	m, texts := &template{}, map[string]both{}
	for name, v := range fields(value, faults) {
		_, isText := templateTexts[name.Value]
		switch {
		case isText:
			texts[name.Value] = readBoth(name, v, faults)
		case name.Value == "class":
			m.Class = Class(v.Value)
		case name.Value == "frame" && v.Value == "step":
			m.Framed = true
		default:
			*faults = append(*faults, fault(name, "%s: %s: %s is not known here", key.Value, name.Value, v.Value))
		}
	}
	if !slices.Contains([]Class{Asked, Step, Safety}, m.Class) {
		*faults = append(*faults, fault(key, "%s: class must be asked, step or safety", key.Value))
	}
	for _, name := range slices.Sorted(maps.Keys(templateTexts)) {
		if texts[name] == nil && !templateTexts[name] {
			*faults = append(*faults, fault(key, "%s: %s is missing", key.Value, name))
		}
	}
	if len(texts["subject"][lang.DE]) > 1 || len(texts["line"][lang.DE]) > 1 {
		*faults = append(*faults, fault(key, "%s: subject and line are one paragraph", key.Value))
	}
	m.Subject, m.Core, m.Action, m.Line = texts["subject"], texts["core"], texts["action"], texts["line"]
	return m
}

// readBoth reads {de: …, en: …}.
func readBoth(name, value *yaml.Node, faults *[]error) both {
	out := both{}
	for l, text := range fields(value, faults) {
		g := lang.Lang(l.Value)
		if g != lang.DE && g != lang.EN {
			*faults = append(*faults, fault(l, "%s: language %q; only de and en are known", name.Value, l.Value))
			continue
		}
		m, err := markup.Parse(text.Value)
		if err == nil && strings.TrimSpace(text.Value) == "" {
			err = errors.New("the text is empty")
		}
		if err != nil {
			*faults = append(*faults, fault(text, "%s: %s: %v", name.Value, g, err))
		}
		out[g] = m
	}
	if out[lang.DE] == nil || out[lang.EN] == nil {
		*faults = append(*faults, fault(name, "%s: needs both, {de: …, en: …}", name.Value))
	} else if de, en := out[lang.DE].Params(), out[lang.EN].Params(); !slices.Equal(de, en) {
		*faults = append(*faults, fault(name, "%s: parameters differ: de has %v, en has %v", name.Value, de, en))
	}
	return out
}

// fields walks through a mapping; a name given twice is a fault.
func fields(n *yaml.Node, faults *[]error) func(yield func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			*faults = append(*faults, fault(n, "expected names with values, such as {de: …, en: …}"))
			return
		}
		seen := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			k := n.Content[i]
			if seen[k.Value] {
				*faults = append(*faults, fault(k, "%q was given before", k.Value))
				continue
			}
			seen[k.Value] = true
			if !yield(k, n.Content[i+1]) {
				return
			}
		}
	}
}

func fault(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", mailFile, at.Line, fmt.Sprintf(format, args...))
}

package define

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form/expr"
	"kokoma/shared/lang"

	"go.yaml.in/yaml/v3"
)

// Bounds of a definition; the largest that we know has a tenth of them.
const (
	maxSource  = 1 << 20
	maxAliases = 500

	MaxQuestions = 2000
	MaxNesting   = 8
	// MaxChoices of a list: a register of all municipalities is a look-up, not
	// a choice list.
	MaxChoices = 2000
)

// yamlReader reads one file into a definition.
type yamlReader struct {
	*Report
	stored    bool // tolerate keys that newer versions may have written
	questions int
	aliases   int
}

// ReadYAML reads a definition and reports what can't be read, each fault with
// its line; nil if there is nothing to look at. What the entries mean is judged
// by package model. A stored definition may have keys that this version does
// not know.
func ReadYAML(src []byte, stored bool, r *Report) *Definition {
	y := &yamlReader{Report: r, stored: stored}
	root, ok := y.document(src)
	if !ok {
		return nil
	}
	return y.definition(root)
}

func at(n *yaml.Node) Place { return Place{Line: n.Line} }

// document parses the source to its one top-level mapping.
func (r *yamlReader) document(src []byte) (*yaml.Node, bool) {
	if len(src) > maxSource {
		r.Fail(Place{Line: 1}, "define.large")
		return nil, false
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(src)))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		r.Fail(Place{Line: lineIn(err)}, "define.yaml", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, false
	}
	if decoder.Decode(&more) == nil {
		r.Fail(at(&more), "define.second")
		return nil, false
	}
	if len(doc.Content) == 0 {
		r.Fail(Place{Line: 1}, "define.empty")
		return nil, false
	}
	return doc.Content[0], true
}

// lineIn finds the line that a YAML error names.
func lineIn(err error) int {
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		digits, _, _ := strings.Cut(rest, ":")
		if n, err := strconv.Atoi(digits); err == nil {
			return n
		}
	}
	return 1
}

// take takes the value of one key.
type take func(n *yaml.Node)

// mapping gives each key's value to its reader and says where the keys stand.
func (r *yamlReader) mapping(n *yaml.Node, what spoken, readers map[string]take) Places {
	places := Places{"": at(n)}
	if n.Kind != yaml.MappingNode {
		r.Fail(at(n), "define.mapping", what)
		return places
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := places[key.Value]; twice && key.Value != "" {
			r.Fail(at(key), "define.key.twice", what, key.Value)
			continue
		}
		places[key.Value] = at(key)
		read, known := readers[key.Value]
		if !known {
			r.unknownKey(key, what, readers)
			continue
		}
		read(r.target(value))
	}
	return places
}

func (r *yamlReader) unknownKey(key *yaml.Node, what spoken, readers map[string]take) {
	if r.stored {
		return
	}
	if why, refused := Refused(key.Value); refused {
		r.Fail(at(key), "define.refused.key", key.Value, why)
		return
	}
	known := slices.Collect(maps.Keys(readers))
	if _, question := readers["x_checks"]; question { // readers are made for the keys that stand there
		q := &Question{}
		known = slices.Concat(known, slices.Collect(maps.Keys(q.Values())), slices.Collect(maps.Keys(q.Texts())), slices.Collect(maps.Keys(q.Numbers())))
		slices.Sort(known)
		known = slices.Compact(known)
	}
	slices.Sort(known)
	r.Fail(at(key), "define.key.unknown", what, key.Value, Suggestion(key.Value, known))
}

// Suggestion helps with a name that is not known: the one that was probably
// meant, or all of them.
func Suggestion(name string, known []string) lang.Text {
	if near := expr.Nearest(name, known); near != "" {
		return Say("define.meant", near)
	}
	return Say("define.known", strings.Join(known, ", "))
}

func (r *yamlReader) sequence(n *yaml.Node, what spoken, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.Fail(at(n), "define.sequence", what)
		return
	}
	for _, item := range n.Content {
		each(r.target(item))
	}
}

// target follows an alias (*name) to what was anchored (&name). The bound
// keeps aliases of aliases from growing without end.
func (r *yamlReader) target(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.AliasNode {
		return n
	}
	if r.aliases++; r.aliases > maxAliases {
		if r.aliases == maxAliases+1 {
			r.Fail(at(n), "define.aliases", maxAliases)
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
	}
	return n.Alias
}

func (r *yamlReader) scalar(key string, to *string) take {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			r.Fail(at(n), "define.scalar", key)
			return
		}
		if n.Tag != "!!null" {
			*to = strings.TrimSpace(n.Value)
		}
	}
}

func (r *yamlReader) number(key string, to **int) take {
	return func(n *yaml.Node) {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 || i > 1_000_000 {
			r.Fail(at(n), "define.number", key)
			return
		}
		*to = &i
	}
}

// text reads {de: …, en: …}.
func (r *yamlReader) text(key string, to *lang.Text) take {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			r.Fail(at(n), "define.text", key)
			return
		}
		r.mapping(n, verbatim(key), map[string]take{"de": r.scalar("de", &to.DE), "en": r.scalar("en", &to.EN)})
	}
}

// verbatim is the same in every language.
type verbatim string

func (v verbatim) In(lang.Lang) string { return string(v) }

func (r *yamlReader) definition(root *yaml.Node) *Definition {
	d := &Definition{Choices: map[string][]Choice{}, ListAt: map[string]Place{}}
	places := r.mapping(root, Say("define.definition"), map[string]take{
		"settings": func(n *yaml.Node) { r.settings(n, &d.Settings) },
		"choices":  func(n *yaml.Node) { r.lists(n, d) },
		"survey":   func(n *yaml.Node) { d.Survey = r.survey(n, 0) },
	})
	for _, key := range []string{"settings", "survey"} {
		if _, ok := places[key]; !ok {
			r.Fail(Place{Line: 1}, "define.lacks", key)
		}
	}
	return d
}

func (r *yamlReader) settings(n *yaml.Node, s *Settings) {
	s.At = r.mapping(n, verbatim("settings"), map[string]take{
		"form_id": r.scalar("form_id", &s.ID), "version": r.scalar("version", &s.Version),
		"title": r.text("title", &s.Title), "default_language": r.scalar("default_language", &s.Language),
		"style": r.scalar("style", &s.Style),
	})
}

func (r *yamlReader) lists(n *yaml.Node, d *Definition) {
	if n.Kind != yaml.MappingNode {
		r.Fail(at(n), "define.choices")
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := d.Choices[key.Value]; twice {
			r.Fail(at(key), "define.list.twice", key.Value)
			continue
		}
		d.ListAt[key.Value] = at(key)
		d.Choices[key.Value] = r.choices(r.target(value), key.Value)
	}
}

func (r *yamlReader) choices(n *yaml.Node, list string) []Choice {
	var out []Choice
	r.sequence(n, Say("define.list", list), func(item *yaml.Node) {
		if len(out) > MaxChoices {
			return // package model says so
		}
		var c Choice
		c.At = r.mapping(item, Say("define.choice", list), map[string]take{
			"name": r.scalar("name", &c.Name), "label": r.text("label", &c.Label),
			"attributes": func(n *yaml.Node) { c.Attributes = r.attributes(n) },
		})
		out = append(out, c)
	})
	return out
}

func (r *yamlReader) attributes(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n.Kind != yaml.MappingNode {
		r.Fail(at(n), "define.mapping", verbatim("attributes"))
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		value := ""
		r.scalar(n.Content[i].Value, &value)(r.target(n.Content[i+1]))
		if value != "" { // an empty cell in a workbook is none, too
			out[n.Content[i].Value] = value
		}
	}
	return out
}

func (r *yamlReader) survey(n *yaml.Node, depth int) []*Question {
	var out []*Question
	if depth > MaxNesting {
		r.Fail(at(n), "define.nesting", MaxNesting)
		return nil
	}
	r.sequence(n, Say("define.survey"), func(item *yaml.Node) {
		if r.questions++; r.questions == MaxQuestions+1 {
			r.Fail(at(item), "define.questions", MaxQuestions)
		}
		if r.questions <= MaxQuestions {
			out = append(out, r.question(item, depth))
		}
	})
	return out
}

func (r *yamlReader) question(n *yaml.Node, depth int) *Question {
	q := &Question{}
	readers := map[string]take{
		"x_checks": func(n *yaml.Node) { q.Checks = r.crossRules(n) },
		"children": func(n *yaml.Node) { q.Children = r.survey(n, depth+1) },
	}
	values, texts, numbers := q.Values(), q.Texts(), q.Numbers()
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if to, ok := values[key]; ok {
			readers[key] = r.scalar(key, to)
		} else if to, ok := texts[key]; ok {
			readers[key] = r.text(key, to)
		} else if to, ok := numbers[key]; ok {
			readers[key] = r.number(key, to)
		}
	}
	q.At = r.mapping(n, questionName(n), readers)
	q.Type = strings.Join(strings.Fields(q.Type), " ")
	return q
}

// questionName is how faults call a question whose keys are just being read.
func questionName(n *yaml.Node) spoken {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" {
			return verbatim(n.Content[i+1].Value)
		}
	}
	return Say("define.question")
}

func (r *yamlReader) crossRules(n *yaml.Node) []Check {
	var out []Check
	r.sequence(n, verbatim("x_checks"), func(item *yaml.Node) {
		var c Check
		c.At = r.mapping(item, Say("define.check"), map[string]take{
			"when": r.scalar("when", &c.When), "level": r.scalar("level", &c.Level), "message": r.text("message", &c.Message),
		})
		out = append(out, c)
	})
	return out
}

package define

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"kokoma/shared/lang"

	"go.yaml.in/yaml/v3"
)

// Keys are the keys of a question but for x_checks and children, in the order
// in which people look for them.
func Keys() []string {
	return []string{
		"type", "name", "label", "hint", "guidance_hint", "appearance", "required", "required_message", "relevant",
		"constraint", "constraint_message", "calculation", "default", "readonly", "choice_filter", "parameters", "repeat_count",
		"x_minlength", "x_maxlength", "x_min", "x_max", "x_exclusive", "x_unknown", "x_unique", "x_class", "x_autocomplete",
		"x_construct", "x_scale", "x_reversed", "x_indicator", "x_wave", "x_role", "x_step", "x_sensitive", "x_alias",
	}
}

// longestLine is how long what stands in braces in one line may get.
const longestLine = 120

// WriteYAML writes a definition as people write them: what is short in one
// line, the rest by lines. ReadYAML reads the same definition from it.
func WriteYAML(w io.Writer, d *Definition) error {
	var out bytes.Buffer
	for _, section := range []*yaml.Node{
		mapOf("settings", settingsNode(d.Settings)), mapOf("choices", choicesNode(d.Choices)), mapOf("survey", surveyNode(d.Survey)),
	} {
		if section == nil {
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		e := yaml.NewEncoder(&out)
		e.SetIndent(2)
		if err := e.Encode(section); err != nil {
			return fmt.Errorf("writing the definition: %w", err)
		}
		if err := e.Close(); err != nil {
			return fmt.Errorf("writing the definition: %w", err)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// entries is a mapping under construction.
type entries struct{ *yaml.Node }

func newEntries() entries { return entries{&yaml.Node{Kind: yaml.MappingNode}} }

func (e entries) add(key string, value *yaml.Node) {
	if value != nil {
		e.Content = append(e.Content, scalarNode(key), value)
	}
}

// word adds a value, unless it is empty.
func (e entries) word(key, value string) {
	if value != "" {
		e.add(key, scalarNode(value))
	}
}

// mapOf is a mapping with one key, nil for nothing.
func mapOf(key string, value *yaml.Node) *yaml.Node {
	if value == nil {
		return nil
	}
	e := newEntries()
	e.add(key, value)
	return e.Node
}

// simple is a text that stands without quotes in braces, too.
var simple = regexp.MustCompile(`^[\pL_][\pL\pN_.()/-]*( [\pL\pN_.()/-]+)*$`)

func scalarNode(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if !simple.MatchString(value) || boolean.MatchString(value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// boolean are the words that some readers of YAML take for yes and no.
var boolean = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null)$`)

func textNode(t lang.Text) *yaml.Node {
	if t == (lang.Text{}) {
		return nil
	}
	e := newEntries()
	e.word("de", t.DE)
	e.word("en", t.EN)
	return inline(e.Node)
}

func numberNode(n *int) *yaml.Node {
	if n == nil {
		return nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(*n)}
}

// inline puts a node in one line if it fits.
func inline(n *yaml.Node) *yaml.Node {
	if width(n) <= longestLine {
		n.Style |= yaml.FlowStyle
	}
	return n
}

// width is about how many characters a node takes in one line.
func width(n *yaml.Node) int {
	sum := utf8.RuneCountInString(n.Value) + 2
	for _, child := range n.Content {
		sum += width(child)
	}
	return sum
}

func settingsNode(s Settings) *yaml.Node {
	e := newEntries()
	e.word("form_id", s.ID)
	e.word("version", s.Version)
	e.add("title", textNode(s.Title))
	e.word("default_language", s.Language)
	e.word("style", s.Style)
	return e.Node
}

func choicesNode(lists map[string][]Choice) *yaml.Node {
	if len(lists) == 0 {
		return nil
	}
	e := newEntries()
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, c := range lists[name] {
			list.Content = append(list.Content, choiceNode(c))
		}
		e.add(name, list)
	}
	return e.Node
}

// choiceNode is one line, however long: lists are read from top to bottom.
func choiceNode(c Choice) *yaml.Node {
	e := newEntries()
	e.word("name", c.Name)
	e.add("label", textNode(c.Label))
	if len(c.Attributes) > 0 {
		attributes := newEntries()
		for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
			attributes.add(key, scalarNode(c.Attributes[key]))
		}
		e.add("attributes", attributes.Node)
	}
	e.Style = yaml.FlowStyle
	return e.Node
}

func surveyNode(qs []*Question) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, q := range qs {
		list.Content = append(list.Content, questionNode(q))
	}
	return list
}

func questionNode(q *Question) *yaml.Node {
	e := newEntries()
	values, texts, numbers := q.Values(), q.Texts(), q.Numbers()
	for _, key := range Keys() {
		switch {
		case values[key] != nil:
			e.word(key, *values[key])
		case texts[key] != nil:
			e.add(key, textNode(*texts[key]))
		default:
			e.add(key, numberNode(*numbers[key]))
		}
	}
	if len(q.Checks) > 0 {
		e.add("x_checks", checksNode(q.Checks))
	}
	if len(q.Children) > 0 {
		e.add("children", surveyNode(q.Children))
		return e.Node
	}
	return inline(e.Node)
}

func checksNode(checks []Check) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, c := range checks {
		e := newEntries()
		e.word("when", c.When)
		e.word("level", c.Level)
		e.add("message", textNode(c.Message))
		list.Content = append(list.Content, inline(e.Node))
	}
	return list
}

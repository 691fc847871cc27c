package form

import (
	"errors"
	"fmt"
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
	maxSource    = 1 << 20
	maxQuestions = 2000
	maxNesting   = 8
	maxAliases   = 500
)

// loader reads YAML into a definition and collects what is wrong, each fault
// with its line. Lists and forms are read by it.
type loader struct {
	file      string
	stored    bool // tolerate keys that newer versions may have written
	errs      []error
	questions int
	aliases   int
	listAt    map[string]int // lines of the definition's lists
}

func (l *loader) fail(line int, format string, args ...any) {
	l.errs = append(l.errs, &fault{file: l.file, line: line, msg: fmt.Sprintf(format, args...)})
}

// fault is one thing wrong in a definition.
type fault struct {
	file string
	line int
	msg  string
}

func (f *fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.msg) }

// sorted joins the faults in the order of lines.
func (l *loader) sorted() error {
	slices.SortStableFunc(l.errs, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return errors.Join(l.errs...)
}

func lineOf(err error) int {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.line
	}
	return 0
}

// messageOf is a fault without the place.
func messageOf(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.msg
	}
	return err.Error()
}

// document parses the source to its one top-level mapping.
func (l *loader) document(src []byte) (*yaml.Node, bool) {
	if len(src) > maxSource {
		l.fail(1, "the definition is larger than 1 MB; split it")
		return nil, false
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(src)))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		l.fail(lineIn(err), "this is not valid YAML: %s; texts with any of ? , : # { } [ ] in braces need quotes, {de: \"Wann?\"}",
			strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, false
	}
	if decoder.Decode(&more) == nil {
		l.fail(more.Line, "a second document begins here; a file holds one definition")
		return nil, false
	}
	if len(doc.Content) == 0 {
		l.fail(1, "the file is empty; a definition consists of settings, choices and survey")
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

// reader takes the value of one key.
type reader func(n *yaml.Node)

// mapping gives each key's value to its reader and says where the keys stand.
func (l *loader) mapping(n *yaml.Node, what string, readers map[string]reader) lines {
	at := lines{"": n.Line}
	if n.Kind != yaml.MappingNode {
		l.fail(n.Line, "%s must be written as keys with values, `key: value`", what)
		return at
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := at[key.Value]; twice && key.Value != "" {
			l.fail(key.Line, "%s has the key %s twice; keep one of the two", what, key.Value)
			continue
		}
		at[key.Value] = key.Line
		read, known := readers[key.Value]
		if !known {
			l.unknownKey(key, what, readers)
			continue
		}
		read(l.target(value))
	}
	return at
}

func (l *loader) unknownKey(key *yaml.Node, what string, readers map[string]reader) {
	if l.stored {
		return
	}
	known := slices.Sorted(maps.Keys(readers))
	hint := expr.Suggest(key.Value, known)
	if hint == "" {
		hint = "; known are " + strings.Join(known, ", ")
	}
	l.fail(key.Line, "%s has the unknown key %q%s", what, key.Value, hint)
}

func (l *loader) sequence(n *yaml.Node, what string, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		l.fail(n.Line, "%s must be a list, each entry beginning with a dash", what)
		return
	}
	for _, item := range n.Content {
		each(l.target(item))
	}
}

// target follows an alias (*name) to what was anchored (&name). The bound
// keeps aliases of aliases from growing without end.
func (l *loader) target(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.AliasNode {
		return n
	}
	if l.aliases++; l.aliases > maxAliases {
		if l.aliases == maxAliases+1 {
			l.fail(n.Line, "there are more than %d aliases; write the values out", maxAliases)
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
	}
	return n.Alias
}

func (l *loader) scalar(key string, to *string) reader {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			l.fail(n.Line, "%s must be one value, not a list or keys", key)
			return
		}
		if n.Tag != "!!null" {
			*to = strings.TrimSpace(n.Value)
		}
	}
}

func (l *loader) number(key string, to **int) reader {
	return func(n *yaml.Node) {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 || i > 1_000_000 {
			l.fail(n.Line, "%s must be a whole number from 0", key)
			return
		}
		*to = &i
	}
}

// text reads {de: …, en: …}. Both languages are obligatory.
func (l *loader) text(key string, to *lang.Text) reader {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			l.fail(n.Line, "%s needs both languages: {de: …, en: …}", key)
			return
		}
		l.mapping(n, key, map[string]reader{"de": l.scalar("de", &to.DE), "en": l.scalar("en", &to.EN)})
		switch {
		case to.DE == "" && to.EN == "":
			l.fail(n.Line, "%s is empty; give {de: …, en: …} or leave the key out", key)
		case to.DE == "":
			l.fail(n.Line, "%s has no German text; add de: …", key)
		case to.EN == "":
			l.fail(n.Line, "%s has no English text; add en: …", key)
		}
		if strings.Contains(to.DE+to.EN, "${") {
			l.fail(n.Line, "%s has ${…} in it; answers can't stand in texts", key)
		}
	}
}

func (l *loader) definition(root *yaml.Node) *definition {
	d := &definition{Choices: map[string][]choice{}}
	at := l.mapping(root, "the definition", map[string]reader{
		"settings": func(n *yaml.Node) { l.settings(n, &d.Settings) },
		"choices":  func(n *yaml.Node) { l.lists(n, d.Choices) },
		"survey":   func(n *yaml.Node) { d.Survey = l.survey(n, 0) },
	})
	for _, key := range []string{"settings", "survey"} {
		if _, ok := at[key]; !ok {
			l.fail(1, "the definition has no %s; it consists of settings, choices and survey", key)
		}
	}
	return d
}

func (l *loader) settings(n *yaml.Node, s *settings) {
	at := l.mapping(n, "settings", map[string]reader{
		"form_id": l.scalar("form_id", &s.ID), "version": l.scalar("version", &s.Version),
		"title": l.text("title", &s.Title), "default_language": l.scalar("default_language", &s.Language),
		"style": l.scalar("style", &s.Style),
	})
	for key, value := range map[string]string{"form_id": s.ID, "version": s.Version} {
		if value == "" {
			l.fail(at.of(key), "settings lack %s", key)
		}
	}
	if _, ok := at["title"]; !ok {
		l.fail(at.of(""), "settings lack title: {de: …, en: …}")
	}
	if s.Language != "" && s.Language != "de" {
		l.fail(at.of("default_language"), "default_language is %s; German is authoritative, write de", s.Language)
	}
	if s.Style != "" && s.Style != "pages" {
		l.fail(at.of("style"), "style is %s; it can only be pages", s.Style)
	}
}

func (l *loader) lists(n *yaml.Node, to map[string][]choice) {
	if n.Kind != yaml.MappingNode {
		l.fail(n.Line, "choices must be lists by name, `name: [{name: …, label: …}]`")
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := to[key.Value]; twice {
			l.fail(key.Line, "the list %s is given twice; keep one of the two", key.Value)
			continue
		}
		if !isChoiceName(key.Value) {
			l.fail(key.Line, "a list is named %q; a name has letters, digits, _, - and . only, and at most 32 of them", key.Value)
		}
		l.listAt[key.Value] = key.Line
		to[key.Value] = l.choices(l.target(value), key.Value)
	}
}

func (l *loader) choices(n *yaml.Node, list string) []choice {
	var out []choice
	l.sequence(n, "the list "+list, func(item *yaml.Node) {
		var c choice
		at := l.mapping(item, "a choice of "+list, map[string]reader{
			"name": l.scalar("name", &c.Name), "label": l.text("label", &c.Label),
		})
		if _, ok := at["label"]; !ok {
			l.fail(item.Line, "the choice %s of %s has no label: {de: …, en: …}", c.Name, list)
		}
		l.choiceName(item.Line, list, c.Name, out)
		out = append(out, c)
	})
	if n.Kind == yaml.SequenceNode && len(out) == 0 {
		l.fail(n.Line, "the list %s is empty; give it choices", list)
	}
	return out
}

func (l *loader) choiceName(line int, list, name string, before []choice) {
	if !isChoiceName(name) {
		l.fail(line, "a choice of %s is named %q; a name has letters, digits, _, - and . only, and at most 32 of them", list, name)
	}
	if slices.ContainsFunc(before, func(c choice) bool { return c.Name == name }) {
		l.fail(line, "the list %s has the choice %s twice", list, name)
	}
}

// isChoiceName keeps blanks out, which separate choices in expressions.
func isChoiceName(s string) bool {
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
	}
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, strange)
}

func (l *loader) survey(n *yaml.Node, depth int) []*question {
	var out []*question
	if depth > maxNesting {
		l.fail(n.Line, "groups stand in each other more than %d deep; flatten them", maxNesting)
		return nil
	}
	l.sequence(n, "survey and children", func(item *yaml.Node) {
		if l.questions++; l.questions == maxQuestions+1 {
			l.fail(item.Line, "there are more than %d questions; split the form", maxQuestions)
		}
		if l.questions <= maxQuestions {
			out = append(out, l.question(item, depth))
		}
	})
	return out
}

func (l *loader) question(n *yaml.Node, depth int) *question {
	q := &question{}
	q.at = l.mapping(n, questionName(n), map[string]reader{
		"type": l.scalar("type", &q.Type), "name": l.scalar("name", &q.Name),
		"label": l.text("label", &q.Label), "hint": l.text("hint", &q.Hint),
		"appearance": l.scalar("appearance", &q.Appearance),
		"required":   l.scalar("required", &q.Required), "required_message": l.text("required_message", &q.RequiredMessage),
		"relevant":   l.scalar("relevant", &q.Relevant),
		"constraint": l.scalar("constraint", &q.Constraint), "constraint_message": l.text("constraint_message", &q.ConstraintMessage),
		"calculation": l.scalar("calculation", &q.Calculation), "default": l.scalar("default", &q.Default),
		"readonly": l.scalar("readonly", &q.Readonly), "choice_filter": l.scalar("choice_filter", &q.ChoiceFilter),
		"parameters":  l.scalar("parameters", &q.Parameters),
		"x_minlength": l.number("x_minlength", &q.MinLength), "x_maxlength": l.number("x_maxlength", &q.MaxLength),
		"x_min": l.number("x_min", &q.Min), "x_max": l.number("x_max", &q.Max),
		"x_exclusive": l.scalar("x_exclusive", &q.Exclusive), "x_unknown": l.text("x_unknown", &q.Unknown),
		"x_unique": l.scalar("x_unique", &q.Unique), "x_class": l.scalar("x_class", &q.Class),
		"x_autocomplete": l.scalar("x_autocomplete", &q.Autocomplete),
		"x_checks":       func(n *yaml.Node) { q.Checks = l.crossRules(n) },
		"x_construct":    l.scalar("x_construct", &q.Construct), "x_scale": l.scalar("x_scale", &q.Scale),
		"x_reversed": l.scalar("x_reversed", &q.Reversed),
		"children":   func(n *yaml.Node) { q.Children = l.survey(n, depth+1) },
	})
	q.Type = strings.Join(strings.Fields(q.Type), " ")
	return q
}

// questionName is how faults call a question whose keys are just being read.
func questionName(n *yaml.Node) string {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" {
			return n.Content[i+1].Value
		}
	}
	return "a question"
}

func (l *loader) crossRules(n *yaml.Node) []crossRule {
	var out []crossRule
	l.sequence(n, "x_checks", func(item *yaml.Node) {
		var c crossRule
		c.at = l.mapping(item, "a check", map[string]reader{
			"when": l.scalar("when", &c.When), "level": l.scalar("level", &c.Level), "message": l.text("message", &c.Message),
		})
		if c.When == "" {
			l.fail(item.Line, "the check has no when: an expression that is true when there is a problem")
		}
		if _, ok := c.at["message"]; !ok {
			l.fail(item.Line, "the check has no message: {de: …, en: …}")
		}
		if c.Level != string(Error) && c.Level != string(Warning) && c.Level != string(Hint) {
			l.fail(c.at.of("level"), "the check's level is %q; it can be error, warning or hint", c.Level)
		}
		out = append(out, c)
	})
	return out
}

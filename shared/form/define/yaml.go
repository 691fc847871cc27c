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
	maxSource    = 1 << 20
	maxQuestions = 2000
	maxNesting   = 8
	maxAliases   = 500
)

// Reader reads one file into a definition and collects what is wrong, each
// fault with its line.
type Reader struct {
	file      string
	stored    bool // tolerate keys that newer versions may have written
	errs      []error
	questions int
	aliases   int
	listAt    map[string]int // lines of the definition's lists
}

// NewReader is a reader of a file. A stored definition may have keys that this
// version does not know.
func NewReader(file string, stored bool) *Reader {
	return &Reader{file: file, stored: stored, listAt: map[string]int{}}
}

// Read reads a definition; ok is false if there is nothing to look at.
func (r *Reader) Read(src []byte) (d *Definition, ok bool) {
	root, ok := r.document(src)
	if !ok {
		return nil, false
	}
	return r.definition(root), true
}

// ListLine is the line in which one of the definition's lists begins.
func (r *Reader) ListLine(name string) int { return r.listAt[name] }

// document parses the source to its one top-level mapping.
func (r *Reader) document(src []byte) (*yaml.Node, bool) {
	if len(src) > maxSource {
		r.Fail(1, "the definition is larger than 1 MB; split it")
		return nil, false
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(src)))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		r.Fail(lineIn(err), "this is not valid YAML: %s; texts with any of ? , : # { } [ ] in braces need quotes, {de: \"Wann?\"}",
			strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, false
	}
	if decoder.Decode(&more) == nil {
		r.Fail(more.Line, "a second document begins here; a file holds one definition")
		return nil, false
	}
	if len(doc.Content) == 0 {
		r.Fail(1, "the file is empty; a definition consists of settings, choices and survey")
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
func (r *Reader) mapping(n *yaml.Node, what string, readers map[string]take) Lines {
	at := Lines{"": n.Line}
	if n.Kind != yaml.MappingNode {
		r.Fail(n.Line, "%s must be written as keys with values, `key: value`", what)
		return at
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := at[key.Value]; twice && key.Value != "" {
			r.Fail(key.Line, "%s has the key %s twice; keep one of the two", what, key.Value)
			continue
		}
		at[key.Value] = key.Line
		read, known := readers[key.Value]
		if !known {
			r.unknownKey(key, what, readers)
			continue
		}
		read(r.target(value))
	}
	return at
}

func (r *Reader) unknownKey(key *yaml.Node, what string, readers map[string]take) {
	if r.stored {
		return
	}
	known := slices.Sorted(maps.Keys(readers))
	hint := expr.Suggest(key.Value, known).EN
	if hint == "" {
		hint = "; known are " + strings.Join(known, ", ")
	}
	r.Fail(key.Line, "%s has the unknown key %q%s", what, key.Value, hint)
}

func (r *Reader) sequence(n *yaml.Node, what string, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.Fail(n.Line, "%s must be a list, each entry beginning with a dash", what)
		return
	}
	for _, item := range n.Content {
		each(r.target(item))
	}
}

// target follows an alias (*name) to what was anchored (&name). The bound
// keeps aliases of aliases from growing without end.
func (r *Reader) target(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.AliasNode {
		return n
	}
	if r.aliases++; r.aliases > maxAliases {
		if r.aliases == maxAliases+1 {
			r.Fail(n.Line, "there are more than %d aliases; write the values out", maxAliases)
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
	}
	return n.Alias
}

func (r *Reader) scalar(key string, to *string) take {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			r.Fail(n.Line, "%s must be one value, not a list or keys", key)
			return
		}
		if n.Tag != "!!null" {
			*to = strings.TrimSpace(n.Value)
		}
	}
}

func (r *Reader) number(key string, to **int) take {
	return func(n *yaml.Node) {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 || i > 1_000_000 {
			r.Fail(n.Line, "%s must be a whole number from 0", key)
			return
		}
		*to = &i
	}
}

// text reads {de: …, en: …}. Both languages are obligatory.
func (r *Reader) text(key string, to *lang.Text) take {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			r.Fail(n.Line, "%s needs both languages: {de: …, en: …}", key)
			return
		}
		r.mapping(n, key, map[string]take{"de": r.scalar("de", &to.DE), "en": r.scalar("en", &to.EN)})
		switch {
		case to.DE == "" && to.EN == "":
			r.Fail(n.Line, "%s is empty; give {de: …, en: …} or leave the key out", key)
		case to.DE == "":
			r.Fail(n.Line, "%s has no German text; add de: …", key)
		case to.EN == "":
			r.Fail(n.Line, "%s has no English text; add en: …", key)
		}
		if strings.Contains(to.DE+to.EN, "${") {
			r.Fail(n.Line, "%s has ${…} in it; answers can't stand in texts", key)
		}
	}
}

func (r *Reader) definition(root *yaml.Node) *Definition {
	d := &Definition{Choices: map[string][]Choice{}}
	at := r.mapping(root, "the definition", map[string]take{
		"settings": func(n *yaml.Node) { r.settings(n, &d.Settings) },
		"choices":  func(n *yaml.Node) { r.lists(n, d.Choices) },
		"survey":   func(n *yaml.Node) { d.Survey = r.survey(n, 0) },
	})
	for _, key := range []string{"settings", "survey"} {
		if _, ok := at[key]; !ok {
			r.Fail(1, "the definition has no %s; it consists of settings, choices and survey", key)
		}
	}
	return d
}

func (r *Reader) settings(n *yaml.Node, s *Settings) {
	at := r.mapping(n, "settings", map[string]take{
		"form_id": r.scalar("form_id", &s.ID), "version": r.scalar("version", &s.Version),
		"title": r.text("title", &s.Title), "default_language": r.scalar("default_language", &s.Language),
		"style": r.scalar("style", &s.Style),
	})
	for key, value := range map[string]string{"form_id": s.ID, "version": s.Version} {
		if value == "" {
			r.Fail(at.Of(key), "settings lack %s", key)
		}
	}
	if _, ok := at["title"]; !ok {
		r.Fail(at.Of(""), "settings lack title: {de: …, en: …}")
	}
	if s.Language != "" && s.Language != "de" {
		r.Fail(at.Of("default_language"), "default_language is %s; German is authoritative, write de", s.Language)
	}
	if s.Style != "" && s.Style != "pages" {
		r.Fail(at.Of("style"), "style is %s; it can only be pages", s.Style)
	}
}

func (r *Reader) lists(n *yaml.Node, to map[string][]Choice) {
	if n.Kind != yaml.MappingNode {
		r.Fail(n.Line, "choices must be lists by name, `name: [{name: …, label: …}]`")
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, twice := to[key.Value]; twice {
			r.Fail(key.Line, "the list %s is given twice; keep one of the two", key.Value)
			continue
		}
		if !isChoiceName(key.Value) {
			r.Fail(key.Line, "a list is named %q; a name has letters, digits, _, - and . only, and at most 32 of them", key.Value)
		}
		r.listAt[key.Value] = key.Line
		to[key.Value] = r.choices(r.target(value), key.Value)
	}
}

func (r *Reader) choices(n *yaml.Node, list string) []Choice {
	var out []Choice
	r.sequence(n, "the list "+list, func(item *yaml.Node) {
		var c Choice
		at := r.mapping(item, "a choice of "+list, map[string]take{
			"name": r.scalar("name", &c.Name), "label": r.text("label", &c.Label),
		})
		if _, ok := at["label"]; !ok {
			r.Fail(item.Line, "the choice %s of %s has no label: {de: …, en: …}", c.Name, list)
		}
		r.choiceName(item.Line, list, c.Name, out)
		out = append(out, c)
	})
	if n.Kind == yaml.SequenceNode && len(out) == 0 {
		r.Fail(n.Line, "the list %s is empty; give it choices", list)
	}
	return out
}

func (r *Reader) choiceName(line int, list, name string, before []Choice) {
	if !isChoiceName(name) {
		r.Fail(line, "a choice of %s is named %q; a name has letters, digits, _, - and . only, and at most 32 of them", list, name)
	}
	if slices.ContainsFunc(before, func(c Choice) bool { return c.Name == name }) {
		r.Fail(line, "the list %s has the choice %s twice", list, name)
	}
}

// isChoiceName keeps blanks out, which separate choices in expressions.
func isChoiceName(s string) bool {
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
	}
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, strange)
}

func (r *Reader) survey(n *yaml.Node, depth int) []*Question {
	var out []*Question
	if depth > maxNesting {
		r.Fail(n.Line, "groups stand in each other more than %d deep; flatten them", maxNesting)
		return nil
	}
	r.sequence(n, "survey and children", func(item *yaml.Node) {
		if r.questions++; r.questions == maxQuestions+1 {
			r.Fail(item.Line, "there are more than %d questions; split the form", maxQuestions)
		}
		if r.questions <= maxQuestions {
			out = append(out, r.question(item, depth))
		}
	})
	return out
}

func (r *Reader) question(n *yaml.Node, depth int) *Question {
	q := &Question{}
	q.At = r.mapping(n, questionName(n), map[string]take{
		"type": r.scalar("type", &q.Type), "name": r.scalar("name", &q.Name),
		"label": r.text("label", &q.Label), "hint": r.text("hint", &q.Hint),
		"appearance": r.scalar("appearance", &q.Appearance),
		"required":   r.scalar("required", &q.Required), "required_message": r.text("required_message", &q.RequiredMessage),
		"relevant":   r.scalar("relevant", &q.Relevant),
		"constraint": r.scalar("constraint", &q.Constraint), "constraint_message": r.text("constraint_message", &q.ConstraintMessage),
		"calculation": r.scalar("calculation", &q.Calculation), "default": r.scalar("default", &q.Default),
		"readonly": r.scalar("readonly", &q.Readonly), "choice_filter": r.scalar("choice_filter", &q.ChoiceFilter),
		"parameters":  r.scalar("parameters", &q.Parameters),
		"x_minlength": r.number("x_minlength", &q.MinLength), "x_maxlength": r.number("x_maxlength", &q.MaxLength),
		"x_min": r.number("x_min", &q.Min), "x_max": r.number("x_max", &q.Max),
		"x_exclusive": r.scalar("x_exclusive", &q.Exclusive), "x_unknown": r.text("x_unknown", &q.Unknown),
		"x_unique": r.scalar("x_unique", &q.Unique), "x_class": r.scalar("x_class", &q.Class),
		"x_autocomplete": r.scalar("x_autocomplete", &q.Autocomplete),
		"x_checks":       func(n *yaml.Node) { q.Checks = r.crossRules(n) },
		"x_construct":    r.scalar("x_construct", &q.Construct), "x_scale": r.scalar("x_scale", &q.Scale),
		"x_reversed": r.scalar("x_reversed", &q.Reversed),
		"children":   func(n *yaml.Node) { q.Children = r.survey(n, depth+1) },
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

func (r *Reader) crossRules(n *yaml.Node) []Check {
	var out []Check
	r.sequence(n, "x_checks", func(item *yaml.Node) {
		var c Check
		c.At = r.mapping(item, "a check", map[string]take{
			"when": r.scalar("when", &c.When), "level": r.scalar("level", &c.Level), "message": r.text("message", &c.Message),
		})
		if c.When == "" {
			r.Fail(item.Line, "the check has no when: an expression that is true when there is a problem")
		}
		if _, ok := c.At["message"]; !ok {
			r.Fail(item.Line, "the check has no message: {de: …, en: …}")
		}
		if c.Level != "error" && c.Level != "warning" && c.Level != "hint" {
			r.Fail(c.At.Of("level"), "the check's level is %q; it can be error, warning or hint", c.Level)
		}
		out = append(out, c)
	})
	return out
}

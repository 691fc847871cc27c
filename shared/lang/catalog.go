package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// textsFile is where each package keeps its texts, at the root of what it embeds.
const textsFile = "texts.yaml"

// Catalog finds texts by key. Its zero value knows none.
type Catalog struct {
	texts map[string]Text
	later func() map[string]Text // of a Lazy one
}

// Lazy is a catalogue that is read when its first text is asked for: a function
// that starts should not read what its first request may not need. What it is
// given must be known to load (LoadCatalog, in a test or at the start of a
// server): from a broken one every text is missing.
func Lazy(fsys ...fs.FS) *Catalog {
	return &Catalog{later: sync.OnceValue(func() map[string]Text {
		c, err := LoadCatalog(fsys...)
		if err != nil {
			return nil
		}
		return c.texts
	})}
}

func (c *Catalog) all() map[string]Text {
	if c.later != nil {
		return c.later()
	}
	return c.texts
}

// LoadCatalog reads texts.yaml of every file system: lines of the form
//
//	intake.start.title: {de: "Interesse bekunden", en: "Express interest"}
//
// Every text has both languages, and both take the same arguments. Arguments
// are written %s, %d and %v, or %[2]s where the languages order them
// differently; a percent sign is %%. All faults are reported at once, each
// with file and line.
func LoadCatalog(fsys ...fs.FS) (*Catalog, error) {
	c := &Catalog{texts: map[string]Text{}}
	var faults []error
	for _, f := range fsys {
		src, err := fs.ReadFile(f, textsFile)
		if err != nil {
			faults = append(faults, fmt.Errorf("reading texts: %w", err))
			continue
		}
		faults = append(faults, c.read(src))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Catalog) read(src []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return fmt.Errorf("%s: %v", textsFile, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return fault(root, "expected a list of lines `key: {de: …, en: …}`")
	}
	var faults []error
	for i := 0; i < len(root.Content); i += 2 {
		faults = append(faults, c.add(root.Content[i], root.Content[i+1]))
	}
	return errors.Join(faults...)
}

func (c *Catalog) add(key, value *yaml.Node) error {
	if _, ok := c.texts[key.Value]; ok {
		return fault(key, "key %q was given before; keep one of the two", key.Value)
	}
	text, err := readText(key.Value, value)
	if err != nil {
		return err
	}
	c.texts[key.Value] = text
	return nil
}

func readText(key string, value *yaml.Node) (Text, error) {
	if value.Kind != yaml.MappingNode {
		return Text{}, fault(value, "%q needs {de: …, en: …}", key)
	}
	found := map[string]string{}
	for i := 0; i < len(value.Content); i += 2 {
		name, text := value.Content[i], value.Content[i+1]
		if name.Value != "de" && name.Value != "en" {
			return Text{}, fault(name, "%q has the language %q; only de and en are known", key, name.Value)
		}
		if _, ok := found[name.Value]; ok {
			return Text{}, fault(name, "%q has %s twice", key, name.Value)
		}
		if text.Kind != yaml.ScalarNode {
			return Text{}, fault(text, "%q: %s must be a text", key, name.Value)
		}
		found[name.Value] = text.Value
	}
	t := Text{DE: found["de"], EN: found["en"]}
	return t, checkText(key, value, t)
}

func checkText(key string, at *yaml.Node, t Text) error {
	if strings.TrimSpace(t.DE) == "" {
		return fault(at, "%q has no German text", key)
	}
	if strings.TrimSpace(t.EN) == "" {
		return fault(at, "%q has no English text", key)
	}
	de, err := verbs(t.DE)
	if err != nil {
		return fault(at, "%q in German: %v", key, err)
	}
	en, err := verbs(t.EN)
	if err != nil {
		return fault(at, "%q in English: %v", key, err)
	}
	if !maps.Equal(de, en) {
		return fault(at, "%q takes other arguments in German (%s) than in English (%s)", key, describe(de), describe(en))
	}
	return nil
}

func fault(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", textsFile, at.Line, fmt.Sprintf(format, args...))
}

// verb finds a percent sign and what follows it: an argument's number, a verb.
var verb = regexp.MustCompile(`%(?:\[([1-9])\])?(.?)`)

// verbs says which argument is written with which verb.
func verbs(text string) (map[int]string, error) {
	found := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[0] == "%%" {
			continue
		}
		if !strings.Contains("sdv", m[2]) || m[2] == "" {
			return nil, fmt.Errorf("%q is no argument; write %%s, %%d or %%v, and %%%% for a percent sign", m[0])
		}
		if m[1] != "" {
			next = int(m[1][0] - '0')
		}
		if before, ok := found[next]; ok && before != m[2] {
			return nil, fmt.Errorf("argument %d is both %%%s and %%%s", next, before, m[2])
		}
		found[next] = m[2]
		next++
	}
	return found, nil
}

func describe(args map[int]string) string {
	if len(args) == 0 {
		return "none"
	}
	var out []string
	for _, n := range slices.Sorted(maps.Keys(args)) {
		out = append(out, fmt.Sprintf("%d: %%%s", n, args[n]))
	}
	return strings.Join(out, ", ")
}

// T is the text of key with its arguments put in. A key that nobody wrote
// shows as ⟦key⟧, which tests look for; a page never breaks over it.
func (c *Catalog) T(l Lang, key string, args ...any) string {
	text, ok := c.all()[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if s := text.In(l); strings.Contains(s, "%") {
		return fmt.Sprintf(s, args...)
	}
	return text.In(l)
}

// Keys lists all keys in alphabetical order.
func (c *Catalog) Keys() []string {
	return slices.Sorted(maps.Keys(c.all()))
}

// Say is a text in both languages. Arguments that are said differently in each,
// such as a Text, are said in the language of the sentence; the others as they
// are printed.
func (c *Catalog) Say(key string, args ...any) Text {
	return Text{DE: c.sayIn(DE, key, args), EN: c.sayIn(EN, key, args)}
}

func (c *Catalog) sayIn(l Lang, key string, args []any) string {
	said := make([]any, len(args))
	for i, a := range args {
		if s, ok := a.(interface{ In(l Lang) string }); ok {
			said[i] = s.In(l)
			continue
		}
		said[i] = fmt.Sprint(a)
	}
	return c.T(l, key, said...)
}

package form

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"kokoma/shared/form/expr"
)

// Option changes how Compile reads.
type Option func(*compiler)

// Stored is for canonical definitions that were published before: keys that
// this version does not know are passed over, and lists are taken from the
// definition even if the shipped ones have changed since.
func Stored() Option { return func(c *compiler) { c.stored = true } }

// compiler makes a Form of a definition.
type compiler struct {
	loader
	def   *definition
	form  *Form
	own   map[string]bool // lists of the definition: were they used?
	lists map[string]List
	rules []pending
}

// pending is an expression that waits until all questions are known.
type pending struct {
	node   *node
	key    string // where it stands: "relevant"
	line   int
	want   expr.Kind
	self   bool // it may ask for the own answer
	filter bool
	rule   *rule
}

// Compile reads a definition and checks all of it. name is how people find the
// file; every fault begins with it and the line, and all are reported at once.
func Compile(name string, src []byte, o ...Option) (*Form, error) {
	c := &compiler{loader: loader{file: name, listAt: map[string]int{}}, own: map[string]bool{}}
	for _, option := range o {
		option(c)
	}
	root, ok := c.document(src)
	if !ok {
		return nil, c.sorted()
	}
	c.def = c.loader.definition(root)
	c.form = &Form{
		ID: c.def.Settings.ID, Version: c.def.Settings.Version, Title: c.def.Settings.Title,
		byName: map[string]*node{},
	}
	c.allLists()
	c.form.top = c.nodes(c.def.Survey, nil)
	c.resolve()
	c.unusedLists()
	if len(c.errs) == 0 {
		c.cycles()
	}
	if err := c.sorted(); err != nil {
		return nil, err
	}
	return c.form, c.seal()
}

// Load compiles a definition that is embedded or on disk.
func Load(fsys fs.FS, name string) (*Form, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("reading the form %s: %w", name, err)
	}
	return Compile(name, src)
}

// allLists puts the definition's lists beside the shipped ones.
func (c *compiler) allLists() {
	shipped, err := shippedLists()
	if err != nil {
		c.errs = append(c.errs, err)
	}
	c.lists = maps.Clone(shipped)
	for _, name := range slices.Sorted(maps.Keys(c.def.Choices)) {
		own := List{Name: name, Choices: published(c.def.Choices[name])}
		there, taken := shipped[name]
		if taken && !c.stored && !slices.Equal(there.Choices, own.Choices) {
			c.fail(c.listAt[name], "the list %s has the name of a shipped list but other choices; name it otherwise", name)
		}
		own.Label = there.Label
		c.lists[name], c.own[name] = own, taken
	}
}

func (c *compiler) unusedLists() {
	for _, name := range slices.Sorted(maps.Keys(c.own)) {
		if !c.own[name] && !c.stored {
			c.fail(c.listAt[name], "the list %s is used by no question; remove it", name)
		}
	}
}

// seal fixes the canonical definition and its hash. The lists that are used
// belong to it, so that a published form never changes its meaning.
func (c *compiler) seal() error {
	c.def.Choices = map[string][]choice{}
	for _, n := range c.form.nodes {
		if n.list.Name != "" {
			c.def.Choices[n.list.Name] = drafted(n.list.Choices)
		}
	}
	canonical, err := c.def.canonical()
	if err != nil {
		return fmt.Errorf("writing the canonical form %s: %w", c.file, err)
	}
	sum := sha256.Sum256(canonical)
	c.form.canonical, c.form.Hash = canonical, hex.EncodeToString(sum[:])
	return nil
}

// nodes compiles questions that stand beside each other.
func (c *compiler) nodes(qs []*question, parent *node) []*node {
	out := make([]*node, 0, len(qs))
	for _, q := range qs {
		out = append(out, c.node(q, parent))
	}
	return out
}

func (c *compiler) node(q *question, parent *node) *node {
	n := &node{question: q, parent: parent}
	c.place(n)
	c.kind(n)
	c.name(n)
	c.texts(n)
	c.keys(n)
	c.values(n)
	c.expressions(n)
	c.literal(n)
	n.children = c.nodes(q.Children, n)
	c.family(n)
	return n
}

// place gives the node its page, its repeat and its slot.
func (c *compiler) place(n *node) {
	if n.parent != nil {
		n.page, n.repeat = n.parent.page, n.parent.repeat
		if n.parent.kind == kindRepeat {
			n.repeat = n.parent
		}
	}
	c.form.nodes = append(c.form.nodes, n)
	if n.repeat == nil {
		n.slot = c.form.slots
		c.form.slots++
		return
	}
	n.slot = n.repeat.slots
	n.repeat.slots++
}

func (c *compiler) kind(n *node) {
	base, list, _ := strings.Cut(n.Type, " ")
	appearances, ok := kinds[base]
	if !ok {
		names := slices.Sorted(maps.Keys(kinds))
		c.fail(n.at.of("type"), "%s has the type %q; types are %s%s", n.Name, base, strings.Join(names, ", "), expr.Suggest(base, names))
		n.kind = kindNote
		return
	}
	if n.kind, ok = appearances[n.Appearance]; !ok {
		names := slices.Sorted(maps.Keys(appearances))
		c.fail(n.at.of("appearance"), "%s has the appearance %q, but %s can have only %s",
			n.Name, n.Appearance, base, strings.TrimPrefix(strings.Join(names, ", "), ", ")+" or none")
		n.kind = appearances[""]
	}
	if n.parent == nil && n.kind == kindGroup {
		n.page = n
	}
	if n.kind.in(kindOne, kindMany) {
		c.list(n, list)
	} else if list != "" {
		c.fail(n.at.of("type"), "%s: the type %s takes no list; only select_one and select_multiple do", n.Name, base)
	}
}

func (c *compiler) list(n *node, name string) {
	list, ok := c.lists[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.lists))
		c.fail(n.at.of("type"), "%s names the unknown list %q%s; write `%s LIST` with a list of choices or a shipped one",
			n.Name, name, expr.Suggest(name, known), strings.Fields(n.Type + " select_one")[0])
		return
	}
	if _, own := c.own[name]; own {
		c.own[name] = true
	}
	n.list, n.choices = list, make(map[string]int, len(list.Choices))
	for i, ch := range list.Choices {
		n.choices[ch.Name] = i
	}
}

func (c *compiler) name(n *node) {
	switch {
	case n.Name == "":
		c.fail(n.at.of("name"), "a %s has no name; every entry of survey needs one", n.Type)
		return
	case !expr.IsName(n.Name) || len(n.Name) > 64:
		c.fail(n.at.of("name"), "the name %q is not possible: letters, digits and _, beginning with a letter, at most 64", n.Name)
		return
	}
	if before, ok := c.form.byName[n.Name]; ok {
		c.fail(n.at.of("name"), "the name %s is given twice, first in line %d; names are unique in the whole form", n.Name, before.at.of("name"))
		return
	}
	c.form.byName[n.Name] = n
}

// texts checks that what people see has words.
func (c *compiler) texts(n *node) {
	_, labelled := n.at["label"]
	if !labelled && !n.kind.in(kindHidden, kindCalculate) {
		c.fail(n.at.of(""), "%s has no label: {de: …, en: …}", n.Name)
	}
	if _, ok := n.at["constraint_message"]; n.Constraint != "" && !ok {
		c.fail(n.at.of("constraint"), "%s has a constraint without constraint_message: {de: …, en: …}", n.Name)
	}
}

// family checks what depends on the children.
func (c *compiler) family(n *node) {
	if n.kind.in(kindGroup, kindRepeat) && len(n.children) == 0 {
		c.fail(n.at.of("children"), "%s has no children; a %s stands around questions", n.Name, n.Type)
	}
	if _, has := n.at["children"]; has && !n.kind.in(kindGroup, kindRepeat) {
		c.fail(n.at.of("children"), "%s has children, but only group and repeat can", n.Name)
	}
	if n.kind == kindRepeat && n.repeat != nil {
		c.fail(n.at.of("type"), "%s is a repeat inside the repeat %s; put its questions into the rows, or ask in a text", n.Name, n.repeat.Name)
	}
	if n.parent == nil && c.def.Settings.Style == "pages" && n.page == nil && !n.kind.in(kindHidden, kindCalculate) {
		c.fail(n.at.of("name"), "%s stands on no page; with style pages every question stands in a top-level group", n.Name)
	}
	if n.kind == kindGroup && n.Appearance == "table-list" {
		c.matrix(n)
	}
}

func (c *compiler) matrix(n *node) {
	for _, child := range n.children {
		if child.kind != kindOne || child.list.Name != n.children[0].list.Name {
			c.fail(child.at.of("type"), "%s can't stand in the table-list %s: there all are select_one of the same list", child.Name, n.Name)
		}
	}
}

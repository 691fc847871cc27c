package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
)

// compiler makes a Form of a definition.
type compiler struct {
	*define.Reader
	stored bool
	def    *define.Definition
	form   *Form
	own    map[string]bool // lists of the definition: were they used?
	lists  map[string]define.List
	rules  []pending
}

// pending is an expression that waits until all questions are known.
type pending struct {
	node   *Node
	key    string // where it stands: "relevant"
	line   int
	want   expr.Kind
	self   bool // it may ask for the own answer
	filter bool
	rule   *Rule
}

// Compile reads a definition and checks all of it. file is how people find it;
// every fault begins with it and the line, and all are reported at once. A
// stored definition may have keys that this version does not know, and keeps
// its lists even if the shipped ones have changed since.
func Compile(file string, src []byte, stored bool) (*Form, error) {
	c := &compiler{Reader: define.NewReader(file, stored), stored: stored, own: map[string]bool{}}
	var ok bool
	if c.def, ok = c.Read(src); !ok {
		return nil, c.Err()
	}
	c.form = &Form{Settings: c.def.Settings, ByName: map[string]*Node{}}
	if err := c.allLists(); err != nil {
		return nil, err
	}
	c.form.Top = c.nodes(c.def.Survey, nil)
	c.resolve()
	c.unusedLists()
	if c.Err() == nil {
		c.cycles()
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return c.form, c.seal()
}

// allLists puts the definition's lists beside the shipped ones.
func (c *compiler) allLists() error {
	shipped, err := define.Lists()
	if err != nil {
		return err
	}
	c.lists = maps.Clone(shipped)
	for _, name := range slices.Sorted(maps.Keys(c.def.Choices)) {
		own := define.List{Name: name, Choices: c.def.Choices[name]}
		there, taken := shipped[name]
		if taken && !c.stored && !slices.Equal(there.Choices, own.Choices) {
			c.Fail(c.ListLine(name), "the list %s has the name of a shipped list but other choices; name it otherwise", name)
		}
		own.Label = there.Label
		c.lists[name], c.own[name] = own, taken
	}
	return nil
}

func (c *compiler) unusedLists() {
	for _, name := range slices.Sorted(maps.Keys(c.own)) {
		if !c.own[name] && !c.stored {
			c.Fail(c.ListLine(name), "the list %s is used by no question; remove it", name)
		}
	}
}

// seal fixes the canonical definition and its hash. The lists that are used
// belong to it, so that a published form never changes its meaning.
func (c *compiler) seal() error {
	c.def.Choices = map[string][]define.Choice{}
	for _, n := range c.form.Nodes {
		if n.Options.Name != "" {
			c.def.Choices[n.Options.Name] = n.Options.Choices
		}
	}
	canonical, err := c.def.Canonical()
	if err != nil {
		return fmt.Errorf("writing the canonical form %s: %w", c.form.Settings.ID, err)
	}
	sum := sha256.Sum256(canonical)
	c.form.Canonical, c.form.Hash = canonical, hex.EncodeToString(sum[:])
	return nil
}

// nodes compiles questions that stand beside each other.
func (c *compiler) nodes(qs []*define.Question, parent *Node) []*Node {
	out := make([]*Node, 0, len(qs))
	for _, q := range qs {
		out = append(out, c.node(q, parent))
	}
	return out
}

func (c *compiler) node(q *define.Question, parent *Node) *Node {
	n := &Node{Question: q, Parent: parent}
	c.place(n)
	c.kind(n)
	c.name(n)
	c.texts(n)
	c.keys(n)
	c.values(n)
	c.expressions(n)
	c.literal(n)
	n.Inner = c.nodes(q.Children, n)
	c.family(n)
	return n
}

// place gives the node its page, its repeat and its slot.
func (c *compiler) place(n *Node) {
	if n.Parent != nil {
		n.Page, n.Repeat = n.Parent.Page, n.Parent.Repeat
		if n.Parent.Kind == define.Repeat {
			n.Repeat = n.Parent
		}
	}
	c.form.Nodes = append(c.form.Nodes, n)
	if n.Repeat == nil {
		n.Slot = c.form.Slots
		c.form.Slots++
		return
	}
	n.Slot = n.Repeat.Slots
	n.Repeat.Slots++
}

func (c *compiler) kind(n *Node) {
	base, list, _ := strings.Cut(n.Type, " ")
	appearances, ok := define.Kinds[base]
	if !ok {
		names := slices.Sorted(maps.Keys(define.Kinds))
		c.Fail(n.At.Of("type"), "%s has the type %q; types are %s%s", n.Name, base, strings.Join(names, ", "), expr.Suggest(base, names).EN)
		n.Kind = define.Note
		return
	}
	if n.Kind, ok = appearances[n.Appearance]; !ok {
		names := slices.Sorted(maps.Keys(appearances))
		c.Fail(n.At.Of("appearance"), "%s has the appearance %q, but %s can have only %s",
			n.Name, n.Appearance, base, strings.TrimPrefix(strings.Join(names, ", "), ", ")+" or none")
		n.Kind = appearances[""]
	}
	if n.Parent == nil && n.Kind == define.Group {
		n.Page = n
	}
	if n.Kind.In(define.One, define.Many) {
		c.list(n, list)
	} else if list != "" {
		c.Fail(n.At.Of("type"), "%s: the type %s takes no list; only select_one and select_multiple do", n.Name, base)
	}
}

func (c *compiler) list(n *Node, name string) {
	list, ok := c.lists[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.lists))
		c.Fail(n.At.Of("type"), "%s names the unknown list %q%s; write `%s LIST` with a list of choices or a shipped one",
			n.Name, name, expr.Suggest(name, known).EN, strings.Fields(n.Type + " select_one")[0])
		return
	}
	if _, own := c.own[name]; own {
		c.own[name] = true
	}
	n.Options, n.Place = list, make(map[string]int, len(list.Choices))
	for i, ch := range list.Choices {
		n.Place[ch.Name] = i
	}
}

func (c *compiler) name(n *Node) {
	switch {
	case n.Name == "":
		c.Fail(n.At.Of("name"), "a %s has no name; every entry of survey needs one", n.Type)
		return
	case !expr.IsName(n.Name) || len(n.Name) > 64:
		c.Fail(n.At.Of("name"), "the name %q is not possible: letters, digits and _, beginning with a letter, at most 64", n.Name)
		return
	}
	if before, ok := c.form.ByName[n.Name]; ok {
		c.Fail(n.At.Of("name"), "the name %s is given twice, first in line %d; names are unique in the whole form", n.Name, before.At.Of("name"))
		return
	}
	c.form.ByName[n.Name] = n
}

// texts checks that what people see has words.
func (c *compiler) texts(n *Node) {
	_, labelled := n.At["label"]
	if !labelled && !n.Kind.In(define.Hidden, define.Calculate) {
		c.Fail(n.At.Of(""), "%s has no label: {de: …, en: …}", n.Name)
	}
	if _, ok := n.At["constraint_message"]; n.Constraint != "" && !ok {
		c.Fail(n.At.Of("constraint"), "%s has a constraint without constraint_message: {de: …, en: …}", n.Name)
	}
}

// family checks what depends on the children.
func (c *compiler) family(n *Node) {
	if n.Kind.In(define.Group, define.Repeat) && len(n.Inner) == 0 {
		c.Fail(n.At.Of("children"), "%s has no children; a %s stands around questions", n.Name, n.Type)
	}
	if _, has := n.At["children"]; has && !n.Kind.In(define.Group, define.Repeat) {
		c.Fail(n.At.Of("children"), "%s has children, but only group and repeat can", n.Name)
	}
	if n.Kind == define.Repeat && n.Repeat != nil {
		c.Fail(n.At.Of("type"), "%s is a repeat inside the repeat %s; put its questions into the rows, or ask in a text", n.Name, n.Repeat.Name)
	}
	if n.Parent == nil && c.def.Settings.Style == "pages" && n.Page == nil && !n.Kind.In(define.Hidden, define.Calculate) {
		c.Fail(n.At.Of("name"), "%s stands on no page; with style pages every question stands in a top-level group", n.Name)
	}
	if n.Kind == define.Group && n.Appearance == "table-list" {
		c.matrix(n)
	}
}

func (c *compiler) matrix(n *Node) {
	for _, child := range n.Inner {
		if child.Kind != define.One || child.Options.Name != n.Inner[0].Options.Name {
			c.Fail(child.At.Of("type"), "%s can't stand in the table-list %s: there all are select_one of the same list", child.Name, n.Name)
		}
	}
}

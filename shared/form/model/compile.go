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
	"kokoma/shared/lang"
)

// compiler makes a Form of a definition.
type compiler struct {
	*define.Report
	stored bool
	def    *define.Definition
	form   *Form
	own    map[string]bool // lists of the definition: were they used?
	lists  map[string]define.List
	rules  []pending
	folded map[string]*Node // by name in lower case
}

// pending is an expression that waits until all questions are known.
type pending struct {
	node   *Node
	key    string // where it stands: "relevant"
	at     define.Place
	want   expr.Kind
	self   bool // it may ask for the own answer
	filter bool
	rule   *Rule
}

// Compile checks all of a definition and makes a form of it; nil when the
// report has faults. A stored definition keeps its lists even if the shipped
// ones have changed since, and nothing is found in it that was let through
// when it was published.
func Compile(def *define.Definition, r *define.Report, stored bool) (*Form, error) {
	c := &compiler{Report: r, stored: stored, def: def, own: map[string]bool{}, folded: map[string]*Node{}}
	c.form = &Form{Settings: def.Settings, ByName: map[string]*Node{}}
	c.settings()
	if err := c.allLists(); err != nil {
		return nil, err
	}
	c.form.Top = c.nodes(def.Survey, nil)
	c.resolve()
	c.unusedLists()
	if r.Broken() {
		return nil, nil
	}
	c.cycles()
	if !stored {
		c.reachable()
	}
	if r.Broken() {
		return nil, nil
	}
	return c.form, c.seal()
}

func (c *compiler) settings() {
	s := c.def.Settings
	for key, value := range map[string]string{"form_id": s.ID, "version": s.Version} {
		if value == "" {
			c.Fail(s.At.Of(key), "define.settings.lack", key)
		}
	}
	if s.ID != "" && (!isChoiceName(s.ID) || len(s.ID) > 64) {
		c.Fail(s.At.Of("form_id"), "define.settings.id", s.ID)
	}
	if s.Title == (lang.Text{}) {
		c.Fail(s.At.Of("title"), "define.settings.title")
	}
	c.text(s.At, "title", s.Title)
	if s.Language != "" && s.Language != "de" {
		c.Fail(s.At.Of("default_language"), "define.settings.language", s.Language)
	}
	if s.Style != "" && s.Style != "pages" {
		c.Fail(s.At.Of("style"), "define.settings.style", s.Style)
	}
}

// text checks the languages of what people read.
func (c *compiler) text(at define.Places, key string, t lang.Text) {
	switch {
	case t == (lang.Text{}) || c.stored:
	case t.DE == "":
		c.Fail(at.In(key, lang.DE), "define.text.german", key)
	case t.EN == "":
		c.Warn(at.In(key, lang.EN), "define.text.english", key)
	}
	if strings.Contains(t.DE+t.EN, "${") {
		c.Fail(at.Of(key), "define.text.answers", key)
	}
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
		c.choices(own)
		there, taken := shipped[name]
		if taken && !c.stored && !slices.EqualFunc(there.Choices, own.Choices, define.Choice.Equal) {
			c.Fail(c.def.ListAt[name], "define.list.shipped", name)
		}
		own.Label = there.Label
		c.lists[name], c.own[name] = own, taken
	}
	return nil
}

// choices checks one of the definition's lists.
func (c *compiler) choices(l define.List) {
	at := c.def.ListAt[l.Name]
	if !isChoiceName(l.Name) {
		c.Fail(at, "define.list.name", l.Name)
	}
	switch n := len(l.Choices); {
	case n == 0:
		c.Fail(at, "define.list.empty", l.Name)
	case n > define.MaxChoices:
		c.Fail(at, "define.list.long", l.Name, define.MaxChoices)
		return
	}
	seen, folded := map[string]bool{}, map[string]string{}
	for _, ch := range l.Choices {
		at := ch.At.Of("name")
		if !isChoiceName(ch.Name) {
			c.Fail(at, "define.choice.name", l.Name, ch.Name)
		}
		before, close := folded[strings.ToLower(ch.Name)]
		if seen[ch.Name] {
			c.Fail(at, "define.choice.twice", l.Name, ch.Name)
		} else if close && !c.stored {
			c.Warn(at, "define.choice.folded", l.Name, ch.Name, before)
		}
		seen[ch.Name], folded[strings.ToLower(ch.Name)] = true, ch.Name
		if ch.Label == (lang.Text{}) {
			c.Fail(at, "define.choice.label", ch.Name, l.Name)
		}
		c.text(ch.At, "label", ch.Label)
		for column := range ch.Attributes {
			if !expr.IsName(column) {
				c.Fail(at, "define.attribute.name", column)
			}
		}
	}
}

// isChoiceName keeps blanks out, which separate choices in expressions.
func isChoiceName(s string) bool {
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
	}
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, strange)
}

func (c *compiler) unusedLists() {
	for _, name := range slices.Sorted(maps.Keys(c.own)) {
		if !c.own[name] && !c.stored {
			c.Fail(c.def.ListAt[name], "define.list.unused", name)
		}
	}
}

// seal fixes the canonical definition and its hash. The lists that are used
// belong to it, so that a published form never changes its meaning.
func (c *compiler) seal() error {
	used := map[string][]define.Choice{}
	for _, n := range c.form.Nodes {
		if n.List != "" {
			used[n.List] = c.lists[n.List].Choices
		}
	}
	c.def.Choices = used
	canonical, err := c.def.Canonical()
	if err != nil {
		return fmt.Errorf("writing the canonical form %s: %w", c.form.Settings.ID, err)
	}
	sum := sha256.Sum256(canonical)
	c.form.Canonical, c.form.Hash = canonical, hex.EncodeToString(sum[:])
	c.form.Definition = c.def
	return nil
}

// nodes compiles questions that stand beside each other, and those that ask
// for what "other" is.
func (c *compiler) nodes(qs []*define.Question, parent *Node) []*Node {
	out := make([]*Node, 0, len(qs))
	for _, q := range qs {
		n := c.node(q, parent)
		out = append(out, n)
		if n.Other {
			out = append(out, c.node(otherText(q), parent))
		}
	}
	return out
}

// otherName is the choice that or_other adds, and the ending of the question
// for what it is, as pyxform names them.
const otherName = "other"

var otherChoice = define.Choice{Name: otherName, Label: lang.Text{DE: "Anderes", EN: "Other"}}

func otherText(q *define.Question) *define.Question {
	return &define.Question{
		Type: "text", Name: q.Name + "_" + otherName, Label: lang.Text{DE: "Anderes, und zwar", EN: "Other, namely"},
		Relevant: "selected(${" + q.Name + "}, '" + otherName + "')", Class: q.Class, Role: q.Role, Wave: q.Wave, Step: q.Step,
		Sensitive: q.Sensitive, At: define.Places{"": q.At.Of("name"), "label": q.At.Of("name")},
	}
}

func (c *compiler) node(q *define.Question, parent *Node) *Node {
	n := &Node{Question: q, Parent: parent}
	c.place(n)
	known := c.kind(n)
	c.name(n)
	if !known { // what goes with the type can't be judged
		n.Inner = c.nodes(q.Children, n)
		return n
	}
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

// kind finds out what the node is; false when there is no such type.
func (c *compiler) kind(n *Node) bool {
	base, list, _ := strings.Cut(n.Type, " ")
	appearances, ok := define.Kinds[base]
	if !ok {
		c.strangeType(n, base)
		n.Kind = define.Note
		return false
	}
	n.Kind = appearances[""]
	for word := range strings.FieldsSeq(n.Appearance) {
		kind, known := appearances[word]
		switch {
		case known:
			n.Kind = kind
		case define.Plain(word):
			if !c.stored {
				c.Warn(n.At.Of("appearance"), "define.appearance.plain", n.Name, word)
			}
		default:
			c.Fail(n.At.Of("appearance"), "define.appearance", n.Name, word, base, anyOf(appearances))
		}
	}
	if n.Parent == nil && n.Kind == define.Group {
		n.Page = n
	}
	if n.Kind.Listed() {
		c.list(n, list)
	} else if list != "" {
		c.Fail(n.At.Of("type"), "define.type.list", n.Name, base)
	}
	return true
}

func (c *compiler) strangeType(n *Node, base string) {
	if why, refused := define.RefusedType(base); refused {
		c.Fail(n.At.Of("type"), "define.refused.type", n.Name, base, why)
		return
	}
	names := slices.Sorted(maps.Keys(define.Kinds))
	c.Fail(n.At.Of("type"), "define.type", n.Name, base, strings.Join(names, ", "), near(base, names))
}

// near is „; meinten Sie …?“, or nothing.
func near(name string, known []string) lang.Text {
	if meant := expr.Nearest(name, known); meant != "" {
		return define.Say("define.meant", meant)
	}
	return lang.Text{}
}

// anyOf are the appearances that a type can have.
func anyOf(appearances map[string]define.Kind) lang.Text {
	names := slices.Sorted(maps.Keys(appearances))[1:]
	if len(names) == 0 {
		return define.Say("define.none")
	}
	return define.Say("define.or.none", strings.Join(names, ", "))
}

func (c *compiler) list(n *Node, name string) {
	name, n.Other = strings.CutSuffix(name, " or_other")
	list, ok := c.lists[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.lists))
		c.Fail(n.At.Of("type"), "define.list.unknown", n.Name, name, near(name, known), strings.Fields(n.Type + " select_one")[0])
		n.Other = false
		return
	}
	if _, own := c.own[name]; own {
		c.own[name] = true
	}
	n.List = name
	if n.Other {
		if n.ChoiceFilter != "" {
			c.Fail(n.At.Of("type"), "define.other.filter", n.Name)
		}
		list.Choices = append(slices.Clip(list.Choices), otherChoice)
	}
	n.Options, n.Position = list, make(map[string]int, len(list.Choices))
	for i, ch := range list.Choices {
		n.Position[ch.Name] = i
	}
}

// longestName is what SPSS takes, in bytes.
const longestName = 64

func (c *compiler) name(n *Node) {
	switch {
	case n.Name == "":
		c.Fail(n.At.Of("name"), "define.name.missing", n.Type)
		return
	case len(n.Name) > longestName:
		c.Fail(n.At.Of("name"), "define.name.long", n.Name, len(n.Name))
		return
	case !expr.IsName(n.Name):
		c.Fail(n.At.Of("name"), "define.name", n.Name)
		return
	}
	if before, ok := c.form.ByName[n.Name]; ok {
		c.Fail(n.At.Of("name"), "define.name.twice", n.Name, before.At.Of("name"))
		return
	}
	if before, ok := c.folded[strings.ToLower(n.Name)]; ok {
		c.Fail(n.At.Of("name"), "define.name.folded", n.Name, before.Name, before.At.Of("name"))
	}
	c.form.ByName[n.Name], c.folded[strings.ToLower(n.Name)] = n, n
	if n.Kind == define.Many && !c.stored {
		for _, ch := range n.Options.Choices {
			if len(n.Name)+1+len(ch.Name) > longestName {
				c.Warn(n.At.Of("name"), "define.name.column", n.Name, ch.Name)
				return
			}
		}
	}
}

// texts checks that what people see has words.
func (c *compiler) texts(n *Node) {
	for key, t := range n.Texts() {
		c.text(n.At, key, *t)
	}
	if n.Label == (lang.Text{}) && !n.Kind.In(define.Hidden, define.Calculate) {
		c.Fail(n.At.Of(""), "define.label", n.Name)
	}
	if n.Constraint != "" && n.ConstraintMessage == (lang.Text{}) {
		c.Fail(n.At.Of("constraint"), "define.constraint.message", n.Name)
	}
}

// family checks what depends on the children.
func (c *compiler) family(n *Node) {
	if n.Kind.In(define.Group, define.Repeat) && len(n.Inner) == 0 {
		c.Fail(n.At.Of("children"), "define.children.none", n.Name, n.Type)
	}
	if _, has := n.At["children"]; (has || len(n.Children) > 0) && !n.Kind.In(define.Group, define.Repeat) {
		c.Fail(n.At.Of("children"), "define.children", n.Name)
	}
	if n.Kind == define.Repeat {
		c.form.Repeats = append(c.form.Repeats, n)
	}
	if n.Kind == define.Repeat && n.depth() > maxRepeats {
		c.Fail(n.At.Of("type"), "define.repeat.depth", n.Name, maxRepeats)
	}
	if n.Parent == nil && c.def.Settings.Style == "pages" && n.Page == nil && !n.Kind.In(define.Hidden, define.Calculate) {
		c.Fail(n.At.Of("name"), "define.page", n.Name)
	}
	if n.Kind == define.Group && n.Matrix() {
		c.matrix(n)
	}
}

// maxRepeats is how many repeats may stand in each other.
const maxRepeats = 3

// depth is how many repeats stand around the node's rows, itself included.
func (n *Node) depth() int {
	d := 0
	for r := n; r != nil; r = r.Repeat {
		d++
	}
	return d
}

func (c *compiler) matrix(n *Node) {
	for _, child := range n.Inner {
		if child.Kind != define.One || child.List != n.Inner[0].List || child.Other {
			c.Fail(child.At.Of("type"), "define.matrix", child.Name, n.Name)
		}
	}
}

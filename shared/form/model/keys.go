package model

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// Longest texts where a definition says nothing.
const (
	defaultLine = 255
	defaultArea = 5000
)

// fits says which kinds can have a key; keys that are not listed fit all.
var fits = map[string]func(k define.Kind) bool{
	"required":           func(k define.Kind) bool { return k.Answered() || k == define.Repeat },
	"required_message":   func(k define.Kind) bool { return k.Answered() || k == define.Repeat },
	"constraint":         define.Kind.Answered,
	"constraint_message": define.Kind.Answered,
	"calculation":        func(k define.Kind) bool { return k.Answered() && k < define.One || k == define.Calculate },
	"default":            func(k define.Kind) bool { return k.Answered() || k == define.Hidden },
	"readonly":           define.Kind.Answered,
	"choice_filter":      define.Kind.Listed,
	"parameters":         func(k define.Kind) bool { return k >= define.Integer && k <= define.Year },
	"repeat_count":       func(k define.Kind) bool { return k == define.Repeat },
	"x_minlength":        define.Kind.Written,
	"x_maxlength":        define.Kind.Written,
	"x_min":              func(k define.Kind) bool { return k.In(define.Many, define.Repeat) },
	"x_max":              func(k define.Kind) bool { return k.In(define.Many, define.Repeat) },
	"x_exclusive":        func(k define.Kind) bool { return k == define.Many },
	"x_unknown":          func(k define.Kind) bool { return k.In(define.Date, define.Month, define.Year) },
	"x_unique":           define.Kind.Answered,
	"x_autocomplete":     func(k define.Kind) bool { return k.Answered() && k < define.One },
	"x_construct":        define.Kind.Answered,
	"x_scale":            define.Kind.Answered,
	"x_reversed":         func(k define.Kind) bool { return k == define.One },
	"x_alias":            func(k define.Kind) bool { return !k.In(define.Note, define.Group) },
	"hint":               func(k define.Kind) bool { return !k.In(define.Hidden, define.Calculate) },
	"guidance_hint":      func(k define.Kind) bool { return !k.In(define.Hidden, define.Calculate, define.Group, define.Note) },
}

// instead helps with keys on the wrong type.
var instead = map[string]string{
	"x_min": "define.instead.bounds", "x_max": "define.instead.bounds", "parameters": "define.instead.lengths",
	"required": "define.instead.required", "calculation": "define.instead.calculation",
	"constraint": "define.instead.constraint",
}

func (c *compiler) keys(n *Node) {
	for _, key := range slices.Sorted(maps.Keys(n.At)) {
		if fit, ok := fits[key]; ok && !fit(n.Kind) {
			help := lang.Text{}
			if instead[key] != "" {
				help = define.Say(instead[key])
			}
			c.Fail(n.At[key], "define.key.type", n.Name, key, n.Type, help)
		}
	}
	if n.Kind == define.Calculate && n.Calculation == "" {
		c.Fail(n.At.Of(""), "define.calculate", n.Name)
	}
	if n.Unique != "" && n.Repeat == nil {
		c.Fail(n.At.Of("x_unique"), "define.unique", n.Name)
	}
	if n.RequiredMessage.DE != "" && n.Required == "" && n.Min == nil {
		c.Fail(n.At.Of("required_message"), "define.required.message", n.Name)
	}
	if n.RepeatCount != "" && (n.Min != nil || n.Max != nil || n.Required != "") {
		c.Fail(n.At.Of("repeat_count"), "define.repeat.count.bounds", n.Name)
	}
	if n.Constraint != "" && n.Readonly != "" && n.Kind.Answered() {
		c.Warn(n.At.Of("constraint"), "define.constraint.readonly", n.Name)
	}
}

// values reads the keys that hold values.
func (c *compiler) values(n *Node) {
	n.Fixed = c.yesNo(n, "readonly", n.Readonly)
	n.Distinct = c.yesNo(n, "x_unique", n.Unique)
	if n.Fixed && n.Required != "" {
		c.Fail(n.At.Of("required"), "define.readonly.required", n.Name)
	}
	c.yesNo(n, "x_reversed", n.Reversed)
	c.yesNo(n, "x_sensitive", n.Sensitive)
	c.oneOf(n, "x_class", n.Class, classes)
	if n.Autocomplete != "" && !autocompletes.MatchString(n.Autocomplete) {
		c.Fail(n.At.Of("x_autocomplete"), "define.autocomplete", n.Name, n.Autocomplete)
	}
	c.codes(n)
	c.lengths(n)
	c.counts(n)
	if fits["parameters"](n.Kind) && (n.Parameters != "" || n.Kind == define.Range) {
		b, err := entry.ReadBounds(n.Parameters, n.Kind)
		if err != nil {
			c.Fail(n.At.Of("parameters"), "define.parameters", n.Name, define.TextOf(err))
		}
		n.Bounds = b
	}
	for _, name := range strings.Fields(n.Exclusive) {
		if _, ok := n.Position[name]; !ok {
			c.Fail(n.At.Of("x_exclusive"), "define.exclusive", n.Name, name, n.List)
		}
		n.Alone = append(n.Alone, name)
	}
}

// codes checks the lists of words that say what a question is for.
func (c *compiler) codes(n *Node) {
	for key, value := range map[string]string{
		"x_indicator": n.Indicator, "x_wave": n.Wave, "x_role": n.Role, "x_step": n.Step, "x_construct": n.Construct, "x_scale": n.Scale,
	} {
		for word := range strings.FieldsSeq(value) {
			if !isChoiceName(word) {
				c.Fail(n.At.Of(key), "define.code", n.Name, key, word)
			}
		}
	}
	for name := range strings.FieldsSeq(n.Alias) {
		if !expr.IsName(name) || len(name) > longestName {
			c.Fail(n.At.Of("x_alias"), "define.alias.name", n.Name, name)
		}
	}
}

var (
	classes       = []string{"org", "case", "sens", "pers", "rec", "anon"}
	autocompletes = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
)

// literal checks a default that is a plain value.
func (c *compiler) literal(n *Node) {
	if n.Default == "" || n.Preset != nil {
		return
	}
	var fault lang.Text
	switch {
	case n.Kind.Listed():
		for _, name := range strings.Fields(n.Default) {
			if _, ok := n.Position[name]; !ok {
				fault = define.Say("define.default.choice", name, n.List)
			}
		}
	case n.Kind == define.Acknowledge:
		if n.Default != Acknowledged {
			fault = define.Say("define.default.acknowledge", Acknowledged)
		}
	case n.Kind.Answered() && n.Kind != define.Municipality:
		if n.Asked().Understand(n.Default, entry.Register{}).Fault != "" {
			fault = define.Say("define.default.type", n.Type)
		}
	}
	if fault != (lang.Text{}) {
		c.Fail(n.At.Of("default"), "define.default", n.Name, n.Default, fault)
	}
}

func (c *compiler) oneOf(n *Node, key, value string, known []string) {
	if value != "" && !slices.Contains(known, value) {
		c.Fail(n.At.Of(key), "define.value", n.Name, key, value, strings.Join(known, ", "))
	}
}

func (c *compiler) yesNo(n *Node, key, value string) bool {
	switch value {
	case "yes", "true", "true()":
		return true
	case "", "no", "false", "false()":
		return false
	}
	if key == "readonly" {
		c.Fail(n.At.Of(key), "define.readonly", n.Name, value)
		return false
	}
	c.Fail(n.At.Of(key), "define.yes", n.Name, key, value)
	return false
}

func (c *compiler) lengths(n *Node) {
	n.Longest = defaultLine
	switch {
	case n.Kind == define.Email:
		n.Longest = 254
	case n.Kind == define.Area:
		n.Longest = defaultArea
	}
	if n.MaxLength != nil {
		n.Longest = *n.MaxLength
	}
	if n.MinLength != nil {
		n.Shortest = *n.MinLength
	}
	if n.Longest < max(n.Shortest, 1) {
		c.Fail(n.At.Of("x_maxlength"), "define.maxlength", n.Name, n.Longest)
	}
}

func (c *compiler) counts(n *Node) {
	if n.Min != nil {
		n.Least = *n.Min
	}
	if n.Max != nil {
		n.Most = *n.Max
		if n.Most < max(n.Least, 1) {
			c.Fail(n.At.Of("x_max"), "define.max", n.Name, n.Most)
		}
	}
	if n.Kind == define.Many && n.Least > len(n.Options.Choices) && len(n.Options.Choices) > 0 {
		c.Fail(n.At.Of("x_min"), "define.min", n.Name, n.Least, n.List, len(n.Options.Choices))
	}
}

// expressions notes the node's expressions; resolve reads them when all
// questions are known.
func (c *compiler) expressions(n *Node) {
	yes := func(s string) bool { return s == "yes" || s == "true" || s == "true()" }
	no := func(s string) bool { return s == "" || s == "no" || s == "false" || s == "false()" }
	if n.Always = yes(n.Required); !n.Always && !no(n.Required) {
		n.RequiredIf = c.later(n, "required", n.Required, pending{want: expr.Bool})
	}
	if !yes(n.Relevant) && n.Relevant != "" {
		n.RelevantIf = c.later(n, "relevant", n.Relevant, pending{want: expr.Bool})
	}
	if n.Constraint != "" {
		n.ValidIf = c.later(n, "constraint", n.Constraint, pending{want: expr.Bool, self: true})
	}
	if n.ChoiceFilter != "" {
		n.OfferedIf = c.later(n, "choice_filter", n.ChoiceFilter, pending{want: expr.Bool, filter: true})
	}
	if n.Calculation != "" {
		n.Formula = c.later(n, "calculation", n.Calculation, pending{want: expr.Any, self: keeping.MatchString(n.Calculation)})
		n.Kept = n.Formula != nil && keeping.MatchString(n.Calculation)
		c.form.Keeps = c.form.Keeps || n.Kept
	}
	if strings.Contains(n.Default, "${") || callLike.MatchString(n.Default) {
		n.Preset = c.later(n, "default", n.Default, pending{want: expr.Any})
	}
	if n.RepeatCount != "" {
		n.Count = c.later(n, "repeat_count", n.RepeatCount, pending{want: expr.Number})
	}
	for _, ch := range n.Checks {
		c.check(n, ch)
	}
}

// check takes one of x_checks.
func (c *compiler) check(n *Node, ch define.Check) {
	if ch.Message == (lang.Text{}) {
		c.Fail(ch.At.Of("message"), "define.check.message")
	}
	c.text(ch.At, "message", ch.Message)
	if ch.Level != "error" && ch.Level != "warning" && ch.Level != "hint" {
		c.Fail(ch.At.Of("level"), "define.check.level", ch.Level)
	}
	if ch.When == "" {
		c.Fail(ch.At.Of("when"), "define.check.when")
		return
	}
	r := c.later(n, "x_checks", ch.When, pending{want: expr.Bool, self: n.Kind.Answered(), at: ch.At.Of("when")})
	n.Rules = append(n.Rules, Check{When: r, Level: ch.Level, Message: ch.Message})
}

// keeping finds once(), which asks for the own last value.
var keeping = regexp.MustCompile(`\bonce\s*\(`)

// callLike tells a default that is an expression from one that is a value.
var callLike = regexp.MustCompile(`^[a-z][a-z-]*\(.*\)$`)

func (c *compiler) later(n *Node, key, src string, p pending) *Rule {
	p.node, p.key, p.rule = n, key, &Rule{}
	if p.at == (define.Place{}) {
		p.at = n.At.Of(key)
	}
	x, err := expr.Parse(src)
	if err != nil {
		c.Fail(p.at, "define.expression", n.Name, key, define.TextOf(err))
		return nil
	}
	p.rule.X = x
	c.rules = append(c.rules, p)
	return p.rule
}

package model

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
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
	"choice_filter":      func(k define.Kind) bool { return k.In(define.One, define.Many) },
	"parameters":         func(k define.Kind) bool { return k >= define.Integer && k <= define.Year },
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
	"hint":               func(k define.Kind) bool { return !k.In(define.Hidden, define.Calculate) },
}

// instead helps with keys on the wrong type.
var instead = map[string]string{
	"x_min":       "; numbers and dates have parameters: \"min=0 max=5\", texts x_minlength",
	"x_max":       "; numbers and dates have parameters: \"min=0 max=5\", texts x_maxlength",
	"parameters":  "; texts have x_minlength and x_maxlength, selects and repeats x_min and x_max",
	"required":    "; required stands at the questions themselves",
	"calculation": "; use the type calculate",
}

func (c *compiler) keys(n *Node) {
	for _, key := range slices.Sorted(maps.Keys(n.At)) {
		if fit, ok := fits[key]; ok && !fit(n.Kind) {
			c.Fail(n.At[key], "%s: %s does not go with the type %s%s", n.Name, key, n.Type, instead[key])
		}
	}
	if n.Kind == define.Calculate && n.Calculation == "" {
		c.Fail(n.At.Of(""), "%s is a calculate without calculation", n.Name)
	}
	if n.Unique != "" && n.Repeat == nil {
		c.Fail(n.At.Of("x_unique"), "%s: x_unique compares the rows of a repeat, but it stands in none", n.Name)
	}
	if n.RequiredMessage.DE != "" && n.Required == "" && n.Min == nil {
		c.Fail(n.At.Of("required_message"), "%s has a required_message but is not required", n.Name)
	}
}

// values reads the keys that hold values.
func (c *compiler) values(n *Node) {
	n.Fixed = c.yesNo(n, "readonly", n.Readonly)
	n.Distinct = c.yesNo(n, "x_unique", n.Unique)
	if n.Fixed && n.Required != "" {
		c.Fail(n.At.Of("required"), "%s is readonly and required; people can't fill it", n.Name)
	}
	c.yesNo(n, "x_reversed", n.Reversed)
	c.oneOf(n, "x_class", n.Class, classes)
	if n.Autocomplete != "" && !autocompletes.MatchString(n.Autocomplete) {
		c.Fail(n.At.Of("x_autocomplete"), "%s: x_autocomplete is %q; give a token of HTML such as email, tel, name or organization", n.Name, n.Autocomplete)
	}
	c.lengths(n)
	c.counts(n)
	if n.Parameters != "" && fits["parameters"](n.Kind) {
		b, err := entry.ReadBounds(n.Parameters, n.Kind)
		if err != nil {
			c.Fail(n.At.Of("parameters"), "%s: parameters: %v", n.Name, err)
		}
		n.Bounds = b
	}
	for _, name := range strings.Fields(n.Exclusive) {
		if _, ok := n.Place[name]; !ok {
			c.Fail(n.At.Of("x_exclusive"), "%s: x_exclusive names %s, which is no choice of %s", n.Name, name, n.Options.Name)
		}
		n.Alone = append(n.Alone, name)
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
	fault := ""
	switch {
	case n.Kind.In(define.One, define.Many):
		for _, name := range strings.Fields(n.Default) {
			if _, ok := n.Place[name]; !ok {
				fault = name + " is no choice of " + n.Options.Name
			}
		}
	case n.Kind == define.Acknowledge:
		if n.Default != Acknowledged {
			fault = "an acknowledge can only be " + Acknowledged
		}
	case n.Kind.Answered() && n.Kind != define.Municipality:
		if n.Asked().Understand(n.Default, entry.Register{}).Fault != "" {
			fault = "this is not possible for the type " + n.Type
		}
	}
	if fault != "" {
		c.Fail(n.At.Of("default"), "%s: default is %q: %s", n.Name, n.Default, fault)
	}
}

func (c *compiler) oneOf(n *Node, key, value string, known []string) {
	if value != "" && !slices.Contains(known, value) {
		c.Fail(n.At.Of(key), "%s: %s is %q; it can be %s", n.Name, key, value, strings.Join(known, ", "))
	}
}

func (c *compiler) yesNo(n *Node, key, value string) bool {
	switch value {
	case "yes", "true", "true()":
		return true
	case "", "no", "false", "false()":
		return false
	}
	hint := ""
	if key == "readonly" {
		hint = "; where it depends, use two questions with relevant"
	}
	c.Fail(n.At.Of(key), "%s: %s is %q; it can be yes or no%s", n.Name, key, value, hint)
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
		c.Fail(n.At.Of("x_maxlength"), "%s: x_maxlength is %d, which no answer can keep", n.Name, n.Longest)
	}
}

func (c *compiler) counts(n *Node) {
	if n.Min != nil {
		n.Least = *n.Min
	}
	if n.Max != nil {
		n.Most = *n.Max
		if n.Most < max(n.Least, 1) {
			c.Fail(n.At.Of("x_max"), "%s: x_max is %d, which is less than x_min or 1", n.Name, n.Most)
		}
	}
	if n.Kind == define.Many && n.Least > len(n.Options.Choices) && len(n.Options.Choices) > 0 {
		c.Fail(n.At.Of("x_min"), "%s: x_min is %d, but %s has only %d choices", n.Name, n.Least, n.Options.Name, len(n.Options.Choices))
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
		n.Formula = c.later(n, "calculation", n.Calculation, pending{want: expr.Any})
	}
	if strings.Contains(n.Default, "${") || callLike.MatchString(n.Default) {
		n.Preset = c.later(n, "default", n.Default, pending{want: expr.Any})
	}
	for i, ch := range n.Checks {
		r := c.later(n, "x_checks", n.Checks[i].When, pending{want: expr.Bool, self: n.Kind.Answered(), line: ch.At.Of("when")})
		n.Rules = append(n.Rules, Check{When: r, Level: ch.Level, Message: ch.Message})
	}
}

// callLike tells a default that is an expression from one that is a value.
var callLike = regexp.MustCompile(`^[a-z][a-z-]*\(.*\)$`)

func (c *compiler) later(n *Node, key, src string, p pending) *Rule {
	p.node, p.key, p.rule = n, key, &Rule{}
	if p.line == 0 {
		p.line = n.At.Of(key)
	}
	x, err := expr.Parse(src)
	if err != nil {
		c.Fail(p.line, "%s: %s: %v", n.Name, key, err)
		return nil
	}
	p.rule.X = x
	c.rules = append(c.rules, p)
	return p.rule
}

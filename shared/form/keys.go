package form

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"kokoma/shared/form/expr"
)

// Longest texts where a definition says nothing.
const (
	defaultLine = 255
	defaultArea = 5000
)

// fits says which kinds can have a key; keys that are not listed fit all.
var fits = map[string]func(k kind) bool{
	"required":           func(k kind) bool { return k.answered() || k == kindRepeat },
	"required_message":   func(k kind) bool { return k.answered() || k == kindRepeat },
	"constraint":         kind.answered,
	"constraint_message": kind.answered,
	"calculation":        func(k kind) bool { return k.answered() && k < kindOne || k == kindCalculate },
	"default":            func(k kind) bool { return k.answered() || k == kindHidden },
	"readonly":           kind.answered,
	"choice_filter":      func(k kind) bool { return k.in(kindOne, kindMany) },
	"parameters":         func(k kind) bool { return k >= kindInteger && k <= kindYear },
	"x_minlength":        kind.written,
	"x_maxlength":        kind.written,
	"x_min":              func(k kind) bool { return k.in(kindMany, kindRepeat) },
	"x_max":              func(k kind) bool { return k.in(kindMany, kindRepeat) },
	"x_exclusive":        func(k kind) bool { return k == kindMany },
	"x_unknown":          func(k kind) bool { return k.in(kindDate, kindMonth, kindYear) },
	"x_unique":           kind.answered,
	"x_autocomplete":     func(k kind) bool { return k.answered() && k < kindOne },
	"x_construct":        kind.answered,
	"x_scale":            kind.answered,
	"x_reversed":         func(k kind) bool { return k == kindOne },
	"hint":               func(k kind) bool { return !k.in(kindHidden, kindCalculate) },
}

// instead helps with keys on the wrong type.
var instead = map[string]string{
	"x_min":       "; numbers and dates have parameters: \"min=0 max=5\", texts x_minlength",
	"x_max":       "; numbers and dates have parameters: \"min=0 max=5\", texts x_maxlength",
	"parameters":  "; texts have x_minlength and x_maxlength, selects and repeats x_min and x_max",
	"required":    "; required stands at the questions themselves",
	"calculation": "; use the type calculate",
}

func (c *compiler) keys(n *node) {
	for _, key := range slices.Sorted(maps.Keys(n.at)) {
		if fit, ok := fits[key]; ok && !fit(n.kind) {
			c.fail(n.at[key], "%s: %s does not go with the type %s%s", n.Name, key, n.Type, instead[key])
		}
	}
	if n.kind == kindCalculate && n.Calculation == "" {
		c.fail(n.at.of(""), "%s is a calculate without calculation", n.Name)
	}
	if n.Unique != "" && n.repeat == nil {
		c.fail(n.at.of("x_unique"), "%s: x_unique compares the rows of a repeat, but it stands in none", n.Name)
	}
	if n.RequiredMessage.DE != "" && n.Required == "" && n.Min == nil {
		c.fail(n.at.of("required_message"), "%s has a required_message but is not required", n.Name)
	}
}

// values reads the keys that hold values.
func (c *compiler) values(n *node) {
	n.readonly = c.yesNo(n, "readonly", n.Readonly)
	n.unique = c.yesNo(n, "x_unique", n.Unique)
	if n.readonly && n.Required != "" {
		c.fail(n.at.of("required"), "%s is readonly and required; people can't fill it", n.Name)
	}
	c.yesNo(n, "x_reversed", n.Reversed)
	c.oneOf(n, "x_class", n.Class, classes)
	if n.Autocomplete != "" && !autocompletes.MatchString(n.Autocomplete) {
		c.fail(n.at.of("x_autocomplete"), "%s: x_autocomplete is %q; give a token of HTML such as email, tel, name or organization", n.Name, n.Autocomplete)
	}
	c.lengths(n)
	c.counts(n)
	if n.Parameters != "" && fits["parameters"](n.kind) {
		b, err := readBounds(n.Parameters, n.kind)
		if err != nil {
			c.fail(n.at.of("parameters"), "%s: parameters: %v", n.Name, err)
		}
		n.bounds = b
	}
	for _, name := range strings.Fields(n.Exclusive) {
		if _, ok := n.choices[name]; !ok {
			c.fail(n.at.of("x_exclusive"), "%s: x_exclusive names %s, which is no choice of %s", n.Name, name, n.list.Name)
		}
		n.exclusive = append(n.exclusive, name)
	}
}

var (
	classes       = []string{"org", "case", "sens", "pers", "rec", "anon"}
	autocompletes = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
)

// literal checks a default that is a plain value.
func (c *compiler) literal(n *node) {
	if n.Default == "" || n.preset != nil {
		return
	}
	fault := ""
	switch {
	case n.kind.in(kindOne, kindMany):
		for _, name := range strings.Fields(n.Default) {
			if _, ok := n.choices[name]; !ok {
				fault = name + " is no choice of " + n.list.Name
			}
		}
	case n.kind == kindAcknowledge:
		if n.Default != Acknowledged {
			fault = "an acknowledge can only be " + Acknowledged
		}
	case n.kind.answered() && n.kind != kindMunicipality:
		if n.understand(n.Default, Env{}).fault != "" {
			fault = "this is not possible for the type " + n.Type
		}
	}
	if fault != "" {
		c.fail(n.at.of("default"), "%s: default is %q: %s", n.Name, n.Default, fault)
	}
}

func (c *compiler) oneOf(n *node, key, value string, known []string) {
	if value != "" && !slices.Contains(known, value) {
		c.fail(n.at.of(key), "%s: %s is %q; it can be %s", n.Name, key, value, strings.Join(known, ", "))
	}
}

func (c *compiler) yesNo(n *node, key, value string) bool {
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
	c.fail(n.at.of(key), "%s: %s is %q; it can be yes or no%s", n.Name, key, value, hint)
	return false
}

func (c *compiler) lengths(n *node) {
	n.maxLength = defaultLine
	switch {
	case n.kind == kindEmail:
		n.maxLength = 254
	case n.kind == kindArea:
		n.maxLength = defaultArea
	}
	if n.MaxLength != nil {
		n.maxLength = *n.MaxLength
	}
	if n.MinLength != nil {
		n.minLength = *n.MinLength
	}
	if n.maxLength < max(n.minLength, 1) {
		c.fail(n.at.of("x_maxlength"), "%s: x_maxlength is %d, which no answer can keep", n.Name, n.maxLength)
	}
}

func (c *compiler) counts(n *node) {
	if n.Min != nil {
		n.min = *n.Min
	}
	if n.Max != nil {
		n.max = *n.Max
		if n.max < max(n.min, 1) {
			c.fail(n.at.of("x_max"), "%s: x_max is %d, which is less than x_min or 1", n.Name, n.max)
		}
	}
	if n.kind == kindMany && n.min > len(n.list.Choices) && len(n.list.Choices) > 0 {
		c.fail(n.at.of("x_min"), "%s: x_min is %d, but %s has only %d choices", n.Name, n.min, n.list.Name, len(n.list.Choices))
	}
}

// expressions notes the node's expressions; resolve reads them when all
// questions are known.
func (c *compiler) expressions(n *node) {
	yes := func(s string) bool { return s == "yes" || s == "true" || s == "true()" }
	no := func(s string) bool { return s == "" || s == "no" || s == "false" || s == "false()" }
	if n.always = yes(n.Required); !n.always && !no(n.Required) {
		n.required = c.later(n, "required", n.Required, pending{want: expr.Bool})
	}
	if !yes(n.Relevant) && n.Relevant != "" {
		n.relevant = c.later(n, "relevant", n.Relevant, pending{want: expr.Bool})
	}
	if n.Constraint != "" {
		n.constraint = c.later(n, "constraint", n.Constraint, pending{want: expr.Bool, self: true})
	}
	if n.ChoiceFilter != "" {
		n.filter = c.later(n, "choice_filter", n.ChoiceFilter, pending{want: expr.Bool, filter: true})
	}
	if n.Calculation != "" {
		n.calculation = c.later(n, "calculation", n.Calculation, pending{want: expr.Any})
	}
	if strings.Contains(n.Default, "${") || callLike.MatchString(n.Default) {
		n.preset = c.later(n, "default", n.Default, pending{want: expr.Any})
	}
	for i, ch := range n.Checks {
		r := c.later(n, "x_checks", n.Checks[i].When, pending{want: expr.Bool, self: n.kind.answered(), line: ch.at.of("when")})
		n.checks = append(n.checks, check{when: r, level: Level(ch.Level), message: ch.Message})
	}
}

// callLike tells a default that is an expression from one that is a value.
var callLike = regexp.MustCompile(`^[a-z][a-z-]*\(.*\)$`)

func (c *compiler) later(n *node, key, src string, p pending) *rule {
	p.node, p.key, p.rule = n, key, &rule{}
	if p.line == 0 {
		p.line = n.at.of(key)
	}
	x, err := expr.Parse(src)
	if err != nil {
		c.fail(p.line, "%s: %s: %v", n.Name, key, err)
		return nil
	}
	p.rule.x = x
	c.rules = append(c.rules, p)
	return p.rule
}

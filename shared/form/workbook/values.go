package workbook

import (
	"strings"

	"kokoma/shared/form/expr"
)

// Columns by what their cells are.
var (
	yesNo       = map[string]bool{"required": true, "readonly": true, "x_unique": true, "x_reversed": true, "x_sensitive": true}
	expressions = map[string]bool{
		"relevant": true, "required": true, "constraint": true, "calculation": true, "choice_filter": true,
		"repeat_count": true, "default": true, "when": true,
	}
	dates = map[string]bool{"default": true, "parameters": true, "version": true}
)

// value is what a cell means in a column of one value.
func value(key string, c cell) string {
	s := c.text
	if yesNo[key] {
		s = yes(s)
	}
	if !expressions[key] {
		return s
	}
	if c.kind == truth && s == c.text && key != "default" {
		return strings.ToLower(s) + "()"
	}
	return expression(s)
}

// yes brings the ways to say yes and no to one. What package model takes as it
// is stays as it is written.
func yes(s string) string {
	switch strings.ToLower(s) {
	case "true", "true()", "false", "false()":
		if s == strings.ToLower(s) {
			return s
		}
		return yesOf[strings.ToLower(s)]
	}
	if word, ok := yesOf[strings.ToLower(s)]; ok {
		return word
	}
	return s
}

var yesOf = map[string]string{
	"yes": "yes", "y": "yes", "ja": "yes", "j": "yes", "1": "yes", "true": "yes", "true()": "yes", "wahr": "yes",
	"no": "no", "n": "no", "nein": "no", "0": "no", "false": "no", "false()": "no", "falsch": "no",
}

// typographic are the characters that word processors put where an expression
// has plain ones.
var typographic = strings.NewReplacer(
	"\u2018", "'", "\u2019", "'", "\u201a", "'", "\u201c", `"`, "\u201d", `"`, "\u201e", `"`,
	"\u00a0", " ", "\u202f", " ", "\u2007", " ", "\ufeff", "", "\u200b", "", "\u2013", "-", "\u2212", "-", "\u2260", "!=", "\u2264", "<=", "\u2265", ">=",
)

// expression replaces typographic characters, but only in what can't be read
// otherwise: within quotes they may be meant.
func expression(s string) string {
	plain := typographic.Replace(s)
	if plain == s {
		return s
	}
	if _, err := expr.Parse(s); err == nil {
		return s
	}
	return plain
}

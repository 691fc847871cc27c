package define

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"kokoma/shared/lang"
)

// Definition is a form as authors write it, in the vocabulary of XLSForm. Its
// JSON is the canonical definition: fields in this order, lists it uses
// included, nothing that only says the default.
type Definition struct {
	Settings Settings            `json:"settings"`
	Choices  map[string][]Choice `json:"choices,omitempty"`
	Survey   []*Question         `json:"survey"`

	ListAt map[string]Place `json:"-"` // where the definition's lists begin
}

// Settings are the head of a definition.
type Settings struct {
	ID       string    `json:"form_id"`
	Version  string    `json:"version"`
	Title    lang.Text `json:"title"`
	Language string    `json:"default_language,omitempty"`
	Style    string    `json:"style,omitempty"`

	At Places `json:"-"`
}

// Choice is one answer of a list.
type Choice struct {
	Name       string            `json:"name"`
	Label      lang.Text         `json:"label"`
	Attributes map[string]string `json:"attributes,omitempty"` // own columns, for choice filters

	At Places `json:"-"`
}

// Equal says whether two choices are the same, wherever they stand.
func (c Choice) Equal(d Choice) bool {
	return c.Name == d.Name && c.Label == d.Label && maps.Equal(c.Attributes, d.Attributes)
}

// Column is what a choice filter sees of the choice: its name or an attribute.
func (c Choice) Column(name string) string {
	if name == "name" {
		return c.Name
	}
	return c.Attributes[name]
}

// Question is an entry of survey: a question, a group, a repeat or a note.
type Question struct {
	Type              string      `json:"type"`
	Name              string      `json:"name"`
	Label             lang.Text   `json:"label,omitzero"`
	Hint              lang.Text   `json:"hint,omitzero"`
	GuidanceHint      lang.Text   `json:"guidance_hint,omitzero"`
	Appearance        string      `json:"appearance,omitempty"`
	Required          string      `json:"required,omitempty"`
	RequiredMessage   lang.Text   `json:"required_message,omitzero"`
	Relevant          string      `json:"relevant,omitempty"`
	Constraint        string      `json:"constraint,omitempty"`
	ConstraintMessage lang.Text   `json:"constraint_message,omitzero"`
	Calculation       string      `json:"calculation,omitempty"`
	Default           string      `json:"default,omitempty"`
	Readonly          string      `json:"readonly,omitempty"`
	ChoiceFilter      string      `json:"choice_filter,omitempty"`
	Parameters        string      `json:"parameters,omitempty"`
	RepeatCount       string      `json:"repeat_count,omitempty"`
	MinLength         *int        `json:"x_minlength,omitempty"`
	MaxLength         *int        `json:"x_maxlength,omitempty"`
	Min               *int        `json:"x_min,omitempty"`
	Max               *int        `json:"x_max,omitempty"`
	Exclusive         string      `json:"x_exclusive,omitempty"`
	Unknown           lang.Text   `json:"x_unknown,omitzero"`
	Unique            string      `json:"x_unique,omitempty"`
	Class             string      `json:"x_class,omitempty"`
	Autocomplete      string      `json:"x_autocomplete,omitempty"`
	Checks            []Check     `json:"x_checks,omitempty"`
	Construct         string      `json:"x_construct,omitempty"`
	Scale             string      `json:"x_scale,omitempty"`
	Reversed          string      `json:"x_reversed,omitempty"`
	Indicator         string      `json:"x_indicator,omitempty"` // indicators that it counts for, by blanks
	Wave              string      `json:"x_wave,omitempty"`      // waves in which it is asked: T0 T1 T2
	Role              string      `json:"x_role,omitempty"`      // codes of the roles that it is meant for
	Step              string      `json:"x_step,omitempty"`      // keys of the steps that it belongs to
	Sensitive         string      `json:"x_sensitive,omitempty"` // yes: beyond x_class, needs protection
	Alias             string      `json:"x_alias,omitempty"`     // earlier names of the variable, by blanks
	Children          []*Question `json:"children,omitempty"`

	At Places `json:"-"`
}

// Values are the keys of one value, by the names that authors write.
func (q *Question) Values() map[string]*string {
	return map[string]*string{
		"type": &q.Type, "name": &q.Name, "appearance": &q.Appearance, "required": &q.Required,
		"relevant": &q.Relevant, "constraint": &q.Constraint, "calculation": &q.Calculation, "default": &q.Default,
		"readonly": &q.Readonly, "choice_filter": &q.ChoiceFilter, "parameters": &q.Parameters,
		"repeat_count": &q.RepeatCount, "x_exclusive": &q.Exclusive, "x_unique": &q.Unique, "x_class": &q.Class,
		"x_autocomplete": &q.Autocomplete, "x_construct": &q.Construct, "x_scale": &q.Scale,
		"x_reversed": &q.Reversed, "x_indicator": &q.Indicator, "x_wave": &q.Wave, "x_role": &q.Role,
		"x_step": &q.Step, "x_sensitive": &q.Sensitive, "x_alias": &q.Alias,
	}
}

// Texts are the keys of what people read, in German and English.
func (q *Question) Texts() map[string]*lang.Text {
	return map[string]*lang.Text{
		"label": &q.Label, "hint": &q.Hint, "guidance_hint": &q.GuidanceHint,
		"required_message": &q.RequiredMessage, "constraint_message": &q.ConstraintMessage, "x_unknown": &q.Unknown,
	}
}

// Numbers are the keys of whole numbers.
func (q *Question) Numbers() map[string]**int {
	return map[string]**int{
		"x_minlength": &q.MinLength, "x_maxlength": &q.MaxLength, "x_min": &q.Min, "x_max": &q.Max,
	}
}

// Check is an entry of x_checks.
type Check struct {
	When    string    `json:"when"`
	Level   string    `json:"level"`
	Message lang.Text `json:"message"`

	At Places `json:"-"`
}

// Canonical is the JSON that the hash is made of.
func (d *Definition) Canonical() ([]byte, error) {
	b, err := json.Marshal(d)
	if err != nil || !bytes.ContainsFunc(b, unseen) {
		return b, err
	}
	// It is read back as YAML, which wants characters that can't be seen as
	// escapes.
	var out bytes.Buffer
	for _, r := range string(b) {
		if unseen(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes(), nil
}

// unseen says that JSON writes a character plainly which YAML does not take.
func unseen(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffe || r == 0xffff
}

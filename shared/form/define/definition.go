package define

import (
	"encoding/json"

	"kokoma/shared/lang"
)

// Definition is a form as authors write it, in the vocabulary of XLSForm. Its
// JSON is the canonical definition: fields in this order, lists it uses
// included, nothing that only says the default.
type Definition struct {
	Settings Settings            `json:"settings"`
	Choices  map[string][]Choice `json:"choices,omitempty"`
	Survey   []*Question         `json:"survey"`
}

// Settings are the head of a definition.
type Settings struct {
	ID       string    `json:"form_id"`
	Version  string    `json:"version"`
	Title    lang.Text `json:"title"`
	Language string    `json:"default_language,omitempty"`
	Style    string    `json:"style,omitempty"`
}

// Choice is one answer of a list.
type Choice struct {
	Name  string    `json:"name"`
	Label lang.Text `json:"label"`
}

// Question is an entry of survey: a question, a group, a repeat or a note.
type Question struct {
	Type              string      `json:"type"`
	Name              string      `json:"name"`
	Label             lang.Text   `json:"label,omitzero"`
	Hint              lang.Text   `json:"hint,omitzero"`
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
	Children          []*Question `json:"children,omitempty"`

	At Lines `json:"-"`
}

// Check is an entry of x_checks.
type Check struct {
	When    string    `json:"when"`
	Level   string    `json:"level"`
	Message lang.Text `json:"message"`

	At Lines `json:"-"`
}

// Lines says in which line each key stands; "" is the thing itself.
type Lines map[string]int

// Of is the line of a key, or of the whole where the key is not given.
func (l Lines) Of(key string) int {
	if n, ok := l[key]; ok {
		return n
	}
	return l[""]
}

// Canonical is the JSON that the hash is made of.
func (d *Definition) Canonical() ([]byte, error) { return json.Marshal(d) }

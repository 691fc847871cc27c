package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
)

// Answers are what people filled in, by the question's name. In a draft they
// stand as typed; Form.Clean makes them canonical.
type Answers map[string]Value

// Value is one answer: a text, the choices of a select_multiple, or the rows
// of a repeat. In JSON it is "text", ["a","b"] or [{…},{…}].
type Value struct {
	Text    string
	Choices []string
	Rows    []Answers
}

// Acknowledged is the answer of an acknowledge that was ticked.
const Acknowledged = model.Acknowledged

// Reserved names in Answers; no question can have them.
const (
	confirmedName = "_confirmed" // Choices: fields whose warnings were confirmed
	unknownName   = "_unknown"   // Choices: names of the last post that no question has
	shownName     = "_shown"     // Choices: questions that the script had shown before the last post
)

// Text is the answer of a question that takes one value.
func (a Answers) Text(name string) string { return a[name].Text }

// Choices are the answers of a select_multiple.
func (a Answers) Choices(name string) []string { return a[name].Choices }

// Rows are the rows of a repeat.
func (a Answers) Rows(name string) []Answers { return a[name].Rows }

// Confirmed says whether the warnings of a field, such as
// "actors[1].actor_label", were confirmed.
func (a Answers) Confirmed(field string) bool {
	return slices.Contains(a[confirmedName].Choices, field)
}

// Clone copies deeply; nil becomes empty.
func (a Answers) Clone() Answers { return a.cloneFor(0) }

// cloneFor copies deeply, with room for so many answers.
func (a Answers) cloneFor(n int) Answers {
	b := make(Answers, max(n, len(a)))
	for name, v := range a {
		b[name] = v.clone()
	}
	return b
}

func (v Value) clone() Value {
	v.Choices = slices.Clone(v.Choices)
	if v.Rows != nil {
		rows := make([]Answers, len(v.Rows))
		for i, r := range v.Rows {
			rows[i] = r.Clone()
		}
		v.Rows = rows
	}
	return v
}

// Empty says that nothing was answered. A row counts only if something stands
// in it.
func (v Value) Empty() bool {
	if strings.ContainsFunc(v.Text, entry.Visible) || len(v.Choices) > 0 {
		return false
	}
	return !slices.ContainsFunc(v.Rows, func(r Answers) bool { return !r.Empty() })
}

// Empty says that nothing was answered.
func (a Answers) Empty() bool {
	for name, v := range a {
		if name != shownName && !v.Empty() {
			return false
		}
	}
	return true
}

// MarshalJSON writes rows, choices or the text, whichever there is.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.Rows != nil:
		return json.Marshal(v.Rows)
	case v.Choices != nil:
		return json.Marshal(v.Choices)
	}
	return json.Marshal(v.Text)
}

// UnmarshalJSON reads what MarshalJSON wrote. An empty list is both no choice
// and no row.
func (v *Value) UnmarshalJSON(b []byte) error {
	*v = Value{}
	b = bytes.TrimSpace(b)
	if len(b) == 0 || b[0] != '[' {
		return json.Unmarshal(b, &v.Text)
	}
	inner := bytes.TrimSpace(b[1:])
	if len(inner) == 0 {
		return fmt.Errorf("reading an answer: the list has no end")
	}
	switch inner[0] {
	case ']':
		v.Choices, v.Rows = []string{}, []Answers{}
		return nil
	case '{':
		return json.Unmarshal(b, &v.Rows)
	}
	return json.Unmarshal(b, &v.Choices)
}

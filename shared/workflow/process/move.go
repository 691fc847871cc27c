package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/form"
	"kokoma/shared/form/diff"
)

// This file compares two versions of the process; plan.go says what becomes of
// the cases that go from one to the other.

// Part is a part of a step in which two versions of the process can differ: its
// texts, its questions, or a key of its file.
type Part string

// The parts that are not just a key of the file.
const (
	PartTexts Part = "texts" // title, asks, and the words of the form
	PartForm  Part = "form"  // the questions
)

// StepDiff is a step that is not the same in two versions of the process.
type StepDiff struct {
	Step           string
	Added, Removed bool
	Parts          []Part // in which it differs, PartTexts and PartForm last
}

// Diff is what is different between two versions, in the order of the process.
type Diff []StepDiff

// TextsOnly says whether nothing but texts is different: such a version decides
// as the other one does, and reads what was typed as the other one does.
func (d Diff) TextsOnly() bool {
	return !slices.ContainsFunc(d, func(s StepDiff) bool {
		return s.Added || s.Removed || slices.ContainsFunc(s.Parts, func(p Part) bool { return p != PartTexts })
	})
}

// Compare says what is different between two versions of the process.
func Compare(old, new *Definition) (Diff, error) {
	keys := map[string]bool{}
	for _, d := range []*Definition{old, new} {
		for _, t := range d.Templates {
			keys[t.Key] = true
		}
	}
	var out Diff
	for _, key := range slices.SortedFunc(maps.Keys(keys), order) {
		s := StepDiff{Step: key, Added: old.byKey[key] == nil, Removed: new.byKey[key] == nil}
		if !s.Added && !s.Removed {
			var err error
			if s.Parts, err = compareStep(old, new, key); err != nil {
				return nil, fmt.Errorf("comparing step %s: %w", key, err)
			}
			if len(s.Parts) == 0 {
				continue
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func compareStep(old, new *Definition, key string) ([]Part, error) {
	was, is := old.byKey[key], new.byKey[key]
	if old.Source[was.file] == new.Source[is.file] {
		return nil, nil
	}
	before, err := old.head(was)
	if err != nil {
		return nil, err
	}
	after, err := new.head(is)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	var out []Part
	texts := false
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch {
		case reflect.DeepEqual(before[name], after[name]):
		case name == "title" || name == "asks":
			texts = true
		default:
			out = append(out, Part(name))
		}
	}
	words, questions, err := compareForms(was, is)
	if err != nil {
		return nil, err
	}
	if questions {
		out = append(out, PartForm)
	}
	if texts || words {
		out = append(out, PartTexts)
	}
	return out, nil
}

// head is the part of a step's file above its form, as plain values.
func (d *Definition) head(t *Template) (map[string]any, error) {
	src := []byte(d.Source[t.file])
	if at := formLine.FindIndex(src); at != nil {
		src = src[:at[0]]
	}
	out := map[string]any{}
	return out, yaml.Unmarshal(src, &out)
}

// compareForms says whether the words and whether the questions of a step's form
// are different.
func compareForms(was, is *Template) (words, questions bool, err error) {
	if was.HasForm() != is.HasForm() {
		return false, true, nil
	}
	if !was.HasForm() {
		return false, false, nil
	}
	before, err := was.Form()
	if err != nil {
		return false, false, err
	}
	after, err := is.Form()
	if err != nil || before.Hash == after.Hash {
		return false, false, err
	}
	a, err := skeleton(before)
	if err != nil {
		return false, false, err
	}
	b, err := skeleton(after)
	same := bytes.Equal(a, b)
	return same, !same, err
}

// skeleton is a form without its words.
func skeleton(f *form.Form) ([]byte, error) {
	var all any
	if err := json.Unmarshal(f.Canonical(), &all); err != nil {
		return nil, err
	}
	return json.Marshal(unworded(all))
}

// unworded leaves the texts out. A word that is accepted as an answer in place
// of a date is no mere text.
func unworded(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = unworded(v[i])
		}
	case map[string]any:
		if isText(v) {
			return ""
		}
		for name, inner := range v {
			if name != "x_unknown" {
				v[name] = unworded(inner)
			}
		}
	}
	return v
}

// isText says whether an object is a text in its languages. A list of choices
// could be called de, but is no string.
func isText(m map[string]any) bool {
	for name, v := range m {
		if _, ok := v.(string); !ok || name != "de" && name != "en" {
			return false
		}
	}
	return len(m) > 0
}

// Loses are the questions of a step whose answers, typed but not sent yet, have
// no place in the form that the step has in another version of the process.
func (t *Template) Loses(is *Template) []string {
	was, err := t.Form()
	if err != nil {
		return nil // O01 has none; Compile tells of others
	}
	now, err := is.Form()
	if err != nil {
		return nil
	}
	var out []string
	for _, c := range diff.Of(was, now).Changes {
		switch c.Kind {
		case diff.Removed, diff.Renamed, diff.Type, diff.ChoiceRemoved, diff.Reused:
			if !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
		}
	}
	return out
}

package export

import (
	"encoding/json"
	"fmt"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
)

// Schema is a JSON Schema (draft 2020-12) of what is handed in with a form, as
// form.Answers are written in JSON: numbers and dates are texts in canonical
// form. Bounds of numbers and dates, and conditions, stand in words (x-bounds,
// x-relevant); a question is required only where it always is.
func Schema(f *form.Form, l lang.Lang) ([]byte, error) {
	w := &schemas{form: f, lang: l, book: codebook.Of(f, l)}
	root := w.object(f.Definition().Survey)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:sha256:" + f.Hash
	root["title"] = f.Title.In(l)
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema of form %s: %w", f.ID, err)
	}
	return out, nil
}

type object = map[string]any

type schemas struct {
	form *form.Form
	lang lang.Lang
	book codebook.Book
}

// object describes what stands in the form, or in one row.
func (w *schemas) object(qs []*define.Question) object {
	properties, required := object{}, []string{}
	w.add(qs, properties, &required)
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (w *schemas) add(qs []*define.Question, properties object, required *[]string) {
	for _, q := range qs {
		if q.Type == "group" {
			w.add(q.Children, properties, required)
			continue
		}
		for _, name := range []string{q.Name, q.Name + "_other"} {
			f, ok := w.form.Field(name)
			if !ok || properties[name] != nil {
				continue
			}
			e, _ := w.book.Entry(name)
			properties[name] = w.property(q, f, e)
			if f.Required && e.Asked(w.lang) == "" && f.Type != "repeat" {
				*required = append(*required, name)
			}
		}
	}
}

func (w *schemas) property(q *define.Question, f form.Field, e codebook.Entry) object {
	p := object{"type": "string"}
	if f.Name == q.Name {
		p = w.shape(q, f)
	}
	for key, words := range map[string]string{
		"title": e.Label, "description": e.Hint, "x-relevant": e.Asked(w.lang), "x-bounds": e.Bounds, "x-constraint": e.Constraint,
	} {
		if words != "" {
			p[key] = words
		}
	}
	return p
}

// patterns are those of answers in canonical form.
var patterns = map[define.Kind]string{
	define.Integer: `^-?[0-9]+$`, define.Decimal: `^-?[0-9]+(\.[0-9]+)?$`, define.Range: `^-?[0-9]+(\.[0-9]+)?$`,
	define.Date: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, define.Month: `^[0-9]{4}-[0-9]{2}$`, define.Year: `^[0-9]{4}$`,
	define.Datetime: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$`, define.Time: `^[0-9]{2}:[0-9]{2}$`,
}

func (w *schemas) shape(q *define.Question, f form.Field) object {
	kind := codebook.Kind(f)
	p := object{"type": "string"}
	switch {
	case kind == define.Repeat:
		p = object{"type": "array", "items": w.object(q.Children)}
		bound(p, "minItems", q.Min)
		bound(p, "maxItems", q.Max)
	case kind.Several():
		p = object{"type": "array", "items": w.choices(f), "uniqueItems": true, "minItems": 1}
		bound(p, "maxItems", q.Max)
	case kind == define.One:
		return w.choices(f)
	case kind == define.Acknowledge:
		p["const"] = form.Acknowledged
	case patterns[kind] != "" && q.Unknown.DE != "":
		return object{"anyOf": []object{{"type": "string", "pattern": patterns[kind]}, {"const": entry.Unknown, "title": q.Unknown.In(w.lang)}}}
	case patterns[kind] != "":
		p["pattern"] = patterns[kind]
	case kind.Written():
		bound(p, "minLength", q.MinLength)
		bound(p, "maxLength", q.MaxLength)
	}
	return p
}

func bound(p object, key string, n *int) {
	if n != nil {
		p[key] = *n
	}
}

// choices are an enumeration with titles.
func (w *schemas) choices(f form.Field) object {
	options := make([]object, len(f.Choices))
	for i, c := range f.Choices {
		options[i] = object{"const": c.Name, "title": c.Label.In(w.lang)}
	}
	return object{"type": "string", "oneOf": options}
}

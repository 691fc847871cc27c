package export_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"
)

// fits is as much of JSON Schema as our schemas use.
func fits(s map[string]any, v any) error {
	if c, ok := s["const"]; ok && c != v {
		return fmt.Errorf("%v is not %v", v, c)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		options, ok := s[key].([]any)
		if ok && !slices.ContainsFunc(options, func(o any) bool { return fits(o.(map[string]any), v) == nil }) {
			return fmt.Errorf("%v is none of %v", v, options)
		}
	}
	switch v := v.(type) {
	case string:
		pattern, _ := s["pattern"].(string)
		if t := s["type"]; t != nil && t != "string" || !regexp.MustCompile(pattern).MatchString(v) {
			return fmt.Errorf("%q does not fit %v", v, s)
		}
	case []any:
		if least, ok := s["minItems"].(float64); s["type"] != "array" || ok && len(v) < int(least) {
			return fmt.Errorf("%v does not fit %v", v, s)
		}
		for _, item := range v {
			if err := fits(s["items"].(map[string]any), item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range s["required"].([]any) {
			if v[name.(string)] == nil {
				return fmt.Errorf("%v is missing", name)
			}
		}
		for name, inner := range v {
			p, ok := s["properties"].(map[string]any)[name].(map[string]any)
			if !ok {
				return fmt.Errorf("%s is unknown", name)
			}
			if err := fits(p, inner); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func TestWhatIsHandedInFitsTheSchema(t *testing.T) {
	t.Parallel()
	versions, records := meetings(t)
	schemas := map[string]map[string]any{}
	for _, f := range versions {
		src, err := export.Schema(f, lang.DE)
		if err != nil {
			t.Fatal(err)
		}
		var s map[string]any
		if err := json.Unmarshal(src, &s); err != nil {
			t.Fatal(err)
		}
		schemas[f.Hash] = s
	}
	check := func(hash string, a form.Answers) error {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		return fits(schemas[hash], v)
	}
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		if err := check(r.Form, r.Answers); err != nil {
			t.Errorf("%s: %v", r.Case, err)
		}
	}
	for _, wrong := range []form.Answers{{"share": text("0,25")}, {"safe": text("X")}, {"on": text("1.3.2026")}, {"nobody": text("x")}, {"kinds": text("ROUND")}} {
		if check(versions[1].Hash, wrong) == nil {
			t.Errorf("%v fits", wrong)
		}
	}
}

package instrument_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kokoma/shared/form"
	"kokoma/shared/survey/instrument"
)

func shipped() *instrument.Set { return instrument.New(os.DirFS("../surveys")) }

func TestShippedSurveysCompile(t *testing.T) {
	t.Parallel()
	if err := shipped().Check(); err != nil {
		t.Fatal(err)
	}
}

// TestT0IsTheSurveyOfTheDomain: 45 items in ten pages, four reversed, and nothing that has to be answered.
func TestT0IsTheSurveyOfTheDomain(t *testing.T) {
	t.Parallel()
	in, err := shipped().Instrument("S_T0")
	if err != nil {
		t.Fatal(err)
	}
	var items, reversed, others []string
	perPage := map[string]int{}
	for _, f := range in.Form.Fields() {
		if f.Required {
			t.Errorf("%s has to be answered", f.Name)
		}
		if f.Class != "anon" {
			t.Errorf("%s has data class %q, want anon", f.Name, f.Class)
		}
		if f.Scale == "" {
			others = append(others, f.Name)
			continue
		}
		items = append(items, f.Name)
		perPage[f.Page]++
		if f.Reversed {
			reversed = append(reversed, f.Name)
		}
		if f.Choices[len(f.Choices)-1].Name != "NA" {
			t.Errorf("%s: the last option is not NA", f.Name)
		}
	}
	if len(items) != 45 || len(perPage) != 10 || perPage["page_verf"] != 6 {
		t.Errorf("%d items on %d pages: %v; want 45 on 10", len(items), len(perPage), perPage)
	}
	if want := []string{"KOM5", "KOOP5", "KF4", "DEM4"}; !slices.Equal(reversed, want) {
		t.Errorf("reversed %v, want %v", reversed, want)
	}
	if want := []string{"OP1", "OP2", "P1", "P2"}; !slices.Equal(others, want) {
		t.Errorf("beside the items: %v, want %v", others, want)
	}
	if got := len(in.Form.Pages()); got != 12 {
		t.Errorf("%d pages, want 12", got)
	}
}

func TestSheetOfT0(t *testing.T) {
	t.Parallel()
	in, err := shipped().Instrument("S_T0")
	if err != nil {
		t.Fatal(err)
	}
	s := instrument.Sheet(in.Form)
	want := []string{"HS", "KOM", "KOOP", "VERF", "KF", "PRAE", "VER", "NETZ", "DEM"}
	if got := s.Constructs(); !slices.Equal(got, want) {
		t.Errorf("constructs %v, want %v: single items have no index", got, want)
	}
	if want := []string{"ADM", "POL", "CIV", "SEC", "OTH"}; s.Sector != "P1" || !slices.Equal(s.Sectors, want) {
		t.Errorf("split by %s into %v, want P1 and %v", s.Sector, s.Sectors, want)
	}
	ends := map[string]int{"LAGE2": 9}
	for _, q := range s.Questions {
		want := max(ends[q.Key], 5)
		if q.Min != 1 || q.Max != want {
			t.Errorf("%s runs from %d to %d, want 1 to %d", q.Key, q.Min, q.Max, want)
		}
	}
}

// TestSameKeySameWording: a stored form of T0 has the wording of the bank, so all surveys have.
func TestSameKeySameWording(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for _, name := range []string{"items.yaml", "t0.yaml"} {
		b, err := os.ReadFile("../surveys/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: b}
	}
	fsys["pulse.yaml"] = &fstest.MapFile{Data: []byte(`{key: S_PULSE, version: "1", title: {de: Puls, en: Pulse},
minutes: "3–4", items: [HS2, HS3, KOM5, LAGE1], open: [OP5], profile: [P1]}`)}
	set := instrument.New(fsys)
	if err := set.Check(); err != nil {
		t.Fatal(err)
	}
	labels := func(key string) map[string]string {
		in, err := set.Instrument(key)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range in.Form.Fields() {
			out[f.Name] = string(marshal(t, f.Label)) + f.Scale
		}
		return out
	}
	t0, pulse := labels("S_T0"), labels("S_PULSE")
	for _, k := range []string{"HS2", "HS3", "KOM5", "LAGE1", "P1"} {
		if pulse[k] == "" || pulse[k] != t0[k] {
			t.Errorf("%s: %q in the pulse, %q in T0", k, pulse[k], t0[k])
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSheetOfStoredForm: scoring reads a form that was stored as well as a shipped one.
func TestSheetOfStoredForm(t *testing.T) {
	t.Parallel()
	in, err := shipped().Instrument("S_T0")
	if err != nil {
		t.Fatal(err)
	}
	again, err := form.Compile("stored", in.Source)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash != in.Form.Hash || again.Hash == "" {
		t.Errorf("hash %q of the same source, want %q", again.Hash, in.Form.Hash)
	}
}

func TestBrokenDefinitionsSayWhere(t *testing.T) {
	t.Parallel()
	const bank = `
constructs: [{key: HS, de: a, en: b}, {key: KOM, de: a, en: b}]
items:
  - {key: HS1, construct: HS, scale: SEC5, de: a, en: b}
  - {key: KOM1, construct: KOM, scale: AGR5, de: a, en: b}
  - {key: HS2, construct: HS, scale: SEC5, de: a, en: b}
`
	const survey = `{key: S_X, version: "1", title: {de: a, en: b}, items: [HS1]}`
	cases := []struct{ name, bank, survey, want string }{
		{"unknown item", bank, strings.Replace(survey, "HS1", "HS9", 1), "x.yaml: item HS9 is not in items.yaml"},
		{"item twice", bank, strings.Replace(survey, "HS1", "HS1, HS1", 1), "x.yaml: item HS1 is named twice"},
		{"torn construct", bank, strings.Replace(survey, "HS1", "HS1, KOM1, HS2", 1), "item HS2 stands apart"},
		{"other key", bank, strings.Replace(survey, "S_X", "S_Y", 1), `x.yaml: key is "S_Y"`},
		{"unknown field", bank, strings.Replace(survey, "items", "itmes", 1), "x.yaml: yaml: unmarshal errors:\n  line 1: field itmes"},
		{"key twice", bank + "  - {key: HS1, construct: HS, scale: SEC5, de: a, en: b}\n", survey, "items.yaml: key HS1 was given before"},
		{"no English", strings.Replace(bank, "{key: HS, de: a, en: b}", "{key: HS, de: a}", 1), survey, "items.yaml: HS needs its text in de and en"},
		{"no construct", strings.Replace(bank, "construct: KOM", "construct: X", 1), survey, `item KOM1 names construct "X"`},
		{"no such scale", strings.Replace(bank, "scale: SEC5, de: a, en: b}\n  - {key: KOM1", "scale: XYZ, de: a, en: b}\n  - {key: KOM1", 1), survey, "XYZ"},
	}
	for _, c := range cases {
		set := instrument.New(fstest.MapFS{"items.yaml": {Data: []byte(c.bank)}, "x.yaml": {Data: []byte(c.survey)}})
		err := set.Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

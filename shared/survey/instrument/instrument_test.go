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
	"kokoma/shared/survey/score"
)

func shipped() *instrument.Set { return instrument.New(os.DirFS("../surveys")) }

func TestShippedSurveysCompile(t *testing.T) {
	t.Parallel()
	if err := shipped().Check(); err != nil {
		t.Fatal(err)
	}
}

// TestSurveysAreThoseOfTheDomain: so many items on so many pages, some of them reversed, and nothing that
// has to be answered.
func TestSurveysAreThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	cases := []struct {
		key                       string
		items, pages, total, verf int // pages with items, all pages, items on the page of procedures
		reversed, others          []string
	}{
		{"S_T0", 45, 10, 12, 6, []string{"KOM5", "KOOP5", "KF4", "DEM4"}, []string{"OP1", "OP2", "P1", "P2"}},
		{"S_PULSE", 13, 9, 11, 1, []string{"KOM5"}, []string{"OP5", "P1"}},
		{"S_T1", 18, 10, 12, 1, []string{"KOM5"}, []string{"OP4", "OP5", "P1"}},
		{"S_T2", 60, 13, 15, 6, []string{"KOM5", "KOOP5", "KF4", "DEM4"}, []string{"OP3", "OP4", "OP8", "P1", "P2"}},
	}
	for _, c := range cases {
		in, err := shipped().Instrument(c.key)
		if err != nil {
			t.Fatal(err)
		}
		var others, reversed []string
		perPage := map[string]int{}
		for _, f := range in.Form.Fields() {
			if f.Required || f.Class != "anon" {
				t.Errorf("%s: %s has to be answered (%t) or has data class %q, want anon", c.key, f.Name, f.Required, f.Class)
			}
			if f.Scale == "" {
				others = append(others, f.Name)
				continue
			}
			perPage[f.Page]++
			if f.Reversed {
				reversed = append(reversed, f.Name)
			}
			if f.Choices[len(f.Choices)-1].Name != "NA" {
				t.Errorf("%s: %s: the last option is not NA", c.key, f.Name)
			}
		}
		if n := len(itemKeys(in)); n != c.items || len(perPage) != c.pages || perPage["page_verf"] != c.verf {
			t.Errorf("%s: %d items on %d pages: %v; want %d on %d", c.key, n, len(perPage), perPage, c.items, c.pages)
		}
		if !slices.Equal(reversed, c.reversed) {
			t.Errorf("%s: reversed %v, want %v", c.key, reversed, c.reversed)
		}
		if !slices.Equal(others, c.others) {
			t.Errorf("%s: beside the items %v, want %v", c.key, others, c.others)
		}
		if got := len(in.Form.Pages()); got != c.total {
			t.Errorf("%s: %d pages, want %d", c.key, got, c.total)
		}
	}
}

// itemKeys are the items in the order of asking.
func itemKeys(in *instrument.Instrument) []string {
	var keys []string
	for _, f := range in.Form.Fields() {
		if f.Scale != "" {
			keys = append(keys, f.Name)
		}
	}
	return keys
}

// TestT2BeginsAsT0: what both waves ask is asked in the same order, or their difference would be one of order.
func TestT2BeginsAsT0(t *testing.T) {
	t.Parallel()
	set := shipped()
	t0, err := set.Instrument("S_T0")
	if err != nil {
		t.Fatal(err)
	}
	t2, err := set.Instrument("S_T2")
	if err != nil {
		t.Fatal(err)
	}
	asked, again := itemKeys(t0), itemKeys(t2)
	if !slices.Equal(asked, again[:len(asked)]) {
		t.Errorf("T2 asks %v first, want %v", again[:len(asked)], asked)
	}
	if want := []string{
		"CG1", "CG2", "CG3", "CG4", "CG5", "CG6", "PB1", "PB2", "PB3", "PB4", "TRA1", "TRA2", "TRA3", "TRA4", "TRA5",
	}; !slices.Equal(again[len(asked):], want) {
		t.Errorf("then T2 asks %v, want %v", again[len(asked):], want)
	}
}

// TestWavesBetweenAskTheAnchorItems: T1 begins as the pulse, and both ask what T0 asks, or no trend could be
// drawn through the four waves.
func TestWavesBetweenAskTheAnchorItems(t *testing.T) {
	t.Parallel()
	set := shipped()
	keys := map[string][]string{}
	for _, key := range []string{"S_T0", "S_PULSE", "S_T1"} {
		in, err := set.Instrument(key)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = itemKeys(in)
	}
	if want := append(slices.Clone(keys["S_PULSE"]), "PB1", "PB2", "PB3", "PB4", "PB5"); !slices.Equal(keys["S_T1"], want) {
		t.Errorf("T1 asks %v, want %v", keys["S_T1"], want)
	}
	for _, k := range keys["S_PULSE"] {
		if !slices.Contains(keys["S_T0"], k) {
			t.Errorf("the pulse asks %s, which T0 does not", k)
		}
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	both, trend := []string{"HS", "KOM", "KOOP", "VERF", "KF", "PRAE", "VER", "NETZ", "DEM"}, []string{"HS", "KOM", "KOOP"}
	for key, want := range map[string][]string{
		"S_T0": both, "S_T2": append(slices.Clone(both), "PB", "TRA"), "S_PULSE": trend, "S_T1": append(slices.Clone(trend), "PB"),
	} {
		in, err := shipped().Instrument(key)
		if err != nil {
			t.Fatal(err)
		}
		s := instrument.Sheet(in.Form)
		if got := s.Constructs(); !slices.Equal(got, want) {
			t.Errorf("%s: constructs %v, want %v: single items have no index", key, got, want)
		}
		if want := []string{"ADM", "POL", "CIV", "SEC", "OTH"}; s.Sector != "P1" || !slices.Equal(s.Sectors, want) {
			t.Errorf("%s: split by %s into %v, want P1 and %v", key, s.Sector, s.Sectors, want)
		}
		ends := map[string]int{"LAGE2": 9}
		for _, q := range s.Questions {
			want := max(ends[q.Key], 5)
			if q.Min != 1 || q.Max != want {
				t.Errorf("%s: %s runs from %d to %d, want 1 to %d", key, q.Key, q.Min, q.Max, want)
			}
		}
	}
}

// TestT2InNumbers: reversed items count from the other end, three of PB's four items make an index because
// T2 asks four, and what people say has changed stands item by item.
func TestT2InNumbers(t *testing.T) {
	t.Parallel()
	in, err := shipped().Instrument("S_T2")
	if err != nil {
		t.Fatal(err)
	}
	got := score.Compute(instrument.Sheet(in.Form), []score.Response{{
		"KOM1": "4", "KOM2": "3", "KOM3": "5", "KOM4": "4", "KOM5": "2",
		"PB1": "5", "PB2": "5", "PB3": "NA", "PB4": "2",
		"TRA1": "5", "TRA2": "5", "TRA3": "5",
		"CG1": "4", "LAGE2": "9",
	}})
	for _, c := range got.Constructs {
		if want := map[string]float64{"KOM": 75, "PB": 75}[c.Key]; c.Index != want || (c.N == 1) != (want > 0) {
			t.Errorf("%s: index %v of %d answers, want %v", c.Key, c.Index, c.N, want)
		}
	}
	for _, m := range got.Items {
		if want := map[string]float64{"CG1": 4, "LAGE2": 9}[m.Key]; want > 0 && (m.Mean != want || m.Construct != "") {
			t.Errorf("%s: mean %v in construct %q, want %v in none", m.Key, m.Mean, m.Construct, want)
		}
	}
	if got.Completed != 0 {
		t.Errorf("13 of 60 items count as a completed survey")
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
	in, err := shipped().Instrument("S_T2")
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
		{"unknown construct", bank, strings.Replace(survey, "[HS1]", "[HS1], single: [XX]", 1), "x.yaml: construct XX is not in items.yaml"},
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

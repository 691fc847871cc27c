package lang

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestLanguageTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if got := From(t.Context()); got != DE {
		t.Errorf("From(empty) = %q, want de", got)
	}
	if got := From(With(t.Context(), EN)); got != EN {
		t.Errorf("From(With(en)) = %q", got)
	}
	if got := (Text{DE: "ja"}).In(EN); got != "ja" {
		t.Errorf("text without English = %q, want the German", got)
	}
}

func TestDatesAreDaysInBerlin(t *testing.T) {
	t.Parallel()
	for instant, want := range map[string]string{
		"2026-03-28T22:59:59Z": "2026-03-28",
		"2026-03-28T23:00:00Z": "2026-03-29", // winter time: midnight is 23 UTC
		"2026-03-29T21:59:59Z": "2026-03-29",
		"2026-03-29T22:00:00Z": "2026-03-30", // summer time: midnight is 22 UTC
		"2026-10-24T22:00:00Z": "2026-10-25",
		"2026-10-25T22:59:59Z": "2026-10-25",
		"2026-10-25T23:00:00Z": "2026-10-26",
	} {
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := DateOf(at).String(); got != want {
			t.Errorf("DateOf(%s) = %s, want %s", instant, got, want)
		}
	}
}

func TestHoursFollowTheClocksInBerlin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    Date
		hour int
		want string
	}{
		{Date{2026, 3, 28}, 8, "2026-03-28T07:00:00Z"},
		{Date{2026, 3, 29}, 8, "2026-03-29T06:00:00Z"},
		{Date{2026, 10, 24}, 8, "2026-10-24T06:00:00Z"},
		{Date{2026, 10, 25}, 8, "2026-10-25T07:00:00Z"},
		{Date{2026, 10, 25}, 0, "2026-10-24T22:00:00Z"},
	} {
		if got := c.d.At(c.hour, 0).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s at %d o'clock = %s, want %s", c.d, c.hour, got, c.want)
		}
	}
	// The hour that does not exist still gives an instant of that day.
	if got := DateOf(Date{2026, 3, 29}.At(2, 30)); got != (Date{2026, 3, 29}) {
		t.Errorf("half past two of the short day falls on %s", got)
	}
}

func TestDaysAreCountedAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for from, want := range map[Date]Date{
		{2026, 3, 28}:  {2026, 3, 30},
		{2026, 10, 24}: {2026, 10, 26},
		{2028, 2, 28}:  {2028, 3, 1},
		{2026, 12, 31}: {2027, 1, 2},
	} {
		if got := from.AddDays(2); got != want {
			t.Errorf("%s plus 2 = %s, want %s", from, got, want)
		}
		if got := want.AddDays(-2); got != from {
			t.Errorf("%s minus 2 = %s, want %s", want, got, from)
		}
		if !from.Before(want) || !want.After(from) || from.Compare(from) != 0 {
			t.Errorf("order of %s and %s is wrong", from, want)
		}
	}
	if got := (Date{2026, 10, 25}).Weekday(); got != time.Sunday {
		t.Errorf("25 October 2026 is a %s", got)
	}
}

func TestDateReadsAndWritesISO(t *testing.T) {
	t.Parallel()
	type holder struct {
		On  Date `json:"on"`
		End Date `json:"end,omitzero"`
	}
	b, err := json.Marshal(holder{On: Date{2026, 3, 1}})
	if err != nil || string(b) != `{"on":"2026-03-01"}` {
		t.Errorf("marshalled %s, %v", b, err)
	}
	var h holder
	if err := json.Unmarshal([]byte(`{"on":"","end":"2026-12-24"}`), &h); err != nil || !h.On.IsZero() || h.End != (Date{2026, 12, 24}) {
		t.Errorf("unmarshalled %+v, %v", h, err)
	}
	for _, bad := range []string{"2026-02-29", "2026-13-01", "1.3.2026", "2026-3-1", "", "2026-03-01T00:00"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", bad, d)
		}
	}
}

func TestDatesReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	d := Date{2026, 8, 3}
	at := time.Date(2026, 8, 3, 12, 5, 0, 0, time.UTC)
	for got, want := range map[string]string{
		Long(DE, d): "Montag, 3. August 2026", Long(EN, d): "Monday, 3 August 2026",
		Short(DE, d): "03.08.2026", Short(EN, d): "3 Aug 2026",
		DateTime(DE, at): "03.08.2026, 14:05 Uhr", DateTime(EN, at): "3 Aug 2026, 14:05",
		Long(DE, Date{2026, 3, 7}): "Samstag, 7. März 2026",
		Month(DE, 2026, 3):         "März 2026", Month(EN, 2026, 3): "March 2026",
		Long(DE, Date{}): "", Short(DE, Date{}): "", DateTime(DE, time.Time{}): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f        float64
		decimals int
		de, en   string
	}{
		{0, 1, "0,0", "0.0"},
		{1234567.891, 2, "1.234.567,89", "1,234,567.89"},
		{999, 0, "999", "999"},
		{1000, 0, "1.000", "1,000"},
		{-8.6, 1, "−8,6", "−8.6"},
		{-0.04, 1, "0,0", "0.0"},
		{0.125, 2, "0,13", "0.13"},
		{1.005, 2, "1,01", "1.01"},
		{67.142857, 1, "67,1", "67.1"},
		{2.5, 0, "3", "3"},
		{math.NaN(), 1, "–", "–"},
		{math.Inf(1), 1, "–", "–"},
	} {
		if de, en := Number(DE, c.f, c.decimals), Number(EN, c.f, c.decimals); de != c.de || en != c.en {
			t.Errorf("Number(%v, %d) = %q, %q, want %q, %q", c.f, c.decimals, de, en, c.de, c.en)
		}
	}
	if de, en := Percent(DE, 0.5, 1), Percent(EN, 0.5, 1); de != "50,0\u00a0%" || en != "50.0%" {
		t.Errorf("Percent(0.5) = %q, %q", de, en)
	}
}

func texts(src string) fstest.MapFS {
	return fstest.MapFS{"texts.yaml": {Data: []byte(src)}}
}

func TestCatalogGivesTextsInBothLanguages(t *testing.T) {
	t.Parallel()
	c, err := LoadCatalog(
		texts("a.hello: {de: \"Guten Tag, %s\", en: \"Hello %s\"}\na.share: {de: \"50 %% von %d\", en: \"50%% of %d\"}\n"),
		texts("b.order:\n  de: \"%[2]s nach %[1]s\"\n  en: \"from %s to %s\"\n"), texts(""))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		c.T(DE, "a.hello", "Ada"):    "Guten Tag, Ada",
		c.T(EN, "a.hello", "Ada"):    "Hello Ada",
		c.T(DE, "a.share", 8):        "50 % von 8",
		c.T(DE, "b.order", "A", "B"): "B nach A",
		c.T(EN, "b.order", "A", "B"): "from A to B",
		c.T(DE, "c.none"):            "⟦c.none⟧",
		strings.Join(c.Keys(), " "):  "a.hello a.share b.order",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCatalogRefusesFaultsWithTheirLine(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"a: {de: x, en: y}\na: {de: x, en: y}": "texts.yaml:2: key \"a\" was given before",
		"\na: {de: x}":                         "texts.yaml:2: \"a\" has no English text",
		"a: {en: x}":                           "texts.yaml:1: \"a\" has no German text",
		"a: {de: x, en: \" \"}":                "no English text",
		"a: {de: x, en: y, fr: z}":             "the language \"fr\"",
		"a: {de: x, de: y, en: z}":             "has de twice",
		"a: text":                              "needs {de: …, en: …}",
		"a: {de: [x], en: y}":                  "de must be a text",
		"- a":                                  "expected a list of lines",
		"a: {de: \"%s\", en: \"x\"}":           "other arguments in German (1: %s) than in English (none)",
		"a: {de: \"%s %d\", en: \"%d %s\"}":    "other arguments",
		"a: {de: \"50 % der\", en: \"50%%\"}":  "is no argument",
		"a: {de: \"100 %\", en: \"100%%\"}":    "%% for a percent sign",
		"a: {de: \"%[1]s %[1]d\", en: \"x\"}":  "argument 1 is both",
		"a: {de: x, en: y":                     "texts.yaml: yaml: line",
	} {
		if _, err := LoadCatalog(texts(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", src, err, want)
		}
	}
	if _, err := LoadCatalog(fstest.MapFS{}); err == nil {
		t.Error("a package without texts.yaml was accepted")
	}
	if _, err := LoadCatalog(texts("a: {de: x}\nb: {en: y}")); err == nil || strings.Count(err.Error(), "texts.yaml:") != 2 {
		t.Errorf("want both faults at once, got %v", err)
	}
}

func TestKeysOfTwoPackagesMustDiffer(t *testing.T) {
	t.Parallel()
	if _, err := LoadCatalog(texts("a: {de: x, en: y}"), texts("a: {de: x, en: y}")); err == nil {
		t.Error("the same key of two packages was accepted")
	}
}

func TestTextsAreSaidWithTextsInTheirLanguage(t *testing.T) {
	t.Parallel()
	c, err := LoadCatalog(fstest.MapFS{"texts.yaml": {Data: []byte(`a: {de: "Zeile %s: %s", en: "line %s: %s"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Say("a", 7, Text{DE: "leer", EN: "empty"}); got != (Text{DE: "Zeile 7: leer", EN: "line 7: empty"}) {
		t.Errorf("said: %+v", got)
	}
}

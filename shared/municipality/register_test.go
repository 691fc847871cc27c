package municipality

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

func names(places []Municipality) []string {
	var out []string
	for _, m := range places {
		out = append(out, m.Name)
	}
	return out
}

func search(t *testing.T, r *Register, q string) []string {
	t.Helper()
	found, err := r.Search(t.Context(), q, 10)
	if err != nil {
		t.Fatalf("Search(%q): %v", q, err)
	}
	return names(found)
}

func TestShippedPlacesAreFoundByNamePostcodeAndKey(t *testing.T) {
	t.Parallel()
	r := New(tabletest.New(t))
	for q, want := range map[string]string{
		"Musterstadt": "Musterstadt", "muster": "Musterstadt,Musterdorf", "köln": "Köln", "Koln": "Köln", "koeln": "Köln",
		"Köln, Stadt": "Köln", "halle saale": "Halle (Saale)", "Main Frank": "Frankfurt am Main",
		"99084": "Erfurt", "990": "Erfurt", "16051000": "Erfurt", "16063": "Wartburgkreis", "160510000000": "Erfurt",
		"12099": "Beispielkreis", "00161": "Musterstadt", "e": "", "": "", "x": "", "99999999": "", "Nirgendwo": "",
	} {
		got := strings.Join(search(t, r, q), ",")
		if got != want {
			t.Errorf("Search(%q) = %q, want %q", q, got, want)
		}
	}
	if m, ok, err := r.Find(t.Context(), "12099"); err != nil || !ok || m.Kind != Landkreis || m.Land != "BB" {
		t.Errorf("Find(12099) = %+v, %v, %v", m, ok, err)
	}
	for _, key := range []string{"16099999", "", "abc", "17000000"} {
		if m, ok, err := r.Find(t.Context(), key); ok || err != nil {
			t.Errorf("Find(%q) = %+v, %v, %v, want none", key, m, ok, err)
		}
	}
}

func TestRegisterWorksWithoutATable(t *testing.T) {
	t.Parallel()
	r := New(nil)
	if got := search(t, r, "Greifswald"); !slices.Equal(got, []string{"Greifswald"}) {
		t.Errorf("found %v", got)
	}
	if _, ok, err := r.Find(t.Context(), "13075039"); !ok || err != nil {
		t.Errorf("Find: %v, %v", ok, err)
	}
}

func TestImportTakesPrecedenceAndFollowsChanges(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	r := New(tab)
	first := []Municipality{
		{Key: "16099001", Name: "Musterstadt", Kind: Stadt, Land: "TH", Postcode: "00161", Population: 39_000},
		{Key: "16099007", Name: "Bad Musterquell", Kind: Gemeinde, Land: "TH", Postcode: "00167", Population: 900},
		{Key: "16099008", Name: "Altmuster", Kind: Gemeinde, Land: "TH", Postcode: "00168", Population: 300},
		{Key: "15099001", Name: "Ostmuster", Kind: Gemeinde, Land: "ST", Postcode: "00151", Population: 800},
	}
	if done, err := r.Import(t.Context(), first); err != nil || done.Added != 4 {
		t.Fatalf("first import: %+v, %v", done, err)
	}
	if m, _, _ := r.Find(t.Context(), "16099001"); m.Population != 39_000 {
		t.Errorf("population %d, want the imported 39,000", m.Population)
	}
	if got := search(t, r, "Musterquell"); !slices.Equal(got, []string{"Bad Musterquell"}) {
		t.Errorf("second word: found %v", got)
	}
	second := []Municipality{first[0], {Key: "16099007", Name: "Musterthal", Kind: Gemeinde, Land: "TH", Postcode: "00169", Population: 1_200}}
	done, err := r.Import(t.Context(), second)
	if want := (Imported{Changed: 1, Removed: 1, Unchanged: 1}); err != nil || done != want {
		t.Fatalf("second import: %+v, %v, want %+v", done, err, want)
	}
	for q, want := range map[string][]string{
		"Musterquell": nil, "00167": nil, "Altmuster": nil, "00168": nil,
		"Musterthal": {"Musterthal"}, "00169": {"Musterthal"}, "Ostmuster": {"Ostmuster"}, "16099007": {"Musterthal"},
	} {
		if got := search(t, r, q); !slices.Equal(got, want) {
			t.Errorf("after the second import Search(%q) = %v, want %v", q, got, want)
		}
	}
}

// crowd makes as many places as Germany has, with names that begin alike.
func crowd() []Municipality {
	syllables := []string{"ober", "unter", "neu", "alt", "hohen", "bad", "klein", "groß", "mittel", "sankt"}
	ends := []string{"dorf", "hausen", "ingen", "berg", "feld", "heim", "stedt", "walde", "born", "au"}
	var out []Municipality
	for i := range 11_270 {
		land := lands[i%len(lands)]
		out = append(out, Municipality{
			Key: fmt.Sprintf("%s%03d%03d", land.Number, i/1000, i%1000), Kind: Gemeinde, Land: land.Code,
			Name:     fmt.Sprintf("%s %s%d%s", syllables[i%10], ends[i/10%10], i, ends[i/100%10]),
			Postcode: fmt.Sprintf("%05d", 1_000+i*8), Population: i + 1,
		})
	}
	return out
}

func TestSearchCostsTheSameHoweverManyPlaces(t *testing.T) {
	t.Parallel()
	r := New(tabletest.New(t))
	places := crowd()
	if _, err := r.Import(t.Context(), places); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"ober", "dorf", "hausen5", "berg 33", places[7000].Name, "01234", "10", places[5].Key, "ob"} {
		meter := &table.Meter{}
		found, err := r.Search(table.WithMeter(t.Context(), meter), q, 10)
		if err != nil {
			t.Fatal(err)
		}
		write, read := meter.Units()
		if write != 0 || read > 6 {
			t.Errorf("Search(%q): %d hits for %.1f read units, want at most 6", q, len(found), read)
		}
	}
	meter := &table.Meter{}
	if m, ok, err := r.Find(table.WithMeter(t.Context(), meter), places[9000].Key); err != nil || !ok || m != places[9000] {
		t.Errorf("Find: %+v, %v, %v", m, ok, err)
	}
	if _, read := meter.Units(); read != 1 {
		t.Errorf("Find took %.1f read units, want 1", read)
	}
}

func TestWholeNameComesBeforeLongerOnes(t *testing.T) {
	t.Parallel()
	r := New(tabletest.New(t))
	if _, err := r.Import(context.Background(), []Municipality{
		{Key: "16098001", Name: "Musterau-Nord", Land: "TH", Population: 90_000},
		{Key: "16098002", Name: "Musterau", Land: "TH", Population: 100},
		{Key: "16098003", Name: "Groß Musterau", Land: "TH", Population: 500_000},
		{Key: "16098004", Name: "Musterauen", Land: "TH", Population: 400},
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"Musterau", "Musterau-Nord", "Musterauen", "Groß Musterau"}
	if got := search(t, r, "musterau"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

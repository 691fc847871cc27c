package municipality

import (
	"slices"
	"strings"
	"testing"

	"kokoma/shared/lang"
)

func TestKeysOfTheDomainPage(t *testing.T) {
	t.Parallel()
	valid := map[string]string{
		"12060181": "BB", "12060154": "BB", "01057022": "SH", "03459024": "NI", "09274145": "BY",
		"14625470": "SN", "05570044": "NW", "11000000": "BE", "16063": "TH", "05570": "NW",
	}
	for key, land := range valid {
		if !ValidKey(key) || LandOf(key) != land {
			t.Errorf("key %s: valid %v in %q, want valid in %s", key, ValidKey(key), LandOf(key), land)
		}
	}
	for _, key := range []string{"00123456", "17000000", "9461000", "", "1606", "160630", "1606300a", "16063 ", "120600181181"} {
		if ValidKey(key) || LandOf(key) != "" {
			t.Errorf("key %q counts as valid in %q", key, LandOf(key))
		}
	}
}

func TestRegionalKeysHoldTheMunicipalityKey(t *testing.T) {
	t.Parallel()
	for ars, want := range map[string]string{
		"120600181181": "12060181", "120605003154": "12060154", "010575739022": "01057022",
		"034590024024": "03459024", "092745223145": "09274145", "146255501470": "14625470",
	} {
		if got, ok := KeyOfARS(ars); !ok || got != want {
			t.Errorf("KeyOfARS(%s) = %q, %v, want %s", ars, got, ok, want)
		}
	}
	for _, ars := range []string{"", "12060181", "000600181181", "1206001811812"} {
		if got, ok := KeyOfARS(ars); ok {
			t.Errorf("KeyOfARS(%q) = %q, want none", ars, got)
		}
	}
}

func TestNamesLoseTheirTitle(t *testing.T) {
	t.Parallel()
	for official, want := range map[string]string{
		"Melle, Stadt": "Melle", "Kiel, Landeshauptstadt": "Kiel", "Lübeck, Hansestadt": "Lübeck",
		"Weißwasser/O.L., Stadt": "Weißwasser/O.L.", "Bamberg": "Bamberg", "Bad Orb, Kurort, Stadt": "Bad Orb",
	} {
		if got := DisplayName(official); got != want {
			t.Errorf("DisplayName(%q) = %q, want %q", official, got, want)
		}
	}
}

func TestSizeBandsBeginAtTheirLowerBound(t *testing.T) {
	t.Parallel()
	for population, want := range map[int]string{
		0: "", 1: "P1", 9_999: "P1", 10_000: "P2", 49_999: "P2", 50_000: "P3", 99_999: "P3",
		100_000: "P4", 499_999: "P4", 500_000: "P5", 3_700_000: "P5",
	} {
		if got := SizeBand(Municipality{Kind: Stadt, Population: population}); got != want {
			t.Errorf("%d inhabitants: band %q, want %q", population, got, want)
		}
	}
	if got := SizeBand(Municipality{Kind: Landkreis, Population: 20_000}); got != "PK" {
		t.Errorf("a county is in band %q, want PK", got)
	}
}

func TestShippedListIsSound(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range shipped() {
		if !ValidKey(m.Key) || m.Land == "" || m.Name == "" || len(m.Postcode) != 5 || m.Population == 0 || seen[m.Key] {
			t.Errorf("unsound entry %+v", m)
		}
		if county := len(m.Key) == 5; county != (m.Kind == Landkreis) {
			t.Errorf("%s has the kind %s", m.Key, m.Kind)
		}
		if !slices.Contains([]string{Gemeinde, Stadt, Kreisfrei, Landkreis}, m.Kind) {
			t.Errorf("%s has the unknown kind %q", m.Key, m.Kind)
		}
		seen[m.Key] = true
	}
	if len(Lands()) != 16 {
		t.Errorf("%d Länder, want 16", len(Lands()))
	}
}

func TestLandsStandByName(t *testing.T) {
	t.Parallel()
	for l, want := range map[lang.Lang]string{
		lang.DE: "BW BY BE BB HB HH HE MV NI NW RP SL SN ST SH TH",
		lang.EN: "BW BY BE BB HB HH HE NI MV NW RP SL SN ST SH TH",
	} {
		var got []string
		for _, land := range LandsByName(l) {
			got = append(got, land.Code)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", l, got, want)
		}
	}
}

func TestFoldingMakesSpellingsEqual(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"koln":            {"Köln", "Koeln", "KOLN", "koln", "Ko\u0308ln"},
		"weisswasser o l": {"Weißwasser/O.L.", "weisswasser o.l."},
		"halle saale":     {"Halle (Saale)", " halle  saale "},
		"bela woda":       {"Běła Woda"},
		"sost":            {"Soest", "Söst"},
	} {
		for _, name := range spellings {
			if got := fold(name); got != want {
				t.Errorf("fold(%q) = %q, want %q", name, got, want)
			}
		}
	}
}

func TestBeginningsOfNamesFoldToBeginnings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mönchengladbach", "Soest", "Bauerbach", "Weißenfels", "Halle (Saale)", "Aue-Bad Schlema"} {
		whole := fold(name)
		for i := range name {
			if part := fold(name[:i]); len(whole) < len(part) || whole[:len(part)] != part {
				t.Errorf("fold(%q) = %q does not begin fold(%q) = %q", name[:i], part, name, whole)
			}
		}
	}
}

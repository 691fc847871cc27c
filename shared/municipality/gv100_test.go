package municipality

import (
	"strings"
	"testing"

	"kokoma/shared/lang"
)

// gvLine makes a line of the official format: 220 characters, filled in at
// the given columns.
func gvLine(fields map[int]string) string {
	line := []rune(strings.Repeat(" ", 220))
	for from, text := range fields {
		copy(line[from-1:], []rune(text))
	}
	return string(line)
}

func county(key, name, seat, mark string) string {
	return gvLine(map[int]string{1: "40", 3: "20261231", 11: key, 23: name, 73: seat, 123: mark})
}

func town(key, name, mark, population, postcode string) string {
	return gvLine(map[int]string{1: "60", 3: "20261231", 11: key, 19: "0000", 23: name, 123: mark, 140: population, 166: postcode})
}

func gvFile(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

func TestOfficialFileIsRead(t *testing.T) {
	t.Parallel()
	file := gvFile(
		gvLine(map[int]string{1: "10", 3: "20261231", 11: "16", 23: "Thüringen"}),
		county("16098", "Musterburg", "Musterburg, Stadt", "41"),
		town("16098000", "Musterburg, Stadt", "61", "00000120000", "00168"),
		county("16099", "Musterkreis", "Mühlmusterstadt, Stadt", "44"),
		gvLine(map[int]string{1: "50", 3: "20261231", 11: "16099", 23: "VG Musterland"}),
		town("16099001", "Mühlmusterstadt, Stadt", "63", "      38000", "00161"),
		town("16099002", "Musterfeld", "64", "00000001200", "00162"),
		town("16099003", "Mustermarkt", "60", "00000002500", "00163"),
		town("16099004", "Großmuster, Stadt", "67", "00000021000", "00164"),
		town("16099444", "Musterforst, gemfr. Gebiet", "66", "00000000000", "     "),
		county("16097", "Nachbarkreis", "Musterburg, Stadt", "43"),
	)
	want := []Municipality{
		{Key: "16098000", Name: "Musterburg", Kind: Kreisfrei, Postcode: "00168", Population: 120000},
		{Key: "16099", Name: "Musterkreis", Kind: Landkreis, Postcode: "00161", Population: 62700},
		{Key: "16099001", Name: "Mühlmusterstadt", Kind: Stadt, Postcode: "00161", Population: 38000},
		{Key: "16099002", Name: "Musterfeld", Kind: Gemeinde, Postcode: "00162", Population: 1200},
		{Key: "16099003", Name: "Mustermarkt", Kind: Gemeinde, Postcode: "00163", Population: 2500},
		{Key: "16099004", Name: "Großmuster", Kind: Stadt, Postcode: "00164", Population: 21000},
		{Key: "16097", Name: "Nachbarkreis", Kind: Landkreis, Postcode: "00168"},
	}
	for encoding, src := range map[string]string{"UTF-8": file, "UTF-8 with mark": "\ufeff" + file, "ISO-8859-1": latin1(file)} {
		got, err := ReadGV100(strings.NewReader(src))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d places, %v, want %d", encoding, len(got), err, len(want))
		}
		for i, w := range want {
			w.Land, w.PopulationDate = "TH", lang.Date{Year: 2026, Month: 12, Day: 31}
			if got[i] != w {
				t.Errorf("%s:\n got %+v\nwant %+v", encoding, got[i], w)
			}
		}
	}
}

func latin1(s string) string {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r))
	}
	return string(out)
}

func TestBadFilesAreRefusedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	good := town("16099001", "Musterstadt, Stadt", "63", "38000", "00161")
	for src, want := range map[string]string{
		"":                     "no line of sort 40 or 60",
		"ags;name\n16;Ort\n":   "line 1, columns 1–2 (Satzart): \"ag\" is no sort of line",
		"60":                   "line 1, columns 123–124 (Textkennzeichen)",
		gvFile(good, good):     "line 2, columns 11–18 (Gemeindeschlüssel): 16099001 was already given in line 1",
		gvFile(good, "", "7X"): "line 3, columns 1–2",
		gvFile(town("17099001", "Ort", "63", "1", "00161")):     "\"17099001\" is no official key",
		gvFile(town("16099", "Ort", "63", "1", "00161")):        "columns 11–18 (Gemeindeschlüssel)",
		gvFile(county("1609", "Kreis", "Ort", "44")):            "columns 11–15 (Kreisschlüssel)",
		gvFile(town("16099001", "", "63", "1", "00161")):        "columns 23–72 (Name): the name is missing",
		gvFile(town("16099001", "Ort", "99", "1", "00161")):     "\"99\" is not known for lines of sort 60",
		gvFile(town("16099001", "Ort", "63", "viele", "00161")): "columns 140–150 (Bevölkerung): \"viele\" is no number",
		gvFile(town("16099001", "Ort", "63", "", "00161")):      "columns 140–150 (Bevölkerung)",
		gvFile(town("16099001", "Ort", "63", "1", "161")):       "columns 166–170 (Postleitzahl): \"161\" is no postcode",
		strings.Replace(good, "20261231", "20261331", 1):        "columns 3–10 (Gebietsstand): \"20261331\" is no date",
		gvFile(good) + strings.Repeat("x", 100_000):             "line 2: ",
		gvFile(good)[:150]: "columns 166–170 (Postleitzahl): \"\" is no postcode",
	} {
		if got, err := ReadGV100(strings.NewReader(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %d places, error %v, want %q", src, len(got), err, want)
		}
	}
}

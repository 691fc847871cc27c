package main

import (
	"fmt"
	"strings"
	"testing"

	"kokoma/infra/walk"
)

// TestOneCaseWalksFromTheInterestToItsEnd lives through a whole case: all phases
// by link and at the desk, all four waves of surveys, what comes again in its
// rhythm, reports to print, and the end that closes what was open. Two others
// wait and rest meanwhile.
func TestOneCaseWalksFromTheInterestToItsEnd(t *testing.T) {
	t.Parallel()
	_, w := start(t)
	tour := &walk.Tour{World: w, Desk: &walk.Desk{World: w, Address: office}, Cohort: cohort(t, "Musterstadt", "Beispielau", "Neubeispiel"), Silent: 20}
	if err := tour.Run(demoDays); err != nil {
		t.Fatal(err)
	}
	status := map[string]string{"Musterstadt": "abgeschlossen", "Beispielau": "zurückgestellt (Warteliste)", "Neubeispiel": "pausiert"}
	page := caseOf(t, tour, "Musterstadt")
	for i, m := range []string{
		"Kooperationsvereinbarung geschlossen", "Steuerungsgruppe arbeitsfähig", "Konfliktanalyse freigegeben", "Bearbeitungskonzept beschlossen",
		"Qualifizierungsreihe abgeschlossen", "Gremienbeschluss gefasst", "Expertise übergeben",
	} {
		if want := fmt.Sprintf("M%d %s: erreicht am", i, m); !page.Has(want) {
			t.Errorf("the case lacks %q", want)
		}
	}
	for _, p := range tour.Cohort.Places {
		want := p.Name + " Vorgang " + tour.Cases[p.Key] + " " + status[p.Name]
		if page := caseOf(t, tour, p.Name); !page.Has(want) {
			t.Errorf("no %q: %s", want, page.Text())
		}
	}
	checkReports(t, tour, page.URL.Path)
	checkWaves(t, tour)
	checkMails(t, w)
}

// caseOf opens the case of a place at the desk.
func caseOf(t *testing.T, tour *walk.Tour, name string) *walk.Page {
	t.Helper()
	list := see(t, tour.Desk, "/vorgaenge?suche="+name)
	links := caseLinks(list)
	if len(links) != 1 {
		t.Fatalf("%d cases of %s: %s", len(links), name, list.Text())
	}
	return see(t, tour.Desk, links[0])
}

// checkReports prints the quarterly reports, and looks up what was confirmed in
// the yearly review: addresses are on no page of a step.
func checkReports(t *testing.T, tour *walk.Tour, path string) {
	t.Helper()
	for n, want := range [][]string{
		{"Quartalsbericht 2. Quartal 2027", "O05 Kooperationsvereinbarung schließen", "Durchgeführte Formate 0", "Was ist vorangekommen?", "Stimmen die Zahlen? ja"},
		{"Quartalsbericht 3. Quartal 2027", "Durchgeführte Formate 3", "runder Tisch 1", "offen 1", "eingehalten 1", "Anwohnende, nicht organisierte Gruppen 27"},
		{"Quartalsbericht 4. Quartal 2027", "Durchgeführte Formate 1", "Sitzungen der Steuerungsgruppe 2", "B12 Zwischenbilanz T1 ziehen"},
	} {
		page := see(t, tour.Desk, fmt.Sprintf("%s/bericht/%d", path, n+1))
		for _, w := range want {
			if !page.Has(w) {
				t.Errorf("report %d lacks %q: %s", n+1, w, page.Text())
			}
		}
	}
	page := see(t, tour.Desk, path+"/schritte/R08/durchgang/1")
	if !page.Has("Vorsitz der Steuerungsgruppe") || !page.Has("s…@musterstadt.example") || page.Has("steuerung@musterstadt.example") {
		t.Errorf("the review shows other people: %s", page.Text())
	}
}

func checkWaves(t *testing.T, tour *walk.Tour) {
	t.Helper()
	page := see(t, tour.Desk, "/auswertung")
	for _, wave := range []string{"Ausgangserhebung (T0)", "Pulsbefragung (halbjährlich)", "Zwischenbilanz (T1)", "Abschlusserhebung (T2)"} {
		if !page.Has(wave) {
			t.Errorf("the evaluation lacks %s: %s", wave, page.Text())
		}
	}
	for _, link := range page.Links("/auswertung/") {
		if one := see(t, tour.Desk, link); !strings.Contains(one.Body, "<svg") || !one.Has("Rücklauf") {
			t.Errorf("%s shows no results: %s", link, one.Text())
		}
	}
}

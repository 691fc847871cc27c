package workflow

import (
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// relates looks for lines of the case's history, as the service office reads it.
func (w *world) relates(want ...string) {
	w.t.Helper()
	w.sameAsEvents()
	got := strings.Join(texts(shows(w.t, w.svc(), "/vorgaenge/"+w.id), ".timeline li"), "\n")
	for _, s := range want {
		if !strings.Contains(got, s) {
			w.t.Errorf("the history lacks %q:\n%s", s, got)
		}
	}
}

// omits looks for what the history must not say.
func (w *world) omits(not ...string) {
	w.t.Helper()
	got := strings.Join(texts(shows(w.t, w.svc(), "/vorgaenge/"+w.id), ".timeline li"), "\n")
	for _, s := range not {
		if strings.Contains(got, s) {
			w.t.Errorf("the history says %q:\n%s", s, got)
		}
	}
}

func TestTheHistorySaysWhoReopened(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]`)
	w.finish("O02", "FED")
	w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "Anlage fehlt"})
	due := lang.Short(lang.DE, w.current("O02").Due)
	w.relates("Wieder geöffnet: O02 Schritt O02 (2. Durchgang), Termin " + due + " – Servicestelle Grund: Anlage fehlt")
	w.omits("Geöffnet: O02 Schritt O02 (2. Durchgang)")
}

func TestTheHistorySaysWhoMovedACase(t *testing.T) {
	t.Parallel()
	w := tiny(t, termed("40"))
	shipped, other := w.retermed("30")
	w.recount(shipped, other)
	w.relates("umgestellt (Kennung " + other.Hash + ") – Servicestelle")
}

func TestTheHistorySaysToWhomAStepWent(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [KM]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "KM", Person: process.Person{Name: "Erste Stelle", Email: expert}})
	w.relates("Geschickt an Konfliktmanager:innen (Erste Stelle): O02")
	w.do(command.Handover{Meta: by("SVC"), Ref: w.current("O02").Ref, To: process.Person{Name: "Zweite Stelle", Email: another}, Reason: "hilft"})
	w.relates("Zusätzlich beauftragt mit O02 Schritt O02: Konfliktmanager:innen (Zweite Stelle) – Servicestelle Grund: hilft")
	w.omits("Weitergegeben")
	w.do(command.Handover{Meta: by("KM"), Ref: w.current("O02").Ref, From: expert, To: process.Person{Name: "Dritte Stelle", Email: lead}})
	w.relates("Weitergegeben: O02 Schritt O02, jetzt zuständig: Konfliktmanager:innen (Dritte Stelle) – Konfliktmanager:innen")
	w.do(command.Assign{Meta: by("SVC"), Role: "STG", Person: process.Person{Email: chair}})
	got := strings.Join(texts(shows(t, w.signedIn(chair, "STG"), "/vorgaenge/"+w.id), ".timeline li"), "\n")
	if strings.Contains(got, "Stelle)") || !strings.Contains(got, "Weitergegeben: O02 Schritt O02, jetzt zuständig: Konfliktmanager:innen – ") {
		t.Errorf("who sees no contacts reads names:\n%s", got)
	}
}

// Who is not asked any more is in no event by name or address.
func TestTheHistoryForgetsWhoIsForgotten(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED]`)
	w.do(command.Handover{Meta: by("FED"), Ref: w.current("O02").Ref, From: "amt@musterstadt.example", To: process.Person{Name: "Zweite Stelle", Email: another}})
	w.finish("O02", "FED")
	w.relates("Weitergegeben: O02 Schritt O02 – federführendes Amt")
	w.omits("Zweite Stelle", another)
}

func TestTheHistorySaysWhoIsLeftWithAStep(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, KM]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "KM", Person: process.Person{Name: "Erste Stelle", Email: expert}})
	w.do(command.EndRole{Meta: by("SVC"), Role: "KM", Email: expert, Last: w.day(0), Reason: "anderes Amt"})
	w.days(1)
	w.relates("Zuständigkeit angepasst: O02 Schritt O02, jetzt zuständig: federführendes Amt (Amt für Zusammenleben)")
}

func TestTheHistorySaysHowFarAPauseMovedDates(t *testing.T) {
	t.Parallel()
	w := tiny(t, termed("30"))
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.days(1)
	w.do(command.Resume{Meta: by("SVC")})
	w.relates("Termine um einen Arbeitstag verschoben – Servicestelle")
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.days(7)
	w.do(command.Resume{Meta: by("SVC")})
	w.relates("Termine um 5 Arbeitstage verschoben – Servicestelle")
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.do(command.Resume{Meta: by("SVC")})
	w.omits("um 0 Arbeitstage")
}

func TestTheHistoryNamesAgreements(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.agree(agreedOn("Ruhe ab zehn", ""))
	w.do(command.SetRecord{Meta: by("SVC"), Record: "agreement#O02#1#1", State: "kept", Reason: "geprüft"})
	w.relates(
		"Vereinbarung aufgenommen: „Ruhe ab zehn“, offen – ",
		"Vereinbarung: jetzt eingehalten, „Ruhe ab zehn“ – Servicestelle",
	)
}

func TestTheHistorySaysWhichTaskWasSettled(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements)
	w.agree(agreedOn("Ruhe ab zehn", w.day(5).String()))
	w.days(10)
	w.do(command.SetRecord{Meta: by("SVC"), Record: "agreement#O02#1#1", State: "kept", Reason: "geprüft"})
	w.relates("Aufgabe erledigt: Ruhe ab zehn (Prüftermin vorbei) – Servicestelle")

	w = tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
	w.finish("C15", "SVC", "next_on", "2026-06-02")
	w.do(command.Settle{Meta: by("SVC"), Task: "follow#C15#1"})
	w.relates("Aufgabe erledigt: C15 Schritt C15 (")
}

// TestTheHistorySaysWhoWasAskedToAsk: without a tandem that is the service office.
func TestTheHistorySaysWhoWasAskedToAsk(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]
		O03: pre: [{step: O02}]`)
	w.turn(w.current("O02").Due.AddDays(20).At(12, 0))
	w.relates("Hinweis an die Servicestelle: O02")
	w.omits("Hinweis an das Tandem")
	w.do(command.Assign{Meta: by("SVC"), Role: "EXT", Person: process.Person{Email: expert}})
	w.finish("O02", "FED")
	w.turn(w.current("O03").Due.AddDays(20).At(12, 0))
	w.relates("Hinweis an das Tandem: O03")
}

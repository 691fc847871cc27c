package desk

import (
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// This file has what the form of a move says; the form is made of what the cases
// need, so it is no file of forms/.

// whats say what a move finds different, behind the title of a step.
var whats = map[command.What]lang.Text{
	command.Gone:  {DE: "ist offen und entfällt", EN: "is under way and no longer exists"},
	command.Lost:  {DE: "ist offen, und nicht alles Eingetragene passt in das neue Formular", EN: "is under way, and not all that was entered fits the new form"},
	command.Stuck: {DE: "wartet auf eine Prüfung, die es nicht mehr gibt", EN: "waits for a review that no longer exists"},
	command.Opens: {DE: "ist nach der neuen Fassung an der Reihe", EN: "is due by the new version"},
	command.Early: {DE: "ist offen, wäre nach der neuen Fassung aber noch nicht an der Reihe", EN: "is open, but would not be due yet by the new version"},
	command.Due:   {DE: "hat einen anderen Termin", EN: "has another due date"},
	command.Asked: {DE: "fragt andere Personen", EN: "asks other people"},
}

func offerText(key, word string) lang.Text {
	return map[string]lang.Text{
		"open" + process.Keep:      {DE: "bleibt offen; Gleichnamiges wird übernommen", EN: "stays open; answers to questions of the same name are kept"},
		"open" + process.Close:     {DE: "wird beendet", EN: "is ended"},
		"open" + process.Accept:    {DE: "gilt als angenommen", EN: "counts as accepted"},
		"ready" + process.Now:      {DE: "jetzt öffnen", EN: "open now"},
		"ready" + process.Silently: {DE: "jetzt öffnen, ohne E-Mail", EN: "open now, without an e-mail"},
		"ready" + process.Later:    {DE: "mit dem nächsten erledigten Schritt öffnen", EN: "open with the next step that is done"},
		"ready" + process.LeaveOut: {DE: "überspringen", EN: "skip"},
		"due" + process.Keep:       {DE: "bisheriger Termin bleibt", EN: "keep the present due date"},
		"due" + process.Recount:    {DE: "Termin neu berechnen", EN: "work out the due date anew"},
		"asked" + process.Keep:     {DE: "wer gefragt ist, bleibt gefragt", EN: "whoever is asked stays asked"},
		"asked" + process.Again:    {DE: "die neuen Personen fragen", EN: "ask the new people"},
	}[key+word]
}

var (
	mailNo  = lang.Text{DE: "Nein, niemand erhält eine E-Mail", EN: "No, nobody gets an e-mail"}
	mailYes = lang.Text{DE: "Ja, wer einen offenen Schritt hat, erhält ihn noch einmal", EN: "Yes, whoever has an open step gets it once more"}

	wordLabel = lang.Text{DE: "Zur Bestätigung das Wort UMSTELLEN eintippen", EN: "Type the word UMSTELLEN to confirm"}
	notAll    = lang.Text{
		DE: "Der Plan passt noch nicht zu allen Vorgängen. In der Liste unten steht, wo etwas fehlt.",
		EN: "The plan does not fit all cases yet. The list below says where something is missing.",
	}
)

// word is typed before cases are moved.
const word = "UMSTELLEN"

// closing are the questions that every move asks.
func closing() []*define.Question {
	least := 20
	return []*define.Question{
		{
			Type: "text", Name: "reason", Label: lang.Text{DE: "Grund der Umstellung", EN: "Reason for the move"},
			Hint:       lang.Text{DE: "Der Grund steht im Verlauf jedes Vorgangs. Mindestens 20 Zeichen.", EN: "The reason is shown in the history of every case. At least 20 characters."},
			Appearance: "multiline", Required: "yes", MinLength: &least, Class: "org",
		},
		{Type: "select_one mailing", Name: "mailing", Label: lang.Text{DE: "Sollen E-Mails verschickt werden?", EN: "Are e-mails to be sent?"}, Required: "yes", Class: "org"},
		{
			Type: "text", Name: "word", Label: wordLabel, Required: "yes", Constraint: ". = '" + word + "'", Class: "org",
			ConstraintMessage: lang.Text{DE: "Bitte tippen Sie UMSTELLEN in Großbuchstaben.", EN: "Please type UMSTELLEN in capital letters."},
		},
	}
}

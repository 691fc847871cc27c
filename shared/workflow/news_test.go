package workflow

import (
	"slices"
	"strings"
	"testing"

	"kokoma/shared/mail"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

func TestInformedRolesHearInTheirNextMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted() // O03 and O04 inform the head of administration, who is asked O05
	w.days(1)
	got := w.to(lead)
	const told = "Zur Kenntnis, inzwischen erledigt: Klärungsgespräch führen; Über die Teilnahme entscheiden."
	if len(got) != 1 || !strings.Contains(oneLine(got[0].Text), told) || !strings.Contains(got[0].HTML, "Klärungsgespräch führen") {
		t.Fatalf("%d mails, the last says\n%s\nwant one that says %q", len(got), got[len(got)-1].Text, told)
	}
	w.submit("O05", "LEI")
	w.submit("O06", "TRA")
	w.days(2)
	w.submit("O07", "FED")
	w.submit("O08", "EXT")
	w.submit("A01", "EXT")
	w.days(5)
	const office = "amt@musterstadt.example"
	all := w.to(office)
	for i, want := range []string{
		"Angaben prüfen; Klärungsgespräch führen; Über die Teilnahme entscheiden; Kooperationsvereinbarung schließen; Tandem benennen.",
		"Auftrag und Rollen klären; Auftakt vor Ort durchführen.",
	} {
		if at := len(all) - 2 + i; at < 0 || !strings.Contains(oneLine(all[at].Text), "inzwischen erledigt: "+want) {
			t.Errorf("mail %d of %d to the lead office does not tell %q:\n%s", at, len(all), want, all[max(at, 0)].Text)
		}
	}
	if len(w.to("datenschutz@musterstadt.example")) != 0 {
		t.Error("somebody who is only informed got a mail")
	}
	w.sameAsEvents()
}

// oneLine is a text without its line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestDigestTellsWhatWasDoneOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(1)
	for _, s := range [][2]string{{"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}} {
		w.submit(s[0], s[1])
	}
	w.do(command.Submit{Meta: by("EXT"), Ref: w.current("O08").Ref, Answers: w.answers("O08"), Reason: "im Test"})
	w.submit("A01", "EXT")
	w.days(4)
	for _, m := range w.box.sent {
		if n := strings.Count(m.Text, "Zur Kenntnis"); n > 1 {
			t.Errorf("%q tells for information %d times:\n%s", m.Subject, n, m.Text)
		}
	}
	if !slices.ContainsFunc(w.box.sent, func(m mail.Message) bool {
		return strings.Contains(m.Subject, "offene Punkte") && strings.Contains(m.Text, "Zur Kenntnis")
	}) {
		t.Error("no digest tells anything for information")
	}
}

func TestNewsIsBoundedAndComesBack(t *testing.T) {
	t.Parallel()
	var n process.News
	for _, key := range strings.Fields("O02 O03 O04 O05 O06 O07 O08 A01 A02 A03") {
		n = n.Heard(key, []string{"LEI", "KUF"})
	}
	if got := strings.Join(n.Steps("LEI"), " "); got != "O04 O05 O06 O07 O08 A01 A02 A03" {
		t.Errorf("of ten steps there wait %s, want the newest eight", got)
	}
	if n = n.Told([]string{"LEI"}); n["LEI"] != "" || len(n.Steps("KUF")) != 8 {
		t.Errorf("after one role was told: %v", n)
	}
	if n = n.Told([]string{"KUF"}); n != nil {
		t.Errorf("after all were told: %v, want nothing to store", n)
	}
}

// TestNewsNamesAStepOnceThatWasDoneSeveralTimes and says how often.
func TestNewsNamesAStepOnceThatWasDoneSeveralTimes(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; informed: [LEI]; repeatable: true
		O03: pre: [{step: O01}]; informed: [LEI]
		O04: pre: [{step: O03}]; acts: [LEI]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: lead}, Reason: "im Test"})
	for range 3 {
		w.finish("O02", "FED")
		w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "noch einmal"})
	}
	w.finish("O03", "FED")
	w.days(2)
	const want = "Zur Kenntnis, inzwischen erledigt: Schritt O02 (3-mal); Schritt O03."
	if got := w.to(lead); len(got) != 1 || !strings.Contains(oneLine(got[0].Text), want) {
		t.Errorf("%d mails, want one that says %q: %v", len(got), want, got)
	}
	w.sameAsEvents()
}

// TestASkippedStepThatIsOpenAgainThanksNobody: who is asked has not sent it.
func TestASkippedStepThatIsOpenAgainThanksNobody(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [LEI]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: lead}, Reason: "im Test"})
	w.days(2)
	w.do(command.Skip{Meta: by("SVC"), Ref: w.current("O02").Ref, Reason: "wird hier nicht gebraucht, sagt das Amt"})
	w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "wird doch gebraucht"})
	w.days(2)
	for _, m := range w.to(lead) {
		if strings.Contains(m.Subject, "Bitte ergänzen") || strings.Contains(m.Text, "eingereicht") {
			t.Errorf("%s:\n%s", m.Subject, m.Text)
		}
	}
	if got := w.subjects(lead, "wieder offen – Schritt O02, bis "); len(got) != 1 {
		t.Errorf("of the step that is open again say %q, want one mail", got)
	}
	w.sameAsEvents()
}

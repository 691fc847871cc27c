package workflow

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const chair = "steuerung@musterstadt.example"

// choosing brings the case to where the steering group chooses a procedure.
func (w *world) choosing() {
	w.t.Helper()
	w.analysis()
	for _, s := range [][2]string{
		{"A01", "EXT"}, {"A02", "FED"}, {"A03", "FED"}, {"A04", "LOK"}, {"A05", "KUF"}, {"A06", "FED"}, {"A07", "EXT"}, {"A08", "EXT"}, {"A09", "LOK"},
	} {
		w.submit(s[0], s[1])
	}
	w.do(command.SurveyClosed{Meta: by(process.BySurvey), Ref: w.current("A06").Ref})
	for _, s := range [][2]string{{"A10", "EXT"}, {"A11", "STG"}, {"B01", "STG"}, {"B02", "EXT"}} {
		w.submit(s[0], s[1])
	}
	w.days(1)
}

// typeCode asks for the code of a link and types it in.
func (w *world) typeCode(b *webtest.Browser, path, address string) {
	w.t.Helper()
	b.Post(path+"/code", nil)
	w.tick()
	mails := w.to(address)
	code := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(mails[len(mails)-1].Text)
	if r := b.Post(path+"/oeffnen", url.Values{"_code": {code}}); r.Status != http.StatusSeeOther {
		w.t.Fatalf("the code: status %d\n%s", r.Status, r.Text())
	}
}

func TestSuggestionsAppearByLinkOnlyAfterTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	path := w.link(chair, "B03")
	b := w.browser()
	before := b.Get(path)
	if text := before.Text(); strings.Contains(text, "Regel 3") || strings.Contains(text, "Stufe 4 bis 6 eingeschätzt") || !strings.Contains(text, "Vorschläge aus der Analyse") {
		t.Errorf("a link alone shows what others wrote, or does not say how to see it:\n%s", text)
	}
	if r := b.Post(path, fill(before, url.Values{"formats": {"MOD"}, "_save": {"1"}})); r.Status != http.StatusSeeOther || strings.Contains(b.Get(path).Text(), "Regel 3") {
		t.Error("saving is enough to see what others wrote")
	}
	w.typeCode(b, path, chair)
	after := b.Get(path)
	for _, want := range []string{
		"Regel 3, weil der Konflikt auf Stufe 4 bis 6", "Prozessberatung, Mediation, Vermittlungsgespräche, Kommunikationsstrategie",
		"Regel 6, weil die Kommune selbst Konfliktpartei ist", "Sie schlagen vor; Sie entscheiden",
	} {
		if !strings.Contains(strings.Join(strings.Fields(after.Text()), " "), want) {
			t.Errorf("after the code %q is missing:\n%s", want, after.Text())
		}
	}
	if r := b.Post(path, fill(after, url.Values{"_send": {"1"}})); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "Regel 3") {
		t.Errorf("the suggestions are gone beside the faults: status %d", r.Status)
	}
	if n := strings.Count(w.browser().Get(path).Body, `name="formats" value=`); n != 1+15 {
		t.Errorf("%d formats to choose from, want all 15", n-1)
	}
}

// TestSuggestionsOnlySuggest: the form is the same with and without them.
func TestSuggestionsOnlySuggest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	path := w.link(chair, "B03")
	b := w.browser()
	form := func(r *webtest.Response) string {
		_, fields, _ := strings.Cut(r.Body, `novalidate>`)
		fields, _, _ = strings.Cut(fields, `name="_command"`)
		return fields
	}
	before := form(b.Get(path))
	w.typeCode(b, path, chair)
	if after := form(b.Get(path)); before == "" || after != before || strings.Contains(after, " checked") {
		t.Errorf("suggestions change the form:\n%s\nwithout them:\n%s", after, before)
	}
}

func TestSuggestionsAreForWhoSeesTheCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.choosing()
	base := "/vorgaenge/" + w.id + "/schritte/"
	for email, role := range map[string]string{chair: "STG", office: "SVC", companion: "EXT"} {
		if text := shows(t, w.signedIn(email, role), base+"B03").Text(); !strings.Contains(text, "Regel 3") {
			t.Errorf("%s does not see the suggestions:\n%s", role, text)
		}
	}
	if text := shows(t, w.signedIn("amt@musterstadt.example", "FED"), base+"B09").Text(); !strings.Contains(text, "Regel 3") {
		t.Errorf("B09 has no suggestions:\n%s", text)
	}
	if text := shows(t, w.svc(), base+"B05").Text(); strings.Contains(text, "Regel 3") {
		t.Error("the training has suggestions")
	}
	w.do(command.Handover{Meta: by("STG"), Ref: w.current("B03").Ref, From: chair, To: process.Person{Name: "Neu", Email: "neu@anderswo.example"}})
	w.days(1)
	text := w.browser().Get(w.link("neu@anderswo.example", "B03")).Text()
	if strings.Contains(text, "Regel 3") || strings.Contains(text, "Vorschläge aus der Analyse") {
		t.Errorf("who was named for this step alone is offered what the case says:\n%s", text)
	}
}

func TestAssessmentsAreShownOverTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	path := "/vorgaenge/" + w.id + "/einschaetzungen"
	shows(t, w.svc(), path, "Noch wurde nichts eingeschätzt")
	for _, s := range [][2]string{{"A01", "EXT"}, {"A02", "FED"}, {"A04", "LOK"}, {"A05", "KUF"}, {"A07", "EXT"}, {"A08", "EXT"}} {
		w.submit(s[0], s[1])
	}
	r := shows(t, w.svc(), path, "Einschätzung vom 13.04.2026: Konflikt analysieren", "Eingeschätzt von: externe Prozessbegleitung",
		"4 – Images und Koalitionen", "Anwohnendenverein", "3 – Taten statt Worte", "hoch", "Der Beirat sucht Verbündete")
	if strings.Count(r.Body, "<polyline") != 3 {
		t.Errorf("wanted are lines of the whole and of two sides:\n%s", r.Body)
	}
	shows(t, w.svc(), "/vorgaenge/"+w.id, "Einschätzungen des Konflikts")
	for email, role := range map[string]string{"traeger@verein.example": "TRA", "amt@anderswo.example": "FED"} {
		if r := w.signedIn(email, role).Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s of another case, or without it, at the assessments: status %d", role, r.Status)
		}
	}
}

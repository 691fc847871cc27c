package authoring_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/form"
)

func TestListShowsAllFormsAndWhatIsLive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	page := d.as("Autorin", "SVC").Get("/formulare")
	shows(t, page, http.StatusOK, "Interessenbekundung (1)", "Gespräch talk", "Erster Schritt", "Fassung 1, wie ausgeliefert", "Stimmung mood", "Entwurf hochladen")
	shows(t, d.as("Autorin", "SVC").Get("/en/formulare"), http.StatusOK, "Talk talk", "First step", "Version 1, as shipped")
}

func TestOwnColumnsAreExplained(t *testing.T) {
	t.Parallel()
	page := newDesk(t).as("Autorin", "SVC").Get("/formulare")
	shows(t, page, http.StatusOK, "x_alias Frühere Namen der Frage", "x_checks Weitere Prüfungen", "x_unknown Wort, das statt eines Datums gilt")
}

func TestUploadWithoutErrorsBecomesTheDraft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b)
	shows(t, b.Get(talk+"?ok=entwurf"), http.StatusOK, "Der Entwurf ist gespeichert", "Fassung 2", "Autorin", "talk.yaml", "Gültige Fassung Fassung 1")
	shows(t, b.Get("/formulare"), http.StatusOK, "Entwurf Fassung 2")
	if !strings.Contains(d.log.String(), "outcome=draft") || strings.Contains(d.log.String(), "Rathaus") {
		t.Errorf("the log is\n%s", d.log)
	}
}

func TestUploadWithErrorsChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b)
	before := d.table.writes
	bad := source(t, "testdata/talk.yaml", "${where}", "${wher}", "type: text\n        name: special", "type: geopoint\n        name: special", `version: "1"`, `version: "3"`)
	page := d.upload(b, "falsch.yaml", bad)
	shows(t, page, http.StatusUnprocessableEntity, "In der Datei sind 2 Fehler", "Es wurde nichts geändert", "falsch.yaml", "Zeile", "${wher}", "geopoint")
	if !strings.Contains(page.Body, "<title>Fehler: Geprüfte Datei") {
		t.Error("the title does not begin with the fault")
	}
	if d.table.writes != before {
		t.Errorf("%d writes for a file with errors", d.table.writes-before)
	}
	shows(t, b.Get(talk), http.StatusOK, "Fassung 2", "talk.yaml")
}

func TestErrorsOfAWorkbookNameSheetRowAndCell(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	book := b.Get(talk + "/datei/gueltig.xlsx")
	if book.Status != http.StatusOK || !strings.HasPrefix(book.Body, "PK") {
		t.Fatalf("the workbook: %d, %d bytes", book.Status, len(book.Body))
	}
	if got := book.Header.Get("Content-Disposition"); got != `attachment; filename="talk-1.xlsx"` {
		t.Errorf("it is called %s", got)
	}
	bad := edit(t, book.Body, map[string]string{"elsewhere.relevant": "${wher} = 'else'", "where.name": "an ort"})
	shows(t, d.upload(b, "talk.xlsx", bad), http.StatusUnprocessableEntity, "Wo", "survey, B4", "survey, M5", "${wher}", "an ort")
}

func TestLiveVersionUploadedUnchangedIsTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	for _, ending := range []string{".xlsx", ".yaml"} {
		file := b.Get(talk + "/datei/gueltig" + ending).Body
		if r := d.upload(b, "talk"+ending, file); r.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", ending, r.Status, r.Text())
		}
		shows(t, b.Get(talk), http.StatusOK, "Der Entwurf ist genau gleich wie die gültige Fassung")
		shows(t, b.Get(talk+"/vergleich"), http.StatusOK, "Beide Fassungen sind genau gleich")
	}
}

func TestFilesThatAreNoFormsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	talkForm := source(t, "testdata/talk.yaml")
	for _, c := range []struct {
		name, src, form string
		status          int
		want            string
	}{
		{"", "", "", 422, "Es wurde keine Datei ausgewählt"},
		{"leer.xlsx", "", "", 422, "Die Datei ist leer"},
		{"alt.xls", "\xD0\xCF\x11\xE0", "", 422, "im alten Format"},
		{"alt.xlsx", oldBook, "", 422, "ein anderes Format"},
		{"geschuetzt.xlsx", oldBook + wide("EncryptedPackage"), "", 422, "mit einem Kennwort geschützt"},
		{"bild.png", "x", "", 422, "Diese Art von Datei wird nicht gelesen"},
		{"kaputt.xlsx", "PK\x03\x04 und dann nichts", "", 422, "In der Datei ist 1 Fehler"},
		{"gross.xlsx", strings.Repeat("x", 1<<20+1), "", 413, "größer als 1 MB"},
		{"fremd.yaml", strings.Replace(talkForm, "form_id: talk", "form_id: walk", 1), "", 422, "„walk“ gibt es nicht"},
		{"falsch.yaml", talkForm, "mood", 422, "Sie haben sie aber bei „mood“ hochgeladen"},
	} {
		before := d.table.writes
		page := d.upload(b, c.name, c.src, "form", c.form)
		shows(t, page, c.status, c.want, "Es wurde nichts geändert", "Noch einmal hochladen")
		if d.table.writes != before {
			t.Errorf("%s wrote something", c.name)
		}
	}
	page := d.upload(b, "fremd.yaml", strings.Replace(talkForm, "form_id: talk", "form_id: walk", 1))
	shows(t, page, http.StatusUnprocessableEntity, "Diese Formulare gibt es", "talk Gespräch", "mood Stimmung")
}

// TestLargeUploadIsReadToItsEnd lets a browser see the answer: it shows none
// while it still sends.
func TestLargeUploadIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := uploadRequest(t, "gross.xlsx", strings.Repeat("x", 20<<20))
	d.as("Autorin", "SVC").Do(r)
	if n, _ := r.Body.Read(make([]byte, 1)); n != 0 {
		t.Error("something of the file was not read")
	}
}

func TestUploadOfSomebodySignedOutIsNotRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := uploadRequest(t, "talk.yaml", "x")
	page := d.as("").Do(r)
	if page.Status != http.StatusSeeOther || page.Location() != "/anmelden?next=/formulare" {
		t.Errorf("it leads to %d %s", page.Status, page.Location())
	}
	if n, _ := r.Body.Read(make([]byte, 1)); n == 0 {
		t.Error("the body was read")
	}
	r = uploadRequest(t, "talk.yaml", "x")
	if page := d.as("Extern", "EXT").Do(r); page.Status != http.StatusNotFound {
		t.Errorf("who may only read uploads with %d", page.Status)
	}
}

func TestUploadSentAsPlainFieldsAsksForTheFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	shows(t, d.as("Autorin", "SVC").Post("/formulare", url.Values{"form": {"talk"}}), http.StatusUnprocessableEntity, "Es wurde keine Datei ausgewählt")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/formulare", strings.NewReader("--x\r\nkaputt"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if page := d.as("Autorin", "SVC").Do(r); page.Status != http.StatusBadRequest {
		t.Errorf("a broken body: %d", page.Status)
	}
}

func TestSecondAuthorIsToldAboutTheDraftOfTheFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.as("Autorin", "SVC"), d.as("Zweitautor", "ADM")
	d.draft(first)
	src := source(t, "testdata/talk.yaml", `version: "1"`, `version: "2b"`)
	page := d.upload(second, "talk.yaml", src, "form", "talk") // as the page showed no draft
	shows(t, page, http.StatusConflict, "Inzwischen hat Autorin einen anderen Entwurf hochgeladen (13.04.2027")
	s, err := d.library.Shelf(t.Context(), "talk")
	if err != nil || s.Draft == nil || s.Draft.By != "Autorin" {
		t.Fatalf("the draft is %+v %v", s.Draft, err)
	}
	if !strings.Contains(page.Body, `name="draft" value="`+s.Draft.Hash+`"`) {
		t.Error("uploaded once more, it would be refused again")
	}
	if r := d.upload(second, "talk.yaml", src, "form", "talk", "draft", s.Draft.Hash); r.Status != http.StatusSeeOther {
		t.Errorf("uploading it knowingly: %d", r.Status)
	}
}

func TestDraftKeepsItsRemarks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, `{de: "Räume", en: "Rooms"}`, `{de: "Räume"}`)
	shows(t, b.Get(talk), http.StatusOK, "Hinweise (1)", "label hat keinen englischen Text")
	d.library = form.NewLibrary(d.table, d.clock) // another process
	if _, _, err := d.library.DraftForm(t.Context(), "talk"); err != nil {
		t.Errorf("another process does not read the draft: %v", err)
	}
}

// oldBook begins like a container of old Office programs, which hold .xls and
// workbooks with a password.
var oldBook = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)

// wide is a name in such a container.
func wide(s string) string {
	return strings.Join(strings.Split(s, ""), "\x00") + "\x00"
}

func TestMissingGermanTextIsSaidAtTheGermanCell(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	book := b.Get(talk + "/datei/gueltig.xlsx").Body
	page := d.upload(b, "talk.xlsx", edit(t, book, map[string]string{"where.label::Deutsch (de)": ""}))
	shows(t, page, http.StatusUnprocessableEntity, "survey, "+cellOf(t, book, "where", "label::Deutsch (de)"))
}

func TestUnknownFormIsSaidBesideTheErrors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	book := b.Get(talk + "/datei/gueltig.xlsx").Body
	bad := renamed(t, edit(t, book, map[string]string{"elsewhere.relevant": "${wher} = 'else'"}), "talk", "walk")
	shows(t, d.upload(b, "walk.xlsx", bad), http.StatusUnprocessableEntity,
		"In der Datei ist 1 Fehler", "${wher}", "„walk“ gibt es nicht", "Diese Formulare gibt es", "talk Gespräch")
}

func TestUploadFromTheListAsksBeforeItReplacesSomebodyElsesDraft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.as("Autorin", "SVC"), d.as("Zweitautor", "ADM")
	d.draft(first)
	src := source(t, "testdata/talk.yaml", `version: "1"`, `version: "2b"`)
	page := d.upload(second, "talk.yaml", src)
	shows(t, page, http.StatusConflict, "Es gibt schon einen anderen Entwurf, von Autorin (13.04.2027", "Zurück zum Formular")
	s, err := d.library.Shelf(t.Context(), "talk")
	if err != nil || s.Draft == nil || s.Draft.By != "Autorin" {
		t.Fatalf("the draft is %+v %v", s.Draft, err)
	}
	if !strings.Contains(page.Body, `name="draft" value="`+s.Draft.Hash+`"`) {
		t.Error("uploaded once more, it would be refused again")
	}
	if r := d.upload(second, "talk.yaml", src, "draft", s.Draft.Hash); r.Status != http.StatusSeeOther {
		t.Errorf("uploading it knowingly: %d", r.Status)
	}
	d.draft(second, "Wo genau?", "Wo denn?") // one's own needs no question
}

// TestUploadAtTheSameMomentAsAnotherIsToldAboutIt lets the other draft come in
// between the look at the shelf and the write.
func TestUploadAtTheSameMomentAsAnotherIsToldAboutIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.as("Autorin", "SVC"), d.as("Zweitautor", "ADM")
	d.table.before = func() { d.draft(first) }
	page := d.upload(second, "talk.yaml", source(t, "testdata/talk.yaml", `version: "1"`, `version: "2b"`), "form", "talk")
	shows(t, page, http.StatusConflict, "Inzwischen hat Autorin einen anderen Entwurf hochgeladen")
	s, err := d.library.Shelf(t.Context(), "talk")
	if err != nil || s.Draft == nil || s.Draft.By != "Autorin" {
		t.Errorf("the draft is %+v %v", s.Draft, err)
	}
}

func TestDraftIsToldAtOnceWhatBlocksPublishing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b)
	if strings.Contains(b.Get(talk).Text(), "Vor dem Veröffentlichen zu klären") {
		t.Error("something blocks a good draft")
	}
	d.draft(b, `version: "2"`, `version: "1"`, "name: contact", "name: mail")
	shows(t, b.Get(talk), http.StatusOK, "Vor dem Veröffentlichen zu klären:", "Die Frage contact fehlt.", "„1“ steht schon für einen anderen Inhalt")
	shows(t, b.Get("/en"+talk), http.StatusOK, "To be settled before publishing:", "The question contact is missing.", "“1” stands for another content")
}

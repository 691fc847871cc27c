package authoring_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kokoma/shared/web/webtest"
)

const preview = talk + "/vorschau/"

var state = regexp.MustCompile(`name="_answers" value="([^"]*)"`)

// answered is what a page of a preview carries along.
func answered(t *testing.T, r *webtest.Response) string {
	t.Helper()
	m := state.FindStringSubmatch(r.Body)
	if m == nil {
		t.Fatalf("no answers travel in:\n%s", r.Text())
	}
	return html.UnescapeString(m[1])
}

// next sends a page of a preview with what the last one carried.
func next(t *testing.T, b *webtest.Browser, path string, last *webtest.Response, fields ...string) *webtest.Response {
	t.Helper()
	v := url.Values{"_answers": {answered(t, last)}}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return b.Post(path, v)
}

func TestPreviewIsFilledInLikeTheFormAndStoresNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, "Wo genau?", "Wo denn genau?")
	before := d.table.writes
	if r := b.Get(talk + "/vorschau"); r.Location() != preview+"who?version=entwurf" {
		t.Fatalf("it begins at %s", r.Location())
	}
	page := b.Get(preview + "who?version=entwurf")
	shows(t, page, http.StatusOK, "Vorschau – nichts wird gespeichert.", "Fassung 2 (Entwurf)", "Seite 1 von 2", "E-Mail-Adresse", "Was die Plattform selbst einträgt")
	if strings.Contains(page.Text(), "Wo denn genau?") {
		t.Error("a question that is not relevant is shown")
	}
	at := preview + "who?version=entwurf"
	page = next(t, b, at, page, "contact", "falsch", "where", "")
	shows(t, page, http.StatusUnprocessableEntity, "Ort")
	page = next(t, b, at, page, "contact", "amt@musterstadt.example", "where", "else")
	shows(t, page, http.StatusUnprocessableEntity, "Fragen dazugekommen", "Wo denn genau?")
	page = next(t, b, at, page, "contact", "amt@musterstadt.example", "where", "else", "elsewhere", "Am Fluss", "_hidden:kind", "x")
	shows(t, page, http.StatusOK, "Seite 2 von 2", "Gruppen", "Besonderes")
	at = preview + "people?version=entwurf"
	page = next(t, b, at, page, "groups[0].group_name", "Ortsverein", "_rows:groups", "1", "_add:groups", "1", "rooms", "")
	shows(t, page, http.StatusOK, "Seite 2 von 2", "Eintrag 2")
	page = next(t, b, at, page, "groups[0].group_name", "Ortsverein", "_rows:groups", "1", "rooms", "hall", "special", "nichts")
	shows(t, page, http.StatusOK, "Zusammenfassung der Vorschau", "amt@musterstadt.example", "Am Fluss", "Ortsverein", "Rathaus")
	if d.table.writes != before {
		t.Errorf("%d writes by a preview", d.table.writes-before)
	}
}

func TestPreviewChangesLanguageAndPageWithoutLosingAnswers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	at := preview + "who?version=gueltig"
	page := b.Get(at)
	if !strings.Contains(page.Body, `formaction="/en`+html.EscapeString(at)+`"`) {
		t.Errorf("no button for English:\n%s", page.Body)
	}
	page = next(t, b, "/en"+at, page, "contact", "halb", "where", "hall", "_language", "1")
	shows(t, page, http.StatusOK, "Preview – nothing is stored.", "E-mail address", "Town hall")
	if !strings.Contains(page.Body, `value="halb"`) {
		t.Error("what was typed is gone")
	}
	page = next(t, b, at, page, "contact", "halb", "where", "hall", "_go", "people")
	shows(t, page, http.StatusOK, "Seite 2 von 2")
	page = next(t, b, preview+"people?version=gueltig", page, "_go", "-ende")
	shows(t, page, http.StatusOK, "Zusammenfassung", "halb", "E-Mail-Adresse:")
	page = next(t, b, preview+"-ende?version=gueltig", page, "_go", "who")
	if !strings.Contains(page.Body, `value="halb"`) {
		t.Error("on the way back what was typed is gone")
	}
}

func TestPreviewRefusesWhatIsNoPageOfIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	for _, path := range []string{preview + "nirgends", preview + "who?version=entwurf", preview + "who?version=abc", "/formulare/nichts/vorschau", "/formulare/nichts"} {
		if r := b.Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
	if r := b.Post(preview+"who", url.Values{"_answers": {"{"}}); r.Status != http.StatusBadRequest {
		t.Errorf("broken answers: %d", r.Status)
	}
	if r := b.Post(preview+"who", url.Values{"_go": {"nirgends"}}); r.Status != http.StatusNotFound {
		t.Errorf("going nowhere: %d", r.Status)
	}
	strange := `{"contact":[{"x":[{"y":"z"}]}],"groups":"text","rooms":{},"where":["a"]}`
	if r := b.Post(preview+"who", url.Values{"_answers": {strange}}); r.Status >= http.StatusInternalServerError {
		t.Errorf("strange answers: %d", r.Status)
	}
	strange = `{"contact":[{"x":"z"}],"groups":"text","rooms":"a b","where":["a"]}`
	if r := b.Post(preview+"people", url.Values{"_answers": {strange}}); r.Status >= http.StatusInternalServerError {
		t.Errorf("answers of other kinds: %d", r.Status)
	}
}

func TestNullAnswersOfAPreviewAreNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	for _, answers := range []string{"null", `{"groups": [null]}`, `{"groups": [{}, null]}`, `{"groups": null}`} {
		for _, page := range []string{"-ende", "who", "people"} {
			r := b.Post(preview+page, url.Values{"_answers": {answers}, "_hidden:kind": {"x"}, "_rows:groups": {"1"}})
			if r.Status >= http.StatusInternalServerError {
				t.Errorf("%s on %s: %d", answers, page, r.Status)
			}
		}
	}
}

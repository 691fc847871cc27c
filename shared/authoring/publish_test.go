package authoring_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kokoma/shared/web/webtest"
)

const note = "Die Frage nach dem Ort ist genauer."

// decide publishes what the page of the comparison shows.
func (d *desk) decide(b *webtest.Browser, text string) *webtest.Response {
	d.t.Helper()
	return b.Post(talk+"/veroeffentlichen", d.shown(b, text))
}

// shown are the fields of the page of the comparison.
func (d *desk) shown(b *webtest.Browser, text string) url.Values {
	d.t.Helper()
	page := b.Get(talk + "/vergleich")
	return url.Values{"hash": {hidden(d.t, page, "hash")}, "live": {hidden(d.t, page, "live")}, "note": {text}}
}

func hidden(t *testing.T, r *webtest.Response, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(r.Body, `name="`+name+`" value="`)
	if !ok {
		t.Fatalf("no field %s in:\n%s", name, r.Text())
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestComparisonSaysWhatChangesAndWhatItMeans(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, `{de: "Wo genau?", en: "Where exactly?"}`, `{de: "Wo denn genau?", en: "Where exactly?"}`,
		"      - type: hidden\n", "      - type: integer\n        name: guests\n        label: {de: \"Gäste\", en: \"Guests\"}\n      - type: hidden\n")
	page := b.Get(talk + "/vergleich")
	shows(t, page, http.StatusOK, "Wo genau?", "Wo denn genau?", "Gäste guests", "Wer schon begonnen hat, füllt Fassung 1 zu Ende aus", "Exporte bekommen neue Spalten: 1", "Übersetzungen, die älter sind", "Jetzt veröffentlichen")
}

func TestPublishedDraftIsLive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, "Wo genau?", "Wo denn genau?")
	d.later(time.Hour)
	if r := d.decide(b, note); r.Status != http.StatusSeeOther || r.Location() != talk+"?ok=live" {
		t.Fatalf("publishing: %d %s\n%s", r.Status, r.Location(), r.Text())
	}
	page := b.Get(talk + "?ok=live")
	shows(t, page, http.StatusOK, "Die Fassung ist veröffentlicht", "Es gibt keinen Entwurf", "2 gültig", "Autorin", note, "wie ausgeliefert")
	shows(t, b.Get(preview+"who"), http.StatusOK, "Fassung 2")
	if !strings.Contains(d.log.String(), "form published") || strings.Contains(d.log.String(), note) {
		t.Errorf("the log is\n%s", d.log)
	}
	live, err := d.library.Shelf(t.Context(), "talk")
	if err != nil || len(live.History) != 2 {
		t.Fatalf("the history is %+v %v", live.History, err)
	}
	for _, v := range live.History {
		if r := b.Get(talk + "/datei/" + v.Hash + ".xlsx"); r.Status != http.StatusOK {
			t.Errorf("version %s is not handed out: %d", v.Version, r.Status)
		}
	}
	old := live.History[1].Hash
	shows(t, b.Get(talk+"/vergleich?version="+old), http.StatusOK, "Wo denn genau?", "Jetzt veröffentlichen")
	back := url.Values{"hash": {old}, "live": {live.Live.Hash}, "note": {"Zurück, weil die Frage nicht verstanden wurde."}}
	if r := b.Post(talk+"/veroeffentlichen", back); r.Status != http.StatusSeeOther {
		t.Fatalf("going back: %d\n%s", r.Status, r.Text())
	}
	shows(t, b.Get(talk), http.StatusOK, "1 gültig")
}

func TestPublishingNeedsANoteAndKeepsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, "Wo genau?", "Wo denn genau?")
	for _, text := range []string{"", "kurz", strings.Repeat("x", 1001)} {
		page := d.decide(b, text)
		shows(t, page, http.StatusUnprocessableEntity, "Bitte beschreiben Sie die Änderung mit 10 bis 1000 Zeichen")
		if !strings.Contains(page.Body, `href="#f-note"`) || !strings.Contains(page.Body, text+"</textarea>") {
			t.Errorf("no link to the field, or the text is gone:\n%s", page.Body)
		}
	}
	if s, err := d.library.Shelf(t.Context(), "talk"); err != nil || s.Live != nil {
		t.Errorf("it was published: %+v %v", s.Live, err)
	}
}

func TestChangesThatTurnAnswersAroundAreNotPublished(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][]string{
		"Das geht so nicht":                    {"type: text\n        name: elsewhere", "type: integer\n        name: elsewhere"},
		"Das braucht der Ablauf, und es fehlt": {"name: contact", "name: contact_mail"},
		"An diese Adresse gehen alle E-Mails":  {"name: contact", "name: contact_mail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			b := d.as("Autorin", "SVC")
			d.draft(b, change...)
			page := b.Get(talk + "/vergleich")
			shows(t, page, http.StatusOK, name, "Bitte beheben Sie zuerst")
			if strings.Contains(page.Body, `name="note"`) {
				t.Error("the page offers to publish it")
			}
			s, err := d.library.Shelf(t.Context(), "talk")
			if err != nil {
				t.Fatal(err)
			}
			r := b.Post(talk+"/veroeffentlichen", url.Values{"hash": {s.Draft.Hash}, "live": {""}, "note": {note}})
			shows(t, r, http.StatusUnprocessableEntity, name)
			if s, err = d.library.Shelf(t.Context(), "talk"); err != nil || s.Live != nil {
				t.Errorf("it was published: %+v %v", s.Live, err)
			}
		})
	}
}

func TestOfTwoAuthorsTheSecondIsToldAboutTheFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.as("Autorin", "SVC"), d.as("Zweitautor", "ADM")
	d.draft(first, "Wo genau?", "Wo denn genau?")
	seen := d.shown(second, "Zweitautor hat etwas anderes dazu geschrieben.")
	if r := d.decide(first, note); r.Status != http.StatusSeeOther {
		t.Fatalf("the first: %d\n%s", r.Status, r.Text())
	}
	shows(t, second.Post(talk+"/veroeffentlichen", seen), http.StatusConflict, "Jemand war schneller", "Autorin hat am 13.04.2027", "Zweitautor hat etwas anderes dazu geschrieben.")
	d.draft(first, "Wo genau?", "Wo also genau?", `version: "2"`, `version: "3"`)
	seen = d.shown(second, note)
	d.draft(first, "Wo genau?", "Wo nur genau?", `version: "2"`, `version: "3b"`)
	shows(t, second.Post(talk+"/veroeffentlichen", seen), http.StatusConflict, "einen anderen Entwurf hochgeladen (Fassung 3b)")
	shows(t, second.Post(talk+"/verwerfen", url.Values{"hash": seen["hash"]}), http.StatusConflict, "einen anderen Entwurf hochgeladen")
}

func TestTheSameDecisionTwiceIsOnePublication(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b, "Wo genau?", "Wo denn genau?")
	seen := d.shown(b, note)
	for range 2 {
		if r := b.Post(talk+"/veroeffentlichen", seen); r.Location() != talk+"?ok=live" {
			t.Fatalf("publishing: %d\n%s", r.Status, r.Text())
		}
	}
	if s, err := d.library.Shelf(t.Context(), "talk"); err != nil || len(s.History) != 2 {
		t.Errorf("the history is %+v %v", s.History, err)
	}
}

func TestDroppedDraftIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Autorin", "SVC")
	d.draft(b)
	seen := d.shown(b, note)
	for range 2 {
		if r := b.Post(talk+"/verwerfen", url.Values{"hash": seen["hash"]}); r.Location() != talk+"?ok=weg" {
			t.Fatalf("dropping: %d\n%s", r.Status, r.Text())
		}
	}
	shows(t, b.Get(talk+"?ok=weg"), http.StatusOK, "Der Entwurf ist verworfen", "Es gibt keinen Entwurf")
	shows(t, b.Post(talk+"/veroeffentlichen", seen), http.StatusConflict, "Den Entwurf gibt es nicht mehr")
	if r := b.Get(talk + "/vergleich"); r.Location() != talk {
		t.Errorf("comparing nothing leads to %d %s", r.Status, r.Location())
	}
}

// TestWhoMayWhat is the row "templates, texts" of the matrix, and more: drafts
// are for those who write.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.draft(d.as("Autorin", "SVC"))
	const nothing, reads, writes = 404, 200, 201
	for role, may := range map[string]int{
		"SVC": writes, "ADM": writes, "EXT": reads, "LOK": nothing, "FED": nothing, "KUF": nothing, "LEI": nothing,
		"STG": nothing, "KM": nothing, "EVA": nothing, "DSB": nothing, "BUE": nothing, "TAN": nothing, "TRA": nothing, "CAR": nothing,
	} {
		b := d.as(role, role)
		for path, needs := range map[string]int{
			"/formulare": reads, talk: reads, preview + "who?version=gueltig": reads, talk + "/datei/gueltig.xlsx": reads,
			talk + "/datei/gueltig.yaml": reads, talk + "/vergleich": writes, preview + "who?version=entwurf": writes, talk + "/datei/entwurf.xlsx": writes,
		} {
			want := http.StatusNotFound
			if may != nothing && may >= needs {
				want = http.StatusOK
			}
			if r := b.Get(path); r.Status != want {
				t.Errorf("%s opens %s: %d, want %d", role, path, r.Status, want)
			}
		}
		for _, path := range []string{talk + "/veroeffentlichen", talk + "/verwerfen"} {
			want := http.StatusNotFound
			if may == writes {
				want = http.StatusConflict // the draft is another one
			}
			if r := b.Post(path, url.Values{"hash": {"x"}, "note": {note}}); r.Status != want {
				t.Errorf("%s posts %s: %d, want %d", role, path, r.Status, want)
			}
		}
		text := b.Get(talk).Text() + b.Get("/formulare").Text()
		if may == reads && (strings.Contains(text, "Entwurf") || strings.Contains(text, "hochladen")) {
			t.Errorf("%s is shown drafts or offered to upload:\n%s", role, text)
		}
	}
	for _, path := range []string{"/formulare", talk, talk + "/vergleich"} {
		if r := d.as("").Get(path); r.Status != http.StatusSeeOther {
			t.Errorf("signed out, %s: %d", path, r.Status)
		}
	}
}

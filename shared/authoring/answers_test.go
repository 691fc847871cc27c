package authoring_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestCodebookSaysWhatAFormAsks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Extern", "EXT")
	shows(t, b.Get(talk+"/codebuch"), http.StatusOK, "Codebuch: Gespräch", "talk, Fassung 1, 7 Variablen", "Erster Schritt",
		"Wo genau?", "elsewhere", "Wird gefragt, wenn", "„Ort“ ist „Woanders“", "hall", "Rathaus")
	shows(t, b.Get("/en"+talk+"/codebuch"), http.StatusOK, "Codebook: Talk", "Where exactly?", "Asked if")
	if r := b.Get(talk + "/codebuch/v/entwurf"); r.Status != http.StatusNotFound {
		t.Errorf("who may not see drafts opens its codebook: %d", r.Status)
	}
}

func TestAnswersAreHandedOutInEveryKindOfFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Erika", "SVC")
	page := b.Get(talk + "/antworten")
	shows(t, page, http.StatusOK, "Arbeitsmappe (.xlsx)", "Jedes Herunterladen wird vermerkt")
	for name, want := range map[string]string{
		"antworten.xlsx": "PK", "breit-deutsch.csv": "Ortsverein", "breit.csv": "amt@musterstadt.example", "lang-deutsch.csv": "Rathaus", "lang.csv": "hall",
		"codebuch.csv": "elsewhere", "schema.json": `"contact"`,
	} {
		if !strings.Contains(page.Body, `href="`+talk+"/antworten/"+name+`"`) {
			t.Errorf("the page does not offer %s", name)
		}
		r := b.Get(talk + "/antworten/" + name)
		if r.Status != http.StatusOK || !strings.Contains(r.Body, want) || !strings.Contains(r.Header.Get("Content-Disposition"), `attachment; filename="talk-`+name) {
			t.Errorf("%s: %d %s lacks %q:\n%.300s", name, r.Status, r.Header.Get("Content-Disposition"), want, r.Body)
		}
		if strings.Contains(r.Body, "Vertraulich") {
			t.Errorf("%s holds what nobody at the office may read", name)
		}
	}
	if log := d.log.String(); !strings.Contains(log, "answers handed out") || strings.Contains(log, "Ortsverein") {
		t.Errorf("the log is\n%s", log)
	}
	if r := b.Get(talk + "/antworten/anders.csv"); r.Status != http.StatusNotFound {
		t.Errorf("a file that there is not: %d", r.Status)
	}
}

func TestAnswersOfSurveysAreForNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.as("Erika", "SVC")
	shows(t, b.Get("/formulare/mood/antworten"), http.StatusOK, "Einzelne Antworten sieht hier niemand", "Befragungen sind anonym")
	for _, name := range []string{"antworten.xlsx", "breit-deutsch.csv", "breit.csv", "lang-deutsch.csv", "lang.csv"} {
		if r := b.Get("/formulare/mood/antworten/" + name); r.Status != http.StatusNotFound {
			t.Errorf("%s of a survey: %d", name, r.Status)
		}
	}
	if r := b.Get("/formulare/mood/antworten/codebuch.csv"); r.Status != http.StatusOK {
		t.Errorf("the codebook of a survey: %d", r.Status)
	}
}

func TestAnswersAreForTheServiceOfficeAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, role := range []string{"ADM", "EXT", "LOK", "FED", "EVA", "DSB"} {
		b := d.as(role, role)
		for _, path := range []string{talk + "/antworten", talk + "/antworten/breit.csv", talk + "/antworten/codebuch.csv"} {
			if r := b.Get(path); r.Status != http.StatusNotFound {
				t.Errorf("%s opens %s: %d", role, path, r.Status)
			}
		}
		if strings.Contains(b.Get(talk).Body, "/antworten") {
			t.Errorf("%s is offered the answers", role)
		}
	}
}

func TestFileThatDoesNotComeThroughIsRefusedWithAnotherWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.service.MaxDownload = 100
	shows(t, d.as("Erika", "SVC").Get(talk+"/antworten/breit.csv"), http.StatusRequestEntityTooLarge, "Für diese Art von Datei sind es zu viele Antworten")
}

package workflow

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// fromBefore begins cases on an earlier version of the process than the shipped
// one: as the shipped one stands, but edited.
func (w *world) fromBefore(n int, edit func(source map[string]string)) *process.Definition {
	w.t.Helper()
	shipped, earlier := w.version(edit)
	plan := process.Plan{From: shipped.Hash, To: earlier.Hash, Reason: whyMove, Steps: map[string]process.Decision{"O50": {Ready: process.Later}}}
	for i := range n {
		w.start(municipality.Municipality{Key: fmt.Sprint("0999912", i), Name: "Musterort", Land: "BY"},
			process.People{"FED": {{Email: "amt@musterstadt.example"}}})
	}
	if _, left, err := w.x.Move(w.ctx, plan, earlier, 100, w.now); err != nil || left > 0 {
		w.t.Fatalf("%d left, %v", left, err)
	}
	w.adopt("KK-2026-0001")
	return earlier
}

func TestOfficeMovesCasesFromTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	earlier := w.fromBefore(42, func(source map[string]string) {
		source["x/extra.yaml"] = extraStep("O01")
	})
	// The step that the earlier version had beside O02 is open in the first case.
	w.openExtra()
	b := w.svc()
	path := "/vorgaenge/prozess/umstellung?von=" + earlier.Hash
	shows(t, b, "/vorgaenge", "Fassungen des Ablaufs")
	shows(t, b, "/vorgaenge/prozess", "Frühere Fassung (Kennung "+earlier.Hash+")", "42", "Aktuelle Fassung (Kennung ")
	page := shows(t, b, path, "O50 Zusatz", "entfällt", "ist offen und entfällt (Vorgänge: 1)", "Laufende Vorgänge: 42", "zu entscheiden")
	form := url.Values{"reason": {"Der Zusatz hat sich nicht bewährt."}, "mailing": {"no"}, "word": {"umstellen"}, "_send": {"1"}}
	if r := b.Post(path, form); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), "UMSTELLEN in Großbuchstaben") {
		t.Errorf("without decision and word: %d\n%s", r.Status, r.Text())
	}
	form.Set("word", "UMSTELLEN")
	if r := b.Post(path, form); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a decision: %d", r.Status)
	}
	form.Set("open_o50", "close")
	preview := url.Values{"open_o50": {"close"}, "_preview": {"1"}}
	if r := b.Post(path, preview); r.Status != http.StatusOK || !strings.Contains(r.Text(), "zu entscheiden ist: 0") || strings.Contains(page.Text(), "zu entscheiden ist: 0") {
		t.Errorf("the preview: %d\n%s", r.Status, r.Text())
	}
	if w.head().Definition != earlier.Hash {
		t.Fatal("a preview moved the case")
	}
	r := b.Post(path, form)
	if r.Status != http.StatusOK || !strings.Contains(r.Text(), "Umgestellt: 40. Noch nicht umgestellt: 2.") {
		t.Fatalf("moving: %d\n%s", r.Status, r.Text())
	}
	shows(t, b, path, "Diese Umstellung wurde begonnen")
	if r := b.Post(path, url.Values{"_on": {"1"}}); r.Location() != "/vorgaenge/prozess?umgestellt" {
		t.Errorf("going on: %d to %q", r.Status, r.Location())
	}
	w.adopt("KK-2026-0001")
	if h := w.head(); h.Definition == earlier.Hash || h.Steps["O50"].State != process.Ended {
		t.Errorf("the first case stands on %s, O50 is %+v", h.Definition, h.Steps["O50"])
	}
	shows(t, b, "/vorgaenge/"+w.id, "Der Zusatz hat sich nicht bewährt.", "O50 Zusatz (in dieser Fassung des Ablaufs entfallen)")
	w.sameAsEvents()
}

func extraStep(after string) string {
	return "key: O50\nphase: O\ntitle: {de: Zusatz, en: Extra}\nacts: [FED]\nasks: {de: Bitte, en: Please}\ndue_wt: 10\n" +
		"pre: [{step: " + after + "}]\nform:\n  survey:\n    - {type: text, name: more, label: {de: Mehr, en: More}, required: \"yes\"}\n"
}

// openExtra lets the step O50 open, by what happens next in the case.
func (w *world) openExtra() {
	w.t.Helper()
	w.submit("O02", "SVC")
	if st := w.head().Steps["O50"].State; st != process.Open {
		w.t.Fatalf("O50 is %q", st)
	}
}

func TestOfficeAppliesTextsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	earlier := w.fromBefore(2, func(source map[string]string) {
		source["phases/o/o02-check.yaml"] = strings.Replace(source["phases/o/o02-check.yaml"], "title: {de: \"", "title: {de: \"Alt: ", 1)
	})
	b := w.svc()
	shows(t, b, "/vorgaenge/"+w.id, "Alt: ")
	before := len(w.box.sent)
	shows(t, b, "/vorgaenge/prozess/umstellung?von="+earlier.Hash, "Nur Formulierungen", "Wortlaut")
	if r := b.Post("/vorgaenge/prozess/umstellung?von="+earlier.Hash, url.Values{"_texts": {"1"}}); r.Location() != "/vorgaenge/prozess?umgestellt" {
		t.Errorf("applying texts: %d to %q", r.Status, r.Location())
	}
	if text := shows(t, b, "/vorgaenge/"+w.id, "Nur Formulierungen haben sich geändert.").Text(); strings.Contains(text, "Alt: ") {
		t.Error("the case shows the old words")
	}
	w.tick()
	if n := len(w.box.sent) - before; n > 2 { // the first mails of the two cases
		t.Errorf("%d mails", n)
	}
	w.fromBefore(1, func(source map[string]string) { source["x/extra.yaml"] = extraStep("O02") })
	if r := b.Post("/vorgaenge/prozess/umstellung?von="+w.head().Definition, url.Values{"_texts": {"1"}}); r.Status != http.StatusNotFound {
		t.Errorf("more than texts at once: %d", r.Status)
	}
}

func TestRehearsalFromTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.x.Publish(w.ctx); err != nil {
		t.Fatal(err)
	}
	d, err := w.x.Current()
	if err != nil {
		t.Fatal(err)
	}
	b := w.svc()
	shows(t, b, "/vorgaenge/prozess", "Probelauf beginnen")
	r := b.Post("/vorgaenge/prozess/probe", url.Values{"fassung": {d.Hash}})
	path := r.Location()
	if r.Status != http.StatusSeeOther || !strings.HasPrefix(path, "/vorgaenge/PROBE") {
		t.Fatalf("beginning: %d to %q", r.Status, path)
	}
	w.id = strings.TrimPrefix(path, "/vorgaenge/")
	shows(t, b, path, "Probelauf: heute ist", "heute ist 13.04.2026, 09:00", "Musterstadt", "Zum nächsten Ereignis")
	shows(t, b, path+"/schritte/O02", "Absenden")
	post := func(do string, v url.Values) *webtest.Response {
		t.Helper()
		r := b.Post(path+"/probe/"+do, v)
		if r.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", do, r.Status, r.Text())
		}
		return r
	}
	post("woche", nil)
	shows(t, b, path, "heute ist 20.04.2026")
	post("ereignis", nil) // O02 was due on 20 April
	shows(t, b, path, "Erinnerung nach dem Termin verschickt: O02", "Dienstag, 28. April 2026", "heute ist 21.04.2026, 08:00")
	w.submit("O02", "SVC", "complete", "N")
	shows(t, b, path, "Rückfrage beantworten: O02")
	post("andere", url.Values{"schritt": {"O02"}})
	shows(t, b, "/vorgaenge/prozess", "Probe-")
	shows(t, b, "/vorgaenge", "Vorgänge: 0")
	for who, other := range map[string]*webtest.Browser{
		"FED": w.signedIn("amt@musterstadt.example", "FED"), "EXT": w.signedIn("aussen@begleitung.example", "EXT"),
	} {
		for _, at := range []string{path, path + "/schritte/O02", "/vorgaenge/prozess"} {
			if r := other.Get(at); r.Status != http.StatusNotFound {
				t.Errorf("%s at %s: %d", who, at, r.Status)
			}
		}
	}
	if r := post("loeschen", nil); r.Location() != "/vorgaenge/prozess?geloescht" {
		t.Errorf("deleting leads to %q", r.Location())
	}
	if r := b.Get(path); r.Status != http.StatusNotFound {
		t.Errorf("a deleted rehearsal: %d", r.Status)
	}
	w.begin()
	if r := b.Post("/vorgaenge/"+w.id+"/probe/woche", nil); r.Status != http.StatusNotFound {
		t.Errorf("turning the clock of a case: %d", r.Status)
	}
}

// TestAMoveShowsWhatHoldsWhereNothingHasToBeDecided: a new time is a choice that
// nobody has to make, so the one that holds without it is shown.
func TestAMoveShowsWhatHoldsWhereNothingHasToBeDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	earlier := w.fromBefore(2, func(source map[string]string) {
		const name = "phases/o/o03-talk.yaml"
		source[name] = regexp.MustCompile(`(?m)^due_wt: [0-9]+`).ReplaceAllString(source[name], "due_wt: 40")
	})
	for _, no := range []string{"KK-2026-0001", "KK-2026-0002"} {
		w.adopt(no)
		w.submit("O02", "SVC")
	}
	r := shows(t, w.svc(), "/vorgaenge/prozess/umstellung?von="+earlier.Hash, "hat einen anderen Termin (Vorgänge: 2)", "zu entscheiden ist: 0")
	var chosen []string
	for _, o := range r.All("select[name=due_o03] option[selected]") {
		chosen = append(chosen, o.Attr("value"))
	}
	if !slices.Equal(chosen, []string{process.Keep}) {
		t.Errorf("of the due date of O03 is chosen %q, want %q", chosen, process.Keep)
	}
}

// TestAMoveBlamesTheNewVersionOnlyForWhatIsNew: a step that is open while what it
// waits for is done once more is no fault of the new version.
func TestAMoveBlamesTheNewVersionOnlyForWhatIsNew(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; repeatable: true
		O03: pre: [{step: O02}]
		O04: pre: [{step: O01}]`)
	w.finish("O02", "FED")
	w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "noch einmal"})
	old, to := w.version(func(source map[string]string) {
		source["o02.yaml"] = strings.Replace(source["o02.yaml"], "due_wt: 10", "due_wt: 20", 1)
		source["o04.yaml"] = strings.Replace(source["o04.yaml"], "{step: O01}", "{step: O02}", 1)
	})
	seen, err := w.x.Foresee(w.ctx, process.Plan{From: old.Hash, To: to.Hash}, to, w.now)
	if err != nil || len(seen) != 1 {
		t.Fatalf("foreseen %+v, %v", seen, err)
	}
	var early []string
	for _, c := range seen[0].Changes {
		if c.What == command.Early {
			early = append(early, c.Step)
		}
	}
	if !slices.Equal(early, []string{"O04"}) {
		t.Errorf("not due yet by the new version are %q, want O04 alone", early)
	}
}

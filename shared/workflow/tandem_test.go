package workflow

import (
	"net/http"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/workflow/cases"
)

// TestOtherHalfOfTheTandemLearnsThatTheStepIsDone opens the link of who was
// asked as well, in a browser that knows nothing of the step.
func TestOtherHalfOfTheTandemLearnsThatTheStepIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.days(1)
	own, other := w.link("aussen@begleitung.example", "A01"), w.link("vorort@verein.example", "A01")
	b := w.browser()
	v := fill(b.Get(own), w.values("A01"))
	v.Set("contact_press", "Pressestelle, nachmittags")
	if r := b.Post(own, v); r.Status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", r.Status, r.Text())
	}
	done := w.now
	w.days(1)
	r := w.browser().Get(other)
	text := r.Text()
	if r.Status != http.StatusOK {
		t.Fatalf("the other half's link: status %d, want 200\n%s", r.Status, text)
	}
	for _, want := range []string{"Der Schritt ist schon erledigt", "externe Prozessbegleitung", lang.DateTime(lang.DE, done)} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(r.Body, "Pressestelle") {
		t.Errorf("the page shows what was entered:\n%s", text)
	}
	unknown := w.browser().Get("/s/unbekannt")
	stranger := w.x.Links.Token(cases.StepLink(w.id, w.current("A01").Ref, lead, 0))
	later := w.x.Links.Token(cases.StepLink(w.id, w.current("A01").Ref, "vorort@verein.example", 1))
	for what, p := range map[string]string{"own": own, "stranger's": "/s/" + stranger, "never issued": "/s/" + later, "changed": other[:len(other)-1] + "x"} {
		if r := w.browser().Get(p); r.Status != unknown.Status || r.Text() != unknown.Text() {
			t.Errorf("the %s link: status %d, want that of an unknown one\n%s", what, r.Status, r.Text())
		}
	}
}

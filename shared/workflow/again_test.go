package workflow

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestAskingForALinkAgainTellsNobodyWhoTakesPart asks for a known and an unknown
// address, and too often: the answers are the same, and the mail brings the
// link that was mailed first.
func TestAskingForALinkAgainTellsNobodyWhoTakesPart(t *testing.T) {
	t.Parallel()
	w, first := agreement(t)
	w.set(w.time().Add(14 * time.Hour)) // outside the mailing hours
	b := w.browser()
	answers := map[string]string{}
	for _, address := range []string{lead, strings.ToUpper(lead), "niemand@musterstadt.example", lead, lead, lead} {
		r := b.Post("/neuer-link", url.Values{"email": {address}})
		if r.Status != http.StatusSeeOther {
			t.Fatalf("asking as %s: %d %s", address, r.Status, r.Text())
		}
		answers[r.Location()+b.Get(r.Location()).Text()] = address
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers: %v", len(answers), answers)
	}
	before := len(w.box.sent)
	w.set(w.time().Add(time.Second))
	w.tick()
	var again int
	for _, m := range w.box.sent[before:] {
		if m.To != lead {
			t.Errorf("a mail to %s: %s", m.To, m.Subject)
			continue
		}
		if again++; !strings.Contains(m.Text, first) {
			t.Errorf("the mail brings another link than the first one:\n%s", m.Text)
		}
	}
	if again != 3 {
		t.Errorf("%d mails to the known address, want 3 an hour", again)
	}
}

func TestAskingForALinkKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w, _ := agreement(t)
	r := w.browser().Post("/neuer-link", url.Values{"email": {"leitung@@musterstadt"}})
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, `value="leitung@@musterstadt"`) {
		t.Errorf("a wrong address: %d\n%s", r.Status, r.Body)
	}
}

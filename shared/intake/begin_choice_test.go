package intake

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/web/webtest"
)

// TestBeginningWithoutAChoiceSaysWhatToDo presses the button below the found
// municipalities without choosing one.
func TestBeginningWithoutAChoiceSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r := webtest.NewBrowser(t, newRig(t).handler).Post("/interessenbekundung", url.Values{"q": {"Muster"}})
	if r.Status != http.StatusUnprocessableEntity || strings.Contains(r.Body, "intake.begin.") {
		t.Errorf("status %d, want 422 in words:\n%s", r.Status, r.Text())
	}
	if !strings.Contains(r.Body, `href="#k0"`) || !strings.Contains(r.Body, `id="k0"`) || !strings.Contains(r.Body, "autofocus") {
		t.Errorf("the summary does not lead to the first choice or takes no focus:\n%s", r.Body)
	}
}

package workflow

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// forged follows a link with a cookie that nobody was given.
func (w *world) forged(path, cookie string) *webtest.Response {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil)
	for _, name := range []string{"schritt", "__Host-schritt"} {
		r.AddCookie(&http.Cookie{Name: name, Value: cookie})
	}
	return w.browser().Do(r)
}

// TestDoneStepsOpenToNobodyWithoutTheirLink does a step at the desk and one by
// link, and tries them as somebody who knows ids, addresses and even cookies.
func TestDoneStepsOpenToNobodyWithoutTheirLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	desk := w.svc()
	for _, step := range []string{"O02", "O03", "O04"} {
		path := "/vorgaenge/" + w.id + "/schritte/" + step
		if r := desk.Post(path, fill(desk.Get(path), w.values(step))); r.Status != http.StatusSeeOther {
			t.Fatalf("sending %s: status %d", step, r.Status)
		}
	}
	w.days(1)
	b := w.browser()
	good := w.link(lead, "O05")
	if r := w.send(b, lead, "O05"); r.Status != http.StatusSeeOther {
		t.Fatalf("sending O05: status %d", r.Status)
	}
	if r := b.Get(good + "/fertig"); r.Status != http.StatusOK {
		t.Errorf("the browser that sent it finds status %d", r.Status)
	}
	guess := "." + "1" + strings.Repeat("a", 32)
	want := w.browser().Get("/s/unbekannt")
	look := func(what string, r *webtest.Response) {
		t.Helper()
		if r.Status != want.Status || r.Text() != want.Text() {
			t.Errorf("%s: status %d\n%s", what, r.Status, r.Text())
		}
	}
	for _, end := range []string{"", "/fertig"} {
		decided := "/s/" + cases.IDOf(w.id, process.Ref{Step: "O04", Iteration: 1}) + guess + end
		look("a cookie made of an address", w.forged(decided, "desk "+office))
		look("the cookie without the link", b.Get("/s/"+cases.IDOf(w.id, process.Ref{Step: "O05", Iteration: 1})+guess+end))
		look("the link without the cookie", w.browser().Get(good+end))
	}
}

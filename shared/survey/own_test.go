package survey_test

import (
	"net/http"
	"strings"
	"testing"
)

const ownPages = `[` +
	`{"type":"group","name":"page_begin","label":{"de":"Anfang","en":"Beginning"},"children":[` +
	`{"type":"select_one YN","name":"took_part","label":{"de":"Waren Sie dabei?","en":"Did you take part?"},"x_class":"anon"},` +
	`{"type":"text","name":"why_not","label":{"de":"Warum nicht?","en":"Why not?"},"relevant":"${took_part} = 'N'","x_class":"anon"}]},` +
	`{"type":"group","name":"page_rows","label":{"de":"Treffen","en":"Meetings"},"relevant":"${took_part} = 'Y'","children":[` +
	`{"type":"repeat","name":"meeting","label":{"de":"Treffen","en":"Meetings"},"x_max":3,"children":[` +
	`{"type":"integer","name":"how_many","label":{"de":"Wie viele?","en":"How many?"},"x_class":"anon"}]}]},`

// An office's own questionnaire may have what the shipped one lacks: pages that
// depend on answers, rows, questions that an answer brings up.
func TestAnOwnQuestionnaireFollowsItsConditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := w.changed(`"version":"1"`, `"version":"2"`, `"survey":[`, `"survey":`+ownPages)
	w.publish(own)
	id := w.plan()
	w.turn(day("2026-08-03").At(9, 0))
	mails := w.sent()

	r := w.respondent(linkIn(t, mails[0]))
	// The 49 shipped questions take 12 to 15 minutes, so these 53 take 13 to 16.
	if first := r.browser.Get(r.path); !strings.Contains(mails[0].Text, "13–16") || !strings.Contains(first.Text(), "13–16 Minuten") {
		t.Errorf("with four questions more it takes as long as before:\n%s\n%s", mails[0].Text, first.Text())
	}
	r.start()
	r.press("next", map[string]string{"took_part": "N"})
	if r.page.Status != http.StatusOK || !strings.Contains(r.page.Body, `name="why_not"`) || !strings.Contains(r.page.Text(), "noch eine Frage") {
		t.Fatalf("the question that the answer brings up is not shown: %s", r.page.Text())
	}
	v := map[string]string{"took_part": "N", "why_not": "Keine Zeit", "_seen": "1"}
	r.press("next", v)
	if strings.Contains(r.page.Body, "how_many") || !strings.Contains(r.page.Text(), "Handlungssicherheit") {
		t.Errorf("the page that is not asked is not skipped: %s", r.page.Text())
	}
	r.press("back", nil)
	if !strings.Contains(r.page.Body, `name="why_not"`) {
		t.Errorf("going back leads to %s", r.page.Text())
	}

	r = w.respondent(linkIn(t, mails[1])).start()
	r.press("next", map[string]string{"took_part": "Y"})
	r.press("", map[string]string{"_rows:meeting": "1", "meeting[0].how_many": "3", "_add:meeting": "1"})
	if !strings.Contains(r.page.Body, `name="meeting[1].how_many"`) || !strings.Contains(r.page.Body, `value="3"`) {
		t.Fatalf("no row was added: %s", r.page.Text())
	}
	r.press("next", map[string]string{"_rows:meeting": "2", "meeting[0].how_many": "3", "meeting[1].how_many": "zwei"})
	if r.page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong number in a row gives %d", r.page.Status)
	}
	r.press("next", map[string]string{"_rows:meeting": "2", "meeting[0].how_many": "3", "meeting[1].how_many": "2"})
	for range 20 {
		if strings.Contains(r.page.Body, `value="send"`) {
			break
		}
		r.press("next", nil)
	}
	if r.press("send", nil); r.page.Location() == "" {
		t.Fatalf("sending gives %d: %s", r.page.Status, r.page.Text())
	}
	stored := w.answers(id)
	if len(stored) != 1 || !strings.Contains(string(stored[0].Body), `"meeting":[{"how_many":"3"},{"how_many":"2"}]`) {
		t.Errorf("stored: %v", stored)
	}
}

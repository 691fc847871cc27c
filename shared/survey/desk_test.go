package survey_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/survey"
	"kokoma/shared/web"
)

func role(code, of string) *web.User {
	return &web.User{Email: "wer@example.org", Roles: []web.Role{{Code: code, Municipality: of}}}
}

// TestWhoSeesSurveys: the service office all, the tandem and the lead office their own, others none.
func TestWhoSeesSurveys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	other := w.plan(func(p *survey.Planned) {
		p.Case, p.CaseNo, p.Municipality.Key, p.Municipality.Name = "C2", "KK-2026-0002", "09999124", "Nebenstadt"
	})
	cases := []struct {
		who         *web.User
		list, own   int
		foreign     int
		sees, hides string
	}{
		{office(), 200, 200, 200, "Nebenstadt", ""},
		{role("FED", "C1"), 200, 200, 404, "Musterstadt", "Nebenstadt"},
		{role("LOK", "09999123"), 200, 200, 404, "Musterstadt", "Nebenstadt"},
		{role("EXT", "C2"), 200, 404, 200, "Nebenstadt", "Musterstadt"},
		{role("EXT", "KK-2026-0002"), 200, 404, 200, "Nebenstadt", "Musterstadt"},
		{role("EVA", ""), 404, 404, 404, "", "Musterstadt"},
		{role("STG", "C1"), 404, 404, 404, "", "Musterstadt"},
		{nil, 303, 303, 303, "", "Musterstadt"},
	}
	for _, c := range cases {
		b := w.as(c.who)
		list := b.Get("/befragungen")
		got := [3]int{list.Status, b.Get("/befragungen/" + id).Status, b.Get("/befragungen/" + other).Status}
		if got != [3]int{c.list, c.own, c.foreign} {
			t.Errorf("%+v: list, own, foreign give %v; want %d %d %d", c.who, got, c.list, c.own, c.foreign)
		}
		if !strings.Contains(list.Text(), c.sees) || c.hides != "" && strings.Contains(list.Text(), c.hides) {
			t.Errorf("%+v: the list shows\n%s", c.who, list.Text())
		}
	}
	for _, path := range []string{"/befragungen/" + id + "/verlaengern", "/befragungen/" + id + "/abbrechen"} {
		if page := w.as(role("FED", "C1")).Post(path, url.Values{}); page.Status != http.StatusNotFound {
			t.Errorf("the lead office at %s gets %d, want 404", path, page.Status)
		}
	}
	if page := w.as(office()).Get("/befragungen/AAAAAAAAAAAAAAAA"); page.Status != http.StatusNotFound {
		t.Errorf("an unknown survey gives %d", page.Status)
	}
}

// TestAddressesMadeByHandFindNothing: an id that is none is not looked up.
func TestAddressesMadeByHandFindNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"%ff", strings.Repeat("%ff", 16), "%00", "aaaaaaaaaaaaaaaa", strings.Repeat("A", 3000)} {
		if page := w.as(office()).Get("/befragungen/" + id); page.Status != http.StatusNotFound {
			t.Errorf("%q gives %d, want 404", id, page.Status)
		}
		if page := w.as(office()).Post("/befragungen/"+id+"/abbrechen", url.Values{"reason": {"Die Befragung wird verschoben."}}); page.Status != http.StatusNotFound {
			t.Errorf("cancelling %q gives %d, want 404", id, page.Status)
		}
		for _, path := range []string{"/b/", "/b/o/"} {
			if page := w.as(nil).Get(path + id); page.Status != http.StatusNotFound {
				t.Errorf("%s%q gives %d, want 404", path, id, page.Status)
			}
		}
	}
}

// TestDeskShowsNoCounters while a survey runs: neither how many have answered nor who.
func TestDeskShowsNoCounters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	before := w.as(office()).Get("/befragungen").Text() + w.as(office()).Get("/befragungen/"+id).Text()
	for _, link := range links[:7] {
		w.respondent(link).send(same("4", "ADM"))
	}
	after := w.as(office()).Get("/befragungen").Text() + w.as(office()).Get("/befragungen/"+id).Text()
	if before != after {
		t.Errorf("answers changed the desk:\n%s\n%s", before, after)
	}
	if !strings.Contains(after, "12") || strings.Contains(after, "person0") || strings.Contains(after, "/auswertung/") {
		t.Errorf("the desk shows\n%s", after)
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	desk := w.as(office())
	path := "/befragungen/" + id + "/verlaengern"
	for _, bad := range []string{"", "morgen", "28.08.2026", "01.08.2026", "01.08.2027"} {
		page := desk.Post(path, url.Values{"window_to": {bad}})
		if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Body, "<title>Fehler:") || !strings.Contains(page.Body, `value="`+bad+`"`) {
			t.Errorf("%q gives %d, want 422 with the entry kept", bad, page.Status)
		}
	}
	if page := desk.Post(path, url.Values{"window_to": {"4.9.2026"}}); page.Status != http.StatusSeeOther {
		t.Fatalf("extending gives %d:\n%s", page.Status, page.Text())
	}
	w.turn(day("2026-08-29").At(12, 0))
	if page := w.respondent(links[0]).send(same("4", "ADM")); page.Status != http.StatusSeeOther {
		t.Errorf("answering in the extension gives %d", page.Status)
	}
	w.turn(day("2026-09-05").At(0, 0))
	if s := w.head(id); s.State != survey.StateEvaluated {
		t.Errorf("state %s after the new end", s.State)
	}
	if got := w.answers(id); !strings.Contains(string(got[0].Body), "2026-W32") {
		t.Errorf("the extension shows in the week of an answer: %s", got[0].Body)
	}
	if page := desk.Post(path, url.Values{"window_to": {"1.10.2026"}}); page.Status != http.StatusSeeOther {
		t.Errorf("extending what is over gives %d", page.Status)
	}
	if s := w.head(id); s.To != day("2026-09-04") {
		t.Errorf("a survey that is over was extended to %s", s.To)
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, links := w.running()
	for _, link := range links[:6] {
		w.respondent(link).send(same("4", "ADM"))
	}
	desk := w.as(office())
	path := "/befragungen/" + id + "/abbrechen"
	if page := desk.Post(path, url.Values{"reason": {"zu kurz"}}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a short reason gives %d", page.Status)
	}
	const reason = "Die Befragung wird in den Herbst verschoben."
	if page := desk.Post(path, url.Values{"reason": {reason}}); page.Status != http.StatusSeeOther {
		t.Fatalf("cancelling gives %d:\n%s", page.Status, page.Text())
	}
	if page := w.respondent(links[7]).browser.Get(links[7]); page.Status != http.StatusNotFound {
		t.Errorf("a link of a cancelled survey gives %d", page.Status)
	}
	w.turn(w.now())
	if got := len(w.answers(id)); got != 0 {
		t.Errorf("%d answers kept", got)
	}
	if len(w.told) != 1 || !strings.HasPrefix(w.told[0], "cancelled C1 A06 1") {
		t.Errorf("told the case %q", w.told)
	}
	w.turn(day("2026-09-30").At(9, 0))
	if got := w.sent(); len(got) != 0 {
		t.Errorf("%d mails after the cancellation", len(got))
	}
	if page := desk.Get("/befragungen/" + id); !strings.Contains(page.Text(), reason) || strings.Contains(page.Body, "/abbrechen") {
		t.Errorf("the page of a cancelled survey:\n%s", page.Text())
	}
}

// TestPlannedSurveyCanBeCancelled before anybody was invited: the addresses go at once.
func TestPlannedSurveyCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	reason := url.Values{"reason": {"Der Personalrat wird zuerst beteiligt."}}
	if page := w.as(office()).Post("/befragungen/"+id+"/abbrechen", reason); page.Status != http.StatusSeeOther {
		t.Fatalf("cancelling gives %d", page.Status)
	}
	w.turn(day("2026-08-03").At(9, 0))
	if s := w.head(id); len(s.Pending) != 0 || s.State != survey.StateCancelled || len(w.sent()) != 0 {
		t.Errorf("after the cancellation: %+v", s)
	}
}

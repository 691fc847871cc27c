package intake

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web/webtest"
)

// Each section refuses each of these changes to a right answer, says so, and
// keeps what was typed.
func TestWrongEntriesAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		section string
		change  url.Values
		says    string
	}{
		{"s1", url.Values{"muni_key": {"Nirgendwo"}}, "Diese Kommune finden wir nicht"},
		{"s1", url.Values{"muni_type": {""}}, "Die Auswahl fehlt"},
		{"s1", url.Values{"population": {"5000001"}}, "außerhalb des Bereichs"},
		{"s1", url.Values{"population": {"viele"}}, "keine ganze Zahl"},
		{"s1", url.Values{"admin_plz": {"9604"}}, "Eine Postleitzahl hat fünf Ziffern"},
		{"s1", url.Values{"further_keys[0].further_key": {"09461000"}}, "schon oben gewählt"},
		{"s2", url.Values{"office_name": {"A"}}, "zu kurz"},
		{"s2", url.Values{"office_name": {strings.Repeat("ä", 161)}}, "zu lang"},
		{"s2", url.Values{"contact_name": {""}}, "Es fehlen Angaben"},
		{"s2", url.Values{"contact_email": {"amt@"}}, "keine vollständige E-Mail-Adresse"},
		{"s2", url.Values{"contact_email": {"amt@web.de"}}, "nach Möglichkeit eine dienstliche Adresse"},
		{"s2", url.Values{"contact_phone": {"abc"}}, "5 bis 25 Zeichen"},
		{"s2", url.Values{"deputy_email": {contact}}, "Das ist die Adresse der Ansprechperson"},
		{"s2", url.Values{"language": {"fr"}}, "steht nicht zur Wahl"},
		{"s3", url.Values{"pfd_status": {""}}, "Die Auswahl fehlt"},
		{"s3", url.Values{"pfd_since": {"2006"}}, "zu früh"},
		{"s3", url.Values{"pfd_since": {"2027"}}, "in der Zukunft"},
		{"s3", url.Values{"kuf_name": {""}}, "Es fehlen Angaben"},
		{"s3", url.Values{"kuf_email": {"x"}}, "keine vollständige E-Mail-Adresse"},
		{"s4", url.Values{"conflict_title": {"Markt"[:4]}}, "mindestens 5 Zeichen"},
		{"s4", url.Values{"conflict_title": {"Anruf 030 1234567 genügt"}}, "E-Mail-Adresse oder Telefonnummer"},
		{"s4", url.Values{"conflict_title": {"Frau Beispiel und der Markt"}}, "Namen und Kontaktdaten von Privatpersonen"},
		{"s4", url.Values{"conflict_summary": {long("x") + "\nSchreiben Sie an a@b.example"}}, "Namen und Kontaktdaten von Privatpersonen"},
		{"s4", url.Values{"conflict_summary": {strings.Repeat("ä", 299)}}, "mindestens 300 Zeichen"},
		{"s4", url.Values{"conflict_summary": {strings.Repeat("ä", 3001)}}, "höchstens 3.000 Zeichen"},
		{"s4", url.Values{"conflict_types": {"", "CT1", "CT2", "CT3", "CT5"}}, "höchstens 3"},
		{"s4", url.Values{"conflict_types": {""}}, "mindestens eine Antwort"},
		{"s4", url.Values{"conflict_main": {"CT2"}}, "als Schwerpunkt eine der angekreuzten"},
		{"s4", url.Values{"place": {""}}, "Es fehlen Angaben"},
		{"s4", url.Values{"since": {"04.2026"}}, "Das Datum liegt in der Zukunft"},
		{"s4", url.Values{"since": {"13.2024"}}, "kein Monat"},
		{"s4", url.Values{"since": {""}}, "fehlt"},
		{"s4", url.Values{"since_unknown": {"", "OK"}}, "Es ist beides angegeben"},
		{"s4", url.Values{"esc_self": {"10"}}, "steht nicht zur Wahl"},
		{"s4", url.Values{"trigger": {strings.Repeat("ä", 1001)}}, "höchstens 1.000 Zeichen"},
		{"s5", url.Values{"actors[1].actor_label": {""}, "actors[1].actor_sector": {""}, "actors[1].actor_role": {""}, "actors[1].actor_access": {""}}, "zu wenige Einträge"},
		{"s5", url.Values{"actors[0].actor_role": {"CHEF"}}, "steht nicht zur Wahl"},
		{"s5", url.Values{"actors[0].actor_label": {"Herr Beispiel"}}, "Namen und Kontaktdaten von Privatpersonen"},
		{"s5", url.Values{"affected": {"", "NON", "YOU"}}, "schließt die anderen Antworten aus"},
		{"s6", url.Values{"prior_steps": {"", "NONE", "TALK"}}, "schließt die anderen Antworten aus"},
		{"s6", url.Values{"offers[0].offer_provider": {""}}, "Es fehlen Angaben"},
		{"s6", url.Values{"offers[0].offer_note": {strings.Repeat("ä", 301)}}, "höchstens 300 Zeichen"},
		{"s7", url.Values{"incidents": {"", "NON", "INS"}}, "schließt die anderen Antworten aus"},
		{"s7", url.Values{"urgency": {"U5"}}, "steht nicht zur Wahl"},
		{"s7", url.Values{"key_dates[0].key_date": {"02.03.2026"}}, "in der Vergangenheit"},
		{"s7", url.Values{"key_dates[0].key_date": {"04.09.2027"}}, "zu spät"},
		{"s7", url.Values{"key_dates[0].key_date": {"30.02.2027"}}, "Diesen Tag gibt es im Kalender nicht"},
		{"s8", url.Values{"goals": {"", "KZ1", "KZ2a", "KZ2b", "KZ3", "PREV"}}, "höchstens 4"},
		{"s8", url.Values{"success": {"weniger Streit"}}, "mindestens 50 Zeichen"},
		{"s9", url.Values{"staff_fte": {"0,33"}}, "in Schritten von 0,05"},
		{"s9", url.Values{"staff_fte": {"5,05"}}, "außerhalb des Bereichs"},
		{"s9", url.Values{"training_interest": {"41"}}, "außerhalb des Bereichs"},
		{"s9", url.Values{"steering_sectors": {""}}, "mindestens eine Antwort"},
		{"s10", url.Values{"notice_ack": {""}}, "Die Bestätigung fehlt"},
		{"s10", url.Values{"authorised": {""}}, "Die Bestätigung fehlt"},
	} {
		w := r.begin(lang.DE)
		form := maps.Clone(answers[c.section])
		maps.Copy(form, c.change)
		res := w.Post(w.base+"/"+c.section, form)
		text := res.Text()
		if res.Status != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) || !strings.Contains(res.Body, "<title>Fehler:") {
			t.Errorf("%s %v: %d without %q:\n%s", c.section, c.change, res.Status, c.says, text)
		}
		again := w.Get(w.base + "/" + c.section)
		for name, values := range c.change {
			last := values[len(values)-1]
			offered := strings.Contains(name, "]") || strings.ContainsAny(last, " @,.ä") // texts, which no list has to offer
			if offered && last != "" && !strings.Contains(again.Body, strings.ReplaceAll(last, "\n", "\r\n")) && !strings.Contains(again.Body, last) && !strings.Contains(last, "CHEF") {
				t.Errorf("%s: %s=%q is lost", c.section, name, last)
			}
		}
	}
}

func TestWarningsPassOnceConfirmed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	s2 := maps.Clone(answers["s2"])
	s2.Set("contact_email", "amt@gmx.net")
	if res := w.Post(w.base+"/s2", s2); res.Status != http.StatusUnprocessableEntity {
		t.Fatalf("unconfirmed: %d", res.Status)
	}
	s2.Set("_confirm:contact_email", "1")
	if res := w.Post(w.base+"/s2", s2); res.Status != http.StatusSeeOther {
		t.Fatalf("confirmed: %d\n%s", res.Status, res.Text())
	}
	s2.Del("_confirm:contact_email")
	s2.Set("contact_email", "anders@gmx.net")
	if res := w.Post(w.base+"/s2", s2); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("another private address: %d", res.Status)
	}
}

func TestHintsDoNotStopAnybody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		section string
		change  url.Values
		says    string
	}{
		{"s3", url.Values{"pfd_status": {"NO"}, "pfd_since": {""}, "kuf_name": {""}}, "in der Regel Voraussetzung"},
		{"s7", url.Values{"urgency": {"U4"}}, "innerhalb eines Arbeitstages"},
		{"s7", url.Values{"threat_now": {"ACUTE"}}, "innerhalb eines Arbeitstages"},
		{"s7", url.Values{"protection": {"N"}}, "früh Schutzabsprachen zu treffen"},
		{"s9", url.Values{"leadership": {"NO"}}, "Auftrag der Verwaltungsspitze"},
		{"s9", url.Values{"steering_sectors": {"", "ADM"}}, "sollten jeweils vertreten sein"},
	} {
		w := r.begin(lang.DE)
		w.Post(w.base+"/s4", url.Values{"esc_self": {"6"}})
		form := maps.Clone(answers[c.section])
		maps.Copy(form, c.change)
		if c.section == "s3" { // not asked without a partnership
			form.Del("pfd_since")
		}
		res := w.Post(w.base+"/"+c.section, form)
		if res.Status != http.StatusSeeOther || !strings.HasSuffix(res.Location(), "?hinweis="+c.section) {
			t.Errorf("%s %v: %d to %q\n%s", c.section, c.change, res.Status, res.Location(), res.Text())
			continue
		}
		if next := w.Get(res.Location()); !strings.Contains(next.Text(), c.says) {
			t.Errorf("%s: the next page lacks %q", c.section, c.says)
		}
	}
}

func TestFurtherMunicipalityOfTheChosenCountyGetsAHint(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	inside := municipality.Municipality{Key: "12099001", Name: "Musterweiler", Kind: "GEM", Land: "BB", Postcode: "00122", Population: 900}
	if _, err := r.service.Register.Import(t.Context(), []municipality.Municipality{inside}); err != nil {
		t.Fatal(err)
	}
	w := r.begin(lang.DE)
	res := w.Post(w.base+"/s1", url.Values{
		"muni_key": {"12099"}, "muni_type": {"LK"}, "_rows:further_keys": {"1"}, "further_keys[0].further_key": {"Musterweiler"},
	})
	if text := w.Get(res.Location()).Text(); !strings.Contains(text, "gehört bereits zum gewählten Kreis") {
		t.Errorf("no hint: %d\n%s", res.Status, text)
	}
}

func TestAKeyOfAnUnknownCountyIsNotAMunicipality(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	res := w.Post(w.base+"/s1", url.Values{"muni_key": {"13075"}, "muni_type": {"LK"}})
	if res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Text(), "Diese Kommune finden wir nicht") {
		t.Errorf("%d\n%s", res.Status, res.Text())
	}
}

func TestEveryPostSavesTheDraftRightOrWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, button := range []string{"_next", "_back", "_later", "_go", "_add:actors"} {
		w := r.begin(lang.DE)
		w.Post(w.base+"/s5", url.Values{button: {"s9"}, "_rows:actors": {"2"}, "actors[0].actor_label": {"Initiative Marktplatz"}, "affected": {"", "NON", "YOU"}})
		page := w.Get(w.base + "/s5")
		if !strings.Contains(page.Body, "Initiative Marktplatz") {
			t.Errorf("%s: lost", button)
		}
	}
}

func TestAPostFromABrowserThatForgotIsKeptButShowsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fill("s2")
	stranger := webtest.NewBrowser(t, r.handler)
	res := stranger.Post(w.base+"/s4", url.Values{"conflict_title": {"Nutzung des Marktplatzes"}})
	if res.Status != http.StatusSeeOther || res.Location() != w.base+"?gespeichert=1" {
		t.Fatalf("%d to %q", res.Status, res.Location())
	}
	page := stranger.Get(res.Location())
	if strings.Contains(page.Body, "Marktplatz") || !strings.Contains(page.Text(), "Ihre Eingaben sind gespeichert") {
		t.Errorf("%d\n%s", page.Status, page.Text())
	}
	if page := w.Get(w.base + "/s4"); !strings.Contains(page.Body, "Nutzung des Marktplatzes") {
		t.Error("the post is lost")
	}
	for _, path := range []string{"/s2", "/s4", "/pruefen", "/speichern"} {
		if res := stranger.Get(w.base + path); res.Status != http.StatusSeeOther || strings.Contains(res.Body, "Kanarienvogel") {
			t.Errorf("%s shows a stranger: %d", path, res.Status)
		}
	}
	// Nor can the stranger have the code mailed to an own address.
	stranger.Post(w.base+"/s2", url.Values{"contact_email": {"fremd@musterstadt.example"}})
	stranger.Post(w.base+"/code", url.Values{})
	stranger.Post(w.base+"/speichern", url.Values{"email": {"fremd@musterstadt.example"}})
	stranger.Post(w.base+"/pruefen", url.Values{})
	if got := r.mailed("fremd@musterstadt.example"); len(got) > 0 {
		t.Errorf("the stranger got %q", got[0].Subject)
	}
}

func TestTwoWindowsOnOneDraftLoseNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	done := make(chan struct{})
	for i := range 9 {
		section := fmt.Sprintf("s%d", i+2)
		window := w.Copy()
		go func() {
			defer func() { done <- struct{}{} }()
			window.Post(w.base+"/"+section, answers[section])
		}()
	}
	for range 9 {
		<-done
	}
	e, err := r.service.drafts.Load(t.Context(), w.id())
	if err != nil || len(e.Seen) != 9 || e.Answers.Text("risks") == "" || e.Answers.Text("office_name") == "" {
		t.Errorf("%d sections are there, %v", len(e.Seen), err)
	}
}

func TestHandMadePosts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	s9 := maps.Clone(answers["s9"])
	s9.Set("muni_by_hand", "yes")
	s9.Set("conflict_title", "aus einem anderen Abschnitt")
	s9.Set("state", "confirmed")
	if res := w.Post(w.base+"/s9", s9); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Text(), "zu diesem Formular nicht gehören") {
		t.Errorf("unknown fields: %d\n%s", res.Status, res.Text())
	}
	e, err := r.service.drafts.Load(t.Context(), w.id())
	if err != nil || draft.ByHand(e.Answers) || e.Answers.Text("conflict_title") != "" || e.State != draft.StateDraft {
		t.Errorf("they had an effect: %+v, %v", e.State, err)
	}
	rows := url.Values{"_rows:actors": {"100000"}}
	for i := range 300 {
		rows.Set(fmt.Sprintf("actors[%d].actor_label", i), "Gruppe")
	}
	if res := w.Post(w.base+"/s5", rows); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("300 rows: %d", res.Status)
	}
	for _, path := range []string{w.base + "/s11", w.base + "/S1", w.base + "x", "/interessenbekundung/abc", "/interessenbekundung/abc.1" + strings.Repeat("a", 32) + "/s1"} {
		if res := w.Get(path); res.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.Status)
		}
		if res := w.Post(path, url.Values{"a": {"b"}}); res.Status != http.StatusNotFound {
			t.Errorf("posting %s: %d", path, res.Status)
		}
	}
	if res := w.Post(w.base+"/pruefen", url.Values{}); res.Status != http.StatusUnprocessableEntity || r.cases() != 0 {
		t.Errorf("sending an empty form: %d", res.Status)
	}
	if res := w.Post(w.base+"/bestaetigen", url.Values{"code": {"123456"}}); res.Status != http.StatusSeeOther || r.cases() != 0 {
		t.Errorf("confirming a draft: %d", res.Status)
	}
}

func TestBodiesThatNobodyCanRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	post := func(path, kind, body string) int {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		q.Header.Set("Content-Type", kind)
		return w.Do(q).Status
	}
	const form = "application/x-www-form-urlencoded"
	for _, page := range []string{"/s4", "/pruefen", "/speichern", "", "/code", "/bestaetigen"} {
		if got := post(w.base+page, form, "a="+strings.Repeat("x", web1MB)); got != http.StatusRequestEntityTooLarge && page != "/code" {
			t.Errorf("%s: oversize gives %d", page, got)
		}
		for _, body := range []string{"%zz=%", "a=%ff%fe&conflict_title=%00%ff", "=&=&;", "\x00\x01", strings.Repeat("a[0].b=1&", 5000)} {
			for _, kind := range []string{form, "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""} {
				if got := post(w.base+page, kind, body); got >= 500 {
					t.Errorf("%s: %q as %q gives %d", page, body[:min(len(body), 20)], kind, got)
				}
			}
		}
	}
	if res := w.Post(w.base+"/s4", url.Values{"conflict_summary": {strings.Repeat("ä", 300_000)}}); res.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("more than an item can keep: %d", res.Status)
	}
	if r.log.String() != "" {
		t.Errorf("logged:\n%s", r.log)
	}
}

const web1MB = 1 << 20

func TestThePageAfterAPostSaysWhenItWasSaved(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	if res := w.Get(w.base + "/s1"); strings.Contains(res.Body, "Gespeichert um") {
		t.Error("a form that nobody has filled in says that it is saved")
	}
	w.fill("s1")
	if res := w.Get(w.base + "/s2"); !strings.Contains(res.Body, `<p class="saved" role="status">Gespeichert um `) {
		t.Errorf("the next section does not say that the last one is saved:\n%s", res.Text())
	}
}

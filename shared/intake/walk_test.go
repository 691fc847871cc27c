package intake

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
)

func TestWholeWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang                   lang.Lang
		thanks, subject, until string
	}{
		{lang.DE, "Ihre Interessenbekundung ist eingegangen", "Ihre Interessenbekundung ist eingegangen", "Dienstag, 10. März 2026"},
		{lang.EN, "your expression of interest has arrived", "your expression of interest has arrived", "Tuesday, 10 March 2026"},
	} {
		t.Run(string(c.lang), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			w := r.begin(c.lang)
			w.fillAll(url.Values{"language": {string(c.lang)}})
			if page := w.Get(w.base + "/pruefen"); page.Status != http.StatusOK || strings.Contains(page.Body, "form-problems") {
				t.Errorf("check page: %d\n%s", page.Status, page.Text())
			}
			w.send()
			page := w.confirm()
			for _, want := range []string{c.thanks, "KK-2026-0001", c.until} {
				if !strings.Contains(page.Text(), want) {
					t.Errorf("thank-you page lacks %q:\n%s", want, page.Text())
				}
			}
			got := r.mailed(contact)
			last := got[len(got)-1]
			if !strings.Contains(last.Subject, c.subject) || !strings.Contains(last.Text, c.until) || !strings.Contains(last.Text, "KK-2026-0001") {
				t.Errorf("receipt: %s\n%s", last.Subject, last.Text)
			}
			if len(got) != 2 || r.cases() != 1 {
				t.Errorf("%d mails and %d cases, want 2 and 1", len(got), r.cases())
			}
		})
	}
}

func TestPagesHaveAllTheirTexts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		w := r.begin(l)
		w.fillAll()
		prefix := ""
		if l == lang.EN {
			prefix = "/en"
		}
		paths := []string{
			prefix + "/", prefix + "/interessenbekundung", prefix + "/interessenbekundung?q=er",
			prefix + "/interessenbekundung?q=nichts", prefix + "/datenschutz", prefix + "/impressum", prefix + "/kontakt",
			prefix + "/barrierefreiheit", prefix + "/leichte-sprache", w.base, w.base + "/s1", w.base + "/s7",
			w.base + "/s10", w.base + "/pruefen", w.base + "/speichern",
		}
		for _, path := range paths {
			if prefix == "/en" && path == "/en/" {
				path = "/en/"
			}
			res := w.Get(path)
			if res.Status != http.StatusOK || strings.Contains(res.Body, "⟦") {
				t.Errorf("%s: %d\n%s", path, res.Status, res.Text())
			}
		}
	}
}

func TestSummaryAndAnswersAreCanonical(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	if _, err := r.service.Answers(t.Context(), w.id()); err == nil {
		t.Error("answers before they are confirmed")
	}
	w.confirm()
	a, err := r.service.Answers(t.Context(), w.id())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"staff_fte": "0.25", "since": "2024-03", "pfd_since": "2019", "muni_key": "09461000"} {
		if got := a.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if rows := a.Rows("key_dates"); len(rows) != 1 || rows[0].Text("key_date") != "2026-09-01" {
		t.Errorf("key_dates are %v", rows)
	}
	for l, want := range map[lang.Lang]string{lang.DE: "Zivilgesellschaft, Vereine, Initiativen", lang.EN: "civil society"} {
		groups, err := r.service.Summary(t.Context(), w.id(), l)
		if err != nil || len(groups) != 10 {
			t.Fatalf("%d groups, %v", len(groups), err)
		}
		found := false
		for _, g := range groups {
			for _, it := range g.Items {
				found = found || strings.Contains(strings.Join(it.Values, " "), want)
			}
		}
		if !found {
			t.Errorf("no %q in the summary", want)
		}
	}
}

func TestMunicipalityEnteredByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := &walk{Browser: webtest.NewBrowser(t, r.handler), r: r}
	if res := w.Post("/interessenbekundung", url.Values{"by_hand": {"yes"}, "muni_land": {"BY"}}); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", res.Status)
	}
	hand := url.Values{"by_hand": {"yes"}, "muni_name": {"Beispielverband"}, "muni_type": {"GV"}, "muni_land": {"TH"}}
	res := w.Post("/interessenbekundung", hand)
	if res.Status != http.StatusSeeOther {
		t.Fatalf("beginning by hand: %d\n%s", res.Status, res.Text())
	}
	w.base = strings.TrimSuffix(res.Location(), "/s1")
	page := w.Get(w.base + "/s1")
	if !strings.Contains(page.Body, "Beispielverband") || strings.Contains(page.Body, `name="muni_key"`) {
		t.Errorf("section 1 by hand:\n%s", page.Text())
	}
	s1 := url.Values{"muni_name": {"Beispielverband"}, "muni_type": {"GV"}, "muni_land": {"TH"}, "muni_hand_key": {"09123"}}
	if res := w.Post(w.base+"/s1", s1); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("a key of another state: %d", res.Status)
	}
	s1.Set("muni_hand_key", "")
	if res := w.Post(w.base+"/s1", s1); res.Status != http.StatusSeeOther {
		t.Fatalf("section 1: %d\n%s", res.Status, res.Text())
	}
	for _, s := range []string{"s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10"} {
		w.fill(s)
	}
	w.send()
	w.confirm()
	it, err := r.table.Get(t.Context(), table.Key{PK: "case#KK-2026-0001", SK: "head"})
	if err != nil || string(it.Body) != `"Beispielverband"` {
		t.Errorf("the case is about %s, %v", it.Body, err)
	}
}

func TestSwitchToByHandAndBackKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.Post(w.base+"/s1", url.Values{"muni_key": {"09461000"}, "muni_type": {"KFS"}, "_hand": {"yes"}})
	if page := w.Get(w.base + "/s1"); !strings.Contains(page.Body, `name="muni_name"`) {
		t.Errorf("not by hand:\n%s", page.Text())
	}
	w.Post(w.base+"/s1", url.Values{"muni_name": {"Beispielverband"}, "_hand": {"no"}})
	page := w.Get(w.base + "/s1")
	if !strings.Contains(page.Body, `value="09461000"`) || !strings.Contains(page.Body, "Bamberg") {
		t.Errorf("the municipality is lost:\n%s", page.Text())
	}
}

func TestAnotherMunicipalityFillsInItsFacts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	s1 := url.Values{"muni_key": {"Wartburgkreis"}, "muni_type": {"KFS"}, "population": {"80000"}, "admin_plz": {"11111"}}
	w.Post(w.base+"/s1", s1)
	e, err := r.service.drafts.Load(t.Context(), w.id())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"muni_key": "16063", "muni_type": "LK", "population": "159000", "admin_plz": "11111"} {
		if got := e.Answers.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestQuestionsLeadToASecondSending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	w.confirm()
	ctx, secret := t.Context(), "Rückfragekanarie: Wer ist betroffen?"
	ops, err := r.service.Ask(ctx, w.id(), "KK-2026-0001", secret, r.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.table.Write(ctx, ops...); err != nil {
		t.Fatal(err)
	}
	path, code := r.letter(contact)
	other := &walk{Browser: webtest.NewBrowser(t, r.handler), r: r, base: strings.TrimSuffix(path, "/bestaetigen")}
	if page := other.Get(path); page.Status != http.StatusOK || strings.Contains(page.Body, "Rückfragekanarie") {
		t.Errorf("opening alone shows the question: %d\n%s", page.Status, page.Text())
	}
	if res := other.Post(path, url.Values{"code": {code}}); res.Status != http.StatusSeeOther {
		t.Fatalf("opening: %d\n%s", res.Status, res.Text())
	}
	if page := other.Get(path); !strings.Contains(page.Body, "Rückfragekanarie") {
		t.Errorf("no question after the code:\n%s", page.Text())
	}
	r.advance(time.Hour)
	other.fill("s4", url.Values{"trigger": {"mehr dazu"}})
	other.send()
	page := other.Get(other.base + "/bestaetigen")
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "KK-2026-0001") {
		t.Errorf("after the answer: %d\n%s", page.Status, page.Text())
	}
	a, err := r.service.Answers(ctx, w.id())
	if err != nil || a.Text("trigger") != "mehr dazu" {
		t.Errorf("answers hold %q, %v", a.Text("trigger"), err)
	}
	it, err := r.table.Get(ctx, table.Key{PK: "case#KK-2026-0001", SK: "answers"})
	if err != nil || it.Counters["n"] != 1 || r.cases() != 1 {
		t.Errorf("told %v times (%v), %d cases", it.Counters, err, r.cases())
	}
	for _, m := range r.mailed(contact) {
		if strings.Contains(m.Text+m.Subject, "Rückfragekanarie") {
			t.Errorf("the question is in a mail:\n%s", m.Text)
		}
	}
}

func TestAnswerFromAnotherAddressIsConfirmedThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	w.confirm()
	ops, err := r.service.Ask(t.Context(), w.id(), "KK-2026-0001", "Bitte ergänzen", r.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.table.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	const next = "neu@musterstadt.example"
	w.fill("s2", url.Values{"contact_email": {next}})
	w.send()
	if a, err := r.service.Answers(t.Context(), w.id()); err != nil || a.Text("contact_email") != contact {
		t.Errorf("unconfirmed answers count: %v, %v", a.Text("contact_email"), err)
	}
	path, code := r.letter(next)
	if res := w.Post(path, url.Values{"code": {code}}); res.Status != http.StatusOK {
		t.Fatalf("confirming: %d\n%s", res.Status, res.Text())
	}
	if a, err := r.service.Answers(t.Context(), w.id()); err != nil || a.Text("contact_email") != next || r.cases() != 1 {
		t.Errorf("answers from %v, %v, %d cases", a.Text("contact_email"), err, r.cases())
	}
}

package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
)

const amt = "amt@musterstadt.example.org"

func TestStepMailGoesOutOnceAndNothingOfItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("case#1#A04#1#ready", amt))
	for range 3 {
		w.tick()
	}
	if len(w.sent) != 1 || w.sent[0].To != amt || w.sent[0].Tag != mail.Tag("case#1#A04#1#ready") {
		t.Fatalf("sent %+v", w.sent)
	}
	it, err := w.table.Get(t.Context(), table.Key{PK: "mail#" + w.sent[0].Tag, SK: "mail"})
	if err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{amt, "Kooperation", "Ansprechperson", "ABCDEF", "Prozessbegleitung"} {
		if strings.Contains(string(it.Body), no) {
			t.Errorf("the record keeps %q: %s", no, it.Body)
		}
	}
	if want := monday.AddDate(1, 0, 0); !it.Expires.Equal(want) || it.Due != (table.Place{}) {
		t.Errorf("the record ends %s, want %s, and stands at %+v", it.Expires, want, it.Due)
	}
	r, err := w.outbox.Find(t.Context(), "case#1#A04#1#ready")
	if err != nil || r.State != mail.Sent || !r.At.Equal(monday) || r.ProviderID != "provider-1" ||
		r.ToHash != w.links.Hash(amt) || r.CaseNo != "KK-2026-0007" || r.Template != "step" {
		t.Errorf("Find = %+v, %v", r, err)
	}
}

func TestTheSameKeyIsNoSecondMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("k", amt))
	for range 2 {
		if err := w.table.Write(t.Context(), w.outbox.Op(step("k", amt), w.now)); !errors.Is(err, table.ErrConflict) {
			t.Errorf("writing it again: %v, want a conflict", err)
		}
		w.tick()
	}
	if len(w.sent) != 1 {
		t.Errorf("%d mails", len(w.sent))
	}
}

func TestStepMailsWaitForTheWindowOthersDoNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = lang.Date{Year: 2026, Month: time.April, Day: 2}.At(17, 0) // Thursday before Easter
	late := step("later", "later@musterstadt.example.org")
	late.NotBefore = lang.Date{Year: 2026, Month: time.April, Day: 10}.At(9, 0) // a Friday
	w.put(step("step", amt), code("a code", amt), mail.Entry{Key: "call", Template: "call", To: amt}, late)
	w.tick()
	if len(w.sent) != 2 || w.sent[0].Subject != "KoKoMa: Bitte um Rückruf" || w.sent[1].Subject != "KoKoMa: Ihr Code" {
		t.Fatalf("at once went %d mails", len(w.sent))
	}
	if !strings.Contains(w.sent[1].Text, w.links.Code("login", "XYZ", "a code")) {
		t.Errorf("the code is not in its mail:\n%s", w.sent[1].Text)
	}
	w.now = lang.Date{Year: 2026, Month: time.April, Day: 7}.At(8, 0) // Tuesday after Easter
	w.now = w.now.Add(-time.Second)
	w.tick()
	if len(w.sent) != 2 {
		t.Fatal("sent before the window")
	}
	w.now = w.now.Add(time.Second)
	w.tick()
	if len(w.sent) != 3 || w.sent[2].To != amt {
		t.Fatalf("%d mails at the beginning of the window, want 3", len(w.sent))
	}
	w.now = lang.Date{Year: 2026, Month: time.April, Day: 13}.At(8, 0)
	w.tick()
	if len(w.sent) != 4 {
		t.Errorf("%d mails on the Monday after, want 4", len(w.sent))
	}
}

func TestSweepOutsideTheWindowMovesStepMails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("k", amt))
	w.now = lang.Date{Year: 2026, Month: time.March, Day: 2}.At(22, 0) // nothing swept since ten
	w.tick()
	if len(w.sent) != 0 || len(w.due()) != 0 {
		t.Fatalf("at night: %d sent, %d still due", len(w.sent), len(w.due()))
	}
	w.now = lang.Date{Year: 2026, Month: time.March, Day: 3}.At(8, 0)
	w.tick()
	if len(w.sent) != 1 {
		t.Errorf("%d mails in the morning", len(w.sent))
	}
}

func TestOneStepMailAPersonAndDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt), step("x", "kuf@musterstadt.example.org"))
	w.tick()
	w.now = w.now.Add(time.Hour)
	w.put(step("b", " Amt@Musterstadt.Example.org"), step("c", amt), code("code", amt))
	w.tick()
	if got := len(w.sent); got != 3 {
		t.Fatalf("%d mails on Monday, want two step mails and a code", got)
	}
	w.now = lang.Date{Year: 2026, Month: time.March, Day: 3}.At(8, 0)
	w.tick()
	if len(w.sent) != 4 || w.sent[3].Subject != "KoKoMa: 2 offene Punkte – der erste bis Dienstag, 7. April 2026" {
		t.Fatalf("on Tuesday %d mails more, the last %q", len(w.sent)-3, w.sent[len(w.sent)-1].Subject)
	}
	if w.sent[3].To != amt {
		t.Errorf("mailed to %q", w.sent[3].To)
	}
	for _, key := range []string{"a", "b", "c", "x", "code"} {
		if w.state(key) != mail.Sent {
			t.Errorf("%s is %s", key, w.state(key))
		}
	}
}

func TestWhatOnePersonGetsStandsInOneShard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	places := map[string]bool{}
	for i := range 20 {
		places[w.outbox.Op(step(fmt.Sprint(i), amt), w.now).Item.Due.PK] = true
	}
	if len(places) != 1 {
		t.Errorf("the mails of one person are in %v", places)
	}
}

func TestADigestSaysWhatItsMailsWouldSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	remind := step("b", amt)
	remind.Template, remind.Params["step_title"], remind.Params["due_date"] = "remind2", "Angaben prüfen", "2026-02-27"
	remind.Link = &mail.Link{Purpose: "step", ID: "SECOND", Recipient: amt}
	english := step("c", amt)
	english.Lang, english.Params["step_title"], english.Params["due_date"] = lang.EN, "Name the tandem", "2026-03-20"
	accepted := mail.Entry{Key: "d", Template: "accepted", To: amt, CaseNo: "KK-2026-0009"}
	w.put(step("a", amt), remind, english, accepted)
	w.tick()
	if len(w.sent) != 1 {
		t.Fatalf("%d mails", len(w.sent))
	}
	raw, err := identity.Raw(w.sent[0])
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, raw)
	flat := strings.Join(strings.Fields(p.text), " ")
	for _, want := range []string{
		"sind 4 Punkte für Sie offen",
		"1. Noch offen: KK-2026-0007: Angaben prüfen – Termin war Freitag, 27. Februar 2026 Zum Schritt: " + w.links.LinkURL(lang.DE, "/s/", *remind.Link),
		"2. KK-2026-0007: Name the tandem – by Friday, 20 March 2026 Open the step: https://kokoma.example.org/en/s/",
		"3. KK-2026-0007: Kooperationsvereinbarung schließen – bis Dienstag, 7. April 2026 Zum Schritt: " + w.links.LinkURL(lang.DE, "/s/", *step("a", amt).Link),
		"4. KoKoMa KK-2026-0009: Sie sind dabei Ihre Kommune nimmt am Projekt teil.",
		"Bei Fragen: die Servicestelle, 030 390634770.", // the mails name different people
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("lacks %q:\n%s", want, p.text)
		}
	}
	if got, want := strings.Join(words(p.htmlText), " "), strings.Join(words(p.text), " "); got != want {
		t.Errorf("HTML says\n%s\ntext says\n%s", got, want)
	}
	if fmt.Sprint(p.hrefs) != fmt.Sprint(p.textURLs) || !strings.Contains(p.html, `<li lang="en">`) {
		t.Errorf("links %q, %q, or no language on the English item", p.hrefs, p.textURLs)
	}
	if want := "KoKoMa: 4 offene Punkte – der erste war bis Freitag, 27. Februar 2026"; p.subject != want {
		t.Errorf("subject %q, want %q", p.subject, want)
	}
}

// TestADigestOfVeryManyShowsTheFirst: and says where all are; all of them count as mailed.
func TestADigestOfVeryManyShowsTheFirst(t *testing.T) {
	t.Parallel()
	for _, many := range []int{60, 75} {
		w := newWorld(t)
		for i := range many {
			e := step(fmt.Sprint(i), amt)
			e.Params["due_date"] = lang.Date{Year: 2026, Month: time.April, Day: 7}.AddDays(many - i).String()
			w.put(e)
		}
		w.tick()
		if len(w.sent) != 1 {
			t.Fatalf("%d mails", len(w.sent))
		}
		text := strings.Join(strings.Fields(w.sent[0].Text), " ")
		rest := strings.Contains(text, "Hier stehen die 60, die zuerst fällig sind.") && strings.Contains(text, "Alle offenen Punkte: https://kokoma.example.org/aufgaben")
		if !strings.Contains(text, fmt.Sprintf("sind %d Punkte", many)) || strings.Count(text, "Zum Schritt:") != 60 || rest != (many > 60) {
			t.Errorf("%d points give\n%s", many, text)
		}
		for i := range many {
			if w.state(fmt.Sprint(i)) != mail.Sent {
				t.Errorf("of %d points number %d is %s", many, i, w.state(fmt.Sprint(i)))
			}
		}
	}
}

func TestAfterAnOutageOnlyTheNewestOnATopicGoesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, template := range []string{"step", "remind1", "remind2"} {
		for _, id := range []string{"A04", "A05"} {
			e := step(fmt.Sprintf("case#1#%s#1#%d", id, i), amt)
			e.Template, e.Topic, e.Params["step_title"] = template, "case#1#"+id+"#1", "Schritt "+id
			w.put(e)
		}
		w.now = w.now.AddDate(0, 0, 2)
	}
	w.now = lang.Date{Year: 2026, Month: time.March, Day: 9}.At(9, 0)
	w.tick()
	w.sweep(w.now.AddDate(0, 0, 7), 6*time.Hour)
	if len(w.sent) != 1 || strings.Count(w.sent[0].Text, "Noch offen: KK-2026-0007: Schritt A0") != 2 {
		t.Fatalf("%d mails after the outage, the first:\n%s", len(w.sent), w.sent[0].Text)
	}
	for key, want := range map[string]mail.State{
		"case#1#A04#1#0": mail.Superseded, "case#1#A05#1#1": mail.Superseded, "case#1#A05#1#2": mail.Sent,
	} {
		if w.state(key) != want {
			t.Errorf("%s is %s, want %s", key, w.state(key), want)
		}
	}
}

func TestTopicsMadeInOneMomentGoByTheirKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, key := range []string{"k#remind2", "k#ready", "k#remind1"} {
		e := step(key, amt)
		e.Topic = "k"
		w.put(e)
	}
	w.tick()
	if w.state("k#remind2") != mail.Sent || w.state("k#ready") != mail.Superseded || w.state("k#remind1") != mail.Superseded {
		t.Error("not the last one by key was sent")
	}
}

func TestWhatIsNotWantedAnyMoreIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked, open := 0, map[string]bool{"open": true}
	w.deps.Wanted = func(_ context.Context, e *mail.Entry, _ time.Time) (bool, error) {
		asked++
		return open[e.Key], nil
	}
	w.outbox = mail.New(w.deps)
	w.put(step("fresh", "a@musterstadt.example.org"))
	w.tick()
	if asked != 0 || len(w.sent) != 1 {
		t.Errorf("asked %d times about a fresh entry, %d sent", asked, len(w.sent))
	}
	w.put(step("done", amt), step("open", "b@musterstadt.example.org"))
	stale := code("late", amt)
	stale.NotAfter = w.now.Add(10 * time.Minute)
	w.put(stale)
	w.now = w.now.Add(20 * time.Minute)
	w.tick()
	for key, want := range map[string]mail.State{"done": mail.Dropped, "open": mail.Sent, "late": mail.Dropped} {
		if w.state(key) != want {
			t.Errorf("%s is %s, want %s", key, w.state(key), want)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2", asked)
	}
}

func TestAFaultOfWantedLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fault := errors.New("no answer")
	w.deps.Wanted = func(context.Context, *mail.Entry, time.Time) (bool, error) { return false, fault }
	w.put(step("k", amt), code("c", amt))
	w.now = w.now.Add(10 * time.Minute)
	if err := mail.New(w.deps).Due(t.Context(), w.due(), w.now); !errors.Is(err, fault) {
		t.Errorf("Due = %v", err)
	}
	w.tick()
	if len(w.sent) != 2 {
		t.Errorf("%d mails", len(w.sent))
	}
}

func TestKeysThatAreNotOursOrNotDueChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := step("later", amt)
	later.NotBefore = w.now.Add(time.Hour)
	w.put(later, step("k", "b@musterstadt.example.org"))
	keys := append(w.due(), w.due()...)
	keys = append(keys, table.Key{PK: "mail#" + mail.Tag("later"), SK: "mail"}, table.Key{PK: "case#1", SK: "head"},
		table.Key{PK: "mail#nothing", SK: "mail"}, table.Key{PK: "mail#day#x", SK: "2026-03-02"})
	for range 2 {
		if err := w.outbox.Due(t.Context(), keys, w.now); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.sent) != 1 {
		t.Errorf("%d mails, want 1", len(w.sent))
	}
}

func TestSendingOneMailStaysWithinItsCost(t *testing.T) {
	t.Parallel()
	for _, e := range []mail.Entry{step("step", amt), code("code", amt)} {
		w := newWorld(t)
		w.put(e)
		var m table.Meter
		if err := w.outbox.Due(table.WithMeter(t.Context(), &m), w.due(), w.now); err != nil {
			t.Fatal(err)
		}
		write, read := m.Units()
		t.Logf("%s: %v write units, %v read units", e.Key, write, read)
		if len(w.sent) != 1 || write > 5 || read > 1 {
			t.Errorf("%s: %d mails for %v write and %v read units, want at most 5 and 1", e.Key, len(w.sent), write, read)
		}
	}
}

func TestAnEntryFitsOneKilobyte(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var m table.Meter
	if err := w.table.Write(table.WithMeter(t.Context(), &m), w.outbox.Op(step("case#ABCDEFGHIJKLMNOPQRSTUVWXYZ#step#A04#1#ready", amt), w.now)); err != nil {
		t.Fatal(err)
	}
	if write, _ := m.Units(); write != 2 { // the item and its place in Due
		t.Errorf("a step mail costs %v write units to put, want 2", write)
	}
}

func TestQueuedAndFailedListWhatPeopleLookFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := step("later", amt)
	later.NotBefore = lang.Date{Year: 2026, Month: time.March, Day: 6}.At(9, 0) // a Friday
	broken := step("broken", amt)
	delete(broken.Params, "ask")
	w.put(later, step("now", "b@musterstadt.example.org"), broken)
	queued, err := w.outbox.Queued(t.Context())
	if err != nil || len(queued) != 3 {
		t.Fatalf("Queued = %+v, %v", queued, err)
	}
	last := queued[2]
	if last.Key != "later" || last.To != amt || !last.At.Equal(lang.Date{Year: 2026, Month: time.March, Day: 9}.At(8, 0)) ||
		last.Template != "step" || !strings.Contains(last.Subject, "Kooperationsvereinbarung") {
		t.Errorf("the last one queued is %+v", last)
	}
	w.tick()
	if queued, err = w.outbox.Queued(t.Context()); err != nil || len(queued) != 1 {
		t.Errorf("afterwards queued: %+v, %v", queued, err)
	}
	failed, err := w.outbox.Failed(t.Context())
	if err != nil || len(failed) != 1 || failed[0].Key != "broken" || failed[0].Reason != "cannot be composed" || failed[0].To != "" {
		t.Errorf("Failed = %+v, %v", failed, err)
	}
	if _, err := w.outbox.Find(t.Context(), "never"); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("Find of an unknown key: %v", err)
	}
}

func TestLongValuesAreBoundedBeforeTheyAreStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := step("k", amt)
	for i := range 40 {
		e.Params[fmt.Sprint("p", i)] = strings.Repeat("ä", 100_000)
	}
	e.ToName = strings.Repeat("n", 100_000)
	w.put(e)
	w.tick()
	if len(w.sent) != 1 {
		t.Error("not sent")
	}
}

func TestADumpOfTheTableOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := step("k", amt)
	w.put(e, code("c", amt))
	token := w.links.Token(*e.Link)
	secrets := []string{token[strings.IndexByte(token, '.')+1:], w.links.Code("login", "XYZ", "c")}
	for _, key := range w.due() {
		it, err := w.table.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if strings.Contains(fmt.Sprintf("%s %s", it.Body, it.Due), s) {
				t.Errorf("%s holds %s: %s", key, s, it.Body)
			}
		}
	}
}

// Whoever is the service office is not told to ask the service office.
func TestTheOfficeIsNotSentToItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.outbox.Office = amt
	other := "kuf@musterstadt.example.org"
	w.put(step("a", amt), step("b", amt), step("c", other), code("code", amt))
	w.tick()
	if len(w.sent) != 3 {
		t.Fatalf("%d mails", len(w.sent))
	}
	for _, m := range w.sent {
		if got, want := strings.Contains(m.Text, "Bei Fragen"), m.To == other; got != want {
			t.Errorf("%s: names whom to ask: %t, want %t\n%s", m.To, got, want, m.Text)
		}
	}
}

package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
)

// world is an outbox over an embedded table, with a clock that tests turn and
// a sender that they can break.
type world struct {
	t      testing.TB
	now    time.Time
	table  table.Table
	links  *mail.Links
	texts  *mail.Templates
	deps   mail.Deps
	outbox *mail.Outbox

	mu     sync.Mutex // of what follows, while several mails are on their way
	sent   []mail.Message
	send   func(mail.Message) error // nil: all is well
	fatal  error                    // of the table below, once its process died
	writes int                      // left until it dies; negative: never
}

// monday is a working Monday in all Länder, in the mailing window.
var monday = lang.Date{Year: 2026, Month: time.March, Day: 2}.At(10, 0)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: monday, writes: -1, links: links("https://kokoma.example.org"), texts: templates(t)}
	w.table = tabletest.New(t, bolt.Clock(func() time.Time { return w.now }))
	w.deps = mail.Deps{
		Table: mortal{w}, Sender: w, Links: w.links, Templates: w.texts,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now: func() time.Time { return w.now },
	}
	w.outbox = mail.New(w.deps)
	return w
}

func links(base string) *mail.Links {
	return mail.NewLinks(base, map[int][]byte{7: []byte("a key of thirty-two bytes, fixed")}, 7)
}

func templates(t testing.TB) *mail.Templates {
	t.Helper()
	texts, err := mail.LoadTemplates(file(`
login_code:
  class: asked
  subject: {de: "KoKoMa: Ihr Code", en: "KoKoMa: your code"}
  core: {de: "Ihr Code: **{{code}}**", en: "Your code: **{{code}}**"}
call:
  class: safety
  subject: {de: "KoKoMa: Bitte um Rückruf", en: "KoKoMa: please call"}
  core: {de: "Bitte rufen Sie an.", en: "Please call."}
accepted:
  class: step
  subject: {de: "KoKoMa {{case_no}}: Sie sind dabei", en: "KoKoMa {{case_no}}: you take part"}
  core: {de: "Ihre Kommune nimmt am Projekt teil.", en: "Your municipality takes part."}
`))
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Send is the sender: what w.send accepts is sent.
func (w *world) Send(_ context.Context, m mail.Message) (string, error) {
	w.mu.Lock()
	send, dead := w.send, w.fatal
	w.mu.Unlock()
	if dead != nil {
		return "", dead
	}
	if send != nil {
		if err := send(m); err != nil {
			return "", err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, m)
	return fmt.Sprintf("provider-%d", len(w.sent)), nil
}

// mortal is the table as a process sees it that may die after any write.
type mortal struct{ *world }

var errDied = errors.New("the process died")

func (m mortal) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if dead := m.died(); dead != nil {
		return table.Item{}, dead
	}
	return m.table.Get(ctx, k)
}

func (m mortal) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if dead := m.died(); dead != nil {
		return table.Page{}, dead
	}
	return m.table.Query(ctx, q)
}

func (m mortal) Write(ctx context.Context, ops ...table.Op) error {
	if dead := m.counted(); dead != nil {
		return dead
	}
	return m.table.Write(ctx, ops...)
}

func (w *world) died() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fatal
}

// counted counts a write, or lets the process die at it.
func (w *world) counted() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writes == 0 {
		w.fatal = errDied
	}
	w.writes--
	return w.fatal
}

// put writes entries as the change that causes them would.
func (w *world) put(entries ...mail.Entry) {
	w.t.Helper()
	for _, e := range entries {
		if err := w.table.Write(w.t.Context(), w.outbox.Op(e, w.now)); err != nil {
			w.t.Fatalf("putting %s: %v", e.Key, err)
		}
	}
}

// due lists the keys that a sweep finds.
func (w *world) due() []table.Key {
	w.t.Helper()
	var keys []table.Key
	for shard := range table.Shards() {
		for it, err := range table.All(context.Background(), w.table, table.DueUntil(shard, w.now)) {
			if err != nil {
				w.t.Fatal(err)
			}
			keys = append(keys, it.Key)
		}
	}
	return keys
}

// tick is one sweep by a living process.
func (w *world) tick() {
	w.t.Helper()
	if err := w.outbox.Due(w.t.Context(), w.due(), w.now); err != nil {
		w.t.Fatalf("sweep at %s: %v", w.now, err)
	}
}

// sweep turns the clock on in steps, a tick each.
func (w *world) sweep(until time.Time, step time.Duration) {
	w.t.Helper()
	for w.now.Before(until) {
		w.now = w.now.Add(step)
		w.tick()
	}
}

func (w *world) state(key string) mail.State {
	w.t.Helper()
	r, err := w.outbox.Find(w.t.Context(), key)
	if err != nil {
		w.t.Fatalf("finding %s: %v", key, err)
	}
	return r.State
}

// step is a step mail as the workflow asks for it.
func step(key, to string) mail.Entry {
	return mail.Entry{
		Key: key, Template: "step", To: to, ToName: "Ansprechperson", Lang: lang.DE, Land: "BY",
		CaseNo: "KK-2026-0007",
		Params: map[string]string{
			"step_title": "Kooperationsvereinbarung schließen",
			"ask":        "Bitte prüfen Sie den Entwurf und melden Sie die Unterzeichnung.",
			"minutes":    "12", "due_date": "2026-04-07",
			"tandem_name": "Prozessbegleitung Musterstadt", "tandem_phone": "030 1234567",
		},
		Link:     &mail.Link{Purpose: "step", ID: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", Iteration: 1, Recipient: to},
		LinkPath: "/s/", HandoverPath: "/s/{token}/vertretung",
	}
}

// code is a mail that somebody waits for.
func code(key, to string) mail.Entry {
	return mail.Entry{
		Key: key, Template: "login_code", To: to, Lang: lang.DE,
		Code: &mail.CodeRef{Purpose: "login", ID: "XYZ", Nonce: key},
	}
}

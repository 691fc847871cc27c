package account_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/account"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

const office = "servicestelle@example.org"

// desk is the service with everything around it, at a time that the test turns.
type desk struct {
	t       *testing.T
	service *account.Service
	handler http.Handler
	table   table.Table
	outbox  *mail.Outbox

	mu     sync.Mutex
	now    time.Time
	sent   []mail.Message
	writes int
	ops    []int           // operations of each write
	dump   strings.Builder // every stored image, keys included
}

// counted counts the operations of writes.
type counted struct {
	table.Table
	desk *desk
}

func (c counted) Write(ctx context.Context, ops ...table.Op) error {
	c.desk.mu.Lock()
	c.desk.ops = append(c.desk.ops, len(ops))
	c.desk.mu.Unlock()
	return c.Table.Write(ctx, ops...)
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) wait(span time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(span)
}

// Send is the mailbox.
func (d *desk) Send(_ context.Context, m mail.Message) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, m)
	return "id", nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	d.table = table.Observe(counted{tabletest.New(t, bolt.Clock(d.clock)), d}, func(_ context.Context, items []table.Item) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.writes++
		for _, it := range items {
			fmt.Fprintf(&d.dump, "%s %s %s %v %v %v\n", it.Key, it.Kind, it.Body, it.Counters, it.Due, it.By)
		}
	})
	templates, err := mail.LoadTemplates(account.Mails)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	links := mail.NewLinks(webtest.Base, map[int][]byte{1: []byte("a key of this test, 32 bytes long")}, 1)
	d.outbox = mail.New(mail.Deps{Table: d.table, Sender: d, Links: links, Templates: templates, Log: log, Now: d.clock})
	site := webtest.Site(t, account.Texts)
	d.service, err = account.New(account.Deps{
		Table: d.table, Site: site, Outbox: d.outbox, Links: links,
		Register: municipality.New(d.table), Log: log, Now: d.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	d.service.Routes(mux)
	mux.Handle("GET /aufgaben", site.Handle(web.RequireUser(func(w http.ResponseWriter, r *http.Request) error {
		u := web.UserFrom(r.Context())
		fmt.Fprintf(w, "%s %v", u.Email, u.Roles)
		return nil
	}, "SVC", "EXT")))
	site.Routes(mux)
	d.handler = site.Protect(d.service.Sessions(mux))
	if err := d.service.EnsureOffice(t.Context(), office); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) browser() *webtest.Browser { return webtest.NewBrowser(d.t, d.handler) }

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// mailed sends what is due and gives the mails that went out by it.
func (d *desk) mailed() []mail.Message {
	d.t.Helper()
	d.sent = nil
	for shard := range table.Shards() {
		var keys []table.Key
		for it, err := range table.All(d.t.Context(), d.table, table.DueUntil(shard, d.clock())) {
			if err != nil {
				d.t.Fatal(err)
			}
			keys = append(keys, it.Key)
		}
		if err := d.outbox.Due(d.t.Context(), keys, d.clock()); err != nil {
			d.t.Fatal(err)
		}
	}
	return d.sent
}

// code asks for a code in the browser and reads it from the mail.
func (d *desk) code(b *webtest.Browser, email string) string {
	d.t.Helper()
	if r := b.Post("/anmelden", url.Values{"email": {email}}); r.Location() != "/anmelden/code" {
		d.t.Fatalf("asking for a code: %d %q\n%s", r.Status, r.Location(), r.Text())
	}
	sent := d.mailed()
	if len(sent) != 1 {
		d.t.Fatalf("%d mails, want 1", len(sent))
	}
	return sixDigits.FindString(sent[0].Text)
}

func (d *desk) signIn(b *webtest.Browser, email string) {
	d.t.Helper()
	r := b.Post("/anmelden/code", url.Values{"code": {d.code(b, email)}})
	if r.Status != http.StatusSeeOther {
		d.t.Fatalf("signing in: %d\n%s", r.Status, r.Text())
	}
}

// wrong is a six-digit code that is not the right one.
func wrong(code string) string {
	if code == "123456" {
		return "654321"
	}
	return "123456"
}

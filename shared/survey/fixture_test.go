package survey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

// world is the noun with a real table and outbox, a mailbox that records, and a clock that tests turn.
type world struct {
	t       testing.TB
	table   table.Table
	links   *mail.Links
	outbox  *mail.Outbox
	service *survey.Service
	handler http.Handler

	mu     sync.Mutex
	clock  time.Time
	mails  []mail.Message
	told   []string // what followed, for the case
	refuse error    // what follows fails with
}

// Send records a mail.
func (w *world) Send(_ context.Context, m mail.Message) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails = append(w.mails, m)
	return fmt.Sprint(len(w.mails)), nil
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func newWorld(t testing.TB, wrap ...func(table.Table) table.Table) *world {
	t.Helper()
	w := &world{t: t, clock: day("2026-08-03").At(7, 0)}
	w.table = tabletest.New(t, bolt.Clock(w.now))
	for _, f := range wrap {
		w.table = f(w.table)
	}
	templates, err := mail.LoadTemplates(survey.Mails)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w.links = mail.NewLinks(webtest.Base, map[int][]byte{1: []byte(strings.Repeat("k", 32))}, 1)
	w.outbox = mail.New(mail.Deps{
		Table: w.table, Sender: w, Links: w.links, Templates: templates, Log: log, Now: w.now,
		Wanted: func(ctx context.Context, e *mail.Entry, _ time.Time) (bool, error) { return w.service.Wanted(ctx, *e) },
		Bounced: func(ctx context.Context, b mail.Bounce) ([]table.Op, error) {
			return w.service.Bounced(ctx, b.EntryKey)
		},
	})
	tell := func(what string) func(context.Context, string, string, int, string, time.Time) error {
		return func(_ context.Context, caseID, step string, n int, id string, _ time.Time) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.refuse != nil {
				return w.refuse
			}
			w.told = append(w.told, fmt.Sprint(what, " ", caseID, " ", step, " ", n, " ", id))
			return nil
		}
	}
	site := webtest.Site(t, survey.Texts)
	w.service, err = survey.New(survey.Deps{
		Table: w.table, Site: site, Outbox: w.outbox, Links: w.links, Library: form.NewLibrary(w.table, w.now),
		Log: log, Now: w.now, Closed: tell("closed"), Cancelled: tell("cancelled"),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	site.Routes(mux)
	w.service.Routes(mux)
	w.handler = mux
	return w
}

func day(iso string) lang.Date {
	d, err := lang.ParseDate(iso)
	if err != nil {
		panic(err)
	}
	return d
}

// plan plans a survey in Musterstadt from Monday 3 to Friday 28 August 2026 and returns its id.
func (w *world) plan(change ...func(*survey.Planned)) string {
	w.t.Helper()
	p := survey.Planned{
		Case: "C1", Step: "A06", Iteration: 1,
		Municipality: survey.Whose{Key: "09999123", Name: "Musterstadt", Land: "BY"},
		Form:         "S_T0", Mode: survey.Closed, From: day("2026-08-03"), To: day("2026-08-28"), Lang: lang.DE,
	}
	for i := range 12 {
		p.Addresses = append(p.Addresses, fmt.Sprintf("person%02d@example.org", i))
	}
	for _, f := range change {
		f(&p)
	}
	ops, id, err := w.service.Plan(w.t.Context(), p, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.table.Write(w.t.Context(), ops...); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// turn turns the clock and does what is due, as the tick does.
func (w *world) turn(to time.Time) {
	w.t.Helper()
	w.mu.Lock()
	w.clock = to
	w.mu.Unlock()
	for range 20 {
		if !w.tick() {
			return
		}
	}
	w.t.Fatal("there is always something due")
}

func (w *world) tick() (did bool) {
	w.t.Helper()
	var mails []table.Key
	for _, k := range w.dueKeys() {
		if strings.HasPrefix(k.PK, "mail#") {
			mails = append(mails, k)
			continue
		}
		did = true
		if err := w.service.Due(w.t.Context(), k, w.now()); err != nil && w.refuse == nil {
			w.t.Fatal(err)
		}
	}
	if len(mails) > 0 {
		did = true
		if err := w.outbox.Due(w.t.Context(), mails, w.now()); err != nil {
			w.t.Fatal(err)
		}
	}
	return did && w.refuse == nil
}

func (w *world) dueKeys() []table.Key {
	w.t.Helper()
	var keys []table.Key
	for shard := range table.Shards() {
		for it, err := range table.All(w.t.Context(), w.table, table.DueUntil(shard, w.now())) {
			if err != nil {
				w.t.Fatal(err)
			}
			keys = append(keys, it.Key)
		}
	}
	return keys
}

// sent returns the mails since the last call.
func (w *world) sent() []mail.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.mails
	w.mails = nil
	return m
}

var linkForm = regexp.MustCompile(`https://kokoma\.example((?:/en)?/b/[A-Za-z0-9.]+)`)

// linkIn finds the link to the survey in a mail.
func linkIn(t testing.TB, m mail.Message) string {
	t.Helper()
	found := linkForm.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("no link in the mail:\n%s", m.Text)
	}
	return found[1]
}

// respondent fills in a survey in a browser without cookies.
type respondent struct {
	w       *world
	browser *webtest.Browser
	path    string
	page    *webtest.Response
}

func (w *world) respondent(path string) *respondent {
	return &respondent{w: w, browser: webtest.NewBrowser(w.t, w.handler), path: path}
}

var stateForm = regexp.MustCompile(`name="_state" value="([^"]+)"`)

func (r *respondent) state() string {
	r.w.t.Helper()
	found := stateForm.FindStringSubmatch(r.page.Body)
	if found == nil {
		r.w.t.Fatalf("no state in the page (status %d):\n%s", r.page.Status, r.page.Body)
	}
	return found[1]
}

func (r *respondent) start() *respondent {
	r.w.t.Helper()
	r.page = r.browser.Post(r.path, url.Values{"_go": {"start"}})
	if r.page.Status != http.StatusOK {
		r.w.t.Fatalf("starting gives %d:\n%s", r.page.Status, r.page.Body)
	}
	return r
}

// press posts the page with these answers.
func (r *respondent) press(button string, answers map[string]string) *respondent {
	r.w.t.Helper()
	v := url.Values{"_state": {r.state()}, "_go": {button}}
	for name, a := range answers {
		v.Set(name, a)
	}
	r.page = r.browser.Post(r.path, v)
	return r
}

// fill goes through all pages; answers says what to answer on each.
func (r *respondent) fill(answers map[string]string) *respondent {
	r.w.t.Helper()
	r.start()
	for range 11 {
		r.press("next", r.onPage(answers))
		if r.page.Status != http.StatusOK {
			r.w.t.Fatalf("going on gives %d:\n%s", r.page.Status, r.page.Text())
		}
	}
	return r
}

// onPage keeps the answers whose questions are on the page.
func (r *respondent) onPage(all map[string]string) map[string]string {
	out := map[string]string{}
	for name, a := range all {
		if strings.Contains(r.page.Body, `name="`+name+`"`) {
			out[name] = a
		}
	}
	return out
}

// send fills in everything and sends it.
func (r *respondent) send(answers map[string]string) *webtest.Response {
	r.w.t.Helper()
	r.fill(answers)
	r.press("send", r.onPage(answers))
	return r.page
}

// same answers every item of T0 alike.
func same(value, sector string) map[string]string {
	a := map[string]string{"P1": sector}
	for construct, n := range map[string]int{"HS": 6, "KOM": 5, "KOOP": 5, "VERF": 6, "KF": 5, "PRAE": 3, "VER": 4, "NETZ": 4, "DEM": 4, "LAGE": 3} {
		for i := range n {
			a[fmt.Sprintf("%s%d", construct, i+1)] = value
		}
	}
	return a
}

// items reads a whole partition.
func (w *world) items(name table.Name, pk string) []table.Item {
	w.t.Helper()
	var out []table.Item
	for it, err := range table.All(w.t.Context(), w.table, table.Query{Table: name, PK: pk}) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, it)
	}
	return out
}

// head reads the survey as it is stored.
func (w *world) head(id string) survey.Survey {
	w.t.Helper()
	it, err := w.table.Get(w.t.Context(), table.Key{PK: "survey#" + id, SK: "head"})
	if err != nil {
		w.t.Fatal(err)
	}
	var s survey.Survey
	if err := json.Unmarshal(it.Body, &s); err != nil {
		w.t.Fatal(err)
	}
	s.ID = id
	return s
}

// as puts a signed-in person in front of the handler.
func (w *world) as(u *web.User) *webtest.Browser {
	return webtest.NewBrowser(w.t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.handler.ServeHTTP(rw, r.WithContext(web.WithUser(r.Context(), u)))
	}))
}

func office() *web.User {
	return &web.User{Email: "servicestelle@example.org", Roles: []web.Role{{Code: "SVC"}}}
}

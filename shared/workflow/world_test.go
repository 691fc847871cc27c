package workflow

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// world is a platform with nothing but cases: a table, a mailbox, a clock that
// tests turn.
type world struct {
	t     testing.TB
	ctx   context.Context
	table table.Table
	x     *Service
	box   *mailbox
	mux   *http.ServeMux
	user  *web.User

	mu  sync.Mutex
	now time.Time

	asked   []string // questions that went to the intake
	planned []SurveyPlan
	id      string // of the case that begin opened
	no      string
}

// mailbox keeps what was sent.
type mailbox struct {
	mu   sync.Mutex
	sent []mail.Message
}

func (b *mailbox) Send(_ context.Context, m mail.Message) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, m)
	return strconv.Itoa(len(b.sent)), nil
}

const office = "servicestelle@example.org"

// monday is a working day in mailing hours.
var monday = time.Date(2026, 4, 13, 9, 0, 0, 0, lang.Berlin())

func newWorld(t testing.TB) *world { return worldOf(t, nil, nil) }

// faultyWorld has a table that can fail.
func faultyWorld(t testing.TB) (w *world, f *tabletest.Faults) {
	t.Helper()
	w = worldOf(t, nil, func(inner table.Table) table.Table {
		f = tabletest.Faulty(inner)
		return f
	})
	return w, f
}

// worldOf runs the given steps, and puts something in front of the table.
func worldOf(t testing.TB, phases fs.FS, front func(table.Table) table.Table) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), box: &mailbox{}, now: monday, mux: http.NewServeMux()}
	tb := tabletest.New(t, bolt.Clock(w.time))
	if front != nil {
		tb = front(tb)
	}
	w.table = tb
	links := mail.NewLinks(webtest.Base, map[int][]byte{1: []byte("0123456789abcdef0123456789abcdef")}, 1)
	templates, err := mail.LoadTemplates(Mails)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	box := mail.New(mail.Deps{
		Table: tb, Sender: w.box, Links: links, Templates: templates, Log: log,
		Wanted: func(ctx context.Context, e *mail.Entry, now time.Time) (bool, error) {
			return w.x.Wanted(ctx, e, now)
		},
		Bounced: func(ctx context.Context, b mail.Bounce) ([]table.Op, error) { return w.x.Bounced(ctx, b) },
	})
	site := webtest.Site(t, Texts)
	w.x, err = New(Deps{
		Table: tb, Site: site, Outbox: box, Links: links, Log: log, Office: office, Phases: phases,
		Now: w.time,
		Query: func(_ context.Context, _, _, questions string, _ time.Time) ([]table.Op, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.asked = append(w.asked, questions)
			return nil, nil
		},
		PlanSurvey: func(_ context.Context, p SurveyPlan, _ time.Time) ([]table.Op, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.planned = append(w.planned, p)
			return nil, nil
		},
		IntakeSummary: func(context.Context, string, lang.Lang) ([]form.SummaryGroup, error) {
			return []form.SummaryGroup{{Label: "Angaben der Kommune"}}, nil
		},
		IntakeAnswers: func(context.Context, string) (form.Answers, error) {
			return form.Answers{"muni_role": {Text: "PAR"}}, nil
		},
		ReadAddresses: func(typed string) ([]string, []lang.Text) {
			if found := strings.Fields(typed); len(found) >= 5 {
				return found, nil
			}
			return nil, []lang.Text{{DE: "Zu wenige Adressen.", EN: "Too few addresses."}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.x.Routes(w.mux)
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

// begin opens a case of a town in Bavaria.
func (w *world) begin() string {
	w.t.Helper()
	return w.beginIn("BY")
}

func (w *world) beginIn(land string) string {
	w.t.Helper()
	return w.beginFor(municipality.Municipality{Key: "09999123", Name: "Musterstadt", Kind: "STADT", Land: land}, process.People{
		"FED": {{Name: "Amt für Zusammenleben", Email: "Amt@musterstadt.example", Deputy: "amt-vertretung@musterstadt.example"}},
	})
}

func (w *world) beginFor(m municipality.Municipality, people process.People) string {
	w.t.Helper()
	return w.adopt(w.start(m, people))
}

// adopt makes a case the one that the other helpers are about.
func (w *world) adopt(no string) string {
	w.t.Helper()
	all, err := w.x.List(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(l cases.Listed) bool { return l.No == no })
	if at < 0 {
		w.t.Fatalf("case %s is not in the list", no)
	}
	w.no, w.id = no, all[at].ID
	return w.id
}

// start opens a case as the intake does: again when it meets another one.
func (w *world) start(m municipality.Municipality, people process.People) string {
	w.t.Helper()
	for {
		ops, no, err := w.x.Start(w.ctx, Opening{
			Intake: "INTAKE" + m.Key, Municipality: m, Lang: lang.DE, People: people, Command: "begin" + m.Key,
		}, w.now)
		if err == nil {
			err = w.table.Write(w.ctx, ops...)
		}
		if errors.Is(err, table.ErrConflict) {
			continue
		}
		if err != nil {
			w.t.Error(err)
		}
		return no
	}
}

// turn moves the clock and does what falls due on the way, as the tick would.
func (w *world) turn(to time.Time) {
	w.t.Helper()
	for w.now.Before(to) {
		next := w.now.Add(time.Hour)
		if next.After(to) {
			next = to
		}
		w.set(next)
		w.tick()
	}
}

func (w *world) days(n int) { w.turn(w.now.AddDate(0, 0, n)) }

// tick does what is due now, until nothing is. What is still due at the same
// place afterwards waits for the next tick, as in package app.
func (w *world) tick() {
	w.t.Helper()
	seen := map[table.Key]string{}
	for turns := 0; ; turns++ {
		if turns > 200 {
			w.t.Fatalf("what is due stays due: %+v", w.head())
		}
		var mails []table.Key
		did := false
		for shard := range table.Shards() {
			for it, err := range table.All(w.ctx, w.table, table.DueUntil(shard, w.now)) {
				if err != nil {
					w.t.Fatal(err)
				}
				if strings.HasPrefix(it.PK, cases.Prefix) {
					if seen[it.Key] == it.Due.SK {
						continue
					}
					seen[it.Key] = it.Due.SK
					if err := w.x.Due(w.ctx, it.Key, w.now); err != nil {
						w.t.Fatal(err)
					}
					did = true
					continue
				}
				mails = append(mails, it.Key)
			}
		}
		before := len(w.box.sent)
		if err := w.x.Outbox.Due(w.ctx, mails, w.now); err != nil {
			w.t.Fatal(err)
		}
		if !did && len(w.box.sent) == before {
			return
		}
	}
}

// to gives the mails to an address, oldest first.
func (w *world) to(address string) []mail.Message {
	w.box.mu.Lock()
	defer w.box.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.box.sent), func(m mail.Message) bool { return m.To != address })
}

var tokenPath = regexp.MustCompile(`/s/[A-Za-z0-9.]+`)

// link gives the path of the newest link that was mailed to an address about a
// step.
func (w *world) link(address, step string) string {
	w.t.Helper()
	id := cases.IDOf(w.id, process.Ref{Step: step, Iteration: w.head().Steps[step].Iteration})
	for _, m := range slices.Backward(w.to(address)) {
		for _, path := range tokenPath.FindAllString(m.Text, -1) {
			if strings.HasPrefix(path, "/s/"+id+".") {
				return path
			}
		}
	}
	w.t.Fatalf("no link to step %s was mailed to %s", step, address)
	return ""
}

func (w *world) record() *cases.Record {
	w.t.Helper()
	c, err := w.x.Load(w.ctx, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) head() process.Head { return w.record().Head }

// current is a step in its present iteration.
func (w *world) current(key string) process.Step {
	w.t.Helper()
	st, err := w.x.Step(w.ctx, w.id, process.Ref{Step: key, Iteration: w.head().Steps[key].Iteration})
	if err != nil {
		w.t.Fatalf("reading step %s: %v", key, err)
	}
	return st
}

func (w *world) browser() *webtest.Browser {
	return webtest.NewBrowser(w.t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.user != nil {
			r = r.WithContext(web.WithUser(r.Context(), w.user))
		}
		w.mux.ServeHTTP(rw, r)
	}))
}

var entries = sync.OnceValue(func() map[string][][2]string {
	src, err := os.ReadFile("testdata/steps.txt")
	if err != nil {
		panic(err)
	}
	out := map[string][][2]string{}
	step := ""
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if key, ok := strings.CutPrefix(line, "== "); ok {
			step = key
		} else if name, value, ok := strings.Cut(line, " = "); ok {
			out[step] = append(out[step], [2]string{name, value})
		}
	}
	return out
})

const paragraph = "Dieser Absatz ist lang genug für alle Fragen, die eine ausführliche Antwort verlangen, und sagt sonst nichts weiter aus."

var dayMark = regexp.MustCompile(`\{\+([0-9]+)\}`)

// dated puts dates and paragraphs into what is entered.
func (w *world) dated(value string) string {
	w.t.Helper()
	today := lang.DateOf(w.now)
	value = strings.ReplaceAll(strings.ReplaceAll(value, "{today}", today.String()), "{text}", paragraph)
	return dayMark.ReplaceAllStringFunc(value, func(m string) string {
		n, err := strconv.Atoi(m[2 : len(m)-1])
		if err != nil {
			w.t.Fatal(err)
		}
		return today.AddDays(n).String()
	})
}

// values are what is posted for a step.
func (w *world) values(step string) url.Values {
	w.t.Helper()
	v := url.Values{}
	for _, e := range entries()[step] {
		v.Add(e[0], w.dated(e[1]))
	}
	if len(v) == 0 {
		w.t.Fatalf("testdata/steps.txt has nothing for step %s", step)
	}
	return v
}

// answers are the same as the form takes them over.
func (w *world) answers(step string) form.Answers {
	w.t.Helper()
	d, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := d.Template(step).Form()
	if err != nil {
		w.t.Fatal(err)
	}
	env := form.Env{Today: lang.DateOf(w.now), Now: w.now, Lang: lang.DE}
	a := f.Read(w.values(step), "", nil)
	if p := f.Check(a, "", env); p.Blocking(a.Confirmed) {
		w.t.Fatalf("the entries of step %s are wrong: %+v", step, p)
	}
	return f.Clean(a, env)
}

var hidden = regexp.MustCompile(`name="(_command|_for|_form|_iteration|_again)" value="([^"]*)"`)

// fill opens a page and gives its values with the page's own fields.
func fill(r *webtest.Response, v url.Values) url.Values {
	for _, m := range hidden.FindAllStringSubmatch(r.Body, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// send does a step by link, as its recipient would.
func (w *world) send(b *webtest.Browser, address, step string) *webtest.Response {
	w.t.Helper()
	path := w.link(address, step)
	page := b.Get(path)
	if page.Status != http.StatusOK {
		w.t.Fatalf("opening step %s: status %d\n%s", step, page.Status, page.Text())
	}
	return b.Post(path, fill(page, w.values(step)))
}

// do gives a command and expects it to succeed.
func (w *world) do(c command.Command) {
	w.t.Helper()
	if _, err := w.x.Do(w.ctx, w.id, c, w.now); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
}

func by(role string) command.Meta {
	return command.Meta{By: process.Actor{Role: role}}
}

// submit finishes a step by command.
func (w *world) submit(step, role string, change ...string) {
	w.t.Helper()
	a := w.answers(step)
	for i := 0; i+1 < len(change); i += 2 {
		a[change[i]] = form.Value{Text: change[i+1]}
	}
	w.do(command.Submit{Meta: by(role), Ref: w.current(step).Ref, Answers: a, Reason: "im Test"})
}

// accepted brings the case to where the agreement is concluded.
func (w *world) accepted() {
	w.t.Helper()
	w.acceptedIn("BY")
}

func (w *world) acceptedIn(land string) {
	w.t.Helper()
	w.beginIn(land)
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}
}

// analysis brings the case to the beginning of phase A.
func (w *world) analysis() {
	w.t.Helper()
	w.accepted()
	for _, s := range [][2]string{{"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}, {"O08", "EXT"}} {
		w.submit(s[0], s[1])
	}
}

package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

const office = "servicestelle@example.org"

// rig is the expression of interest with real neighbours: an embedded table, an
// outbox that sends into a list, and a case counter in place of the workflow.
type rig struct {
	t       *testing.T
	table   table.Table
	service *Service
	outbox  *mail.Outbox
	links   *mail.Links
	handler http.Handler
	log     *strings.Builder

	mu     sync.Mutex
	clock  time.Time
	mails  []mail.Message
	stored []table.Item // everything that was ever written
	user   *web.User
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock = r.clock.Add(d)
}

// Send records a message.
func (r *rig) Send(_ context.Context, m mail.Message) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mails = append(r.mails, m)
	return fmt.Sprint(len(r.mails)), nil
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
	return r.over(tabletest.New(t, bolt.Clock(r.now)))
}

// over puts the service over a table.
func (r *rig) over(inner table.Table) *rig {
	r.t.Helper()
	tb := table.Observe(inner, func(_ context.Context, items []table.Item) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stored = append(r.stored, items...)
	})
	templates, err := mail.LoadTemplates(Mails)
	if err != nil {
		r.t.Fatal(err)
	}
	r.table, r.log = tb, &strings.Builder{}
	site := webtest.Site(r.t, Texts)
	site.Log = slog.New(slog.NewTextHandler(r.log, nil))
	r.links = mail.NewLinks(webtest.Base, map[int][]byte{1: []byte("0123456789abcdef0123456789abcdef")}, 1)
	r.outbox = mail.New(mail.Deps{Table: tb, Sender: r, Links: r.links, Templates: templates, Log: site.Log, Now: r.now})
	r.service, err = New(Deps{
		Table: tb, Site: site, Outbox: r.outbox, Links: r.links, Register: municipality.New(tb), Log: site.Log,
		Now: r.now, Office: office, OpenCase: r.openCase, Answered: r.answered,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	mux := http.NewServeMux()
	r.service.Routes(mux)
	site.Routes(mux)
	r.handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		u := r.user
		r.mu.Unlock()
		mux.ServeHTTP(w, q.WithContext(web.WithUser(q.Context(), u)))
	})
	return r
}

// openCase numbers cases as the workflow does: by a counter that the opening
// transaction moves on.
func (r *rig) openCase(ctx context.Context, c Confirmed) ([]table.Op, string, error) {
	counter := table.Key{PK: "case#counter", SK: "2026"}
	n := int64(0)
	it, err := r.table.Get(ctx, counter)
	if err == nil {
		n = it.Counters["n"]
	} else if !errors.Is(err, table.ErrNotFound) {
		return nil, "", err
	}
	caseNo := fmt.Sprintf("KK-2026-%04d", n+1)
	return []table.Op{
		table.Update(counter, table.Change{Add: map[string]int64{"n": 1}}, table.CounterIs("n", n)),
		table.Put(table.Item{Key: table.Key{PK: "case#" + caseNo, SK: "head"}, Kind: "case", Body: []byte(`"` + c.Municipality.Name + `"`)}, table.Absent()),
	}, caseNo, nil
}

func (r *rig) answered(_ context.Context, _, caseNo string, _ time.Time) ([]table.Op, error) {
	return []table.Op{table.Update(table.Key{PK: "case#" + caseNo, SK: "answers"}, table.Change{Add: map[string]int64{"n": 1}})}, nil
}

// writes counts what was written so far, apart from the counts of limits.
func (r *rig) writes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.stored)
}

// cases counts the cases that were opened.
func (r *rig) cases() int64 {
	it, err := r.table.Get(r.t.Context(), table.Key{PK: "case#counter", SK: "2026"})
	if err != nil {
		return 0
	}
	return it.Counters["n"]
}

// sweep does what the tick does: it hands out all that is due.
func (r *rig) sweep() {
	r.t.Helper()
	ctx, now := r.t.Context(), r.now()
	var mails []table.Key
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, r.table, table.DueUntil(shard, now)) {
			if err != nil {
				r.t.Fatal(err)
			}
			if strings.HasPrefix(it.PK, "mail#") {
				mails = append(mails, it.Key)
			} else if err := r.service.Due(ctx, it.Key, now); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	if err := r.outbox.Due(ctx, mails, now); err != nil {
		r.t.Fatal(err)
	}
}

// mailed sweeps and gives all mails so far to an address.
func (r *rig) mailed(to string) []mail.Message {
	r.t.Helper()
	r.sweep()
	r.sweep() // what the first one put into the outbox
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.mails), func(m mail.Message) bool { return m.To != to })
}

var (
	codePattern = regexp.MustCompile(`\b[0-9]{6}\b`)
	linkPattern = regexp.MustCompile(`https://kokoma\.example(/\S*interessenbekundung\S*)`)
)

// letter gives the link and the code of the newest mail to an address.
func (r *rig) letter(to string) (path, code string) {
	r.t.Helper()
	for _, m := range slices.Backward(r.mailed(to)) {
		link := linkPattern.FindStringSubmatch(m.Text)
		code = codePattern.FindString(strings.ReplaceAll(m.Text, "030 390634770", ""))
		if link != nil && code != "" {
			return link[1], code
		}
	}
	r.t.Fatalf("no mail with link and code to %s", to)
	return "", ""
}

// walk is one browser on its way through one draft.
type walk struct {
	*webtest.Browser
	r    *rig
	base string // "/en/interessenbekundung/<token>"
}

// begin starts a draft for Bamberg in that language.
func (r *rig) begin(l lang.Lang) *walk {
	r.t.Helper()
	w := &walk{Browser: webtest.NewBrowser(r.t, r.handler), r: r}
	path := "/interessenbekundung"
	if l == lang.EN {
		path = "/en" + path
	}
	res := w.Post(path, url.Values{"muni_key": {"09461000"}})
	if res.Status != http.StatusSeeOther || !strings.HasSuffix(res.Location(), "/s1") {
		r.t.Fatalf("beginning: %d %s\n%s", res.Status, res.Location(), res.Text())
	}
	w.base = strings.TrimSuffix(res.Location(), "/s1")
	return w
}

// id is the draft's.
func (w *walk) id() string {
	id, _ := w.r.links.ID(w.base[strings.LastIndex(w.base, "/")+1:])
	return id
}

// fill posts a section and wants to be led on.
func (w *walk) fill(section string, changes ...url.Values) {
	w.r.t.Helper()
	form := maps.Clone(answers[section])
	for _, c := range changes {
		maps.Copy(form, c)
	}
	form["_next"] = []string{""}
	res := w.Post(w.base+"/"+section, form)
	if res.Status == http.StatusUnprocessableEntity { // questions that the answers called for
		res = w.Post(w.base+"/"+section, form)
	}
	if res.Status != http.StatusSeeOther {
		w.r.t.Fatalf("section %s: %d to %s\n%s", section, res.Status, res.Location(), res.Text())
	}
}

// fillAll posts all sections.
func (w *walk) fillAll(changes ...url.Values) {
	w.r.t.Helper()
	for i := range 10 {
		section := fmt.Sprintf("s%d", i+1)
		mine := url.Values{}
		for _, c := range changes {
			for name, values := range c {
				if _, ok := answers[section][name]; ok {
					mine[name] = values
				}
			}
		}
		w.fill(section, mine)
	}
}

// send sends the whole form and wants the page that asks for the code.
func (w *walk) send() {
	w.r.t.Helper()
	res := w.Post(w.base+"/pruefen", url.Values{})
	if res.Status != http.StatusSeeOther || res.Location() != w.base+"/bestaetigen" {
		w.r.t.Fatalf("sending: %d %s\n%s", res.Status, res.Location(), res.Text())
	}
}

// confirm types the code of the newest mail and gives the thank-you page.
func (w *walk) confirm() *webtest.Response {
	w.r.t.Helper()
	path, code := w.r.letter(contact)
	res := w.Post(path, url.Values{"code": {code}})
	if res.Status != http.StatusOK || !strings.Contains(res.Body, "KK-2026-") {
		w.r.t.Fatalf("confirming: %d\n%s", res.Status, res.Text())
	}
	return res
}

const contact = "demokratie@musterstadt.example"

// canary is a word that must never leave the form.
func canary(field string) string { return "Kanarienvogel" + strings.ReplaceAll(field, "_", "") }

func long(field string) string {
	return canary(field) + " " + strings.Repeat("Die Beteiligten sehen es verschieden. ", 10)
}

// answers fill the whole form rightly, with canaries in all free texts.
var answers = map[string]url.Values{
	"s1": {
		"muni_key": {"09461000"}, "muni_type": {"KFS"}, "population": {"80000"}, "admin_plz": {"96047"},
		"_rows:further_keys": {"1"}, "further_keys[0].further_key": {"16051000"},
	},
	"s2": {
		"office_name": {canary("office_name")}, "contact_name": {canary("contact_name")},
		"contact_function": {canary("contact_function")}, "contact_email": {contact},
		"contact_phone": {"030 1234567"}, "deputy_email": {"vertretung@musterstadt.example"}, "language": {"de"},
	},
	"s3": {
		"pfd_status": {"ACT"}, "pfd_since": {"2019"}, "kuf_name": {canary("kuf_name")},
		"kuf_email": {"fachstelle@musterstadt.example"}, "carrier_name": {canary("carrier_name")}, "carrier_status": {"P"},
	},
	"s4": {
		"conflict_title": {canary("conflict_title")}, "conflict_summary": {long("conflict_summary")},
		"conflict_types": {"", "CT1", "CT5"}, "conflict_main": {"CT5"}, "scope": {"DIST"}, "place": {canary("place")},
		"since": {"03.2024"}, "since_unknown": {""}, "visibility": {"PUB"}, "trend": {"UP"}, "esc_self": {"4"},
		"democracy_touch": {"", "COH", "INS"}, "online_role": {"Y"}, "trigger": {canary("trigger")},
	},
	"s5": {
		"_rows:actors":          {"2"},
		"actors[0].actor_label": {canary("actor_a")}, "actors[0].actor_sector": {"CIV"},
		"actors[0].actor_role": {"PARTY"}, "actors[0].actor_access": {"Y"},
		"actors[1].actor_label": {canary("actor_b")}, "actors[1].actor_sector": {"RES"},
		"actors[1].actor_role": {"AFF"}, "actors[1].actor_access": {"U"},
		"affected": {"", "YOU", "ENG"}, "missing_voices": {canary("missing_voices")}, "muni_role": {"DEC"},
	},
	"s6": {
		"prior_steps": {"", "TALK", "RND"}, "prior_effect": {canary("prior_effect")},
		"_rows:offers": {"1"}, "offers[0].offer_name": {canary("offer_name")}, "offers[0].offer_type": {"NET"},
		"offers[0].offer_provider": {canary("offer_provider")}, "offers[0].offer_usable": {"Y"},
		"offers[0].offer_note": {canary("offer_note")},
	},
	"s7": {
		"urgency": {"U2"}, "incidents": {"", "INS"}, "threat_now": {"POSS"}, "protection": {"Y"},
		"_rows:key_dates": {"1"}, "key_dates[0].key_date": {"01.09.2026"}, "key_dates[0].key_kind": {"DEC"},
		"key_dates[0].key_label": {canary("key_label")},
	},
	"s8": {
		"goals": {"", "KZ1", "DEESC"}, "success": {long("success")}, "support": {"", "ANA", "PB"}, "risks": {canary("risks")},
	},
	"s9": {
		"leadership": {"SIGN"}, "staff_fte": {"0,25"}, "steering_sectors": {"", "ADM", "POL", "CIV"},
		"council_informed": {"P"}, "training_interest": {"12"}, "network_willing": {"Y"}, "eval_willing": {"Y"},
	},
	"s10": {
		"notice_ack": {"", "OK"}, "no_private_names": {"", "OK"}, "authorised": {"", "OK"},
		"consent_news": {""}, "consent_story": {""},
	},
}

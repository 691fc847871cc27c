package workflow

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/process"
)

// patterns is a mux that notes what is served.
type patterns []string

func (p *patterns) Handle(pattern string, _ http.Handler) { *p = append(*p, pattern) }

// deskRoutes says for each route of the desk who finds it with what they know
// of a case in which they hold their role, kokoma.md 6.1 and design.md 11.12.
// What is addressed below a case is tried with one example each.
var deskRoutes = map[string]struct{ path, may string }{
	"GET /aufgaben":                                       {"/aufgaben", "SVC EXT LOK TRA FED KUF LEI STG BUE KM"},
	"GET /aufgaben/erinnern":                              {"/aufgaben/erinnern", "SVC EXT LOK TRA FED KUF LEI STG"},
	"POST /aufgaben/erinnern":                             {"/aufgaben/erinnern", "SVC EXT LOK TRA FED KUF LEI STG"},
	"GET /aufgaben/vorschau":                              {"/aufgaben/vorschau", "SVC EXT LOK TRA FED KUF LEI STG"},
	"GET /vorgaenge":                                      {"/vorgaenge", "SVC EXT LOK TRA FED KUF LEI STG"},
	"GET /vorgaenge/{case}":                               {"/vorgaenge/CASE", "SVC EXT LOK FED KUF LEI STG"},
	"GET /vorgaenge/{case}/schritte/{step}":               {"/vorgaenge/CASE/schritte/A05", "SVC EXT LOK FED KUF LEI STG"},
	"POST /vorgaenge/{case}/schritte/{step}":              {"/vorgaenge/CASE/schritte/A05", "SVC EXT LOK FED KUF LEI STG"},
	"GET /vorgaenge/{case}/schritte/{step}/{do}":          {"/vorgaenge/CASE/schritte/A05/verlaengern", "SVC EXT"},
	"POST /vorgaenge/{case}/schritte/{step}/{do}":         {"/vorgaenge/CASE/schritte/A05/verlaengern", "SVC EXT"},
	"GET /vorgaenge/{case}/{do}":                          {"/vorgaenge/CASE/pausieren", "SVC"},
	"POST /vorgaenge/{case}/{do}":                         {"/vorgaenge/CASE/pausieren", "SVC"},
	"GET /vorgaenge/{case}/konzept":                       {"/vorgaenge/CASE/konzept", "SVC EXT LOK FED KUF LEI STG"},
	"GET /vorgaenge/{case}/bericht/{n}":                   {"/vorgaenge/CASE/bericht/1", ""}, // there is none yet
	"GET /vorgaenge/{case}/einschaetzungen":               {"/vorgaenge/CASE/einschaetzungen", "SVC EXT LOK FED KUF LEI STG"},
	"GET /vorgaenge/{case}/rollen":                        {"/vorgaenge/CASE/rollen", "SVC EXT LOK FED"},
	"GET /vorgaenge/prozess":                              {"/vorgaenge/prozess", "SVC"},
	"GET /vorgaenge/prozess/umstellung":                   {"/vorgaenge/prozess/umstellung?von=PROCESS", "SVC"},
	"POST /vorgaenge/prozess/umstellung":                  {"/vorgaenge/prozess/umstellung?von=PROCESS", "SVC"},
	"POST /vorgaenge/prozess/probe":                       {"/vorgaenge/prozess/probe", ""},    // without a version
	"POST /vorgaenge/{case}/probe/{do}":                   {"/vorgaenge/CASE/probe/woche", ""}, // this case is no rehearsal
	"GET /kommunen":                                       {"/kommunen", "SVC EXT LOK TRA FED KUF LEI STG"},
	"GET /vorgaenge/{case}/schritte/{step}/durchgang/{n}": {"/vorgaenge/CASE/schritte/A05/durchgang/1", "SVC EXT LOK FED KUF LEI STG"},

	"GET /kommunen/{key}":                          {"/kommunen/09999123", "SVC EXT LOK FED KUF LEI STG"},
	"GET /vorgaenge/{case}/kalender":               {"/vorgaenge/CASE/kalender", "SVC EXT LOK FED"},
	"POST /vorgaenge/{case}/kalender":              {"/vorgaenge/CASE/kalender", "SVC EXT LOK FED"},
	"GET /vorgaenge/{case}/schritte/{step}/brief":  {"/vorgaenge/CASE/schritte/A05/brief", ""}, // this case gets mails
	"POST /vorgaenge/{case}/schritte/{step}/brief": {"/vorgaenge/CASE/schritte/A05/brief", ""},
}

// TestEveryDeskRouteHasItsRoles goes through all routes that there are: a new
// one without a row fails. Who holds the role elsewhere finds no case here, and
// an empty post changes nothing.
func TestEveryDeskRouteHasItsRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	w.submit("A03", "FED")
	var served patterns
	w.x.Routes(&served)
	people := map[string]*webtest.Browser{
		"SVC": w.svc(), "EXT": w.signedIn("aussen@begleitung.example", "EXT"), "LOK": w.signedIn("vorort@verein.example", "LOK"),
		"FED": w.signedIn("amt@musterstadt.example", "FED"), "KUF": w.signedIn("fachstelle@musterstadt.example", "KUF"),
		"LEI": w.signedIn(lead, "LEI"), "STG": w.signedIn("steuerung@musterstadt.example", "STG"), "TRA": w.signedIn("traeger@verein.example", "TRA"),
	}
	for _, code := range []string{"BUE", "KM", "EVA", "DSB", "ADM"} {
		people[code] = w.signedIn(strings.ToLower(code)+"@musterstadt.example", code)
	}
	other := w.otherVersion()
	seq := w.head().Seq
	for _, pattern := range served {
		if strings.Contains(pattern, " /s/") || strings.HasSuffix(pattern, "/neuer-link") {
			continue // by link, without a role
		}
		row, ok := deskRoutes[pattern]
		if !ok {
			t.Errorf("%s has no row: who may do that?", pattern)
			continue
		}
		path := strings.NewReplacer("CASE", w.id, "PROCESS", other).Replace(row.path)
		do := func(b *webtest.Browser) int {
			if strings.HasPrefix(pattern, "POST") {
				return b.Post(path, url.Values{}).Status
			}
			return b.Get(path).Status
		}
		for code, b := range people {
			if got, want := do(b) != http.StatusNotFound, slices.Contains(strings.Fields(row.may), code); got != want {
				t.Errorf("%s finds %s: %t, want %t", code, pattern, got, want)
			}
			if code == "SVC" || !strings.Contains(pattern, "{") {
				continue
			}
			if got := do(w.signedIn("amt@anderswo.example", code)); got != http.StatusNotFound {
				t.Errorf("%s of somewhere else at %s: status %d", code, pattern, got)
			}
		}
	}
	if got := w.head().Seq; got != seq {
		t.Errorf("the case has changed from %d to %d", seq, got)
	}
}

// otherVersion keeps a version of the process that is worded differently.
func (w *world) otherVersion() string {
	w.t.Helper()
	now, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	source := maps.Clone(now.Source)
	for name, text := range source {
		source[name] = strings.Replace(text, "Bitte ", "Bitte, ", 1)
	}
	d, err := process.Stored(source)
	if err == nil {
		err = w.x.Keep(w.ctx, d)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return d.Hash
}

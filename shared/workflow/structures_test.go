package workflow

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// structures are the shipped steps of phase C right behind the review of an
// expression of interest, so that tests of them need not walk the whole way.
func structures(t testing.TB) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	early := strings.NewReplacer(`{step: A11, when: "${decision} != 'not_released'"}`, "{step: O02}", "{step: B06}", "{step: C02}", "{step: B12}", "{step: C02}")
	for _, pattern := range []string{"phases/o/o0[12]*.yaml", "phases/c/*.yaml"} {
		names, err := fs.Glob(Phases, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			src, err := fs.ReadFile(Phases, name)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(name, "phases/")] = &fstest.MapFile{Data: []byte(early.Replace(string(src)))}
		}
	}
	return out
}

func newStructures(t testing.TB) *world {
	t.Helper()
	w := worldOf(t, structures(t), nil)
	w.begin()
	w.submit("O02", "SVC")
	return w
}

func TestConceptGathersWhatTheStepsHaveBrought(t *testing.T) {
	t.Parallel()
	w := newStructures(t)
	path := "/vorgaenge/" + w.id + "/konzept"
	b := w.signedIn("leitung@musterstadt.example", "LEI")
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: "leitung@musterstadt.example"}, Reason: "im Test"})
	if got := section(t, shows(t, b, path), "contact"); !strings.Contains(got, "Noch offen: Dazu kommt etwas aus dem Schritt „Anlaufstelle und Clearing festlegen“.") {
		t.Errorf("before anything was said the chapter reads\n%s", got)
	}
	for _, s := range [][2]string{{"C01", "FED"}, {"C02", "STG"}, {"C03", "LEI"}, {"C04", "FED"}, {"C05", "FED"}, {"C06", "FED"}, {"C07", "KM"}, {"C08", "FED"}, {"C09", "LEI"}, {"C10", "LEI"}, {"C11", "FED"}} {
		w.submit(s[0], s[1])
	}
	w.do(command.Reopen{Meta: by("SVC"), Step: "C03", Reason: "Die Vertretung hat gewechselt."})
	r := shows(t, b, path, "Musterstadt", w.no)
	for id, want := range map[string][]string{
		"edition":    {"Entwurf 1"},
		"principles": {"1 Leitbild", "Wir hören alle an.", "Wir schützen Angegriffene."},
		"scope":      {"Anlaufstelle / Ansprechperson", "Frühwarnung / Lagebild", "Ziel im Reifegradcheck", "Clearing und Verfahrenswahl", "gelebt und überprüft"},
		"contact":    {"Leitung der Anlaufstelle", "Leitung des Jugendamts", "Verwaltungsspitze, 13.04.2026"},
		"processes":  {"Melden", "1 Arbeitstag", "Abschließen", "Auswertungsbogen"},
		"roles":      {"Quartiersmanagement", "Fachstelle"},
		"early":      {"Schulsozialarbeit", "Stufe 4: kritisch", "Weitere Angaben liegen vor."},
		"learning":   {"vierteljährlich", "Was hat sich bewährt?"},
		"resources":  {"0,5", "12.500,5", "Rat / Stadtverordnetenversammlung", "beschlossen"},
	} {
		got := section(t, r, id)
		for _, s := range want {
			if !strings.Contains(got, s) {
				t.Errorf("chapter %s lacks %q:\n%s", id, s, got)
			}
		}
	}
	if got := section(t, r, "roles"); strings.Contains(got, "vierteljährlich") {
		t.Errorf("what belongs to another chapter is in the one on roles:\n%s", got)
	}
	if got := section(t, r, "scope"); strings.Contains(got, "ausdrücklich nicht leisten") {
		t.Errorf("a question without an answer is in the concept:\n%s", got)
	}
	shows(t, b, "/en"+path, "Conflict management concept", "1 Guiding principles")
	shows(t, b, "/vorgaenge/"+w.id, "Konzept")
}

// The plan for a crisis is kept from those for whom it is not, and the concept,
// which is passed on, has it for nobody.
func TestCrisisPlanIsRestricted(t *testing.T) {
	t.Parallel()
	w := newStructures(t)
	for _, s := range [][2]string{{"C01", "FED"}, {"C02", "STG"}, {"C03", "LEI"}, {"C06", "FED"}} {
		w.submit(s[0], s[1])
	}
	const secret = "Polizei anrufen"
	step, concept := "/vorgaenge/"+w.id+"/schritte/C06", "/vorgaenge/"+w.id+"/konzept"
	for role, reads := range map[string]bool{"EXT": true, "LOK": true, "FED": true, "LEI": true, "SVC": false, "KUF": false, "STG": false} {
		email := strings.ToLower(role) + "@musterstadt.example"
		if role != "SVC" {
			w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: email}, Reason: "im Test"})
		}
		b := w.signedIn(email, role)
		if got := strings.Contains(shows(t, b, step).Text(), secret); got != reads {
			t.Errorf("%s reads the plan: %t, want %t", role, got, reads)
		}
		if got := section(t, shows(t, b, concept), "early"); strings.Contains(got, secret) || strings.Contains(got, "Drohung") || !strings.Contains(got, "Weitere Angaben liegen vor.") {
			t.Errorf("%s finds in the concept\n%s", role, got)
		}
	}
	if r := w.signedIn("traeger@verein.example", "TRA").Get(concept); r.Status != http.StatusNotFound {
		t.Errorf("who has no part in the case gets status %d", r.Status)
	}
}

// A body that puts the matter off, or only takes note of it, has not resolved
// anything.
func TestWhatIsNotResolvedComesAgain(t *testing.T) {
	t.Parallel()
	w := newStructures(t)
	for _, s := range [][2]string{{"C01", "FED"}, {"C02", "STG"}, {"C03", "LEI"}, {"C04", "FED"}, {"C05", "FED"}, {"C08", "FED"}} {
		w.submit(s[0], s[1])
	}
	for i, result := range []string{"postponed", "noted"} {
		w.submit("C10", "LEI", "result", result)
		if m := w.head().Steps["C10"]; m != (process.Mark{State: process.Open, Iteration: i + 2}) {
			t.Fatalf("after it was %s C10 is %+v, want open for the %d. time", result, m, i+2)
		}
		w.milestone("M5", "noch nicht erreicht")
	}
	w.submit("C10", "LEI", "result", "rejected")
	if m := w.head().Steps["C10"]; m.State != process.Done {
		t.Errorf("after the refusal C10 is %+v, want done", m)
	}
	w.milestone("M5", "erreicht am")
	w.sameAsEvents()
}

// milestone wants the case's page to say this of a milestone.
func (w *world) milestone(code, says string) {
	w.t.Helper()
	r := shows(w.t, w.signedIn("servicestelle@example.org", "SVC"), "/vorgaenge/"+w.id)
	got := slices.DeleteFunc(texts(r, "ul.milestones li"), func(s string) bool { return !strings.HasPrefix(s, code+" ") })
	if len(got) != 1 || !strings.Contains(got[0], ": "+says) {
		w.t.Errorf("the case's page says of %s %q, want %q", code, got, says)
	}
}

// TestFormsOfStructuresKeepTheirBounds enters what the tests enter everywhere,
// but for one answer, and looks at what the form says of it.
func TestFormsOfStructuresKeepTheirBounds(t *testing.T) {
	t.Parallel()
	w := worldOf(t, structures(t), nil)
	d, err := w.x.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ step, name, value, field, says string }{
		{step: "C01"},
		{step: "C02"},
		{step: "C03"},
		{step: "C04"},
		{step: "C05"},
		{step: "C06"},
		{step: "C07"},
		{step: "C08"},
		{step: "C09"},
		{step: "C10"},
		{step: "C11"},
		{step: "C12"},
		{step: "C13"},
		{step: "C14"},
		{step: "C15"},
		{"C01", "current_paths[0].path_entry", "", "current_paths[0].path_entry", "Wo kommt ein Konflikt an?"},
		{"C02", "principles[2].principle", "", "principles", "mindestens"},
		{"C02", "target_MAT4", "", "target_MAT4", "Ablaufbeschreibung"},
		{"C03", "response_days", "11", "response_days", "10"},
		{"C04", "close_time", "", "close_time", "In welcher Zeit?"},
		{"C05", "level_L3", "", "level_L3", "angespannt"},
		{"C06", "triggers[0].trigger", "", "triggers", "mindestens"},
		{"C06", "exercise_on", "", "exercise_on", "geübt"},
		{"C07", "pool[0].pool_hours", "161", "pool[0].pool_hours", "160"},
		{"C08", "chapters", "SCOPE", "chapters", "Es fehlen noch Kapitel."},
		{"C09", "fte", "2,5", "fte", "2"},
		{"C10", "session_on", "{+1}", "session_on", "nach der Sitzung"},
		{"C10", "link", "rat.example/77", "link", "https://"},
		{"C11", "run_to", "2026-04-01", "run_to", "vor dem Beginn"},
		{"C12", "window_to", "{+3}", "window_to", "7 bis 60 Tage"},
		{"C12", "MAT10", "", "MAT10", "Beschluss und Mittel"},
		{"C13", "recommendations[2].term", "", "recommendations[2].term", "Bis wann?"},
		{"C14", "transfer_items[0].transfer_conditions", "", "transfer_items[0].transfer_conditions", "Bedingungen"},
		{"C15", "follow_up_on", "{+60}", "follow_up_on", "sechs Monate"},
		{"C15", "follow_up_on", "{+400}", "follow_up_on", "sechs Monate"},
		{"C15", "data_export_done", "N", "data_export_done", "noch nicht"},
		{"C15", "roles_end", "N", "roles_end", "Rollen"},
	} {
		f, err := d.Template(c.step).Form()
		if err != nil {
			t.Fatal(err)
		}
		v := w.values(c.step)
		if c.name != "" {
			v[c.name] = []string{w.dated(c.value)}
		}
		problems := f.Check(f.Read(v, "", nil), "", form.Env{Today: lang.DateOf(w.now), Now: w.now, Lang: lang.DE})
		if c.name == "" && len(problems) > 0 {
			t.Errorf("%s as it is: %+v", c.step, problems)
		}
		found := slices.ContainsFunc(problems, func(p form.Problem) bool {
			return p.Field == c.field && strings.Contains(p.Label.DE+" "+p.Message.DE, c.says)
		})
		if c.name != "" && !found {
			t.Errorf("%s with %s = %q says %+v, want %q at %s", c.step, c.name, c.value, problems, c.says, c.field)
		}
	}
}

// section is the text of the element with an id.
func section(t testing.TB, r *webtest.Response, id string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if slices.Contains(n.Attr, html.Attribute{Key: "id", Val: id}) {
			return words(n)
		}
	}
	t.Fatalf("nothing on the page has the id %s:\n%s", id, r.Text())
	return ""
}

func words(n *html.Node) string {
	var out []string
	for d := range n.Descendants() {
		if s := strings.TrimSpace(d.Data); d.Type == html.TextNode && s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

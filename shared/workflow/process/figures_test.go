package process

import (
	"maps"
	"os"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

func asShipped(t *testing.T) *Definition {
	t.Helper()
	d, err := Load(os.DirFS("../phases"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func on(s string) lang.Date {
	d, err := lang.ParseDate(s)
	if err != nil {
		panic(err) // a typo of this file
	}
	return d
}

func answered(key string, n int, at string, pairs ...string) Step {
	a := form.Answers{}
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i]] = form.Value{Text: pairs[i+1]}
	}
	return Step{Ref: Ref{key, n}, State: Done, At: on(at).At(10, 0), Answers: a}
}

func stateOf(list ...Step) State {
	s := State{Head: Head{Lang: lang.DE}, Steps: map[Ref]Step{}}
	for _, st := range list {
		s.Steps[st.Ref] = st
	}
	return s
}

func TestQuarterBeforeIsTheLastWholeOne(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2027-01-04": "2026-10-01 2026-12-31 4", "2027-03-31": "2026-10-01 2026-12-31 4",
		"2027-04-01": "2027-01-01 2027-03-31 1", "2028-12-31": "2028-07-01 2028-09-30 3",
	} {
		p := QuarterBefore(on(at))
		if got := strings.Join([]string{p.From.String(), p.To.String(), number(p.Number()).Text}, " "); got != want {
			t.Errorf("before %s: %s, want %s", at, got, want)
		}
	}
}

// TestFiguresCountWhatTheQuarterHeld: what was held counts by its own day, also when it was recorded
// later; what was finished by the day on which it was; nothing of another quarter, and nothing that is
// not done.
func TestFiguresCountWhatTheQuarterHeld(t *testing.T) {
	t.Parallel()
	open := Step{Ref: Ref{"A11", 1}, State: Open, Due: on("2027-04-20")}
	sooner := Step{Ref: Ref{"A10", 2}, State: Open, Due: on("2027-04-12")}
	onDemand := Step{Ref: Ref{"A09", 1}, State: Open}
	void := answered("A08", 1, "2027-02-01")
	void.State = Void
	s := stateOf(
		open, sooner, onDemand, void, Step{Ref: Ref{"R01", 4}, State: Open, Due: on("2027-04-08")},
		answered("A04", 1, "2027-01-01"), answered("A05", 1, "2027-03-31"), answered("A03", 1, "2026-12-31"), answered("A07", 1, "2027-04-01"),
		answered("A10", 1, "2027-04-02", "held_on", "2027-03-30", "people_ADM", "5", "people_OTH", "1", "people_count", "99"),
		answered("R01", 1, "2027-01-08", "mood", "2"), answered("R01", 2, "2027-02-08", "mood", "3"), answered("R01", 3, "2027-03-08", "mood", "5"),
		answered("R03", 1, "2027-04-03", "held_on", "2027-03-31", "people_ADM", "3", "people_POL", "2"),
		answered("R03", 2, "2027-05-03", "held_on", "2027-05-01", "people_ADM", "50"),
		answered("R04", 1, "2027-02-03", "held_on", "2027-02-02"),
		answered("R05", 1, "2027-02-03", "people_ADM", "7"),
		answered("B07", 1, "2027-02-03", "date", "2027-02-01", "format", "ROUND", "people_RES", "20"),
		answered("B07", 2, "2027-03-03", "date", "2027-03-01", "format", "MOD"),
		answered("B07", 3, "2027-03-09", "date", "2027-03-08", "format", "ROUND"),
		answered("B07", 4, "2027-03-09", "date", "2026-12-08", "format", "ROUND"),
	)
	s.Records = map[string]Record{}
	for i, state := range []string{"open", "kept", "open", "open"} {
		id := RecordID(Agreement, Ref{"B11", 1}, i)
		s.Records[id] = Record{ID: id, Kind: Agreement, State: state}
	}
	s.Records["document"] = Record{Kind: Document, State: "open"}
	d := asShipped(t)
	got := s.Figures(d, QuarterBefore(on("2027-04-05")))
	for name, want := range map[string]string{
		"quarter_from": "2027-01-01", "quarter_to": "2027-03-31", "steps_done": "2", "sessions": "3", "formats_count": "2",
		"meetings_steering": "1", "meetings_bodies": "1", "mood_mean": "3.3", "next_count": "2",
		"agreements_open": "3", "agreements_kept": "1", "agreements_partly": "0", "agreements_broken": "0", "agreements_obsolete": "0",
		"reached_ADM": "8", "reached_POL": "2", "reached_RES": "20", "reached_OTH": "1", "reached_CIV": "0", "reached_total": "31",
	} {
		if got.Text(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Text(name), want)
		}
	}
	rows := func(name, a, b string) string {
		var out []string
		for _, r := range got.Rows(name) {
			out = append(out, r.Text(a)+" "+r.Text(b))
		}
		return strings.Join(out, ", ")
	}
	if got, want := rows("steps", "step_title", "step_on"), "A04 Akteur:innen erfassen 2027-01-01, A05 Ressourcen und Angebote erfassen 2027-03-31"; got != want {
		t.Errorf("steps: %s; want %s", got, want)
	}
	if got, want := rows("formats", "format", "format_times"), "MOD 1, ROUND 2"; got != want {
		t.Errorf("formats: %s; want %s", got, want)
	}
	if got, want := rows("next_steps", "next_title", "next_due"), "A10 Ergebnisse zurückspiegeln 2027-04-12, A11 Konfliktanalyse freigeben 2027-04-20"; got != want {
		t.Errorf("next: %s; want %s", got, want)
	}
}

// TestNoMoodIsNoFigure: a quarter without a status has no mean, not one of zero.
func TestNoMoodIsNoFigure(t *testing.T) {
	t.Parallel()
	a := stateOf().Figures(asShipped(t), QuarterBefore(on("2027-04-05")))
	if v, ok := a["mood_mean"]; ok {
		t.Errorf("mood %q without a status", v.Text)
	}
	if a.Text("reached_total") != "0" || a.Text("steps_done") != "0" {
		t.Errorf("figures of an empty quarter: %v", a)
	}
}

// TestTheReportAsksForEveryFigure: each figure has a question that shows it and cannot be changed, and each
// such question has a figure.
func TestTheReportAsksForEveryFigure(t *testing.T) {
	t.Parallel()
	d := asShipped(t)
	s := stateOf(answered("A04", 1, "2027-02-01"), answered("B07", 1, "2027-02-01", "format", "MOD"), answered("R01", 1, "2027-02-01", "mood", "4"),
		Step{Ref: Ref{"A05", 1}, State: Open, Due: on("2027-04-20")})
	figures := s.Figures(d, QuarterBefore(on("2027-04-05")))
	names := map[string]bool{}
	for name, v := range figures {
		names[name] = true
		for _, row := range v.Rows {
			for inner := range row {
				names[inner] = true
			}
		}
	}
	tpl := d.Template("R07")
	f, err := tpl.Form()
	if err != nil || tpl.Source != FromFigures {
		t.Fatal(tpl.Source, err)
	}
	typed := map[string]bool{"confirmed_figures": true, "figures_note": true, "progress": true, "difficulties": true, "outlook": true}
	for _, q := range f.Fields() {
		if q.Type != "group" && names[q.Name] == typed[q.Name] {
			t.Errorf("question %s: typed %t, a figure %t", q.Name, typed[q.Name], names[q.Name])
		}
		delete(names, q.Name)
	}
	if len(names) > 0 {
		t.Errorf("the report lacks %v", names)
	}
	e := form.Env{Today: on("2027-04-05"), Now: on("2027-04-05").At(9, 0), Lang: lang.DE}
	post := map[string][]string{
		"confirmed_figures": {"Y"}, "progress": {"Die Gruppen haben sich dreimal getroffen und Regeln vereinbart."}, "difficulties": {"Eine Gruppe fehlt noch."},
	}
	forged := maps.Clone(post)
	forged["steps_done"] = []string{"17"}
	if a := f.Read(forged, "", figures.Clone()); a.Text("steps_done") != "1" || !f.Check(a, "", e).Blocking(a.Confirmed) {
		t.Errorf("a post may say %q steps", a.Text("steps_done"))
	}
	a := f.Read(post, "", figures.Clone())
	if problems := f.Check(a, "", e); problems.Blocking(a.Confirmed) {
		t.Fatalf("a confirmed report is refused: %v", problems)
	}
	clean := f.Clean(a, e)
	if clean.Text("steps_done") != "1" || clean.Rows("steps")[0].Text("step_title") != "A04 Akteur:innen erfassen" || clean.Text("mood_mean") != "4" {
		t.Errorf("the report is handed in with other figures: %v", clean)
	}
	if clean.Rows("formats")[0].Text("format") != "MOD" || clean.Rows("next_steps")[0].Text("next_due") != "2027-04-20" {
		t.Errorf("figures got lost: %v", clean)
	}
}

func TestMinutesAndSourcesAreRead(t *testing.T) {
	t.Parallel()
	d := asShipped(t)
	for key, want := range map[string]int{"R01": 3, "R07": 15} {
		if got := d.Template(key).Minutes(); got != want {
			t.Errorf("%s takes %d minutes, want %d", key, got, want)
		}
	}
	if got := d.Template("R08").Source; got != FromPeople {
		t.Errorf("R08 is filled in from %q, want %q", got, FromPeople)
	}
	src := strings.Replace(third, `{question: stage, from: "O02.word"}`, "{from: guess}", 1)
	_, err := Load(threeSteps(strings.Replace(src, "due_wt: 5", "due_wt: 5\nminutes: 0", 1)))
	for _, want := range []string{"minutes is 0; wanted are 1 to 480", "or one of figures people alone"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

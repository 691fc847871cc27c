package workflow

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

const rehearser = "probe@servicestelle.example"

// rehearse begins a rehearsal and makes it the case that helpers are about.
func (w *world) rehearse() {
	w.t.Helper()
	d, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	if w.id, err = w.x.Rehearse(w.ctx, d, process.Person{Email: rehearser}, w.now); err != nil {
		w.t.Fatal(err)
	}
	w.no = w.head().No
	w.tick()
}

// ahead turns the clock of the rehearsal.
func (w *world) ahead(d time.Duration) {
	w.t.Helper()
	if err := w.x.Turn(w.ctx, w.id, w.record().Now(w.now).Add(d), w.now); err != nil {
		w.t.Fatal(err)
	}
	w.tick()
}

// TestRehearsalIsPlayedThroughByOnePerson walks from the first check to the
// steering group on a turned clock: every mail reaches who rehearses, and nobody
// else is written to.
func TestRehearsalIsPlayedThroughByOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	const week = 7 * 24 * time.Hour
	for _, step := range []string{"O02", "O03", "O04", "O05", "O06", "O07", "O08", "A01", "A02", "A03"} {
		before := len(w.to(rehearser))
		w.ahead(week)
		if step == "O07" { // somebody takes their time
			w.ahead(4 * week)
		}
		real := w.now
		w.set(w.record().Now(real)) // the dates that are typed
		values := w.values(step)
		w.set(real)
		b := w.browser()
		path := w.link(rehearser, step)
		r := b.Post(path, fill(b.Get(path), values))
		if r.Status != http.StatusSeeOther {
			t.Fatalf("sending %s: %d\n%s", step, r.Status, r.Text())
		}
		w.tick()
		if len(w.to(rehearser)) == before {
			t.Errorf("nothing was mailed around %s", step)
		}
	}
	for _, m := range w.box.sent {
		if m.To != rehearser || !strings.HasPrefix(m.Subject, "[Probe] ") || !strings.Contains(m.Text, "Probelauf: Diese E-Mail ginge sonst an") {
			t.Errorf("mail to %s, %q:\n%s", m.To, m.Subject, m.Text)
		}
	}
	if all := w.texts(); !strings.Contains(all, "federführendes Amt") || !strings.Contains(all, "Noch offen") {
		t.Errorf("the mails name no role, or none of them reminds:\n%s", all)
	}
	if st := w.current("A03"); st.State != process.Done || lang.DateOf(st.At) != lang.DateOf(monday.Add(14*week)) {
		t.Errorf("A03 is %q on %s", st.State, st.At)
	}
	w.sameAsEvents()
}

func (w *world) texts() string {
	var all strings.Builder
	for _, m := range w.box.sent {
		all.WriteString(m.Subject + "\n" + m.Text + "\n")
	}
	return all.String()
}

// TestRehearsalStandsNowhereElse looks into every list, lets a year pass, and
// counts what is left after thirty days.
func TestRehearsalStandsNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	w.do(command.Handover{Meta: by("SVC"), Ref: w.current("O02").Ref, To: process.Person{Email: "jemand@musterstadt.example"}})
	w.submit("O02", "SVC", "safety_flag", "Y")
	list, err := w.x.List(w.ctx)
	desk, errDesk := w.x.Desk(w.ctx)
	standings, errStandings := w.x.Standings(w.ctx)
	if err := errors.Join(err, errDesk, errStandings); err != nil || len(list)+len(desk)+len(standings) > 0 {
		t.Errorf("in the list %v, on the desk %v, counted %v, %v", list, desk, standings, err)
	}
	if len(w.asked)+len(w.planned) > 0 || w.no == "KK-2026-0001" {
		t.Errorf("asked %v, planned %v, number %s", w.asked, w.planned, w.no)
	}
	if all, err := w.x.Rehearsals(w.ctx); err != nil || len(all) != 1 || all[0].ID != w.id || all[0].No != w.no {
		t.Errorf("rehearsals %+v, %v", all, err)
	}
	for _, err := range w.x.Records(w.ctx, "step_o02") {
		t.Errorf("its answers are in the export (%v)", err)
	}
	before := len(w.to(rehearser))
	w.days(29)
	if n := len(w.box.sent) - before; n > 4 || len(w.to(rehearser)) != len(w.box.sent) { // the handover, the safety, what must not wait, O03
		t.Errorf("%d mails without its clock being turned", n)
	}
	w.days(2)
	for it, err := range table.All(w.ctx, w.table, table.Query{PK: cases.Prefix + w.id}) {
		t.Errorf("after thirty days there is %s, %v", it.Key, err)
	}
	if w.begin(); w.no != "KK-2026-0001" {
		t.Errorf("the first case is %s", w.no)
	}
}

// TestRehearsalSimulatesTheOthers closes a survey that is not held and answers a
// question that nobody got, then forgets it all.
func TestRehearsalSimulatesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	w.submit("O02", "SVC", "complete", "N")
	simulate := func(step string, want process.StepState) {
		t.Helper()
		for range 2 { // pressed twice
			if err := w.x.Simulate(w.ctx, w.id, step, w.now); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.current(step).State; got != want {
			t.Errorf("%s is %q, want %q", step, got, want)
		}
	}
	simulate("O02", process.Open)
	for _, s := range [][2]string{
		{"O02", "SVC"},
		{"O03", "SVC"},
		{"O04", "SVC"},
		{"O05", "LEI"},
		{"O06", "TRA"},
		{"O07", "FED"},
		{"O08", "EXT"},
		{"A01", "EXT"},
		{"A03", "FED"},
		{"A06", "FED"},
	} {
		w.submit(s[0], s[1])
	}
	simulate("A06", process.Done)
	if err := w.x.Forget(w.ctx, w.id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.x.Load(w.ctx, w.id); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("a forgotten rehearsal: %v", err)
	}
	w.begin()
	if err := errors.Join(w.x.Forget(w.ctx, w.id), w.x.Simulate(w.ctx, w.id, "O02", w.now)); !errors.Is(err, table.ErrNotFound) || w.head().No != "KK-2026-0001" {
		t.Errorf("a case that counts was taken for a rehearsal: %v", err)
	}
}

// TestMailsOfCasesLeaveByOneDoor finds code that mails past Post, where a
// rehearsal would write to people.
func TestMailsOfCasesLeaveByOneDoor(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(name string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || name == filepath.Join("cases", "rehearsal.go") {
			return err
		}
		src, err := os.ReadFile(name)
		if strings.Contains(string(src), "Outbox.Op(") {
			t.Errorf("%s mails past cases.Service.Post", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestARehearsedReminderKnowsItsDay: whom it reaches follows roles that began
// with the rehearsal, on its own clock.
func TestARehearsedReminderKnowsItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	w.do(command.Assign{Meta: by("SVC"), Role: "LOK", Person: process.Person{Name: "Lokale Begleitung", Email: "lokal@verein.example"}})
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}
	w.ahead(70 * 24 * time.Hour)
	reminded, told := false, false
	for _, m := range w.box.sent {
		reminded = reminded || strings.Contains(m.Subject, "Noch offen") && strings.Contains(m.Text, "Lokale Begleitung")
		told = told || strings.Contains(strings.Join(strings.Fields(m.Text), " "), "ginge sonst an lokale Prozessbegleitung, Lokale Begleitung")
	}
	if !reminded || !told {
		t.Errorf("a reminder names the tandem: %t, and the tandem is told: %t\n%s", reminded, told, w.texts())
	}
}

// TestPeopleOfARehearsalFollowItsClock: who holds a role since its today does so
// on every page, too.
func TestPeopleOfARehearsalFollowItsClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	w.ahead(21 * 24 * time.Hour)
	unnamed := func() int {
		return strings.Count(shows(t, w.svc(), "/vorgaenge/"+w.id+"/rollen").Text(), "niemand benannt")
	}
	before := unnamed()
	w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Email: expert}})
	if n := unnamed(); n != before-1 {
		t.Errorf("%d roles have nobody after one was named, %d before", n, before)
	}
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}
	w.ahead(0)
	w.tick()
	shows(t, w.browser(), w.link(rehearser, "O05")+"/abwesend", "Ich bin abwesend")
}

// TestRehearsalFillsInWhoHoldsRolesOnItsOwnDay looks at what the case fills into
// the review of its data, after the clock was turned to a day on which somebody
// has come to a role.
func TestRehearsalFillsInWhoHoldsRolesOnItsOwnDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rehearse()
	from := lang.DateOf(w.now).AddDays(5)
	w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Name: "Fachstelle Nord", Email: "nord@fachstelle.example", From: from}, Reason: "im Test"})
	w.ahead(14 * 24 * time.Hour)
	c := w.record()
	v := &page.Visit{ID: w.id, Case: c, Step: process.Step{
		Ref: process.Ref{Step: "R08", Iteration: 1}, State: process.Open, Definition: c.Head.Definition,
	}}
	if err := w.x.link.Prepare(w.ctx, v); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range v.Draft.Answers.Rows("people") {
		names = append(names, row.Text("person_name"))
	}
	if !slices.Contains(names, "Fachstelle Nord") {
		t.Errorf("on the case's day the roles are held by %q, want also Fachstelle Nord", names)
	}
}

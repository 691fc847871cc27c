package workflow

import (
	"slices"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/command"
)

func TestCasePageShowsTheWayOfACase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	w.set(municipality.CalendarOf("BY").AddWorkingDays(w.current("A04").Due, 2).At(9, 0))
	base := "/vorgaenge/" + w.id
	r := shows(t, w.svc(), base)
	if got := texts(r, "ol.journey p strong"); len(got) < 2 || got[0] != "Einstieg" || got[1] != "Analyse des Konflikts" {
		t.Errorf("the phases are %q", got)
	}
	if got := r.All("ol.journey li[aria-current=step]"); len(got) != 1 || !strings.Contains(got[0].Text(), "Analyse des Konflikts hier steht der Vorgang 2 von ") {
		t.Errorf("the case stands at %q", texts(r, "ol.journey li[aria-current=step]"))
	}
	if got := texts(r, "ol.journey li.done"); len(got) != 1 || !strings.Contains(got[0], "Einstieg 8 von 8 erledigt M0 Kooperationsvereinbarung geschlossen: erreicht am 13.04.2026") {
		t.Errorf("done is %q", got)
	}
	if got := texts(r, "details.phase[open] summary"); len(got) != 1 || !strings.HasPrefix(got[0], "Analyse des Konflikts") {
		t.Errorf("unfolded are %q, want the present phase", got)
	}
	open := texts(r, "main .list .item")
	if len(open) != 3 || !strings.Contains(open[1], "A04 Akteur:innen erfassen Gefragt seit 13.04.2026: externe Prozessbegleitung (Prozessbegleitung Außen)") || !strings.Contains(open[1], "überfällig") || !strings.Contains(open[1], "Arbeitstage über dem Termin: 2") || !strings.Contains(open[1], "Jetzt erinnern") {
		t.Errorf("open are %q", open)
	}
	ahead := texts(r, "dl.facts dd p.item-meta")
	if !slices.ContainsFunc(ahead, func(s string) bool {
		return strings.HasPrefix(s, "A04 Akteur:innen erfassen: Bitte an die Servicestelle, nachzufragen, 08:00 Uhr an: Servicestelle")
	}) {
		t.Errorf("ahead are %q", ahead)
	}
	link := r.All("main .item-side a")[0].Attr("href")
	shows(t, w.svc(), link, "Diese E-Mails würden verschickt")
}

func TestCasePageExplainsWhyACaseDoesNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahlkampf bis zum Sommer"})
	base := "/vorgaenge/" + w.id
	r := shows(t, w.svc(), base)
	if got := texts(r, "main .notice"); len(got) != 1 || !strings.Contains(got[0], "pausiert (seit 13.04.2026) Es werden keine E-Mails verschickt") || !strings.Contains(got[0], "Grund: Wahlkampf bis zum Sommer") {
		t.Errorf("the notices are %q", got)
	}
	if len(r.All("main .item-side a")) > 0 || strings.Contains(r.Text(), "Was von selbst geschieht") {
		t.Error("something is to happen in a case that rests")
	}
	w.do(command.Withdraw{Meta: by("FED"), Reason: "Ratsbeschluss vom Mai"})
	r = shows(t, w.svc(), base)
	if got := texts(r, "main .notice"); len(got) != 1 || !strings.Contains(got[0], "zurückgezogen (seit 13.04.2026)") || !strings.Contains(got[0], "Ratsbeschluss vom Mai") {
		t.Errorf("the notices are %q", got)
	}
	shows(t, w.svc(), base, "Zurzeit wartet der Vorgang auf niemanden.")
}

func TestHistoryIsFilteredAndPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for i := range 26 {
		st := w.current("O05")
		w.do(command.Extend{Meta: by("SVC"), Ref: st.Ref, Due: st.Due.AddDays(7), Reason: "Woche " + string(rune('A'+i))})
	}
	base := "/vorgaenge/" + w.id
	b := w.svc()
	r := shows(t, b, base+"?fertig=O04", "1 bis 30 von ")
	if got := texts(r, ".timeline li"); len(got) != 30 || !strings.Contains(got[0], "Termin verlegt: O05 Kooperationsvereinbarung schließen, neuer Termin") || !strings.Contains(got[0], "Servicestelle Grund: Woche Z") {
		t.Errorf("%d lines, the first %q", len(got), got[0])
	}
	next := r.All("nav a[rel=next]")
	if len(next) != 1 || next[0].Attr("href") != base+"?seite=2#verlauf" {
		t.Fatalf("the way to older lines is not there, or leads elsewhere: %v", next)
	}
	if got := texts(shows(t, b, base+"?seite=2"), ".timeline li"); len(got) == 0 || !strings.Contains(got[len(got)-1], "Interessenbekundung bestätigt") {
		t.Errorf("the second page is %q", got)
	}
	only := texts(shows(t, b, base+"?verlauf=O04"), ".timeline li p")
	if len(only) == 0 || !strings.Contains(strings.Join(only, " "), "O04") || strings.Contains(strings.Join(only, " "), "O05") {
		t.Errorf("of O04 is told %q", only)
	}
	if got := r.All("select[name=verlauf] option"); len(got) < 4 || slices.ContainsFunc(got[1:], func(o webtest.Element) bool { return o.Attr("value") == "A01" }) {
		t.Errorf("to choose from are %q", texts(r, "select[name=verlauf] option"))
	}
}

// Notes that not everybody reads are shown as a way to them only to those who do.
func TestConfidentialNotesAreForThoseWhoReadThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	for _, s := range [][2]string{{"A01", "EXT"}, {"A02", "FED"}, {"A03", "FED"}, {"A04", "LOK"}, {"A09", "LOK"}} {
		w.submit(s[0], s[1])
	}
	for who, want := range map[string]string{
		"EXT aussen@begleitung.example": "A04 A09", "LEI " + lead: "A09",
		"FED amt@musterstadt.example": "", "SVC " + office: "", "STG steuerung@musterstadt.example": "",
	} {
		code, address, _ := strings.Cut(who, " ")
		r := shows(t, w.signedIn(address, code), "/vorgaenge/"+w.id)
		var got []string
		for _, text := range texts(r, "ul.notes li a") {
			got = append(got, text[:3])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is led to %q, want %q", who, got, want)
		}
	}
	d, err := w.x.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, tpl := range d.Templates {
		if !tpl.HasForm() {
			continue
		}
		f, err := tpl.Form()
		if err != nil {
			t.Fatal(err)
		}
		secret := false
		for _, field := range f.Fields() {
			secret = secret || tpl.TandemOnly(field)
		}
		if secret != tpl.Restricted() {
			t.Errorf("step %s has questions that only the tandem reads: %t, and says %t", tpl.Key, secret, tpl.Restricted())
		}
	}
}

// The page of a done step is what goes on paper: all answers with their
// questions, when and in which role, and nothing of it folded away.
func TestDoneStepIsWholeOnPaper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	w.submit("A03", "FED")
	for _, step := range []string{"O04", "O08", "A01", "A02", "A03"} {
		r := shows(t, w.svc(), "/vorgaenge/"+w.id+"/schritte/"+step, "Musterstadt", w.no, "13.04.2026, ", "erledigt")
		if got := len(r.All("main details")); got > 0 {
			t.Errorf("%s: %d parts are folded away", step, got)
		}
		st := w.current(step)
		f, err := w.record().Def.Template(step).Form()
		if err != nil {
			t.Fatal(err)
		}
		text := r.Text()
		for _, field := range f.Fields() {
			if v := st.Answers.Text(field.Name); field.Repeat == "" && field.Type == "text" && v != "" && !strings.Contains(text, strings.Join(strings.Fields(v), " ")) {
				t.Errorf("%s: the answer to %s is not on the page", step, field.Name)
			}
		}
		if got, least := len(r.All("main .summary-row")), len(st.Answers)/2; got < least || least == 0 {
			t.Errorf("%s: %d lines for %d answers", step, got, len(st.Answers))
		}
		for _, e := range r.All("main .no-print") {
			if e.Text() != "Sie können diese Seite mit Ihrem Browser drucken oder als Datei sichern." {
				t.Errorf("%s: %q is not printed", step, e.Text())
			}
		}
	}
}

// TestCasePageSaysTheCallThatTheTasksAskFor: after the last timer nothing goes out
// by itself, but the service office is to call.
func TestCasePageSaysTheCallThatTheTasksAskFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(75)
	base := "/vorgaenge/" + w.id
	shows(t, w.svc(), "/aufgaben", "Kooperationsvereinbarung schließen", "bitte anrufen")
	if open := texts(shows(t, w.svc(), base), "main .list .item"); len(open) != 1 || !strings.Contains(open[0], "Als Nächstes: bitte anrufen") {
		t.Errorf("the service office reads %q", open)
	}
	if open := texts(shows(t, w.signedIn(lead, "LEI"), base), "main .list .item"); len(open) != 1 || !strings.Contains(open[0], "Als Nächstes: Anruf der Servicestelle") {
		t.Errorf("the head of administration reads %q", open)
	}
}

// TestStepOfNobodySaysThatNobodyIsAsked where it would name who is asked.
func TestStepOfNobodySaysThatNobodyIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.days(1)
	w.do(command.EndRole{Meta: by("SVC"), Role: "LEI", Email: lead, Last: w.day(-1), Reason: "im Test"})
	w.days(1)
	const want = "Offen seit 13.04.2026, zurzeit ist niemand gefragt (Verwaltungsspitze: ausgeschieden)"
	for _, path := range []string{"/aufgaben", "/vorgaenge/" + w.id} {
		if text := shows(t, w.svc(), path).Text(); !strings.Contains(text, want) || strings.Contains(text, "Gefragt seit 13.04.2026: ") {
			t.Errorf("%s lacks %q:\n%s", path, want, text)
		}
	}
}

// TestPlannedStepOfAPausedCaseOpensAfterThePause, whatever its day is.
func TestPlannedStepOfAPausedCaseOpensAfterThePause(t *testing.T) {
	t.Parallel()
	w := tiny(t, waiting)
	w.finish("O02", "FED")
	base := "/vorgaenge/" + w.id
	planned := func() string {
		r := shows(t, w.svc(), base)
		return strings.Join(append(texts(r, "ul.planned li"), texts(r, "tbody td")...), " ")
	}
	if got := planned(); !strings.Contains(got, "öffnet am ") {
		t.Fatalf("while it runs: %q", got)
	}
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahlkampf bis zum Sommer"})
	w.days(60)
	if got := planned(); !strings.Contains(got, "öffnet nach der Pause") || strings.Contains(got, "öffnet am ") {
		t.Errorf("in the pause: %q", got)
	}
}

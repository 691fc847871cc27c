package workflow

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// foreseen is what the forecasts of all open steps say: day, address and title
// of each mail.
func (w *world) foreseen(until time.Time) map[string]bool {
	w.t.Helper()
	out := map[string]bool{}
	c := w.record()
	if err := w.x.Want(w.ctx, c, c.Head.Pending()...); err != nil {
		w.t.Fatal(err)
	}
	for _, ref := range c.Head.Pending() {
		st, t := c.Steps[ref], c.Def.Template(ref.Step)
		for _, f := range process.Forecast(t, st, c.State, municipality.CalendarOf(st.Land), w.now, until) {
			if f.Mail.After(until) {
				continue
			}
			for _, to := range addresses(c.State, st, f) {
				out[fmt.Sprint(lang.DateOf(f.Mail), " ", to, " ", t.Title.DE)] = true
			}
		}
	}
	return out
}

// addresses are those of the roles that hear of a stage.
func addresses(s process.State, st process.Step, f process.Foreseen) []string {
	var out []string
	for _, role := range f.To {
		found := false
		for _, a := range st.Asked {
			if a.Role == role && f.Stage <= process.Overdue {
				out, found = append(out, a.Email), true
				if a.Deputy != "" && f.Stage == process.Overdue && role != "SVC" {
					out = append(out, a.Deputy)
				}
			}
		}
		for _, h := range s.People[role] {
			if !found {
				out = append(out, h.Email)
			}
		}
		if role == "SVC" {
			out = append(out, office)
		}
	}
	return out
}

// sent are the mails that went out after some number of them, in the same form.
func (w *world) sent(after int) map[string]bool {
	out := map[string]bool{}
	d, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range w.box.sent[after:] {
		for _, t := range d.Templates {
			if strings.Contains(m.Subject+m.Text, t.Title.DE) {
				out[fmt.Sprint(lang.DateOf(m.At), " ", m.To, " ", t.Title.DE)] = true
			}
		}
	}
	return out
}

// TestForecastIsWhatHappens looks ahead at random moments of random cases, with
// and without a tandem and people for the roles, over holidays and the turn of
// the year, and then lets the clock run while nobody acts.
func TestForecastIsWhatHappens(t *testing.T) {
	t.Parallel()
	lands := []string{"BY", "SN", "HH", "TH"}
	total := 0
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t)
		w.set(monday.AddDate(0, 0, r.IntN(300)))
		w.beginFor(municipality.Municipality{Key: "09999123", Name: "Musterstadt", Land: lands[r.IntN(len(lands))]}, process.People{
			"FED": {{Email: "amt@musterstadt.example", Deputy: "vertretung@musterstadt.example"}},
		})
		for _, s := range [][2]string{{"O02", "SVC"}, {"O03", "SVC"}, {"O04", "SVC"}, {"O05", "LEI"}, {"O06", "TRA"}, {"O07", "FED"}, {"O08", "EXT"}, {"A01", "EXT"}, {"A02", "FED"}}[:r.IntN(10)] {
			w.submit(s[0], s[1])
		}
		w.turn(w.now.Add(time.Duration(r.IntN(45*24)) * time.Hour))
		w.turn(lang.DateOf(w.now).At(22, 0)) // the mails of the day have gone out, or wait for the next window
		if waiting := w.waiting(); waiting > 0 {
			w.days(5) // what waits is no matter of timers
			w.turn(lang.DateOf(w.now).At(22, 0))
		}
		until := w.now.AddDate(0, 0, 14)
		before, want := len(w.box.sent), w.foreseen(until)
		w.turn(until)
		got := w.sent(before)
		if !maps.Equal(got, want) {
			t.Errorf("seed %d: sent\n%s\nforeseen\n%s", seed, lines(got), lines(want))
		}
		total += len(got)
	}
	if total < 10 {
		t.Errorf("%d mails in all show nothing", total)
	}
}

func lines(m map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(m)), "\n") }

// waiting counts the mails that wait to go out.
func (w *world) waiting() int {
	w.t.Helper()
	all, _, err := w.x.Coming(w.ctx, cases.Look{
		Until: w.now.AddDate(0, 1, 0), Limit: 1000,
		Case: func(string) bool { return true }, Hash: func(string) bool { return true },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Mail != nil {
			n++
		}
	}
	return n
}

func TestForecastIsShownByDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	friday := monday.AddDate(0, 0, 4)
	w.turn(friday)
	w.do(command.Nudge{Meta: by("SVC"), Ref: w.current("O05").Ref}) // waits for Monday
	due := w.current("O05").Due
	w.set(municipality.CalendarOf("BY").AddWorkingDays(due, -7).At(17, 0))
	w.do(command.Extend{Meta: by("SVC"), Ref: w.current("O05").Ref, Due: due.AddDays(1), Reason: "verlegt"})
	r := shows(t, w.svc(), "/aufgaben/vorschau", "O05 Kooperationsvereinbarung schließen", "Erinnerung", "Musterstadt", "an: Verwaltungsspitze")
	if got := texts(r, "main h2"); len(got) == 0 || !strings.Contains(got[0], "2026") {
		t.Errorf("the days are %q", got)
	}
	if got := texts(r, ".item-side"); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "E-Mail wartet") }) {
		t.Errorf("the mail that waits is not shown: %q", got)
	}
	shows(t, w.signedIn(lead, "LEI"), "/aufgaben/vorschau", "O05 Kooperationsvereinbarung schließen", "E-Mail wartet auf die Versandzeit")
	shows(t, w.signedIn("amt@anderswo.example", "FED"), "/aufgaben/vorschau", "Nichts vorgesehen")
}

// The forecast reads the due index and what is in it, not every case.
func TestForecastReadsNoCaseForWhichNothingIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 60 {
		w.start(municipality.Municipality{Key: fmt.Sprintf("05%06d", i), Name: "Beispielgemeinde", Land: "NW"}, process.People{"FED": {{Email: "amt@beispiel.example"}}})
	}
	w.tick()
	look := cases.Look{Until: w.now.AddDate(0, 0, 1), Limit: 40, Case: func(string) bool { return true }, Hash: func(string) bool { return true }}
	w.cost("looking a day ahead over 60 cases", 0, 4, func() {
		if _, _, err := w.x.Coming(w.ctx, look); err != nil {
			t.Error(err)
		}
	})
	look.Until = w.now.AddDate(0, 0, 14)
	all, until, err := w.x.Coming(w.ctx, look)
	if err != nil || len(all) != 40 || !until.Before(look.Until) {
		t.Errorf("%d entries until %v, %v; want as many as the limit, and the time until which they are complete", len(all), until, err)
	}
	for _, c := range all {
		if c.At.After(until) {
			t.Errorf("%v is after %v", c.At, until)
		}
	}
}

// Planned steps open in the forecast as they will, with the reminders that
// follow; what can be done at any time is asked for once and never reminded of.
func TestForecastOpensWhatIsPlanned(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
	O01:
	O02: pre: [{step: O01}]
	O03: pre: [{step: O02, wait_wt: 3}]
	R01: pre: [{step: O02}]; repeatable: true; repeat: {every: on_demand}`)
	w.finish("O02", "FED") // on Monday, 13 April
	w.turn(lang.DateOf(w.now).At(22, 0))
	until := w.now.AddDate(0, 0, 14)
	before, want := len(w.box.sent), w.foreseen(until)
	base := "/vorgaenge/" + w.id
	r := shows(t, w.svc(), base, "Der Schritt öffnet sich")
	if got := texts(r, "ul.planned li"); len(got) != 1 || !strings.HasPrefix(got[0], "O03") || !strings.Contains(got[0], "16.04.2026") {
		t.Errorf("planned is %q", got)
	}
	if got := r.All("ul.anytime a"); len(got) != 1 || got[0].Attr("href") != base+"/schritte/R01" {
		t.Errorf("at any time can be done %q", texts(r, "ul.anytime li"))
	}
	if got := texts(r, "main .list .item"); len(got) != 0 {
		t.Errorf("open are %q", got)
	}
	if page := shows(t, w.svc(), "/aufgaben/vorschau"); !strings.Contains(page.Text(), "16. April 2026") {
		t.Errorf("the forecast does not say when O03 opens: %s", page.Text())
	}
	if got := texts(shows(t, w.svc(), "/aufgaben?sicht=kommunen"), "main .task"); len(got) != 0 {
		t.Errorf("what is possible at any time is among the open work: %q", got)
	}
	if text := w.choose(w.svc(), "R01").Text(); !strings.Contains(text, "hat keinen Termin") {
		t.Errorf("of R01 can be reminded: %s", text)
	}
	w.refuses(command.Nudge{Meta: by("SVC"), Ref: w.current("R01").Ref}, command.ErrNotOpen)
	w.turn(until)
	if got := w.sent(before); !maps.Equal(got, want) || len(want) == 0 {
		t.Errorf("sent\n%s\nforeseen\n%s", lines(got), lines(want))
	}
}

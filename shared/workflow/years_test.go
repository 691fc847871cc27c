package workflow

import (
	"math/rand/v2"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestTwoYearsOfRandomWork lives two years in a case in which people do, move,
// hand on, pause and change the calendar as chance has it, and looks at every
// mail that goes out.
func TestTwoYearsOfRandomWork(t *testing.T) {
	t.Parallel()
	for seed, land := range []string{"SN", "BY", "BE"} {
		t.Run(land, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.acceptedIn(land)
			g := &randomCommands{world: w, r: rand.New(rand.NewPCG(uint64(seed), 3)), did: map[string]int{}}
			y := &years{world: w, perDay: map[string]int{}, told: map[string]int{}}
			first := lang.DateOf(w.now)
			for d := first; first.DaysUntil(d) < 2*365; d = d.AddDays(1) {
				for _, hour := range []int{8, 12, 15, 22} {
					w.set(d.At(hour, 0))
					w.tick()
					y.look()
				}
				g.live(land, d)
			}
			if y.steps < 20 {
				t.Errorf("only %d mails about steps in two years: that shows nothing: %s, %+v", y.steps, w.head().Status, w.head().Steps)
			}
			w.sameAsEvents()
		})
	}
}

// live has somebody do something, on one day of four.
func (g *randomCommands) live(land string, day lang.Date) {
	g.t.Helper()
	switch status := g.head().Status; {
	case status == process.Waiting:
		g.do(command.Reopen{Meta: by("SVC"), Step: "O04", Reason: "es geht weiter"})
	case !status.Running() && status != process.Paused: // the next one begins
		g.again(land, day)
	case g.r.IntN(4) == 0:
		c := g.command()
		if s, ok := c.(command.Configure); ok && g.r.IntN(3) > 0 {
			s.Settings.Paper = false
			c = s
		}
		if c != nil {
			_, _ = g.x.Do(g.ctx, g.id, c, g.now) // many are refused, as they should be
		}
	}
}

// again opens another case of a town in the same Land.
func (w *world) again(land string, day lang.Date) {
	w.t.Helper()
	key := "09" + strings.ReplaceAll(day.String(), "-", "")[2:]
	w.beginFor(municipality.Municipality{Key: key, Name: "Musterstadt", Kind: "STADT", Land: land}, process.People{
		"FED": {{Name: "Amt", Email: "amt@musterstadt.example"}},
	})
	for _, step := range []string{"O02", "O03", "O04"} {
		w.submit(step, "SVC")
	}
}

// years looks at mails as they go out.
type years struct {
	*world
	seen, steps  int
	perDay, told map[string]int
}

// ofDecisions are the mails that no step's calendar holds back once they wait.
var ofDecisions = []string{"Sie sind dabei", "Entscheidung zur Teilnahme", "Warteliste", "anderes Angebot", "beendet", "Abschluss"}

func (y *years) look() {
	y.t.Helper()
	cal := y.head().Calendar()
	for _, m := range y.box.sent[y.seen:] {
		y.seen++
		if strings.HasSuffix(m.Subject, ": bitte anrufen") {
			continue // a danger is told at once
		}
		y.once(m)
		decision := false
		for _, s := range ofDecisions {
			decision = decision || strings.Contains(m.Subject, s)
		}
		if decision {
			continue
		}
		y.steps++
		if at := cal.MailTime(m.At); !at.Equal(m.At) {
			y.t.Errorf("%q went out at %s, outside the window or on a quiet day", m.Subject, m.At.In(lang.Berlin()))
		}
	}
}

// once says that nobody gets two mails a day, nor a reminder twice for one date.
func (y *years) once(m mail.Message) {
	y.t.Helper()
	day := m.To + " " + lang.DateOf(m.At).String()
	if y.perDay[day]++; y.perDay[day] > 1 {
		y.t.Errorf("%d mails to %s", y.perDay[day], day)
	}
	step, _, _ := strings.Cut(tokenPath.FindString(m.Text), ".")
	if !strings.Contains(m.Subject, "offene Punkte") && strings.Contains(m.Subject, "rinnerung") {
		key := m.To + " " + m.Subject + " " + step
		if y.told[key]++; y.told[key] > 1 {
			y.t.Errorf("%s was reminded %d times: %q", m.To, y.told[key], m.Subject)
		}
	}
}

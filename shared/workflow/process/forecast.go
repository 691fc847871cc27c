package process

import (
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Foreseen is something that a timer will do if nobody acts before.
type Foreseen struct {
	At    time.Time // when the timer acts
	Mail  time.Time // when its mail may go out: not before, and at once if nothing else stands in the way
	Stage Stage     // Fresh: it opens
	To    []string  // the roles that hear of it
}

// OpeningHour is when a planned step opens on its day.
const OpeningHour = 6

// Forecast is what the timers will do with a step from now until then if nobody
// acts, in order. It lets the timers run on a copy of the step, so it cannot say
// anything else than what they do. The case tells who holds which role.
func Forecast(t *Template, s Step, in State, cal municipality.Calendar, now, until time.Time) []Foreseen {
	var out []Foreseen
	if s.State == Planned && !s.Pause {
		at := later(s.Opens.At(OpeningHour, 0), now)
		if at.After(until) {
			return nil
		}
		s = whenOpen(t, s, in, cal, at)
		out = append(out, Foreseen{At: at, Mail: cal.MailTime(at), To: s.told(t, Fresh, in, lang.DateOf(at))})
	}
	for {
		next, ok := s.Next(cal)
		if !ok {
			return out
		}
		at := later(next.At, now) // what should have been done is done next
		row, ok := Remind(s, cal, at)
		if !ok || at.After(until) {
			return out
		}
		stage := row.Events[0].Stage
		out = append(out, Foreseen{At: at, Mail: cal.MailTime(at), Stage: stage, To: s.told(t, stage, in, lang.DateOf(at))})
		after := State{Steps: map[Ref]Step{s.Ref: s}}
		after.Apply(row)
		s = after.Steps[s.Ref]
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// whenOpen is a planned step as it will be when it opens.
func whenOpen(t *Template, s Step, in State, cal municipality.Calendar, at time.Time) Step {
	s.State, s.Opened, s.WT, s.Settings = Open, lang.DateOf(at), t.DueWT, in.Head.Settings
	s.Asked, s.Gap = in.Ask(t, 0, s.Opened)
	if !t.OnDemand() {
		s.Due = cal.AddWorkingDays(s.Opened, t.DueWT)
	}
	return s
}

// told are the roles that are written to at a stage on a day.
func (s Step) told(t *Template, stage Stage, in State, day lang.Date) []string {
	office := []string{"SVC"}
	switch {
	case s.Nobody():
		return office
	case stage <= Overdue, slices.Contains(t.Acts, "SVC"):
		var out []string
		for _, a := range s.Asked {
			role := a.Role
			if a.Writes(s.Settings) {
				role = "SVC" // posts the letter
			}
			if !slices.Contains(out, role) {
				out = append(out, role)
			}
		}
		return out
	case stage == TellTandem && !t.ActsFor("EXT", "LOK"):
		var tandem []string
		for _, role := range []string{"EXT", "LOK"} {
			if len(in.Reach(role, day)) > 0 {
				tandem = append(tandem, role)
			}
		}
		if len(tandem) > 0 {
			return tandem
		}
	}
	return office
}

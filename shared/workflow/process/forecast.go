package process

import (
	"slices"
	"time"

	"kokoma/shared/municipality"
)

// Foreseen is something that a timer will do if nobody acts before.
type Foreseen struct {
	At    time.Time // when the timer acts
	Mail  time.Time // when its mail may go out: not before, and at once if nothing else stands in the way
	Stage Stage
	To    []string // the roles that hear of it
}

// Forecast is what the timers will do with a step from now until then if nobody
// acts, in order. It lets the timers run on a copy of the step, so it cannot say
// anything else than what they do. The tandem are those of its roles that
// somebody holds.
func Forecast(t *Template, s Step, tandem []string, cal municipality.Calendar, now, until time.Time) []Foreseen {
	var out []Foreseen
	for {
		next, ok := s.Next(cal)
		if !ok {
			return out
		}
		at := next.At
		if at.Before(now) {
			at = now // what should have been done is done next
		}
		row, ok := Remind(s, cal, at)
		if !ok || at.After(until) {
			return out
		}
		stage := row.Events[0].Stage
		out = append(out, Foreseen{At: at, Mail: cal.MailTime(at), Stage: stage, To: s.told(t, stage, tandem)})
		after := State{Steps: map[Ref]Step{s.Ref: s}}
		after.Apply(row)
		s = after.Steps[s.Ref]
	}
}

// told are the roles that are written to at a stage.
func (s Step) told(t *Template, stage Stage, tandem []string) []string {
	office := []string{"SVC"}
	switch {
	case s.Nobody():
		return office
	case stage <= Overdue, slices.Contains(t.Acts, "SVC"):
		var out []string
		for _, a := range s.Asked {
			if !slices.Contains(out, a.Role) {
				out = append(out, a.Role)
			}
		}
		return out
	case stage == TellTandem && len(tandem) > 0 && !t.ActsFor("EXT", "LOK"):
		return tandem
	}
	return office
}

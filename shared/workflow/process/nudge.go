package process

import (
	"slices"

	"kokoma/shared/lang"
)

// Nudged is that somebody reminded of a step by hand. It moves no timer.
const Nudged Kind = "nudged"

// nudged notes the day, since by hand is reminded once a day.
func (s *State) nudged(e Event, r Row) {
	st := s.Steps[e.Ref()]
	st.Nudged = lang.DateOf(r.At)
	st.toPost(e)
	s.Steps[e.Ref()] = st
}

// Nudgers are the roles that remind others by hand: those who may write in a
// case, kokoma.md 6.1.
var Nudgers = []string{"SVC", "EXT", "LOK", "FED"}

// Others says whether somebody is asked beside the service office, which has its
// own steps before it.
func (s Step) Others() bool {
	return slices.ContainsFunc(s.Asked, func(a Asked) bool { return a.Role != "SVC" })
}

// MayNudge says whether one of the roles may remind of the step on that day:
// it is open until a day, somebody else is asked, and nobody was reminded of it today.
func MayNudge(s Step, today lang.Date, roles ...string) bool {
	may := slices.ContainsFunc(Nudgers, func(r string) bool { return slices.Contains(roles, r) })
	return may && s.State == Open && !s.Pause && !s.Due.IsZero() && s.Others() && s.Nudged != today
}

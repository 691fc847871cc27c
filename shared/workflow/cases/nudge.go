package cases

import (
	"context"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/workflow/process"
)

// nudge are the mails of a reminder by hand: worded as the timer's on the day on
// which they go and bound by the same limits. Their topic is the step's, so that of it and of
// a timer's reminder that are due together one goes out.
func (x *Service) nudge(c *Record, st process.Step, today lang.Date) []mail.Entry {
	return x.ask(c, st, "remind1", "nudge"+today.String(), nudged(st, today))
}

// nudged is to whom a reminder goes: with a copy to who stands in when the step
// is overdue. Who gets letters gets one, too: it stands on the desk.
func nudged(st process.Step, today lang.Date) []process.Asked {
	to := slices.Clone(st.Asked)
	if st.Late(today) {
		to = Recipients(st)
	}
	return slices.DeleteFunc(to, func(a process.Asked) bool { return a.Writes(st.Settings) })
}

// Nudge is a mail that a reminder by hand would send.
type Nudge struct {
	To     process.Asked
	At     time.Time // the earliest moment at which it would go out
	Before bool      // the person has had their mail of the day, so it waits
}

// Nudges are the mails that reminding of a step by hand would send at now.
func (x *Service) Nudges(ctx context.Context, c *Record, st process.Step, now time.Time) ([]Nudge, error) {
	to := nudged(st, lang.DateOf(now))
	var out []Nudge
	for i, e := range x.nudge(c, st, lang.DateOf(now)) {
		at, before, err := x.Outbox.When(ctx, e, now)
		if err != nil {
			return nil, err
		}
		out = append(out, Nudge{To: to[i], At: at, Before: before})
	}
	return out, nil
}

package command

import (
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/process"
)

// This file holds what is said about how a municipality works: its holidays,
// the hours for mails, and letters instead of them.

// MayConfigure are the roles that say how the municipality works.
var MayConfigure = []string{"SVC", "EXT", "LOK", "FED"}

func (x *decision) configure(c Configure) error {
	if err := x.needs(c.By, MayConfigure...); err != nil {
		return err
	}
	if x.state.Head.Status.Ended() {
		return ErrResting
	}
	x.settle(c.Settings)
	return nil
}

// settle changes the settings and gives the open steps their calendar anew:
// due dates stay, timers move. Nothing happens when nothing changes.
func (x *decision) settle(s municipality.Settings) {
	before := x.state.Head.Settings
	s = s.Tidy(x.state.Head.Municipality.Land, lang.DateOf(x.now))
	if s.Equal(before) {
		return
	}
	x.emit(process.Event{Kind: process.Configured, Settings: &s})
	for _, ref := range x.state.Head.Open() {
		if st, ok := x.state.Steps[ref]; ok {
			x.emit(process.Event{
				Kind: process.Configured, Step: ref.Step, Iteration: ref.Iteration, Stage: st.Stage, Post: switched(st, before, s),
			})
		}
	}
}

// switched says what becomes of what an open step's people have got so far: in
// paper mode a letter, since they may not read their mails; after it the mail,
// when their letter was not posted.
func switched(st process.Step, before, now municipality.Settings) process.Post {
	switch {
	case !before.Paper && now.Paper:
		return process.PostFor(now, st.Asked)
	case before.Paper && !now.Paper && unposted(st) != "":
		return process.ByMail
	}
	return ""
}

// settleBy takes over what the answers of a step say about it.
func (x *decision) settleBy(t *process.Template, a form.Answers) {
	if t.Settings != nil {
		x.settle(t.Settings.Read(a, x.state.Head.Settings))
	}
}

// post says whether an event reaches anybody by letter: who is asked by it and
// was not before.
func (x *decision) post(e process.Event) process.Post {
	switch e.Kind {
	case process.Carried:
		if e.Due.IsZero() {
			return ""
		}
		return unposted(x.state.Steps[e.Ref()])
	case process.Nudged:
		return process.PostFor(x.state.Head.Settings, x.state.Steps[e.Ref()].Asked)
	case process.Opened, process.HandedOver, process.TakenBack, process.Readdressed:
	default:
		return ""
	}
	before := x.state.Steps[e.Ref()]
	fresh := slices.DeleteFunc(slices.Clone(e.Asked), func(a process.Asked) bool {
		return before.State == process.Open && slices.ContainsFunc(before.Asked, func(b process.Asked) bool { return b.Email == a.Email })
	})
	return process.PostFor(x.state.Head.Settings, fresh)
}

func (x *decision) postLetter(c PostLetter) error {
	if err := x.needs(c.By, "SVC"); err != nil {
		return err
	}
	st, ok := x.state.Steps[c.Ref]
	if !ok || st.State != process.Open || unposted(st) == "" {
		return ErrNotOpen
	}
	x.emit(process.Event{
		Kind: process.Posted, Step: c.Step, Iteration: c.Iteration, Stage: st.Stage, Post: process.HasGone,
	})
	return nil
}

// unposted keeps a letter that was not posted yet on the desk when the due date
// moves; it will say the new one.
func unposted(st process.Step) process.Post {
	if _, letter := st.Letter(); letter {
		return process.ByLetter
	}
	return ""
}

package process

import (
	"kokoma/shared/form"
	"kokoma/shared/municipality"
)

// SettingsRule names the questions of a step whose answers say how the
// municipality wants to be written to.
type SettingsRule struct {
	Window, Paper string

	line int
}

type settingsFile struct {
	Window line[string] `yaml:"window"`
	Paper  line[string] `yaml:"paper"`
}

func (t *Template) settings(f *settingsFile, fault faultFunc) {
	if f == nil {
		return
	}
	at := max(f.Window.At, f.Paper.At, 1)
	if f.Window.V == "" && f.Paper.V == "" {
		fault(at, "settings: wanted are the questions of the window and of paper mode, such as {window: mailing_window, paper: paper_mode}")
	}
	t.Settings = &SettingsRule{Window: f.Window.V, Paper: f.Paper.V, line: at}
}

// Read gives the settings as the answers change them. A question that was left
// out changes nothing.
func (r *SettingsRule) Read(a form.Answers, s municipality.Settings) municipality.Settings {
	if r == nil {
		return s
	}
	if w := a.Text(r.Window); w != "" {
		s.Window = municipality.Window(w)
	}
	if p := a.Text(r.Paper); p != "" {
		s.Paper = p == "Y"
	}
	return s
}

// Calendar is that of the case's municipality.
func (h Head) Calendar() municipality.Calendar {
	return municipality.CalendarOf(h.Municipality.Land, h.Settings)
}

// Calendar is that of the case's municipality, as far as an open step knows it.
func (s Step) Calendar() municipality.Calendar { return municipality.CalendarOf(s.Land, s.Settings) }

// Post is how an event reaches those of the municipality whom its step is
// asked of, where that is no ordinary mail.
type Post string

// The ways.
const (
	ByLetter Post = "l"
	ByMail   Post = "m" // after all: the letter was not posted yet
	HasGone  Post = "g" // the letter was posted
)

// byPost are the roles of the municipality and its carrier; in paper mode they
// get letters. The tandem gets mails.
var byPost = map[string]bool{
	"FED": true, "KUF": true, "LEI": true, "STG": true, "BUE": true, "KM": true, "TRA": true, "DSB": true,
}

// Writes says whether somebody who is asked gets letters instead of mails.
func (a Asked) Writes(s municipality.Settings) bool { return s.Paper && byPost[a.Role] }

// PostFor is how a step reaches those that it is asked of.
func PostFor(s municipality.Settings, asked []Asked) Post {
	for _, a := range asked {
		if a.Writes(s) {
			return ByLetter
		}
	}
	return ""
}

// Letter says whether a letter is to be posted to those whom the step is asked
// of, and of which stage.
func (s Step) Letter() (Stage, bool) {
	if s.Lettered > s.Told {
		return s.Lettered, true
	}
	return s.Told, s.Unposted
}

// toPost notes what a row says about letters.
func (s *Step) toPost(e Event) {
	switch e.Post {
	case ByLetter:
		s.Unposted = true
	case ByMail, HasGone:
		s.Unposted, s.Told = false, max(s.Told, e.Stage)
	}
}

// configure takes over how the municipality works: first the case, then each
// open step.
func (s *State) configure(e Event) {
	if e.Step == "" {
		if e.Settings != nil {
			s.Head.Settings = *e.Settings
		}
		return
	}
	st := s.Steps[e.Ref()]
	st.Settings = s.Head.Settings
	st.toPost(e)
	s.Steps[e.Ref()] = st
}

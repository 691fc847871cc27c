package survey

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Texts, Mails and what the pages are made of.
var (
	//go:embed texts.yaml
	Texts embed.FS
	//go:embed mail.yaml
	Mails embed.FS
	//go:embed surveys/*.yaml
	surveys embed.FS
	//go:embed forms/*.yaml
	forms embed.FS
	//go:embed tmpl/*.html
	templates embed.FS
)

// Mode is how people come to a survey.
type Mode string

// Closed surveys invite each person by a link of their own; open ones have one link for all, so nobody
// can tell who answers twice: lower control.
const (
	Closed Mode = "closed"
	Open   Mode = "open"
)

// State is where a survey is on its way.
type State string

// The states. Closing is closed to answers while the result is computed; Closed has its snapshot, and
// becomes Evaluated when everything that follows from it has been done.
const (
	StatePlanned   State = "planned"
	StateRunning   State = "running"
	StateClosing   State = "closing"
	StateClosed    State = "closed"
	StateEvaluated State = "evaluated"
	StateCancelled State = "cancelled"
)

// Over says that no answer is taken any more.
func (s State) Over() bool { return s != StatePlanned && s != StateRunning }

// Whose is the municipality of a survey. It may be one that the register lacks: then Key is empty.
type Whose struct {
	Key  string `json:"key,omitempty"`
	Name string `json:"name"`
	Land string `json:"land,omitempty"`
	// What held there beyond the calendar of its Land when the survey was planned.
	Settings municipality.Settings `json:"cal,omitzero"`
}

// Planned is what a step says when it starts a survey.
type Planned struct {
	Case         string // id of the case, and of its step
	CaseNo       string // its number, "KK-2026-0001": roles may be bound to that
	Step         string
	Iteration    int
	Municipality Whose
	Form         string // "S_T0"
	Mode         Mode
	Addresses    []string // closed mode, as ParseAddresses gives them
	Expected     int      // open mode: how many people are expected to answer
	From, To     lang.Date
	Lang         lang.Lang
}

// Survey is a planned, running or closed survey, as its head is stored. Its answers are not in it.
type Survey struct {
	ID           string    `json:"-"`
	Case         string    `json:"case"`
	CaseNo       string    `json:"no,omitempty"`
	Step         string    `json:"step"`
	Iteration    int       `json:"iteration"`
	Municipality Whose     `json:"municipality"`
	Form         string    `json:"form"`
	Hash         string    `json:"hash,omitempty"`    // version of the form, from its planning on
	Minutes      string    `json:"minutes,omitempty"` // how long an own version takes; else as the shipped one
	Mode         Mode      `json:"mode"`
	Lang         lang.Lang `json:"lang"`
	Expected     int       `json:"expected,omitempty"`
	From         lang.Date `json:"from"`
	To           lang.Date `json:"to"` // the last day, to its end in Berlin
	State        State     `json:"state"`
	Invited      int       `json:"invited,omitempty"`
	Pending      []string  `json:"pending,omitempty"`   // addresses not invited yet
	Reminded     int       `json:"reminded,omitempty"`  // reminders that are through
	Reminding    int       `json:"reminding,omitempty"` // the reminder that is going out
	After        string    `json:"after,omitempty"`     // the last invitation that it reached
	Reason       string    `json:"reason,omitempty"`    // why it was cancelled
	Ended        time.Time `json:"ended,omitzero"`      // when it closed or was cancelled

	version int64
	due     table.Place
}

// Deps is what the noun works with.
type Deps struct {
	Table       table.Table
	Site        *web.Site
	Outbox      *mail.Outbox
	Links       *mail.Links
	Library     *form.Library
	Log         *slog.Logger
	Now         func() time.Time
	Instruments *instrument.Set // nil: the shipped ones

	// Closed and Cancelled are what follows for the step that started the survey. They are called
	// again until they succeed, so they have to bear being called twice. ErrLater: on the next day.
	Closed    func(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error
	Cancelled func(ctx context.Context, caseID, step string, iteration int, surveyID string, now time.Time) error

	// AnswersUntil ends retention class R2: project end and ten years. Zero keeps answers until they
	// are erased by hand.
	AnswersUntil time.Time
}

// Service is the noun.
type Service struct {
	Deps
	pages  *web.Pages
	extend func() (*form.Form, error)
	cancel func() (*form.Form, error)
}

// New returns the noun.
func New(d Deps) (*Service, error) {
	if d.Table == nil || d.Site == nil || d.Outbox == nil || d.Links == nil || d.Library == nil || d.Now == nil {
		return nil, errors.New("survey: table, site, outbox, links, library and clock are needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Instruments == nil {
		d.Instruments = Instruments()
	}
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), extend: load("extend.yaml"), cancel: load("cancel.yaml"),
	}, nil
}

// The bounds of a survey. Fewer addresses than MinAddresses could never be shown.
const (
	MinAddresses = 5
	MaxAddresses = 500
	maxDays      = 180
)

// Plan gives the operations that plan a survey, for the transaction of the step that asks for it, and
// the survey's id. It is asked with the version of the form that is live now. If the process dies before
// that transaction there is no survey; after it, the survey stands in index Due and starts by itself.
func (x *Service) Plan(ctx context.Context, p Planned, now time.Time) ([]table.Op, string, error) {
	if err := x.checkPlan(p, now); err != nil {
		return nil, "", fmt.Errorf("planning survey %s: %w", p.Form, err)
	}
	s := Survey{
		ID: rand.Text()[:idLen], Case: p.Case, CaseNo: p.CaseNo, Step: p.Step, Iteration: p.Iteration,
		Municipality: p.Municipality, Form: p.Form, Mode: p.Mode, Lang: p.Lang, Expected: p.Expected,
		From: p.From, To: p.To, State: StatePlanned, version: 1,
	}
	if err := x.live(ctx, &s); err != nil {
		return nil, "", fmt.Errorf("planning survey %s: %w", p.Form, err)
	}
	if p.Mode == Closed {
		s.Pending = slices.Clone(p.Addresses)
		s.Invited = len(p.Addresses)
	}
	s.due = s.dueAt(s.begin())
	return []table.Op{table.Put(s.item(), table.Absent())}, s.ID, nil
}

// live gives a survey the version of its form that is live, kept for the answers to come.
func (x *Service) live(ctx context.Context, s *Survey) error {
	in, err := x.Instruments.Instrument(s.Form)
	if err != nil {
		return err
	}
	f, err := x.Library.Live(ctx, in.Form)
	if err != nil {
		return err
	}
	if s.Hash = f.Hash; f.Hash != in.Form.Hash {
		s.Minutes = in.MinutesOf(f)
	}
	return x.Library.Keep(ctx, f)
}

func (x *Service) checkPlan(p Planned, now time.Time) error {
	if _, err := x.Instruments.Instrument(p.Form); err != nil {
		return err
	}
	switch {
	case p.From.IsZero() || p.To.Before(p.From):
		return fmt.Errorf("the window from %s to %s has no day", p.From, p.To)
	case p.To.Before(lang.DateOf(now)):
		return fmt.Errorf("the window ended on %s", p.To)
	case p.From.DaysUntil(p.To) > maxDays:
		return fmt.Errorf("the window from %s to %s is longer than %d days", p.From, p.To, maxDays)
	case p.Mode == Open:
		return nil
	case p.Mode != Closed:
		return fmt.Errorf("mode %q is neither open nor closed", p.Mode)
	case len(p.Addresses) < MinAddresses || len(p.Addresses) > MaxAddresses:
		return fmt.Errorf("%d addresses; from %d to %d can be invited", len(p.Addresses), MinAddresses, MaxAddresses)
	}
	for _, a := range p.Addresses {
		if canonical, err := mail.Address(a); err != nil || canonical != a {
			return errors.New("an address is not as ParseAddresses gives it")
		}
	}
	return nil
}

// begin is when invitations go out, end when the last day is over.
func (s Survey) begin() time.Time { return s.From.At(8, 0) }
func (s Survey) end() time.Time   { return s.To.AddDays(1).At(0, 0) }

// reminders are the days of both reminders: half-way, and the last but one. A day on which no mail goes
// out is moved to one on which it does, the second one backwards, so that it never comes too late. A
// zero date is a reminder that falls away because the window is short.
func (s Survey) reminders() (half, last lang.Date) {
	cal := municipality.CalendarOf(s.Municipality.Land, s.Municipality.Settings)
	mailDay := func(d lang.Date) bool { return cal.MailTime(d.At(8, 0)).Equal(d.At(8, 0)) }
	for last = s.To.AddDays(-1); last.After(s.From) && !mailDay(last); {
		last = last.AddDays(-1)
	}
	if !last.After(s.From) {
		return lang.Date{}, lang.Date{}
	}
	for half = s.From.AddDays(s.From.DaysUntil(s.To) / 2); half.Before(last) && !mailDay(half); {
		half = half.AddDays(1)
	}
	if !half.After(s.From) || !half.Before(last) {
		half = lang.Date{}
	}
	return half, last
}

// reminderAt says which reminder is due at now, 0 for none. After an outage only the newest goes out.
func (s Survey) reminderAt(now time.Time) int {
	half, last := s.reminders()
	switch {
	case s.Reminded < 2 && !last.IsZero() && !now.Before(last.At(8, 0)):
		return 2
	case s.Reminded < 1 && !half.IsZero() && !now.Before(half.At(8, 0)):
		return 1
	}
	return 0
}

// next is when a running survey has something to do again.
func (s Survey) next() time.Time {
	half, last := s.reminders()
	switch {
	case s.Mode == Open:
		return s.end()
	case s.Reminded < 1 && !half.IsZero():
		return half.At(8, 0)
	case s.Reminded < 2 && !last.IsZero():
		return last.At(8, 0)
	}
	return s.end()
}

// week is the calendar week that an answer carries: the one in which the survey began, the same for all.
// The week of the answer itself would be too much: the mail log knows who still had to be reminded, and
// the two together would single out those who answered late.
func (s Survey) week() string {
	y, w := s.From.At(12, 0).ISOWeek()
	return fmt.Sprintf("%04d-W%02d", y, w)
}

// Instruments are the shipped surveys; nothing is read before one is asked for.
func Instruments() *instrument.Set { return instrument.New(sub(surveys, "surveys")) }

package desk

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// calendarPage says when the municipality works, and asks what is special
// there.
type calendarPage struct {
	web.Page
	page.Facts
	Base, Back string
	Saved      bool
	Holidays   []string
	Quiet      []string
	View       form.View
	Command    string
}

// aheadDays is how many holidays the page shows.
const aheadDays = 6

// enterCalendar opens the case for those who say how the municipality works.
func (x *Service) enterCalendar(r *http.Request) (*desk, *form.Form, error) {
	d, err := x.enterCase(r)
	if err != nil {
		return nil, nil, err
	}
	if !d.has(command.MayConfigure...) || d.Head.Status.Ended() {
		return nil, nil, web.ErrNotFound
	}
	f, err := x.Action("kalender")
	return d, f, err
}

func (x *Service) showCalendar(w http.ResponseWriter, r *http.Request) error {
	d, f, err := x.enterCalendar(r)
	if err != nil {
		return err
	}
	p := x.calendarPage(r, d, f, settingsAnswers(d.Head.Settings), nil)
	p.Saved = r.URL.Query().Has("gespeichert")
	return x.Pages.Render(w, r, http.StatusOK, "calendar", p)
}

func (x *Service) receiveCalendar(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	d, f, err := x.enterCalendar(r)
	if err != nil {
		return err
	}
	now := x.Now()
	act := page.ReadAct(f, r.PostForm, x.Env(r.Context(), lang.From(r.Context()), now))
	if _, ok := form.Pressed(r.PostForm); ok {
		return x.Pages.Render(w, r, http.StatusOK, "calendar", x.calendarPage(r, d, f, act.Typed, nil))
	}
	if act.Problems.Errors() {
		p := x.calendarPage(r, d, f, act.Typed, act.Problems)
		p.Fault(true)
		p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
		return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "calendar", p)
	}
	_, err = x.Do(r.Context(), d.ID, command.Configure{
		Meta:     command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: d.configurer()}},
		Settings: settingsFrom(act.Answers),
	}, now)
	if err != nil && !errors.Is(err, command.ErrAlready) {
		return err
	}
	return web.Redirect(w, r, "/vorgaenge/"+d.ID+"/kalender?gespeichert=1")
}

// configurer is the role in which the person says how the municipality works.
func (d *desk) configurer() string {
	at := slices.IndexFunc(command.MayConfigure, func(role string) bool { return d.has(role) })
	return command.MayConfigure[at]
}

func (x *Service) calendarPage(r *http.Request, d *desk, f *form.Form, a form.Answers, problems form.Problems) calendarPage {
	p := calendarPage{Page: x.Site.Page(r, "workflow.calendar.title"), Base: "/vorgaenge/" + d.ID + "/kalender", Back: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Head.Phase())
	p.Command = rand.Text()
	p.View = f.View(a, "", problems, x.Env(r.Context(), p.Lang, x.Now()))
	p.View.Items = onlyFeastsOf(d.Head.Municipality.Land, p.View.Items)
	today, cal := lang.DateOf(x.Now()), d.Head.Calendar()
	for _, h := range cal.Ahead(today, aheadDays) {
		p.Holidays = append(p.Holidays, p.T("workflow.calendar.day", p.Long(h.Day), p.In(h.Name)))
	}
	for _, c := range d.Head.Settings.Closed {
		p.Quiet = append(p.Quiet, p.T("workflow.calendar.closed", p.Long(c.From), p.Long(c.To)))
	}
	p.Quiet = append(p.Quiet, p.T("workflow.calendar.yearsend"))
	if s, ok := cal.NextSchoolHolidays(today); ok {
		p.Quiet = append(p.Quiet, p.T("workflow.calendar.school", p.Long(s.From), p.Long(s.To)))
	}
	return p
}

// onlyFeastsOf leaves out the feasts that are kept nowhere in the Land, and the
// question where there are none.
func onlyFeastsOf(land string, items []form.Item) []form.Item {
	known := municipality.Feasts(land)
	return slices.DeleteFunc(items, func(it form.Item) bool {
		if it.Checks == nil || it.Checks.Name != "feasts" {
			return false
		}
		it.Checks.Options = slices.DeleteFunc(it.Checks.Options, func(o form.Offer) bool {
			return !slices.Contains(known, municipality.Feast(o.Value))
		})
		return len(known) == 0
	})
}

// settingsAnswers fills the form with what holds, settingsFrom takes it back.
func settingsAnswers(s municipality.Settings) form.Answers {
	a := form.Answers{
		"window": {Text: cmp.Or(string(s.Window), "STD")},
		"paper":  {Text: map[bool]string{true: "Y", false: "N"}[s.Paper]},
	}
	feasts := form.Value{}
	for _, f := range s.Feasts {
		feasts.Choices = append(feasts.Choices, string(f))
	}
	closed := form.Value{}
	for _, r := range s.Closed {
		closed.Rows = append(closed.Rows, form.Answers{"from": {Text: r.From.String()}, "to": {Text: r.To.String()}})
	}
	a["feasts"], a["closed"] = feasts, closed
	return a
}

func settingsFrom(a form.Answers) municipality.Settings {
	s := municipality.Settings{Window: municipality.Window(a.Text("window")), Paper: a.Text("paper") == "Y"}
	for _, f := range a.Choices("feasts") {
		s.Feasts = append(s.Feasts, municipality.Feast(f))
	}
	for _, row := range a.Rows("closed") {
		s.Closed = append(s.Closed, municipality.Range{From: cases.DateIn(row, "from"), To: cases.DateIn(row, "to")})
	}
	return s
}

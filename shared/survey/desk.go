package survey

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// deskRoles see surveys: the service office all, the others those of their own cases (kokoma.md 6.1).
var deskRoles = []string{"SVC", "EXT", "LOK", "TAN", "FED", "KUF"}

// sees: roles are bound to a case, by its id or its number, or to a municipality. An empty name binds
// nobody.
func sees(u *web.User, bound ...string) bool {
	return slices.ContainsFunc(bound, func(name string) bool { return name != "" && u.HasIn(name, deskRoles...) })
}

type listPage struct {
	web.Page
	Surveys []listRow
}

// listRow is one survey of the list. While it runs there is no number of answers anywhere: who watches a
// counter could see who has just answered.
type listRow struct {
	Path, Name, Title, State string
	Mode                     string
	From, To                 string
	Invited                  string
}

func (x *Service) showList(w http.ResponseWriter, r *http.Request) error {
	rows, err := x.rows(r.Context())
	if err != nil {
		return err
	}
	p := listPage{Page: x.Site.Page(r, "survey.list.title")}
	p.Wide()
	for _, s := range rows {
		if !sees(p.User, s.Case, s.CaseNo, s.Key) {
			continue
		}
		p.Surveys = append(p.Surveys, x.listRow(p.Page, s))
	}
	return x.pages.Render(w, r, http.StatusOK, "list", p)
}

func (x *Service) listRow(p web.Page, s row) listRow {
	return listRow{
		Path: p.Path("/befragungen/" + s.ID), Name: s.Name, Title: title(x.Instruments, p, s.Form),
		State: p.T("survey.state." + string(s.State)), Mode: p.T("survey.mode." + string(s.Mode)),
		From: short(p, s.From), To: short(p, s.To), Invited: invited(p, s.Mode, s.Invited),
	}
}

func short(p web.Page, iso string) string {
	d, err := lang.ParseDate(iso)
	if err != nil {
		return iso
	}
	return p.Short(d)
}

func invited(p web.Page, m Mode, n int) string {
	if m == Open {
		return p.T("survey.invited.open")
	}
	return lang.Number(p.Lang, float64(n), 0)
}

type surveyPage struct {
	web.Page
	Row      listRow
	Expected int
	Shared   string // the link of an open survey
	Case     string
	Waiting  bool   // for its end
	Result   string // path of its evaluation, once there is one
	Reason   string // why it was cancelled
	Change   *changeForms
}

// changeForms are what the service office can do to a survey that is not over.
type changeForms struct {
	Extend, Cancel             form.View
	ExtendAction, CancelAction string
}

func (x *Service) showSurvey(w http.ResponseWriter, r *http.Request) error {
	s, err := x.deskSurvey(r)
	if err != nil {
		return err
	}
	return x.renderSurvey(w, r, s, http.StatusOK, change{})
}

// deskSurvey reads the survey of the address for somebody who may see it.
func (x *Service) deskSurvey(r *http.Request) (Survey, error) {
	s, err := x.survey(r.Context(), r.PathValue("survey"))
	if err != nil {
		return s, mapMissing(err)
	}
	if !sees(web.UserFrom(r.Context()), s.Case, s.CaseNo, s.Municipality.Key) {
		return s, web.ErrNotFound
	}
	return s, nil
}

// change is what was sent to one of the forms of the page.
type change struct {
	name     string // "extend", "cancel"
	answers  form.Answers
	problems form.Problems
}

func (x *Service) renderSurvey(w http.ResponseWriter, r *http.Request, s Survey, status int, c change) error {
	p := surveyPage{Page: x.Site.Page(r, "survey.one.title", s.Municipality.Name), Expected: s.Expected, Reason: s.Reason}
	p.Row = x.listRow(p.Page, row{
		ID: s.ID, Name: s.Municipality.Name, Form: s.Form, Mode: s.Mode, State: s.State,
		From: s.From.String(), To: s.To.String(), Invited: s.Invited,
	})
	p.Case = p.Path("/vorgaenge/" + s.Case)
	p.Waiting = !s.State.Over()
	if s.Mode == Open && p.Waiting {
		p.Shared = x.Links.LinkURL(s.Lang, "/b/o/", sharedLink(s.ID))
	}
	if s.State == StateClosed || s.State == StateEvaluated {
		p.Result = p.Path("/auswertung/" + s.ID)
	}
	if p.User.Has("SVC") && p.Waiting {
		forms, err := x.changeForms(r.Context(), p.Page, s, c)
		if err != nil {
			return err
		}
		p.Change = forms
	}
	p.Page.Fault(len(c.problems) > 0)
	return x.pages.Render(w, r, status, "survey", p)
}

func (x *Service) changeForms(ctx context.Context, p web.Page, s Survey, c change) (*changeForms, error) {
	extend, err := x.extend()
	if err != nil {
		return nil, err
	}
	cancel, err := x.cancel()
	if err != nil {
		return nil, err
	}
	out := &changeForms{
		ExtendAction: p.Path("/befragungen/" + s.ID + "/verlaengern"),
		CancelAction: p.Path("/befragungen/" + s.ID + "/abbrechen"),
	}
	out.Extend = extend.View(c.of("extend").answers, "", c.of("extend").problems, x.env(ctx))
	out.Cancel = cancel.View(c.of("cancel").answers, "", c.of("cancel").problems, x.env(ctx))
	return out, nil
}

// of gives what was sent to this form: nothing when it was the other one.
func (c change) of(name string) change {
	if c.name != name {
		return change{answers: form.Answers{}}
	}
	return c
}

// receiveExtension moves the last day of a survey. Answers that are in stay in.
func (x *Service) receiveExtension(w http.ResponseWriter, r *http.Request) error {
	return x.receiveChange(w, r, "extend", x.extend, func(s *Survey, a form.Answers) form.Problems {
		to, err := lang.ParseDate(a.Text("window_to"))
		if err != nil || !to.After(s.To) || to.Before(lang.DateOf(x.Now())) || s.From.DaysUntil(to) > maxDays {
			return form.Problems{extensionProblem(s)}
		}
		s.To = to
		if s.State == StateRunning && len(s.Pending) == 0 && s.Reminding == 0 {
			s.due = s.dueAt(s.next())
		}
		return nil
	})
}

func extensionProblem(s *Survey) form.Problem {
	latest := s.From.AddDays(maxDays)
	return form.Problem{
		Field: "window_to", Level: form.Error,
		Label: lang.Text{DE: "Neuer letzter Tag", EN: "New last day"},
		Message: lang.Text{
			DE: "Bitte nennen Sie einen Tag nach dem " + lang.Short(lang.DE, s.To) + ", spätestens den " + lang.Short(lang.DE, latest) + ".",
			EN: "Please give a day after " + lang.Short(lang.EN, s.To) + ", at the latest " + lang.Short(lang.EN, latest) + ".",
		},
	}
}

// receiveCancellation ends a survey without a result.
func (x *Service) receiveCancellation(w http.ResponseWriter, r *http.Request) error {
	return x.receiveChange(w, r, "cancel", x.cancel, func(s *Survey, a form.Answers) form.Problems {
		now := x.Now()
		s.Invited -= len(s.Pending)
		s.State, s.Ended, s.Reason = StateCancelled, now.UTC(), a.Text("reason")
		s.Pending, s.Reminding, s.After = nil, 0, ""
		s.due = s.dueAt(now)
		return nil
	})
}

// receiveChange reads one of the forms, applies it to the survey as it is now, and stores that. What
// follows from it, Due does.
func (x *Service) receiveChange(w http.ResponseWriter, r *http.Request, name string,
	compiled func() (*form.Form, error), apply func(*Survey, form.Answers) form.Problems,
) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f, err := compiled()
	if err != nil {
		return err
	}
	env := x.env(r.Context())
	c := change{name: name, answers: f.Read(r.PostForm, "", form.Answers{})}
	c.problems = f.Check(c.answers, "", env)
	s, err := x.deskSurvey(r)
	if err != nil {
		return err
	}
	if s.State.Over() {
		return web.Redirect(w, r, "/befragungen/"+s.ID)
	}
	if !c.problems.Errors() {
		c.problems = append(c.problems, apply(&s, f.Clean(c.answers, env))...)
	}
	if c.problems.Errors() {
		return x.renderSurvey(w, r, s, http.StatusUnprocessableEntity, c)
	}
	err = x.Table.Write(r.Context(), s.update())
	if errors.Is(err, table.ErrConflict) { // it moved on in the meantime: look at it again
		return web.Redirect(w, r, "/befragungen/"+s.ID)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/befragungen/"+s.ID)
}

package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// foresight is how many days are looked ahead, and foreseen how many entries of
// the due index are followed.
const (
	foresight = 14
	foreseen  = 200
)

// coming is a line of what will be sent.
type coming struct {
	Path, Title, No, Municipality string
	What, To                      string
	Time                          string

	at time.Time
}

type comingDay struct {
	Day  string
	Rows []coming
}

type forecastPage struct {
	web.Page
	Days  []comingDay
	Until string // when not all days could be looked at
}

// showForecast shows what timers will send in the cases that the person sees.
func (x *Service) showForecast(w http.ResponseWriter, r *http.Request) error {
	p := forecastPage{Page: x.Site.Page(r, "workflow.forecast.title")}
	l := &workload{desks: map[string]*desk{}}
	look, err := x.look(r.Context(), p.User, l)
	if err != nil {
		return err
	}
	asked := look.Until
	due, until, err := x.Coming(r.Context(), look)
	if err != nil {
		return err
	}
	if until.Before(asked) {
		p.Until = p.DateTime(until)
	}
	var rows []coming
	for _, c := range due {
		more, err := x.foresee(r.Context(), p.Page, l, c, until)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	p.Days = byDay(p.Page, rows)
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "forecast", p)
}

// look is what somebody sees of what falls due: all, or what is of their cases.
func (x *Service) look(ctx context.Context, u *web.User, l *workload) (cases.Look, error) {
	look := cases.Look{
		Until: x.today().AddDays(foresight).At(23, 59), Limit: foreseen,
		Case: func(string) bool { return true }, Hash: func(string) bool { return true },
	}
	if u.HasIn("", "SVC") {
		return look, nil
	}
	mine, err := x.mine(ctx, u)
	if err != nil {
		return look, err
	}
	hashes := map[string]bool{x.Links.Hash(x.Office): true}
	for _, d := range mine {
		if !d.overview() {
			continue
		}
		l.desks[d.ID] = d
		if err := x.Want(ctx, d.Record, d.Head.Pending()...); err != nil {
			return look, err
		}
		for _, list := range d.People {
			for _, h := range list {
				hashes[x.Links.Hash(h.Email)] = true
			}
		}
		for _, st := range d.Steps {
			for _, a := range cases.Recipients(st) {
				hashes[x.Links.Hash(a.Email)] = true
			}
		}
	}
	look.Case = func(id string) bool { return l.desks[id] != nil }
	look.Hash = func(hash string) bool { return hashes[hash] }
	return look, nil
}

// foresee are the lines of one entry of the due index: the mail that waits, or
// all that the timers will do with the step until then.
func (x *Service) foresee(ctx context.Context, p web.Page, l *workload, c cases.Coming, until time.Time) ([]coming, error) {
	d, err := x.deskOf(ctx, p.User, l, c.ID)
	if err != nil {
		return nil, err
	}
	if err := x.Want(ctx, d.Record, c.Ref); err != nil {
		return nil, err
	}
	st, ok := d.Steps[c.Ref]
	if !ok || !d.Head.Status.Running() {
		return nil, nil
	}
	if c.Mail == nil {
		return x.ahead(p, d, st, until), nil
	}
	if st.State != process.Open {
		return nil, nil // the outbox drops it
	}
	row := x.comingRow(p, d, st, d.Head.Calendar().MailTime(later(c.At, x.Now())))
	row.What, row.To = p.T("workflow.forecast.waiting"), nameTo(p, d, st, *c.Mail)
	return []coming{row}, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// ahead is what the timers will do with a step.
func (x *Service) ahead(p web.Page, d *desk, st process.Step, until time.Time) []coming {
	t := d.Def.Template(st.Ref.Step)
	if t == nil {
		return nil
	}
	var out []coming
	for _, f := range process.Forecast(t, st, d.State, d.Head.Calendar(), d.Now(x.Now()), until) {
		row := x.comingRow(p, d, st, f.Mail)
		row.What, row.To = p.T("workflow.forecast."+cmp.Or(stageText(d, t, st, f.Stage), "opens")), toWhom(p, d, st, f)
		out = append(out, row)
	}
	return out
}

func (x *Service) comingRow(p web.Page, d *desk, st process.Step, at time.Time) coming {
	row := coming{
		Path: "/vorgaenge/" + d.ID + "/schritte/" + st.Ref.Step, Title: st.Ref.Step, No: d.Head.No,
		Municipality: d.Head.Municipality.Name, Time: at.In(lang.Berlin()).Format("15:04"), at: at,
	}
	if t := d.Def.Template(st.Ref.Step); t != nil {
		row.Title += " " + p.In(t.Title)
	}
	return row
}

// toWhom names who hears of a stage: of reminders who is asked for the step.
func toWhom(p web.Page, d *desk, st process.Step, f process.Foreseen) string {
	var out []string
	for _, role := range f.To {
		named := len(out)
		for _, a := range st.Asked {
			if a.Role == role && f.Stage <= process.Overdue {
				out = append(out, nameOf(p, d, a))
			}
		}
		if len(out) == named {
			out = append(out, p.T("workflow.role."+role))
		}
	}
	return strings.Join(out, ", ")
}

// nameTo is who gets a mail.
func nameTo(p web.Page, d *desk, st process.Step, e mail.Entry) string {
	for _, a := range cases.Recipients(st) {
		if a.Email != e.To {
			continue
		}
		if a.StandsIn() || slices.ContainsFunc(st.Asked, func(o process.Asked) bool { return o.Email == a.Email }) {
			return nameOf(p, d, a)
		}
		return p.T("workflow.asked.deputy", nameOf(p, d, a))
	}
	for _, role := range d.People.RolesOf(e.To, d.today) {
		return p.T("workflow.role." + role)
	}
	return p.T("workflow.role.SVC")
}

// byDay puts lines together that are of the same day.
func byDay(p web.Page, rows []coming) []comingDay {
	slices.SortStableFunc(rows, func(a, b coming) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.No, b.No), strings.Compare(a.Title, b.Title))
	})
	var out []comingDay
	for _, r := range rows {
		day := p.Long(lang.DateOf(r.at))
		if len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, comingDay{Day: day})
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, r)
	}
	return out
}

package legal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Prefix begins the partition keys of this package.
const Prefix = "intake#barriers"

const (
	reportKept = 365 * 24 * time.Hour
	remindDays = 7

	// trap is a field that people do not see and programs fill in.
	trap = "website"
)

// How many reports one subscriber line may send, and all together in a day.
var (
	lineLimit = web.Limit{Name: "barrier-line", Max: 20, Per: time.Hour}
	mailLimit = web.Limit{Name: "barrier-mail", Max: 50, Per: 24 * time.Hour}
)

// report is what somebody could not use.
type report struct {
	Page     string    `json:"page"`
	Problem  string    `json:"problem"`
	Contact  string    `json:"contact,omitempty"`
	At       time.Time `json:"at"`
	Until    lang.Date `json:"until"`
	Answered time.Time `json:"answered,omitzero"`
}

// barriersPage is the statement on accessibility with its report form.
type barriersPage struct {
	textPage
	View     form.View
	Reported bool
}

func (x *Service) showBarriers(w http.ResponseWriter, r *http.Request) error {
	return x.renderBarriers(w, r, http.StatusOK, nil, nil)
}

func (x *Service) renderBarriers(w http.ResponseWriter, r *http.Request, status int, a form.Answers, problems form.Problems) error {
	f, err := x.form()
	if err != nil {
		return err
	}
	p := barriersPage{textPage: x.text(r, "barriers"), Reported: r.URL.Query().Has("gemeldet")}
	p.View = f.View(a, "", problems, x.env(r, x.Now()))
	p.Fault(status != http.StatusOK)
	return x.pages.Render(w, r, status, "barriers", p)
}

func (x *Service) env(r *http.Request, now time.Time) form.Env {
	return form.Env{Today: lang.DateOf(now), Now: now, Lang: lang.From(r.Context())}
}

// report keeps a report and tells the service office that there is one.
func (x *Service) report(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f, err := x.form()
	if err != nil {
		return err
	}
	ctx, now, posted := r.Context(), x.Now(), r.PostForm
	if posted.Get(trap) != "" {
		return web.Redirect(w, r, "/barrierefreiheit?gemeldet=1") // a program; it need not know
	}
	posted.Del(trap)
	answers := f.Read(posted, "", form.Answers{})
	problems := f.Check(answers, "", x.env(r, now))
	if problems.Blocking(answers.Confirmed) {
		return x.renderBarriers(w, r, http.StatusUnprocessableEntity, answers, problems)
	}
	if err := x.limits.Take(ctx, lineLimit, x.Site.ClientAddress(r), now); err != nil {
		return err
	}
	if err := x.keep(ctx, f.Clean(answers, x.env(r, now)), now); err != nil {
		return err
	}
	return web.Redirect(w, r, "/barrierefreiheit?gemeldet=1")
}

func (x *Service) keep(ctx context.Context, a form.Answers, now time.Time) error {
	rep := report{
		Page: a.Text("page"), Problem: a.Text("problem"), Contact: a.Text("contact"),
		At: now, Until: lang.DateOf(now.In(lang.Berlin()).AddDate(0, 1, 0)),
	}
	sk := rep.Until.String() + "-" + rand.Text()
	it, err := rep.item(sk)
	if err != nil {
		return err
	}
	it.Due = table.DueAt(sk, rep.Until.AddDays(-remindDays).At(8, 0), "barrier")
	ops := []table.Op{table.Put(it, table.Absent())}
	// Past the day's number of mails a report is kept all the same.
	if err := x.limits.Take(ctx, mailLimit, "", now); err == nil {
		ops = append(ops, x.tell(sk, "new", rep, now))
	} else if _, ok := errors.AsType[*web.TooManyError](err); !ok {
		return err
	}
	if err := x.Table.Write(ctx, ops...); err != nil {
		return fmt.Errorf("keeping a report: %w", err)
	}
	return nil
}

func (rep report) item(sk string) (table.Item, error) {
	body, err := json.Marshal(rep)
	if err != nil {
		return table.Item{}, fmt.Errorf("writing a report: %w", err)
	}
	return table.Item{
		Key: key(sk), Version: 1, Kind: "barrier", Body: body, Expires: rep.At.Add(reportKept),
	}, nil
}

func key(sk string) table.Key { return table.Key{PK: Prefix, SK: sk} }

func (x *Service) tell(sk, what string, rep report, now time.Time) table.Op {
	return x.Outbox.Op(mail.Entry{
		Key: Prefix + "#" + sk + "#" + what, Template: "m_barrier", To: x.Office, Lang: lang.DE, Class: mail.Asked,
		LinkPath: "/barrierefreiheit/meldungen", Params: map[string]string{"date": rep.Until.String()},
	}, now)
}

// Due reminds the service office of a report that is not answered yet.
func (x *Service) Due(ctx context.Context, k table.Key, now time.Time) error {
	it, rep, err := x.load(ctx, k)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	due := it.Due
	it.Due, it.Version = table.Place{}, it.Version+1
	ops := []table.Op{table.Put(it, table.AtVersion(it.Version-1), table.DueIs(due))}
	if rep.Answered.IsZero() {
		ops = append(ops, x.tell(it.SK, "reminder", rep, now))
	}
	if err := x.Table.Write(ctx, ops...); err != nil && !errors.Is(err, table.ErrConflict) {
		return fmt.Errorf("reminding of a report: %w", err)
	}
	return nil
}

func (x *Service) load(ctx context.Context, k table.Key) (table.Item, report, error) {
	it, err := x.Table.Get(ctx, k)
	if err != nil {
		return it, report{}, fmt.Errorf("loading a report: %w", err)
	}
	var rep report
	if err := json.Unmarshal(it.Body, &rep); err != nil {
		return it, rep, fmt.Errorf("reading a report: %w", err)
	}
	return it, rep, nil
}

// reportsPage lists the reports for the service office, the most urgent first.
type reportsPage struct {
	web.Page
	Open, Done []reportRow
}

type reportRow struct {
	report
	Action string
	Late   bool
}

func (x *Service) showReports(w http.ResponseWriter, r *http.Request) error {
	p := reportsPage{Page: x.Site.Page(r, "intake.legal.reports.title")}
	for it, err := range table.All(r.Context(), x.Table, table.Query{PK: Prefix}) {
		if err != nil {
			return fmt.Errorf("listing reports: %w", err)
		}
		var rep report
		if err := json.Unmarshal(it.Body, &rep); err != nil {
			return fmt.Errorf("reading a report: %w", err)
		}
		row := reportRow{rep, p.Path("/barrierefreiheit/meldungen/" + it.SK), rep.Until.Before(lang.DateOf(x.Now()))}
		if rep.Answered.IsZero() {
			p.Open = append(p.Open, row)
		} else {
			p.Done = append(p.Done, row)
		}
	}
	return x.pages.Render(w, r, http.StatusOK, "reports", p)
}

// idPattern is what keep makes: the deadline and a random text.
var idPattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}-[A-Z2-7]{26}$`)

// answered notes that a report was answered.
func (x *Service) answered(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !idPattern.MatchString(id) {
		return web.ErrNotFound
	}
	it, rep, err := x.load(r.Context(), key(id))
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	if rep.Answered.IsZero() {
		rep.Answered = x.Now()
		done, err := rep.item(it.SK)
		if err != nil {
			return err
		}
		done.Version = it.Version + 1
		if err := x.Table.Write(r.Context(), table.Put(done, table.AtVersion(it.Version))); err != nil && !errors.Is(err, table.ErrConflict) {
			return fmt.Errorf("noting an answer: %w", err)
		}
	}
	return web.Redirect(w, r, "/barrierefreiheit/meldungen")
}

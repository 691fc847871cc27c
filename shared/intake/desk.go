package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Ask gives the operations that hand an expression of interest back to the
// municipality with questions of the service office, and mail it the link. They
// belong into the transaction of the step that asks.
func (x *Service) Ask(ctx context.Context, intakeID, caseNo, questions string, now time.Time) ([]table.Op, error) {
	e, err := x.drafts.Load(ctx, intakeID)
	if err != nil {
		return nil, err
	}
	if e.Temporary() {
		return nil, fmt.Errorf("asking back: the expression of interest is in state %s", e.State)
	}
	e.State, e.CaseNo, e.Address = draft.StateQuery, caseNo, e.Confirmed
	e.Questions = append(e.Questions, draft.Question{At: now, Text: questions})
	put, err := e.Put()
	if err != nil {
		return nil, err
	}
	ops, err := x.codes.Mail(ctx, &e, draft.Letter{Template: "m_query", Kind: draft.KindResume, To: e.Address, Fresh: true, Always: true}, now)
	return append([]table.Op{put}, ops...), err
}

// Answers are what was confirmed last, in canonical form.
func (x *Service) Answers(ctx context.Context, id string) (form.Answers, error) {
	s, err := x.latest(ctx, id)
	return s.Answers, err
}

// Summary are the confirmed answers in words, for pages of the desk.
func (x *Service) Summary(ctx context.Context, intakeID string, l lang.Lang) ([]form.SummaryGroup, error) {
	s, err := x.latest(ctx, intakeID)
	if err != nil {
		return nil, err
	}
	return x.summary(lang.With(ctx, l), s)
}

func (x *Service) latest(ctx context.Context, id string) (draft.Sending, error) {
	e, err := x.drafts.Load(ctx, id)
	if err != nil {
		return draft.Sending{}, err
	}
	return x.drafts.Sent(ctx, id, e.Valid)
}

func (x *Service) summary(ctx context.Context, s draft.Sending) ([]form.SummaryGroup, error) {
	f, err := x.forms.Form(ctx, s.Form)
	if err != nil {
		return nil, err
	}
	return f.Summary(s.Answers, x.env(ctx, s.At)), nil
}

// deskPage is an expression of interest as the service office sees it, also
// before it is confirmed: in danger nobody waits for a code.
type deskPage struct {
	web.Page
	Place     string
	Contact   string
	Function  string
	Email     string
	Phone     string
	CaseNo    string
	Confirmed bool
	Acute     bool
	At        time.Time
	Groups    []form.SummaryGroup
}

func (x *Service) showDesk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, err := x.drafts.Load(ctx, r.PathValue("id"))
	if errors.Is(err, table.ErrNotFound) || err == nil && e.Sent == 0 {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	s, m, err := x.sent(ctx, e)
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	p := deskPage{
		Page: x.Site.Page(r, "intake.desk.title"), Place: m.Name, CaseNo: e.CaseNo,
		Contact: s.Answers.Text("contact_name"), Function: s.Answers.Text("contact_function"),
		Email: s.Answers.Text("contact_email"), Phone: s.Answers.Text("contact_phone"),
		Confirmed: e.Valid == e.Sent, Acute: draft.Acute(s.Answers), At: s.At,
	}
	if p.Groups, err = x.summary(ctx, s); err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "desk", p)
}

// dangerPage lists what tells of danger and is not confirmed, the newest first:
// beyond a number an hour no mail says so.
type dangerPage struct {
	web.Page
	Rows []dangerRow
}

type dangerRow struct {
	Place, Href string
	At          time.Time
}

// dangerRows are enough for a day; the older ones follow once these are done.
const dangerRows = 100

func (x *Service) showDanger(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ids, err := x.drafts.InDanger(ctx, dangerRows)
	if err != nil {
		return err
	}
	p := dangerPage{Page: x.Site.Page(r, "intake.desk.danger.title")}
	for _, id := range ids {
		e, err := x.drafts.Load(ctx, id)
		if err == nil && e.Danger.IsZero() {
			continue // the index lags behind
		}
		var m municipality.Municipality
		if err == nil {
			_, m, err = x.sent(ctx, e)
		}
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, dangerRow{m.Name, p.Path("/interessenbekundungen/" + id), e.Danger})
	}
	return x.pages.Render(w, r, http.StatusOK, "danger", p)
}

// sent is what was sent last, and by whom.
func (x *Service) sent(ctx context.Context, e draft.Entry) (draft.Sending, municipality.Municipality, error) {
	s, err := x.drafts.Sent(ctx, e.ID, e.Sent)
	if err != nil {
		return s, municipality.Municipality{}, err
	}
	m, err := s.Municipality(ctx, x.Register)
	return s, m, err
}

package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// checkPage shows all answers before they are sent, and afterwards what was sent.
type checkPage struct {
	web.Page
	Base     string
	Groups   []form.SummaryGroup
	Open     []openSection // where something is missing
	Faults   form.Faults   // what is wrong, and what is good to know
	Alert    bool          // what is missing takes the focus: nothing graver does
	Acute    bool
	Sent     bool
	CaseNo   string
	Again    bool // answers to questions of the service office
	TooOften bool
}

// openSection is a section that is not filled in yet.
type openSection struct {
	Label, Href string
	Missing     int
}

func (x *Service) showCheck(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if !v.may {
		return x.redirect(w, r, v, "")
	}
	f, err := x.forms.Form(r.Context(), v.Form)
	if err != nil {
		return err
	}
	problems := f.Check(v.Answers, "", x.env(r.Context(), v.now))
	return x.renderCheck(w, r, http.StatusOK, v, f, problems, false)
}

func (x *Service) renderCheck(w http.ResponseWriter, r *http.Request, status int, v visit, f *form.Form, problems form.Problems, often bool) error {
	env := x.env(r.Context(), v.now)
	p := checkPage{
		Page: x.Site.Page(r, "intake.check.title"), Base: web.Path(r.Context(), v.base()),
		Acute: draft.Acute(v.Answers), Sent: !v.Open(), CaseNo: v.CaseNo, Again: v.CaseNo != "", TooOften: often,
	}
	p.Groups = f.Summary(v.Answers, env)
	for i := range p.Groups {
		if !p.Sent {
			p.Groups[i].Href = p.Base + "/" + p.Groups[i].Page
			p.Groups[i].Change = p.T("intake.check.change")
		}
	}
	p.Fault(status != http.StatusOK)
	if p.Sent {
		p.SetTitle(p.T("intake.check.sent"))
	} else {
		p.Open = openSections(p, f, problems, v.Answers)
		given := slices.DeleteFunc(slices.Clone(problems), func(q form.Problem) bool { return lacks(q, v.Answers) })
		p.Faults = form.NewFaults(given, v.Answers, p.Lang, func(q form.Problem) string {
			return p.Base + "/" + q.Page + "?pruefen=1#" + q.ID()
		})
		p.Alert = status != http.StatusOK && p.Faults.Errors == nil && p.Faults.Warnings == nil
	}
	return x.pages.Render(w, r, status, "check", p)
}

// lacks says that a problem is an answer that is missing, not a wrong one.
func lacks(p form.Problem, a form.Answers) bool {
	return p.Level == form.Error && p.Field != "" && missing(a, p.Field)
}

// openSections are the sections in which answers are missing. Who looks at the
// whole form before it is filled in need not read each of them.
func openSections(page checkPage, f *form.Form, problems form.Problems, a form.Answers) []openSection {
	var out []openSection
	for _, s := range f.Pages() {
		open := openSection{Label: page.In(s.Label), Href: page.Base + "/" + s.Name + "?pruefen=1"}
		for _, p := range named(problems, s.Name) {
			if lacks(p, a) {
				open.Missing++
			}
		}
		if open.Missing > 0 {
			out = append(out, open)
		}
	}
	return out
}

// What keeps an expression of interest from being sent.
var (
	errIncomplete = errors.New("not complete")
	errTooOften   = errors.New("sent too often")
)

// send sends the expression of interest. Sent by many at once it is sent once:
// whoever is beaten sees what the first one stored, and has nothing to do.
func (x *Service) send(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if !v.may {
		return x.redirect(w, r, v, "")
	}
	ctx := r.Context()
	f, err := x.forms.Form(ctx, v.Form)
	if err != nil {
		return err
	}
	var problems form.Problems
	v.Entry, err = x.drafts.Change(ctx, v.ID, func(e *draft.Entry) ([]table.Op, error) {
		if e.State != draft.StateDraft && e.State != draft.StateQuery {
			return nil, draft.ErrNoChange
		}
		problems = f.Check(e.Answers, "", x.env(ctx, v.now))
		if problems.Blocking(e.Answers.Confirmed) {
			return nil, errIncomplete
		}
		return x.sending(ctx, e, f, v.now)
	})
	switch {
	case errors.Is(err, errIncomplete):
		return x.renderCheck(w, r, http.StatusUnprocessableEntity, v, f, problems, false)
	case errors.Is(err, errTooOften), errors.Is(err, draft.ErrTooMany):
		return x.renderCheck(w, r, http.StatusTooManyRequests, v, f, problems, true)
	case err != nil:
		return err
	}
	return x.redirect(w, r, v, "/bestaetigen")
}

// sending is the change that sends an entry: what was sent, the mail with the
// code or, for an answer from an address that is confirmed already, all that
// confirming does; and the call to the service office when people are in danger.
func (x *Service) sending(ctx context.Context, e *draft.Entry, f *form.Form, now time.Time) ([]table.Op, error) {
	if e.Sent >= maxSendings {
		return nil, errTooOften
	}
	e.Sent++
	s := draft.Sending{Form: e.Form, Answers: f.Clean(e.Answers, x.env(ctx, now)), At: now, Notice: noticeVersion}
	m, err := draft.Municipality(ctx, x.Register, s.Answers)
	if err != nil {
		return nil, err
	}
	s.Place, e.Address = m, e.Contact()
	if e.State == draft.StateQuery && e.Address == e.Confirmed {
		return x.confirming(ctx, e, s, now)
	}
	return x.submitting(ctx, e, s, now)
}

// submitting stores what was sent and mails the code that confirms it. Danger is
// told the service office even when the address has had its mails of the day.
func (x *Service) submitting(ctx context.Context, e *draft.Entry, s draft.Sending, now time.Time) ([]table.Op, error) {
	e.State, e.Danger = draft.StateSubmitted, time.Time{}
	e.Changed, e.Counted, e.Reminded = now, now, false
	until := now.Add(draft.DeleteAfter)
	if e.CaseNo != "" {
		until = time.Time{}
	}
	put, err := s.Put(e.ID, e.Sent, until)
	if err != nil {
		return nil, err
	}
	danger := draft.Acute(s.Answers)
	mailed, err := x.codes.Mail(ctx, e, draft.Letter{
		Template: "m_confirm", Kind: draft.KindConfirm, To: e.Address, Page: "/bestaetigen", Fresh: true,
	}, now)
	if danger && errors.Is(err, draft.ErrTooMany) {
		mailed, err = x.codes.Void(ctx, e, draft.KindConfirm)
	}
	if err != nil || !danger {
		return append(mailed, put), err
	}
	calls, err := x.call(ctx, e, now)
	return slices.Concat(mailed, calls, []table.Op{put}), err
}

// callQuota is how often the service office is mailed because of what nobody
// has confirmed: anybody can send that. The rest stands on its list.
var callQuota = draft.Quota{Name: "call", Max: 10, Per: time.Hour}

// call asks the service office to call about an entry that nobody has confirmed.
func (x *Service) call(ctx context.Context, e *draft.Entry, now time.Time) ([]table.Op, error) {
	e.Danger = now
	counted, err := callQuota.Take(ctx, x.Table, "", now)
	if errors.Is(err, draft.ErrTooMany) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e.Called = e.Sent
	return []table.Op{counted, x.alert(e, now)}, nil
}

// alert asks the service office to call, and says nothing else: the page behind
// its link, which needs a sign-in, says whom.
func (x *Service) alert(e *draft.Entry, now time.Time) table.Op {
	return x.Outbox.Op(mail.Entry{
		Key:      fmt.Sprintf("%s%s#m_safety#%d#%s", draft.Prefix, e.ID, e.Sent, e.State),
		Template: "m_safety", To: x.Office, Lang: lang.DE, Class: mail.Safety,
		LinkPath: "/interessenbekundungen/" + e.ID,
	}, now)
}

// confirming ends the way of an entry: it opens the case or, after a question,
// goes on with it, and mails the receipt.
func (x *Service) confirming(ctx context.Context, e *draft.Entry, s draft.Sending, now time.Time) ([]table.Op, error) {
	m, err := s.Municipality(ctx, x.Register)
	if err != nil {
		return nil, err
	}
	ops, err := x.follows(ctx, e, Confirmed{
		Intake: e.ID, Answers: s.Answers, Form: s.Form, Lang: draft.Language(s.Answers, e.Lang), Municipality: m, Now: now,
	})
	if err != nil {
		return nil, err
	}
	e.State, e.Valid, e.Confirmed, e.Done = draft.StateConfirmed, e.Sent, e.Address, now
	e.Danger = time.Time{}
	if draft.Acute(s.Answers) && e.Called < e.Sent {
		e.Called = e.Sent
		ops = append(ops, x.alert(e, now))
	}
	put, err := s.Put(e.ID, e.Sent, time.Time{})
	if err != nil {
		return nil, err
	}
	records, err := consents(e.ID, s)
	if err != nil {
		return nil, err
	}
	answer := calendar(m).AddWorkingDays(lang.DateOf(now), reviewDays)
	receipt := x.Outbox.Op(mail.Entry{
		Key:      fmt.Sprintf("%s%s#m_received#%d", draft.Prefix, e.ID, e.Sent),
		Template: "m_received", To: e.Address, Lang: draft.Language(s.Answers, e.Lang), Land: m.Land, Class: mail.Asked,
		CaseNo: e.CaseNo, Params: map[string]string{"date": answer.String()},
	}, now)
	return slices.Concat(ops, records, []table.Op{put, receipt}), nil
}

// follows are the operations on the case.
func (x *Service) follows(ctx context.Context, e *draft.Entry, c Confirmed) ([]table.Op, error) {
	if e.CaseNo != "" {
		ops, err := x.Answered(ctx, e.ID, e.CaseNo, c.Now)
		if err != nil {
			return nil, fmt.Errorf("telling the case that questions are answered: %w", err)
		}
		return ops, nil
	}
	ops, caseNo, err := x.OpenCase(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("opening a case: %w", err)
	}
	e.CaseNo = caseNo
	return ops, nil
}

// consents are the proofs of what was read and agreed to.
func consents(id string, s draft.Sending) ([]table.Op, error) {
	records := map[string]string{"notice_ack": s.Notice}
	for _, name := range []string{"consent_news", "consent_story"} {
		if s.Answers.Text(name) != "" {
			records[name] = s.Form + "#" + name
		}
	}
	var ops []table.Op
	for _, name := range []string{"notice_ack", "consent_news", "consent_story"} {
		text, given := records[name]
		if !given {
			continue
		}
		put, err := draft.Record{Text: text, Given: s.At}.Put(id, name)
		if err != nil {
			return nil, err
		}
		ops = append(ops, put)
	}
	return ops, nil
}

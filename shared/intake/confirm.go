package intake

import (
	"errors"
	"net/http"

	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// thanksPage is the end of the way.
type thanksPage struct {
	web.Page
	Base   string
	CaseNo string
	Answer lang.Date
	Acute  bool
	May    bool // this browser may print the answers
}

// showConfirm is the page behind the link of the mail that asks to confirm. It
// shows nothing that was filled in. Once confirmed, it thanks the browser that
// filled it in; for others the link is used.
func (x *Service) showConfirm(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	switch {
	case v.State == draft.StateDraft || v.State == draft.StateQuery:
		return x.redirect(w, r, v, "")
	case v.State == draft.StateSubmitted:
		return x.renderCode(w, r, http.StatusOK, v, "")
	case !v.may:
		return web.ErrUnknownLink
	}
	return x.thank(w, r, v)
}

// thank shows the receipt.
func (x *Service) thank(w http.ResponseWriter, r *http.Request, v visit) error {
	s, err := x.drafts.Sent(r.Context(), v.ID, v.Valid)
	if err != nil {
		return err
	}
	m, err := s.Municipality(r.Context(), x.Register)
	if err != nil {
		return err
	}
	p := thanksPage{
		Page: x.Site.Page(r, "intake.thanks.title"), Base: web.Path(r.Context(), v.base()), CaseNo: v.CaseNo,
		Answer: calendar(m).AddWorkingDays(lang.DateOf(v.Done), reviewDays),
		Acute:  draft.Acute(s.Answers), May: v.may,
	}
	return x.pages.Render(w, r, http.StatusOK, "thanks", p)
}

// confirm takes the code that confirms the address. The same code posted again,
// even fifty times at once, opens one case and gets the same answer.
func (x *Service) confirm(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if v.State == draft.StateDraft || v.State == draft.StateQuery {
		return x.redirect(w, r, v, "")
	}
	ctx := r.Context()
	got, left, err := x.codes.Try(ctx, v.ID, draft.KindConfirm, r.PostForm.Get("code"), v.now)
	switch {
	case err != nil:
		return err
	case got != draft.Right && v.State == draft.StateConfirmed:
		return web.ErrUnknownLink // used
	case got != draft.Right:
		return x.renderCode(w, r, http.StatusUnprocessableEntity, v, x.codeProblem(r, got, left))
	}
	v.Entry, err = x.drafts.Change(ctx, v.ID, func(e *draft.Entry) ([]table.Op, error) {
		if e.State != draft.StateSubmitted {
			return nil, draft.ErrNoChange
		}
		s, err := x.drafts.Sent(ctx, e.ID, e.Sent)
		if err != nil {
			return nil, err
		}
		return x.confirming(ctx, e, s, v.now)
	})
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrUnknownLink
	}
	if err != nil {
		return err
	}
	if v.State != draft.StateConfirmed { // edited again in the meantime
		return x.redirect(w, r, v, "")
	}
	return x.thank(w, r, v)
}

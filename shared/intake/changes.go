package intake

import (
	"context"
	"errors"
	"strings"
	"time"

	"kokoma/shared/intake/draft"
	"kokoma/shared/intake/legal"
	"kokoma/shared/table"
)

// Due does what has to be done for an item that stands in index Due: a draft is
// deleted after 60 days without change, its owner is told on day 45 (R9). An
// item that changed since is put off.
func (x *Service) Due(ctx context.Context, key table.Key, now time.Time) error {
	if strings.HasPrefix(key.PK, legal.Prefix) {
		return x.legal.Due(ctx, key, now)
	}
	id, ok := draft.IDOf(key)
	if !ok {
		return nil
	}
	gone := false
	_, err := x.drafts.Change(ctx, id, func(e *draft.Entry) ([]table.Op, error) {
		gone = false
		idle := now.Sub(e.Changed)
		switch {
		case !e.Temporary():
			return nil, draft.ErrNoChange
		case idle >= draft.DeleteAfter:
			gone = true
			return nil, draft.ErrNoChange
		}
		e.Counted = e.Changed
		if idle < draft.RemindAfter || e.Reminded {
			return nil, nil
		}
		e.Reminded = true
		return x.remind(ctx, e, now)
	})
	if gone || errors.Is(err, table.ErrNotFound) {
		return x.drafts.Remove(ctx, id)
	}
	return err
}

// remind mails that the draft will be deleted, at a time when mail is welcome.
func (x *Service) remind(ctx context.Context, e *draft.Entry, now time.Time) ([]table.Op, error) {
	if e.Address == "" {
		return nil, nil
	}
	m, err := draft.Municipality(ctx, x.Register, e.Answers)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, err
	}
	l := draft.Letter{Template: "m_draft_45", Kind: draft.KindResume, To: e.Address, NotBefore: calendar(m).MailTime(now)}
	if e.State == draft.StateSubmitted {
		l.Template, l.Kind, l.Page, l.Fresh = "m_confirm", draft.KindConfirm, "/bestaetigen", true
	}
	ops, err := x.codes.Mail(ctx, e, l, now)
	if errors.Is(err, draft.ErrTooMany) {
		return nil, nil // it was mailed the link five times today
	}
	return ops, err
}

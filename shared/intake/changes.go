package intake

import (
	"context"
	"errors"
	"strings"
	"time"

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
	id, ok := idOf(key)
	if !ok {
		return nil
	}
	gone := false
	_, err := x.change(ctx, id, func(e *entry) ([]table.Op, error) {
		gone = false
		idle := now.Sub(e.Changed)
		switch {
		case !e.temporary():
			return nil, errNoChange
		case idle >= deleteAfter:
			gone = true
			return nil, errNoChange
		}
		e.Counted = e.Changed
		if idle < remindAfter || e.Reminded {
			return nil, nil
		}
		e.Reminded = true
		return x.remind(ctx, e, now)
	})
	if gone || errors.Is(err, table.ErrNotFound) {
		return x.remove(ctx, id)
	}
	return err
}

// remind mails that the draft will be deleted, at a time when mail is welcome.
func (x *Service) remind(ctx context.Context, e *entry, now time.Time) ([]table.Op, error) {
	if e.Address == "" {
		return nil, nil
	}
	m, err := x.municipality(ctx, e.Answers)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, err
	}
	l := letter{template: "m_draft_45", kind: codeResume, to: e.Address, notAt: calendar(m).MailTime(now)}
	if e.State == stateSubmitted {
		l.template, l.kind, l.page, l.fresh = "m_confirm", codeConfirm, "/bestaetigen", true
	}
	ops, err := x.mailCode(ctx, e, l, now)
	if errors.Is(err, errTooManyCodes) {
		return nil, nil // it was mailed the link five times today
	}
	return ops, err
}

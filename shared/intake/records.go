package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"kokoma/shared/form/export"
	"kokoma/shared/intake/draft"
	"kokoma/shared/table"
)

// Records are the answers to one form among the expressions of interest with
// the given ids, in their order: of each the sending that was confirmed last.
// The ids come from the cases (workflow.Intakes), which have an index; what no
// case began with was never confirmed. One that was asked back counts with what
// it had confirmed before.
func (x *Service) Records(ctx context.Context, formID string, ids iter.Seq2[string, error]) iter.Seq2[export.Record, error] {
	return func(yield func(export.Record, error) bool) {
		for id, err := range ids {
			r, ok := export.Record{}, false
			if err == nil {
				r, ok, err = x.record(ctx, formID, id)
			}
			if err != nil {
				yield(export.Record{}, fmt.Errorf("reading expressions of interest: %w", err))
				return
			}
			if ok && !yield(r, nil) {
				return
			}
		}
	}
}

// record is what an expression of interest had confirmed last; false for one
// that has not, is gone, or answered another form.
func (x *Service) record(ctx context.Context, formID, id string) (export.Record, bool, error) {
	e, err := x.drafts.Load(ctx, id)
	if errors.Is(err, table.ErrNotFound) || err == nil && e.Valid == 0 {
		return export.Record{}, false, nil
	}
	if err != nil {
		return export.Record{}, false, err
	}
	s, err := x.drafts.Sent(ctx, id, e.Valid)
	if errors.Is(err, table.ErrNotFound) {
		return export.Record{}, false, nil
	}
	if err != nil {
		return export.Record{}, false, err
	}
	f, err := x.forms.Form(ctx, s.Form)
	if err != nil || f.ID != formID {
		return export.Record{}, false, err
	}
	return export.Record{
		Case: e.CaseNo, Key: fmt.Sprint(e.Valid), Form: s.Form, At: s.At, Lang: draft.Language(s.Answers, e.Lang), Answers: s.Answers,
	}, true, nil
}

package evaluation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kokoma/shared/survey"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/table"
)

// Closed lists a survey that has closed and has its share wait to be taken into the values over all. It
// may be called again with the same survey, and has to be when the process died. What it costs does not
// grow with the surveys that closed before.
func (x *Service) Closed(ctx context.Context, surveyID string, now time.Time) error {
	snap, err := survey.LoadSnapshot(ctx, x.Table, surveyID)
	if err != nil {
		return fmt.Errorf("taking survey %s into the evaluation: %w", surveyID, err)
	}
	_, err = x.Table.Get(ctx, listKey(everybody, snap))
	if err == nil {
		return nil
	}
	if !errors.Is(err, table.ErrNotFound) {
		return err
	}
	if err := x.Table.Write(ctx, enter(snap, now)...); err != nil {
		return fmt.Errorf("taking survey %s into the evaluation: %w", surveyID, err)
	}
	return nil
}

// maxTries is how often a change is made anew when another one was quicker.
const maxTries = 10

// batch is how many surveys one transaction takes in: two operations each and the wave, below the table's
// 100.
const batch = 45

// Due takes in the surveys that wait, or makes the values of a wave anew. All surveys that closed by then
// come in at once, so a wave is read once for all that close in a minute.
func (x *Service) Due(ctx context.Context, k table.Key, now time.Time) error {
	do, form := x.renew, strings.TrimPrefix(k.SK, waveKey("").SK)
	if in, ok := strings.CutPrefix(k.PK, sharesPK("")); ok {
		do, form = x.takeIn, in
	}
	for range maxTries {
		if err := do(ctx, form, now); !errors.Is(err, table.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("evaluating %s: %w", form, table.ErrConflict)
}

// takeIn numbers the shares that wait. If the process dies between two batches the rest is still due.
func (x *Service) takeIn(ctx context.Context, form string, now time.Time) error {
	for {
		page, err := x.Table.Query(ctx, table.Query{PK: sharesPK(form), Prefix: waits, Limit: batch})
		if err != nil {
			return fmt.Errorf("reading what waits for %s: %w", form, err)
		}
		if len(page.Items) == 0 {
			return nil
		}
		w, version, err := x.wave(ctx, form)
		if err != nil {
			return err
		}
		var ops []table.Op
		for _, it := range page.Items {
			w.Taken++
			ops = append(ops, table.Delete(it.Key, table.Exists()), number(form, w.Taken, it.Body))
		}
		if err := x.Table.Write(ctx, append(ops, w.put(version, dueSoon(form, now)))...); err != nil {
			return err
		}
	}
}

// renew makes the values of a wave of all that was taken in. If the process dies before the write the
// wave is still due.
func (x *Service) renew(ctx context.Context, form string, _ time.Time) error {
	w, version, err := x.wave(ctx, form)
	if err != nil || w.Made == w.Taken {
		return err
	}
	all, err := x.shares(ctx, w)
	if err != nil {
		return err
	}
	return x.Table.Write(ctx, w.renewed(disclosure.Standard(), all).put(version, table.Place{}))
}

package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// openingHour is when a planned step opens on its day.
const openingHour = process.OpeningHour

// ripe is when a planned step is to be opened.
func ripe(st process.Step) (time.Time, bool) {
	if st.State != process.Planned || st.Pause {
		return time.Time{}, false
	}
	return st.Opens.At(openingHour, 0), true
}

// ripen opens a planned step whose day has come, by a command like any other,
// so that the history tells it. A step that was opened, moved or taken back
// meanwhile, or whose case is paused or has ended, is left as it is: the row that
// did it moved the moment, too. A case that is put off moves nothing, so it is
// asked again the next day.
func (x *Service) ripen(ctx context.Context, id string, st process.Step, now time.Time) error {
	at, ok := ripe(st)
	if !ok || at.After(now) {
		return nil
	}
	_, err := x.Do(ctx, id, command.Open{Meta: command.Meta{By: process.Actor{Role: process.ByClock}}, Ref: st.Ref}, now)
	if errors.Is(err, command.ErrResting) {
		return x.tomorrow(ctx, id, st, now)
	}
	for _, passed := range []error{command.ErrNotOpen, command.ErrDate} {
		if errors.Is(err, passed) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("opening a planned step: %w", err)
	}
	return nil
}

// tomorrow looks at a planned step again on the next day.
func (x *Service) tomorrow(ctx context.Context, id string, st process.Step, now time.Time) error {
	c, err := x.Load(ctx, id)
	if err != nil {
		return err
	}
	op, err := c.stepOp(st)
	if err != nil {
		return err
	}
	op.Item.Due = table.DueAt(id, lang.DateOf(now).AddDays(1).At(openingHour, 0), "")
	if err := x.Table.Write(ctx, op); err != nil && !errors.Is(err, table.ErrConflict) {
		return fmt.Errorf("putting a planned step off: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"kokoma/infra/walk"
	"kokoma/shared/lang"
)

// demoDays is how many days before now the fictional cohort begins: about as
// long as its walk takes.
const demoDays = 300

// demoMark is the file that says that the demo is complete: a fill that was
// interrupted is reported instead of being mistaken for a cohort.
const demoMark = "demo.done"

// fillDemo lets the fictional cohort walk through the platform, as people
// would: through its pages and mails, on a clock that runs up to now.
func (p *platform) fillDemo(ctx context.Context) error {
	if _, err := p.data.Root.Stat(demoMark); err == nil {
		return nil
	}
	if len(p.box.newest()) > 0 {
		return fmt.Errorf("%s is not empty, and -demo fills only an empty data folder: delete it, or choose another with -data", p.o.data)
	}
	fmt.Fprintln(os.Stderr, "Filling the data folder with a fictional cohort, this takes a moment ...")
	cohort, err := walk.Fictional()
	if err != nil {
		return err
	}
	if err := p.clock.Turn(lang.DateOf(time.Now()).AddDays(-demoDays).At(9, 0)); err != nil {
		return err
	}
	world := &walk.World{Base: p.base, Transport: walk.Direct(p.handler()), Now: p.clock.Now}
	tour := &walk.Tour{World: world, Desk: &walk.Desk{World: world, Address: p.o.office}, Cohort: cohort, Silent: 20}
	if err := tour.Run(demoDays); err != nil {
		return fmt.Errorf("filling the demo: %w", err)
	}
	if err := tour.Desk.DraftForm(); err != nil {
		return fmt.Errorf("filling the demo: %w", err)
	}
	if p.clock.Now().Before(time.Now()) {
		if err := p.turnTo(ctx, time.Now()); err != nil {
			return err
		}
	}
	return p.data.Root.WriteFile(demoMark, nil, 0o600)
}

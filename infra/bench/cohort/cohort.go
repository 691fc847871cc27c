// Package cohort lives two years of many municipalities in a few minutes: all
// shipped steps on the embedded table, done by people who are prompt, late, away
// or gone, while a virtual clock goes from one due moment to the next. What must
// hold for each of them is checked on the way and at the end; what it cost is
// printed. go run ./infra/bench -only cohort
//
// Read cohort.go for the clock, people.go for who does what when, answers.go for
// what they enter, post.go for the mails, check.go for what must hold, and
// report.go for the figures.
package cohort

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/app"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/workflow"
)

// Usual is how many municipalities a run has: as many as end within minutes.
const Usual = 50

const (
	years  = 2
	atOnce = 16
)

// Run lives a cohort of n municipalities and prints what it cost. root is the folder of the
// project, cpu says how much processor time this process has used.
func Run(w io.Writer, root string, n int, cpu func() time.Duration) error {
	return live(context.Background(), w, root, n, given.Monday.AddDate(years, 0, 0), cpu)
}

// life is all of it: the platform, its clock, the places and their mail.
type life struct {
	app    *app.App
	cases  *workflow.Service
	table  table.Table
	file   string
	post   *post
	forms  entries
	places []*place
	byCase sync.Map // the place of a case, by its id
	now    atomic.Int64
	meter  table.Meter
	checks atomic.Int64 // of single cases
}

func live(ctx context.Context, w io.Writer, root string, n int, until time.Time, cpu func() time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "kokoma-cohort")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := &life{file: filepath.Join(dir, "table.db")}
	l.now.Store(given.Monday.Unix())
	tb, err := bolt.Open(l.file, bolt.Clock(l.time))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tb.Close()) }()
	if err := l.furnish(ctx, tb, root, n); err != nil {
		return err
	}
	begin, used := time.Now(), cpu()
	if err := l.turn(table.WithMeter(ctx, &l.meter), until); err != nil {
		return err
	}
	cost := cost{days: int(until.Sub(given.Monday).Hours() / 24), wall: time.Since(begin), cpu: cpu() - used}
	if err := l.checkAll(ctx); err != nil {
		return err
	}
	return l.report(ctx, w, cost)
}

// furnish builds the platform and its municipalities.
func (l *life) furnish(ctx context.Context, tb table.Table, root string, n int) (err error) {
	l.post = newPost(l.time)
	l.table = table.Observe(tb, l.seen)
	l.app, err = app.New(app.Deps{
		Table: l.table, Sender: l.post, LinkKeys: given.LinkKeys, LinkKey: 1, Base: given.Base, Office: given.Office, Now: l.time,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})), Local: true,
	})
	if err != nil {
		return err
	}
	l.cases = l.app.Cases()
	if l.forms, err = readEntries(root); err != nil {
		return err
	}
	for no := range n {
		l.places = append(l.places, newPlace(no))
	}
	return l.app.Prepare(ctx)
}

func (l *life) time() time.Time { return time.Unix(l.now.Load(), 0) }

// seen notes which cases have changed, so that their people look, and which mails
// are wanted.
func (l *life) seen(_ context.Context, items []table.Item) {
	for _, it := range items {
		if p, ok := l.byCase.Load(it.PK); ok && it.SK == "head" {
			p.(*place).changed.Store(true)
		}
		if strings.HasPrefix(it.PK, "mail#") && it.SK == "mail" {
			l.post.wanted(it)
		}
	}
}

// turn turns the clock from one due moment to the next. On working days people
// do their steps at half past ten, and what follows from that is done at once.
// Many municipalities take an hour, so each month is told.
func (l *life) turn(ctx context.Context, until time.Time) error {
	var told time.Month
	for now := given.Monday; now.Before(until); {
		if now.Month() != told {
			told = now.Month()
			slog.InfoContext(ctx, "the cohort lives on", "until", lang.DateOf(now), "mails", l.post.handed())
		}
		people := atWork(now)
		due, ok, err := l.app.NextDue(ctx, now)
		if err != nil {
			return err
		}
		now = people
		if ok && due.Before(people) {
			now = due
		}
		l.now.Store(now.Unix())
		if err := l.app.Tick(ctx, now); err != nil {
			return fmt.Errorf("at %s: %w", now, err)
		}
		if !now.Equal(people) {
			continue
		}
		if err := errors.Join(l.allAct(ctx, lang.DateOf(now)), l.app.Tick(ctx, now)); err != nil {
			return fmt.Errorf("on %s: %w", lang.DateOf(now), err)
		}
	}
	return nil
}

// atWork is the next moment at which people do their steps.
func atWork(now time.Time) time.Time {
	d := lang.DateOf(now)
	for !d.At(10, 30).After(now) || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDays(1)
	}
	return d.At(10, 30)
}

// allAct lets the people of all places act, some places at once.
func (l *life) allAct(ctx context.Context, today lang.Date) error {
	return l.each(func(p *place) error {
		if err := l.act(ctx, p, today); err != nil {
			return fmt.Errorf("%s: %w", p.slug, err)
		}
		if p.id != "" && draw(200, p.slug, today.String()) == 0 {
			return l.check(context.WithoutCancel(ctx), p)
		}
		return nil
	})
}

func (l *life) each(do func(*place) error) error {
	var workers sync.WaitGroup
	var next atomic.Int64
	errs := make([]error, atOnce)
	for w := range atOnce {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(l.places)) && errs[w] == nil; i = next.Add(1) - 1 {
				errs[w] = do(l.places[i])
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

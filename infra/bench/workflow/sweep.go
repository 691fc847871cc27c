package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/app"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
)

// sweep measures the tick over many open steps: with nothing due, and with a
// reminder due for each.
func (b *bench) sweep() (err error) {
	ctx := context.Background()
	s, err := openShop(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.open(ctx, b.open); err != nil {
		return fmt.Errorf("opening steps: %w", err)
	}
	box := &dropped{}
	a, err := app.New(app.Deps{
		Table: s.table, Sender: box, LinkKeys: given.LinkKeys, LinkKey: 1, Base: given.Base, Office: given.Office,
		Now: box.time, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})), Local: true,
	})
	if err != nil {
		return err
	}
	idle, err := b.idle(ctx, a)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n### The sweep over %d open steps\n\n"+
		"Goals: under 5 ms with nothing due, 1,500 reminders a second. A reminder is one transaction: the step with its next moment, what the\n"+
		"timer did, the mail in the outbox.\n\n| | took | CPU | a second |\n|---|---|---|---|\n| nothing due, the fastest of %d | %.3f ms | | |\n",
		b.open, idles, float64(idle.Microseconds())/1000)
	return b.busy(ctx, s.table, a, box)
}

// idles is how often the tick with nothing to do is measured.
const idles = 20

func (b *bench) idle(ctx context.Context, a *app.App) (best time.Duration, err error) {
	for i := range idles {
		begin := time.Now()
		if err := a.Tick(ctx, given.Monday.Add(time.Minute)); err != nil {
			return 0, err
		}
		if took := time.Since(begin); i == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// busy does one tick on the day on which all have a reminder. The mails follow
// in the same tick, until it has no time left; the first one says that the
// reminders are written.
func (b *bench) busy(ctx context.Context, tb table.Table, a *app.App, box *dropped) error {
	due := given.Monday.AddDate(0, 0, 24) // five working days before the due dates, which are of 12 May
	box.now.Store(due.Unix())
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	box.first = cancel
	begin, cpu := time.Now(), b.cpu()
	if err := a.Tick(ctx, due); err != nil && ctx.Err() == nil {
		return err
	}
	took, used := time.Since(begin), b.cpu()-cpu
	if left, err := stillDue(context.WithoutCancel(ctx), tb, due); err != nil || left > 0 {
		return fmt.Errorf("%d of %d steps were not reminded (%w)", left, b.open, err)
	}
	fmt.Fprintf(b.out, "| all due: reminders written | %.1f s | %.1f s | %.0f |\n", took.Seconds(), used.Seconds(), float64(b.open)/took.Seconds())
	return nil
}

// stillDue counts the cases in which something is due.
func stillDue(ctx context.Context, tb table.Table, now time.Time) (n int, err error) {
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, tb, table.DueUntil(shard, now)) {
			if err != nil {
				return n, err
			}
			if strings.HasPrefix(it.PK, cases.Prefix) {
				n++
			}
		}
	}
	return n, nil
}

// dropped is a sender that drops mails, and the platform's clock.
type dropped struct {
	now   atomic.Int64
	first func() // called with the first mail
}

func (d *dropped) time() time.Time {
	if at := d.now.Load(); at > 0 {
		return time.Unix(at, 0)
	}
	return given.Monday
}

// Send drops a mail.
func (d *dropped) Send(context.Context, mail.Message) (string, error) {
	d.first()
	return "dropped", nil
}

// open makes so many cases with an open step: one is begun, the others are its
// copies with names and addresses of their own. Their mails have been sent.
func (s *shop) open(ctx context.Context, n int) error {
	id, err := s.begin(ctx, 0)
	if err != nil {
		return err
	}
	var model []table.Item
	for it, err := range table.All(ctx, s.table, table.Query{PK: cases.Prefix + id}) {
		if err != nil {
			return err
		}
		model = append(model, it)
	}
	if err := s.forgetMails(ctx); err != nil {
		return err
	}
	var ops []table.Op
	for i := 1; i < n; i++ {
		fresh := fmt.Sprintf("%s%06d", id[:len(id)-6], i)
		names := strings.NewReplacer(id, fresh, "KK-2026-0001", fmt.Sprintf("KK-2026-%06d", i+1), "@stadt-0.", fmt.Sprintf("@stadt-%d.", i))
		for _, it := range model {
			ops = append(ops, table.Put(renamed(it, names)))
		}
		if len(ops)+len(model) > given.LoadWrites || i == n-1 {
			if err := s.table.Write(ctx, ops...); err != nil {
				return err
			}
			ops = nil
		}
	}
	return nil
}

// renamed is an item of another case. Where its due place stands in the index
// follows from the case's id.
func renamed(it table.Item, names *strings.Replacer) table.Item {
	it.PK, it.SK = names.Replace(it.PK), names.Replace(it.SK)
	it.Body = []byte(names.Replace(string(it.Body)))
	it.By.SK, it.By.Note = names.Replace(it.By.SK), names.Replace(it.By.Note)
	if it.Due.PK != "" {
		at, err := it.Due.Time()
		if err != nil {
			panic(err) // the platform wrote it
		}
		it.Due = table.DueAt(strings.TrimPrefix(it.PK, cases.Prefix), at, "")
	}
	return it
}

// forgetMails takes out the mails of the first case: they went out.
func (s *shop) forgetMails(ctx context.Context) error {
	for shard := range table.Shards() {
		for it, err := range table.All(ctx, s.table, table.DueUntil(shard, given.Monday.AddDate(0, 0, 1))) {
			if err != nil {
				return err
			}
			if !strings.HasPrefix(it.PK, "mail#") {
				continue
			}
			if err := s.table.Write(ctx, table.Delete(it.Key)); err != nil {
				return err
			}
		}
	}
	return nil
}

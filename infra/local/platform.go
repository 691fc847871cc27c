package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"kokoma/infra/folder"
	"kokoma/shared/app"
	"kokoma/shared/authoring"
	"kokoma/shared/form/workbook"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
)

//go:embed texts.yaml
var texts embed.FS

// platform is the whole thing on one machine.
type platform struct {
	app   *app.App
	data  *folder.Folder
	box   *mailbox
	clock *folder.Clock
	log   *slog.Logger
	o     options
	base  string

	kick    chan struct{} // something may be due now
	turning sync.Mutex    // one tick at a time
	stopped sync.WaitGroup
}

// open opens the data folder and builds the platform over it. Nothing in the
// folder is changed when it cannot be used.
func open(ctx context.Context, o options, base string, log *slog.Logger) (*platform, error) {
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w", o.data, err)
	}
	p := &platform{o: o, base: base, log: log, kick: make(chan struct{}, 1)}
	if err := p.build(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *platform) build(ctx context.Context) error {
	var err error
	if p.data, err = folder.Open(p.o.data); err != nil {
		return err
	}
	p.clock = p.data.Clock
	if p.box, err = openMailbox(p.data.Root, mail.Identity{From: "kokoma@example.org", ReplyTo: p.o.office}, p.clock.Now); err != nil {
		return err
	}
	key, err := p.data.LinkKey()
	if err != nil {
		return err
	}
	stored := table.Observe(p.data.Table, p.observe)
	if p.o.wrap != nil {
		stored = p.o.wrap(stored)
	}
	p.app, err = app.New(app.Deps{
		Table: stored, Sender: p.box, LinkKeys: map[int][]byte{1: key}, LinkKey: 1,
		Base: p.base, Office: p.o.office, Now: p.clock.Now, Log: p.log, Local: true,
		Texts: []fs.FS{texts}, Workbooks: authoring.Workbooks{Read: workbook.Read, Write: workbook.Write, WriteSheets: workbook.WriteSheets},
	})
	if err != nil {
		return err
	}
	if err := p.app.Prepare(ctx); err != nil {
		return err
	}
	return nil
}

// observe is the stream: whatever may be due at once wakes the worker.
func (p *platform) observe(_ context.Context, images []table.Item) {
	for _, it := range images {
		if it.Due.PK == "" {
			continue
		}
		select {
		case p.kick <- struct{}{}:
		default: // it is awake already
		}
		return
	}
}

// tickEvery is how long the worker sleeps at most.
const tickEvery = 5 * time.Second

// work runs what falls due: woken by writes, by the next due time and by the
// clock's tick.
func (p *platform) work(ctx context.Context) {
	p.stopped.Go(func() {
		wait := time.NewTimer(0)
		defer wait.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.kick:
			case <-wait.C:
			}
			if err := p.tick(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("what fell due failed", "error", err)
			}
			wait.Reset(p.untilNext(ctx))
		}
	})
}

// untilNext is how long nothing falls due, tickEvery at most.
func (p *platform) untilNext(ctx context.Context) time.Duration {
	now := p.clock.Now()
	next, ok, err := p.app.NextDue(ctx, now)
	if err != nil || !ok {
		return tickEvery
	}
	return min(next.Sub(now), tickEvery)
}

func (p *platform) tick(ctx context.Context) error {
	p.turning.Lock()
	defer p.turning.Unlock()
	return p.app.Tick(ctx, p.clock.Now())
}

// turnTo moves the clock forward to a time, stopping wherever something falls
// due, as it would have happened.
func (p *platform) turnTo(ctx context.Context, to time.Time) error {
	p.turning.Lock()
	defer p.turning.Unlock()
	var errs []error
	for {
		now := p.clock.Now()
		if err := p.app.Tick(ctx, now); err != nil {
			errs = append(errs, err)
		}
		next, ok, err := p.app.NextDue(ctx, now)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if !ok || next.After(to) {
			break
		}
		if err := p.clock.Turn(next); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
	if to.After(p.clock.Now()) {
		errs = append(errs, p.clock.Turn(to), p.app.Tick(ctx, to))
	}
	return errors.Join(errs...)
}

func (p *platform) handler() http.Handler {
	mux := http.NewServeMux()
	l := &localPages{site: p.app.Site(), pages: p.app.Site().Pages(pages), box: p.box, clock: p.clock, queued: p.app.Queued, turn: p.turnTo}
	l.Routes(mux)
	rest := p.app.Handler()
	local := p.app.InFront(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.ourHost(r.Host) {
			http.Error(w, "This platform answers at "+p.base+" only.", http.StatusMisdirectedRequest)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/local/") || strings.HasPrefix(r.URL.Path, "/en/local/") {
			local.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// ourHost refuses names that somebody else points at this machine: a page in a
// browser here could read every mail through them (DNS rebinding).
func (p *platform) ourHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func (p *platform) greeting() string {
	return fmt.Sprintf(`KoKoMa runs on %[1]s

  %[1]s/                     start page (English: %[1]s/en/)
  %[1]s/interessenbekundung  the expression of interest
  %[1]s/anmelden             the desk; sign in as %[2]s
  %[1]s/local/mail           every mail, with its links and codes
  %[1]s/local/clock          turn the clock; it is %[3]s

Data under %[4]s. Ctrl-C stops.
`, p.base, p.o.office, lang.DateTime(lang.EN, p.clock.Now()), p.o.data)
}

// Close waits for the worker and closes the data folder.
func (p *platform) Close() error {
	p.stopped.Wait()
	var errs []error
	if p.box != nil {
		errs = append(errs, p.box.Close())
	}
	if p.data != nil {
		errs = append(errs, p.data.Close())
	}
	return errors.Join(errs...)
}

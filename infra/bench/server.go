package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/app"
	"kokoma/shared/mail"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// The servers under load are this binary, started again with its role in the
// environment: a process of its own, so that its processor time is known. It
// prints what it has prepared as one line of JSON, then answers each command on
// its standard input with a line, and ends when that is closed.
const (
	serverEnv  = "KOKOMA_BENCH_SERVER"  // the role: platform or floor
	profileEnv = "KOKOMA_BENCH_PROFILE" // file for the platform's CPU profile

	rolePlatform = "platform"
	roleFloor    = "floor"

	commandUsage = "usage" // answers with a usage
	commandMail  = "mail"  // sends what is due, for a while, and answers with a usage
)

// ready is what a server has prepared.
type ready struct {
	Base    string
	Now     time.Time // on the server's clock
	Steps   []string  // a link for each open step
	Surveys []string  // a link for each invitation
}

// usage is what a server has done so far.
type usage struct {
	CPU    time.Duration
	Writes int64 // calls of the table
	Bytes  int64 // of the items in them
	Mails  int64
	Took   time.Duration // the command
}

// serve is a server's whole life.
func serve(role string) error {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a left-over temporary folder harms nobody
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	var s *server
	if role == roleFloor {
		s, err = startFloor(dir, base)
	} else {
		s, err = startPlatform(dir, base, stock{cases: 5400, surveys: 7, invited: survey.MaxAddresses})
	}
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = s.answer(os.Stdin, os.Stdout)
	err = errors.Join(err, server.Close())
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, s.close())
}

// server is either of the two.
type server struct {
	handler http.Handler
	ready   ready
	close   func() error
	mail    func() error // nil: it has none
	writes  atomic.Int64
	bytes   atomic.Int64
	mails   atomic.Int64
}

// answer obeys commands until there are none.
func (s *server) answer(in io.Reader, out io.Writer) error {
	lines := json.NewEncoder(out)
	if err := lines.Encode(s.ready); err != nil {
		return err
	}
	if file := os.Getenv(profileEnv); file != "" && s.mail != nil {
		f, err := os.Create(file) //nolint:gosec // whoever runs the benchmark names it
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // a profile that is cut short shows when it is read
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for commands := bufio.NewScanner(in); commands.Scan(); {
		begin := time.Now()
		if commands.Text() == commandMail {
			if err := s.mail(); err != nil {
				return err
			}
		}
		u := usage{CPU: cpuTime(), Writes: s.writes.Load(), Bytes: s.bytes.Load(), Mails: s.mails.Load(), Took: time.Since(begin)}
		if err := lines.Encode(u); err != nil {
			return err
		}
	}
	return nil
}

// Send drops a mail.
func (s *server) Send(context.Context, mail.Message) (string, error) {
	return fmt.Sprint("dropped ", s.mails.Add(1)), nil
}

// watch counts what is written.
func (s *server) watch(_ context.Context, images []table.Item) {
	s.writes.Add(1)
	for _, it := range images {
		s.bytes.Add(int64(table.Size(it)))
	}
}

// startPlatform is the platform as infra/local composes it, with a clock that
// begins on a working day in mailing hours. Mail waits until it is asked for:
// on Lambda, too, other processes send it.
func startPlatform(dir, base string, much stock) (*server, error) {
	begin := time.Now()
	now := func() time.Time { return given.Monday.Add(time.Since(begin)) }
	stored, err := bolt.Open(filepath.Join(dir, "table.db"), bolt.Clock(now))
	if err != nil {
		return nil, err
	}
	s := &server{close: stored.Close}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	a, err := app.New(app.Deps{
		Table: table.Observe(stored, s.watch), Sender: s, LinkKeys: given.LinkKeys, LinkKey: 1,
		Base: base, Office: given.Office, Now: now, Log: log, Local: true,
	})
	if err != nil {
		return nil, errors.Join(err, stored.Close())
	}
	ctx := context.Background()
	if err := a.Prepare(ctx); err != nil {
		return nil, errors.Join(err, stored.Close())
	}
	s.ready, err = prepare(ctx, much, stored, base, now, log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("preparing: %w", err), stored.Close())
	}
	s.handler = a.Handler()
	s.mail = func() error {
		ctx, cancel := context.WithTimeout(ctx, mailTime)
		defer cancel()
		// A while later, so that what was just written is due.
		if err := a.Tick(ctx, now().Add(time.Minute)); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	}
	return s, nil
}

// mailTime is the deadline of sending: the outbox begins no mail in its last 50
// seconds, so mails go out for about five.
const mailTime = 55 * time.Second

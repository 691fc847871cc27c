// Command local runs the whole platform on one machine, with nothing to
// install but Go:
//
//	go run ./infra/local            # empty, data under .kokoma/
//	go run ./infra/local -demo      # with a fictional cohort
//
// It is the production code with local parts: the embedded table instead of
// DynamoDB, a mailbox at /local/mail instead of SES, a clock that can be turned
// at /local/clock. It stops cleanly on Ctrl-C and starts again where it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kokoma/shared/app"
	"kokoma/shared/table"
)

// options are the flags of design.md 9.
type options struct {
	addr, data, office string
	demo               bool
	// wrap stands between the platform and its table; nil: nothing does.
	wrap func(table.Table) table.Table
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen address; port 0 picks one and prints it")
	flag.StringVar(&o.data, "data", ".kokoma", "data folder")
	flag.BoolVar(&o.demo, "demo", false, "fill an empty data folder with a fictional cohort")
	flag.StringVar(&o.office, "office", "servicestelle@example.org", "address of the first desk user (service office)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "kokoma:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, o options) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is no flag; see -help", flag.Arg(0))
	}
	if err := loopback(o.addr); err != nil {
		return err
	}
	if err := app.Check(); err != nil {
		return fmt.Errorf("a definition does not compile:\n%w", err)
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on (%w): choose another with -addr", o.addr, err)
	}
	base := "http://" + listener.Addr().String()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := open(ctx, o, base, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if o.demo {
		if err := p.fillDemo(ctx); err != nil {
			return errors.Join(err, p.Close(), listener.Close())
		}
	}
	server := &http.Server{Handler: p.handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	fmt.Print(p.greeting())
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	p.work(ctx)
	select {
	case err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = server.Shutdown(grace)
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, p.Close())
}

// loopback refuses addresses that others could reach: the local-only pages show
// every mail and let anybody turn the clock.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-addr %s is no listen address such as 127.0.0.1:8080", addr)
	}
	if host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("-addr %s could be reached from outside, and the local platform shows every mail: use 127.0.0.1", addr)
	}
	return nil
}

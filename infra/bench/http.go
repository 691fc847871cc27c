package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const httpRounds = 5

// subject is something that people do on the platform, one after the other.
type subject struct {
	name string
	n    [3]int // how often in a round, by the numbers of workers
	// prepare is called before a load, outside of the time taken; nil: nothing.
	prepare func(n int) error
	// do does it for the next person.
	do func(*client) error
}

// atOnce are the numbers of workers.
var atOnce = [3]int{1, 4, 16}

func benchHTTP(w io.Writer) (err error) {
	platform, err := startChild(rolePlatform)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, platform.stop()) }()
	floor, err := startChild(roleFloor)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.stop()) }()
	steps, err := newSteps(platform)
	if err != nil {
		return fmt.Errorf("steps: %w", err)
	}
	answers, err := newAnswers(platform)
	if err != nil {
		return fmt.Errorf("surveys: %w", err)
	}
	fmt.Fprint(w, httpExplained)
	for _, s := range append(steps.subjects(), answers.subjects()...) {
		if err := compare(w, s, platform, floor); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return benchMails(w, platform)
}

const httpExplained = `Server and load generator share the machine's processors; each worker keeps its connection. The fastest of five rounds, in
turn with the floor: a server that gets the same requests, answers with pages of the same size that it need not make, and makes as many
bytes durable in the bare database (one by one for one worker, else db.Batch) before it answers the last post. "Pages only" is
the floor without that write. Goals: 300 completed steps and 500 survey submissions a second. The step is ` + openStep + ` with answers
of 1.8 KB; it opens the next step and puts a mail into the outbox. A survey's ends are what a submission takes beside reading and
answering: the information page, and the last page with its durable write; "all of it" is every request of a respondent.

| what | at once | a second | p50 ms | p99 ms | server CPU ms each | floor a second | pages only a second | share of the floor | CPU, times the floor's |
|---|---|---|---|---|---|---|---|---|---|
`

// compare loads the platform with a subject, and the floor with its likeness.
func compare(w io.Writer, s subject, platform, floor *child) error {
	seen, err := look(s, platform)
	if err != nil {
		return err
	}
	for at, workers := range atOnce {
		var ours, put, page result
		way := "/put?n="
		if workers == 1 {
			way = "/put?alone&n="
		}
		for range httpRounds {
			if s.prepare != nil {
				if err := s.prepare(s.n[at]); err != nil {
					return err
				}
			}
			err := errors.Join(
				ours.round(platform, s.n[at], workers, s.do),
				put.round(floor, s.n[at], workers, func(c *client) error { return seen.replay(c, way) }),
				page.round(floor, s.n[at], workers, func(c *client) error { return seen.replay(c, "") }))
			if err != nil {
				return err
			}
		}
		fmt.Fprintf(w, "| %s | %d | %.0f | %s | %s | %.2f | %.0f | %.0f | %.2f | %.1f |\n", s.name, workers,
			ours.rate(), ours.ms(0.5), ours.ms(0.99), ours.cpuEach(), put.rate(), page.rate(),
			ours.rate()/put.rate(), ours.cpuEach()/put.cpuEach())
	}
	return nil
}

// round adds a round of a load and keeps the fastest: the others were
// disturbed more.
func (r *result) round(c *child, n, workers int, do func(*client) error) error {
	one, err := c.load(n, workers, do)
	if err == nil && one.rate() > r.rate() {
		*r = one
	}
	return err
}

// likeness is what a subject looks like from outside.
type likeness struct {
	requests []exchange
	written  int // bytes
}

// exchange is a request and its answer.
type exchange struct {
	method     string
	form, page int // bytes
}

// look does the subject a few times, which warms the platform up, too.
func look(s subject, platform *child) (likeness, error) {
	const often = 50
	var seen likeness
	if s.prepare != nil {
		if err := s.prepare(often); err != nil {
			return seen, err
		}
	}
	before, err := platform.ask(commandUsage)
	if err != nil {
		return seen, err
	}
	_, err = platform.load(often, 1, func(c *client) error {
		seen.requests = nil
		c.seen = func(e exchange) { seen.requests = append(seen.requests, e) }
		return s.do(c)
	})
	if err != nil {
		return seen, err
	}
	after, err := platform.ask(commandUsage)
	seen.written = int(after.Bytes-before.Bytes) / often
	return seen, err
}

var padding = strings.Repeat("x", 128<<10)

// replay asks the floor for the same; the last post is the one that writes, if
// the way of writing is given.
func (l likeness) replay(c *client, way string) error {
	last := 0
	for i, e := range l.requests {
		if e.method == http.MethodPost {
			last = i
		}
	}
	for i, e := range l.requests {
		if e.method == http.MethodGet {
			if err := expect(http.StatusOK)(c.get(fmt.Sprintf("/?n=%d", e.page), "")); err != nil {
				return err
			}
			continue
		}
		path, status := fmt.Sprintf("/?n=%d", e.page), http.StatusOK
		if i == last && way != "" {
			path, status = way+strconv.Itoa(l.written), http.StatusSeeOther
		}
		if err := expect(status)(c.post(path, "x=", padding[:max(0, e.form-2)])); err != nil {
			return err
		}
	}
	return nil
}

func expect(status int) func(reply, error) error {
	return func(r reply, err error) error { return r.want(status, err) }
}

// benchMails sends what the steps have put into the outbox.
func benchMails(w io.Writer, platform *child) error {
	before, err := platform.ask(commandUsage)
	if err != nil {
		return err
	}
	after, err := platform.ask(commandMail)
	if err != nil {
		return err
	}
	n := after.Mails - before.Mails
	if n == 0 {
		return errors.New("no mail was waiting")
	}
	took := after.Took
	_, err = fmt.Fprintf(w, "\nMails that the steps had put into the outbox, composed, handed to a sender that drops them, and recorded, one after the other: "+
		"%.0f a second, %.2f ms of CPU each (%d mails).\n", float64(n)/took.Seconds(), (after.CPU-before.CPU).Seconds()*1000/float64(n), n)
	return err
}

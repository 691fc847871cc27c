package mail_test

import (
	"context"
	"testing"
	"time"

	"kokoma/shared/mail"
)

// A function that is ended in the middle of a mail leaves it in doubt: a code is lost, a step mail
// goes out twice. What cannot be finished is not begun.
func TestNoMailIsBegunThatTheDeadlineMayTear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		left time.Duration
		sent int
	}{
		{49 * time.Second, 0}, {5 * time.Second, 0}, {-time.Second, 0}, {2 * time.Minute, 2},
	} {
		w := newWorld(t)
		w.put(code("code", amt), step("step", "kuf@musterstadt.example.org"))
		before := len(w.due())
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(c.left))
		err := w.outbox.Due(ctx, w.due(), w.now)
		cancel()
		if c.left > 0 && err != nil {
			t.Errorf("%s left: %v", c.left, err)
		}
		if len(w.sent) != c.sent || len(w.due()) != before-c.sent {
			t.Errorf("%s left: %d mails sent, %d of %d still due, want %d sent and the others due",
				c.left, len(w.sent), len(w.due()), before, c.sent)
		}
		w.tick()
		for _, key := range []string{"code", "step"} {
			if got := w.state(key); got != mail.Sent {
				t.Errorf("%s left, then the next sweep: %s is %s", c.left, key, got)
			}
		}
		if len(w.sent) != 2 {
			t.Errorf("%s left, then the next sweep: %d mails", c.left, len(w.sent))
		}
	}
}

// The sender may take as long as it is given; then the next mail has to wait.
func TestABatchStopsWhenItsTimeRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(code("a", amt), code("b", "kuf@musterstadt.example.org"))
	ctx := &shrinking{Context: t.Context(), left: time.Minute}
	w.send = func(mail.Message) error {
		ctx.left = 49 * time.Second
		return nil
	}
	if err := w.outbox.Due(ctx, w.due(), w.now); err != nil {
		t.Fatal(err)
	}
	if len(w.sent) != 1 || len(w.due()) != 1 {
		t.Errorf("%d mails sent, %d still due, want one each", len(w.sent), len(w.due()))
	}
}

// shrinking is a context whose time a test takes away.
type shrinking struct {
	context.Context
	left time.Duration
}

func (c *shrinking) Deadline() (time.Time, bool) { return time.Now().Add(c.left), true }

package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
)

// lives works off what is due with a process that dies after so many writes,
// or, when sends is not negative, right after it handed over that many mails.
func (w *world) live(writes, sends int) {
	w.writes = writes
	w.send = func(mail.Message) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if sends == 0 {
			w.fatal = errDied
		}
		sends--
		return nil
	}
	_ = w.outbox.Due(w.t.Context(), w.due(), w.now) // a dead process tells nobody
	w.writes, w.fatal, w.send = -1, nil, nil
}

// TestADyingProcessLosesNoMail lets the process die after each of its writes
// and each of its sends; another one goes on when the lease has lapsed.
func TestADyingProcessLosesNoMail(t *testing.T) {
	t.Parallel()
	for i := range 2 * 24 {
		death, atOnce := i%24, 1+7*(i/24)
		t.Run(fmt.Sprintf("%d, %d at once", death, atOnce), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.deps.AtOnce = atOnce
			w.outbox = mail.New(w.deps)
			w.put(
				step("a", amt), step("b", amt), // one digest
				step("c", "kuf@musterstadt.example.org"),
				code("code", amt), code("code2", "kuf@musterstadt.example.org"),
				mail.Entry{Key: "call", Template: "call", To: amt},
			)
			if death < 16 {
				w.live(death, -1)
			} else {
				w.live(-1, death-16)
			}
			w.tick() // at once: whatever is leased stays where it is
			w.sweep(w.now.Add(20*time.Minute), time.Minute)
			w.sweep(w.now.AddDate(0, 0, 3), 4*time.Hour)
			checkAll(t, w)
		})
	}
}

func checkAll(t *testing.T, w *world) {
	t.Helper()
	steps := map[string]int{}
	codes := map[string]int{}
	for _, m := range w.sent {
		if m.Subject == "KoKoMa: Ihr Code" {
			codes[m.Tag]++
			continue
		}
		for _, name := range []string{"a", "b", "c", "call"} {
			if m.Tag == mail.Tag(name) || name == "b" && strings.Contains(m.Text, "2 Punkte") {
				steps[name]++
			}
		}
	}
	for _, name := range []string{"a", "b", "c", "call"} {
		if n := steps[name]; n < 1 || n > 2 {
			t.Errorf("%s was mailed %d times", name, n)
		}
		if s := w.state(name); s != mail.Sent {
			t.Errorf("%s is %s", name, s)
		}
	}
	for _, name := range []string{"code", "code2"} {
		n, s := codes[mail.Tag(name)], w.state(name)
		if n > 1 || s == mail.Sent && n != 1 || s != mail.Sent && s != mail.Doubtful {
			t.Errorf("%s was mailed %d times and is %s", name, n, s)
		}
	}
	if queued, err := w.outbox.Queued(t.Context()); err != nil || len(queued) != 0 {
		t.Errorf("left: %+v, %v", queued, err)
	}
}

func TestALeaseKeepsOthersAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, e := range []mail.Entry{step("a", amt), code("code", amt), {Key: "call", Template: "call", To: amt}} {
		w.put(e)
		other, before := mail.New(w.deps), len(w.sent)
		w.send = func(mail.Message) error { // while one is sending, another sweeps
			w.send = nil
			return other.Due(context.Background(), w.due(), w.now)
		}
		w.tick()
		if n := len(w.sent) - before; n != 1 {
			t.Errorf("%s: %d mails, want 1", e.Key, n)
		}
	}
}

func TestAnEntryRecordedWhileItsDayIsTakenOverIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt))
	w.live(0, -1) // dies before the first write: only the entry is there
	w.live(-1, 0) // hands over and dies
	w.now = w.now.Add(2 * time.Hour)
	slow, quick := w.deps, w.deps
	slow.Now = func() time.Time { return w.now.Add(-time.Hour) }
	quick.Wanted = func(ctx context.Context, _ *mail.Entry, _ time.Time) (bool, error) { // the entry is read, its day not yet
		return true, mail.New(slow).Due(ctx, w.due(), w.now)
	}
	if err := mail.New(quick).Due(t.Context(), w.due(), w.now); err != nil {
		t.Fatal(err)
	}
	if len(w.sent) != 2 || w.state("a") != mail.Sent {
		t.Errorf("%d mails, state %s", len(w.sent), w.state("a"))
	}
}

func TestBeingPutOffIsNoDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt))
	attempts := 0
	w.send = func(mail.Message) error {
		if attempts++; attempts == 1 {
			return errors.New("no answer")
		}
		return mail.ErrNotNow
	}
	w.sweep(w.now.Add(5*time.Hour), 10*time.Minute)
	w.send = nil
	w.sweep(w.now.AddDate(0, 0, 1), 10*time.Minute)
	if len(w.sent) != 1 || w.state("a") != mail.Sent {
		t.Errorf("after %d attempts %d mails, state %s", attempts, len(w.sent), w.state("a"))
	}
}

func TestATakenOverDayIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt))
	slow := w.deps
	slow.Now = func() time.Time { return w.now.Add(-time.Hour) } // a process whose lease has long lapsed
	w.send = func(mail.Message) error {
		w.send = nil
		w.tick() // takes the day over while the first is still sending
		return nil
	}
	if err := mail.New(slow).Due(t.Context(), w.due(), w.now); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.now.Add(time.Hour), time.Minute)
	if len(w.sent) != 2 || w.state("a") != mail.Sent {
		t.Errorf("%d mails, state %s", len(w.sent), w.state("a"))
	}
}

func TestAnOutageOfTheSenderLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempts := 0
	w.send = func(mail.Message) error {
		attempts++
		return fmt.Errorf("%w: throttled", mail.ErrNotNow)
	}
	for i := range 10 {
		w.put(step(fmt.Sprint("s", i), fmt.Sprintf("p%d@musterstadt.example.org", i)), code(fmt.Sprint("c", i), amt))
	}
	w.tick()
	if attempts != 3 {
		t.Errorf("%d attempts in one sweep while the sender is down, want 3", attempts)
	}
	w.sweep(w.now.AddDate(0, 0, 2), 20*time.Minute)
	if attempts > 600 {
		t.Errorf("%d attempts in two days: no backing off", attempts)
	}
	w.send = nil
	w.sweep(w.now.AddDate(0, 0, 1), 20*time.Minute)
	if len(w.sent) != 20 {
		t.Errorf("%d of 20 mails after the outage", len(w.sent))
	}
	for i := range 10 {
		if w.state(fmt.Sprint("s", i)) != mail.Sent || w.state(fmt.Sprint("c", i)) != mail.Sent {
			t.Errorf("s%d or c%d is not sent", i, i)
		}
	}
}

func TestAMailPutOffGivesItsDayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt))
	w.send = func(mail.Message) error { return mail.ErrNotNow }
	w.tick()
	w.send = nil
	w.put(step("b", amt))
	w.tick()
	w.sweep(w.now.Add(time.Hour), time.Minute)
	if len(w.sent) != 1 || w.state("b") != mail.Sent || w.state("a") != mail.Queued {
		t.Errorf("%d mails today; a is %s, b is %s", len(w.sent), w.state("a"), w.state("b"))
	}
	w.sweep(w.now.AddDate(0, 0, 1), time.Hour)
	if len(w.sent) != 2 || w.state("a") != mail.Sent {
		t.Errorf("%d mails the day after", len(w.sent))
	}
}

func TestWhatIsRefusedFailsVisibly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send = func(mail.Message) error { return fmt.Errorf("%w: no such mailbox", mail.ErrRefused) }
	w.put(step("a", amt), step("b", amt), code("c", amt), step("bad address", "nobody"))
	w.tick()
	w.send = nil
	w.sweep(w.now.AddDate(0, 0, 7), time.Hour)
	for _, key := range []string{"a", "b", "c"} {
		if s := w.state(key); s != mail.Failed {
			t.Errorf("%s is %s", key, s)
		}
	}
	if failed, err := w.outbox.Failed(t.Context()); err != nil || len(failed) != 4-len(w.sent) {
		t.Errorf("Failed = %+v, %v", failed, err)
	}
}

func TestNothingIsTriedForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempts := 0
	w.send = func(mail.Message) error { attempts++; return mail.ErrNotNow }
	w.put(mail.Entry{Key: "call", Template: "call", To: amt})
	w.sweep(w.now.AddDate(0, 0, 12), time.Hour)
	if w.state("call") != mail.Failed || attempts > 60 || attempts < 30 {
		t.Errorf("after twelve days it is %s after %d attempts", w.state("call"), attempts)
	}
}

func TestADoubtfulSendWaitsForItsReport(t *testing.T) {
	t.Parallel()
	timeout := errors.New("no answer after the text")
	for _, c := range []struct {
		name   string
		report bool
		want   map[string]int // attempts in all
	}{
		{"none comes", false, map[string]int{"step": 2, "code": 1, "call": 2}},
		{"it comes", true, map[string]int{"step": 1, "code": 1, "call": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			attempts := map[string]int{}
			w.send = func(m mail.Message) error {
				attempts[m.Tag]++
				if attempts[m.Tag] == 1 {
					return timeout
				}
				return nil
			}
			w.put(step("step", amt), code("code", amt), mail.Entry{Key: "call", Template: "call", To: amt})
			w.tick()
			if c.report {
				for _, key := range []string{"step", "code", "call"} {
					if err := w.outbox.Event(t.Context(), mail.DeliveryEvent{Tag: mail.Tag(key), Kind: mail.DeliveryDone}, w.now); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.now = w.now.Add(time.Minute)
			w.tick()
			if attempts[mail.Tag("step")] != 1 || attempts[mail.Tag("call")] != 1 {
				t.Error("repeated without waiting for a report")
			}
			w.sweep(w.now.Add(12*time.Minute), time.Minute)
			if attempts[mail.Tag("step")] != 1 {
				t.Error("a step mail is repeated before a report can have come")
			}
			w.sweep(w.now.Add(2*time.Hour), time.Minute)
			for key, want := range c.want {
				if got := attempts[mail.Tag(key)]; got != want {
					t.Errorf("%s: %d attempts, want %d; it is %s", key, got, want, w.state(key))
				}
			}
			if got, want := w.state("code"), map[bool]mail.State{true: mail.Delivered, false: mail.Doubtful}[c.report]; got != want {
				t.Errorf("the code is %s, want %s", got, want)
			}
		})
	}
}

func TestASenderThatNeverAnswersIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempts := map[string]int{}
	w.send = func(m mail.Message) error { attempts[m.Tag]++; return errors.New("no answer") }
	w.put(step("a", amt), mail.Entry{Key: "call", Template: "call", To: amt})
	w.sweep(w.now.AddDate(0, 0, 10), 30*time.Minute)
	for _, key := range []string{"a", "call"} {
		if attempts[mail.Tag(key)] != 3 || w.state(key) != mail.Failed {
			t.Errorf("%s: %d attempts, it is %s", key, attempts[mail.Tag(key)], w.state(key))
		}
	}
}

func TestProcessesThatDieInARowAreNotAskedForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt), mail.Entry{Key: "call", Template: "call", To: amt})
	for range 20 {
		w.live(-1, 0)
		w.now = w.now.Add(5 * time.Minute)
	}
	if len(w.sent) > 6 {
		t.Errorf("%d mails", len(w.sent))
	}
	for _, key := range []string{"a", "call"} {
		if s := w.state(key); s != mail.Failed {
			t.Errorf("%s is %s", key, s)
		}
	}
}

func TestSendingGoesOnWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(code("c", amt), step("a", amt))
	ctx, leave := context.WithCancel(t.Context())
	w.send = func(mail.Message) error { leave(); return nil }
	if err := w.outbox.Due(ctx, w.due(), w.now); err != nil {
		t.Fatal(err)
	}
	if w.state("c") != mail.Sent || w.state("a") != mail.Queued {
		t.Errorf("the mail in hand is %s, the next one %s", w.state("c"), w.state("a"))
	}
	w.send = nil
	w.now = lang.Date{Year: 2026, Month: time.March, Day: 3}.At(9, 0)
	w.tick()
	if w.state("a") != mail.Sent {
		t.Errorf("the next one is %s", w.state("a"))
	}
}

// TestSeveralMailsAreOnTheirWayAtOnce: each to somebody else, one to each, and what is urgent before the
// others.
func TestSeveralMailsAreOnTheirWayAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deps.AtOnce = 4
	w.outbox = mail.New(w.deps)
	for i := range 12 {
		to := fmt.Sprintf("p%d@musterstadt.example.org", i)
		w.put(step(fmt.Sprint("a", i), to), step(fmt.Sprint("b", i), to))
	}
	w.put(mail.Entry{Key: "call", Template: "call", To: amt}, code("code", amt))
	var order []string // under w.mu
	together := make(chan bool)
	w.send = func(m mail.Message) error {
		w.mu.Lock()
		order = append(order, m.Tag)
		alone := len(order) <= 2
		w.mu.Unlock()
		if alone {
			return nil
		}
		select { // each waits until another one is on its way, too
		case together <- true:
		case <-together:
		case <-time.After(time.Minute):
			return errors.New("one after the other")
		}
		return nil
	}
	w.tick()
	people := map[string]int{}
	for _, m := range w.sent {
		people[m.To]++
	}
	if len(w.sent) != 14 || len(people) != 13 || people[amt] != 2 {
		t.Errorf("%d mails to %v", len(w.sent), people)
	}
	if order[0] != mail.Tag("call") || order[1] != mail.Tag("code") {
		t.Error("what is urgent did not go first")
	}
}

package mail_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
)

func TestReportsInAnyOrderEndAlike(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []mail.DeliveryEvent{
		{Kind: mail.DeliveryDone},
		{Kind: mail.DeliveryBounce},
		{Kind: mail.DeliveryBounce, Hard: true},
		{Kind: mail.DeliveryComplaint},
		{Kind: "opened"},
	}
	want := func(set int) mail.State {
		switch {
		case set&8 != 0:
			return mail.Complaint
		case set&6 != 0:
			return mail.Bounced
		case set&1 != 0:
			return mail.Delivered
		}
		return mail.Sent
	}
	for set := range 32 {
		w := newWorld(t)
		calls := map[mail.State]int{}
		w.deps.Bounced = func(_ context.Context, b mail.Bounce) ([]table.Op, error) {
			if b.State == mail.Bounced && !b.Hard { // whoever asked may count them
				return nil, nil
			}
			calls[b.State]++
			if b.EntryKey != "a" && b.EntryKey != "b" || b.ToHash != w.links.Hash(amt) || b.Template != "step" || b.CaseNo != "KK-2026-0007" {
				t.Errorf("Bounce is %+v", b)
			}
			return []table.Op{table.Put(table.Item{
				Key: table.Key{PK: "case#1", SK: fmt.Sprint("work#", b.EntryKey, b.State, calls[b.State])}, Kind: "work",
			}, table.Absent())}, nil
		}
		w.outbox = mail.New(w.deps)
		w.put(step("a", amt), step("b", amt))
		w.tick()
		var events []mail.DeliveryEvent
		for i, e := range kinds {
			e.Tag, e.At = w.sent[0].Tag, w.now.Add(time.Duration(i)*time.Minute)
			if set&(1<<i) != 0 {
				events = append(events, e, e)
			}
		}
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, e := range events {
			if err := w.outbox.Event(t.Context(), e, w.now); err != nil {
				t.Fatal(err)
			}
		}
		for _, key := range []string{"a", "b"} { // both were in one mail
			if got := w.state(key); got != want(set) {
				t.Errorf("%s after %v: %s, want %s", key, events, got, want(set))
			}
		}
		if got, want := calls[mail.Bounced]+calls[mail.Complaint], 2*(set>>2&1+set>>3&1); got != want {
			t.Errorf("after %v work was asked for %d times, want %d", events, got, want)
		}
	}
}

func TestAReportThatOvertakesTheRecordIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(step("a", amt), step("b", amt))
	w.send = func(m mail.Message) error {
		return w.outbox.Event(context.Background(), mail.DeliveryEvent{Tag: m.Tag, Kind: mail.DeliveryBounce, Hard: true}, w.now)
	}
	w.tick()
	if len(w.sent) != 1 || w.state("a") != mail.Bounced || w.state("b") != mail.Bounced {
		t.Errorf("%d mails; a is %s, b is %s", len(w.sent), w.state("a"), w.state("b"))
	}
	w.sweep(w.now.AddDate(0, 0, 2), time.Hour)
	if len(w.sent) != 1 {
		t.Errorf("%d mails", len(w.sent))
	}
}

func TestWorkForABounceIsWrittenWithItsRecordOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fault := errors.New("no answer")
	work := table.Key{PK: "case#1", SK: "work"}
	w.deps.Bounced = func(context.Context, mail.Bounce) ([]table.Op, error) {
		if fault != nil {
			return nil, fault
		}
		return []table.Op{table.Put(table.Item{Key: work, Kind: "work"}, table.Absent())}, nil
	}
	w.outbox = mail.New(w.deps)
	w.put(step("a", amt))
	w.tick()
	bounce := mail.DeliveryEvent{Tag: mail.Tag("a"), Kind: mail.DeliveryBounce, Hard: true, At: w.now}
	if err := w.outbox.Event(t.Context(), bounce, w.now); !errors.Is(err, fault) || w.state("a") != mail.Sent {
		t.Fatalf("Event = %v, the mail is %s", err, w.state("a"))
	}
	fault = nil
	for range 2 {
		if err := w.outbox.Event(t.Context(), bounce, w.now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.table.Get(t.Context(), work); err != nil || w.state("a") != mail.Bounced {
		t.Errorf("the work: %v, the mail is %s", err, w.state("a"))
	}
}

func TestAMailThatCannotBeSentIsWorkToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got []mail.Bounce
	w.deps.Bounced = func(_ context.Context, b mail.Bounce) ([]table.Op, error) {
		got = append(got, b)
		return nil, nil
	}
	w.outbox = mail.New(w.deps)
	w.send = func(mail.Message) error { return mail.ErrRefused }
	w.put(step("a", amt))
	w.tick()
	if len(got) != 1 || got[0].State != mail.Failed || got[0].EntryKey != "a" || !got[0].At.Equal(w.now) {
		t.Errorf("work was asked for: %+v", got)
	}
}

func TestReportsOnUnknownMailsAreNoFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tag := range []string{"nobody", "day#x", mail.Tag("x")} {
		if err := w.outbox.Event(t.Context(), mail.DeliveryEvent{Tag: tag, Kind: mail.DeliveryDone}, w.now); err != nil {
			t.Errorf("%s: %v", tag, err)
		}
	}
}

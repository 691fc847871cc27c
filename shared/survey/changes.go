package survey

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
)

// batch is how many people one transaction invites or reminds: two operations each and the head, below
// the table's 100.
const batch = 45

// maxTurns ends a Due that makes no headway; 500 people are twelve batches.
const maxTurns = 100

// Due does what a survey has waited for: it starts, reminds, closes, and tells what follows. The tick and
// the stream may hand over the same key at once; whoever writes second reads again and finds it done.
func (x *Service) Due(ctx context.Context, key table.Key, now time.Time) error {
	id := strings.TrimPrefix(key.PK, "survey#")
	if key != headKey(id) {
		return nil
	}
	for range maxTurns {
		s, err := x.survey(ctx, id)
		if notThere(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if at, err := s.due.Time(); s.due == (table.Place{}) || err == nil && at.After(now) {
			return nil
		}
		if err := x.turn(ctx, s, now); err != nil && !errors.Is(err, table.ErrConflict) {
			return fmt.Errorf("moving survey %s on from %s: %w", id, s.State, err)
		}
	}
	return fmt.Errorf("moving survey %s on: no headway", id)
}

// turn does one thing. Each of them either moves the place in index Due or leaves the survey due.
func (x *Service) turn(ctx context.Context, s Survey, now time.Time) error {
	switch s.State {
	case StatePlanned:
		return x.start(ctx, s, now)
	case StateRunning:
		return x.run(ctx, s, now)
	case StateClosing:
		return x.close(ctx, s, now)
	case StateClosed:
		return x.follow(ctx, s, StateEvaluated, x.Closed, now)
	case StateCancelled:
		return x.abandon(ctx, s, now)
	}
	s.due = table.Place{}
	return x.Table.Write(ctx, s.update())
}

// start lets answers in. The version of the form was fixed when the survey was planned; one that was
// planned by an earlier release gets it now. A window that passed while the platform stood still closes
// without inviting anybody.
func (x *Service) start(ctx context.Context, s Survey, now time.Time) error {
	if s.Hash == "" {
		if err := x.live(ctx, &s); err != nil {
			return err
		}
	}
	s.State = StateRunning
	if s.Mode == Open {
		s.due = s.dueAt(s.next())
	}
	return x.Table.Write(ctx, s.update())
}

func (x *Service) run(ctx context.Context, s Survey, now time.Time) error {
	if !now.Before(s.end()) {
		s.Invited -= len(s.Pending) // whom nobody wrote to
		s.State, s.Ended, s.Pending, s.Reminding, s.After = StateClosing, now.UTC(), nil, 0, ""
		return x.Table.Write(ctx, s.update())
	}
	if len(s.Pending) > 0 {
		return x.invite(ctx, s, now)
	}
	if s.Reminding > 0 {
		return x.remind(ctx, s, now)
	}
	if n := s.reminderAt(now); n > 0 && s.Mode == Closed {
		s.Reminding, s.After = n, invitationKind+"#"
		return x.remind(ctx, s, now)
	}
	s.due = s.dueAt(s.next())
	return x.Table.Write(ctx, s.update())
}

// invite makes the next invitations and their mails. Addresses leave the head in the transaction in which
// they become invitations, so nobody is invited twice or forgotten.
func (x *Service) invite(ctx context.Context, s Survey, now time.Time) error {
	n := min(batch, len(s.Pending))
	ops := make([]table.Op, 0, 2*n+1)
	for _, address := range s.Pending[:n] {
		inv := invitation{Address: address, State: invitationOpen, key: invitationKey(s.ID, rand.Text()[:numberLen])}
		ops = append(ops, table.Put(inv.item(), table.Absent()),
			x.Outbox.Op(x.entry(s, inv, "m_survey", "invite"), now))
	}
	s.Pending = s.Pending[n:]
	if len(s.Pending) == 0 {
		s.Pending = nil
		s.due = s.dueAt(s.next())
	}
	return x.Table.Write(ctx, append(ops, s.update())...)
}

// remind writes to the next people who have not answered.
func (x *Service) remind(ctx context.Context, s Survey, now time.Time) error {
	page, err := x.Table.Query(ctx, table.Query{
		PK: headKey(s.ID).PK, Prefix: invitationKind + "#", From: s.After, Limit: batch + 1,
	})
	if err != nil {
		return err
	}
	var ops []table.Op
	last := s.After
	for _, it := range page.Items {
		if it.SK == s.After { // the last one of the batch before
			continue
		}
		last = it.SK
		inv, err := readInvitation(it)
		if err != nil {
			return err
		}
		if inv.State == invitationOpen {
			ops = append(ops, x.Outbox.Op(x.entry(s, inv, "m_survey_r", "remind"+strconv.Itoa(s.Reminding)), now))
		}
	}
	if last == s.After {
		s.Reminded, s.Reminding, s.After = s.Reminding, 0, ""
		s.due = s.dueAt(s.next())
		return x.Table.Write(ctx, s.update())
	}
	s.After = last
	return x.Table.Write(ctx, append(ops, s.update())...)
}

// entry is a mail to one person: whose survey, duration and link, nothing about the case. Reminders share the
// topic of the invitation, so that of both only the newer goes out if they have waited together.
func (x *Service) entry(s Survey, inv invitation, template, what string) mail.Entry {
	topic := "survey#" + s.ID + "#" + inv.number()
	link := inv.link()
	return mail.Entry{
		Key: topic + "#" + what, Topic: topic, Template: template, Class: mail.Step,
		Params: map[string]string{"municipality": s.Municipality.Name, "minutes": x.minutes(s), "date": s.To.String()},
		To:     inv.Address, Lang: s.Lang, Land: s.Municipality.Land, Settings: s.Municipality.Settings,
		Link: &link, LinkPath: "/b/", NotAfter: s.end(),
	}
}

// minutes says how long a survey takes.
func (x *Service) minutes(s Survey) string {
	in, err := x.Instruments.Instrument(s.Form)
	if err != nil {
		return ""
	}
	return cmp.Or(s.Minutes, in.Minutes)
}

// link is the capability that an invitation is. The address is part of it, so a link can't be made from
// what the tables hold once it has been used.
func (i invitation) link() mail.Link {
	id := strings.TrimPrefix(i.key.PK, "survey#")
	return mail.Link{Purpose: purposeClosed, ID: id + i.number(), Recipient: i.Address}
}

// Wanted says whether a mail that has waited is still of use: its survey runs and its link is unused.
func (x *Service) Wanted(ctx context.Context, e mail.Entry) (bool, error) {
	if e.Link == nil || e.Link.Purpose != purposeClosed {
		return true, nil
	}
	inv, err := x.invitationOf(ctx, e.Link.ID)
	if notThere(err) {
		return false, nil
	}
	if err != nil || inv.State != invitationOpen {
		return false, err
	}
	s, err := x.survey(ctx, e.Link.ID[:idLen])
	if notThere(err) {
		return false, nil
	}
	return s.State == StateRunning, err
}

// Bounced gives the operations that follow from a mail that came back: its invitation does not count as
// delivered. They belong into the write that records the bounce. Keys of other nouns give none.
func (x *Service) Bounced(ctx context.Context, entryKey string) ([]table.Op, error) {
	parts := strings.Split(entryKey, "#")
	if len(parts) != 4 || parts[0] != "survey" {
		return nil, nil
	}
	inv, err := x.invitationOf(ctx, parts[1]+parts[2])
	if notThere(err) {
		return nil, nil
	}
	if err != nil || inv.State != invitationOpen {
		return nil, err
	}
	return []table.Op{inv.become(invitationBounced)}, nil
}

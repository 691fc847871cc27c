package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/survey/score"
	"kokoma/shared/table"
)

// Snapshot is the result of a closed survey: what may be shown, and nothing that may not. It is written
// once. Result.Hidden says that there were too few answers for anything.
type Snapshot struct {
	Survey       string       `json:"survey"`
	Number       int          `json:"number"`
	Case         string       `json:"case"`
	CaseNo       string       `json:"no,omitempty"`
	Municipality Whose        `json:"municipality"`
	Form         string       `json:"form"`
	Hash         string       `json:"hash"`
	Mode         Mode         `json:"mode"`
	From         lang.Date    `json:"from"`
	To           lang.Date    `json:"to"`
	Invited      int          `json:"invited,omitempty"`
	Bounced      int          `json:"bounced,omitempty"`
	Rate         *float64     `json:"rate,omitempty"` // completed of those reached; nil: not defined or not shown
	Result       score.Result `json:"result"`
}

// kept is how long invitations outlive their survey: retention class R1.
const kept = 30 * 24 * time.Hour

// close computes the snapshot. Everything before the last write can be done again: answers are no longer
// taken, so it comes out the same.
func (x *Service) close(ctx context.Context, s Survey, now time.Time) error {
	bounced, err := x.expireInvitations(ctx, s)
	if err != nil {
		return err
	}
	result, err := x.Recompute(ctx, s)
	if err != nil {
		return err
	}
	snap := s.snapshot(result, bounced)
	s.State = StateClosed
	s.due = s.dueAt(now)
	return x.Table.Write(ctx, s.update(), table.Put(table.Item{
		Key: snapshotKey(s.ID, snap.Number), Version: 1, Kind: snapshotKind, Body: encode(snap),
	}, table.Absent()))
}

// Recompute gives the published numbers of a survey from its raw answers.
func (x *Service) Recompute(ctx context.Context, s Survey) (score.Result, error) {
	f, err := x.form(ctx, s)
	if err != nil {
		return score.Result{}, err
	}
	responses, err := x.responses(ctx, s.ID)
	if err != nil {
		return score.Result{}, err
	}
	return disclosure.Standard().Publish(score.Compute(instrument.Sheet(f), responses)), nil
}

func (s Survey) snapshot(r score.Result, bounced int) Snapshot {
	snap := Snapshot{
		Survey: s.ID, Number: 1, Case: s.Case, CaseNo: s.CaseNo, Municipality: s.Municipality, Form: s.Form, Hash: s.Hash,
		Mode: s.Mode, From: s.From, To: s.To, Invited: s.Invited, Bounced: bounced, Result: r,
	}
	if rate, ok := score.Rate(r.Completed, s.Invited, bounced); ok && r.Hidden == "" {
		rate = disclosure.Round(rate*100) / 100
		snap.Rate = &rate
	}
	return snap
}

// form is the version that the survey was asked with: usually the shipped one, else it is looked up.
func (x *Service) form(ctx context.Context, s Survey) (*form.Form, error) {
	in, err := x.Instruments.Instrument(s.Form)
	if err == nil && in.Form.Hash == s.Hash {
		return in.Form, nil
	}
	f, err := x.Library.Form(ctx, s.Hash)
	if err != nil {
		return nil, fmt.Errorf("reading the form of survey %s: %w", s.ID, err)
	}
	return f, nil
}

// responses reads all answers. They are in the memory of this function and nowhere else.
func (x *Service) responses(ctx context.Context, id string) ([]score.Response, error) {
	var out []score.Response
	for it, err := range table.All(ctx, x.Table, table.Query{Table: table.Answers, PK: answerKey(id, "").PK}) {
		if err != nil {
			return nil, fmt.Errorf("reading answers: %w", err)
		}
		var r response
		if err := json.Unmarshal(it.Body, &r); err != nil {
			return nil, fmt.Errorf("reading an answer of survey %s: its text is damaged", id)
		}
		marks := make(score.Response, len(r.Answers))
		for name, v := range r.Answers {
			marks[name] = v.Text
		}
		out = append(out, marks)
	}
	return out, nil
}

// expireInvitations ends all invitations 30 days after the survey and counts those that came back.
func (x *Service) expireInvitations(ctx context.Context, s Survey) (bounced int, err error) {
	until := s.Ended.Add(kept)
	var ops []table.Op
	q := table.Query{PK: headKey(s.ID).PK, Prefix: invitationKind + "#"}
	for it, err := range table.All(ctx, x.Table, q) {
		if err != nil {
			return 0, fmt.Errorf("reading invitations: %w", err)
		}
		inv, err := readInvitation(it)
		if err != nil {
			return 0, err
		}
		if inv.State == invitationBounced {
			bounced++
		}
		if !it.Expires.Equal(until.Truncate(time.Second)) {
			ops = append(ops, table.Update(it.Key, table.Change{Expires: &until}, table.Exists()))
		}
	}
	return bounced, x.inBatches(ctx, ops)
}

// inBatches writes operations that don't depend on one another.
func (x *Service) inBatches(ctx context.Context, ops []table.Op) error {
	for len(ops) > 0 {
		n := min(2*batch, len(ops))
		if err := x.Table.Write(ctx, ops[:n]...); err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

// ErrLater says that a case can't be told yet that its survey is over: it rests. That is no fault.
var ErrLater = errors.New("survey: the case rests")

// follow tells the case, again at the next tick if that did not work, and the next day if the case rests.
func (x *Service) follow(ctx context.Context, s Survey, then State,
	tell func(context.Context, string, string, int, string, time.Time) error, now time.Time,
) error {
	if tell != nil {
		err := tell(ctx, s.Case, s.Step, s.Iteration, s.ID, now)
		if errors.Is(err, ErrLater) {
			s.due = s.dueAt(lang.DateOf(now).AddDays(1).At(8, 0))
			return x.Table.Write(ctx, s.update())
		}
		if err != nil {
			return fmt.Errorf("following up: %w", err)
		}
	}
	s.State = then
	s.due = table.Place{}
	if err := x.Table.Write(ctx, s.update()); err != nil {
		return err
	}
	x.Log.InfoContext(ctx, "survey is over", "kind", s.Form, "state", string(then))
	return nil
}

// abandon ends a cancelled survey: what nobody will evaluate is not kept.
func (x *Service) abandon(ctx context.Context, s Survey, now time.Time) error {
	var ops []table.Op
	for it, err := range table.All(ctx, x.Table, table.Query{Table: table.Answers, PK: answerKey(s.ID, "").PK}) {
		if err != nil {
			return fmt.Errorf("reading answers: %w", err)
		}
		ops = append(ops, table.Delete(it.Key))
	}
	if err := x.inBatches(ctx, ops); err != nil {
		return err
	}
	if _, err := x.expireInvitations(ctx, s); err != nil {
		return err
	}
	return x.follow(ctx, s, StateCancelled, x.Cancelled, now)
}

// LoadSnapshot reads the newest result of a closed survey; table.ErrNotFound while there is none.
func LoadSnapshot(ctx context.Context, t table.Table, surveyID string) (Snapshot, error) {
	var snap Snapshot
	if !validID(surveyID, idLen) {
		return snap, table.ErrNotFound
	}
	it, err := t.Get(ctx, snapshotKey(surveyID, 1))
	if err != nil {
		return snap, fmt.Errorf("reading snapshot: %w", err)
	}
	if err := json.Unmarshal(it.Body, &snap); err != nil {
		return snap, fmt.Errorf("reading snapshot of survey %s: %v", surveyID, err)
	}
	return snap, nil
}

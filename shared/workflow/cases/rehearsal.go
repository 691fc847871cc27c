package cases

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// A rehearsal is a case that is only played through: of a fictional
// municipality, on a clock of its own that is turned by hand, and whatever it
// mails goes to who rehearses. Its id tells it from a case wherever one of the
// two is met: it has no case number, stands in no list, on no desk, and nothing
// wakes it but Turn. It has no survey and no expression of interest. After thirty
// days it is gone.

// Rehearsal is what a rehearsal knows beside its case.
type Rehearsal struct {
	To    string        `json:"to"` // whom all mails go to
	Lang  lang.Lang     `json:"l,omitempty"`
	Ahead time.Duration `json:"a,omitempty"` // of its clock
	Until time.Time     `json:"u"`           // when it is gone
}

const (
	rehearsalMark   = "PROBE" // begins the ids
	rehearsalsPK    = "rehearsals"
	rehearsalKept   = 30 * 24 * time.Hour
	rehearsalNumber = "Probe-"

	// aheadCounter repeats on the head how far the clock is ahead: turning it is
	// no event, so it is what a command that was decided before meets.
	aheadCounter = "ahead"
)

// IsRehearsal says whether the id is that of a rehearsal.
func IsRehearsal(id string) bool { return strings.HasPrefix(id, rehearsalMark) }

// newID is the id of a case that counts.
func newID() string {
	for {
		if id := rand.Text(); !IsRehearsal(id) {
			return id
		}
	}
}

// Now is the case's time: the platform's, but in a rehearsal.
func (c *Record) Now(now time.Time) time.Time {
	if c.Rehearsal == nil {
		return now
	}
	return now.Add(c.Rehearsal.Ahead)
}

// dueIn is where the timers of a rehearsal stand, apart from all others.
func dueIn(id string) string { return rehearsalsPK + "#" + id }

// rehearsed keeps what is written of a rehearsal away from everything else.
func (c *Record) rehearsed(ops []table.Op) []table.Op {
	if c.Rehearsal == nil {
		return ops
	}
	for i := range ops {
		it := &ops[i].Item
		if ops[i].Verb != table.Putting || it.PK != Prefix+c.ID {
			continue
		}
		it.Expires = c.Rehearsal.Until
		if it.Due.PK != "" {
			it.Due.PK = dueIn(c.ID)
		}
		it.By = table.Place{}
		if it.SK == headSK {
			it.Counters = map[string]int64{aheadCounter: int64(c.Rehearsal.Ahead)}
			ops[i].Conds = append(ops[i].Conds, table.CounterIs(aheadCounter, c.ahead))
			it.By = table.Place{PK: rehearsalsPK, SK: c.Rehearsal.Until.UTC().Format(time.RFC3339) + c.ID, Note: c.note()}
		}
	}
	return ops
}

// Post gives the operation that mails something about the case. It is the only
// way: in a rehearsal everything goes to who rehearses, at once, and says to whom
// it would have gone.
func (x *Service) Post(c *Record, e mail.Entry, now time.Time) table.Op {
	if !IsRehearsal(c.ID) {
		return x.Outbox.Op(e, now)
	}
	if c.Rehearsal == nil { // a fault of ours: then better nobody gets it
		e.To, e.ToName = "", ""
		return x.Outbox.Op(e, now)
	}
	e.Trial = x.wouldGoTo(c, e, lang.DateOf(now))
	e.To, e.ToName, e.Class, e.Topic, e.NotBefore = c.Rehearsal.To, "", mail.Asked, "", time.Time{}
	return x.Outbox.Op(e, now.Add(-c.Rehearsal.Ahead))
}

// wouldGoTo names the role and the person of a mail.
func (x *Service) wouldGoTo(c *Record, e mail.Entry, today lang.Date) string {
	role := ""
	for _, st := range c.Steps {
		for _, a := range Recipients(st) {
			if a.Email == e.To {
				role = a.Role
			}
		}
	}
	if roles := c.People.RolesOf(e.To, today); role == "" && len(roles) > 0 {
		role = roles[0]
	}
	if role == "" && e.To == x.Office {
		role = "SVC"
	}
	words := []string{e.ToName, e.To}
	if role != "" {
		words = slices.Insert(words, 0, x.Text(cmp.Or(e.Lang, lang.DE), "workflow.role."+role))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}

// Rehearse begins a rehearsal of a version of the process for who is signed in.
func (x *Service) Rehearse(ctx context.Context, d *process.Definition, to process.Person, now time.Time) (string, error) {
	if err := x.Keep(ctx, d); err != nil {
		return "", err
	}
	c := &Record{ID: rehearsalMark + rand.Text()[len(rehearsalMark):], Def: d}
	c.Steps = map[process.Ref]process.Step{}
	c.Office = []process.Person{{Email: x.Office, Lang: lang.DE}}
	c.Rehearsal = &Rehearsal{To: to.Email, Lang: to.Lang, Until: now.Add(rehearsalKept).UTC().Truncate(time.Second)}
	row, err := command.Decide(d, c.State, command.Start{
		Meta: command.Meta{By: process.Actor{Role: "FED"}},
		Case: process.Opening{
			No:           rehearsalNumber + c.ID[len(rehearsalMark):len(rehearsalMark)+4],
			Municipality: municipality.Municipality{Name: "Musterstadt", Kind: "STADT", Land: "BY", ByHand: true},
			Lang:         cmp.Or(to.Lang, lang.DE), Definition: d.Hash,
		},
		People: process.People{"FED": {{Name: "Federführendes Amt", Email: "amt@musterstadt.example"}}},
	}, now)
	if err != nil {
		return "", fmt.Errorf("beginning a rehearsal: %w", err)
	}
	ops, err := x.ops(ctx, c, row, now)
	if err != nil {
		return "", err
	}
	if err := x.Table.Write(ctx, ops...); err != nil {
		return "", fmt.Errorf("beginning a rehearsal: %w", err)
	}
	return c.ID, nil
}

// Rehearsals lists those that are under way, newest first.
func (x *Service) Rehearsals(ctx context.Context) ([]Listed, error) {
	var out []Listed
	for it, err := range table.All(ctx, x.Table, table.Query{Index: table.By, PK: rehearsalsPK, Desc: true}) {
		if err != nil {
			return nil, fmt.Errorf("listing rehearsals: %w", err)
		}
		id := strings.TrimPrefix(it.PK, Prefix)
		l := Listed{ID: id, No: rehearsalNumber + id[len(rehearsalMark):len(rehearsalMark)+4]}
		if err := json.Unmarshal([]byte(it.By.Note), &l.Note); err != nil {
			return nil, fmt.Errorf("listing rehearsals: %v", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// NextEvent is when the next timer of a rehearsal goes off, by its clock; false
// when nothing is planned.
func (x *Service) NextEvent(ctx context.Context, id string) (time.Time, bool, error) {
	_, at, ok, err := x.firstDue(ctx, id)
	return at, ok, err
}

func (x *Service) firstDue(ctx context.Context, id string) (table.Key, time.Time, bool, error) {
	page, err := x.Table.Query(ctx, table.Query{Index: table.Due, PK: dueIn(id), Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return table.Key{}, time.Time{}, false, err
	}
	at, err := page.Items[0].Due.Time()
	return page.Items[0].Key, at, err == nil, err
}

// maxEvents bounds what one turning of a clock does; turning again goes on.
const maxEvents = 60

// Turn turns the clock of a rehearsal forward to a time and does what its timers
// call for on the way, each at its moment.
func (x *Service) Turn(ctx context.Context, id string, to, now time.Time) error {
	for range maxEvents {
		c, err := x.Load(ctx, id)
		if err != nil {
			return err
		}
		key, at, ok, err := x.firstDue(ctx, id)
		if err != nil {
			return fmt.Errorf("looking what comes next in a rehearsal: %w", err)
		}
		done := !ok || at.After(to)
		if done {
			at = to
		}
		err = x.setClock(ctx, c, at, now)
		if errors.Is(err, table.ErrConflict) {
			continue // a command was faster
		}
		if err != nil || done {
			return err
		}
		if at.Before(c.Now(now)) {
			at = c.Now(now)
		}
		if err := x.goesOff(ctx, c, key, at, now); err != nil {
			return err
		}
		if again, when, ok, err := x.firstDue(ctx, id); err != nil || ok && again == key && !when.After(at) {
			return err // it waits for something else
		}
	}
	return nil
}

// goesOff does what a timer of a rehearsal calls for at a moment of its clock. A
// planned step opens by a command, which looks at that clock itself.
func (x *Service) goesOff(ctx context.Context, c *Record, key table.Key, at, now time.Time) error {
	ref, ok := refOf(key.SK)
	if !ok || !strings.HasPrefix(key.SK, "step#") || c.Head.Steps[ref.Step].State != process.Planned {
		return x.Due(ctx, key, at)
	}
	_, err := x.Do(ctx, c.ID, command.Open{Meta: command.Meta{By: process.Actor{Role: process.ByClock}}, Ref: ref}, now)
	if errors.Is(err, command.ErrNotOpen) || errors.Is(err, command.ErrResting) || errors.Is(err, command.ErrDate) {
		return nil
	}
	return err
}

// setClock keeps the time of a rehearsal. It never runs backwards.
func (x *Service) setClock(ctx context.Context, c *Record, to, now time.Time) error {
	ahead := to.Sub(now)
	if c.Rehearsal == nil {
		return table.ErrNotFound
	}
	if ahead <= c.Rehearsal.Ahead {
		return nil
	}
	c.Rehearsal.Ahead = ahead
	op, err := c.headOp()
	if err != nil {
		return err
	}
	op.Conds = []table.Cond{table.AtVersion(c.Head.Seq)}
	if err := x.Table.Write(ctx, c.rehearsed([]table.Op{op})...); err != nil {
		return fmt.Errorf("turning the clock of a rehearsal: %w", err)
	}
	return nil
}

// Forget deletes a rehearsal: the head last, so that it can be asked for again.
func (x *Service) Forget(ctx context.Context, id string) error {
	if !IsRehearsal(id) {
		return table.ErrNotFound
	}
	var ops []table.Op
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id}) {
		if err != nil {
			return fmt.Errorf("deleting a rehearsal: %w", err)
		}
		if it.SK != headSK {
			ops = append(ops, table.Delete(it.Key))
		}
	}
	for part := range slices.Chunk(append(ops, table.Delete(Key(id, headSK))), table.MaxOps) {
		if err := x.Table.Write(ctx, part...); err != nil {
			return fmt.Errorf("deleting a rehearsal: %w", err)
		}
	}
	return nil
}

// Simulate does what surveys and municipalities would do in a case: a survey that
// a step waits for is closed, a question to the municipality is answered.
func (x *Service) Simulate(ctx context.Context, id, step string, now time.Time) error {
	if !IsRehearsal(id) {
		return table.ErrNotFound
	}
	c, err := x.Load(ctx, id)
	if err != nil {
		return err
	}
	mark := c.Head.Steps[step]
	var cmd command.Command = command.SurveyClosed{
		Meta: command.Meta{By: process.Actor{Role: process.BySurvey}}, Ref: process.Ref{Step: step, Iteration: mark.Iteration},
	}
	if mark.State == process.Query {
		cmd = command.Answered{Meta: command.Meta{By: process.Actor{Role: "FED"}}, Step: step}
	}
	_, err = x.Do(ctx, id, cmd, now)
	if errors.Is(err, command.ErrNotOpen) {
		return nil // pressed twice
	}
	return err
}

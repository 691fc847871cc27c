package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// life is a process in which everything happens that one write can do: steps
// that wait, come again and are there at any time, four eyes, danger, records,
// a review, a survey, a pause, and the end with its follow-up.
const life = `
	O01:
	O02: pre: [{step: O01}]; acts: [FED]; roles: [{role: LEI, email: mail}]
	O03: pre: [{step: O02}]; acts: [FED, LEI]; four_eyes: true; outcome: [{when: "${word} = 'danger'", effect: safety}]
	O04: pre: [{step: O02, wait_wt: 4}]; records: [{kind: agreement, each: rows, title: row_text, due: row_due}]
	O05: pre: [{step: O02}]; reviewer: SVC; records: [{kind: document, title: {de: "A", en: "A"}, doc: a, state: draft}]
	B09: pre: [{step: O04}]; opens_on: safety
	R01: pre: [{step: O02}]; repeatable: true; repeat: {every: "1 week"}
	R06: pre: [{step: O02}]; repeatable: true; repeat: {every: on_demand}
	C15: pre: [{step: O04}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`

// lived is that life, a command or a turn of the clock after another.
func lived(w *world) []func() (command.Command, int) {
	n := 0
	meta := func(role, who string) command.Meta {
		n++
		return command.Meta{ID: fmt.Sprint("life", n), By: process.Actor{Role: role, Who: process.WhoHash(who)}}
	}
	ref := func(key string, i int) process.Ref { return process.Ref{Step: key, Iteration: i} }
	do := func(c func() command.Command) func() (command.Command, int) {
		return func() (command.Command, int) { return c(), 0 }
	}
	submit := func(role, key string, i int, a form.Answers) func() (command.Command, int) {
		return do(func() command.Command { return command.Submit{Meta: meta(role, "one"), Ref: ref(key, i), Answers: a} })
	}
	days := func(n int) func() (command.Command, int) { return func() (command.Command, int) { return nil, n } }
	rows := word()
	rows["rows"] = form.Value{Rows: []form.Answers{agreedOn("Absprache", "2026-04-22"), agreedOn("Zweite", "")}}
	return []func() (command.Command, int){
		submit("FED", "O02", 1, word("mail", "leitung@musterstadt.example")),
		submit("FED", "O03", 1, word("word", "danger")),
		days(1),
		do(func() command.Command { return command.Accept{Meta: meta("LEI", "two"), Ref: ref("O03", 1)} }),
		submit("FED", "R06", 1, word()),
		submit("FED", "O05", 1, word()),
		do(func() command.Command { return command.Accept{Meta: meta("SVC", "two"), Ref: ref("O05", 1)} }),
		submit("FED", "R01", 1, word()),
		days(5),
		submit("FED", "O04", 1, rows),
		do(func() command.Command { return command.Pause{Meta: meta("SVC", "two"), Reason: "Wahl"} }),
		days(2),
		do(func() command.Command { return command.Resume{Meta: meta("SVC", "two")} }),
		days(9),
		do(func() command.Command {
			return command.SetRecord{Meta: meta("EXT", "two"), Record: "agreement#O04#1#1", State: "kept", Reason: "geprüft"}
		}),
		submit("SVC", "C15", 1, word("next_on", "2026-05-20")),
		days(30),
	}
}

// live goes through the life, doing again whatever was not answered.
func (w *world) live(f *tabletest.Faults) {
	w.t.Helper()
	for _, part := range lived(w) {
		c, days := part()
		if c != nil {
			w.insist(f, c)
		}
		for range 2 * days {
			w.set(w.now.Add(12 * time.Hour))
			w.insistDue(f)
		}
	}
}

// insistDue works off all that is due, reviving the process.
func (w *world) insistDue(f *tabletest.Faults) {
	w.t.Helper()
	for range 4 { // a mail that waits for its sender's lease stays due for a while
		if n := w.dueOnce(f); n == 0 {
			return
		}
	}
}

func (w *world) dueOnce(f *tabletest.Faults) int {
	n := 0
	for shard := range table.Shards() {
		page, err := w.table.Query(w.ctx, table.DueUntil(shard, w.now))
		if err != nil {
			f.Revive()
			return 1
		}
		for _, it := range page.Items {
			n++
			if strings.HasPrefix(it.PK, cases.Prefix) {
				err = w.x.Due(w.ctx, it.Key, w.now)
			} else {
				err = w.x.Outbox.Due(w.ctx, []table.Key{it.Key}, w.now)
			}
			if errors.Is(err, tabletest.ErrCrashed) {
				f.Revive()
			} else if err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return n
}

// counted counts writes, and notes which mails were asked for.
type counted struct {
	table.Table
	n    int
	keys map[string]bool
}

func (c *counted) Write(ctx context.Context, ops ...table.Op) error {
	c.n++
	err := c.Table.Write(ctx, ops...)
	for _, op := range ops {
		var e struct{ Key string }
		if op.Item.Kind == "mail" && err == nil && json.Unmarshal(op.Item.Body, &e) == nil {
			c.keys[e.Key] = true
		}
	}
	return err
}

// told is the history without what differs by chance.
func (w *world) told() []process.Row {
	w.t.Helper()
	rows, _, err := w.x.History(w.ctx, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range rows {
		for j := range rows[i].Events {
			rows[i].Events[j].Case = nil
		}
	}
	return rows
}

// TestALifeSurvivesDyingAtAnyWrite: WF-3 over everything that a step can do.
// Each write of the life in turn is the last one of its process, before or after
// it reached the disk; the history, what is stored and what became of each mail
// are those of an undisturbed life.
func TestALifeSurvivesDyingAtAnyWrite(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) (*world, *tabletest.Faults, *counted) {
		var f *tabletest.Faults
		c := &counted{keys: map[string]bool{}}
		w := worldOf(t, processtest.Files(life), func(inner table.Table) table.Table {
			c.Table = inner
			f = tabletest.Faulty(c)
			return f
		})
		w.begin()
		c.n = 0
		return w, f, c
	}
	calm, f, writes := start(t)
	calm.live(f)
	calm.sameAsEvents()
	want, mails := calm.told(), calm.mailed(writes)
	if h := calm.head(); h.Status != process.Completed || writes.n < 40 {
		t.Fatalf("the life ended as %q after %d writes: %+v", h.Status, writes.n, h)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 1; n <= writes.n; n += step {
		for _, after := range []bool{false, true} {
			if after != (n%2 == 0) && n%6 != 0 {
				continue // the two kinds take turns, and meet at every sixth
			}
			t.Run(fmt.Sprintf("%d/%t", n, after), func(t *testing.T) {
				t.Parallel()
				w, f, c := start(t)
				f.Crash(n, after)
				w.live(f)
				f.Revive()
				w.sameAsEvents()
				if got := w.told(); !reflect.DeepEqual(got, want) {
					t.Errorf("the history is\n%+v\nwant\n%+v", got, want)
				}
				if got := w.mailed(c); !reflect.DeepEqual(got, mails) {
					t.Errorf("the mails are\n%v\nwant\n%v", got, mails)
				}
			})
		}
	}
}

// mailed says what became of each mail that was asked for. Of several to one
// person on one day chance says which goes first, and one whose step is done by
// then is dropped; so of mails about steps it counts that they are over.
func (w *world) mailed(c *counted) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for key := range c.keys {
		r, err := w.x.Outbox.Find(w.ctx, key)
		if err != nil {
			w.t.Fatal(err)
		}
		state := string(r.State)
		if r.Class == mail.Step && (r.State == mail.Sent || r.State == mail.Dropped) && !strings.Contains(key, "#end#") {
			state = "over"
		}
		out[strings.ReplaceAll(key, w.id, "case")] = state
	}
	return out
}

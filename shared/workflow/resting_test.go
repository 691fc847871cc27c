package workflow

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
	"kokoma/shared/workflow/process/processtest"
)

// submittedForTwo is a world in which a second person is asked to accept O02, by
// a mail that has yet to go.
func submittedForTwo(t *testing.T) *world {
	t.Helper()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, LEI]; four_eyes: true
		O03: pre: [{step: O02}]; acts: [FED]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: lead}})
	w.days(1)
	b, path := w.browser(), w.link("amt@musterstadt.example", "O02")
	if r := b.Post(path, fill(b.Get(path), url.Values{"word": {"Wort"}})); r.Status != http.StatusSeeOther {
		t.Fatalf("sending in: status %d", r.Status)
	}
	return w
}

// TestNobodyIsAskedToAcceptInAPause: what waited does not go, and is made up for
// when the case goes on.
func TestNobodyIsAskedToAcceptInAPause(t *testing.T) {
	t.Parallel()
	w := submittedForTwo(t)
	due := w.current("O02").Due
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.days(10)
	if n := len(w.subjects(lead, "bitte gegenlesen")); n != 0 {
		t.Errorf("%d mails in a pause, want none", n)
	}
	w.do(command.Resume{Meta: by("SVC")})
	w.days(4)
	if n := len(w.subjects(lead, "bitte gegenlesen")); n != 1 {
		t.Errorf("%d mails after the pause, want 1", n)
	}
	if st := w.current("O02"); st.State != process.Submitted || st.Due != due {
		t.Errorf("O02 is %q and due %s, want submitted and as it was, %s", st.State, st.Due, due)
	}
	w.sameAsEvents()
}

func TestNobodyIsAskedToAcceptInACaseThatEnded(t *testing.T) {
	t.Parallel()
	w := submittedForTwo(t)
	w.do(command.Withdraw{Meta: by("FED"), Reason: "kein Beschluss"})
	w.days(2)
	if n := len(w.subjects(lead, "bitte gegenlesen")); n != 0 {
		t.Errorf("%d mails after the end, want none", n)
	}
	if st := w.current("O02"); st.State != process.Ended {
		t.Errorf("O02 is %q, want ended with the case", st.State)
	}
	w.sameAsEvents()
}

// TestReopeningSetsTheNextDayOfPeople that a turn in the ended case left out.
func TestReopeningSetsTheNextDayOfPeople(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED]; outcome: [{when: "${word} = 'no'", effect: end_declined}]`)
	const one = "amt@musterstadt.example"
	w.do(command.Absence{Meta: by("FED"), Email: one, Own: true, Away: process.Period{From: w.day(3), To: w.day(9), Deputy: deputy}})
	w.finish("O02", "FED", "word", "no")
	place := func() string {
		it, err := w.table.Get(w.ctx, cases.Key(w.id, "head#people"))
		if err != nil {
			t.Fatal(err)
		}
		return it.Due.SK
	}
	w.days(5)
	if place() != "" {
		t.Fatal("in a case that was declined people have a next day")
	}
	w.do(command.Reopen{Meta: by("SVC"), Step: "O02", Reason: "neuer Beschluss"})
	if place() == "" {
		t.Error("after reopening people have no next day")
	}
	w.wants("O02", "", deputy)
	w.days(6)
	w.wants("O02", "", one)
	w.sameAsEvents()
}

// TestResumingTellsThatNobodyIsLeft: that the last address bounced in the pause.
func TestResumingTellsThatNobodyIsLeft(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [KM]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "KM", Person: process.Person{Email: expert}})
	w.do(command.Handover{Meta: by("KM"), Ref: w.current("O02").Ref, From: expert, To: process.Person{Email: another}})
	w.days(2)
	before := len(w.subjects(office, "Wer übernimmt"))
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	for _, email := range []string{expert, another} {
		w.do(command.Bounce{Meta: by(process.ByClock), Email: email})
	}
	w.days(3)
	if n := len(w.subjects(office, "Wer übernimmt")) - before; n != 0 {
		t.Errorf("%d mails in a pause, want none", n)
	}
	w.do(command.Resume{Meta: by("SVC")})
	w.wants("O02", process.Bounced)
	w.days(2)
	if n := len(w.subjects(office, "Wer übernimmt")) - before; n != 1 {
		t.Errorf("the service office got %d mails that nobody is asked, want 1", n)
	}
	w.sameAsEvents()
}

// TestWhoIsAwayIsThankedToo: the closing mail can be read later.
func TestWhoIsAwayIsThankedToo(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
	for role, who := range map[string]string{"LEI": lead, "EXT": expert, "LOK": another} {
		w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: who}})
	}
	w.do(command.Assign{Meta: by("SVC"), Role: "LOK", Person: process.Person{Email: stated}, Add: true})
	w.do(command.Absence{Meta: by("LEI"), Email: lead, Own: true, Away: process.Period{To: w.day(30)}})
	w.do(command.Absence{Meta: by("EXT"), Email: expert, Own: true, Away: process.Period{To: w.day(30), Deputy: deputy}})
	w.do(command.Absence{Meta: by("LOK"), Email: another, Own: true, Away: process.Period{To: w.day(30)}})
	w.finish("C15", "SVC", "next_on", "2026-10-02")
	w.days(3)
	for who, want := range map[string]int{lead: 1, "amt@musterstadt.example": 1, expert: 0, deputy: 1, another: 1, stated: 1} {
		if n := len(w.subjects(who, "Abschluss und Nachsorge")); n != want {
			t.Errorf("%s got %d closing mails, want %d", who, n, want)
		}
	}
}

// TestWhoseMailComesBackIsNotThanked: what goes there helps nobody.
func TestWhoseMailComesBackIsNotThanked(t *testing.T) {
	t.Parallel()
	const one = "amt@musterstadt.example"
	w := tiny(t, `
		O01:
		C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
	w.do(command.Assign{Meta: by("SVC"), Role: "FED", Person: process.Person{Email: another}, Add: true})
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: lead}})
	w.do(command.Bounce{Meta: by(process.ByClock), Email: one})
	w.do(command.Bounce{Meta: by(process.ByClock), Email: lead})
	w.days(1)
	before := map[string]int{}
	for _, who := range []string{one, lead, another} {
		before[who] = len(w.to(who))
	}
	w.finish("C15", "SVC", "next_on", "2026-10-02")
	w.days(3)
	for who, want := range map[string]int{one: 0, lead: 0, another: 1} {
		if n := len(w.to(who)) - before[who]; n != want {
			t.Errorf("%s got %d mails at the end, want %d", who, n, want)
		}
	}
}

// meanwhile is a table in which others are once faster than a write.
type meanwhile struct {
	table.Table
	do func()
}

func (m *meanwhile) Write(ctx context.Context, ops ...table.Op) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Table.Write(ctx, ops...)
}

// TestTheClockOfARehearsalNeverRunsBackwards: not even by a command that was
// decided before it was turned; and it is turned though a command was faster.
func TestTheClockOfARehearsalNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	m := &meanwhile{}
	w := worldOf(t, processtest.Files("O01:\nO02: pre: [{step: O01}]"), func(inner table.Table) table.Table {
		m.Table = inner
		return m
	})
	w.rehearse()
	name := func(role string) {
		w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: expert}})
	}
	const day = 24 * time.Hour
	m.do = func() { w.ahead(day) }
	name("LEI")
	if got := w.record().Rehearsal.Ahead; got != day {
		t.Errorf("the clock is %s ahead, want %s", got, day)
	}
	m.do = func() { name("KM") }
	w.ahead(day)
	if got := w.record(); got.Rehearsal.Ahead != 2*day || len(got.People["KM"]) != 1 {
		t.Errorf("the clock is %s ahead, want %s; KM is %v", got.Rehearsal.Ahead, 2*day, got.People["KM"])
	}
}

// TestWhatIsDueOfACaseThatIsGoneIsNoFault: its items can outlive the head.
func TestWhatIsDueOfACaseThatIsGoneIsNoFault(t *testing.T) {
	t.Parallel()
	for _, ended := range []bool{false, true} {
		w := tiny(t, `
			O01:
			O02: pre: [{step: O01}]; records: [{kind: agreement, each: rows, title: row_text, state: row_state, due: row_due}]
			O03: pre: [{step: O01}]; acts: [KM]
			O04: pre: [{step: O02, wait_wt: 20}]
			C15: pre: [{step: O02}]; acts: [SVC]; outcome: [{effect: complete, follow_up: next_on}]`)
		w.agree(agreedOn("Absprache", "2026-04-20"))
		if ended {
			w.finish("C15", "SVC", "next_on", "2026-06-02")
		}
		if err := w.table.Write(w.ctx, table.Delete(cases.Key(w.id, "head"))); err != nil {
			t.Fatal(err)
		}
		w.set(w.now.AddDate(1, 0, 0))
		n := 0
		for shard := range table.Shards() {
			for it, err := range table.All(w.ctx, w.table, table.DueUntil(shard, w.now)) {
				if err != nil {
					t.Fatal(err)
				}
				if it.PK != cases.Prefix+w.id {
					continue
				}
				n++
				if err := w.x.Due(w.ctx, it.Key, w.now); err != nil {
					t.Errorf("%s: %v", it.Key, err)
				}
			}
		}
		if n < 2 {
			t.Errorf("with an end %t, only %d items are due", ended, n)
		}
	}
}

func TestATaskThatIsNotThereIsNotSettled(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]`)
	_, err := w.x.Do(w.ctx, w.id, command.Settle{Meta: by("SVC"), Task: "safety#O02#1", Reason: "telefoniert"}, w.now)
	if !errors.Is(err, command.ErrNotOpen) {
		t.Errorf("got %v, want %v", err, command.ErrNotOpen)
	}
}

// TestWhoCameInAPauseIsAskedOnce to accept, though the case goes on and somebody
// else is asked in the same breath.
func TestWhoCameInAPauseIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := submittedForTwo(t)
	w.days(2)
	before := len(w.subjects(lead, "bitte gegenlesen"))
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: another}, Add: true})
	w.do(command.Resume{Meta: by("SVC")})
	w.days(4)
	if n := len(w.subjects(another, "bitte gegenlesen")); n != 1 {
		t.Errorf("who came in the pause got %d mails, want 1", n)
	}
	if n := len(w.subjects(lead, "bitte gegenlesen")) - before; n != 1 {
		t.Errorf("who was asked before got %d mails after the pause, want 1", n)
	}
	w.sameAsEvents()
}

// TestWhoCameInAPauseHasOneMailToGo: the stream can hand over two at different
// times, and then no batch sees that they are about the same.
func TestWhoCameInAPauseHasOneMailToGo(t *testing.T) {
	t.Parallel()
	w := submittedForTwo(t)
	w.days(2)
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: another}, Add: true})
	w.do(command.Resume{Meta: by("SVC")})
	queued, err := w.x.Outbox.Queued(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, q := range queued {
		n[q.To]++
	}
	if n[lead] != 1 || n[another] != 1 {
		t.Errorf("queued are %v, want one mail each to %s and %s", n, lead, another)
	}
}

// TestInPaperModeNobodyIsMailedToAccept: the service office has it on its desk.
func TestInPaperModeNobodyIsMailedToAccept(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED, LEI]; four_eyes: true`)
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: lead}})
	w.do(command.Configure{Meta: by("SVC"), Settings: municipality.Settings{Paper: true}})
	meta := by("FED")
	meta.By.Who = process.WhoHash("amt@musterstadt.example")
	w.do(command.Submit{Meta: meta, Ref: w.current("O02").Ref, Answers: form.Answers{"word": {Text: "Wort"}}})
	w.days(2)
	if n := len(w.subjects(lead, "bitte gegenlesen")); n != 0 {
		t.Errorf("%d mails, want none", n)
	}
	if why := w.onDesk()["O02"]; why != cases.WhyReview {
		t.Errorf("on the desk as %q, want %q", why, cases.WhyReview)
	}
}

package survey_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

// TestDeathBetweenWrites kills the process before and after each single write of a survey's life. After
// the next start everybody was invited and reminded once, and there is one result.
func TestDeathBetweenWrites(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for n := 1; n <= 14; n++ {
			t.Run(fmt.Sprint("after=", after, " write ", n), func(t *testing.T) {
				t.Parallel()
				var faults *tabletest.Faults
				w := newWorld(t, func(inner table.Table) table.Table {
					faults = tabletest.Faulty(inner)
					return faults
				})
				id := w.plan(func(p *survey.Planned) { p.Addresses = people(100) })
				faults.Crash(n, after)
				for _, at := range []string{"2026-08-03", "2026-08-17", "2026-08-27", "2026-08-29"} {
					w.mu.Lock()
					w.clock = day(at).At(9, 0)
					w.mu.Unlock()
					w.surviving(faults)
				}
				w.countMails(t, id)
				if s := w.head(id); s.State != survey.StateEvaluated {
					t.Errorf("state %s, want evaluated", s.State)
				}
			})
		}
	}
}

func people(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("person%03d@example.org", i))
	}
	return out
}

// surviving does what is due; a process that died starts again. Mails are not sent here, so that each
// entry of the outbox can be counted.
func (w *world) surviving(faults *tabletest.Faults) {
	w.t.Helper()
	for range 3 {
		for _, key := range w.surviveDue(faults) {
			err := w.service.Due(w.t.Context(), key, w.now())
			if errors.Is(err, tabletest.ErrCrashed) {
				faults.Revive()
			} else if err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) surviveDue(faults *tabletest.Faults) []table.Key {
	w.t.Helper()
	var keys []table.Key
	for shard := range table.Shards() {
		for it, err := range table.All(w.t.Context(), w.table, table.DueUntil(shard, w.now())) {
			if errors.Is(err, tabletest.ErrCrashed) {
				faults.Revive()
				return w.surviveDue(faults)
			}
			if err != nil {
				w.t.Fatal(err)
			}
			if strings.HasPrefix(it.PK, "survey#") {
				keys = append(keys, it.Key)
			}
		}
	}
	return keys
}

func (w *world) countMails(t *testing.T, id string) {
	t.Helper()
	numbers := map[string]bool{}
	for _, it := range w.items(table.Main, "survey#"+id) {
		if number, ok := strings.CutPrefix(it.SK, "invitation#"); ok {
			numbers[number] = true
		}
	}
	if len(numbers) != 100 {
		t.Errorf("%d invitations, want 100", len(numbers))
	}
	for number := range numbers {
		for _, what := range []string{"invite", "remind1", "remind2"} {
			r, err := w.outbox.Find(t.Context(), "survey#"+id+"#"+number+"#"+what)
			if err != nil || r.Key == "" {
				t.Errorf("no mail %s for invitation %s: %v", what, number, err)
			}
		}
	}
}

// TestTickAndStreamAtOnce: several workers are handed the same key, and everybody is invited once.
func TestTickAndStreamAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan(func(p *survey.Planned) { p.Addresses = people(100) })
	w.clock = day("2026-08-03").At(8, 0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := w.service.Due(t.Context(), table.Key{PK: "survey#" + id, SK: "head"}, w.now()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	invited := map[string]int{}
	for _, it := range w.items(table.Main, "survey#"+id) {
		if it.Kind == "invitation" {
			invited[string(it.Body)]++
		}
	}
	if len(invited) != 100 || slices.Max(slices.Collect(maps.Values(invited))) != 1 {
		t.Errorf("%d people invited, want 100 once each: %v", len(invited), invited)
	}
}

// TestConflictsAreTriedAgain: an answer that meets another transaction is stored all the same.
func TestConflictsAreTriedAgain(t *testing.T) {
	t.Parallel()
	var faults *tabletest.Faults
	w := newWorld(t, func(inner table.Table) table.Table {
		faults = tabletest.Faulty(inner)
		return faults
	})
	id, links := w.running()
	r := w.respondent(links[0]).fill(same("4", "ADM"))
	faults.Conflict(3)
	if r.press("send", nil); r.page.Location() != "/b/danke" {
		t.Errorf("sending gives %d", r.page.Status)
	}
	if got := len(w.answers(id)); got != 1 {
		t.Errorf("%d answers, want 1", got)
	}
}

// TestOutageSkipsToTheNewestReminder, and a window that passed meanwhile closes without inviting.
func TestOutageSkipsToTheNewestReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.running()
	w.turn(day("2026-08-27").At(9, 0))
	if got := len(w.sent()); got != 12 {
		t.Errorf("%d reminders after the outage, want one each", got)
	}
	id := w.plan(func(p *survey.Planned) { p.From, p.To = day("2026-09-01"), day("2026-09-10") })
	w.turn(day("2026-10-01").At(9, 0))
	for _, m := range w.sent() {
		t.Errorf("a mail after the window: %s", m.Subject)
	}
	snap, err := survey.LoadSnapshot(t.Context(), w.table, id)
	if err != nil || snap.Invited != 0 || snap.Rate != nil {
		t.Errorf("a survey that nobody was asked in: %+v, %v", snap, err)
	}
}

// TestACaseThatRestsIsToldLater, on another day, and it is no fault that it cannot
// be told before.
func TestACaseThatRestsIsToldLater(t *testing.T) {
	t.Parallel()
	for _, cancelled := range []bool{false, true} {
		w := newWorld(t)
		id := w.plan()
		w.turn(day("2026-08-04").At(9, 0))
		want, tells := survey.StateEvaluated, "closed C1 A06 1 "+id
		if cancelled {
			want, tells = survey.StateCancelled, "cancelled C1 A06 1 "+id
			page := w.as(office()).Post("/befragungen/"+id+"/abbrechen", url.Values{"reason": {"Die Befragung wird verschoben."}})
			if page.Status != http.StatusSeeOther {
				t.Fatalf("cancelling: status %d", page.Status)
			}
		}
		w.refuse = fmt.Errorf("in the test: %w", survey.ErrLater)
		w.turn(day("2026-09-03").At(9, 0))
		if slices.ContainsFunc(w.dueKeys(), func(k table.Key) bool { return strings.HasPrefix(k.PK, "survey#") }) {
			t.Error("in the pause the survey stays due at every tick")
		}
		if len(w.told) > 0 {
			t.Errorf("told %q in the pause", w.told)
		}
		w.refuse = nil
		w.turn(day("2026-09-04").At(9, 0))
		if !slices.Equal(w.told, []string{tells}) || w.head(id).State != want {
			t.Errorf("told %q and is %s, want %q once and %s", w.told, w.head(id).State, tells, want)
		}
	}
}

package survey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kokoma/shared/survey"
	"kokoma/shared/table"
)

// keeper remembers every key that was ever written, so that tests can dump both tables.
type keeper struct {
	table.Table
	mu   sync.Mutex
	keys map[table.Key]bool
}

func keep(t table.Table) table.Table { return &keeper{Table: t, keys: map[table.Key]bool{}} }

func (k *keeper) Write(ctx context.Context, ops ...table.Op) error {
	k.mu.Lock()
	for _, op := range ops {
		k.keys[op.Item.Key] = true
	}
	k.mu.Unlock()
	return k.Table.Write(ctx, ops...)
}

// both gives every item of both tables, in the order of their keys.
func (w *world) both() (main, answers []table.Item) {
	w.t.Helper()
	k := w.table.(*keeper)
	for _, key := range slices.SortedFunc(maps.Keys(k.keys), func(a, b table.Key) int { return strings.Compare(a.String(), b.String()) }) {
		it, err := w.table.Get(w.t.Context(), key)
		if err != nil {
			continue
		}
		if key.Table == table.Answers {
			answers = append(answers, it)
		} else {
			main = append(main, it)
		}
	}
	return main, answers
}

// answersOverTime lets everybody of a survey answer: some before the first reminder, some between the
// two, some after both. The free text says who it was: that is the truth which the matching program is
// measured by and does not read.
func answersOverTime(w *world) (id string, links map[string]string) {
	id = w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	links = map[string]string{}
	var people []string
	for _, m := range w.sent() {
		links[m.To] = linkIn(w.t, m)
		people = append(people, m.To)
	}
	for i, at := range []string{"2026-08-04", "2026-08-05", "2026-08-12", "2026-08-13", "2026-08-14", "2026-08-18", "2026-08-19", "2026-08-20", "2026-08-24", "2026-08-27", "2026-08-28", "2026-08-28"} {
		w.turn(day(at).At(14, i))
		w.respondent(links[people[i]]).send(map[string]string{"HS1": "4", "OP1": numberOf(links[people[i]])})
	}
	return id, links
}

// numberOf is the invitation's part of a link.
func numberOf(link string) string {
	token := strings.TrimPrefix(link, "/b/")
	id, _, _ := strings.Cut(token, ".")
	return id[16:]
}

// match is the matching program of PR-2: for each invitation it looks for the answers that can be its
// own, by everything that the two tables hold. It returns the chance to name the right one.
func match(main, answers []table.Item) float64 {
	reminded := map[string]string{} // invitation -> ISO week of its last reminder
	for _, it := range main {
		var m struct{ Key, At, Made string }
		if json.Unmarshal(it.Body, &m) != nil {
			continue
		}
		if parts := strings.Split(m.Key, "#"); len(parts) == 4 && strings.HasPrefix(parts[3], "remind") {
			reminded[parts[2]] = max(reminded[parts[2]], week(m.Made))
		}
	}
	sum := 0.0
	for _, it := range main {
		number, ok := strings.CutPrefix(it.SK, "invitation#")
		if !ok {
			continue
		}
		if right, among := candidates(it, number, reminded[number], main, answers); right {
			sum += 1 / float64(among)
		}
	}
	return sum
}

func week(at string) string {
	y, w := day(at[:10]).At(12, 0).ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// candidates: answers that share a word with the invitation or with what was mailed to it, else those of
// a week in which it was not used yet.
func candidates(inv table.Item, number, reminded string, main, answers []table.Item) (right bool, among int) {
	var about strings.Builder
	about.WriteString(inv.SK + string(inv.Body))
	for _, it := range main {
		if strings.HasPrefix(it.PK, "mail#") && strings.Contains(string(it.Body), number) {
			about.WriteString(it.PK + string(it.Body))
		}
	}
	var shared, timely []table.Item
	for _, a := range answers {
		if overlap(about.String(), a) {
			shared = append(shared, a)
		}
		if weekOf(a) >= reminded {
			timely = append(timely, a)
		}
	}
	if len(shared) > 0 {
		timely = shared
	}
	for _, a := range timely {
		right = right || truth(a) == number
	}
	return right, len(timely)
}

var words = regexp.MustCompile(`[A-Za-z0-9]{6,}`)

// overlap: a word of the answer's key or body that also stands in what is known about the person. The
// survey's id is in everything; the free text is the truth and not looked at.
func overlap(about string, a table.Item) bool {
	body := strings.ReplaceAll(string(a.Body), truth(a), "")
	for _, w := range words.FindAllString(a.SK+" "+body, -1) {
		if w != "answers" && strings.Contains(about, w) {
			return true
		}
	}
	return false
}

func parts(a table.Item) (r struct {
	Week    string
	Answers map[string]string
},
) {
	if err := json.Unmarshal(a.Body, &r); err != nil {
		panic(err)
	}
	return r
}

func weekOf(a table.Item) string { return parts(a).Week }
func truth(a table.Item) string  { return parts(a).Answers["OP1"] }

// TestAnswersMatchNobody is PR-2: with full dumps of both tables the program names the right answers no
// better than by drawing lots, which gets one right on average.
func TestAnswersMatchNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keep)
	answersOverTime(w)
	main, answers := w.both()
	if len(answers) != 12 {
		t.Fatalf("%d answers, want 12", len(answers))
	}
	if got := match(main, answers); got > 1.0001 {
		t.Errorf("the matching program finds %.2f of 12 people, chance is 1", got)
	}
}

// TestMatchingProgramFindsPlantedFaults: it finds people by a word in common, and by the week of the
// answer itself, since the mail log knows who had not answered by then.
func TestMatchingProgramFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keep)
	answersOverTime(w)
	main, answers := w.both()
	joined, weekly := slices.Clone(answers), slices.Clone(answers)
	// When each answer came, as its own week would tell.
	late := map[string]bool{}
	for _, it := range main {
		if strings.Contains(string(it.Body), "#remind2") {
			late[strings.Split(string(it.Body), "#")[2]] = true
		}
	}
	for i, a := range answers {
		joined[i].SK = truth(a)
		if late[truth(a)] {
			weekly[i].Body = []byte(strings.Replace(string(a.Body), weekOf(a), "2026-W35", 1))
		}
	}
	if got := match(main, joined); got < 11 {
		t.Errorf("with a key in common the program finds %.2f of 12 people", got)
	}
	if got := match(main, weekly); got < 1.1 {
		t.Errorf("with the week of each answer the program finds %.2f of 12 people, no better than chance: it is blind", got)
	}
}

// TestDumpYieldsNothingUsable is AU-1: no link, no address of who has answered, and no order of answers.
func TestDumpYieldsNothingUsable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keep)
	id, links := answersOverTime(w)
	main, answers := w.both()
	var text strings.Builder
	for _, it := range slices.Concat(main, answers) {
		fmt.Fprintf(&text, "%s %s %+v %+v %v\n", it.Key, it.Body, it.Due, it.By, it.Counters)
	}
	all := text.String()
	if !strings.Contains(all, `"state":"used"`) || !strings.Contains(all, "2026-W32") {
		t.Fatal("the dump lacks what the tables hold")
	}
	for address, link := range links {
		_, mac, _ := strings.Cut(link, ".")
		if strings.Contains(all, mac) || strings.Contains(all, strings.TrimPrefix(link, "/b/")) {
			t.Errorf("the tables hold the link of %s", address)
		}
		if strings.Contains(all, address) {
			t.Errorf("the tables still hold %s, who has answered", address)
		}
	}
	for _, a := range answers {
		if a.PK != "survey#"+id || a.Version != 0 || a.Due != (table.Place{}) || a.By != (table.Place{}) || len(a.Counters) != 0 {
			t.Errorf("an answer tells more than its answers: %+v", a)
		}
	}
	var s survey.Survey
	if err := json.Unmarshal(main[slices.IndexFunc(main, func(it table.Item) bool { return it.SK == "head" })].Body, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Pending) != 0 {
		t.Error("the head still lists addresses")
	}
}

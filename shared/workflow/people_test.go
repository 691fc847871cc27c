package workflow

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const (
	expert  = "fachstelle@musterstadt.example"            // KUF, who does A05
	stated  = "fachstelle-vertretung@musterstadt.example" // its deputy
	deputy  = "vertretung@musterstadt.example"
	another = "andere@musterstadt.example"
)

// resources is a world in which A05 waits for the co-ordination office.
func resources(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A02", "FED")
	w.days(1)
	return w
}

// asked are the addresses that a step is asked of.
func (w *world) askedFor(step string) []string {
	w.t.Helper()
	var out []string
	for _, a := range w.current(step).Asked {
		out = append(out, a.Email)
	}
	return out
}

// wants says of whom a step has to be asked, or why of nobody.
func (w *world) wants(step string, gap process.Gap, who ...string) {
	w.t.Helper()
	st := w.current(step)
	if got := w.askedFor(step); !slices.Equal(got, who) || st.Gap != gap {
		w.t.Errorf("on %s step %s is asked of %q (%q), want %q (%q)", lang.DateOf(w.now), step, got, st.Gap, who, gap)
	}
	why, there := w.onDesk()[step]
	if want := gap != ""; there != want || want && why != cases.WhyNobody {
		w.t.Errorf("on %s step %s on the desk: %t %q, want %t", lang.DateOf(w.now), step, there, why, want)
	}
}

func (w *world) day(n int) lang.Date { return lang.DateOf(w.now).AddDays(n) }

// opens says whether the link that an address was mailed last is good.
func (w *world) opens(address, step string, want bool) {
	w.t.Helper()
	if r := w.browser().Get(w.link(address, step)); (r.Status == http.StatusOK) != want {
		w.t.Errorf("the link of %s: status %d, good should be %t", address, r.Status, want)
	}
}

// TestRolesBeginAndEndOnTheirDays names a successor from next week on.
func TestRolesBeginAndEndOnTheirDays(t *testing.T) {
	t.Parallel()
	w := resources(t)
	w.wants("A05", "", expert)
	first := w.day(7)
	w.do(command.Assign{Meta: by("FED"), Role: "KUF", Person: process.Person{Name: "Neue Fachstelle", Email: another, From: first}, Reason: "Wechsel"})
	w.wants("A05", "", expert)
	w.turn(first.AddDays(-1).At(23, 0))
	w.wants("A05", "", expert)
	w.turn(first.At(1, 0))
	w.wants("A05", "", another)
	if n := len(w.to(another)); n != 0 {
		t.Errorf("%d mails at night", n)
	}
	seq := w.head().Seq
	w.turn(first.At(12, 0))
	w.opens(another, "A05", true)
	w.opens(expert, "A05", false)
	if got := w.head().Seq; got != seq {
		t.Errorf("%d more events on the same day", got-seq)
	}
	sent := len(w.to(expert))
	w.days(60)
	if n := len(w.to(expert)); n != sent {
		t.Errorf("who left got %d more mails", n-sent)
	}
	w.do(command.Extend{Meta: by("SVC"), Ref: w.current("A05").Ref, Due: w.day(30), Reason: "mehr Zeit"})
	w.do(command.EndRole{Meta: by("SVC"), Role: "KUF", Email: another, Last: w.day(1), Reason: "Stelle läuft aus"})
	w.wants("A05", "", another)
	w.days(2)
	w.wants("A05", process.Left)
	text := w.svc().Get("/vorgaenge/" + w.id).Text()
	for _, want := range []string{
		"Rollen besetzt ab " + lang.Short(lang.DE, first), "Letzter Tag in der Rolle: Koordinierungs- und Fachstelle",
		"Geschickt an Koordinierungs- und Fachstelle", "(ausgeschieden)", "Stelle läuft aus",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the history lacks %q:\n%s", want, text)
		}
	}
	w.sameAsEvents()
}

// TestAbsenceGoesToTheDeputyAndBack is away for a week, with and without
// somebody who stands in.
func TestAbsenceGoesToTheDeputyAndBack(t *testing.T) {
	t.Parallel()
	w := resources(t)
	from, to := w.day(2), w.day(6)
	w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{From: from, To: to, Deputy: deputy, DeputyName: "Kollegin"}})
	w.wants("A05", "", expert)
	w.turn(from.At(12, 0))
	w.wants("A05", "", deputy)
	mails := w.to(deputy)
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "in Vertretung für Fachstelle Musterstadt\n(Koordinierungs- und Fachstelle).") {
		t.Errorf("the deputy got %+v", mails)
	}
	w.opens(expert, "A05", false)
	w.opens(deputy, "A05", true)
	w.turn(to.AddDays(1).At(12, 0))
	w.wants("A05", "", expert)
	w.opens(deputy, "A05", false)

	w.do(command.Absence{Meta: by("SVC"), Email: expert, Away: process.Period{To: w.day(30)}})
	w.wants("A05", "", stated)
	w.do(command.Bounce{Meta: by(process.ByClock), Email: stated})
	w.wants("A05", process.Absent)
	w.do(command.Return{Meta: by("KUF"), Email: expert, Own: true})
	w.wants("A05", "", expert)
	w.sameAsEvents()
}

// TestAbsenceInAPauseIsMadeUpFor: nobody is written to in a pause.
func TestAbsenceInAPauseIsMadeUpFor(t *testing.T) {
	t.Parallel()
	w := resources(t)
	w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{From: w.day(2), To: w.day(20), Deputy: deputy}})
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.days(10)
	if n := len(w.to(deputy)); n != 0 {
		t.Errorf("%d mails in a pause", n)
	}
	w.do(command.Resume{Meta: by("SVC")})
	w.wants("A05", "", deputy)
	w.days(4)
	if n := len(w.to(deputy)); n != 1 {
		t.Errorf("%d mails to the deputy after the pause, want 1", n)
	}
	w.sameAsEvents()
}

func TestWhoMaySayThatSomebodyIsAway(t *testing.T) {
	t.Parallel()
	w := resources(t)
	away := process.Period{To: w.day(5)}
	for _, role := range []string{"EXT", "LOK", "KUF", "LEI", "TRA"} {
		w.refuses(command.Absence{Meta: by(role), Email: expert, Away: away}, command.ErrRole)
		w.refuses(command.EndRole{Meta: by(role), Role: "KUF", Email: expert, Last: w.day(1), Reason: "nein"}, command.ErrRole)
	}
	w.refuses(command.Absence{Meta: by("FED"), Email: "traeger@verein.example", Away: away}, command.ErrRole)
	w.refuses(command.Absence{Meta: by("KUF"), Email: "fremd@anderswo.example", Own: true, Away: away}, command.ErrNobody)
	for _, p := range []process.Period{{}, {To: w.day(-1)}, {From: w.day(4), To: w.day(3)}, {To: w.day(500)}} {
		w.refuses(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: p}, command.ErrPeriod)
	}
	w.do(command.Absence{Meta: by("SVC"), Email: lead, Away: away})
	w.refuses(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{To: w.day(5), Deputy: lead}}, command.ErrAway)
	w.do(command.Absence{Meta: by("FED"), Email: expert, Away: away})
}

// TestStepAlwaysReachesSomebody is WF-7: whatever happened to who should do a
// step, it is asked of somebody who is there, or stands on the service office's
// desk with the reason.
func TestStepAlwaysReachesSomebody(t *testing.T) {
	t.Parallel()
	kuf := func(w *world, p process.Person) {
		w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: p})
	}
	hand := func(w *world) {
		w.do(command.Handover{Meta: by("KUF"), Ref: w.current("A05").Ref, From: expert, To: process.Person{Name: "Andere", Email: another}})
	}
	tests := map[string]struct {
		do   func(w *world)
		gap  process.Gap
		want []string
	}{
		"left": {func(w *world) {
			w.do(command.EndRole{Meta: by("SVC"), Role: "KUF", Email: expert, Last: w.day(-1), Reason: "ausgeschieden"})
		}, process.Left, nil},
		"left, with a second holder": {func(w *world) {
			w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Add: true, Person: process.Person{Email: another}})
			w.do(command.EndRole{Meta: by("SVC"), Role: "KUF", Email: expert, Last: w.day(-1), Reason: "ausgeschieden"})
		}, "", []string{another}},
		"replaced": {func(w *world) { kuf(w, process.Person{Email: another}) }, "", []string{another}},
		"away": {func(w *world) {
			w.do(command.Bounce{Meta: by(process.ByClock), Email: stated})
			w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{To: w.day(9)}})
		}, process.Absent, nil},
		"away, with a deputy": {func(w *world) {
			kuf(w, process.Person{Email: expert, Deputy: deputy})
			w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{To: w.day(9)}})
		}, "", []string{deputy}},
		"away, the deputy leaves": {func(w *world) {
			kuf(w, process.Person{Email: expert, Deputy: lead})
			w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{To: w.day(9)}})
			w.do(command.EndRole{Meta: by("SVC"), Role: "LEI", Email: lead, Last: w.day(-1), Reason: "ausgeschieden"})
		}, process.Absent, nil},
		"bounced": {func(w *world) {
			w.do(command.Bounce{Meta: by(process.ByClock), Email: stated})
			w.do(command.Bounce{Meta: by(process.ByClock), Email: expert})
		}, process.Bounced, nil},
		"bounced, with a deputy": {func(w *world) {
			kuf(w, process.Person{Email: expert, Deputy: deputy})
			w.do(command.Bounce{Meta: by(process.ByClock), Email: expert})
		}, "", []string{deputy}},
		"the deputy's mail bounces as well": {func(w *world) {
			kuf(w, process.Person{Email: expert, Deputy: deputy})
			w.do(command.Bounce{Meta: by(process.ByClock), Email: expert})
			w.do(command.Bounce{Meta: by(process.ByClock), Email: deputy})
		}, process.Bounced, nil},
		"a new address after a bounce": {func(w *world) {
			w.do(command.Bounce{Meta: by(process.ByClock), Email: expert})
			kuf(w, process.Person{Email: another})
		}, "", []string{another}},
		"handed over": {hand, "", []string{another}},
		"handed over to somebody whose mail bounces": {func(w *world) {
			hand(w)
			w.do(command.Bounce{Meta: by(process.ByClock), Email: another})
		}, "", []string{expert}},
		"handed over to somebody who left": {func(w *world) {
			w.do(command.Assign{Meta: by("SVC"), Role: "STG", Person: process.Person{Email: another}})
			hand(w)
			w.do(command.Assign{Meta: by("SVC"), Role: "STG", Person: process.Person{Email: "steuerung2@musterstadt.example", From: w.day(1)}})
			w.days(1)
		}, "", []string{expert}},
		"handed over, then who handed over leaves": {func(w *world) {
			hand(w)
			kuf(w, process.Person{Email: "neu@musterstadt.example"})
		}, "", []string{another}},
		"handed over, then who handed over is away": {func(w *world) {
			hand(w)
			w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{To: w.day(9), Deputy: deputy}})
		}, "", []string{another}},
		"knows nobody": {func(w *world) {
			w.do(command.Handover{Meta: by("KUF"), Ref: w.current("A05").Ref, From: expert, Reason: "nicht zuständig"})
		}, process.Unknown, nil},
		"knows nobody, and a day later": {func(w *world) {
			w.do(command.Handover{Meta: by("KUF"), Ref: w.current("A05").Ref, From: expert, Reason: "nicht zuständig"})
			w.do(command.Absence{Meta: by("LEI"), Email: lead, Own: true, Away: process.Period{From: w.day(1), To: w.day(1)}})
			w.days(3)
		}, process.Unknown, nil},
		"knows nobody, the office asks somebody": {func(w *world) {
			w.do(command.Handover{Meta: by("KUF"), Ref: w.current("A05").Ref, From: expert, Reason: "nicht zuständig"})
			w.do(command.Handover{Meta: by("SVC"), Ref: w.current("A05").Ref, To: process.Person{Email: another}})
		}, "", []string{another}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := resources(t)
			before := len(w.subjects(office, "Wer übernimmt"))
			tt.do(w)
			w.wants("A05", tt.gap, tt.want...)
			if text := w.svc().Get("/vorgaenge/" + w.id).Text(); strings.Contains(text, "⟦") {
				t.Errorf("the case page lacks a text:\n%s", text)
			}
			w.days(4)
			if n := len(w.subjects(office, "Wer übernimmt")) - before; tt.gap != "" && n == 0 {
				t.Errorf("the service office got %d mails about it", n)
			}
			w.sameAsEvents()
		})
	}
}

// TestNoStepIsStuckWhateverHappensToPeople gives random commands about people,
// with the clock turning, and looks at all open steps after each.
func TestNoStepIsStuckWhateverHappensToPeople(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := resources(t)
			g := &randomCommands{world: w, r: rand.New(rand.NewPCG(seed, 11)), did: map[string]int{}}
			for range 60 {
				if g.r.IntN(3) == 0 {
					w.turn(lang.DateOf(w.now).AddDays(g.r.IntN(9)).At(9+g.r.IntN(8), 0).Add(time.Minute))
				}
				c := g.peopleCommand()
				if _, err := w.x.Do(w.ctx, w.id, c, w.now); err == nil {
					g.did[fmt.Sprintf("%T", c)]++
				}
				if w.head().Status.Running() {
					w.noneStuck()
				}
			}
			w.sameAsEvents()
			if len(g.did) < 6 {
				t.Errorf("seed %d did too little to show anything: %v", seed, g.did)
			}
		})
	}
}

func (g *randomCommands) peopleCommand() command.Command {
	h := g.head()
	open := h.Open()
	ref := open[g.r.IntN(len(open))]
	some := []string{expert, stated, deputy, another, lead, "steuerung@musterstadt.example", "vorort@verein.example", "aussen@begleitung.example"}
	who, second := some[g.r.IntN(len(some))], some[g.r.IntN(len(some))]
	role := []string{"KUF", "LEI", "STG", "LOK", "EXT", "FED"}[g.r.IntN(6)]
	from := g.day(g.r.IntN(8) - 2)
	switch n := g.r.IntN(13); n {
	case 0, 1:
		p := process.Person{Email: who, Deputy: second}
		if g.r.IntN(2) == 0 {
			p.From, p.To = from, from.AddDays(g.r.IntN(30))
		}
		return command.Assign{Meta: g.meta("SVC"), Role: role, Person: p, Add: g.r.IntN(2) == 0}
	case 2, 3:
		return command.EndRole{Meta: g.meta("SVC"), Role: role, Email: who, Last: from, Reason: "Ende"}
	case 4, 5, 6:
		return command.Absence{Meta: g.meta("SVC"), Email: who, Own: true, Away: process.Period{From: from, To: from.AddDays(g.r.IntN(12)), Deputy: second}}
	case 7:
		return command.Return{Meta: g.meta("SVC"), Email: who, Own: true}
	case 8:
		return command.Bounce{Meta: g.meta(process.ByClock), Email: who}
	case 9:
		if g.r.IntN(2) == 0 {
			return command.Pause{Meta: g.meta("SVC"), Reason: "Pause"}
		}
		return command.Resume{Meta: g.meta("SVC")}
	case 10:
		return command.Resume{Meta: g.meta("SVC")}
	}
	h2 := command.Handover{Meta: g.meta("SVC"), Ref: ref, To: process.Person{Email: second}, Reason: "geht nicht"}
	if st, err := g.x.Step(g.ctx, g.id, ref); err == nil && len(st.Asked) > 0 {
		h2.From = st.Asked[g.r.IntN(len(st.Asked))].Email
	}
	if g.r.IntN(4) == 0 {
		h2.To.Email = ""
	}
	return h2
}

// noneStuck looks whether every open step is asked of somebody who is there
// today, and else stands on the desk.
func (w *world) noneStuck() {
	w.t.Helper()
	c, today, desk := w.record(), lang.DateOf(w.now), w.onDesk()
	for _, ref := range c.Head.Open() {
		st := w.current(ref.Step)
		for _, a := range st.Asked {
			if !c.People.Reachable(a.Email, today) {
				w.t.Fatalf("on %s step %s is asked of %s, who is not there: %+v\n%+v", today, ref.Step, a.Email, a, c.People)
			}
		}
		if why := desk[ref.Step]; len(st.Asked) == 0 && !st.AnyTime() && (why != cases.WhyNobody || st.Gap == "") {
			w.t.Fatalf("on %s step %s is asked of nobody (%q) and on the desk as %q", today, ref.Step, st.Gap, why)
		}
	}
}

// TestWhatCanBeDoneAtAnyTimeIsNobodysWork: signals of the conflict managers can
// be recorded from the kick-off on, long before there are any.
func TestWhatCanBeDoneAtAnyTimeIsNobodysWork(t *testing.T) {
	t.Parallel()
	w := resources(t)
	st := w.current("R06")
	if !st.AnyTime() || len(st.Asked) > 0 {
		t.Fatalf("R06 is %+v, want it open and asked of nobody", st)
	}
	title := "Hinweis zur Lage melden"
	for _, m := range w.box.sent {
		if strings.Contains(m.Subject, title) {
			t.Errorf("%s got %q", m.To, m.Subject)
		}
	}
	if page := w.svc().Get("/aufgaben").Text(); strings.Contains(page, title) {
		t.Errorf("the service office has it among its work: %s", page)
	}
	w.do(command.Assign{Meta: by("SVC"), Role: "KM", Person: process.Person{Email: "konflikt@musterstadt.example"}})
	w.days(1)
	last := w.box.sent[len(w.box.sent)-1]
	if last.To != "konflikt@musterstadt.example" || !strings.Contains(last.Subject, title) {
		t.Errorf("the last mail goes to %s: %q", last.To, last.Subject)
	}
}

// TestTurnOfPeopleHappensOnce calls the timer again and again, also with what
// an index still shows.
func TestTurnOfPeopleHappensOnce(t *testing.T) {
	t.Parallel()
	w := resources(t)
	w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{From: w.day(1), To: w.day(1), Deputy: deputy}})
	key := cases.Key(w.id, "head#people")
	place := func() string {
		it, err := w.table.Get(w.ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		return it.Due.SK
	}
	before, seq := place(), w.head().Seq
	if err := w.x.Due(w.ctx, key, w.now); err != nil || place() != before || w.head().Seq != seq {
		t.Errorf("before its time: %v, place %s, had %s", err, place(), before)
	}
	w.set(w.day(1).At(0, 5))
	for range 3 {
		if err := w.x.Due(w.ctx, key, w.now); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.head().Seq; got != seq+1 || place() == before {
		t.Errorf("%d events, place %s", got-seq, place())
	}
	w.set(w.day(1).At(0, 5))
	if err := w.x.Due(w.ctx, key, w.now); err != nil || place() != "" {
		t.Errorf("after the last day: %v, place %q, want none", err, place())
	}
	w.wants("A05", "", expert)
	w.do(command.Absence{Meta: by("KUF"), Email: expert, Own: true, Away: process.Period{From: w.day(1), To: w.day(1)}})
	w.do(command.Withdraw{Meta: by("FED"), Reason: "kein Beschluss"})
	w.set(w.day(2).At(0, 5))
	if err := w.x.Due(w.ctx, key, w.now); err != nil || place() != "" {
		t.Errorf("in a case that ended: %v, place %q, want none", err, place())
	}
	if err := w.x.Due(w.ctx, table.Key{PK: cases.Prefix + strings.Repeat("A", 26), SK: "head#people"}, w.now); err != nil {
		t.Errorf("a case that is gone: %v", err)
	}
}

// TestSecondPersonWhoLeavesIsReplaced: with four eyes, too, somebody who is there
// is asked, but nobody whom somebody named by link for while they are away.
func TestSecondPersonWhoLeavesIsReplaced(t *testing.T) {
	t.Parallel()
	w := submittedForTwo(t)
	second := func(gap process.Gap, who ...string) {
		t.Helper()
		if got := w.askedFor("O02"); !slices.Equal(got, who) || w.current("O02").Gap != gap {
			t.Errorf("asked to accept are %q (%q), want %q (%q)", got, w.current("O02").Gap, who, gap)
		}
		if why := w.onDesk()["O02"]; why != cases.WhyReview {
			t.Errorf("on the desk as %q", why)
		}
	}
	second("", lead)
	w.do(command.Assign{Meta: by("SVC"), Role: "LEI", Person: process.Person{Email: another}})
	second("", another)
	w.days(1)
	if n := len(w.subjects(another, "bitte gegenlesen")); n != 1 {
		t.Errorf("%d mails to the new one, want 1", n)
	}
	w.do(command.Absence{Meta: by("LEI"), Email: another, Own: true, Away: process.Period{To: w.day(5), Deputy: deputy}})
	second(process.Unnamed)
	w.days(7)
	second("", another)
	w.sameAsEvents()
}

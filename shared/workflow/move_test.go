package workflow

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const whyMove = "Die Schritte wurden nach der Erprobung geändert."

// editor makes another version of the process, at random.
type editor struct {
	t      *testing.T
	r      *rand.Rand
	source map[string]string
	names  map[string]string // new keys of steps that are called otherwise
}

func edited(t *testing.T, r *rand.Rand, d *process.Definition) (*process.Definition, map[string]string) {
	t.Helper()
	e := &editor{t: t, r: r, source: maps.Clone(d.Source), names: map[string]string{}}
	edits := []func(){e.due, e.title, e.actors, e.loosen, e.tighten, e.rename, e.add}
	for range 1 + r.IntN(4) {
		edits[r.IntN(len(edits))]()
	}
	out, err := process.Stored(e.source)
	if err != nil {
		t.Fatalf("the edited process is broken: %v", err)
	}
	return out, e.names
}

// change changes one of the files that a pattern fits.
func (e *editor) change(pattern, with string) {
	re := regexp.MustCompile(pattern)
	var fit []string
	for _, name := range slices.Sorted(maps.Keys(e.source)) {
		if !strings.Contains(name, "o01") && re.MatchString(e.source[name]) {
			fit = append(fit, name)
		}
	}
	if len(fit) > 0 {
		name := fit[e.r.IntN(len(fit))]
		e.source[name] = re.ReplaceAllString(e.source[name], with)
	}
}

func (e *editor) due() {
	e.change(`(?m)^due_wt: [0-9]+`, fmt.Sprintf("due_wt: %d", 1+e.r.IntN(60)))
}
func (e *editor) title()  { e.change(`(?m)^title: \{de: "`, `title: {de: "Neu: `) }
func (e *editor) loosen() { e.change(`(?m)^pre: \[.*\]`, "pre: [{step: O01}]") }

func (e *editor) actors() {
	role := []string{"FED", "KUF", "EXT", "LEI"}[e.r.IntN(4)]
	e.change(`(?m)^acts: \[(FED|KUF|TAN|STG)\]`, "acts: ["+role+"]")
}

// tighten asks for another answer where a step asks for none or for one.
func (e *editor) tighten() {
	e.change(`\{step: (O04|A11)(, when: "[^"]*")?\}`, `{step: $1, when: "$${decision} = 'accepted'"}`)
}

// renamed are steps that nothing but other steps knows by their key, with what
// they are called instead.
var renamed = map[string]string{"O07": "O37", "A02": "A32", "A03": "A33", "A05": "A35", "A07": "A37", "A12": "A42"}

func (e *editor) rename() {
	was := slices.Sorted(maps.Keys(renamed))[e.r.IntN(len(renamed))]
	for name, src := range e.source {
		e.source[name] = strings.ReplaceAll(src, was, renamed[was])
	}
	e.names[was] = renamed[was]
}

func (e *editor) add() {
	e.addAfter([]string{"O02", "O04", "A01", "A10"}[e.r.IntN(4)])
}

func (e *editor) addAfter(after string) {
	e.source["x/extra.yaml"] = "key: A50\nphase: A\ntitle: {de: Zusatz, en: Extra}\nacts: [FED]\nasks: {de: Bitte, en: Please}\ndue_wt: 10\n" +
		"pre: [{step: " + after + "}]\nform:\n  survey:\n    - {type: text, name: more, label: {de: Mehr, en: More}, required: \"yes\"}\n"
}

// planned is a plan that changes nothing that need not be changed. There is none
// for a step that is gone while it waits for a survey or a reviewer.
func planned(t *testing.T, from, to *process.Definition, s process.State, names map[string]string) (process.Plan, bool) {
	t.Helper()
	p := process.Plan{From: from.Hash, To: to.Hash, Reason: whyMove, Steps: map[string]process.Decision{}}
	for was, is := range names {
		if to.Template(is) != nil && s.Head.Steps[was].State == process.Open {
			p.Steps[was] = process.Decision{Open: is}
		}
	}
	c := command.Move{Meta: by("SVC"), Plan: p, To: to}
	seen, err := command.Foresee(from, s, c, monday)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range seen.Changes {
		switch {
		case u.Decided:
		case u.What == command.Opens:
			p.Steps[u.Step] = process.Decision{Ready: process.Later}
		case u.What == command.Lost:
			p.Steps[u.Step] = process.Decision{Open: process.Keep}
		default:
			return p, false
		}
	}
	return p, true
}

// movedBy gives the state after a move.
func movedBy(t *testing.T, from, to *process.Definition, s process.State, p process.Plan) process.State {
	t.Helper()
	if err := p.Check(from, to); err != nil {
		t.Fatal(err)
	}
	row, err := command.Decide(from, s, command.Move{Meta: by("SVC"), Plan: p, To: to}, monday)
	if err != nil {
		t.Fatalf("%v; the plan is\n%s", err, p.YAML())
	}
	for _, e := range row.Events {
		if !e.Quiet && e.Kind != process.Moved {
			t.Errorf("the plan wants no mail, but %s of %s is told", e.Kind, e.Step)
		}
	}
	out := s.Clone()
	out.Apply(row)
	return out
}

// still is a case without the number of its last event and what is kept for
// repeated posts.
func still(s process.State) process.State {
	s = s.Clone()
	s.Head.Seq, s.Head.Recent = 0, nil
	for ref, st := range s.Steps {
		st.Version = 0
		s.Steps[ref] = st
	}
	return s
}

// TestMovingThereAndBackChangesNothing is WF-9 over random cases and random
// versions of the process.
func TestMovingThereAndBackChangesNothing(t *testing.T) {
	t.Parallel()
	var moves [8]int
	t.Run("seeds", func(t *testing.T) {
		for seed := range uint64(8) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.begin()
				g := &randomCommands{world: w, r: rand.New(rand.NewPCG(seed, 9)), did: map[string]int{}}
				old, err := w.x.Current()
				if err != nil {
					t.Fatal(err)
				}
				for range 40 {
					g.step()
					if !w.head().Status.Ended() {
						moves[seed] += thereAndBack(t, g.r, old, w.stored())
					}
				}
			})
		}
	})
	total := 0
	for _, n := range moves {
		total += n
	}
	if total < 100 {
		t.Errorf("only %d moves were tried", total)
	}
}

func thereAndBack(t *testing.T, r *rand.Rand, old *process.Definition, s process.State) int {
	t.Helper()
	new, names := edited(t, r, old)
	if new.Hash == old.Hash {
		return 0
	}
	forth, ok := planned(t, old, new, s, names)
	if !ok {
		return 0
	}
	there := movedBy(t, old, new, s, forth)
	for _, ref := range s.Head.Live() {
		key := ref.Step
		if is := forth.Steps[key].Open; is != "" && is != process.Keep {
			key = is
		}
		if got, was := there.Head.Steps[key], s.Head.Steps[ref.Step]; got.State != was.State {
			t.Errorf("%s was %q, is %q as %s without a decision", ref.Step, was.State, got.State, key)
		}
	}
	inverse := map[string]string{}
	for was, is := range names {
		inverse[is] = was
	}
	back, ok := planned(t, new, old, there, inverse)
	if !ok {
		t.Errorf("no way back by\n%s", back.YAML())
		return 0
	}
	got, want := still(movedBy(t, new, old, there, back)), still(s)
	if !reflect.DeepEqual(got.Head, want.Head) {
		t.Errorf("there by\n%sand back by\n%sthe head is\n%+v\nit was\n%+v", forth.YAML(), back.YAML(), got.Head, want.Head)
	}
	if !reflect.DeepEqual(got.Steps, want.Steps) {
		t.Errorf("there and back the steps are\n%+v\nthey were\n%+v", got.Steps, want.Steps)
	}
	return 1
}

// TestNothingVanishesUndecided gives plans without a decision, and with one.
func TestNothingVanishesUndecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT") // A02 and A03 are open
	old, to := w.version(func(source map[string]string) {
		for name, src := range source {
			source[name] = strings.ReplaceAll(src, "step: A02}", "step: A01}")
		}
		delete(source, "phases/a/a02-focus.yaml")
	})
	p := process.Plan{From: old.Hash, To: to.Hash, Reason: whyMove}
	_, err := w.x.Do(w.ctx, w.id, command.Move{Meta: by("SVC"), Plan: p, To: to}, w.now)
	undecided := (*command.Undecided)(nil)
	if !errors.As(err, &undecided) || len(undecided.Changes) != 3 || undecided.Changes[0].Step != "A02" || undecided.Changes[0].What != command.Gone {
		t.Fatalf("got %v, want that A02 is gone and A04 and A05 would open", err)
	}
	if h := w.head(); h.Definition != old.Hash || h.Steps["A02"].State != process.Open {
		t.Errorf("the case was moved all the same: %+v", h)
	}
	for role, want := range map[string]error{"FED": command.ErrRole, "SVC": nil} {
		p.Steps = map[string]process.Decision{"A02": {Open: process.Close}, "A04": {Ready: process.Silently}, "A05": {Ready: process.Later}}
		if _, err := w.x.Do(w.ctx, w.id, command.Move{Meta: by(role), Plan: p, To: to}, w.now); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", role, err, want)
		}
	}
	h := w.head()
	if h.Steps["A02"].State != process.Ended || h.Steps["A04"].State != process.Open || h.Steps["A05"].State != process.Locked {
		t.Errorf("A02, A04, A05 are %+v", h.Steps)
	}
	w.sameAsEvents()
}

// version publishes another version of the process.
func (w *world) version(edit func(source map[string]string)) (old, new *process.Definition) {
	w.t.Helper()
	old, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	source := maps.Clone(old.Source)
	edit(source)
	if new, err = process.Stored(source); err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(w.x.Publish(w.ctx), w.x.Keep(w.ctx, new)); err != nil {
		w.t.Fatal(err)
	}
	return old, new
}

// TestMovedStepsGoOn moves a step to another key while somebody has its mail,
// a draft and the page: nothing is lost, and the mail that is out leads on.
func TestMovedStepsGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.days(1)
	const fed = "amt@musterstadt.example"
	b := w.browser()
	mailed := w.link(fed, "A02")
	values := fill(b.Get(mailed), w.values("A02"))
	values.Set("_save", "1")
	if r := b.Post(mailed, values); !strings.Contains(r.Location(), "gespeichert") {
		t.Fatalf("saving: %d %s", r.Status, r.Location())
	}
	page := b.Get(mailed)
	old, to := w.version(func(source map[string]string) {
		for name, src := range source {
			source[name] = strings.ReplaceAll(src, "A02", "A32")
		}
	})
	p := process.Plan{From: old.Hash, To: to.Hash, Reason: whyMove, Steps: map[string]process.Decision{"A02": {Open: "A32"}}}
	before := len(w.box.sent)
	done, left, err := w.x.Move(w.ctx, p, to, 10, w.now)
	if err != nil || left != 0 || len(done) != 1 || done[0].Fault != nil {
		t.Fatalf("moved %+v, %d left, %v", done, left, err)
	}
	w.sameAsEvents()
	w.days(1)
	if n := len(w.box.sent); n != before {
		t.Errorf("%d mails went out, the plan wants none", n-before)
	}
	if r := w.browser().Get(mailed + "x"); r.Status != 404 {
		t.Errorf("a wrong link to a step that moved: %d, want 404", r.Status)
	}
	again := w.browser().Get(mailed)
	if again.Status != 200 || !strings.Contains(again.Body, "/s/"+w.id+"A321.") {
		t.Errorf("the old link: %d\n%s", again.Status, again.Text())
	}
	w.keptDraft(fed, "A32")
	w.set(w.now.AddDate(0, 0, 3))
	r := b.Post(mailed, fill(page, w.values("A02")))
	if r.Status != 303 || w.current("A32").State != process.Done {
		t.Errorf("sending the page of the old link: %d %s\n%s", r.Status, r.Location(), r.Text())
	}
}

// keptDraft looks for what somebody saved, as the mailed code would.
func (w *world) keptDraft(email, step string) {
	w.t.Helper()
	d, err := w.x.link.Elsewhere(w.ctx, w.id, w.current(step).Ref, w.x.Links.Hash(email))
	if err != nil || d.Answers.Empty() {
		w.t.Errorf("the draft of %s is gone: %+v, %v", step, d, err)
	}
}

// TestMovesMailOnlyWhatThePlanSays counts mails by what a plan says.
func TestMovesMailOnlyWhatThePlanSays(t *testing.T) {
	t.Parallel()
	yes, no := new(true), new(false)
	for _, c := range []struct {
		name string
		plan process.Plan
		want string
	}{
		{"nothing", process.Plan{Steps: map[string]process.Decision{"A50": {Ready: process.Now}}}, "[]"},
		{"all", process.Plan{Mail: true, Steps: map[string]process.Decision{"A50": {Ready: process.Now}}}, "[A02 A03 A50 R04]"},
		{"all but what is silent", process.Plan{Mail: true, Steps: map[string]process.Decision{"A50": {Ready: process.Silently}}}, "[A02 A03 R04]"},
		{"one", process.Plan{Steps: map[string]process.Decision{"A50": {Ready: process.Now, Mail: yes}}}, "[A50]"},
		{"all but one", process.Plan{Mail: true, Steps: map[string]process.Decision{"A50": {Ready: process.Now}, "A02": {Mail: no}}}, "[A03 A50 R04]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.analysis()
			w.submit("A01", "EXT")
			w.days(3)
			old, to := w.version(func(source map[string]string) {
				(&editor{r: rand.New(rand.NewPCG(1, 1)), source: source}).addAfter("A01")
			})
			c.plan.From, c.plan.To, c.plan.Reason = old.Hash, to.Hash, whyMove
			seen, err := w.x.Foresee(w.ctx, c.plan, to, w.now)
			if err != nil || len(seen) != 1 || seen[0].Fault != nil || seen[0].Undecided() {
				t.Fatalf("foreseen: %+v, %v", seen, err)
			}
			if _, left, err := w.x.Move(w.ctx, c.plan, to, 10, w.now); err != nil || left > 0 {
				t.Fatal(left, err)
			}
			queued, err := w.x.Outbox.Queued(w.ctx)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, m := range queued {
				got = append(got, strings.Split(m.Key, "#")[2])
			}
			slices.Sort(got)
			if fmt.Sprint(got) != c.want || len(seen[0].Mails) != len(got) {
				t.Errorf("mails about %v, foreseen %d; want %s", got, len(seen[0].Mails), c.want)
			}
		})
	}
}

// TestAnswersAreReadByTheVersionTheyWereGivenTo moves a case to a process that
// asks otherwise, and to one that lacks the step.
func TestAnswersAreReadByTheVersionTheyWereGivenTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	b := w.svc()
	path := "/vorgaenge/" + w.id + "/schritte/O03"
	was := b.Get(path).Text()
	old, to := w.version(func(source map[string]string) {
		for name, src := range source {
			source[name] = strings.ReplaceAll(src, "step: O03}", "step: O02}")
		}
		delete(source, "phases/o/o03-talk.yaml")
		source["phases/o/o04-decision.yaml"] = strings.Replace(source["phases/o/o04-decision.yaml"], "de: \"Begründung\"", "de: \"Warum\"", 1)
	})
	p := process.Plan{From: old.Hash, To: to.Hash, Reason: whyMove}
	if _, left, err := w.x.Move(w.ctx, p, to, 10, w.now); err != nil || left > 0 {
		t.Fatal(left, err)
	}
	if r := b.Get(path); r.Status != 200 || !strings.Contains(was, "Gespräch") || !strings.Contains(r.Text(), "Gespräch") {
		t.Errorf("a step that is gone: %d\n%s", r.Status, r.Text())
	}
	r := b.Get("/vorgaenge/" + w.id + "/schritte/O04")
	if text := r.Text(); !strings.Contains(text, "Begründung") || strings.Contains(text, "Warum") {
		t.Errorf("answers under other words than they were asked with:\n%s", text)
	}
	if text := b.Get("/vorgaenge/" + w.id).Text(); !strings.Contains(text, "O03") || !strings.Contains(text, whyMove) {
		t.Errorf("the case page lacks the step or the move:\n%s", text)
	}
	if fs, err := w.x.Versions(w.ctx, "step_o04"); err != nil || len(fs) != 2 {
		t.Errorf("%d versions of the form of O04 for exports, %v; want the old one and the new one", len(fs), err)
	}
}

// TestMovingGoesOnAfterTheProcessDied lets the process die before or after each
// write while cases are moved a few at a time.
func TestMovingGoesOnAfterTheProcessDied(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 4; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%t", n, after), func(t *testing.T) {
				t.Parallel()
				w, faults := faultyWorld(t)
				var nos []string
				for i := range 3 {
					nos = append(nos, w.start(municipality.Municipality{Key: fmt.Sprint("0999912", i), Name: "Musterort", Land: "BY"},
						process.People{"FED": {{Email: "amt@musterstadt.example"}}}))
				}
				old, to := w.version(func(source map[string]string) {
					source["phases/o/o02-check.yaml"] = strings.Replace(source["phases/o/o02-check.yaml"], "de: \"", "de: \"Neu: ", 1)
				})
				faults.Crash(n, after)
				w.insistMove(faults, process.TextsPlan(old.Hash, to.Hash), to)
				faults.Revive()
				for _, no := range nos {
					w.adopt(no)
					if h := w.head(); h.Definition != to.Hash || h.Seq != 2 {
						t.Errorf("%s stands on %s after %d rows, want %s after 2", no, h.Definition, h.Seq, to.Hash)
					}
					w.sameAsEvents()
				}
				if s, err := w.x.Standings(w.ctx); err != nil || fmt.Sprint(s) != fmt.Sprintf("[{%s 3}]", to.Hash) {
					t.Errorf("standings %v, %v", s, err)
				}
			})
		}
	}
}

// insistMove asks for two cases at a time, until none is left.
func (w *world) insistMove(f *tabletest.Faults, p process.Plan, to *process.Definition) {
	w.t.Helper()
	for range 6 {
		_, left, err := w.x.Move(w.ctx, p, to, 2, w.now)
		if err != nil {
			if !errors.Is(err, tabletest.ErrCrashed) {
				w.t.Fatal(err)
			}
			f.Revive()
		} else if left == 0 {
			return
		}
	}
	w.t.Fatal("the move never came to its end")
}

// TestMovingACaseThatRestsMailsNobody, whatever the plan says. What the new
// version has ready, and whom it asks, is made up for when the case goes on.
func TestMovingACaseThatRestsMailsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.days(3)
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	old, to := w.version(func(source map[string]string) {
		e := editor{r: rand.New(rand.NewPCG(1, 1)), source: source}
		e.addAfter("A01")
		for name, src := range source {
			if strings.Contains(src, "key: A02\n") {
				source[name] = strings.Replace(src, "acts: [FED]", "acts: [LEI]", 1)
			}
		}
	})
	plan := process.Plan{
		From: old.Hash, To: to.Hash, Reason: whyMove, Mail: true,
		Steps: map[string]process.Decision{"A02": {Asked: process.Again}},
	}
	if _, left, err := w.x.Move(w.ctx, plan, to, 10, w.now); err != nil || left > 0 {
		t.Fatal(left, err)
	}
	if queued, err := w.x.Outbox.Queued(w.ctx); err != nil || len(queued) > 0 {
		t.Errorf("%d mails in a pause, %v", len(queued), err)
	}
	before := len(w.to(lead))
	w.do(command.Resume{Meta: by("SVC")})
	if m := w.head().Steps["A50"]; m.State != process.Open {
		t.Errorf("A50 is %q after the pause, want open", m.State)
	}
	w.days(2)
	if n := len(w.to(lead)) - before; n == 0 {
		t.Error("whom the new version asks was not written to after the pause")
	}
	w.sameAsEvents()
}

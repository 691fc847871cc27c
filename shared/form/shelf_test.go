package form_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

// version gives one version of a form whose question has that label.
func version(t *testing.T, number, label string) *form.Form {
	t.Helper()
	return compile(t, "v.yaml", fmt.Sprintf(
		"settings: {form_id: t, version: %q, title: {de: T, en: T}}\nsurvey:\n- {type: text, name: a, label: {de: %q, en: x}}", number, label))
}

// press is an office that works with a library whose clock stands where it is
// put.
type press struct {
	t     *testing.T
	table *tabletest.Faults
	lib   *form.Library
	now   time.Time
}

func newPress(t *testing.T) *press {
	p := &press{t: t, table: tabletest.Faulty(tabletest.New(t)), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	p.lib = p.process()
	return p
}

// process is another process over the same table.
func (p *press) process() *form.Library {
	return form.NewLibrary(p.table, func() time.Time { return p.now })
}

func (p *press) draft(f *form.Form) {
	p.t.Helper()
	before := ""
	if d := p.shelf().Draft; d != nil {
		before = d.Hash
	}
	p.must(p.lib.SaveDraft(p.t.Context(), f, before, "t.xlsx", "amt", p.now))
}

func (p *press) publish(hash, live string, shipped *form.Form) error {
	_, err := p.lib.Publish(p.t.Context(), form.Publication{ID: "t", Hash: hash, Live: live, By: "amt", Note: "neu", Shipped: shipped}, p.now)
	return err
}

func (p *press) shelf() form.Shelf {
	p.t.Helper()
	s, err := p.process().Shelf(p.t.Context(), "t")
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *press) live(l *form.Library, shipped *form.Form) string {
	p.t.Helper()
	f, err := l.Live(p.t.Context(), shipped)
	if err != nil {
		p.t.Fatal(err)
	}
	return f.Version
}

func (p *press) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestWhatIsShippedIsLiveUntilTheOfficePublishes(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	shipped, newer, own := version(t, "1", "A"), version(t, "3", "C"), version(t, "2", "B")
	if s := p.shelf(); s.ID != "t" || s.Live != nil || s.Draft != nil || len(s.History) != 0 {
		t.Errorf("an empty shelf is %+v", s)
	}
	for _, f := range []*form.Form{shipped, newer} {
		if got := p.live(p.lib, f); got != f.Version {
			t.Errorf("live is %s, want the shipped %s", got, f.Version)
		}
	}
	other := p.process()
	p.live(other, shipped)

	p.draft(own)
	if got := p.live(p.process(), shipped); got != "1" {
		t.Errorf("with a draft live is %s", got)
	}
	p.must(p.publish(own.Hash, "", shipped))
	if got := p.live(p.lib, newer); got != "2" {
		t.Errorf("after publishing live is %s, not the office's", got)
	}
	if got := p.live(other, shipped); got != "1" {
		t.Errorf("within the minute another process sees %s", got)
	}
	p.now = p.now.Add(time.Minute)
	if got := p.live(other, shipped); got != "2" {
		t.Errorf("a minute later another process sees %s", got)
	}
	s := p.shelf()
	if len(s.History) != 2 || s.History[0].Version != "2" || s.History[0].By != "amt" || s.History[0].Shipped ||
		s.History[1].Version != "1" || !s.History[1].Shipped || s.Live.Hash != own.Hash || s.Draft != nil {
		t.Errorf("the shelf is %+v", s)
	}

	// The newer shipped one is taken when the office wants it, whatever its number.
	p.draft(newer)
	p.must(p.publish(newer.Hash, own.Hash, newer))
	if s := p.shelf(); !s.Live.Shipped || s.Live.Version != "3" {
		t.Errorf("the shipped one that was taken is %+v", s.Live)
	}
}

func TestLiveIsLookedUpOnceAMinute(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	meter := &table.Meter{}
	ctx := table.WithMeter(t.Context(), meter)
	for range 5 {
		if _, err := p.lib.Live(ctx, version(t, "1", "A")); err != nil {
			t.Fatal(err)
		}
	}
	if _, read := meter.Units(); read > 1 {
		t.Errorf("five times live took %g read units, want one at most", read)
	}
}

func TestAnEarlierVersionComesBack(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	shipped, own := version(t, "1", "A"), version(t, "2", "B")
	p.draft(own)
	p.must(p.publish(own.Hash, "", shipped))
	waiting := version(t, "9", "Z")
	p.draft(waiting)
	p.must(p.publish(shipped.Hash, own.Hash, shipped))
	s := p.shelf()
	if s.Live.Version != "1" || len(s.History) != 3 || s.Draft == nil || s.Draft.Hash != waiting.Hash {
		t.Errorf("after going back the shelf is %+v", s)
	}
	all, err := p.process().Forms(t.Context(), s)
	if err != nil || len(all) != 2 || all[0].Version != "2" || all[1].Version != "1" {
		t.Errorf("the forms are %v, %v; want 2 and 1, each once", all, err)
	}
}

func TestDraftsAreReplacedAndDropped(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	if _, _, err := p.lib.DraftForm(t.Context(), "t"); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("no draft gives %v", err)
	}
	p.must(p.lib.DropDraft(t.Context(), "t", "any"))
	p.draft(version(t, "1", "A"))
	p.draft(version(t, "1", "B"))
	f, d, err := p.process().DraftForm(t.Context(), "t")
	if err != nil || f.Fields()[0].Label.DE != "B" || d.Hash != f.Hash || d.File != "t.xlsx" || d.By != "amt" || !d.At.Equal(p.now) {
		t.Errorf("the draft is %+v, %+v, %v", f, d, err)
	}
	if err := p.lib.DropDraft(t.Context(), "t", "another"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a draft that nobody looked at is dropped: %v", err)
	}
	p.must(p.lib.DropDraft(t.Context(), "t", d.Hash))
	if s := p.shelf(); s.Draft != nil {
		t.Errorf("dropped, the draft is %+v", s.Draft)
	}
	if _, err := p.process().Form(t.Context(), f.Hash); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("a dropped draft is kept as a form: %v", err)
	}
}

func TestOfTwoPublishersOneIsTold(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	own := version(t, "2", "B")
	p.draft(own)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, by := range []string{"eins", "zwei"} {
		l := p.process()
		wg.Go(func() {
			_, errs[i] = l.Publish(t.Context(), form.Publication{ID: "t", Hash: own.Hash, By: by}, p.now)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, form.ErrConflict) {
			t.Errorf("the slower one got %v", err)
		}
	}
	if s := p.shelf(); won != 1 || len(s.History) != 1 {
		t.Errorf("%d of two won, the history is %+v", won, s.History)
	}
}

func TestAPublicationOfWhatChangedMeanwhileIsRefused(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	seen := version(t, "2", "B")
	p.draft(seen)
	p.draft(version(t, "2", "C"))
	if err := p.publish(seen.Hash, "", nil); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a replaced draft gives %v", err)
	}
	if err := p.publish(p.shelf().Draft.Hash, "other", nil); !errors.Is(err, form.ErrConflict) {
		t.Errorf("another live version gives %v", err)
	}
	p.table.Conflict(1)
	if err := p.publish(p.shelf().Draft.Hash, "", nil); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a write that met another gives %v", err)
	}
	if s := p.shelf(); s.Live != nil {
		t.Errorf("live is %+v", s.Live)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	shipped, own := version(t, "1", "A"), version(t, "2", "B")
	refused := func(what string, err error, want string) {
		t.Helper()
		r, ok := errors.AsType[*form.RefusedError](err)
		if !ok || !strings.Contains(r.Text.DE, want) || r.Text.EN == "" {
			t.Errorf("%s: got %v, want a sentence with %q", what, err, want)
		}
	}
	f := version(t, "1", "X")
	p.draft(f)
	refused("the number of the shipped one", p.publish(f.Hash, "", shipped), "„1“")
	p.draft(own)
	p.must(p.publish(own.Hash, "", shipped))
	f = version(t, "2", "X")
	p.draft(f)
	refused("a number of the history", p.publish(f.Hash, own.Hash, shipped), "neue Nummer")
	p.draft(own)
	_, err := p.lib.Publish(t.Context(), form.Publication{ID: "t", Hash: own.Hash, Live: own.Hash}, p.now)
	refused("what is live", err, "schon veröffentlicht")
	_, err = p.lib.Publish(t.Context(), form.Publication{ID: "t", Note: strings.Repeat("x", 2001)}, p.now)
	refused("a long note", err, "2.001")

	var src strings.Builder
	src.WriteString("settings: {form_id: t, version: \"7\", title: {de: T, en: T}}\nsurvey:\n")
	for i := range 1500 {
		fmt.Fprintf(&src, "- {type: text, name: q%d, label: {de: %q, en: x}}\n", i, strings.Repeat("x", 250))
	}
	refused("a large form", p.lib.SaveDraft(t.Context(), compile(t, "large.yaml", src.String()), own.Hash, "", "", p.now), "350 KB")
}

// The process dies right before or right after the write of a publication;
// asked again, the next one finds it undone or done, and does it once.
func TestAPublicationSurvivesTheEndOfItsProcess(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"before": false, "after": true} {
		p := newPress(t)
		shipped, own := version(t, "1", "A"), version(t, "2", "B")
		p.draft(own)
		p.table.Crash(1, after)
		if err := p.publish(own.Hash, "", shipped); !errors.Is(err, tabletest.ErrCrashed) {
			t.Fatalf("%s: the process lived on: %v", name, err)
		}
		p.table.Revive()
		s := p.shelf()
		whole := s.Live != nil && s.Draft == nil && len(s.History) == 2
		nothing := s.Live == nil && s.Draft != nil && len(s.History) == 0
		if whole != after || nothing == after {
			t.Errorf("died %s the write, the shelf is %+v", name, s)
		}
		p.lib = p.process()
		p.must(p.publish(own.Hash, "", shipped))
		if s := p.shelf(); s.Live == nil || len(s.History) != 2 || s.Draft != nil {
			t.Errorf("died %s the write, published again the shelf is %+v", name, s)
		}
		if _, err := p.process().Form(t.Context(), own.Hash); err != nil {
			t.Errorf("died %s the write: %v", name, err)
		}
	}
}

// Of two authors who looked at the same draft, or at none, the second is told
// about the first also when both save at the same moment.
func TestADraftTakesOnlyThePlaceOfTheOneThatWasLookedAt(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	first, second := version(t, "2", "A"), version(t, "2", "B")
	save := func(f *form.Form, before string) error {
		return p.lib.SaveDraft(t.Context(), f, before, "", "amt", p.now)
	}
	p.must(save(first, ""))
	for _, before := range []string{"", second.Hash} {
		if err := save(version(t, "3", "C"), before); !errors.Is(err, form.ErrConflict) {
			t.Errorf("saved in place of %q: %v", before, err)
		}
	}
	p.must(save(first, "")) // again
	p.must(save(second, first.Hash))
	if d := p.shelf().Draft; d == nil || d.Hash != second.Hash {
		t.Errorf("the draft is %+v", d)
	}
}

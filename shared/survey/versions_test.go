package survey_test

import (
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/survey"
)

// changed is the shipped form of T0 with other words in the place of some.
func (w *world) changed(pairs ...string) *form.Form {
	w.t.Helper()
	in, err := survey.Instruments().Instrument("S_T0")
	if err != nil {
		w.t.Fatal(err)
	}
	src := string(in.Form.Canonical())
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(src, pairs[i]) {
			w.t.Fatalf("the form has no %q:\n%s", pairs[i], src)
		}
		src = strings.Replace(src, pairs[i], pairs[i+1], 1)
	}
	f, _, err := form.Examine("S_T0", []byte(src), form.Stored())
	if err != nil || f == nil {
		w.t.Fatalf("%v, %v", f, err)
	}
	return f
}

func (w *world) publish(f *form.Form) {
	w.t.Helper()
	if lacks := w.service.Accept(f); len(lacks) > 0 {
		w.t.Fatalf("the version is refused: %v", lacks)
	}
	if err := w.service.Library.SaveDraft(w.t.Context(), f, "", "", "", w.now()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.service.Library.Publish(w.t.Context(), form.Publication{ID: f.ID, Hash: f.Hash}, w.now()); err != nil {
		w.t.Fatal(err)
	}
}

func TestASurveyStaysOnTheVersionItWasPlannedWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.plan()
	const wording = "Was würde uns jetzt helfen?"
	next := w.changed(`"version":"1"`, `"version":"2"`, `"children":[`,
		`"children":[{"type":"text","name":"help","label":{"de":"`+wording+`","en":"What would help us now?"},"x_class":"anon"},`)
	w.publish(next)
	after := w.plan(func(p *survey.Planned) {
		for i, a := range p.Addresses {
			p.Addresses[i] = "other-" + a
		}
	})
	w.turn(day("2026-08-03").At(9, 0))
	if a, b := w.head(before), w.head(after); a.Hash == b.Hash || b.Hash != next.Hash {
		t.Errorf("planned before with %s, after with %s, published is %s", a.Hash, b.Hash, next.Hash)
	}
	mails := w.sent()
	if len(mails) != 24 {
		t.Fatalf("%d invitations, want 24", len(mails))
	}
	asked := map[bool]int{}
	for _, m := range mails {
		r := w.respondent(linkIn(t, m)).start()
		asked[strings.Contains(r.page.Text(), wording)]++
	}
	if asked[true] != 12 || asked[false] != 12 {
		t.Errorf("the new version is asked of %d, the old one of %d", asked[true], asked[false])
	}
}

func TestVersionsThatCannotBeAskedAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, f := range w.service.Forms() {
		if lacks := w.service.Accept(f); len(lacks) > 0 || len(w.service.Uses(f.ID)) != 1 {
			t.Errorf("the shipped %s is refused: %v", f.ID, lacks)
		}
	}
	if w.service.Uses("step_o03") != nil {
		t.Error("a step's form is used here")
	}
	for _, c := range []struct{ old, new, want string }{
		{`"children":[`, `"children":[{"type":"text","appearance":"email","name":"mail","label":{"de":"M","en":"M"},"x_class":"anon"},`, "anonym"},
		{`"x_class":"anon"`, `"x_class":"pers"`, "anonym"},
		{`"survey":[`, `"survey":[{"type":"text","name":"lost","label":{"de":"M","en":"M"},"x_class":"anon"},`, "auf keiner Seite"},
		{`{"name":"1",`, `{"name":"one",`, "ausgewertet"},
	} {
		var said []string
		for _, s := range w.service.Accept(w.changed(c.old, c.new)) {
			said = append(said, s.DE)
		}
		if !strings.Contains(strings.Join(said, "\n"), c.want) {
			t.Errorf("%s is refused for %q, want %q", c.new, said, c.want)
		}
	}
}

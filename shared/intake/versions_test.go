package intake

import (
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/form/diff"
	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
)

// changed is the shipped form with other words in the place of some.
func changed(t *testing.T, pairs ...string) *form.Form {
	t.Helper()
	src, err := fs.ReadFile(Forms, "forms/intake.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(src), pairs[i]) {
			t.Fatalf("the form has no %q", pairs[i])
		}
		src = []byte(strings.Replace(string(src), pairs[i], pairs[i+1], 1))
	}
	f, err := form.Compile("intake.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// second is a version that asks for one thing more, offers a choice less and
// calls a question by another name.
func second(t *testing.T) *form.Form {
	return changed(t, `version: "1"`, `version: "2"`,
		"choices:\n", `choices:
  reach:
    - {name: WHOLE, label: {de: "gesamte Kommune", en: "whole municipality"}}
    - {name: REG, label: {de: "mehrere Kommunen / Region", en: "several municipalities / region"}}
`,
		"select_one OL-SCOPE", "select_one reach", `required: "${scope} = 'DIST' or ${scope} = 'PLACE'"`, `hint: {de: Ungefähr, en: Roughly}`,
		"name: conflict_title", "name: conflict_heading\n        x_alias: conflict_title",
		"      - type: text\n        name: contact_name\n", `      - {type: text, name: liaison, label: {de: "Wer vermittelt?", en: "Who liaises?"}, required: "yes", x_class: org}
      - type: text
        name: contact_name
`)
}

// publish makes a version live, as the desk does.
func (r *rig) publish(f *form.Form) {
	r.t.Helper()
	l, ctx := r.service.forms, r.t.Context()
	s, err := l.Shelf(ctx, f.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := l.SaveDraft(ctx, f, "", "", "", r.now()); err != nil {
		r.t.Fatal(err)
	}
	p := form.Publication{ID: f.ID, Hash: f.Hash, Shipped: r.service.Forms()[0]}
	if s.Live != nil {
		p.Live = s.Live.Hash
	}
	if _, err := l.Publish(ctx, p, r.now()); err != nil {
		r.t.Fatal(err)
	}
}

func TestADraftStaysOnTheVersionItBeganOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	old := r.begin(lang.DE)
	for _, section := range []string{"s1", "s2", "s3", "s4"} {
		old.fill(section)
	}
	next := second(t)
	if refused := r.service.Accept(next); len(refused) > 0 {
		t.Fatalf("the version is refused: %v", refused)
	}
	r.publish(next)

	fresh := r.begin(lang.DE)
	if page := fresh.Get(fresh.base + "/s2"); !strings.Contains(page.Body, "Wer vermittelt?") {
		t.Errorf("who begins now is not asked by the new version:\n%s", page.Text())
	}
	if page := fresh.Get(fresh.base + "/s4"); strings.Contains(page.Body, `value="DIST"`) {
		t.Error("who begins now is offered the removed choice")
	}
	if res := fresh.Post(fresh.base+"/s2", withNext(answers["s2"])); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the new question the new version takes s2: %d", res.Status)
	}

	if page := old.Get(old.base + "/s2"); strings.Contains(page.Body, "Wer vermittelt?") {
		t.Error("who has begun is asked by the new version")
	}
	if page := old.Get(old.base + "/s4"); !strings.Contains(page.Body, canary("conflict_title")) {
		t.Error("what was filled in is lost")
	}
	for _, section := range []string{"s4", "s5", "s6", "s7", "s8", "s9", "s10"} {
		old.fill(section)
	}
	old.send()
	old.confirm()
	e := r.entry(old.id())
	if v, last := r.version(e), e.Answers; v.Version != "1" || last.Text("scope") != "DIST" || last.Text("conflict_title") != canary("conflict_title") {
		t.Errorf("sent on version %s with scope %q and title %q", v.Version, last.Text("scope"), last.Text("conflict_title"))
	}

	// Exports are the union of the versions.
	s, err := r.service.forms.Shelf(t.Context(), next.ID)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := r.service.forms.Forms(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]diff.Column{}
	for _, c := range diff.Columns(versions) {
		found[c.Name] = c
	}
	hasChoice := slices.ContainsFunc(found["scope"].Choices, func(c form.Choice) bool { return c.Name == "DIST" })
	if _, ok := found["liaison"]; !ok || !hasChoice || !slices.Equal(found["conflict_heading"].Names, []string{"conflict_heading", "conflict_title"}) {
		t.Errorf("the union has scope with %v and %v", found["scope"].Choices, found["conflict_heading"].Names)
	}
}

func withNext(v url.Values) url.Values {
	out := url.Values{"_next": {""}}
	for name, values := range v {
		out[name] = values
	}
	return out
}

func (r *rig) entry(id string) draft.Entry {
	r.t.Helper()
	e, err := r.service.drafts.Load(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *rig) version(e draft.Entry) *form.Form {
	r.t.Helper()
	f, err := r.service.forms.Form(r.t.Context(), e.Form)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

// Another process, which does not know of the publication yet, finds it within
// a minute.
func TestOtherProcessesBeginOnTheNewVersionWithinAMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := r.begin(lang.DE)
	other := &rig{t: t, clock: r.now()}
	other.over(r.table)
	other.publish(second(t))
	if v := r.version(r.entry(first.id())); v.Version != "1" {
		t.Errorf("the first began on version %s", v.Version)
	}
	r.advance(time.Minute)
	if v := r.version(r.entry(r.begin(lang.DE).id())); v.Version != "2" {
		t.Errorf("after a minute a draft begins on version %s", v.Version)
	}
}

func TestVersionsThatWouldBreakTheWayAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.service.Accept(r.service.Forms()[0]); got != nil {
		t.Errorf("the shipped form is refused: %v", got)
	}
	if got := r.service.Uses("intake_v1"); len(got) != 1 || r.service.Uses("other") != nil {
		t.Errorf("it is used in %v", got)
	}
	shipped := r.service.Forms()[0]
	for _, name := range reliesOn {
		if _, ok := shipped.Field(name); !ok {
			t.Errorf("the shipped form has no %s", name)
		}
	}
	const urgent = "name: s7\n    label: {de: Dringlichkeit"
	for _, c := range []struct{ old, new, want string }{
		{"name: contact_function", "name: contact_job", "contact_function"},
		{"name: s7\n", "name: s7b\n", "Seite „s7“"},
		// The page is there, but what stood on it is on another.
		{urgent, strings.Replace(urgent, "name: s7\n", "name: s7\n    label: {de: Leer, en: Empty}\n    children:\n      - {type: text, name: more, label: {de: Mehr, en: More}, x_class: org}\n  - type: group\n    name: s7b\n", 1), "„urgency“ muss auf der Seite „s7“"},
		{"    - {name: en, label: {de: Englisch, en: English}}\n", "", "Antwort „en“"},
	} {
		f := changed(t, c.old, c.new)
		var all []string
		for _, s := range r.service.Accept(f) {
			all = append(all, s.DE)
		}
		if !strings.Contains(strings.Join(all, "\n"), c.want) || len(all) == 0 {
			t.Errorf("%s -> %s is refused for %q, want %q", c.old, c.new, all, c.want)
		}
	}
}

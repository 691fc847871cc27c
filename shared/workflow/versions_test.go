package workflow

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/diff"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// changed is the shipped form of a step with other words in the place of some.
func (w *world) changed(step string, pairs ...string) *form.Form {
	w.t.Helper()
	src := w.source(step)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(src, pairs[i]) {
			w.t.Fatalf("the form of %s has no %q:\n%s", step, pairs[i], src)
		}
		src = strings.ReplaceAll(src, pairs[i], pairs[i+1])
	}
	f, err := form.Compile(step, []byte(src))
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// source is the shipped form of a step.
func (w *world) source(step string) string {
	w.t.Helper()
	d, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := d.Template(step).Form()
	if err != nil {
		w.t.Fatal(err)
	}
	return string(f.Canonical())
}

// publish makes a version of a step's form live, as the desk does.
func (w *world) publish(f *form.Form) {
	w.t.Helper()
	if lacks := w.x.Accept(f); len(lacks) > 0 {
		w.t.Fatalf("the version is refused: %v", lacks)
	}
	l := w.x.Service.Forms
	s, err := l.Shelf(w.ctx, f.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := l.SaveDraft(w.ctx, f, "", "", "", w.now); err != nil {
		w.t.Fatal(err)
	}
	p := form.Publication{ID: f.ID, Hash: f.Hash}
	for _, own := range w.x.Forms() {
		if own.ID == f.ID {
			p.Shipped = own
		}
	}
	if s.Live != nil {
		p.Live = s.Live.Hash
	}
	if _, err := l.Publish(w.ctx, p, w.now); err != nil {
		w.t.Fatal(err)
	}
}

// talk gives versions 2 and 3 of the clarification talk: each asks for one thing
// more, the second drops a choice, the third renames a question.
func (w *world) talk() (second, third *form.Form) {
	const first = `"survey":[`
	question := `{"type":"text","name":"q%","label":{"de":"Frage der Fassung %","en":"Question of version %"},"required":"yes","x_class":"case"},`
	asks := func(n string) string { return first + strings.ReplaceAll(question, "%", n) }
	gone := `{"name":"GRE","label":{"de":"Kommunalpolitik","en":"local politics"}},`
	second = w.changed("O03", `"version":"1"`, `"version":"2"`, first, asks("2"), gone, "")
	third = w.changed("O03", `"version":"1"`, `"version":"3"`, first, asks("3"), gone, "", `"name":"limits"`, `"name":"bounds","x_alias":"limits"`)
	return second, third
}

func (w *world) atTalk() (path string) {
	w.begin()
	w.submit("O02", "SVC")
	return "/vorgaenge/" + w.id + "/schritte/O03"
}

func TestAStepIsJudgedByTheVersionThatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	second, _ := w.talk()
	b := w.svc()
	before := shows(t, b, path, "Kommunalpolitik")
	w.publish(second)

	v := fill(before, w.values("O03"))
	v.Add("participants_by_role", "GRE")
	if r := b.Post(path, v); r.Status != http.StatusSeeOther {
		t.Fatalf("sent on the version that was shown: %d\n%s", r.Status, r.Text())
	}
	st := w.current("O03")
	if st.State != process.Done || st.Form != "" || !slices.Contains(st.Answers["participants_by_role"].Choices, "GRE") {
		t.Errorf("the step is %s on form %q with %+v", st.State, st.Form, st.Answers)
	}
	shows(t, b, path, "Kommunalpolitik")

	other := newWorld(t)
	path = other.atTalk()
	other.publish(second)
	page := shows(t, other.svc(), path, "Frage der Fassung 2")
	if strings.Contains(page.Text(), "Kommunalpolitik") {
		t.Error("who begins now is offered the removed choice")
	}
	if r := other.svc().Post(path, fill(page, other.values("O03"))); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the new question the new version is done: %d", r.Status)
	}
}

func TestASavedStepStaysOnItsVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	second, third := w.talk()
	b := w.svc()
	w.publish(second)
	save := fill(b.Get(path), w.values("O03"))
	save.Set("limits", "Grenzen der zweiten Fassung")
	save.Set("_save", "1")
	b.Post(path, save)
	w.publish(third)

	page := shows(t, b, path, "Frage der Fassung 2", "Grenzen der zweiten Fassung")
	v := fill(page, w.values("O03"))
	v.Set("limits", "Grenzen der zweiten Fassung")
	if r := b.Post(path, v); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the question of its version the step is done: %d", r.Status)
	}
	v.Set("q2", "Antwort der zweiten Fassung")
	if r := b.Post(path, v); r.Status != http.StatusSeeOther {
		t.Fatalf("sent on its version: %d\n%s", r.Status, r.Text())
	}
	st := w.current("O03")
	if st.Form != second.Hash {
		t.Errorf("the step was answered on form %q, want version 2", st.Form)
	}
	shows(t, b, path, "Frage der Fassung 2", "Antwort der zweiten Fassung", "Grenzen der zweiten Fassung")
	w.sameAsEvents()

	// A correction stays on the version, whatever the post says.
	page = shows(t, b, path+"/korrigieren", "Frage der Fassung 2")
	v = fill(page, v)
	v.Set("q2", "Verbessert")
	v.Set("_reason", "Tippfehler")
	v.Set("_form", third.Hash)
	if r := b.Post(path+"/korrigieren", v); r.Status != http.StatusSeeOther {
		t.Fatalf("correcting: %d\n%s", r.Status, r.Text())
	}
	if st := w.current("O03"); st.Form != second.Hash || st.Answers.Text("q2") != "Verbessert" {
		t.Errorf("corrected, the step is on %q with %q", st.Form, st.Answers.Text("q2"))
	}

	// Exports are the union of the versions.
	s, err := w.x.Service.Forms.Shelf(w.ctx, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := w.x.Service.Forms.Forms(w.ctx, s)
	if err != nil || len(versions) != 3 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	columns := map[string]diff.Column{}
	for _, c := range diff.Columns(versions) {
		columns[c.Name] = c
	}
	kept := slices.ContainsFunc(columns["participants_by_role"].Choices, func(c form.Choice) bool { return c.Name == "GRE" })
	if !kept || columns["q2"].Name == "" || columns["q3"].Name == "" || !slices.Equal(columns["bounds"].Names, []string{"bounds", "limits"}) {
		t.Errorf("the union is %+v", columns)
	}
}

// By link: a draft of one browser that is gone on with in another one keeps its
// version; done again, the step begins on the live one.
func TestADraftTakesItsVersionToAnotherBrowser(t *testing.T) {
	t.Parallel()
	w, path := agreement(t)
	w.saveElsewhere(path, "bis Ende März klären")
	const asked = "Eine Frage mehr"
	w.publish(w.changed("O05", `"version":"1"`, `"version":"2"`, `"survey":[`,
		`"survey":[{"type":"text","name":"extra","label":{"de":"`+asked+`","en":"One more question"},"required":"yes","x_class":"case"},`))
	b := w.browser()
	if page := b.Get(path); !strings.Contains(page.Text(), asked) {
		t.Errorf("a browser without a draft does not see the live version:\n%s", page.Text())
	}
	if status := w.code(b, path, lead); status != http.StatusSeeOther {
		t.Fatalf("typing the code: %d", status)
	}
	page := b.Get(path)
	if strings.Contains(page.Text(), asked) || !strings.Contains(page.Body, "bis Ende März klären") {
		t.Errorf("the draft is shown on another version:\n%s", page.Text())
	}
	if r := b.Post(path, fill(page, w.values("O05"))); r.Status != http.StatusSeeOther {
		t.Fatalf("sent on the version of the draft: %d\n%s", r.Status, r.Text())
	}
	if st := w.current("O05"); st.State != process.Done || st.Form != "" {
		t.Errorf("the step is %s on form %q", st.State, st.Form)
	}
	shows(t, b, path+"/fertig", "Verein Beispiel")

	w.do(command.Reopen{Meta: by("SVC"), Step: "O05", Reason: "noch einmal"})
	w.tick()
	path = w.link(lead, "O05")
	if status := w.code(b, path, lead); status != http.StatusSeeOther {
		t.Fatalf("typing the code: %d", status)
	}
	if page := b.Get(path); !strings.Contains(page.Text(), asked) || !strings.Contains(page.Body, "Verein Beispiel") {
		t.Errorf("done again, the step is not on the live version with its answers:\n%s", page.Text())
	}
}

// A page can name only versions of its own step.
func TestAPostCannotChooseAStrangeForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	stranger, err := form.Compile("stranger", []byte("settings: {form_id: stranger, version: '1', title: {de: T, en: T}}\nsurvey:\n- {type: text, name: a, label: {de: A, en: A}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.x.Service.Forms.Keep(w.ctx, stranger); err != nil {
		t.Fatal(err)
	}
	b := w.svc()
	for _, hash := range []string{stranger.Hash, strings.Repeat("0", 64), strings.Repeat("\xff", 64), "x"} {
		v := fill(b.Get(path), url.Values{})
		v.Set("_form", hash)
		if r := b.Post(path, v); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "participants_by_role") {
			t.Errorf("a post with form %q: %d", hash, r.Status)
		}
	}
}

// A case on an older process, which a published form does not fit, keeps the
// form of its process.
func TestAFormThatDoesNotFitTheProcessIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	f := w.changed("O03", `"version":"1"`, `"version":"2"`, `"survey":[`, `"survey":[{"type":"note","name":"n","label":{"de":"Neu gefasst","en":"New"}},`,
		`"name":"mandate_clear"`, `"name":"mandate"`, "${mandate_clear}", "${mandate}")
	old := w.changed("O04", `"name":"decision"`, `"name":"verdict"`, "${decision}", "${verdict}")
	if lacks := w.x.Accept(old); len(lacks) == 0 {
		t.Error("a decision without its question is accepted")
	}
	w.publish(f) // nothing relies on what it renames
	shows(t, w.svc(), path, "Neu gefasst")

	l := w.x.Service.Forms
	if err := l.SaveDraft(w.ctx, old, "", "", "", w.now); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Publish(w.ctx, form.Publication{ID: old.ID, Hash: old.Hash}, w.now); err != nil {
		t.Fatal(err)
	}
	w.submit("O03", "SVC")
	page := shows(t, w.svc(), "/vorgaenge/"+w.id+"/schritte/O04", "Absenden")
	if strings.Contains(page.Body, `name="verdict"`) || !strings.Contains(page.Body, `name="decision"`) {
		t.Error("the step asks a form that its process can't work with")
	}
	v := fill(page, w.values("O04"))
	v.Set("_form", old.Hash)
	if r := w.svc().Post("/vorgaenge/"+w.id+"/schritte/O04", v); r.Status != http.StatusSeeOther {
		t.Errorf("a post that names that form is not judged by the process's own: %d\n%s", r.Status, r.Text())
	}
	if st := w.current("O04"); st.State != process.Done || st.Form != "" || st.Answers.Text("decision") == "" {
		t.Errorf("the step is %s on form %q with %v", st.State, st.Form, st.Answers)
	}
}

// A version that is kept but never was live is on no page.
func TestAPostCannotNameAVersionThatWasNeverLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	second, _ := w.talk()
	if err := w.x.Service.Forms.Keep(w.ctx, second); err != nil {
		t.Fatal(err)
	}
	v := fill(w.svc().Get(path), w.values("O03"))
	v.Set("_form", second.Hash)
	if r := w.svc().Post(path, v); r.Status != http.StatusSeeOther || w.current("O03").Form != "" {
		t.Errorf("status %d, the step is on form %q", r.Status, w.current("O03").Form)
	}
}

// Between showing and sending the office may publish again.
func TestAReplacedVersionCountsForWhoWasShownIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.atTalk()
	second, third := w.talk()
	b := w.svc()
	w.publish(second)
	v := fill(shows(t, b, path, "Frage der Fassung 2"), w.values("O03"))
	w.publish(third)
	v.Set("q2", "Antwort")
	if r := b.Post(path, v); r.Status != http.StatusSeeOther || w.current("O03").Form != second.Hash {
		t.Errorf("status %d, the step is on form %q, want version 2", r.Status, w.current("O03").Form)
	}
}

func TestVersionsThatWouldBreakAStepAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.x.Forms()
	if len(all) < 15 {
		t.Errorf("there are %d forms of steps", len(all))
	}
	for _, f := range all {
		if lacks := w.x.Accept(f); len(lacks) > 0 {
			t.Errorf("the shipped form %s is refused: %v", f.ID, lacks)
		}
		if len(w.x.Uses(f.ID)) != 1 {
			t.Errorf("form %s is used in %v", f.ID, w.x.Uses(f.ID))
		}
	}
	if got := w.x.Uses("step_o03"); len(got) != 1 || got[0].DE != "Schritt O03 Klärungsgespräch führen" {
		t.Errorf("step_o03 is used in %v", got)
	}
	if w.x.Uses("step_o01") != nil || w.x.Uses("intake_v1") != nil {
		t.Error("forms of other nouns are used here")
	}
	const police = `"name":"police_contact","label":{"de":"Gibt es einen Kontakt zu Polizei oder Ordnungsamt?","en":"Is there a contact to the police or order office?"},"x_class":"sens"`
	renamed := w.changed("A09", police, strings.Replace(police, "police_contact", "police", 1)+`,"x_alias":"police_contact"`)
	if lacks := w.x.Accept(renamed); len(lacks) > 0 {
		t.Errorf("a sensitive question with another name that stays sensitive is refused: %v", lacks)
	}
	for _, c := range []struct{ step, old, new, want string }{
		{"O04", `"name":"lei_email"`, `"name":"head_email"`, "Die Frage „lei_email“ fehlt"},
		{"O04", "accepted", "taken", "Antwort „accepted“"},
		{"A09", `"x_class":"sens"`, `"x_class":"case"`, "x_class (sens)"},
		{"A04", `"appearance":"multiline"`, `"appearance":""`, "x_class (sens)"},
		{"A04", `"name":"actor_note"`, `"name":"remark"`, "Die Frage „actor_note“ fehlt"},
		{"A09", `"name":"police_contact"`, `"name":"police"`, "Die Frage „police_contact“ fehlt"},
		{"A09", `"survey":[`, `"survey":[{"type":"calculate","name":"copy","calculation":"${police_contact}","x_class":"case"},`, "„copy“ übernimmt die Antwort auf „police_contact“"},
		{"A09", `"survey":[`, `"survey":[{"type":"text","name":"copy","label":{"de":"K","en":"C"},"default":"${police_contact}","x_class":"case"},`, "„copy“ übernimmt die Antwort auf „police_contact“"},
		{"A09", police, strings.Replace(strings.Replace(police, "police_contact", "police", 1), `"sens"`, `"case","x_alias":"police_contact"`, 1), "Die Frage „police“ ist besonders schutzwürdig"},
	} {
		src := strings.ReplaceAll(w.source(c.step), c.old, c.new)
		f, _, err := form.Examine(c.step, []byte(src), form.Stored())
		if err != nil || f == nil {
			t.Fatalf("%s: %v", c.step, err)
		}
		var said []string
		for _, s := range w.x.Accept(f) {
			said = append(said, s.DE)
		}
		if !strings.Contains(strings.Join(said, "\n"), c.want) {
			t.Errorf("%s with %s is refused for %q, want %q", c.step, c.new, said, c.want)
		}
	}
}

package desk

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// TestTextsAreComplete looks up every text that the code can ask for.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	site := webtest.Site(t, os.DirFS(".."))
	x := New(page.New(&cases.Service{}, page.Deps{Site: site, Pages: site.Pages(os.DirFS(".."))}))
	c := site.Catalog
	if err := x.Pages.Check(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range statuses {
		keys = append(keys, "workflow.status."+string(s))
		if !s.Running() {
			keys = append(keys, "workflow.standing.text."+string(s))
		}
	}
	for _, s := range standings {
		keys = append(keys, "workflow.standing."+string(s))
	}
	for _, v := range []string{"office", "mine", viewTowns, viewOverdue, viewRole} {
		keys = append(keys, "workflow.tasks.lead."+v, "workflow.tasks.empty."+v)
	}
	for _, s := range []process.Stage{process.Fresh, process.Friendly, process.Overdue, process.TellTandem, process.TellOffice} {
		keys = append(keys, "workflow.forecast."+cmp.Or(stageName(s), "opens"))
	}
	for _, of := range []string{"next", "forecast"} {
		keys = append(keys, "workflow."+of+".remind2.deputy", "workflow."+of+".tandem.office")
	}
	for _, gap := range []process.Gap{process.Unnamed, process.Absent, process.Left} {
		keys = append(keys, "workflow.gap."+string(gap))
	}
	for _, role := range append(taskRoles, "TAN", "EVA", "DSB", process.ByClock, process.BySurvey) {
		keys = append(keys, "workflow.role."+role)
	}
	member := process.Person{Email: "fachstelle@musterstadt.example"}
	d := &desk{Record: &cases.Record{State: process.State{People: process.People{"KUF": {member}}}}, user: &web.User{}}
	withPerson := d.withPerson("KUF." + cases.WhoHash(member.Email))
	if len(withPerson) != 3 {
		t.Errorf("%d things can be done with somebody who holds a role, want 3", len(withPerson))
	}
	for _, a := range slices.Concat(stepActions, caseActions, withPerson, []action{settle("")}) {
		keys = append(keys, "workflow.do."+a.name, "workflow.do."+a.name+".lead")
		if f, err := x.Action(a.name); err != nil || f == nil {
			t.Errorf("action %s has no form: %v", a.name, err)
		}
	}
	for _, s := range []string{"o", "s", "d", "k", "q", "v", "e", "l"} {
		keys = append(keys, "workflow.state."+s)
	}
	for _, k := range []process.Kind{
		process.Started, process.Opened, process.Finished, process.Handed, process.Queried, process.Voided, process.SentBack,
		process.WasSkipped, process.Extended, process.HandedOver, process.Readdressed, process.Corrected, process.Named,
		process.StatusChanged, process.Closed, process.SafetyRaised, process.Settled, process.TakenBack, process.RoleEnded,
		process.WentAway, process.CameBack, process.Unreachable, process.Nudged,
		process.Configured, process.Posted,
	} {
		keys = append(keys, "workflow.history."+string(k))
	}
	for _, chapter := range conceptChapters {
		keys = append(keys, "workflow.concept."+chapter.id)
	}
	for _, g := range process.Gaps() {
		keys = append(keys, "workflow.gap."+string(g))
	}
	for _, k := range []string{
		"named.from", "named.to", "named.span", "readdressed.to", "readdressed.gap", "opened.gap", "handed_over.gap",
		"reopened", "reopened.any", "reopened.gap", "handed_over.to", "handed_over.beside", "handed_over.beside.to", "readdressed.now",
		"status.day", "status.days", "tandem.office", "recorded.of", "record_set.of", "settled.of",
	} {
		keys = append(keys, "workflow.history."+k)
	}
	for _, k := range keys {
		if strings.Contains(c.T(lang.DE, k), "⟦") {
			t.Errorf("the text %s is missing", k)
		}
	}
}

// Rows stand in rows; what only the tandem reads is left out of all of them.
func TestRestrictedAnswersAreHiddenAtEveryDepth(t *testing.T) {
	t.Parallel()
	f, err := form.Compile("a09", []byte(`settings: {form_id: step_a09, version: "2", title: {de: T, en: T}}
survey:
- {type: text, name: top, label: {de: T, en: T}, x_class: sens}
- type: repeat
  name: outer
  label: {de: A, en: O}
  children:
  - {type: text, name: open, label: {de: O, en: O}, x_class: case}
  - type: repeat
    name: inner
    label: {de: I, en: I}
    children:
    - {type: text, name: secret, label: {de: G, en: S}, x_class: sens}
    - {type: text, name: known, label: {de: B, en: K}, x_class: case}
`))
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) form.Value { return form.Value{Text: s} }
	row := func(s string) form.Answers { return form.Answers{"secret": text(s), "known": text("bekannt")} }
	a := form.Answers{"outer": {Rows: []form.Answers{
		{"open": text("offen"), "inner": {Rows: []form.Answers{{"known": text("bekannt")}}}},
		{"open": text("offen"), "inner": {Rows: []form.Answers{row("eins"), row("zwei")}}},
	}}}
	step := &process.Template{Key: "A09"}
	got, hidden := (&desk{roles: []string{"SVC"}}).visible(step, f, a)
	last := got.Rows("outer")[1]
	if !hidden || last.Rows("inner")[0].Text("secret") != "" || last.Rows("inner")[1].Text("secret") != "" {
		t.Errorf("the office reads %v, hidden %v", got, hidden)
	}
	if last.Text("open") != "offen" || last.Rows("inner")[1].Text("known") != "bekannt" {
		t.Errorf("too much is hidden: %v", got)
	}
	if a.Rows("outer")[1].Rows("inner")[0].Text("secret") != "eins" {
		t.Error("hiding changed the answers themselves")
	}
	if got, hidden := (&desk{roles: []string{"EXT"}}).visible(step, f, a); hidden || got.Rows("outer")[1].Rows("inner")[1].Text("secret") != "zwei" {
		t.Errorf("the tandem reads %v", got)
	}
}

package workflow

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/export"
	"kokoma/shared/workflow/command"
)

func all(t *testing.T, records iter.Seq2[export.Record, error]) []export.Record {
	t.Helper()
	var out []export.Record
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func TestRecordsAreTheCompletedSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	if got := all(t, w.x.Records(w.ctx, "step_o05")); len(got) != 0 {
		t.Errorf("an open step has %v", got)
	}
	records := all(t, w.x.Records(w.ctx, "step_o04"))
	if len(records) != 1 || records[0].Case != w.no || records[0].Key != "O04/1" || records[0].Answers.Text("decision") != "accepted" || records[0].At.IsZero() {
		t.Fatalf("got %+v", records)
	}
	versions, err := w.x.Versions(w.ctx, "step_o04")
	if err != nil || len(versions) != 1 || versions[0].Hash != records[0].Form {
		t.Fatalf("the versions are %v, %v", versions, err)
	}
	for _, id := range []string{"intake_v1", "step_x99", ""} {
		if got := all(t, w.x.Records(w.ctx, id)); len(got) != 0 {
			t.Errorf("form %q has %v", id, got)
		}
	}
	for _, err := range w.x.Records(w.ctx, "step_o04") {
		if err != nil {
			t.Fatal(err)
		}
		break // whoever stops early is not called again
	}
	var ids []string
	for id, err := range w.x.Intakes(w.ctx) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if !slices.Equal(ids, []string{"INTAKE09999123"}) {
		t.Errorf("the cases began with %v", ids)
	}
}

// Each iteration is a record of its own.
func TestRecordsHaveAllIterations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	w.submit("O05", "LEI")
	w.do(command.Reopen{Meta: by("SVC"), Step: "O05", Reason: "im Test"})
	w.submit("O05", "LEI")
	var keys []string
	for _, r := range all(t, w.x.Records(w.ctx, "step_o05")) {
		keys = append(keys, r.Key)
	}
	if !slices.Equal(keys, []string{"O05/1", "O05/2"}) {
		t.Errorf("got %q", keys)
	}
}

// The service office gets no file with what only the tandem reads.
func TestRestrictedAnswersAreInNoFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leave, err := w.x.Restricted("step_a09")
	if err != nil {
		t.Fatal(err)
	}
	versions, err := w.x.Versions(w.ctx, "step_a09")
	if err != nil {
		t.Fatal(err)
	}
	a := w.answers("A09")
	records := func(yield func(export.Record, error) bool) {
		yield(export.Record{Case: "KK-2026-0001", Key: "A09/1", Form: versions[0].Hash, At: w.now, Answers: a}, nil)
	}
	x, err := export.New(versions, records, export.Options{Leave: leave, Reason: RestrictedReason})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.Wide(&b, export.Machine()); err != nil {
		t.Fatal(err)
	}
	if factor := a.Rows("dnh")[0].Text("dnh_factor"); factor == "" || strings.Contains(b.String(), factor) {
		t.Errorf("%q is in\n%s", factor, b.String())
	}
	sheets, err := x.Sheets()
	if err != nil {
		t.Fatal(err)
	}
	said := false
	for _, row := range sheets[2].Rows {
		note, _ := row[8].(string)
		said = said || row[1] == "dnh_factor" && strings.Contains(note, "nur das Tandem")
	}
	if !said {
		t.Errorf("the codebook does not say that it is left out: %v", sheets[2].Rows)
	}
	survey, err := w.x.Restricted("step_a06")
	if err != nil {
		t.Fatal(err)
	}
	forms, err := w.x.Versions(w.ctx, "step_a06")
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := forms[0].Field("addresses"); !ok || !survey(f) {
		t.Errorf("the addresses of a survey are exported")
	}
}

// Answers to questions that only a published version asks are in exports.
func TestRecordsNameTheVersionThatWasAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.atTalk()
	second, _ := w.talk()
	w.publish(second)
	a := w.answers("O03")
	a["q2"] = form.Value{Text: "Antwort der zweiten Fassung"}
	w.do(command.Submit{Meta: by("SVC"), Ref: w.current("O03").Ref, Answers: a, Form: second.Hash})

	records := all(t, w.x.Records(w.ctx, second.ID))
	if len(records) != 1 || records[0].Form != second.Hash {
		t.Fatalf("got %+v, want one on %s", records, second.Hash)
	}
	versions, err := w.x.Versions(w.ctx, second.ID)
	if err != nil || versions[len(versions)-1].Hash != second.Hash {
		t.Fatalf("the versions are %v, %v", versions, err)
	}
	x, err := export.New(versions, w.x.Records(w.ctx, second.ID), export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.Wide(&b, export.Machine()); err != nil || !strings.Contains(b.String(), "Antwort der zweiten Fassung") {
		t.Errorf("the answer is not in the export: %v\n%s", err, b.String())
	}
}

// Who exports knows the published versions and the library, but no process.
func TestRecordsOfAnOlderProcessCanBeExported(t *testing.T) {
	t.Parallel()
	w := worldOf(t, small(""), nil)
	w.begin()
	w.word("O02", "Wort")
	w.do(command.Accept{Meta: by("SVC"), Ref: w.current("O02").Ref})
	w.word("O03", "Wort der alten Fassung")
	next := worldOf(t, small("    - {type: text, name: more, label: {de: \"Mehr\", en: \"More\"}, required: \"yes\", x_maxlength: 50, x_class: org}\n"), nil)
	next.x.Table, w.x = w.table, next.x
	w.x.Outbox.Table = w.table

	var shipped []*form.Form
	for _, f := range w.x.Forms() {
		if f.ID == "step_o03" {
			shipped = append(shipped, f)
		}
	}
	find := func(hash string) (*form.Form, error) { return w.x.Service.Forms.Form(w.ctx, hash) }
	x, err := export.New(shipped, w.x.Records(w.ctx, "step_o03"), export.Options{Form: find})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.Wide(&b, export.Machine()); err != nil || !strings.Contains(b.String(), "Wort der alten Fassung") {
		t.Errorf("the answer is not in the export: %v\n%s", err, b.String())
	}
}

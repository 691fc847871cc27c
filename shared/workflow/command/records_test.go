package command

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/workflow/process"
)

const recorded = `
	O01:
	O02: pre: [{step: O01}]; records: [{kind: agreement, each: rows, title: row_text, state: row_state, due: row_due}]
	O03: pre: [{step: O01}]; reviewer: SVC; records: [{kind: document, title: {de: "Analyse", en: "Analysis"}, doc: analysis, version: word, state: released}]`

func agreed(rows ...form.Answers) form.Answers {
	a := answers()
	a["rows"] = form.Value{Rows: rows}
	return a
}

func row(text, state, due string) form.Answers {
	return form.Answers{"row_text": {Text: text}, "row_state": {Text: state}, "row_due": {Text: due}}
}

func (r *run) wantRecords(want ...string) {
	r.t.Helper()
	var got []string
	for id, rec := range r.state.Records {
		got = append(got, id+" "+rec.State)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		r.t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestEachRowLeavesAnAgreementOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, recorded)
	a := agreed(row("eine", "", "2026-05-05"), row("zwei", "broken", ""))
	r.must(Submit{Meta: r.by("FED"), Ref: r.ref("O02"), Answers: a})
	r.wantRecords("agreement#O02#1#1 open", "agreement#O02#1#2 broken")
	if rec := r.state.Records["agreement#O02#1#1"]; rec.Title.DE != "eine" || rec.Due.String() != "2026-05-05" || !rec.Unreviewed() {
		t.Errorf("got %+v", rec)
	}
	r.must(SetRecord{Meta: r.by("LOK"), Record: "agreement#O02#1#1", State: "kept", Reason: "beim Treffen geprüft"})
	a = agreed(row("eins", "", ""), row("zwei", "broken", ""), row("drei", "", ""))
	r.must(Correct{Meta: r.by("SVC"), Ref: r.ref("O02"), Answers: a, Reason: "eine fehlte"})
	r.wantRecords("agreement#O02#1#1 kept", "agreement#O02#1#2 broken", "agreement#O02#1#3 open")
	if rec := r.state.Records["agreement#O02#1#1"]; rec.Title.DE != "eins" {
		t.Errorf("the correction did not reach %+v", rec)
	}
	r.sameAsEvents()
}

func TestANewVersionTakesThePlaceOfTheOldOne(t *testing.T) {
	t.Parallel()
	r := begin(t, recorded)
	for n := range 2 {
		r.submit("O03")
		if len(r.state.Records) != n {
			t.Fatalf("before it was accepted: %+v", r.state.Records)
		}
		r.must(Accept{Meta: r.by("SVC"), Ref: r.ref("O03")})
		if n == 0 {
			r.must(Reopen{Meta: r.by("SVC"), Step: "O03", Reason: "neue Lage"})
		}
	}
	r.wantRecords("document#O03#1#1 superseded", "document#O03#2#1 released")
	r.must(SetRecord{Meta: r.by("SVC"), Record: "document#O03#2#1", State: "public", Reason: "im Amtsblatt"})
	r.sameAsEvents()
}

// TestRecordsGoOnlyWhereTheyCan walks the whole table of kokoma.md 6.2.
func TestRecordsGoOnlyWhereTheyCan(t *testing.T) {
	t.Parallel()
	allowed := map[string]string{
		"agreement open": "kept partly broken obsolete", "agreement kept": "", "agreement partly": "", "agreement broken": "",
		"agreement obsolete": "", "document draft": "in_vote superseded", "document in_vote": "draft released superseded",
		"document released": "public superseded", "document public": "superseded", "document superseded": "",
	}
	for _, kind := range []string{process.Agreement, process.Document} {
		for _, from := range process.RecordStates(kind) {
			for _, to := range process.RecordStates(kind) {
				r := begin(t, recorded)
				r.state.Records = map[string]process.Record{"x": {ID: "x", Kind: kind, State: from}}
				err := r.do(SetRecord{Meta: r.by("SVC"), Record: "x", State: to, Reason: "Grund"})
				may := slices.Contains(strings.Fields(allowed[kind+" "+from]), to)
				if may != (err == nil) {
					t.Errorf("%s from %s to %s: %v", kind, from, to, err)
				}
			}
		}
	}
	r := begin(t, recorded)
	r.state.Records = map[string]process.Record{"x": {ID: "x", Kind: process.Agreement, State: "open"}}
	r.refuses(ErrRole, SetRecord{Meta: r.by("KM"), Record: "x", State: "kept", Reason: "Grund"})
	r.refuses(ErrReason, SetRecord{Meta: r.by("SVC"), Record: "x", State: "kept"})
	r.refuses(ErrMove, SetRecord{Meta: r.by("SVC"), Record: "x", State: "released", Reason: "Grund"})
	r.refuses(ErrNotOpen, SetRecord{Meta: r.by("SVC"), Record: "y", State: "kept", Reason: "Grund"})
}

// TestACorrectionKeepsStateAndAgreementTogether: a row that goes must not leave
// its state to the one after it.
func TestACorrectionKeepsStateAndAgreementTogether(t *testing.T) {
	t.Parallel()
	r := begin(t, recorded)
	r.must(Submit{Meta: r.by("FED"), Ref: r.ref("O02"), Answers: agreed(row("eine", "", ""), row("zwei", "", ""), row("drei", "", ""))})
	r.must(SetRecord{Meta: r.by("LOK"), Record: "agreement#O02#1#1", State: "kept", Reason: "geprüft"})
	r.must(Correct{Meta: r.by("SVC"), Ref: r.ref("O02"), Answers: agreed(row("drei", "", ""), row("vier", "", "")), Reason: "gab es nicht"})
	titles := map[string]string{}
	for _, rec := range r.state.Records {
		titles[rec.Title.DE] += rec.State
	}
	want := map[string]string{"eine": "kept", "drei": "open", "vier": "open"} // "zwei" got other words
	if !maps.Equal(titles, want) {
		t.Errorf("got %v, want %v", titles, want)
	}
	r.must(Correct{Meta: r.by("SVC"), Ref: r.ref("O02"), Answers: agreed(row("drei", "", "")), Reason: "auch das nicht"})
	r.wantRecords("agreement#O02#1#1 kept", "agreement#O02#1#2 obsolete", "agreement#O02#1#3 open")
	r.sameAsEvents()
}

package intake

import (
	"iter"
	"net/url"
	"testing"

	"kokoma/shared/form/export"
	"kokoma/shared/lang"
)

func ids(list ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, id := range list {
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (r *rig) records(formID string, list ...string) []export.Record {
	r.t.Helper()
	var out []export.Record
	for rec, err := range r.service.Records(r.t.Context(), formID, ids(list...)) {
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

// Of each expression of interest what was confirmed last counts, whatever was
// typed or sent since.
func TestRecordsAreWhatWasConfirmedLast(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.begin(lang.DE)
	w.fillAll()
	w.send()
	unknown := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if got := r.records("intake_v1", w.id(), unknown); len(got) != 0 {
		t.Errorf("before it is confirmed there are %v", got)
	}
	w.confirm()
	got := r.records("intake_v1", w.id(), unknown)
	if len(got) != 1 || got[0].Case != "KK-2026-0001" || got[0].Key != "1" || got[0].Answers.Text("office_name") != canary("office_name") || got[0].Form == "" {
		t.Fatalf("got %+v", got)
	}
	if got := r.records("barrier", w.id()); len(got) != 0 {
		t.Errorf("another form has %v", got)
	}
	r.ask(w)
	w.fill("s2", url.Values{"office_name": {"Amt nach der Rückfrage"}})
	if got := r.records("intake_v1", w.id())[0].Answers.Text("office_name"); got != canary("office_name") {
		t.Errorf("what is not sent yet counts: %q", got)
	}
	w.Post(w.base+"/pruefen", url.Values{})
	if got := r.records("intake_v1", w.id()); len(got) != 1 || got[0].Key != "2" || got[0].Answers.Text("office_name") != "Amt nach der Rückfrage" {
		t.Errorf("after the answer got %+v", got)
	}
}

package process

import (
	"fmt"
	"strings"

	"kokoma/shared/lang"
)

// Record is what a step left behind and what has a life of its own: an agreement
// that is kept or broken, a document that is voted on and released.
type Record struct {
	ID     string `json:"-"` // "agreement#B11#2#1": kind, step, iteration, row
	Stored int64  `json:"-"` // version of the stored item, 0 before it is stored

	Kind    string    `json:"k"`
	State   string    `json:"s"`
	Step    string    `json:"p"`
	Since   lang.Date `json:"f"`           // of the state
	Due     lang.Date `json:"d,omitzero"`  // when it is looked at again
	Asked   bool      `json:"a,omitempty"` // to look at it
	Doc     string    `json:"o,omitempty"` // which document, over all its versions
	Title   lang.Text `json:"t"`           // contents: in no event and in no mail
	Version string    `json:"v,omitempty"`
}

// RecordID names what a step leaves behind, so that nothing is left twice.
func RecordID(kind string, ref Ref, row int) string {
	return fmt.Sprintf("%s#%s#%d#%d", kind, ref.Step, ref.Iteration, row)
}

// recordMoves are the states of a record and where each can go from there,
// kokoma.md 6.2. The first state is where it begins when nothing is said.
var recordMoves = map[string][]struct {
	State string
	To    []string
}{
	Agreement: {
		{"open", []string{"kept", "partly", "broken", Obsolete}},
		{"kept", nil},
		{"partly", nil},
		{"broken", nil},
		{Obsolete, nil},
	},
	Document: {
		{"draft", []string{"in_vote", Superseded}},
		{"in_vote", []string{"draft", "released", Superseded}},
		{"released", []string{"public", Superseded}},
		{"public", []string{Superseded}},
		{Superseded, nil},
	},
}

// AgreedOpen is where agreements begin, Obsolete where they end that count no
// more, Superseded where a document ends when there is a newer version.
const (
	AgreedOpen = "open"
	Obsolete   = "obsolete"
	Superseded = "superseded"
)

// RecordStates are the states of a kind of record, in order.
func RecordStates(kind string) []string {
	var out []string
	for _, m := range recordMoves[kind] {
		out = append(out, m.State)
	}
	return out
}

// Moves are the states that the record can go to.
func (r Record) Moves() []string {
	for _, m := range recordMoves[r.Kind] {
		if m.State == r.State {
			return m.To
		}
	}
	return nil
}

// MaySet says whether somebody may say what became of the record: while its case
// runs, and whatever becomes of the case where it waits to be looked at.
func (r Record) MaySet(s Status) bool { return len(r.Moves()) > 0 && (s.Running() || r.Asked) }

// Unreviewed says that an agreement waits for the day of its review.
func (r Record) Unreviewed() bool {
	return r.Kind == Agreement && r.State == AgreedOpen && !r.Due.IsZero() && !r.Asked
}

// record notes what a step left behind, or what became of it. Leaving it again,
// after a correction, changes the contents and not the state.
func (s *State) record(e Event, r Row) {
	if s.Records == nil {
		s.Records = map[string]Record{}
	}
	rec, known := s.Records[e.Record]
	if e.Kind == RecordSet || !known {
		rec.State, rec.Since, rec.Asked = e.To, lang.DateOf(r.At), false
	}
	if e.Kind == Recorded {
		rec.ID, rec.Step, rec.Doc = e.Record, e.Step, e.Doc
		rec.Kind, _, _ = strings.Cut(e.Record, "#")
		if rec.Due != e.On {
			rec.Due, rec.Asked = e.On, false
		}
		rec.Title, rec.Version = e.Title, e.Version
	}
	s.Records[e.Record] = rec
}

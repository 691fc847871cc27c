package process

// recordMoves are the states of a record and where each can go from there,
// kokoma.md 6.2. The first state is where it begins when nothing is said.
var recordMoves = map[string][]struct {
	State string
	To    []string
}{
	Agreement: {
		{"open", []string{"kept", "partly", "broken", "obsolete"}},
		{"kept", nil},
		{"partly", nil},
		{"broken", nil},
		{"obsolete", nil},
	},
	Document: {
		{"draft", []string{"in_vote", "superseded"}},
		{"in_vote", []string{"draft", "released", "superseded"}},
		{"released", []string{"public", "superseded"}},
		{"public", []string{"superseded"}},
		{"superseded", nil},
	},
}

// RecordStates are the states of a kind of record, in order.
func RecordStates(kind string) []string {
	var out []string
	for _, m := range recordMoves[kind] {
		out = append(out, m.State)
	}
	return out
}

package process

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Status is how a case stands as a whole.
type Status string

// The statuses of a case.
const (
	Intake    Status = "intake" // reviewed, not decided
	Active    Status = "active"
	Waiting   Status = "waiting" // the decision is put off
	Paused    Status = "paused"
	Declined  Status = "declined"
	Referred  Status = "referred"
	Withdrawn Status = "withdrawn"
	Completed Status = "completed"
	Stopped   Status = "stopped" // before its end
)

// Running says whether steps can be done.
func (s Status) Running() bool { return s == Intake || s == Active }

// Ended says whether the case is over.
func (s Status) Ended() bool {
	return slices.Contains([]Status{Declined, Referred, Withdrawn, Completed, Stopped}, s)
}

// StepState is how a step stands, one letter; the empty one is locked.
type StepState string

// The states of a step.
const (
	Locked    StepState = ""
	Open      StepState = "o"
	Submitted StepState = "s" // a reviewer or a survey's end is waited for
	Done      StepState = "d"
	Skipped   StepState = "k"
	Query     StepState = "q" // the municipality was asked back
	Returned  StepState = "r" // by the reviewer; the next iteration is open
	Void      StepState = "v" // answered so that another step is done again first
	Ended     StepState = "e" // closed with the case
	Planned   StepState = "p" // opens on a day to come
	Withheld  StepState = "w" // was planned; what it waits for is being done again
)

// Mark is a step's place in the head: enough to know what can come next.
type Mark struct {
	State     StepState
	Iteration int
}

// Marks are the steps that are not locked. They are stored as one short text,
// "O01d A10o2", so that the head of a case with 57 steps stays below 1 KB.
type Marks map[string]Mark

// MarshalJSON writes them in the order of the process.
func (m Marks) MarshalJSON() ([]byte, error) {
	keys := slices.SortedFunc(maps.Keys(m), order)
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = k + string(m[k].State)
		if n := m[k].Iteration; n != 1 {
			words[i] += strconv.Itoa(n)
		}
	}
	return json.Marshal(strings.Join(words, " "))
}

// UnmarshalJSON reads them back.
func (m *Marks) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*m = Marks{}
	for word := range strings.FieldsSeq(text) {
		if len(word) < 4 {
			return fmt.Errorf("reading the steps of a case: %q is too short", word)
		}
		n, err := strconv.Atoi(cmp.Or(word[4:], "1"))
		if err != nil {
			return fmt.Errorf("reading the steps of a case: %q has no iteration", word)
		}
		(*m)[word[:3]] = Mark{StepState(word[3:4]), n}
	}
	return nil
}

// Head is the case without its steps' contents.
type Head struct {
	No           string                    `json:"no"`
	Municipality municipality.Municipality `json:"m"`
	Lang         lang.Lang                 `json:"l"`
	Status       Status                    `json:"s"`
	Before       Status                    `json:"b,omitempty"` // what it was before the pause
	Since        lang.Date                 `json:"t,omitzero"`  // of the pause or the waiting
	Definition   string                    `json:"d"`
	Began        string                    `json:"bd,omitempty"` // the version that it began on, when that is another
	Intake       string                    `json:"i"`
	Steps        Marks                     `json:"p"`
	Unmet        []string                  `json:"u,omitempty"`  // "O04>O05": the answers of O04 keep O05 closed
	Recent       []string                  `json:"r,omitempty"`  // the last commands, shortened
	Settings     municipality.Settings     `json:"o,omitzero"`   // how the municipality works and wants to be written to
	News         News                      `json:"nw,omitempty"` // steps done that roles have yet to hear of
	Seq          int64                     `json:"-"`            // number of the last row; the item's version
}

// Phase is where the case has got to: the last phase with an open step, else
// with any step that was.
func (h Head) Phase() string {
	best, open := "", false
	for key, m := range h.Steps {
		if key[:1] == Beside || m.State == Planned || m.State == Withheld {
			continue
		}
		o := m.State == Open || m.State == Submitted || m.State == Query
		if o && !open || o == open && (best == "" || order(key, best) > 0) {
			best, open = key, o || open
		}
	}
	return best[:min(1, len(best))]
}

// Ref names a step in one of its iterations.
type Ref struct {
	Step      string
	Iteration int
}

// Open are the steps that wait for somebody, in order.
func (h Head) Open() []Ref { return h.in(Open) }

// Pending are the steps that wait for somebody or for a day, in order.
func (h Head) Pending() []Ref { return h.in(Open, Planned) }

func (h Head) in(states ...StepState) []Ref {
	var out []Ref
	for key, m := range h.Steps {
		if slices.Contains(states, m.State) {
			out = append(out, Ref{key, m.Iteration})
		}
	}
	slices.SortFunc(out, func(a, b Ref) int { return order(a.Step, b.Step) })
	return out
}

// Move is a due date that was given up.
type Move struct {
	From lang.Date `json:"f"`
	On   lang.Date `json:"o"`
}

// Step is one iteration of a step in a case.
type Step struct {
	Ref     `json:"-"`
	Version int64 `json:"-"` // of the stored item, 0 before it is stored

	State   StepState `json:"s"`
	Opened  lang.Date `json:"o"`
	Due     lang.Date `json:"d"`           // zero: none, it can be done at any time
	Opens   lang.Date `json:"op,omitzero"` // while planned: the day
	Ended   lang.Date `json:"en,omitzero"` // the day on which it was done, if not that of At
	Moved   []Move    `json:"m,omitempty"`
	Comment string    `json:"c,omitempty"` // why it is open again, or was skipped
	Rev     int       `json:"v,omitempty"` // handovers so far

	// While open: what a reminder needs, so that it reads the step alone.
	WT       int                   `json:"w,omitempty"`
	Lost     int                   `json:"lo,omitempty"` // working days that pauses added
	Stage    Stage                 `json:"g,omitempty"`
	Asked    []Asked               `json:"a,omitempty"`
	Gap      Gap                   `json:"gp,omitempty"` // why somebody is missing, for the service office
	Out      []string              `json:"ou,omitempty"` // addresses that are not to be asked for this step
	No       string                `json:"n,omitempty"`
	Land     string                `json:"ld,omitempty"`
	Settings municipality.Settings `json:"cl,omitzero"`
	Unposted bool                  `json:"lu,omitempty"` // a letter is to be posted
	Lettered Stage                 `json:"lw,omitempty"` // the last reminder that goes by letter, and
	Told     Stage                 `json:"lt,omitempty"` // the stage up to which letters were posted
	Pause    bool                  `json:"p,omitempty"`

	// Definition is the version of the process on which the step is open, or was
	// answered: a case can be moved meanwhile.
	Definition string `json:"df,omitempty"`

	Nudged lang.Date `json:"ng,omitzero"` // the last day on which somebody reminded by hand

	// Since it was submitted.
	At      time.Time    `json:"t,omitzero"`
	By      Actor        `json:"b,omitzero"`
	Cmd     string       `json:"k,omitempty"`
	Browser string       `json:"br,omitempty"` // hash of the browser and the link that finished it
	Hash    string       `json:"h,omitempty"`  // of the answers
	Form    string       `json:"f,omitempty"`  // hash of the version that was answered; "" for the process's own
	Answers form.Answers `json:"x,omitempty"`
}

// DoneOn is the day on which the step was done or left out.
func (s Step) DoneOn() lang.Date {
	if !s.Ended.IsZero() {
		return s.Ended
	}
	return lang.DateOf(s.At)
}

// Late says whether the step should have been done.
func (s Step) Late(today lang.Date) bool { return !s.Due.IsZero() && s.Due.Before(today) }

// Nobody says that the step is open and nobody is asked: the service office
// has to name somebody.
func (s Step) Nobody() bool { return s.State == Open && len(s.Asked) == 0 }

// AnyTime says that the step can be done at any time: it has no due date, and
// nothing waits for it.
func (s Step) AnyTime() bool { return s.State == Open && s.Due.IsZero() }

// State is a case as far as it was read.
type State struct {
	Head   Head
	People People
	Office []Person // the service office; not stored with the case
	Steps  map[Ref]Step

	Records map[string]Record // by id
}

// Current is the step in its present iteration, if it was read.
func (s State) Current(key string) (Step, bool) {
	st, ok := s.Steps[Ref{key, s.Head.Steps[key].Iteration}]
	return st, ok
}

// Clone copies as deep as Apply changes.
func (s State) Clone() State {
	s.Head.Steps = maps.Clone(s.Head.Steps)
	s.Head.Unmet = slices.Clone(s.Head.Unmet)
	s.Head.Recent = slices.Clone(s.Head.Recent)
	s.People = s.People.Clone()
	s.Steps = maps.Clone(s.Steps)
	s.Records = maps.Clone(s.Records)
	return s
}

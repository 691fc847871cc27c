package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Kind is what happened.
type Kind string

// The kinds of events.
const (
	Started       Kind = "started"
	Opened        Kind = "opened"
	Finished      Kind = "done"
	Handed        Kind = "submitted" // waits for its reviewer or its survey
	Queried       Kind = "queried"
	Voided        Kind = "voided"
	SentBack      Kind = "returned"
	WasSkipped    Kind = "skipped"
	Extended      Kind = "extended"
	HandedOver    Kind = "handed_over"
	Readdressed   Kind = "readdressed" // sent to who holds the role now
	Corrected     Kind = "corrected"
	Reopened      Kind = "reopened"
	TakenBack     Kind = "taken_back" // a handover, by who handed over
	Named         Kind = "named"
	RoleEnded     Kind = "role_ended"
	WentAway      Kind = "away"
	CameBack      Kind = "back"
	Unreachable   Kind = "unreachable" // mail to who holds the roles comes back
	StatusChanged Kind = "status"
	Closed        Kind = "closed" // with the case
	SafetyRaised  Kind = "safety"
	Settled       Kind = "settled" // a task of the service office
	Reminded      Kind = "reminded"
	Rested        Kind = "rested" // a step in a paused case
	Resumed       Kind = "resumed"
	Recorded      Kind = "recorded"   // left behind an agreement or a document
	RecordSet     Kind = "record_set" // what became of it
	Scheduled     Kind = "planned"    // opens on a day to come
	Unscheduled   Kind = "unplanned"  // does not, since what it waits for is done again
	Moved         Kind = "moved"      // to another version of the process
	Carried       Kind = "carried"    // what is under way, to that version
	Configured    Kind = "configured" // how the municipality works; once more for each open step
	Posted        Kind = "posted"     // the letter of a step
)

// Roles of what is no person.
const (
	ByClock  = "clock"
	BySurvey = "survey"
)

// Actor is who did it: by role, not by name.
type Actor struct {
	Role string `json:"r"`
	For  string `json:"f,omitempty"` // recorded for this role
	Who  string `json:"w,omitempty"` // short hash of the address, where two have to be told apart
}

// Event is one thing that happened to a case.
type Event struct {
	Kind      Kind      `json:"k"`
	Step      string    `json:"s,omitempty"`
	Iteration int       `json:"i,omitempty"`
	Due       lang.Date `json:"d,omitzero"`  // of people: the last day
	From      lang.Date `json:"fd,omitzero"` // of people: the first day
	On        lang.Date `json:"o,omitzero"`  // the day for which something is planned
	WT        int       `json:"w,omitempty"` // Resumed: by how many the date moved
	Stage     Stage     `json:"g,omitempty"`
	Moves     int       `json:"m,omitempty"` // Reminded: how often the due date had moved
	Role      string    `json:"r,omitempty"`
	Roles     []string  `json:"rs,omitempty"`
	Reason    string    `json:"y,omitempty"`
	Hash      string    `json:"h,omitempty"`
	Form      string    `json:"f,omitempty"` // version of the form that was answered, as in Step
	Unmet     []string  `json:"u,omitempty"`
	Status    Status    `json:"t,omitempty"`
	Task      string    `json:"j,omitempty"`
	Gap       Gap       `json:"gp,omitempty"` // why nobody is asked
	Case      *Opening  `json:"c,omitempty"`
	Record    string    `json:"rc,omitempty"`
	To        string    `json:"to,omitempty"` // state of the record
	Doc       string    `json:"dc,omitempty"`
	Whom      []string  `json:"wm,omitempty"` // short hashes of who is asked newly, or of who stays asked where nobody is new
	Beside    bool      `json:"bs,omitempty"` // HandedOver: who had it keeps it
	Process   string    `json:"v,omitempty"`  // Moved: the version
	Into      Ref       `json:"io,omitzero"`  // Carried: the step that it becomes
	Left      StepState `json:"l,omitempty"`  // how the iteration before stands: Carried, of the one that went; Opened, if it was skipped
	Quiet     bool      `json:"q,omitempty"`  // nobody is written to
	Post      Post      `json:"p,omitempty"`

	Settings *municipality.Settings `json:"cl,omitempty"`

	// What rides along and is stored with the step or the people, never with
	// the event: contents and addresses.
	Answers form.Answers `json:"-"`
	People  People       `json:"-"`
	Asked   []Asked      `json:"-"`
	Out     []string     `json:"-"`
	Who     string       `json:"-"` // address of who is away
	Browser string       `json:"-"`
	Title   lang.Text    `json:"-"` // of the record
	Version string       `json:"-"`
}

// Ref is the step that the event is about.
func (e Event) Ref() Ref { return Ref{e.Step, e.Iteration} }

// Opening is what a case begins with.
type Opening struct {
	No           string                    `json:"no"`
	Municipality municipality.Municipality `json:"m"`
	Lang         lang.Lang                 `json:"l"`
	Definition   string                    `json:"d"`
	Intake       string                    `json:"i"`
}

// WhoHash stands for an address: enough to tell one from another, and checked
// against the people before anything is shown. It decides nothing but that two
// differ: others can have the same.
func WhoHash(email string) string {
	sum := sha256.Sum256([]byte("who\x00" + email))
	return hex.EncodeToString(sum[:4])
}

// Row is what one command led to: what is stored under one number.
type Row struct {
	Seq    int64     `json:"-"`
	At     time.Time `json:"at"`
	By     Actor     `json:"by"`
	Cmd    string    `json:"cmd,omitempty"` // the command's id, shortened
	Events []Event   `json:"ev"`
}

// Refs are the steps that the row changes, each once.
func (r Row) Refs() []Ref {
	var out []Ref
	for _, e := range r.Events {
		if e.Step != "" && changesStep(e.Kind) && !slices.Contains(out, e.Ref()) {
			out = append(out, e.Ref())
		}
	}
	return r.becoming(out)
}

// changesStep leaves out what is told about a step without changing it; O01 is
// answered at the intake and has no item here.
func changesStep(k Kind) bool {
	return !slices.Contains([]Kind{SafetyRaised, Settled, Started, Reopened, Recorded, RecordSet}, k)
}

// recent is how many commands a head remembers. A post is repeated within
// minutes; older ones meet a step that has moved on.
const recent = 8

// Short is a command's id as heads and events keep it: 40 bits of its hash.
func Short(id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:5])
}

// HashAnswers names answers without telling them.
func HashAnswers(a form.Answers) string {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err) // texts, lists and maps of them always can be written
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Apply changes the state as the row says. Rows are applied in the order of
// their numbers, then the marks of timers.
func (s *State) Apply(r Row) {
	if s.Steps == nil {
		s.Steps = map[Ref]Step{}
	}
	for _, e := range r.Events {
		s.Happen(e, r)
	}
	if r.Seq > 0 {
		s.Head.Seq = r.Seq
		s.remember(r.Cmd)
	}
}

func (s *State) remember(cmd string) {
	if cmd == "" {
		return
	}
	s.Head.Recent = append(s.Head.Recent, cmd)
	s.Head.Recent = s.Head.Recent[max(0, len(s.Head.Recent)-recent):]
}

// Happen changes the state as one event of a row says.
func (s *State) Happen(e Event, r Row) {
	if e.People != nil {
		s.People = e.People
	}
	switch e.Kind {
	case Started:
		s.begin(*e.Case, e)
	case StatusChanged:
		s.setStatus(e, r)
	case Opened:
		s.open(e, r)
	case Scheduled, Unscheduled:
		s.plan(e)
	case Reminded:
		s.reminded(e)
	case Recorded, RecordSet:
		s.record(e, r)
	case Finished, Handed, Queried, Voided, WasSkipped, Closed, SentBack:
		s.finish(e, r)
	case Extended, Rested, Resumed, HandedOver, TakenBack, Readdressed, Corrected:
		s.change(e, r)
	case Moved:
		s.moved(e)
	case Carried:
		s.carried(e, r)
	case Nudged:
		s.nudged(e, r)
	case Configured, Posted:
		s.configure(e)
	}
}

func (s *State) begin(o Opening, e Event) {
	s.Head = Head{
		No: o.No, Municipality: o.Municipality, Lang: o.Lang, Status: Intake,
		Definition: o.Definition, Intake: o.Intake, Steps: Marks{e.Step: {Done, 1}},
	}
}

func (s *State) setStatus(e Event, r Row) {
	h := &s.Head
	h.Before, h.Since = "", lang.Date{}
	if e.Status == Paused {
		h.Before = h.Status
	}
	if e.Status == Paused || e.Status == Waiting {
		h.Since = lang.DateOf(r.At)
	}
	h.Status = e.Status
}

func (s *State) open(e Event, r Row) {
	st := Step{
		Ref: e.Ref(), Version: s.Steps[e.Ref()].Version, State: Open, Opened: lang.DateOf(r.At), Due: e.Due, WT: e.WT,
		Asked: e.Asked, Gap: e.Gap, Comment: e.Reason,
		No: s.Head.No, Land: s.Head.Municipality.Land, Definition: s.Head.Definition, Settings: s.Head.Settings,
	}
	st.toPost(e)
	s.Steps[st.Ref] = st
	s.Head.News = s.Head.News.After(e)
	s.mark(e, Open)
}

// plan notes when a step opens by itself. What it needs for that stands with it.
func (s *State) plan(e Event) {
	st := s.Steps[e.Ref()]
	st.Ref, st.State, st.Opens = e.Ref(), Planned, e.On
	st.Land, st.Definition = s.Head.Municipality.Land, s.Head.Definition
	if e.Kind == Unscheduled {
		st.State, st.Opens = Withheld, s.Steps[e.Ref()].Opens
	}
	s.Steps[st.Ref] = st
	s.mark(e, st.State)
}

func (s *State) mark(e Event, to StepState) {
	if s.Head.Steps == nil {
		s.Head.Steps = Marks{}
	}
	s.Head.Steps[e.Step] = Mark{to, e.Iteration}
}

var closing = map[Kind]StepState{
	Finished: Done, Handed: Submitted, Queried: Query, Voided: Void,
	WasSkipped: Skipped, Closed: Ended, SentBack: Returned,
}

// finish ends the step's being open, for now or for good. What only an open
// step needs goes; addresses with it.
func (s *State) finish(e Event, r Row) {
	st := s.Steps[e.Ref()]
	st.State = closing[e.Kind]
	st.WT, st.Lost, st.Stage, st.Asked, st.No, st.Land, st.Pause = 0, 0, 0, nil, "", "", false
	st.Gap, st.Out = "", nil
	st.Comment, st.Opens, st.Nudged = "", lang.Date{}, lang.Date{}
	if e.Kind == Handed {
		st.Asked, st.Gap = e.Asked, e.Gap // to accept it
	}
	st.Settings, st.Unposted, st.Lettered, st.Told = municipality.Settings{}, false, 0, 0
	if e.Kind == WasSkipped || e.Kind == SentBack {
		st.Comment = e.Reason
	}
	if e.Answers != nil {
		st.Answers = e.Answers
	}
	if e.Hash != "" {
		st.Hash, st.Form, st.Browser = e.Hash, e.Form, e.Browser
	}
	if st.At.IsZero() || e.Hash != "" {
		st.At, st.By, st.Cmd = r.At, r.By, r.Cmd
	}
	if on := lang.DateOf(r.At); e.Kind == Finished && on != lang.DateOf(st.At) {
		st.Ended = on
	}
	s.Steps[e.Ref()] = st
	s.mark(e, st.State)
	s.Head.News = s.Head.News.After(e)
	s.unmet(e)
}

// unmet replaces what the step's former answers kept closed.
func (s *State) unmet(e Event) {
	s.Head.Unmet = slices.DeleteFunc(s.Head.Unmet, func(u string) bool { return strings.HasPrefix(u, e.Step+">") })
	for _, next := range e.Unmet {
		s.Head.Unmet = append(s.Head.Unmet, e.Step+">"+next)
	}
	slices.Sort(s.Head.Unmet)
	if len(s.Head.Unmet) == 0 {
		s.Head.Unmet = nil
	}
}

func (s *State) change(e Event, r Row) {
	st := s.Steps[e.Ref()]
	switch e.Kind {
	case Resumed:
		if st.State == Planned {
			st.Opens = e.On
		}
		if st.Pause = false; e.Due.IsZero() {
			break
		}
		st.Lost += e.WT
		fallthrough
	case Extended:
		st.Moved = append(slices.Clip(st.Moved), Move{From: st.Due, On: lang.DateOf(r.At)})
		st.Due, st.Stage, st.Pause = e.Due, e.Stage, false
		st.Unposted, st.Lettered, st.Told = false, 0, 0
		st.toPost(e)
	case Rested:
		st.Pause = true
	case HandedOver, TakenBack, Readdressed:
		st.Rev++
		st.Asked, st.Gap, st.Out = e.Asked, e.Gap, e.Out
		st.toPost(e)
	case Corrected:
		st.Hash = e.Hash
		if e.Answers != nil {
			st.Answers = e.Answers
		}
	}
	s.Steps[e.Ref()] = st
}

// reminded notes what a timer did. It counts only for the due date that it was
// for: a mark may be applied after rows that came later.
func (s *State) reminded(e Event) {
	st, ok := s.Steps[e.Ref()]
	if !ok || st.State != Open || len(st.Moved) != e.Moves || st.Stage >= e.Stage {
		return
	}
	st.Stage = e.Stage
	if e.Post == ByLetter {
		st.Lettered = e.Stage
	}
	s.Steps[e.Ref()] = st
}

// Rebuild is the state that rows and marks lead to, without contents and
// addresses.
func Rebuild(rows, marks []Row) State {
	s := State{Steps: map[Ref]Step{}}
	for _, r := range append(slices.Clip(rows), marks...) {
		s.Apply(r)
	}
	return s
}

// Bare is a state without what events do not tell, to compare with Rebuild.
func (s State) Bare() State {
	s.People, s.Office = nil, nil
	s.Steps = maps.Clone(s.Steps)
	for ref, st := range s.Steps {
		st.Version, st.Asked, st.Out, st.Answers, st.Browser = 0, nil, nil, nil, ""
		s.Steps[ref] = st
	}
	s.Records = maps.Clone(s.Records)
	for id, rec := range s.Records {
		rec.Stored, rec.Asked, rec.Title, rec.Version = 0, false, lang.Text{}, ""
		s.Records[id] = rec
	}
	return s
}

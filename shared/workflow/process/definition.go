// Package process is half of the pure core of the workflow: what the steps are
// (Definition), how a case stands (State), and what has happened to it (Event);
// State.Apply says what an event changes. The other half, which commands lead
// to which events, is package command. Neither knows table, mail or the time.
//
// Read definition.go and load.go for the process as data, state.go, people.go and
// events.go for the case, rhythm.go for what comes again, record.go for what
// steps leave behind, figures.go for what a report says of a quarter, timers.go for
// reminders.
//
// # The file of a step
//
//	key phase title asks     A04, A, and texts in de and en; asks is the sentence of the mail
//	acts informed            roles that do it, and that see it
//	due_wt                   working days from its opening to its due date
//	minutes                  that it takes, where its number of questions misleads
//	pre                      [{step: A03, when: condition, wait_wt: 110}]: all must be done; then so
//	                         many working days must have passed
//	milestone starts_survey reviewer
//	four_eyes                true: somebody else has to accept what one person submitted
//	repeatable               true: may run several times
//	repeat                   {every: monthly, on: question, first: question}; every is monthly,
//	                         quarterly, half_yearly, yearly, "6 weeks" or on_demand (at any time, no
//	                         due date); on is the date of the next round, first that of the first, a
//	                         question of the first step in pre
//	opens_on                 safety: opens at once when a danger is reported, whatever pre says
//	prefill                  [{question: stage, from: "A08.glasl_total"}]; one required question must
//	                         not be prefilled; {from: figures} or {from: people} alone: what the case itself knows
//	roles                    [{each: repeat, role: LEI or question, email: question, name:, deputy:}]
//	outcome                  [{when: condition, effect: …}]: query safety park accept end_declined
//	                         end_referred; reopen with step; stop with reason, a question; complete
//	                         with follow_up, a date question
//	records                  [{kind: agreement, each: repeat, title:, state:, due:}], questions of its
//	                         rows; [{kind: document, title: {de, en}, doc: analysis, version:
//	                         question, state: released}]
//	form                     last: choices and survey, as package form has them
package process

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Definition is one version of the process: all steps, in its order. It is
// named by the hash of its files, and a case stays on its version.
type Definition struct {
	Hash      string
	Templates []*Template
	Source    map[string]string // the files that it was read from

	byKey map[string]*Template
}

// Template is a step as it is written down.
type Template struct {
	Key        string // "A04"
	Phase      string // "A"
	Title      lang.Text
	Asks       lang.Text // the sentence of the mail that says what to do
	Acts       []string  // roles that do it
	Informed   []string
	DueWT      int // working days from ready to due
	Pre        []Need
	Milestone  string
	Repeatable bool
	Survey     string // the survey that its submission starts
	Reviewer   string // the role that accepts or returns it
	FourEyes   bool   // somebody else than who did it has to accept it
	Repeat     *Repeat
	OpensOn    string // OnSafety: opens when that happens, whatever Pre says
	Prefill    []Prefill
	Source     string // FromFigures, FromPeople: what the case itself fills in
	Records    []RecordRule
	Roles      []Naming
	Settings   *SettingsRule // answers that say how the municipality wants to be written to
	Outcomes   []Outcome

	minutes int // that the step takes; 0: by its questions
	file    string
	src     []byte // of the form, every line at its place in the file

	options []form.Option
	once    sync.Once
	form    *form.Form
	err     error
}

// Need is a step that must be done before, perhaps with a certain answer.
type Need struct {
	Step   string
	When   *Cond // nil: however it was answered
	WaitWT int   // working days that have to pass after it was done
}

// Repeat is the rhythm in which a step comes again.
type Repeat struct {
	Every string // one of the rhythms, "6 weeks" or OnDemand
	On    string // the date question that says when it is next
	First string // the date question of the first need that says when it is first
	line  int
}

// OnDemand is the rhythm of what is there to be done at any time.
const OnDemand = "on_demand"

// OnDemand says whether the step can be done at any time, without a due date.
func (t *Template) OnDemand() bool { return t.Repeat != nil && t.Repeat.Every == OnDemand }

// OnSafety is when a step opens that must not wait: somebody may be in danger.
const OnSafety = "safety"

// Prefill takes the answer of another step over into a form that is opened for
// the first time.
type Prefill struct {
	Question string
	Step     string // whose last finished iteration is asked
	From     string // its question
	line     int
}

// What a case knows about itself and fills in: the figures of a quarter, and who
// holds which role.
const (
	FromFigures = "figures"
	FromPeople  = "people"
)

// The kinds of records.
const (
	Agreement = "agreement"
	Document  = "document"
)

// RecordRule says what a step leaves behind that has a life of its own: an
// agreement for each row of a repeat, or a document.
type RecordRule struct {
	Kind string

	// Of agreements, names of questions.
	Each  string // the repeat
	Title string
	State string // "": they begin open
	Due   string // when it is looked at again

	// Of documents.
	Name    lang.Text
	Doc     string // "analysis": what it is, over all its versions
	Version string // the question that says which version it is
	Begins  string // the state in which it begins

	line int
}

// Cond is a condition over the answers of a step.
type Cond struct {
	Src  string
	line int
	expr *form.Expr
}

// Holds says whether the answers meet the condition; none is always met.
func (c *Cond) Holds(a form.Answers, e form.Env) bool { return c == nil || c.expr.Bool(a, e) }

// Naming says which answers of a step name who holds a role.
type Naming struct {
	Each                     string // a repeat whose rows name one person each
	Role                     string // with Each, the field that says the role
	Email, Name, DeputyField string // fields
}

// Effect is what an answer does beyond finishing the step.
type Effect string

// The effects.
const (
	EffectQuery    Effect = "query"        // ask the municipality back
	EffectSafety   Effect = "safety"       // somebody must be called
	EffectPark     Effect = "park"         // the decision is put off
	EffectDeclined Effect = "end_declined" // the case ends
	EffectReferred Effect = "end_referred"
	EffectAccept   Effect = "accept"
	EffectReopen   Effect = "reopen"   // another step is done again, then this one
	EffectComplete Effect = "complete" // the case has reached its end
	EffectStop     Effect = "stop"     // the case ends before it
)

// Outcome is an effect and the answers that lead to it.
type Outcome struct {
	When   *Cond
	Effect Effect
	Step   string // that reopen opens again
	Reason string // the question that says why the case is stopped
	Follow string // the date question that says when a completed case is asked once more
	line   int
}

// QuestionsField is the answer that effect query hands to the intake.
const QuestionsField = "questions_to_municipality"

// phaseOrder are the phases as they follow each other; R accompanies.
const phaseOrder = "OABCR"

// Beside is the phase of what comes again over the whole run: it says nothing of
// where the case has got to.
const Beside = "R"

// roles are the role codes that can act or be informed, kokoma.md 1.3.
var roles = []string{"SVC", "EXT", "LOK", "TAN", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM", "EVA", "DSB"}

// admin keeps the platform running. It is told, but has no part in a case.
const admin = "ADM"

// IsRole says whether there is a role of that code.
func IsRole(code string) bool { return slices.Contains(roles, code) }

// Template finds a step by its key, nil when there is none.
func (d *Definition) Template(key string) *Template { return d.byKey[key] }

// Phases are the phases that have steps, in order.
func (d *Definition) Phases() []string {
	var out []string
	for _, t := range d.Templates {
		if !slices.Contains(out, t.Phase) {
			out = append(out, t.Phase)
		}
	}
	return out
}

// Milestones are the steps that reach one, in order.
func (d *Definition) Milestones() []*Template {
	var out []*Template
	for _, t := range d.Templates {
		if t.Milestone != "" {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b *Template) int { return cmp.Compare(a.Milestone, b.Milestone) })
	return out
}

// order sorts keys in the order of the process.
func order(a, b string) int {
	return cmp.Or(cmp.Compare(phaseAt(a), phaseAt(b)), cmp.Compare(a, b))
}

func phaseAt(key string) int { return strings.Index(phaseOrder, key[:min(1, len(key))]) }

// HasForm says whether the step is answered here; O01 is the intake's.
func (t *Template) HasForm() bool { return t.src != nil }

// Form compiles the step's form when it is first asked for: a function that
// starts for one step compiles one form.
func (t *Template) Form() (*form.Form, error) {
	t.once.Do(func() {
		if t.src == nil {
			t.err = fmt.Errorf("%s: step %s has no form", t.file, t.Key)
			return
		}
		t.form, t.err = form.Compile(t.file, t.src, t.options...)
	})
	return t.form, t.err
}

// Compile compiles all forms and checks what refers to their questions, so
// that a broken definition stops the start.
func (d *Definition) Compile() error {
	var errs []error
	for _, t := range d.Templates {
		if !t.HasForm() {
			continue
		}
		f, err := t.Form()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, d.checkAgainst(t, f)...)
	}
	return errors.Join(errs...)
}

// Actors are the roles that the step is sent to: the tandem is two people.
func (t *Template) Actors() []string { return expand(t.Acts) }

func expand(codes []string) []string {
	var out []string
	for _, c := range codes {
		if c == "TAN" {
			out = append(out, "EXT", "LOK")
			continue
		}
		out = append(out, c)
	}
	return out
}

// ActsFor says whether who holds one of these roles does the step.
func (t *Template) ActsFor(held ...string) bool {
	return slices.ContainsFunc(t.Actors(), func(r string) bool { return slices.Contains(held, r) })
}

// ReviewedBy says whether a role accepts the step or sends it back.
func (t *Template) ReviewedBy(role string) bool {
	return t.Reviewer != "" && slices.Contains(expand([]string{t.Reviewer}), role)
}

// Minutes is the time that the step takes, by the rule of kokoma.md 6.7: one
// minute a question, three a row of a list; unless its file says better.
func (t *Template) Minutes() int {
	if t.minutes > 0 {
		return t.minutes
	}
	f, err := t.Form()
	if err != nil {
		return 0
	}
	n := 0
	for _, field := range f.Fields() {
		switch {
		case field.Type == "repeat":
			n += 3
		case field.Repeat == "" && field.Type != "note" && field.Type != "calculate" && field.Type != "hidden":
			n++
		}
	}
	return max(n, 1)
}

// Skippable says whether the case can go on without the step: not without a
// milestone, and not where its answers decide the way.
func (d *Definition) Skippable(t *Template) bool {
	if t.Milestone != "" || t.Survey != "" || slices.ContainsFunc(t.Outcomes, func(o Outcome) bool { return o.Effect != EffectSafety }) {
		return false
	}
	return !slices.ContainsFunc(d.Templates, func(next *Template) bool {
		return slices.ContainsFunc(next.Pre, func(n Need) bool { return n.Step == t.Key && n.When != nil })
	})
}

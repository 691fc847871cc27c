// Package cases keeps the cases: it reads them, decides a command and writes
// what follows in one transaction, does what timers call for, and says whom to
// mail. Pages are in the packages beside it.
//
// Read cases.go (a command and its transaction), mails.go (who is told),
// timers.go and ripen.go (what is due), people.go (who is asked from a day on),
// ends.go (the end of a case), records.go (agreements and documents),
// definitions.go (versions of the process), move.go (from one to another),
// rehearsal.go (cases that are only played through);
// store.go has the keys and the shapes.
//
// # Keys, all in table main
//
//	case#<id> / head             kind "case": status, definition, which step stands how.
//	                             Version is the number of the last event.
//	                             By: cases / KK-2026-0007, note: Note in note.go
//	case#<id> / head#people      kind "people": who holds which role, once steps name people.
//	                             Due: the next day on which a role or an absence begins or has ended
//	case#<id> / event#000012     kind "event": what a command led to; no answers, no addresses
//	case#<id> / step#A04#1       kind "step": a step in an iteration, with its answers. Versioned.
//	                             Due: the next reminder, or the day that it is planned for. By: desk#SVC / date#case#step
//	case#<id> / mark#A04#1#0.2   kind "event": what a timer did; its key keeps it from happening twice
//	case#<id> / draft#A04#1#…    kind "draft": what one browser saved (package page). Expires.
//	case#<id> / code#A04#1#…     kind "code": tries of a mailed code (package link). Expires.
//	case#<id> / old#A04#1#000012 kind "old": answers that a correction replaced
//	case#<id> / record#agreement#B11#1#2
//	                             kind "record": an agreement or a document, by step, iteration and
//	                             row. Versioned. Due: the day after its review
//	case#<id> / became#A04#1     kind "became": the step that a move made of this one
//	case#<id> / bounce#<hash>    kind "bounce": mail to the address came back for a while. Expires.
//	case#<id> / task#…           kind "task": work of the service office that is no step.
//	                             By: desk#SVC; Due: the day on which it gets there
//	                             All of a rehearsal (case#PROBE…) expires; its head stands
//	                             By: rehearsals / time and id, its timers Due: rehearsals#<id>
//	case#number / 2026           counter n: the year's last case number
//	case#definition / <hash>     kind "definition": a version of the process;
//	                             <hash>#there, small, says that it is there;
//	                             <hash>#plan is how cases are moved from it
//
// # When the process dies
//
// A command is one transaction: with its event, its steps and its mails, or
// not at all. Whoever sends the same page again gets the same answer. A draft
// that a finished step leaves behind expires.
package cases

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Deps is what cases are kept with; all are needed but Log.
type Deps struct {
	Table  table.Table
	Outbox *mail.Outbox
	Links  *mail.Links
	Log    *slog.Logger
	Office string // address of the service office
	Phases fs.FS  // the steps
	Forms  *form.Library
	Text   func(l lang.Lang, key string, args ...any) string // of texts.yaml, for what mails say

	// Query gives the operations that ask the municipality back.
	Query func(ctx context.Context, intakeID, caseNo, questions string, now time.Time) ([]table.Op, error)

	// PlanSurvey gives the operations that plan the survey of a step.
	PlanSurvey func(ctx context.Context, p SurveyPlan, now time.Time) ([]table.Op, error)
}

// Service keeps the cases.
type Service struct {
	Deps

	// Current is the shipped process, read when it is first needed.
	Current func() (*process.Definition, error)

	mu        sync.Mutex
	defs      map[string]*process.Definition // earlier versions, by hash
	published bool
	fitting   map[string]bool // hashes of a process and of a published form
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Table == nil || d.Outbox == nil || d.Links == nil || d.Office == "" || d.Forms == nil || d.Query == nil || d.Text == nil || d.PlanSurvey == nil {
		return nil, errors.New("starting the workflow: a dependency is missing")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		Deps:    d,
		Current: sync.OnceValues(func() (*process.Definition, error) { return process.Load(d.Phases) }),
		defs:    map[string]*process.Definition{},
		fitting: map[string]bool{},
	}, nil
}

// Package workflow runs the cases: it keeps them, mails each step to its role,
// shows and takes it by link and at the desk, reminds and escalates. The rules
// are in workflow/process, the steps in phases/, one file each.
//
// Read in the request's order: web.go (routes), step.go and receive.go (a step
// on a page), link.go and handover.go (by personal link), tasks.go, cases.go,
// casepage.go and actions.go (at the desk), case.go (a command and its
// transaction), timers.go (what is due), mails.go (who is told); store.go has
// the keys and the shapes.
//
// # Who sees what
//
// A link opens the questions of one step, never what somebody wrote: a mail
// scanner follows links, too. What was saved is shown to the browser that saved
// it, or after typing the code that a button mails to the link's recipient. At
// the desk the roles of kokoma.md 6.1 hold.
//
// # Keys, all in table main
//
//	case#<id> / head             kind "case": status, definition, which step stands how.
//	                             Version is the number of the last event.
//	                             By: cases / KK-2026-0007, note: status, phase, whose, who
//	case#<id> / people           kind "people": who holds which role, once steps name people
//	case#<id> / event#000012     kind "event": what a command led to; no answers, no addresses
//	case#<id> / step#A04#1       kind "step": a step in an iteration, with its answers. Versioned.
//	                             Due: the next reminder. By: desk#SVC / date#case#step
//	case#<id> / mark#A04#1#0.2   kind "event": what a timer did; its key keeps it from happening twice
//	case#<id> / draft#A04#1#…    kind "draft": what one browser saved. Expires.
//	case#<id> / code#A04#1#…     kind "code": tries of a mailed code. Expires.
//	case#<id> / old#A04#1#000012 kind "old": answers that a correction replaced
//	case#<id> / task#…           kind "task": work of the service office that is no step.
//	                             By: desk#SVC
//	case#number / 2026           counter n: the year's last case number
//	case#definition / <hash>     kind "definition": a version of the process
//
// # When the process dies
//
// A command is one transaction: with its event, its steps and its mails, or
// not at all. Whoever sends the same page again gets the same answer. A draft
// that a finished step leaves behind expires.
package workflow

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// Texts and Mails are the texts of this noun, for lang.LoadCatalog and
// mail.LoadTemplates; Phases its steps.
var (
	//go:embed texts.yaml
	Texts embed.FS
	//go:embed mail.yaml
	Mails embed.FS
	//go:embed phases
	Phases embed.FS

	//go:embed forms/*.yaml
	forms embed.FS
	//go:embed tmpl/*.html
	templates embed.FS
)

// Deps is what the workflow works with. Phases may be left out: the shipped
// steps; all others are needed.
type Deps struct {
	Table    table.Table
	Site     *web.Site
	Outbox   *mail.Outbox
	Links    *mail.Links
	Register *municipality.Register
	Log      *slog.Logger
	Now      func() time.Time
	Office   string // address of the service office
	Phases   fs.FS

	// Query gives the operations that ask the municipality back.
	Query func(ctx context.Context, intakeID, caseNo, questions string, now time.Time) ([]table.Op, error)
	// IntakeSummary is the expression of interest as the desk shows it.
	IntakeSummary func(ctx context.Context, intakeID string, l lang.Lang) ([]form.SummaryGroup, error)
	// PlanSurvey gives the operations that plan the survey of a step.
	PlanSurvey func(ctx context.Context, p SurveyPlan, now time.Time) ([]table.Op, error)
	// ReadAddresses reads a typed list of addresses and says what is wrong.
	ReadAddresses func(typed string) (addresses []string, problems []lang.Text)
}

// Service runs the cases.
type Service struct {
	Deps
	pages  *web.Pages
	limits *web.Limiter

	current func() (*process.Definition, error) // the shipped process, read when first needed
	actions func() (map[string]*form.Form, error)

	mu        sync.Mutex
	defs      map[string]*process.Definition // earlier versions, by hash
	published bool
}

// New returns the service. The steps are read when they are first needed;
// Definition reads and compiles all of them.
func New(d Deps) (*Service, error) {
	if d.Table == nil || d.Site == nil || d.Outbox == nil || d.Links == nil || d.Now == nil || d.Office == "" {
		return nil, errors.New("starting the workflow: a dependency is missing")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Phases == nil {
		d.Phases = Phases
	}
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), limits: web.NewLimiter(d.Table),
		current: sync.OnceValues(func() (*process.Definition, error) { return process.Load(d.Phases) }),
		actions: sync.OnceValues(compileActions),
		defs:    map[string]*process.Definition{},
	}, nil
}

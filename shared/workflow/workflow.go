// Package workflow runs the cases: it mails each step to its role, shows and
// takes it by link and at the desk, reminds and escalates.
//
// The steps are in phases/, one file each: their listing is the process. Read
// the packages below in this order:
//
//	process   what the steps are, how a case stands, what has happened to it; pure
//	command   what can be asked of a case, and what that leads to; pure
//	cases     keeping cases: a command's transaction, mails, timers, keys
//	advice    what fits a conflict, by the rules of suggestions.yaml; pure
//	page      a step on a page: showing it, taking it, drafts
//	link      by personal link, without an account
//	desk      for who is signed in
package workflow

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/advice"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/desk"
	"kokoma/shared/workflow/link"
	"kokoma/shared/workflow/page"
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

	//go:embed suggestions.yaml
	suggestions []byte
	//go:embed tmpl/*.html
	templates embed.FS
)

// Opening is what the intake knows when a case begins, SurveyPlan what a step
// says about the survey that it starts.
type (
	Opening    = cases.Opening
	SurveyPlan = cases.SurveyPlan
)

// Deps is what the workflow works with. Phases may be left out, for the
// shipped steps, and Register and IntakeAnswers; all others are needed.
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
	Library  *form.Library // versions of the forms; nil: one of its own

	// Query gives the operations that ask the municipality back.
	Query func(ctx context.Context, intakeID, caseNo, questions string, now time.Time) ([]table.Op, error)
	// IntakeSummary is the expression of interest as the desk shows it.
	IntakeSummary func(ctx context.Context, intakeID string, l lang.Lang) ([]form.SummaryGroup, error)
	// IntakeAnswers are its answers, for the rules that suggest; nil: they know
	// nothing of it.
	IntakeAnswers func(ctx context.Context, intakeID string) (form.Answers, error)
	// PlanSurvey gives the operations that plan the survey of a step.
	PlanSurvey func(ctx context.Context, p SurveyPlan, now time.Time) ([]table.Op, error)
	// ReadAddresses reads a typed list of addresses and says what is wrong.
	ReadAddresses func(typed string) (addresses []string, problems []lang.Text)
}

// Service runs the cases: what it does with them is cases.Service's.
type Service struct {
	*cases.Service
	link *link.Service
	desk *desk.Service
}

// New returns the service. The steps are read when they are first needed.
func New(d Deps) (*Service, error) {
	if d.Site == nil || d.Now == nil {
		return nil, errors.New("starting the workflow: site or clock is missing")
	}
	if d.Phases == nil {
		d.Phases = Phases
	}
	if d.Library == nil {
		d.Library = form.NewLibrary(d.Table, d.Now)
	}
	c, err := cases.New(cases.Deps{
		Forms: d.Library, Text: d.Site.Catalog.T,
		Table: d.Table, Outbox: d.Outbox, Links: d.Links, Log: d.Log, Office: d.Office, Phases: d.Phases,
		Query: d.Query, PlanSurvey: d.PlanSurvey,
	})
	if err != nil {
		return nil, err
	}
	rules, err := advice.Load("suggestions.yaml", suggestions)
	if err != nil {
		return nil, fmt.Errorf("starting the workflow: %w", err)
	}
	p := page.New(c, page.Deps{
		Site: d.Site, Pages: d.Site.Pages(templates), Register: d.Register, Now: d.Now,
		IntakeSummary: d.IntakeSummary, IntakeAnswers: d.IntakeAnswers, ReadAddresses: d.ReadAddresses, Suggestions: rules,
	})
	return &Service{Service: c, link: link.New(p), desk: desk.New(p)}, nil
}

// Routes adds the steps by link and the desk.
func (x *Service) Routes(mux web.Mux) {
	x.link.Routes(mux)
	x.desk.Routes(mux)
}

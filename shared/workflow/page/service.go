// Package page is a step on a page, by link or at the desk: showing its form,
// taking it, and keeping drafts so that nothing that was posted is lost.
//
// Read page.go (what is shown), receive.go (what a post does), draft.go (what
// is kept of it; keys are in the comment of package cases), fill.go (what the
// case itself knows and fills in), advice.go
// (what rules suggest above a form), forms.go (the small forms of what else can be
// done).
package page

import (
	"context"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/advice"
	"kokoma/shared/workflow/cases"
)

// Deps is what pages work with; Register, IntakeAnswers and Suggestions may be left
// out.
type Deps struct {
	Site     *web.Site
	Pages    *web.Pages
	Register *municipality.Register
	Now      func() time.Time

	// IntakeSummary is the expression of interest as the desk shows it.
	IntakeSummary func(ctx context.Context, intakeID string, l lang.Lang) ([]form.SummaryGroup, error)
	// IntakeAnswers are its answers; nil: rules know nothing of it.
	IntakeAnswers func(ctx context.Context, intakeID string) (form.Answers, error)
	// Suggestions are the rules shown above some steps; nil: none.
	Suggestions *advice.Table
	// ReadAddresses reads a typed list of addresses and says what is wrong.
	ReadAddresses func(typed string) (addresses []string, problems []lang.Text)
}

// Service shows and takes steps.
type Service struct {
	*cases.Service
	Deps
	actions func() (map[string]*form.Form, error)
}

// New returns the service over the cases.
func New(c *cases.Service, d Deps) *Service {
	return &Service{Service: c, Deps: d, actions: sync.OnceValues(compileActions)}
}

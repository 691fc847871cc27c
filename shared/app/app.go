package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"kokoma/shared/account"
	"kokoma/shared/authoring"
	"kokoma/shared/evaluation"
	"kokoma/shared/form"
	"kokoma/shared/intake"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/process"
)

// Deps is what the rim gives: where data lie, who carries mail, what time it is.
type Deps struct {
	Table    table.Table
	Sender   mail.Sender
	LinkKeys map[int][]byte // by number, at least 32 bytes each
	LinkKey  int            // the one that signs
	Base     string         // public address without a slash at the end
	Office   string         // address of the first desk user
	Now      func() time.Time
	Log      *slog.Logger
	Local    bool    // one machine: pages lead to the mailbox and the clock
	Texts    []fs.FS // the rim's own texts, a texts.yaml each

	// Workbooks reads and writes .xlsx. Only who serves authoring gives it: the
	// library behind it is larger than all of a function's own code.
	Workbooks authoring.Workbooks
	MaxUpload int64 // bytes of an uploaded workbook, 0: authoring.MaxUpload
	// MaxDownload is how large an export may be, in bytes; 0: any size.
	MaxDownload int64
}

// App is the platform.
type App struct {
	table  table.Table
	site   *web.Site
	outbox *mail.Outbox
	log    *slog.Logger
	office string

	account    *account.Service
	authoring  *authoring.Service
	intake     *intake.Service
	workflow   *workflow.Service
	survey     *survey.Service
	evaluation *evaluation.Service

	due map[string]followUp // by the first part of a partition key
}

// followUp does what a due item calls for.
type followUp func(ctx context.Context, k table.Key, now time.Time) error

// New builds the platform. It compiles no definition: Prepare does, or the
// first request that needs one.
func New(d Deps) (*App, error) {
	texts := lang.Lazy(append(texts(), d.Texts...)...)
	mails := mail.Lazy(mails()...)
	a := &App{table: d.Table, log: d.Log, office: d.Office}
	a.site = web.New(web.Deps{Base: d.Base, Catalog: texts, Log: d.Log, Local: d.Local, NewLink: "/neuer-link"})
	links := mail.NewLinks(d.Base, d.LinkKeys, d.LinkKey)
	a.outbox = mail.New(mail.Deps{
		Table: d.Table, Sender: d.Sender, Links: links, Templates: mails, Log: d.Log, Now: d.Now, Office: d.Office, AtOnce: atOnce,
		Wanted: a.wanted, Bounced: a.bounced,
	})
	if err := a.build(d, links); err != nil {
		return nil, err
	}
	a.due = map[string]followUp{
		"case": a.workflow.Due, "survey": a.survey.Due, "intake": a.intake.Due, "evaluation": a.evaluation.Due,
	}
	return a, nil
}

func (a *App) build(d Deps, links *mail.Links) (err error) {
	register := municipality.New(d.Table)
	library := form.NewLibrary(d.Table, d.Now)
	a.account, err = account.New(account.Deps{
		Table: d.Table, Site: a.site, Outbox: a.outbox, Links: links, Register: register, Log: d.Log, Now: d.Now,
	})
	if err != nil {
		return fmt.Errorf("building account: %w", err)
	}
	a.intake, err = intake.New(intake.Deps{
		Table: d.Table, Site: a.site, Outbox: a.outbox, Links: links, Register: register, Log: d.Log, Now: d.Now,
		Library: library, Office: d.Office, OpenCase: a.openCase, Answered: a.answered,
	})
	if err != nil {
		return fmt.Errorf("building intake: %w", err)
	}
	a.survey, err = survey.New(survey.Deps{
		Table: d.Table, Site: a.site, Outbox: a.outbox, Links: links, Library: library, Log: d.Log, Now: d.Now,
		Closed: a.surveyClosed, Cancelled: a.surveyCancelled,
	})
	if err != nil {
		return fmt.Errorf("building survey: %w", err)
	}
	a.workflow, err = workflow.New(workflow.Deps{
		Table: d.Table, Site: a.site, Outbox: a.outbox, Links: links, Log: d.Log, Now: d.Now,
		Register: register, Library: library, Office: d.Office,
		PlanSurvey: a.planSurvey, ReadAddresses: readAddresses, Query: a.intake.Ask, IntakeSummary: a.intake.Summary, IntakeAnswers: a.intake.Answers,
	})
	if err != nil {
		return fmt.Errorf("building workflow: %w", err)
	}
	a.evaluation, err = evaluation.New(evaluation.Deps{Table: d.Table, Site: a.site, Library: library})
	if err != nil {
		return fmt.Errorf("building evaluation: %w", err)
	}
	a.authoring, err = authoring.New(authoring.Deps{
		Site: a.site, Library: library, Register: register, Sources: a.formSources(),
		Workbooks: d.Workbooks, MaxUpload: d.MaxUpload, MaxDownload: d.MaxDownload, Records: a.records, Log: d.Log, Now: d.Now,
	})
	if err != nil {
		return fmt.Errorf("building authoring: %w", err)
	}
	return nil
}

// Site is the shell of every page, for the rim's own pages.
func (a *App) Site() *web.Site { return a.site }

// Cases are the cases, for who gives commands without a page.
func (a *App) Cases() *workflow.Service { return a.workflow }

// Queued are the mails that wait to be sent.
func (a *App) Queued(ctx context.Context) ([]mail.Record, error) { return a.outbox.Queued(ctx) }

// Delivered takes in what became of a mail.
func (a *App) Delivered(ctx context.Context, e mail.DeliveryEvent, now time.Time) error {
	return a.outbox.Event(ctx, e, now)
}

// noun is a part of the platform that answers requests.
type noun struct {
	name   string
	routes func(web.Mux)
}

func (a *App) nouns() []noun {
	return []noun{
		{"intake", a.intake.Routes},
		{"workflow", a.workflow.Routes},
		{"survey", a.survey.Routes},
		{"evaluation", a.evaluation.Routes},
		{"account", a.account.Routes},
		{"authoring", a.authoring.Routes},
	}
}

// Routes are the patterns of each noun, and under "site" those of the shell.
func (a *App) Routes() map[string][]string {
	out := map[string][]string{}
	for _, n := range a.nouns() {
		var l list
		n.routes(&l)
		out[n.name] = l
	}
	out["site"] = []string{"GET /healthz", "GET /static/{version}/{file}"}
	return out
}

// list is a mux that only notes its patterns.
type list []string

func (l *list) Handle(pattern string, _ http.Handler) { *l = append(*l, pattern) }

// Check compiles every definition and reads every text that ships: one machine and the commands
// refuse to start on a broken one, a function compiles what it is asked for.
func Check() error {
	process, err := process.Load(workflow.Phases)
	if err == nil {
		err = process.Compile()
	}
	_, errTexts := lang.LoadCatalog(texts()...)
	_, errMails := mail.LoadTemplates(mails()...)
	return errors.Join(errTexts, errMails, err, intake.Check(), survey.Instruments().Check())
}

func texts() []fs.FS {
	return []fs.FS{web.Texts, account.Texts, intake.Texts, workflow.Texts, survey.Texts, evaluation.Texts, authoring.Texts}
}

func mails() []fs.FS { return []fs.FS{account.Mails, intake.Mails, workflow.Mails, survey.Mails} }

// Prepare is what a data folder needs before the first request: the first desk
// user, and the definitions that cases and drafts will stay on.
func (a *App) Prepare(ctx context.Context) error {
	if err := a.account.EnsureOffice(ctx, a.office); err != nil {
		return fmt.Errorf("creating the first desk user: %w", err)
	}
	return a.workflow.Publish(ctx)
}

func contains(names []string, name string) bool { return slices.Contains(names, name) }

// Package workflow measures cases beside DBOS Transact for Go on SQLite, and
// the sweep for what is due. go run ./infra/bench -only workflow
package workflow

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
	"kokoma/shared/web"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// The human case: five steps, one after the other, each mailed to one person.
//
//go:embed human
var human embed.FS

// stepKeys are the steps that are answered.
var stepKeys = []string{"O02", "O03", "O04", "O05", "O06"}

// effort is how much is done.
type effort struct {
	cases   int // that are done by both
	rounds  int
	workers int
	open    int // steps that the sweep goes over
}

// bench is one run.
type bench struct {
	effort
	root string               // the project's folder
	cpu  func() time.Duration // processor time that this process has used
	out  io.Writer
}

// Run measures all of it, which takes some minutes. root is the folder of the
// project, cpu says how much processor time this process has used.
func Run(w io.Writer, root string, cpu func() time.Duration) error {
	defer debug.SetGCPercent(debug.SetGCPercent(given.GOGC))
	b := &bench{effort: effort{cases: 200, rounds: 3, workers: 16, open: 100_000}, root: root, cpu: cpu, out: w}
	return errors.Join(b.besideDBOS(), b.sweep())
}

// shop keeps cases on a table of its own.
type shop struct {
	table *bolt.Table
	cases *cases.Service
	stop  func() error
}

func openShop(ctx context.Context) (*shop, error) {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	if err != nil {
		return nil, err
	}
	tb, err := bolt.Open(filepath.Join(dir, "table.db"), bolt.Clock(func() time.Time { return given.Monday }))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &shop{table: tb, stop: func() error { return errors.Join(tb.Close(), os.RemoveAll(dir)) }}
	if s.cases, err = newCases(tb); err == nil {
		err = s.cases.Publish(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func newCases(tb table.Table) (*cases.Service, error) {
	phases, err := fs.Sub(human, "human")
	if err != nil {
		return nil, err
	}
	templates, err := mail.LoadTemplates(workflow.Mails)
	if err != nil {
		return nil, err
	}
	texts, err := lang.LoadCatalog(web.Texts, workflow.Texts)
	if err != nil {
		return nil, err
	}
	links := mail.NewLinks(given.Base, given.LinkKeys, 1)
	return cases.New(cases.Deps{
		Table: tb, Links: links, Outbox: mail.New(mail.Deps{Table: tb, Links: links, Templates: templates}),
		Office: given.Office, Phases: phases, Text: texts.T, Forms: form.NewLibrary(tb, func() time.Time { return given.Monday }),
		// No step of the human case asks back or plans a survey.
		Query:      func(context.Context, string, string, string, time.Time) ([]table.Op, error) { return nil, nil },
		PlanSurvey: func(context.Context, cases.SurveyPlan, time.Time) ([]table.Op, error) { return nil, nil },
	})
}

// begin opens a case and gives its id.
func (s *shop) begin(ctx context.Context, no int) (string, error) {
	ops, _, err := s.cases.Start(ctx, cases.Opening{
		Intake: fmt.Sprint("INTAKE", no), Lang: lang.DE, Command: fmt.Sprint("begin", no),
		Municipality: municipality.Municipality{Key: "09999123", Name: "Musterstadt", Kind: "STADT", Land: "BY"},
		People:       process.People{"FED": {{Name: "Amt für Zusammenleben", Email: fmt.Sprintf("amt@stadt-%d.example", no)}}},
	}, given.Monday)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(ops[0].Item.PK, cases.Prefix), s.table.Write(ctx, ops...)
}

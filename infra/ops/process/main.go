// Command process compares versions of the process and moves running cases from
// one to another, in the data folder of a platform that is stopped (one process
// at a time opens it):
//
//	go run ./infra/ops/process check [FOLDER]
//	go run ./infra/ops/process diff [-data .kokoma] [-from VERSION] [FOLDER]
//	go run ./infra/ops/process preview [-data .kokoma] [-from VERSION] [-plan FILE] [-write FILE] [FOLDER]
//	go run ./infra/ops/process move [-data .kokoma] -plan FILE [FOLDER]
//	go run ./infra/ops/process texts [-data .kokoma] [-from VERSION] [FOLDER]
//
// FOLDER holds the new version, one file a step; without it the version that
// comes with this release is taken. VERSION is the one to come from; without it
// that on which most other cases stand.
//
// preview runs the new version over all running cases in memory, prints what
// would be different for each, and with -write leaves a plan in which the
// decisions that are missing stand empty. move carries out a plan, a case at a
// time: it can be stopped and called again. It begins only if the plan decides
// everything. texts moves cases to a version that differs in nothing but words.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"kokoma/infra/folder"
	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

const usage = `usage:
  go run ./infra/ops/process check [FOLDER]
  go run ./infra/ops/process diff [-data .kokoma] [-from VERSION] [FOLDER]
  go run ./infra/ops/process preview [-data .kokoma] [-from VERSION] [-plan FILE] [-write FILE] [FOLDER]
  go run ./infra/ops/process move [-data .kokoma] -plan FILE [FOLDER]
  go run ./infra/ops/process texts [-data .kokoma] [-from VERSION] [FOLDER]`

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "process:", err)
		os.Exit(1)
	}
}

// call is one call.
type call struct {
	out               io.Writer
	data, from        string
	plan, write, home string // files; the folder of the new version

	to    *process.Definition
	cases *cases.Service
	now   time.Time
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	c := &call{out: out}
	if err := c.parse(args[1:]); err != nil {
		return err
	}
	do, ok := map[string]func(context.Context) error{
		"diff": c.diff, "preview": c.preview, "move": c.move, "texts": c.texts,
	}[args[0]]
	if !ok && args[0] != "check" || (args[0] == "move") != (c.plan != "") && args[0] != "preview" || c.write != "" && args[0] != "preview" {
		return errors.New(usage)
	}
	if err := c.load(); err != nil {
		return err
	}
	if args[0] == "check" {
		return c.printf("%s: %d steps, no fault\n", c.to.Hash, len(c.to.Templates))
	}
	return c.over(ctx, do)
}

func (c *call) parse(args []string) error {
	flags := flag.NewFlagSet("process", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.data, "data", ".kokoma", "data folder")
	flags.StringVar(&c.from, "from", "", "version to come from")
	flags.StringVar(&c.plan, "plan", "", "file with the plan")
	flags.StringVar(&c.write, "write", "", "file to write a plan to")
	if err := flags.Parse(args); err != nil || flags.NArg() > 1 {
		return errors.New(usage)
	}
	c.home = flags.Arg(0)
	return nil
}

// load reads the new version. Whatever is wrong with it is told at once.
func (c *call) load() error {
	phases := fs.FS(workflow.Phases)
	if c.home != "" {
		phases = os.DirFS(c.home)
	}
	var err error
	if c.to, err = process.Load(phases); err == nil {
		err = c.to.Compile()
	}
	if err != nil {
		return fmt.Errorf("the new version can't be used as it is:\n%w", err)
	}
	return nil
}

// over opens the data folder for something that is done with its cases.
func (c *call) over(ctx context.Context, do func(context.Context) error) (err error) {
	f, err := folder.Open(c.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	key, err := f.LinkKey()
	if err != nil {
		return err
	}
	templates, err := mail.LoadTemplates(workflow.Mails)
	if err != nil {
		return err
	}
	links := mail.NewLinks("http://localhost", map[int][]byte{1: key}, 1)
	c.now = f.Clock.Now()
	texts, err := lang.LoadCatalog(web.Texts, workflow.Texts)
	if err != nil {
		return err
	}
	c.cases, err = cases.New(cases.Deps{
		Text:  texts.T,
		Table: f.Table, Links: links, Outbox: mail.New(mail.Deps{Table: f.Table, Links: links, Templates: templates}),
		Office: "servicestelle@example.org", Phases: workflow.Phases, Forms: form.NewLibrary(f.Table, f.Clock.Now),
		Query:      func(context.Context, string, string, string, time.Time) ([]table.Op, error) { return nil, errRunning },
		PlanSurvey: func(context.Context, cases.SurveyPlan, time.Time) ([]table.Op, error) { return nil, errRunning },
	})
	if err != nil {
		return err
	}
	return do(ctx)
}

// errRunning is for what a move leads to in other nouns.
var errRunning = errors.New("this asks the municipality back or plans a survey: do it at the desk of the running platform")

func (c *call) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(c.out, format, args...)
	return err
}

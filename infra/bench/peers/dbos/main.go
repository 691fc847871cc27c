// Command dbos does the human case of the benchmark of the workflow with DBOS
// Transact on SQLite: each of a case's steps mails whoever's turn it is and
// waits for the answers. It reads one task as JSON and writes what it took.
//
// The mail is a step whose result is kept, as the platform keeps a mail in its
// outbox in the step's transaction; the answers are a message to the workflow.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	_ "github.com/dbos-inc/dbos-transact-golang/dbos/driver/sqlite"
)

// task is how much there is to do.
type task struct {
	Cases, Steps, Workers int
	Answers               string // of a step
	Durable               bool   // what is committed survives a power failure, as on the platform
}

// took is what the steps took, from the first answer to the end of the last case.
type took struct {
	Steps       int
	Time, CPU   time.Duration
	DatabaseKiB int64
}

// mail is what is kept of one.
type mail struct{ To, Template, Link string }

// patience is how long a step waits for its person.
const patience = time.Hour

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dbos:", err)
		os.Exit(1)
	}
}

func run() error {
	var t task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kokoma-bench-dbos")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{task: t, file: filepath.Join(dir, "dbos.db"), ready: make([]chan struct{}, t.Cases)}
	if err := b.launch(); err != nil {
		return err
	}
	defer dbos.Shutdown(b.ctx, 10*time.Second)
	result, err := b.measure()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// bench is one run.
type bench struct {
	task
	file    string
	ctx     dbos.Context
	handles []dbos.WorkflowHandle[int]
	ready   []chan struct{} // one for each case: its next step waits for answers
}

func (b *bench) launch() error {
	url := "sqlite:" + b.file
	if b.Durable {
		url += "?_pragma=synchronous(FULL)"
	}
	ctx, err := dbos.NewContext(context.Background(), dbos.Config{
		DatabaseURL: url, AppName: "human-case", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	b.ctx = ctx
	dbos.RegisterWorkflow(ctx, b.humanCase)
	return dbos.Launch(ctx)
}

// humanCase is a case: its steps one after the other.
func (b *bench) humanCase(ctx dbos.Context, no int) (int, error) {
	size := 0
	for step := range b.Steps {
		_, err := dbos.RunAsStep(ctx, func(context.Context) (mail, error) {
			return mail{To: fmt.Sprintf("amt-%d@example.org", no), Template: "step", Link: fmt.Sprintf("/s/%d-%d", no, step)}, nil
		})
		if err != nil {
			return 0, err
		}
		b.ready[no] <- struct{}{}
		answers, err := dbos.Recv[string](ctx, topic(step), patience)
		if err != nil {
			return 0, err
		}
		size += len(answers)
	}
	return size, nil
}

func topic(step int) string { return fmt.Sprint("answers-", step) }

func (b *bench) measure() (took, error) {
	for no := range b.Cases {
		b.ready[no] = make(chan struct{}, b.Steps)
		h, err := dbos.RunWorkflow(b.ctx, b.humanCase, no, dbos.WithWorkflowID(fmt.Sprint("case-", no)))
		if err != nil {
			return took{}, err
		}
		b.handles = append(b.handles, h)
	}
	for no := range b.Cases {
		<-b.ready[no]
		b.ready[no] <- struct{}{} // the first step is open
	}
	begin, cpu := time.Now(), cpuTime()
	if err := b.answerAll(); err != nil {
		return took{}, err
	}
	for no, h := range b.handles {
		size, err := h.GetResult()
		if err != nil {
			return took{}, err
		}
		if size != b.Steps*len(b.Answers) {
			return took{}, fmt.Errorf("case %d got %d bytes of answers, want %d", no, size, b.Steps*len(b.Answers))
		}
	}
	result := took{Steps: b.Cases * b.Steps, Time: time.Since(begin), CPU: cpuTime() - cpu}
	if info, err := os.Stat(b.file); err == nil {
		result.DatabaseKiB = info.Size() >> 10
	}
	return result, nil
}

// answerAll answers each step of each case as soon as it waits, by so many at
// once.
func (b *bench) answerAll() error {
	errs := make(chan error, b.Workers)
	var workers sync.WaitGroup
	for w := range b.Workers {
		workers.Go(func() {
			for step := range b.Steps {
				for no := w; no < b.Cases; no += b.Workers {
					<-b.ready[no]
					if err := dbos.Send(b.ctx, b.handles[no].GetWorkflowID(), b.Answers, topic(step)); err != nil {
						errs <- err
						return
					}
				}
			}
		})
	}
	workers.Wait()
	close(errs)
	return <-errs
}

// cpuTime is what this process has used of the processors, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

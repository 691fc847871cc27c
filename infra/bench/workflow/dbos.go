package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/shared/form"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// answers are those of a step: 1.8 KB, as in design.md 10.
var answers = strings.Repeat("Vereinbart ist, was hier steht. ", 1800/32)

// took is what the steps of all cases took. The peer says it in the same words.
type took struct {
	Steps     int
	Time, CPU time.Duration
}

func (t took) perSecond() float64 { return float64(t.Steps) / t.Time.Seconds() }

// perCPU is how many steps a second of processor time does.
func (t took) perCPU() float64 { return float64(t.Steps) / t.CPU.Seconds() }

// contender does the human case.
type contender struct {
	name string
	do   func(context.Context) (took, error)
	best took // the round with most steps a second of processor time: the others were disturbed more
	time took // the fastest
}

// besideDBOS does the same cases on both, in turn.
func (b *bench) besideDBOS() error {
	fmt.Fprintf(b.out, "%d cases of %d steps, one after the other, %d people at once; each step mails the next person and takes answers of %d bytes.\n"+
		"From the command to the durable commit, without HTTP; mails wait in the outbox, as results of a step do at DBOS. The best of %d rounds, in turn; GOGC=%d on both sides.\n"+
		"DBOS as it opens SQLite keeps the database whole at a power failure and may lose the last commits; ours are on the disk before\n"+
		"the answer, as DBOS's are with synchronous(FULL). Goal: 5 times DBOS's steps per second of processor time.\n\n",
		b.cases, len(stepKeys), b.workers, len(answers), b.rounds, given.GOGC)
	build, peer, err := b.buildPeer()
	if err != nil {
		return err
	}
	defer build()
	all := []*contender{
		{name: "ours", do: b.ours},
		{name: "DBOS, as it comes", do: func(ctx context.Context) (took, error) { return b.theirs(ctx, peer, false) }},
		{name: "DBOS, synchronous(FULL)", do: func(ctx context.Context) (took, error) { return b.theirs(ctx, peer, true) }},
	}
	for range b.rounds {
		for _, c := range all {
			if err := c.round(); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	fmt.Fprint(b.out, "| | steps a second | CPU ms a step | steps a second of CPU | ours, times theirs |\n|---|---|---|---|---|\n")
	for _, c := range all {
		fmt.Fprintf(b.out, "| %s | %.0f | %.3f | %.0f | %.1f |\n", c.name, c.time.perSecond(), 1000/c.best.perCPU(), c.best.perCPU(),
			all[0].best.perCPU()/c.best.perCPU())
	}
	return nil
}

func (c *contender) round() error {
	t, err := c.do(context.Background())
	if err != nil {
		return err
	}
	if c.best.Steps == 0 || t.perCPU() > c.best.perCPU() {
		c.best = t
	}
	if c.time.Steps == 0 || t.perSecond() > c.time.perSecond() {
		c.time = t
	}
	return nil
}

// ours does the cases on a new table.
func (b *bench) ours(ctx context.Context) (took, error) {
	s, err := openShop(ctx)
	if err != nil {
		return took{}, err
	}
	ids := make([]string, b.cases)
	for no := range ids {
		if ids[no], err = s.begin(ctx, no); err != nil {
			return took{}, errors.Join(err, s.stop())
		}
	}
	begin, cpu := time.Now(), b.cpu()
	err = b.answerAll(ctx, s, ids)
	t := took{Steps: b.cases * len(stepKeys), Time: time.Since(begin), CPU: b.cpu() - cpu}
	if err == nil {
		err = s.allDone(ctx, ids)
	}
	return t, errors.Join(err, s.stop())
}

// answerAll answers each step of each case, by so many at once.
func (b *bench) answerAll(ctx context.Context, s *shop, ids []string) error {
	errs := make([]error, b.workers)
	var workers sync.WaitGroup
	for w := range b.workers {
		workers.Go(func() {
			for _, key := range stepKeys {
				for no := w; no < len(ids) && errs[w] == nil; no += b.workers {
					_, errs[w] = s.cases.Do(ctx, ids[no], command.Submit{
						Meta: command.Meta{ID: ids[no] + key, By: process.Actor{Role: "FED"}},
						Ref:  process.Ref{Step: key, Iteration: 1}, Answers: form.Answers{"text": {Text: answers}},
					}, given.Monday)
				}
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

func (s *shop) allDone(ctx context.Context, ids []string) error {
	for _, id := range ids {
		c, err := s.cases.Load(ctx, id)
		if err != nil {
			return err
		}
		if last := c.Head.Steps[stepKeys[len(stepKeys)-1]]; last.State != process.Done {
			return fmt.Errorf("case %s ended with its last step %q", c.Head.No, last.State)
		}
	}
	return nil
}

// buildPeer builds the peer, which is a module of its own.
func (b *bench) buildPeer() (done func(), file string, err error) {
	dir, err := os.MkdirTemp("", "kokoma-bench-peer")
	if err != nil {
		return nil, "", err
	}
	done = func() { _ = os.RemoveAll(dir) } // a left-over temporary folder harms nobody
	file = filepath.Join(dir, "dbos")
	build := exec.Command("go", "build", "-o", file, ".")
	build.Dir = filepath.Join(b.root, "infra", "bench", "peers", "dbos")
	if out, err := build.CombinedOutput(); err != nil {
		done()
		return nil, "", fmt.Errorf("building the peer: %w\n%s", err, out)
	}
	return done, file, nil
}

// theirs lets the peer do the cases, in a process of its own.
func (b *bench) theirs(ctx context.Context, file string, durable bool) (took, error) {
	task, err := json.Marshal(map[string]any{
		"Cases": b.cases, "Steps": len(stepKeys), "Workers": b.workers, "Answers": answers, "Durable": durable,
	})
	if err != nil {
		return took{}, err
	}
	run := exec.CommandContext(ctx, file) //nolint:gosec // what buildPeer has built
	run.Stdin, run.Env = bytes.NewReader(task), slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "DBOS") })
	run.Env = append(run.Env, fmt.Sprint("GOGC=", given.GOGC))
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return took{}, err
	}
	var t took
	return t, json.Unmarshal(out, &t)
}

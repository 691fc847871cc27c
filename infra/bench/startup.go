package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"kokoma/infra/runtimeapi"
)

const (
	starts       = 31
	firstAnswers = 11
)

// firstEvents are what the functions are asked first: a page each, of events/.
var firstEvents = map[string]string{
	"intake": "intake-start", "survey": "survey-unknown-link", "workflow": "workflow-unknown-link",
	"evaluation": "evaluation-signed-out", "account": "account-signin",
}

func benchStartup(w io.Writer) error {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a left-over temporary folder harms nobody
	names := []string{"empty", "intake", "survey", "workflow", "evaluation", "account", "changes", "clock", "bounces"}
	for _, name := range names {
		if err := buildFor(filepath.Join(dir, name), name, "lambda.norpc"); err != nil {
			return err
		}
		if firstEvents[name] == "" {
			continue
		}
		// The page is asked of a binary that carries the embedded table.
		if err := buildFor(filepath.Join(dir, name+onFile), name, "lambda.norpc,filetable"); err != nil {
			return err
		}
	}
	took := map[string][]time.Duration{}
	first := map[string][]time.Duration{}
	for i := range starts { // interleaved, so that the machine's moods meet all alike
		for _, name := range names {
			d, err := startOnce(filepath.Join(dir, name))
			if err != nil {
				return fmt.Errorf("starting %s: %w", name, err)
			}
			took[name] = append(took[name], d)
			if event := firstEvents[name]; event != "" && i < firstAnswers {
				if d, err = answerOnce(filepath.Join(dir, name+onFile), dir, event); err != nil {
					return fmt.Errorf("asking %s: %w", name, err)
				}
				first[name] = append(first[name], d)
			}
		}
	}
	printStarts(w, names, took, first)
	return nil
}

func printStarts(w io.Writer, names []string, took, first map[string][]time.Duration) {
	fmt.Fprintf(w, "Median of %d starts each, in turn. Beside it what the first page takes afterwards (median of %d): "+
		"what is put off until it is needed is paid there.\n\n", starts, firstAnswers)
	fmt.Fprint(w, "| Function | start, ms | ratio to the empty one | first page, ms |\n|---|---|---|---|\n")
	floor := median(took["empty"])
	for _, name := range names {
		m, page := median(took[name]), "–"
		if len(first[name]) > 0 {
			page = fmt.Sprintf("%.1f", ms(median(first[name])))
		}
		fmt.Fprintf(w, "| %s | %.1f | %.2f | %s |\n", name, ms(m), float64(m)/float64(floor), page)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// onFile ends the names of the binaries that run over an embedded table.
const onFile = "-on-file"

func buildFor(binary, name, tags string) error {
	pkg := "./functions/" + name
	if name == "empty" {
		pkg = "./infra/bench/empty"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", binary, pkg) //nolint:gosec // our own packages
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return nil
}

// lambdaEnv is what template.yaml gives the functions.
var lambdaEnv = []string{
	"KOKOMA_BASE_URL=https://kokoma.example", "KOKOMA_OFFICE=servicestelle@example.org",
	"KOKOMA_MAIL_FROM=post@kokoma.example", "KOKOMA_MAIL_CONFIGURATION=kokoma",
	"KOKOMA_LINK_KEYS=1:" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
}

// startOnce starts a function as Lambda does, with tables on DynamoDB: it must
// not talk to them before it is asked to.
func startOnce(binary string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	f, err := runtimeapi.Start(ctx, binary, append(lambdaEnv, "KOKOMA_MAIN_TABLE=main", "KOKOMA_ANSWERS_TABLE=answers")...)
	if err != nil {
		return 0, err
	}
	d, err := f.Ready(ctx)
	return d, errors.Join(err, f.Stop())
}

// answerOnce starts a function on an embedded table and hands it one event: it
// says how long the answer took.
func answerOnce(binary, dir, event string) (took time.Duration, err error) {
	asked, err := os.ReadFile(filepath.Join("events", event+".json"))
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	f, err := runtimeapi.Start(ctx, binary, append(lambdaEnv, "KOKOMA_TABLE_FILE="+filepath.Join(dir, "table.db"))...)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Stop()) }()
	if _, err := f.Ready(ctx); err != nil {
		return 0, err
	}
	start := time.Now()
	a, err := f.Invoke(ctx, asked)
	took = time.Since(start)
	if err == nil && a.Failed {
		err = fmt.Errorf("it failed: %s", a.Body)
	}
	return took, err
}

// Command bench measures the platform beside a floor, in one run, and writes
// what it found as ratios, with machine and commit:
//
//	go run ./infra/bench                  # everything, into infra/bench/results.md
//	go run ./infra/bench -only startup    # one part, to the terminal
//	go run ./infra/bench -only forms -write   # and into the file, beside the others
//	go run ./infra/bench -only cohort -municipalities 500
//
// Machines are noisy: compare the ratios, not the figures of different runs.
// The units of the database are counted by tests instead (design.md 10).
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"kokoma/infra/bench/cohort"
	"kokoma/infra/bench/forms"
	"kokoma/infra/bench/workflow"
)

// part is one measurement: it writes a Markdown table.
type part struct {
	name, title string
	run         func(io.Writer) error
}

func parts(municipalities int) []part {
	return []part{
		{"table", "Durable writes of the embedded table against the bare database", benchTable},
		{"startup", "Start of a function: from exec to its first request for work, against an empty function", benchStartup},
		{"http", "Over HTTP, pages included, with a durable write each", benchHTTP},
		{"forms", "The form engine", func(w io.Writer) error { return forms.Run(w, ".", cpuTime) }},
		{"workflow", "Cases beside DBOS Transact, and the sweep", func(w io.Writer) error { return workflow.Run(w, ".", cpuTime) }},
		{"cohort", "Two years of many municipalities", func(w io.Writer) error { return cohort.Run(w, ".", municipalities, cpuTime) }},
	}
}

func main() {
	if asked, err := forms.Cold(); asked {
		end(err)
	}
	if role := os.Getenv(serverEnv); role != "" {
		end(serve(role))
	}
	only := flag.String("only", "", "one part: table, startup, http, forms, workflow or cohort")
	write := flag.Bool("write", false, "with -only: put the part into results.md, in place of what it was there")
	municipalities := flag.Int("municipalities", cohort.Usual, "how many the cohort has")
	flag.Parse()
	end(run(*only, *write || *only == "", parts(*municipalities)))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

const results = "infra/bench/results.md"

// run measures the parts, each with a stamp of its own: parts may be measured
// at different times.
func run(only string, write bool, parts []part) error {
	report := "# Measured\n\nEach part says where and when. `go run ./infra/bench`\n"
	if only != "" && write {
		old, err := os.ReadFile(results)
		if err != nil {
			return err
		}
		report = string(old)
	}
	for _, p := range parts {
		if only != "" && p.name != only {
			continue
		}
		var section bytes.Buffer
		w := io.MultiWriter(&section, os.Stdout)
		fmt.Fprintf(w, "\n## %s\n\n%s. Commit %s.\n\n", p.title, machine(), commit())
		if err := p.run(w); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		report = replaced(report, p.title, section.String())
	}
	if !write {
		return nil
	}
	return os.WriteFile(results, []byte(report), 0o644) //nolint:gosec // a report for everybody
}

// replaced puts a section in place of the one with the same title, or at the end.
func replaced(report, title, section string) string {
	const mark = "\n## "
	before, old, found := strings.Cut(report, mark+title+"\n")
	if !found {
		return strings.TrimRight(report, "\n") + "\n" + section
	}
	if _, after, more := strings.Cut(old, mark); more {
		return before + strings.TrimRight(section, "\n") + "\n" + mark + after
	}
	return before + section
}

func machine() string {
	model := ""
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = ", " + strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s: %d cores%s, %s/%s, %s%s", time.Now().Format(time.DateOnly), runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version(), busy())
}

// busy says how many processes wanted a processor in the minute before: with
// more than there are, only the ratios mean something.
func busy() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	load, _, _ := strings.Cut(string(raw), " ")
	return ", load " + load + " before"
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// median of durations; it sorts them.
func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

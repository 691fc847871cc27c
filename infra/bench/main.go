// Command bench measures the platform beside a floor, in one run, and writes
// what it found as ratios, with machine and commit:
//
//	go run ./infra/bench                  # everything, into infra/bench/results.md
//	go run ./infra/bench -only startup    # one part, to the terminal
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

	"kokoma/infra/bench/forms"
)

// part is one measurement: it writes a Markdown table.
type part struct {
	name, title string
	run         func(io.Writer) error
}

func parts() []part {
	return []part{
		{"table", "Durable writes of the embedded table against the bare database", benchTable},
		{"startup", "Start of a function: from exec to its first request for work, against an empty function", benchStartup},
		{"http", "Over HTTP, pages included, with a durable write each", benchHTTP},
		{"forms", "The form engine", func(w io.Writer) error { return forms.Run(w, ".", cpuTime) }},
	}
}

func main() {
	if role := os.Getenv(serverEnv); role != "" {
		if err := serve(role); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "one part: table, startup or http")
	flag.Parse()
	if err := run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(only string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Measured\n\n%s. Commit %s. `go run ./infra/bench`\n", machine(), commit())
	w := io.MultiWriter(&out, os.Stdout)
	for _, p := range parts() {
		if only != "" && p.name != only {
			continue
		}
		fmt.Fprintf(w, "\n## %s\n\n", p.title)
		if err := p.run(w); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if only != "" {
		return nil
	}
	return os.WriteFile("infra/bench/results.md", out.Bytes(), 0o644) //nolint:gosec // a report for everybody
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
	return fmt.Sprintf("%s: %d cores%s, %s/%s, %s", time.Now().Format(time.DateOnly), runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
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

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

const starts = 31

func benchStartup(w io.Writer) error {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a left-over temporary folder harms nobody
	names := []string{"empty", "intake", "survey", "workflow", "evaluation", "account", "changes", "clock", "bounces"}
	for _, name := range names {
		if err := buildFor(dir, name); err != nil {
			return err
		}
	}
	took := map[string][]time.Duration{}
	for range starts { // interleaved, so that the machine's moods meet all alike
		for _, name := range names {
			d, err := startOnce(filepath.Join(dir, name))
			if err != nil {
				return fmt.Errorf("starting %s: %w", name, err)
			}
			took[name] = append(took[name], d)
		}
	}
	floor := median(took["empty"])
	fmt.Fprintf(w, "Median of %d starts each, in turn.\n\n| Function | ms | ratio to the empty one |\n|---|---|---|\n", starts)
	for _, name := range names {
		m := median(took[name])
		fmt.Fprintf(w, "| %s | %.1f | %.2f |\n", name, float64(m.Microseconds())/1000, float64(m)/float64(floor))
	}
	return nil
}

func buildFor(dir, name string) error {
	pkg := "./functions/" + name
	if name == "empty" {
		pkg = "./infra/bench/empty"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", filepath.Join(dir, name), pkg) //nolint:gosec // our own packages
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return nil
}

// startOnce starts a function as Lambda does, with tables on DynamoDB: it must
// not talk to them before it is asked to.
func startOnce(binary string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	f, err := runtimeapi.Start(ctx, binary,
		"KOKOMA_MAIN_TABLE=main", "KOKOMA_ANSWERS_TABLE=answers", "KOKOMA_BASE_URL=https://kokoma.example",
		"KOKOMA_OFFICE=servicestelle@example.org", "KOKOMA_MAIL_FROM=post@kokoma.example", "KOKOMA_MAIL_CONFIGURATION=kokoma",
		"KOKOMA_LINK_KEYS=1:"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		return 0, err
	}
	d, err := f.Ready(ctx)
	return d, errors.Join(err, f.Stop())
}

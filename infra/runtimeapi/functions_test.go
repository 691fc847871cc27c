package runtimeapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// expected is what each sample event of events/ must be answered with.
var expected = map[string]struct {
	status int    // of an HTTP answer, 0 for other events
	has    string // in the body
}{
	"intake-start":          {200, "Interessenbekundung"},
	"intake-search":         {200, "Musterstadt"},
	"workflow-unknown-link": {404, "Link"},
	"workflow-signed-out":   {303, ""},
	"survey-unknown-link":   {404, "Link"},
	"evaluation-signed-out": {303, ""},
	"account-signin":        {200, "E-Mail"},
	"account-cross-site":    {403, ""},
	"authoring-signed-out":  {303, ""},
	"authoring-upload":      {303, ""}, // nobody is signed in: the file is not read
	"changes-mail":          {0, "batchItemFailures"},
	"clock-tick":            {0, ""},
	"bounces-hard":          {0, "batchItemFailures"},
}

// TestFunctionsAnswerTheirEvents starts each binary as Lambda does and hands it
// its sample events. The binaries are built for the machine that tests;
// infra/build makes the arm64 ones.
func TestFunctionsAnswerTheirEvents(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-tags", "lambda.norpc,filetable", "-o", bin, "./functions/...")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the functions: %v\n%s", err, out)
	}
	samples, err := filepath.Glob("../../events/*.json")
	if err != nil || len(samples) != len(expected) {
		t.Fatalf("%d sample events, %d expectations (%v)", len(samples), len(expected), err)
	}
	for _, sample := range samples {
		name := strings.TrimSuffix(filepath.Base(sample), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, ok := expected[name]
			if !ok {
				t.Fatalf("nobody says what %s must be answered with", name)
			}
			event, err := os.ReadFile(sample) //nolint:gosec // our own samples
			if err != nil {
				t.Fatal(err)
			}
			function, _, _ := strings.Cut(name, "-")
			got := invoke(t, filepath.Join(bin, function), event)
			if got.Failed {
				t.Fatalf("it failed: %s", got.Body)
			}
			body := string(got.Body)
			if want.status != 0 {
				var answer struct {
					StatusCode      int
					Body            string
					IsBase64Encoded bool
				}
				if err := json.Unmarshal(got.Body, &answer); err != nil {
					t.Fatalf("no HTTP answer: %v\n%s", err, got.Body)
				}
				if answer.StatusCode != want.status {
					t.Errorf("status %d, want %d", answer.StatusCode, want.status)
				}
				body = answer.Body
			}
			if !strings.Contains(body, want.has) {
				t.Errorf("the answer lacks %q:\n%s", want.has, body)
			}
		})
	}
}

func invoke(t *testing.T, binary string, event []byte) Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	f, err := Start(ctx, binary,
		"KOKOMA_TABLE_FILE="+filepath.Join(t.TempDir(), "table.db"), "KOKOMA_BASE_URL=https://kokoma.example",
		"KOKOMA_OFFICE=servicestelle@example.org", "KOKOMA_MAIL_FROM=post@kokoma.example", "KOKOMA_MAIL_CONFIGURATION=kokoma-test",
		"KOKOMA_LINK_KEYS=1:"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
		t.Logf("the function wrote:\n%s", f.Output())
	}()
	a, err := f.Invoke(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

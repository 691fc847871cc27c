package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kokoma/infra/folder"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

func called(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), args, &out)
	return out.String(), err
}

// steps writes the shipped steps into a folder, with one text in place of another
// wherever it stands; a file is left out by its name.
func steps(t *testing.T, without string, change ...string) string {
	t.Helper()
	home := t.TempDir()
	err := fs.WalkDir(workflow.Phases, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == without {
			return err
		}
		src, err := fs.ReadFile(workflow.Phases, name)
		if err != nil {
			return err
		}
		to := filepath.Join(home, name)
		text := strings.NewReplacer(change...).Replace(string(src))
		return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, []byte(text), 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// cohort makes a data folder with running cases that stand at O02.
func cohort(t *testing.T, n int) string {
	t.Helper()
	data := t.TempDir()
	c := &call{data: data}
	err := c.over(t.Context(), func(ctx context.Context) error {
		for i := range n {
			ops, _, err := c.cases.Start(ctx, cases.Opening{
				Intake: fmt.Sprint("INTAKE", i), Lang: lang.DE, Command: fmt.Sprint("begin", i),
				Municipality: municipality.Municipality{Key: fmt.Sprintf("0999912%d", i), Name: fmt.Sprint("Musterort ", i), Land: "BY"},
				People:       process.People{"FED": {{Email: "amt@musterstadt.example"}}},
			}, c.now)
			if err == nil {
				err = c.cases.Table.Write(ctx, ops...)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	if out, err := called(t, "check"); err != nil || !strings.Contains(out, "no fault") {
		t.Errorf("the shipped process: %q, %v", out, err)
	}
	if out, err := called(t, "check", steps(t, "", "due_wt: 5", "due_wt: 0")); err == nil || !strings.Contains(err.Error(), "due_wt is 0") {
		t.Errorf("a broken one: %q, %v", out, err)
	}
}

// TestPlanIsMadeAndCarriedOut is the way of somebody who drops a step: look,
// let a plan be written, decide, move, look again.
func TestPlanIsMadeAndCarriedOut(t *testing.T) {
	t.Parallel()
	data := cohort(t, 3)
	home := steps(t, "o02-check.yaml", "step: O02}", "step: O01}")
	plan := filepath.Join(t.TempDir(), "plan.yaml")
	out, err := called(t, "diff", "-data", data, home)
	if err != nil || !strings.Contains(out, "3 running cases") || !strings.Contains(out, "O02 is gone") || !strings.Contains(out, "O03 pre") {
		t.Errorf("diff: %v\n%s", err, out)
	}
	out, err = called(t, "preview", "-data", data, "-write", plan, home)
	if err != nil || !strings.Contains(out, "3 cases would be moved, 0 mails") || !strings.Contains(out, "3 undecided") {
		t.Errorf("preview: %v\n%s", err, out)
	}
	decide(t, plan, `reason: ""`, "reason: Die Prüfung geht im Gespräch auf.")
	if out, err := called(t, "move", "-data", data, "-plan", plan, home); err == nil || !strings.Contains(err.Error(), "nothing was moved") {
		t.Errorf("moved without decisions: %v\n%s", err, out)
	}
	decide(t, plan, "O02: {}", "O02: {open: close}", "O03: {}", "O03: {ready: now}")
	out, err = called(t, "move", "-data", data, "-plan", plan, home)
	if err != nil || !strings.Contains(out, "3 cases moved") {
		t.Errorf("move: %v\n%s", err, out)
	}
	out, err = called(t, "move", "-data", data, "-plan", plan, home)
	if err != nil || !strings.Contains(out, "0 cases moved") {
		t.Errorf("moving again: %v\n%s", err, out)
	}
	if out, err := called(t, "preview", "-data", data, home); err == nil || !strings.Contains(err.Error(), "nothing to move") {
		t.Errorf("looking again: %v\n%s", err, out)
	}
}

func decide(t *testing.T, file string, change ...string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(string(src), change[i]) {
			t.Fatalf("the plan lacks %q:\n%s", change[i], src)
		}
	}
	if err := os.WriteFile(file, []byte(strings.NewReplacer(change...).Replace(string(src))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTextsAreAppliedAtOnceAndNothingElse(t *testing.T) {
	t.Parallel()
	data := cohort(t, 2)
	if out, err := called(t, "texts", "-data", data, steps(t, "", "due_wt: 5", "due_wt: 6")); err == nil || !strings.Contains(err.Error(), "more than texts") {
		t.Errorf("a due date as text: %v\n%s", err, out)
	}
	out, err := called(t, "texts", "-data", data, steps(t, "", "de: \"aufgenommen\"", "de: \"nimmt teil\""))
	if err != nil || !strings.Contains(out, "2 cases moved") {
		t.Errorf("texts: %v\n%s", err, out)
	}
}

func TestRunningPlatformIsLeftAlone(t *testing.T) {
	t.Parallel()
	data := cohort(t, 1)
	f, err := folder.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := called(t, "diff", "-data", data); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("got %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWrongCallsShowTheUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"what"}, {"move"}, {"diff", "-plan", "x"}, {"texts", "-write", "x"}, {"check", "a", "b"}, {"diff", "-x"}} {
		if _, err := called(t, args...); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := called(t, "diff", "-data", filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a folder that is not there is no fault")
	}
}

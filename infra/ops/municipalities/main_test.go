package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/table/bolt"
)

// line is one municipality of the official format, its columns filled in.
func line(key, name, population string) string {
	text := []byte(strings.Repeat(" ", 220))
	for from, field := range map[int]string{1: "60", 3: "20261231", 11: key, 23: name, 123: "63", 140: population, 166: "00161"} {
		copy(text[from-1:], field)
	}
	return string(text) + "\n"
}

func importing(t *testing.T, folder, src string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "GV100AD.txt")
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := run(t.Context(), []string{"import", "-data", folder, "-file", file}, &out)
	return out.String(), err
}

// open opens the data folder as a platform does, until the test ends.
func open(t *testing.T, folder string) *bolt.Table {
	t.Helper()
	stored, err := bolt.Open(filepath.Join(folder, "table.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stored.Close(); err != nil {
			t.Error(err)
		}
	})
	return stored
}

func TestImportedPlacesAreFoundInTheDataFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	src := line("16099001", "Musterstadt, Stadt", "38000") + line("16099002", "Musterfeld", "1200")
	for _, want := range []string{"2 places read: 2 added, 0 changed", "2 places read: 0 added, 0 changed, 0 removed, 2 unchanged"} {
		if out, err := importing(t, folder, src); err != nil || !strings.HasPrefix(out, want) {
			t.Fatalf("printed %q, %v, want %q", out, err, want)
		}
	}
	m, ok, err := municipality.New(open(t, folder)).Find(t.Context(), "16099002")
	if err != nil || !ok || m.Name != "Musterfeld" || m.Population != 1200 {
		t.Errorf("found %+v, %v, %v", m, ok, err)
	}
}

func TestBadFilesChangeNothing(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	_, err := importing(t, folder, line("16099001", "Musterstadt, Stadt", "38000")+line("16099002", "Musterfeld", "viele"))
	if err == nil || !strings.Contains(err.Error(), "GV100AD.txt cannot be imported, nothing was changed: line 2, columns 140–150") {
		t.Errorf("got %v, want line and columns", err)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("a bad file made a data folder")
	}
}

func TestRunningPlatformIsLeftAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open(t, folder)
	if _, err := importing(t, folder, line("16099001", "Musterstadt", "1")); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("got %v, want a hint to stop the platform", err)
	}
}

func TestWrongArgumentsShowTheUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"export"}, {"import"}, {"import", "-what"}, {"import", "-file", "x", "y"}} {
		if err := run(t.Context(), args, &strings.Builder{}); err == nil || !strings.HasPrefix(err.Error(), "usage:") {
			t.Errorf("%q: got %v, want the usage", args, err)
		}
	}
}

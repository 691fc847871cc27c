package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// TestOnlyAuthoringCarriesWorkbooks keeps the library for .xlsx, which is larger
// than all of a function's own code, out of the functions that people wait for.
func TestOnlyAuthoringCarriesWorkbooks(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	mains, err := fs.Glob(root, "functions/*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("no functions found: %v", err)
	}
	for _, file := range mains {
		folder := path.Dir(file)
		carried := map[string]bool{}
		carry(t, root, folder, carried)
		if len(carried) < 20 {
			t.Fatalf("%s carries only %d of our packages: the test looks in the wrong place", folder, len(carried))
		}
		if got, want := carried[workbook], folder == "functions/authoring"; got != want {
			t.Errorf("%s carries %s: %t, want %t", folder, workbook, got, want)
		}
	}
}

// carry notes a folder and all of ours that it imports.
func carry(t *testing.T, root fs.FS, folder string, carried map[string]bool) {
	t.Helper()
	if carried[folder] {
		return
	}
	carried[folder] = true
	files, err := fs.Glob(root, folder+"/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), path.Base(file), src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if target, ours := strings.CutPrefix(imported, module+"/"); ours {
				carry(t, root, target, carried)
			}
		}
	}
}

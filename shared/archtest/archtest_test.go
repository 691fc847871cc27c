package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module   = "kokoma"
	workbook = "shared/form/workbook"
)

var (
	kernel = []string{"table", "mail", "chart", "lang", "municipality", "form", "web"}
	nouns  = []string{"intake", "survey", "workflow", "evaluation", "account", "authoring", "training", "network"}
)

// refused says why a file in folder may not import what, "" when it may.
func refused(folder, imported string, test bool) string {
	if why := refusedAWS(folder, imported); why != "" {
		return why
	}
	if strings.HasPrefix(imported, "github.com/xuri/") && !under(folder, workbook) && !test {
		return "only form/workbook knows the format of workbooks"
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return ""
	}
	if strings.HasPrefix(target, "functions/") || strings.HasPrefix(target, "infra/") && !strings.HasPrefix(folder, "infra/") {
		return "functions and infra are the rim: nobody imports them"
	}
	if under(target, "shared/app") && !rim(folder) && !under(folder, "shared/app") {
		return "only the rim imports app"
	}
	if under(target, workbook) && !rim(folder) && !under(folder, workbook) && !test {
		return "only the rim reads and writes workbooks"
	}
	if under(target, "shared/aws") && !rim(folder) && !under(folder, "shared/aws") {
		return "only the rim imports shared/aws"
	}
	from, to := part(folder), part(target)
	switch {
	case slices.Contains(kernel, from) && to != from && !slices.Contains(kernel, to):
		return "the kernel imports only the kernel"
	case slices.Contains(nouns, from) && slices.Contains(nouns, to) && to != from && from != "evaluation":
		return "a noun imports no other noun"
	case under(folder, "functions") && !under(target, "shared/app") && !under(target, "shared/aws") && !under(target, workbook) && !test:
		return "a function only wires app and aws"
	}
	return ""
}

func refusedAWS(folder, imported string) string {
	aws := strings.HasPrefix(imported, "github.com/aws/")
	if aws && !under(folder, "shared/aws") && !under(folder, "functions") && !under(folder, "infra/bench") {
		return "AWS modules only under shared/aws and functions"
	}
	return ""
}

func under(folder, root string) bool { return folder == root || strings.HasPrefix(folder, root+"/") }

func rim(folder string) bool {
	return under(folder, "functions") || under(folder, "infra") || under(folder, "shared/aws")
}

// part is the package of shared/ that a folder belongs to.
func part(folder string) string {
	rest, ok := strings.CutPrefix(folder, "shared/")
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	files := 0
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "peers" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Base(name), src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := refused(path.Dir(name), imported, strings.HasSuffix(name, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files read: the test looks in the wrong place", files)
	}
}

// TestRulesRefusePlantedImports keeps the rules themselves from going soft.
func TestRulesRefusePlantedImports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, imported string
		want             bool
	}{
		{"shared/table", "kokoma/shared/intake", true},
		{"shared/table/bolt", "kokoma/shared/table", false},
		{"shared/mail", "kokoma/shared/municipality", false},
		{"shared/intake", "kokoma/shared/workflow", true},
		{"shared/evaluation", "kokoma/shared/survey", false},
		{"shared/survey", "kokoma/shared/evaluation", true},
		{"shared/workflow", "kokoma/shared/app", true},
		{"shared/workflow", "github.com/aws/aws-sdk-go-v2/service/sesv2", true},
		{"shared/workflow", "kokoma/shared/aws/ses", true},
		{"shared/aws/ses", "github.com/aws/aws-sdk-go-v2/service/sesv2", false},
		{"shared/aws/start", "kokoma/shared/app", false},
		{"functions/intake", "kokoma/shared/aws/start", false},
		{"functions/intake", "kokoma/shared/intake", true},
		{"functions/evaluation", "kokoma/shared/form/workbook", false},
		{"infra/ops/form", "kokoma/shared/form/workbook", false},
		{"shared/form/workbook", "github.com/xuri/excelize/v2", false},
		{"shared/form", "kokoma/shared/form/workbook", true},
		{"shared/evaluation", "kokoma/shared/form/workbook", true},
		{"shared/app", "kokoma/shared/form/workbook", true},
		{"infra/ops/form", "github.com/xuri/excelize/v2", true},
		{"infra/local", "kokoma/shared/app", false},
		{"shared/app", "kokoma/infra/local", true},
	} {
		if got := refused(c.folder, c.imported, false) != ""; got != c.want {
			t.Errorf("%s importing %s: refused %t, want %t", c.folder, c.imported, got, c.want)
		}
	}
}

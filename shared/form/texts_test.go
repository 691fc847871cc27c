package form

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every text of the engine is used, and every text that is used is there.
func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	c, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	literal := regexp.MustCompile(`"(form\.[a-z.]+[a-z])"`)
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range []string{"form.fields", "form.problems", "form.saved", "form.summary"} {
		delete(used, template)
	}
	for _, key := range requiredKeys {
		used["form.required."+key] = true
	}
	for _, key := range []string{"date", "month", "year"} {
		used["form.hint."+key+".unknown"] = true
	}
	keys := c.Keys()
	for key := range used {
		if !slices.Contains(keys, key) {
			t.Errorf("the text %s is missing", key)
		}
	}
	for _, key := range keys {
		if !used[key] {
			t.Errorf("the text %s is used nowhere", key)
		}
	}
}

package intake

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"kokoma/shared/lang"
)

var textKey = regexp.MustCompile(`\bintake\.[a-z0-9.]+[a-z0-9]\b`)

// Every text is used, and every text that is used is there (LA-1).
func TestTextsAreUsedAndThere(t *testing.T) {
	t.Parallel()
	catalog, err := lang.LoadCatalog(Texts)
	if err != nil {
		t.Fatal(err)
	}
	there, used := map[string]bool{}, map[string]bool{}
	for _, key := range catalog.Keys() {
		there[key] = true
	}
	err = fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			return err
		}
		src, err := fs.ReadFile(os.DirFS("."), name)
		for _, key := range textKey.FindAllString(string(src), -1) {
			used[key] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Put together in legal.go and sections.go; pages that show them are tested.
	composed := regexp.MustCompile(`^intake\.(state\.[a-z]+|legal\.[a-z]+(\.[a-z]+)?\.(title|lead|text))$`)
	for key := range used {
		if !there[key] && !there[key+".title"] && key != "intake.state" && key != "intake.legal" && key != "intake.yaml" {
			t.Errorf("%s is used and missing", key)
		}
	}
	for _, key := range catalog.Keys() {
		if !used[key] && !composed.MatchString(key) {
			t.Errorf("%s is never used", key)
		}
	}
}

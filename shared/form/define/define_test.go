package define

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every text of a finding is used, and every one that is used is there.
func TestTextsOfFindingsAreWhole(t *testing.T) {
	t.Parallel()
	c, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, of := range []map[string]string{refusedKeys, refusedTypes} {
		for _, why := range of {
			used["define.why."+why] = true
		}
	}
	literal := regexp.MustCompile(`"(define\.[a-z.]+[a-z])"`)
	err = fs.WalkDir(os.DirFS(".."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := fs.ReadFile(os.DirFS(".."), path)
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Keys() {
		if !used[key] {
			t.Errorf("the text %s is used nowhere", key)
		}
		delete(used, key)
	}
	for key := range used {
		t.Errorf("the text %s is missing", key)
	}
}

package expr

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every text is used and every text that is used is there; LoadCatalog sees to
// it that each has both languages with the same arguments.
func TestFaultsAreSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	c, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	literal := regexp.MustCompile(`"(expr\.[a-z.]+[a-z])"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			used[m[1]] = true
		}
	}
	for _, k := range kindKeys {
		used["expr.kind."+k] = true
	}
	for _, reason := range refused {
		used["expr.refused."+reason] = true
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

func TestAFaultIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := Parse("1 +")
	fault, ok := err.(*Error)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if got := fault.In("de"); !strings.HasPrefix(got, "bei Zeichen 4: Der Ausdruck endet zu früh") {
		t.Errorf("in German: %s", got)
	}
	if got := fault.In("en"); got != err.Error() {
		t.Errorf("in English: %s, but the error says %s", got, err)
	}
}

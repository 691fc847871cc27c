//go:build peers

package workflow

import (
	"strings"
	"testing"
)

// TestBothDoTheCases does the same with the peer, which needs modules that the
// project does not have, and so the tag peers.
func TestBothDoTheCases(t *testing.T) {
	b, out := little()
	if err := b.besideDBOS(); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ours", "DBOS, as it comes", "DBOS, synchronous(FULL)"} {
		if !strings.Contains(out.String(), "\n| "+who+" | ") {
			t.Errorf("the report lacks %q:\n%s", who, out)
		}
	}
}

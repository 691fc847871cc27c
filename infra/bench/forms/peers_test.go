//go:build peers

package forms

import (
	"strings"
	"testing"
)

// TestPeersAgreeWithUs runs what others wrote. It needs their modules and
// packages, which .ci/run fetches, and so the tag peers.
func TestPeersAgreeWithUs(t *testing.T) {
	out := once(t, (*bench).besidePeers)
	if strings.Contains(out, "Not run") || !strings.Contains(out, "geometric mean") || strings.Count(out, "a submission, warm") != 4 {
		t.Error(out)
	}
}

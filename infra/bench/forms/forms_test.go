package forms

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"kokoma/shared/form"
)

// The cold start of ours starts this program again.
func TestMain(m *testing.M) {
	if asked, err := Cold(); asked {
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestEveryMeasurementRuns does each once: it breaks with the forms and posts
// that it is made of. It says nothing about time.
func TestEveryMeasurementRuns(t *testing.T) {
	t.Parallel()
	out := once(t, (*bench).alone)
	for _, want := range []string{
		"| T2, compiled ", "| T2, its largest page: ", "| a page of 40 items in a matrix |", "| T2 (65 answers): read, checked, cleaned |",
		"| intake: read, checked, cleaned, stored |", "| intake, compiled | ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// once measures for as short a time as can be.
func once(t *testing.T, parts func(*bench) error) string {
	t.Helper()
	var out bytes.Buffer
	b := &bench{effort: effort{round: time.Millisecond, rounds: 1}, root: "../../..", cpu: func() time.Duration { return 0 }, out: &out}
	if err := b.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := parts(b); err != nil {
		t.Fatalf("%v after\n%s", err, out.String())
	}
	return out.String()
}

// TestPostsApartAreTheWholePost: what is answered question by question comes to
// the same submission.
func TestPostsApartAreTheWholePost(t *testing.T) {
	t.Parallel()
	f, err := one("intake")
	if err != nil {
		t.Fatal(err)
	}
	var a form.Answers
	for _, post := range f.apart() {
		a = f.form.Read(post, "", a)
	}
	if got, want := f.form.Clean(a, env), f.form.Clean(f.answers, env); !reflect.DeepEqual(got, want) {
		t.Errorf("question by question %v, want %v", got, want)
	}
	if len(f.answers.Rows("actors")) != 3 {
		t.Errorf("%d actors, want 3", len(f.answers.Rows("actors")))
	}
}

// TestExpressionsOfTheComparisonGiveWhatTheySay: the peer may be missing here,
// so what both have to give is pinned.
func TestExpressionsOfTheComparisonGiveWhatTheySay(t *testing.T) {
	t.Parallel()
	want := []string{
		"true", "true", "true", "true", "true", "25001", "12", "true", "0.5", "true", "true", "true", "true",
		"Nutzung des Marktplatzes – accepted", "KK-2019-12500", "true", "true", "true", "19", "6.333333333333333",
	}
	if err := example().agrees(xpathReady{Values: want}); err != nil {
		t.Error(err)
	}
	want[0] = "false"
	if err := example().agrees(xpathReady{Values: want}); err == nil || !strings.Contains(err.Error(), "for the peer") {
		t.Errorf("another value of the peer: %v", err)
	}
	if got := example().path("${decision} = 'x' and count(${actors}) > 1"); got != "/data/decision = 'x' and count(/data/actors) > 1" {
		t.Errorf("as XPath: %s", got)
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestLoadIsWhatPeopleDo does once what the benchmark does thousands of times:
// it breaks with the pages, forms and links that the load is made of.
func TestLoadIsWhatPeopleDo(t *testing.T) {
	t.Parallel()
	var s *server
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	s, err := startPlatform(t.TempDir(), front.URL, stock{cases: 3, surveys: 1, invited: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	c, err := dial(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.conn.Close() })
	platform := &child{ready: s.ready}
	steps, err := newSteps(platform)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := newAnswers(platform)
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(*client) error{
		"complete": steps.complete, "completeAndRead": steps.completeAndRead, "whole": survey.whole,
	} {
		if err := do(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if path, state, err := survey.start(c); err != nil {
		t.Error(err)
	} else if survey.begun = append(survey.begun, begun{path, state}); survey.finish(c) != nil {
		t.Error("the last page alone is refused")
	}
	if err := s.mail(); err != nil || s.mails.Load() != 2 {
		t.Errorf("%d mails went out for two steps (%v)", s.mails.Load(), err)
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	r, err := times(100, 4, func(int) error { return nil })
	if err != nil || len(r.each) != 100 {
		t.Fatalf("100 times were %d (%v)", len(r.each), err)
	}
	for i := range r.each {
		r.each[i] = 1e6
	}
	r.each[0] = 5e6
	if p50, max := r.ms(0.5), r.ms(1); p50 != "1.00" || max != "5.00" {
		t.Errorf("p50 %s, largest %s; want 1.00 and 5.00", p50, max)
	}
}

func TestOnePartIsReplacedInTheReport(t *testing.T) {
	t.Parallel()
	report := "# Measured\n\n## A\n\na\n\n## B\n\nb\n"
	for _, c := range []struct{ title, want string }{
		{"A", "# Measured\n\n## A\n\nnew\n\n## B\n\nb\n"},
		{"B", "# Measured\n\n## A\n\na\n\n## B\n\nnew\n"},
		{"C", "# Measured\n\n## A\n\na\n\n## B\n\nb\n\n## C\n\nnew\n"},
	} {
		if got := replaced(report, c.title, "\n## "+c.title+"\n\nnew\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}

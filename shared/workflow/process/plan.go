package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Plan says how cases go from one version of the process to another. It is the
// same for all of them: a step stands for itself in every case. What a plan does
// not say and a case needs is not guessed; the case is not moved.
type Plan struct {
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Reason string `yaml:"reason"` // stands in the history of every case
	Mail   bool   `yaml:"mail"`   // whether anybody is written to; a step can say otherwise
	// Steps holds decisions by the key of the step.
	Steps map[string]Decision `yaml:"steps,omitempty"`
}

// Decision is what becomes of one step.
type Decision struct {
	Open  string `yaml:"open,omitempty"`  // of the step where it is under way: Keep, Close, Accept, or the key of the step that it becomes
	Ready string `yaml:"ready,omitempty"` // of the step where the new version opens it: Now, Silently, Later, LeaveOut
	Due   string `yaml:"due,omitempty"`   // Keep, as without it, or Recount from the day on which it opened
	Asked string `yaml:"asked,omitempty"` // Keep, as without it, or Again: who holds the roles that the new version names
	Mail  *bool  `yaml:"mail,omitempty"`  // in place of the plan's
}

// The words of decisions.
const (
	Keep     = "keep"
	Close    = "close"
	Accept   = "accept" // what waits for a review that there is no more
	Now      = "now"
	Silently = "silently"
	Later    = "later" // with the next step that is done
	LeaveOut = "skip"
	Recount  = "recount"
	Again    = "again"
)

// minReason is how long the reason of a plan must be, which everybody reads in
// the history of a case. In characters.
const minReason = 20

// ReadPlan reads a plan, YAML or JSON, strictly: a word that is not known could
// be a decision that somebody believes to have taken.
func ReadPlan(src []byte) (Plan, error) {
	var p Plan
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return Plan{}, fmt.Errorf("reading the plan: %w", err)
	}
	if err := dec.Decode(&Plan{}); !errors.Is(err, io.EOF) {
		return Plan{}, errors.New("reading the plan: write one plan a file")
	}
	return p, nil
}

// YAML writes the plan as ReadPlan reads it.
func (p Plan) YAML() []byte {
	b, err := yaml.Marshal(p)
	if err != nil {
		panic(err) // texts and truth values always can be written
	}
	return b
}

// Check says what is wrong with a plan whatever the cases are.
func (p Plan) Check(old, new *Definition) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if p.From != old.Hash || p.To != new.Hash {
		fault("the plan leads from %s to %s, not from %s to %s: make it anew with preview", p.From, p.To, old.Hash, new.Hash)
	}
	if p.Reason == ReasonTexts {
		if d, err := Compare(old, new); err != nil || !d.TextsOnly() {
			fault("more than texts is different (%v): make a plan with preview", err)
		}
	} else if utf8.RuneCountInString(strings.TrimSpace(p.Reason)) < minReason {
		fault("reason: say in at least %d characters why cases are moved; everybody reads it in their history", minReason)
	}
	for _, key := range slices.SortedFunc(maps.Keys(p.Steps), order) {
		d := p.Steps[key]
		if old.byKey[key] == nil && new.byKey[key] == nil {
			fault("steps: there is no step %s in either version", key)
		}
		for _, w := range []struct {
			key, word string
			known     []string
		}{
			{"ready", d.Ready, []string{"", Now, Silently, Later, LeaveOut}},
			{"due", d.Due, []string{"", Keep, Recount}},
			{"asked", d.Asked, []string{"", Keep, Again}},
		} {
			if !slices.Contains(w.known, w.word) {
				fault("step %s: %s is %q; known are %s", key, w.key, w.word, strings.Join(w.known[1:], ", "))
			}
		}
		faults = append(faults, p.checkOpen(key, new)...)
	}
	return errors.Join(faults...)
}

func (p Plan) checkOpen(key string, new *Definition) []error {
	open := p.Steps[key].Open
	switch {
	case open == "" || open == Close || open == Accept:
		return nil
	case open == Keep:
		if new.byKey[key] == nil {
			return []error{fmt.Errorf("step %s: open is keep, but the new version has no such step; close it, or name the step that it becomes", key)}
		}
		return nil
	}
	t := new.byKey[open]
	switch {
	case t == nil || !t.HasForm() || open == key:
		return []error{fmt.Errorf("step %s: open is %q; known are keep, close, accept, and the key of another step of the new version", key, open)}
	case t.Survey != "":
		return []error{fmt.Errorf("step %s: it can't become %s, which starts a survey; close it instead", key, open)}
	}
	for other, d := range p.Steps {
		if other < key && d.Open == open {
			return []error{fmt.Errorf("step %s: %s becomes %s already; only one step can", key, other, open)}
		}
	}
	return nil
}

// ReasonTexts is the reason of a move that changes nothing but texts; pages
// write it in their language.
const ReasonTexts = "texts_only"

// TextsPlan is the plan for a version that differs in nothing but texts.
func TextsPlan(from, to string) Plan { return Plan{From: from, To: to, Reason: ReasonTexts} }

// Mails says whether a step is written about.
func (p Plan) Mails(key string) bool {
	if m := p.Steps[key].Mail; m != nil {
		return *m
	}
	return p.Mail
}

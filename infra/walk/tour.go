package walk

import (
	"fmt"
	"slices"
)

// Tour walks a cohort through the platform: every place as far as it has got.
type Tour struct {
	World  *World
	Desk   *Desk
	Cohort Cohort
	Cases  map[string]string // number of each place's case, by key
	// Silent is how many of a hundred invited never answer.
	Silent int
	// Seen is called after a step was done by the first place that does it.
	Seen     map[string]func() error
	answered map[string]bool
}

// Run does the steps in rounds, so that all places reach the present together:
// the last step of the late ones is done after the surveys of the others have
// closed.
func (t *Tour) Run() error {
	t.Cases, t.answered = map[string]string{}, map[string]bool{}
	last := t.last()
	for round := 0; round <= last+1; round++ {
		for _, p := range t.Cohort.Places {
			if err := t.turn(p, round-t.begin(p)); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
		pause := "72h"
		switch round {
		case last:
			pause = "720h"
		case last + 1:
			pause = "24h"
		}
		if err := t.World.Turn("24h"); err != nil { // the invitations go out
			return err
		}
		if err := t.Answer(); err != nil {
			return err
		}
		if err := t.World.Turn(pause); err != nil {
			return err
		}
	}
	return nil
}

// steps is how many steps of the order a place has done, without the intake.
func (t *Tour) steps(p Place) int {
	return 1 + slices.IndexFunc(t.Cohort.Order, func(o Turn) bool { return o.Step == p.Until })
}

// last is the round in which all places have got as far as they do, the late
// ones but for one step: as many as the place has steps that gets furthest.
func (t *Tour) last() int {
	n := 0
	for _, p := range t.Cohort.Places {
		n = max(n, t.steps(p))
	}
	return n
}

// begin is the round in which a place applies.
func (t *Tour) begin(p Place) int {
	n := t.last() - t.steps(p)
	if p.Late {
		n++
	}
	return n
}

// turn does what a place does in its n-th round: 0 is the expression of
// interest.
func (t *Tour) turn(p Place, n int) error {
	switch {
	case n < 0 || n > t.steps(p):
		return nil
	case n == 0:
		no, err := t.World.Apply(p)
		t.Cases[p.Key] = no
		return err
	}
	return t.Do(p, t.Cohort.Order[n-1])
}

// Do does one step of a place's case.
func (t *Tour) Do(p Place, o Turn) error {
	no, entries := t.Cases[p.Key], t.Cohort.Steps[o.Step]
	var err error
	if o.Box == "" {
		_, err = t.Desk.Do(o, no, entries, p)
	} else {
		_, err = t.World.DoByMail(o, no, entries, p)
	}
	if err != nil {
		return fmt.Errorf("step %s: %w", o.Step, err)
	}
	if look := t.Seen[o.Step]; look != nil {
		delete(t.Seen, o.Step)
		return look()
	}
	return nil
}

// Answer answers every survey invitation that has come, but for those who stay
// silent.
func (t *Tour) Answer() error {
	mails, err := t.World.Mails("")
	if err != nil {
		return err
	}
	for _, l := range mails {
		for _, link := range l.Links("/b/") {
			if t.answered[link] {
				continue
			}
			t.answered[link] = true
			if draw(l.To, 100) < t.Silent {
				continue
			}
			if _, err := t.World.AnswerSurvey(link, l.To); err != nil {
				return fmt.Errorf("answering as %s: %w", l.To, err)
			}
		}
	}
	return nil
}

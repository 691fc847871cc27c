package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/workflow"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestASurveyWaitsForACaseThatRests: its case tells it so, and nothing else does.
func TestASurveyWaitsForACaseThatRests(t *testing.T) {
	t.Parallel()
	a, now := platform(t, "https://kokoma.example.org"), time.Now()
	ops, no, err := a.workflow.Start(t.Context(), workflow.Opening{
		Intake: "INTAKE", Municipality: municipality.Municipality{Name: "Musterstadt", Kind: "STADT", Land: "BY"}, Lang: lang.DE,
		People: process.People{"FED": {{Email: "amt@musterstadt.example"}}},
	}, now)
	if err == nil {
		err = a.table.Write(t.Context(), ops...)
	}
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.workflow.ByNumber(t.Context(), no)
	if err != nil {
		t.Fatal(err)
	}
	cancelled := func() error { return a.surveyCancelled(t.Context(), id, "A06", 1, "SURVEY", now) }
	if err := cancelled(); err != nil {
		t.Errorf("while the case runs: %v", err)
	}
	pause := command.Pause{Meta: command.Meta{By: process.Actor{Role: "SVC"}}, Reason: "Wahl"}
	if _, err := a.workflow.Do(t.Context(), id, pause, now); err != nil {
		t.Fatal(err)
	}
	if err := cancelled(); !errors.Is(err, survey.ErrLater) {
		t.Errorf("in a pause: %v, want %v", err, survey.ErrLater)
	}
}

func TestFollowTakesTheKeysOfACaseInOrderAndGoesOnAfterAFault(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var together sync.WaitGroup // all cases are followed at the same time
	together.Add(3)
	done := map[string][]string{}
	a := &App{due: map[string]followUp{"case": func(_ context.Context, k table.Key, _ time.Time) error {
		mu.Lock()
		done[k.PK] = append(done[k.PK], k.SK)
		first := len(done[k.PK]) == 1
		mu.Unlock()
		if first {
			together.Done()
			together.Wait()
		}
		if k.PK == "case#2" && first {
			return errors.New("out of order")
		}
		return nil
	}}}
	var keys []table.Key
	var want []string
	for step := range 4 {
		want = append(want, fmt.Sprint("step#", step))
		for c := range 3 {
			keys = append(keys, table.Key{PK: fmt.Sprint("case#", c), SK: want[step]})
		}
	}
	err := a.Follow(t.Context(), append(keys, table.Key{PK: "visit#1", SK: "x"}), time.Time{})
	if err == nil || !strings.Contains(err.Error(), "following case#…: out of order") || !strings.Contains(err.Error(), "nobody follows visit#…") {
		t.Errorf("the faults are %v", err)
	}
	for c := range 3 {
		if got := done[fmt.Sprint("case#", c)]; !slices.Equal(got, want) {
			t.Errorf("case %d was followed as %v, want %v", c, got, want)
		}
	}
}

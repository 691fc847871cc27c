package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"kokoma/shared/lang"
)

// clock is the platform's time: the machine's, moved by what /local/clock
// added. The move is kept, so that time never runs backwards at a restart.
type clock struct {
	root  *os.Root
	mu    sync.Mutex
	ahead time.Duration
}

const clockFile = "clock.json"

func openClock(root *os.Root) (*clock, error) {
	c := &clock{root: root}
	raw, err := root.ReadFile(clockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the clock: %w", err)
	}
	if err := json.Unmarshal(raw, &c.ahead); err != nil {
		return nil, fmt.Errorf("reading the clock: %w", err)
	}
	return c, nil
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// turn sets the platform's time to t and keeps it: written beside and renamed,
// so that a kill leaves the old or the new time.
func (c *clock) turn(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := time.Until(t)
	raw, err := json.Marshal(ahead)
	if err != nil {
		return err
	}
	if err := c.root.WriteFile(clockFile+".new", raw, 0o600); err != nil {
		return fmt.Errorf("keeping the clock: %w", err)
	}
	if err := c.root.Rename(clockFile+".new", clockFile); err != nil {
		return fmt.Errorf("keeping the clock: %w", err)
	}
	c.ahead = ahead
	return nil
}

var errBackwards = errors.New("the clock can only be turned forward")

// target reads what was posted to /local/clock: advance=120h, or to=2027-03-01
// (its midnight in Berlin) or to=2027-03-01T09:00.
func target(now time.Time, advance, to string) (time.Time, error) {
	switch {
	case advance != "":
		d, err := time.ParseDuration(advance)
		if err != nil {
			return time.Time{}, fmt.Errorf("advance=%s is no duration such as 120h or 30m", advance)
		}
		if d < 0 {
			return time.Time{}, errBackwards
		}
		return now.Add(d), nil
	case to != "":
		t, err := time.ParseInLocation("2006-01-02T15:04", to, lang.Berlin())
		if err != nil {
			if t, err = time.ParseInLocation("2006-01-02", to, lang.Berlin()); err != nil {
				return time.Time{}, fmt.Errorf("to=%s is no date such as 2027-03-01 or 2027-03-01T09:00", to)
			}
		}
		if t.Before(now) {
			return time.Time{}, errBackwards
		}
		return t, nil
	}
	return time.Time{}, errors.New("say advance=120h or to=2027-03-01")
}

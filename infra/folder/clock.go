package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Clock is the platform's time: the machine's, moved by what /local/clock
// added. The move is kept, so that time never runs backwards at a restart.
type Clock struct {
	root  *os.Root
	mu    sync.Mutex
	ahead time.Duration
}

const clockFile = "clock.json"

func openClock(root *os.Root) (*Clock, error) {
	c := &Clock{root: root}
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

// Now is the platform's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Turn sets the platform's time to t and keeps it: written beside and renamed,
// so that a kill leaves the old or the new time.
func (c *Clock) Turn(t time.Time) error {
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

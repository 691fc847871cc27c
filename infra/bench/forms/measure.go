package forms

import (
	"fmt"
	"runtime"
	"time"
)

// effort is how long is measured.
type effort struct {
	round  time.Duration // of one subject
	rounds int           // of all of them in turn
}

// subject is something that is done again and again.
type subject struct {
	name string
	do   func() error

	best          time.Duration // once, in the fastest round: the others were disturbed more
	cpu           time.Duration // once, over all rounds, collecting garbage included
	bytes, allocs uint64        // once
	each          int           // how often in a round
}

// measure does the subjects in turn, so that the machine's moods meet all alike.
func (b *bench) measure(subjects ...*subject) error {
	for _, s := range subjects {
		if err := s.calibrate(b.effort.round); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	spent := make([]time.Duration, len(subjects))
	for range b.effort.rounds {
		for i, s := range subjects {
			cpu := b.cpu()
			took, err := s.times(s.each)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			spent[i] += b.cpu() - cpu
			if each := took / time.Duration(s.each); s.best == 0 || each < s.best {
				s.best = each
			}
		}
	}
	for i, s := range subjects {
		s.cpu = spent[i] / time.Duration(s.each*b.effort.rounds)
	}
	return nil
}

// calibrate finds how often makes a round, and counts what is allocated.
func (s *subject) calibrate(round time.Duration) error {
	took, err := s.times(1)
	for s.each = 1; err == nil && took < round/4; {
		s.each *= 2
		took, err = s.times(s.each)
	}
	if err != nil {
		return err
	}
	s.each = max(1, int(float64(s.each)*float64(round)/float64(took)))
	var before, after runtime.MemStats
	n := min(s.each, 20)
	runtime.ReadMemStats(&before)
	if _, err := s.times(n); err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	s.bytes = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	s.allocs = (after.Mallocs - before.Mallocs) / uint64(n)
	return nil
}

func (s *subject) times(n int) (time.Duration, error) {
	start := time.Now()
	for range n {
		if err := s.do(); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// kept is what do leaves in memory, once, when all that nobody holds is gone.
func kept(n int, do func() (any, error)) (uint64, error) {
	held := make([]any, n)
	before := live()
	for i := range held {
		var err error
		if held[i], err = do(); err != nil {
			return 0, err
		}
	}
	after := live()
	runtime.KeepAlive(held)
	return (max(after, before) - before) / uint64(n), nil
}

func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools and finalizers still held goes in the second
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d.Nanoseconds())/1e6) }

func kb(n uint64) string { return fmt.Sprintf("%.0f", float64(n)/1024) }

func ratio(a, b time.Duration) string {
	if b <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(a)/float64(b))
}

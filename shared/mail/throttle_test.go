package mail_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kokoma/shared/mail"
)

// provider counts what comes within each second, and refuses above its rate.
type provider struct {
	mu    sync.Mutex
	times []time.Time
	fail  func(n int) error
}

func (p *provider) Send(context.Context, mail.Message) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times = append(p.times, time.Now())
	if p.fail != nil {
		return "", p.fail(len(p.times))
	}
	return "id", nil
}

// most is the greatest number of calls in any second.
func (p *provider) most() (most int) {
	from := 0
	for i, at := range p.times {
		for at.Sub(p.times[from]) >= time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func TestTheRateIsNeverExceeded(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0.5, 1, 14, 14.5, 200} {
		synctest.Test(t, func(t *testing.T) {
			p := &provider{fail: func(n int) error {
				if n%17 == 0 {
					return mail.ErrNotNow
				}
				return nil
			}}
			throttle := mail.NewThrottle(p, rate)
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
			defer stop()
			var all sync.WaitGroup
			for range 8 { // many at once, over ten minutes
				all.Go(func() {
					for ctx.Err() == nil {
						if _, err := throttle.Send(ctx, mail.Message{}); err != nil && !errors.Is(err, mail.ErrNotNow) {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			if most := p.most(); float64(most) > max(rate, 1) && most > int(rate)+1 {
				t.Errorf("at a rate of %v: %d in one second", rate, most)
			}
			if n := float64(len(p.times)); rate < 20 && n < 0.9*600*rate || n > 600*rate+1 {
				t.Errorf("at a rate of %v: %v in ten minutes", rate, n)
			}
		})
	}
}

func TestWhatIsPutOffIsTriedAgainBeforeItIsPassedOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		fail     func(int) error
		want     error
		attempts int
	}{
		{"throttled once", func(n int) error {
			if n == 1 {
				return mail.ErrNotNow
			}
			return nil
		}, nil, 2},
		{"down", func(int) error { return mail.ErrNotNow }, mail.ErrNotNow, 3},
		{"refused", func(int) error { return mail.ErrRefused }, mail.ErrRefused, 1},
		{"in doubt", func(int) error { return context.DeadlineExceeded }, context.DeadlineExceeded, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{fail: c.fail}
				_, err := mail.NewThrottle(p, 10).Send(t.Context(), mail.Message{})
				if !errors.Is(err, c.want) || len(p.times) != c.attempts {
					t.Errorf("%v after %d attempts, want %v after %d", err, len(p.times), c.want, c.attempts)
				}
			})
		})
	}
}

func TestWhoLeavesWhileWaitingSentNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{}
		throttle := mail.NewThrottle(p, 0.1)
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		for i, want := range []error{nil, mail.ErrNotNow} {
			if _, err := throttle.Send(ctx, mail.Message{}); !errors.Is(err, want) {
				t.Errorf("message %d: %v, want %v", i, err, want)
			}
		}
		if len(p.times) != 1 {
			t.Errorf("%d were handed over", len(p.times))
		}
	})
}

package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// result is what a load took.
type result struct {
	took time.Duration
	each []time.Duration
	cpu  time.Duration // of the server, where there is one
}

// rate is how many a second; 0 before there was any.
func (r *result) rate() float64 {
	if r.took == 0 {
		return 0
	}
	return float64(len(r.each)) / r.took.Seconds()
}

// cpuEach is the server's processor time for one of them, in milliseconds.
func (r *result) cpuEach() float64 {
	return r.cpu.Seconds() * 1000 / float64(max(1, len(r.each)))
}

// ms is a quantile of the single durations, in milliseconds.
func (r *result) ms(q float64) string {
	if len(r.each) == 0 {
		return "–"
	}
	slices.Sort(r.each)
	d := r.each[int(q*float64(len(r.each)-1))]
	return fmt.Sprintf("%.2f", d.Seconds()*1000)
}

// during lets workers do something again and again for a time.
func during(d time.Duration, workers int, do func(worker int) error) (result, error) {
	end := time.Now().Add(d)
	return parallel(workers, func(worker int) (bool, error) {
		if time.Now().After(end) {
			return false, nil
		}
		return true, do(worker)
	})
}

// times lets workers do something n times together.
func times(n, workers int, do func(worker int) error) (result, error) {
	var begun atomic.Int64
	return parallel(workers, func(worker int) (bool, error) {
		if begun.Add(1) > int64(n) {
			return false, nil
		}
		return true, do(worker)
	})
}

// parallel runs workers until do says that it did nothing any more.
func parallel(workers int, do func(worker int) (bool, error)) (result, error) {
	each := make([][]time.Duration, workers)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range workers {
		wg.Go(func() {
			for {
				begin := time.Now()
				more, err := do(w)
				if err != nil || !more {
					errs[w] = err
					return
				}
				each[w] = append(each[w], time.Since(begin))
			}
		})
	}
	wg.Wait()
	r := result{took: time.Since(start), each: slices.Concat(each...)}
	for _, err := range errs {
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

package score

import (
	"math"
	"slices"
)

// mean sums in order of size, so that the order of the answers, which nobody is to know, leaves no
// trace in the last digit.
func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range slices.Sorted(slices.Values(values)) {
		sum += v
	}
	return sum / float64(len(values))
}

// deviation is the standard deviation of a sample (n - 1); one value has none.
func deviation(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	m, sum := mean(values), 0.0
	for _, v := range slices.Sorted(slices.Values(values)) {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(values)-1))
}

package evaluation

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/score"
)

// The attacker opens the overview after every closing and keeps what it showed. What can be derived is
// what lies in the span of the published sums. Which surveys are in a sum the attacker is told by the
// number of answers itself: survey number i has a multiple of 2^20 plus 2^i answers.

const (
	townsInTest   = 9
	surveysInTest = 18
)

// closing is a survey in some town: small or large, with one of its two constructs hidden now and then.
func closing(rng *rand.Rand, i int) survey.Snapshot {
	town := rng.IntN(townsInTest)
	s := survey.Snapshot{
		Survey: fmt.Sprintf("S%02d", i), Case: fmt.Sprint("C", town), Form: "S_PULSE",
		Municipality: survey.Whose{Name: fmt.Sprint("Musterstadt ", town)},
		To:           lang.Date{Year: 2026, Month: 8, Day: 1 + rng.IntN(28)},
	}
	for _, key := range []string{"HS", "KOM"} {
		m := score.Measure{Key: key, N: (1+rng.IntN(12))<<20 + 1<<i, Index: 100 * rng.Float64()}
		if rng.IntN(5) == 0 {
			m = score.Measure{Key: key, Hidden: score.Few}
		}
		s.Result.Constructs = append(s.Result.Constructs, m)
	}
	return s
}

// attack says what can be derived from a sequence of closings, of which every second is told twice.
func attack(ru disclosure.Rules, rng *rand.Rand) (found string, published int) {
	w := Wave{Form: "S_PULSE"}
	var closed []share
	known := map[string]map[int]bool{"HS": {}, "KOM": {}}
	for i := range surveysInTest {
		closed = append(closed, shareOf(closing(rng, i)))
		w.Taken++
		if rng.IntN(4) == 0 && i < surveysInTest-1 {
			continue // it comes in together with the next one
		}
		for range 1 + i%2 {
			w = w.renewed(ru, closed)
			for _, v := range w.Values {
				if v.Withheld == "" {
					known[v.Construct][v.N] = true
				}
			}
		}
	}
	for _, sums := range known {
		published += len(sums)
		if found := derive(sums); found != "" {
			return found, published
		}
	}
	return "", published
}

// derive looks for a survey, or a combination of two, that is a combination of the sums.
func derive(sums map[int]bool) string {
	var rows [][]float64
	for n := range sums {
		row := make([]float64, surveysInTest)
		for i := range row {
			row[i] = float64(n >> i & 1)
		}
		rows = append(rows, row)
	}
	for i := range surveysInTest {
		for j := range i {
			// Without columns i and j the rank falls when a combination of these two alone is there.
			if rank2(rows, i, j) < rank2(rows, -1, -1) {
				return fmt.Sprintf("surveys %d and %d from %d sums", j, i, len(rows))
			}
		}
	}
	return ""
}

// rank2 is the rank without two columns.
func rank2(rows [][]float64, without ...int) int {
	var done [][]float64
	for _, r := range rows {
		row := append([]float64(nil), r...)
		for _, c := range without {
			if c >= 0 {
				row[c] = 0
			}
		}
		for _, d := range done {
			p := pivot(d)
			f := row[p] / d[p]
			for i := range row {
				row[i] -= f * d[i]
			}
		}
		if pivot(row) >= 0 {
			done = append(done, row)
		}
	}
	return len(done)
}

func pivot(row []float64) int {
	for i, x := range row {
		if math.Abs(x) > 1e-9 {
			return i
		}
	}
	return -1
}

// TestSequencesOfClosingsGiveNobodyAway: neither one municipality nor two, whatever closes in whatever order.
func TestSequencesOfClosingsGiveNobodyAway(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 6))
	renewed := 0
	for round := range 400 {
		found, published := attack(disclosure.Standard(), rng)
		if found != "" {
			t.Fatalf("round %d: the attacker derived %s", round, found)
		}
		renewed += published
	}
	if renewed < 2*400 {
		t.Errorf("%d publications in 400 rounds of two constructs: nothing was attacked", renewed)
	}
}

// TestAttackerFindsValuesThatFollowEachClosing, so the test above can fail.
func TestAttackerFindsValuesThatFollowEachClosing(t *testing.T) {
	t.Parallel()
	ru := disclosure.Standard()
	ru.Steps = false
	if found, _ := attack(ru, rand.New(rand.NewPCG(4, 6))); found == "" {
		t.Error("the attacker finds nothing where each closing changes the value: the attack is blind")
	}
}

// TestFreshMunicipalitiesMayNotDominate: three more, of which one has most of the answers, wait.
func TestFreshMunicipalitiesMayNotDominate(t *testing.T) {
	t.Parallel()
	all := []score.Part{{N: 20}, {N: 20}, {N: 20}, {N: 30}, {N: 6}, {N: 6}}
	if got := disclosure.Standard().Renew(all, all[3:]); got != disclosure.Dominant {
		t.Errorf("30 of 42 new answers from one town: %q, want %q", got, disclosure.Dominant)
	}
}

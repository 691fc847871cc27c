package score_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"kokoma/shared/survey/score"
)

// questions makes n items of a construct; those named in reversed are.
func questions(construct string, n int, reversed ...int) []score.Question {
	qs := make([]score.Question, n)
	for i := range qs {
		qs[i] = score.Question{Key: fmt.Sprintf("%s%d", construct, i+1), Construct: construct, Min: 1, Max: 5}
	}
	for _, i := range reversed {
		qs[i-1].Reversed = true
	}
	return qs
}

// answers fills the items of a construct in order; "" is skipped.
func answers(construct string, values ...string) score.Response {
	r := score.Response{}
	for i, v := range values {
		if v != "" {
			r[fmt.Sprintf("%s%d", construct, i+1)] = v
		}
	}
	return r
}

// TestWorkedChecks are the worked checks of kokoma.md 4.6 that a single response decides.
func TestWorkedChecks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		qs    []score.Question
		r     score.Response
		n     int
		index float64
	}{
		{"index", questions("HS", 6), answers("HS", "4", "5", "3", "NA", "4", "4"), 1, 75},
		{"reversed", questions("KOM", 5, 5), answers("KOM", "4", "3", "5", "4", "2"), 1, 75},
		{"too few", questions("KOOP", 5, 5), answers("KOOP", "4", "4", "4"), 0, 0},
		{"four of five are enough", questions("KOOP", 5, 5), answers("KOOP", "4", "4", "4", "4"), 1, 75},
		{"two of three are enough", questions("PRAE", 3), answers("PRAE", "", "1", "2"), 1, 12.5},
		{"one of three is not", questions("PRAE", 3), answers("PRAE", "", "1", "NA"), 0, 0},
		{"three of four are needed", questions("VER", 4), answers("VER", "5", "5"), 0, 0},
		{"a made-up option counts as skipped", questions("PRAE", 3), answers("PRAE", "9", "x", "5"), 0, 0},
	}
	for _, c := range cases {
		got := score.Compute(score.Sheet{Questions: c.qs}, []score.Response{c.r}).Constructs[0]
		if got.N != c.n || got.Index != c.index {
			t.Errorf("%s: n %d, index %v; want n %d, index %v", c.name, got.N, got.Index, c.n, c.index)
		}
	}
}

func TestGroupValueIsTheMeanOfIndices(t *testing.T) {
	t.Parallel()
	// One answered two items, the other all three: the mean of items would be (4+4+1+1+1)/5.
	r := score.Compute(score.Sheet{Questions: questions("PRAE", 3)}, []score.Response{
		answers("PRAE", "4", "4", ""), answers("PRAE", "1", "1", "1"),
	})
	got := r.Constructs[0]
	if got.N != 2 || got.Index != 37.5 {
		t.Errorf("n %d, index %v; want 2 and 37.5", got.N, got.Index)
	}
	if math.Abs(got.SD-53.0330) > 1e-4 {
		t.Errorf("SD %v, want 53.0330", got.SD)
	}
	if !reflect.DeepEqual(got.Counts, []int{1, 0, 0, 1}) || got.Top != 0.5 || got.Bottom != 0.5 {
		t.Errorf("bands %v, top %v, bottom %v; want [1 0 0 1], 0.5, 0.5", got.Counts, got.Top, got.Bottom)
	}
}

func TestItemKeepsItsOwnDirection(t *testing.T) {
	t.Parallel()
	r := score.Compute(score.Sheet{Questions: questions("KOM", 1, 1)}, []score.Response{
		answers("KOM", "1"), answers("KOM", "2"), answers("KOM", "NA"), {},
	})
	got := r.Items[0]
	if got.N != 2 || got.NA != 1 || got.Mean != 1.5 || got.Bottom != 1 {
		t.Errorf("item %+v; want n 2, NA 1, mean 1.5, bottom 1", got)
	}
	if got := r.Constructs[0].Index; got != 87.5 {
		t.Errorf("index of the reversed item %v, want 87.5", got)
	}
}

// TestStrain is I32 of kokoma.md 6.10: means of 3.8 and 2.9 are strains of 70.0 and 47.5.
func TestStrain(t *testing.T) {
	t.Parallel()
	lage := []score.Question{{Key: "LAGE1", Min: 1, Max: 5}}
	for want, values := range map[float64][]string{
		70:   {"4", "4", "4", "4", "3", "4", "4", "4", "4", "3"},
		47.5: {"3", "3", "3", "3", "3", "3", "3", "3", "3", "2"},
	} {
		var rs []score.Response
		for _, v := range values {
			rs = append(rs, score.Response{"LAGE1": v})
		}
		got := score.Compute(score.Sheet{Questions: lage}, rs)
		if math.Abs(got.Items[0].Index-want) > 1e-9 {
			t.Errorf("strain of %v is %v, want %v", values, got.Items[0].Index, want)
		}
		if len(got.Constructs) != 0 {
			t.Errorf("a single item got an index of a construct: %+v", got.Constructs)
		}
	}
}

func TestCompletedAndRate(t *testing.T) {
	t.Parallel()
	r := score.Compute(score.Sheet{Questions: questions("HS", 5)}, []score.Response{
		answers("HS", "1", "1", "1"),   // 3 of 5
		answers("HS", "1", "1"),        // 2 of 5
		answers("HS", "1", "1", "NA"),  // NA is not an answer
		{"P1": "ADM", "OP1": "Freies"}, // no scale item
	})
	if r.Answers != 4 || r.Completed != 1 {
		t.Errorf("answers %d, completed %d; want 4 and 1", r.Answers, r.Completed)
	}
	if got, ok := score.Rate(19, 40, 2); !ok || got != 0.5 {
		t.Errorf("rate of 19 of 40 with 2 bounced: %v, %v; want 0.5", got, ok)
	}
	if _, ok := score.Rate(3, 0, 0); ok {
		t.Error("an open link has a response rate")
	}
}

func TestProjectValue(t *testing.T) {
	t.Parallel()
	unweighted, weighted := score.Project([]score.Part{{N: 20, Index: 60}, {N: 10, Index: 80}, {N: 5, Index: 70}})
	if unweighted != 70 || math.Abs(weighted-2350.0/35) > 1e-9 {
		t.Errorf("unweighted %v, weighted %v; want 70 and 67.1", unweighted, weighted)
	}
}

func TestSectorsAddUpToTheTotal(t *testing.T) {
	t.Parallel()
	s := score.Sheet{Questions: questions("HS", 2), Sector: "P1", Sectors: []string{"ADM", "POL"}}
	var rs []score.Response
	for _, sector := range []string{"ADM", "ADM", "POL", "NA", "", "XYZ"} {
		r := answers("HS", "5", "3")
		r["P1"] = sector
		rs = append(rs, r)
	}
	got := score.Compute(s, rs)
	for i, want := range []int{2, 1, 3} {
		if got.Sectors[i].Cells[0].N != want {
			t.Errorf("sector %s has n %d, want %d", got.Sectors[i].Code, got.Sectors[i].Cells[0].N, want)
		}
	}
}

// TestOrderLeavesNoTrace: the numbers are the same to the last bit, however the answers came.
func TestOrderLeavesNoTrace(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	s := score.Sheet{Questions: questions("HS", 6), Sector: "P1", Sectors: []string{"ADM", "POL"}}
	var rs []score.Response
	for range 60 {
		r := score.Response{"P1": []string{"ADM", "POL", ""}[rng.IntN(3)]}
		for _, q := range s.Questions {
			r[q.Key] = []string{"1", "2", "3", "4", "5", "NA"}[rng.IntN(6)]
		}
		rs = append(rs, r)
	}
	first := score.Compute(s, rs)
	for range 20 {
		rng.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		if got := score.Compute(s, rs); !reflect.DeepEqual(got, first) {
			t.Fatalf("another order gives other numbers:\n%+v\n%+v", got, first)
		}
	}
}

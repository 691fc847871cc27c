package disclosure_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/score"
)

// The attacker sees every published table: totals, sectors and items of each municipality and the value
// over all. An atom is what the attacker wants: the sum of one sector's answers in one municipality. A
// published number is a sum of atoms. What can be derived is exactly what lies in the span of the
// published sums, so the attacker needs no luck: linear algebra finds every difference there is.

const sectorsInTest = 5

func sheet() score.Sheet {
	s := score.Sheet{Sector: "P1", Sectors: []string{"ADM", "POL", "CIV", "SEC"}}
	for _, c := range []string{"HS", "KOM"} {
		for i := range 3 {
			s.Questions = append(s.Questions, score.Question{Key: fmt.Sprintf("%s%d", c, i+1), Construct: c, Min: 1, Max: 5})
		}
	}
	return s
}

// town answers at random: sectors of very different size, skipped items, and now and then unanimity.
func town(rng *rand.Rand, s score.Sheet) []score.Response {
	var rs []score.Response
	codes := append([]string{""}, s.Sectors...)
	for _, code := range codes {
		alike := rng.IntN(6) == 0
		for range rng.IntN(9) {
			r := score.Response{"P1": code}
			for _, q := range s.Questions {
				if rng.IntN(8) > 0 {
					r[q.Key] = []string{"1", "2", "3", "4", "5", "NA"}[rng.IntN(6)]
				}
				if alike {
					r[q.Key] = "4"
				}
			}
			rs = append(rs, r)
		}
	}
	return rs
}

// span keeps rows in echelon form.
type span struct{ rows [][]float64 }

func (s *span) reduce(v []float64) []float64 {
	v = append([]float64(nil), v...)
	for _, row := range s.rows {
		p := pivot(row)
		if f := v[p] / row[p]; f != 0 {
			for i := range v {
				v[i] -= f * row[i]
			}
		}
	}
	return v
}

func (s *span) add(v []float64) {
	if v = s.reduce(v); pivot(v) >= 0 {
		s.rows = append(s.rows, v)
	}
}

func (s *span) holds(v []float64) bool { return pivot(s.reduce(v)) < 0 }

func pivot(v []float64) int {
	for i, x := range v {
		if math.Abs(x) > 1e-9 {
			return i
		}
	}
	return -1
}

// attack looks for a group of sectors in one municipality whose value can be derived though it may not
// be shown, and for a single hidden item of a construct.
func attack(ru disclosure.Rules, s score.Sheet, raw, published []score.Result) string {
	for c, key := range s.Constructs() {
		if found := attackSectors(ru, c, raw, published); found != "" {
			return key + ": " + found
		}
		for _, p := range published {
			if found := attackItems(p, c, key); found != "" {
				return found
			}
		}
	}
	return ""
}

func attackSectors(ru disclosure.Rules, c int, raw, published []score.Result) string {
	var known span
	overall, parts := make([]float64, sectorsInTest*len(raw)), []score.Part(nil)
	for m, p := range published {
		if p.Hidden != "" || p.Constructs[c].Hidden != "" {
			continue
		}
		parts = append(parts, score.Part{N: p.Constructs[c].N})
		total := make([]float64, len(overall))
		for i := range sectorsInTest {
			total[m*sectorsInTest+i], overall[m*sectorsInTest+i] = 1, 1
			if i < len(p.Sectors) && p.Sectors[i].Cells[c].Hidden == "" {
				one := make([]float64, len(overall))
				one[m*sectorsInTest+i] = 1
				known.add(one)
			}
		}
		known.add(total)
	}
	if ru.Project(parts) == "" {
		known.add(overall)
	}
	for m, r := range raw {
		for set := 1; set < 1<<sectorsInTest; set++ {
			want, n := make([]float64, len(overall)), 0
			for i := range sectorsInTest {
				if set&(1<<i) != 0 {
					want[m*sectorsInTest+i] = 1
					n += r.Sectors[i].Cells[c].N
				}
			}
			if n > 0 && n < ru.Min && known.holds(want) {
				return fmt.Sprintf("municipality %d, sectors %05b, n %d", m, set, n)
			}
		}
	}
	return ""
}

// attackItems sets a construct against its items: with one unknown there is an answer.
func attackItems(p score.Result, c int, key string) string {
	if p.Hidden != "" {
		return ""
	}
	unknown, of := "", 0
	if p.Constructs[c].Hidden != "" {
		unknown, of = key, 1
	}
	for _, m := range p.Items {
		if m.Construct == key && m.Hidden != "" {
			unknown = m.Key
			of++
		}
	}
	if of == 1 {
		return "measure " + unknown
	}
	return ""
}

// TestNoHiddenCellCanBeDerived is PR-3: random towns, all that is published of them, and an attacker who
// finds nothing.
func TestNoHiddenCellCanBeDerived(t *testing.T) {
	t.Parallel()
	if found, round := search(disclosure.Standard(), 3000); found != "" {
		t.Errorf("round %d: the attacker derived %s", round, found)
	}
}

// TestAttackerFindsThePlantedFault: without the complement rule the same attacker succeeds, so the test
// above can fail.
func TestAttackerFindsThePlantedFault(t *testing.T) {
	t.Parallel()
	ru := disclosure.Standard()
	ru.Complement = false
	if found, _ := search(ru, 200); found == "" {
		t.Error("with the complement rule off the attacker finds nothing: the attack is blind")
	}
}

func search(ru disclosure.Rules, rounds int) (found string, round int) {
	rng := rand.New(rand.NewPCG(4, 6))
	s := sheet()
	for round := range rounds {
		var raw, published []score.Result
		for range 4 {
			r := score.Compute(s, town(rng, s))
			raw, published = append(raw, r), append(published, ru.Publish(r))
		}
		if found := attack(ru, s, raw, published); found != "" {
			return found, round
		}
	}
	return "", 0
}

// Package disclosure decides what of a survey's numbers may be kept and shown, so that nobody can be
// recognised in them: not from one table, and not by taking one table from another. It is pure. What
// comes out of Publish is all that is ever stored of a result; hidden numbers are gone, not just
// unprinted.
//
// The rules are kokoma.md 4.6. Behind them stands one thought: a value is safe when its group has at
// least five answers, and so is every group that can be had by subtraction. Since a total is shown, the
// cells hidden beside it are always known as one sum: together they have to be a safe group.
package disclosure

import (
	"math"

	"kokoma/shared/survey/score"
)

// Rules are the thresholds.
type Rules struct {
	Min            int     // smallest group that is shown
	MinSame        int     // smallest group that is shown when all answered alike
	Complement     bool    // hide more where what is hidden could be subtracted
	Municipalities int     // fewest in a value over all
	Dominance      float64 // largest share of the answers that one municipality may have in it
	Steps          bool    // change a published value over all only by what could be shown by itself
}

// Standard are the rules of the platform.
func Standard() Rules {
	return Rules{Min: 5, MinSame: 10, Complement: true, Municipalities: 3, Dominance: 0.6, Steps: true}
}

// Publish gives what may be stored and shown of r, rounded as it is printed. r stays as it was.
func (ru Rules) Publish(r score.Result) score.Result {
	if r.Answers < ru.Min {
		return score.Result{Hidden: score.Few}
	}
	out := score.Result{Answers: r.Answers, Completed: r.Completed}
	for _, m := range r.Constructs {
		out.Constructs = append(out.Constructs, ru.measure(m))
	}
	for _, m := range r.Items {
		out.Items = append(out.Items, ru.measure(m))
	}
	if ru.Complement {
		for _, c := range out.Constructs {
			hideSecond(c, out.Items)
		}
	}
	out.Sectors = ru.sectors(out.Constructs, r.Sectors)
	return out
}

// measure hides a measure of too few answers, and the spread where everybody answered alike.
func (ru Rules) measure(m score.Measure) score.Measure {
	if why := ru.unsafe(m.N, m.Same); why != "" {
		return hidden(m, why)
	}
	m.Mean, m.Index, m.SD = tenth(m.Mean, 100), tenth(m.Index, 10), tenth(m.SD, 100)
	m.Top, m.Bottom = tenth(m.Top, 1000), tenth(m.Bottom, 1000)
	if m.Same {
		m.SD, m.Top, m.Bottom, m.Counts, m.NA = 0, 0, 0, nil, 0
	}
	return m
}

// unsafe says why a group's value may not be shown.
func (ru Rules) unsafe(n int, same bool) score.Reason {
	switch {
	case n < ru.Min:
		return score.Few
	case same && n < ru.MinSame:
		return score.Same
	}
	return ""
}

func hidden(m score.Measure, why score.Reason) score.Measure {
	return score.Measure{Key: m.Key, Construct: m.Construct, Reversed: m.Reversed, Hidden: why}
}

// hideSecond: a construct is the mean of its items, so one of them alone that is hidden, be it an item or
// the construct, could be worked out from the others. Then the item with the fewest answers goes as well.
func hideSecond(c score.Measure, items []score.Measure) {
	missing, smallest := 0, -1
	if c.Hidden != "" {
		missing = 1
	}
	for i, m := range items {
		switch {
		case m.Construct != c.Key:
		case m.Hidden != "":
			missing++
		case smallest < 0 || m.N < items[smallest].N:
			smallest = i
		}
	}
	if missing == 1 && smallest >= 0 {
		items[smallest] = hidden(items[smallest], score.Complement)
	}
}

// sectors protects the table of sectors, one construct after the other. No sector at all is shown where
// none may be.
func (ru Rules) sectors(totals []score.Measure, raw []score.Sector) []score.Sector {
	out := make([]score.Sector, len(raw))
	for i, s := range raw {
		out[i] = score.Sector{Code: s.Code, Cells: make([]score.Cell, len(s.Cells))}
	}
	shown := false
	for c, total := range totals {
		column := make([]score.Cell, len(raw))
		for i, s := range raw {
			column[i] = s.Cells[c]
		}
		for i, cell := range ru.column(total, column) {
			out[i].Cells[c] = cell
			shown = shown || cell.Hidden == ""
		}
	}
	if !shown {
		return nil
	}
	return out
}

// column protects the parts of one total.
func (ru Rules) column(total score.Measure, parts []score.Cell) []score.Cell {
	out := make([]score.Cell, len(parts))
	for i, p := range parts {
		out[i] = p
		out[i].Index = tenth(p.Index, 10)
		out[i].Hidden = ru.unsafe(p.N, p.Same)
		if total.Hidden != "" && out[i].Hidden == "" {
			out[i].Hidden = score.Complement
		}
	}
	for ru.Complement && ru.leaks(out) {
		next := smallestShown(out)
		if next < 0 {
			break
		}
		out[next].Hidden = score.Complement
	}
	for i, p := range out {
		if p.Hidden != "" {
			out[i] = score.Cell{Hidden: p.Hidden}
		}
	}
	return out
}

// leaks says whether the hidden parts together are a group that may not be shown. An empty part hides
// nobody and protects nobody.
func (ru Rules) leaks(parts []score.Cell) bool {
	n, same, index := 0, true, math.NaN()
	for _, p := range parts {
		if p.Hidden == "" || p.N == 0 {
			continue
		}
		n += p.N
		same = same && p.Same && (math.IsNaN(index) || p.Index == index)
		index = p.Index
	}
	return n > 0 && ru.unsafe(n, same) != ""
}

func smallestShown(parts []score.Cell) int {
	smallest := -1
	for i, p := range parts {
		if p.Hidden == "" && (smallest < 0 || p.N < parts[smallest].N) {
			smallest = i
		}
	}
	return smallest
}

// Withheld is why a value over all municipalities is not shown; empty when it is.
type Withheld string

// The reasons.
const (
	TooFew   Withheld = "too_few"  // municipalities with a value that may be shown
	Dominant Withheld = "dominant" // one municipality has most of the answers
)

// Project says whether a value over these municipalities may be shown.
func (ru Rules) Project(parts []score.Part) Withheld {
	if len(parts) < ru.Municipalities {
		return TooFew
	}
	n, largest := 0, 0
	for _, p := range parts {
		n += p.N
		largest = max(largest, p.N)
	}
	if float64(largest) > ru.Dominance*float64(n) {
		return Dominant
	}
	return ""
}

// Renew says whether a value over all these municipalities may take the place of a published one, in
// which the fresh ones are not: the difference between the two may not give them away.
func (ru Rules) Renew(all, fresh []score.Part) Withheld {
	if why := ru.Project(all); why != "" {
		return why
	}
	if !ru.Steps && len(fresh) > 0 {
		return ""
	}
	return ru.Project(fresh)
}

// Round gives a number to one decimal, halves up, as Publish rounds.
func Round(x float64) float64 { return tenth(x, 10) }

// tenth rounds to 1/scale. The small addend makes good what binary fractions lose, so that an exact
// half is always rounded up.
func tenth(x, scale float64) float64 { return math.Round(x*scale+1e-9) / scale }

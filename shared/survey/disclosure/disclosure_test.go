package disclosure_test

import (
	"reflect"
	"testing"

	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/score"
)

// table is a result with one construct, split into sectors of these sizes.
func table(sizes ...int) score.Result {
	r := score.Result{Constructs: []score.Measure{{Key: "HS", Index: 50, Counts: []int{0, 0, 0, 0}}}}
	for i, n := range sizes {
		r.Answers += n
		r.Sectors = append(r.Sectors, score.Sector{
			Code: string(rune('A' + i)), Cells: []score.Cell{{N: n, Index: 40 + float64(10*i)}},
		})
	}
	r.Constructs[0].N = r.Answers
	return r
}

func reasons(r score.Result) []score.Reason {
	var out []score.Reason
	for _, s := range r.Sectors {
		out = append(out, s.Cells[0].Hidden)
	}
	return out
}

func TestSectorTable(t *testing.T) {
	t.Parallel()
	const (
		ok   = score.Reason("")
		few  = score.Few
		comp = score.Complement
	)
	cases := []struct {
		name  string
		sizes []int
		want  []score.Reason
	}{
		// The worked check: politics is hidden, and civil society because the total is shown.
		{"administration 9, politics 4, civil society 7", []int{9, 4, 7}, []score.Reason{ok, few, comp}},
		{"all large enough", []int{9, 5, 7}, []score.Reason{ok, ok, ok}},
		{"an empty sector hides nobody", []int{9, 0, 7}, []score.Reason{ok, few, ok}},
		{"an empty sector protects nobody", []int{9, 0, 3}, nil},
		{"two hidden of four together", []int{9, 3, 1, 7}, []score.Reason{ok, few, few, comp}},
		{"two hidden of five together", []int{9, 3, 2, 7}, []score.Reason{ok, few, few, ok}},
		{"nothing left to show", []int{9, 4}, nil},
	}
	for _, c := range cases {
		got := disclosure.Standard().Publish(table(c.sizes...))
		if !reflect.DeepEqual(reasons(got), c.want) {
			t.Errorf("%s: %q, want %q", c.name, reasons(got), c.want)
		}
		for _, s := range got.Sectors {
			if cell := s.Cells[0]; cell.Hidden != "" && cell != (score.Cell{Hidden: cell.Hidden}) {
				t.Errorf("%s: hidden cell still holds %+v", c.name, cell)
			}
		}
	}
}

// TestUnanimousSector: seven who all answered alike are hidden, and an empty sector beside them is no
// cover: another one has to go as well.
func TestUnanimousSector(t *testing.T) {
	t.Parallel()
	r := table(9, 7, 0)
	r.Sectors[1].Cells[0].Same = true
	want := []score.Reason{score.Complement, score.Same, score.Few}
	if got := disclosure.Standard().Publish(r); got.Sectors != nil {
		t.Errorf("sectors of 9, 7 alike and 0: %q, want nothing shown", reasons(got))
	}
	r = table(9, 7, 0, 20)
	r.Sectors[1].Cells[0].Same = true
	if got := reasons(disclosure.Standard().Publish(r)); !reflect.DeepEqual(got, append(want, "")) {
		t.Errorf("with a fourth of 20: %q, want %q", got, append(want, ""))
	}
}

func TestFewerThanFiveAnswersSayNothing(t *testing.T) {
	t.Parallel()
	got := disclosure.Standard().Publish(table(4))
	if !reflect.DeepEqual(got, score.Result{Hidden: score.Few}) {
		t.Errorf("four answers published %+v", got)
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	full := func(n int, same bool) score.Measure {
		return score.Measure{Key: "HS", N: n, Index: 66.666, Mean: 3.6666, SD: 1.23456, Top: 0.12345, Counts: []int{1, 2, 3, n - 6}, NA: 2, Same: same}
	}
	cases := []struct {
		name string
		in   score.Measure
		want score.Measure
	}{
		{"four answers", full(4, false), score.Measure{Key: "HS", Hidden: score.Few}},
		{"five answers", full(5, false), score.Measure{Key: "HS", N: 5, Index: 66.7, Mean: 3.67, SD: 1.23, Top: 0.123, Counts: []int{1, 2, 3, -1}, NA: 2}},
		{"nine alike", full(9, true), score.Measure{Key: "HS", Hidden: score.Same}},
		{"ten alike: the mean alone", full(10, true), score.Measure{Key: "HS", N: 10, Index: 66.7, Mean: 3.67, Same: true}},
	}
	for _, c := range cases {
		got := disclosure.Standard().Publish(score.Result{Answers: 20, Constructs: []score.Measure{c.in}})
		if !reflect.DeepEqual(got.Constructs[0], c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got.Constructs[0], c.want)
		}
	}
}

func TestOneHiddenItemTakesAnotherWithIt(t *testing.T) {
	t.Parallel()
	r := score.Result{Answers: 9, Constructs: []score.Measure{{Key: "HS", N: 8}}, Items: []score.Measure{
		{Key: "HS1", Construct: "HS", N: 9},
		{Key: "HS2", Construct: "HS", N: 4},
		{Key: "HS3", Construct: "HS", N: 7},
		{Key: "LAGE1", N: 5},
	}}
	got := disclosure.Standard().Publish(r)
	want := []score.Reason{"", score.Few, score.Complement, ""}
	for i, m := range got.Items {
		if m.Hidden != want[i] {
			t.Errorf("%s hidden %q, want %q", m.Key, m.Hidden, want[i])
		}
	}
}

// TestHiddenConstructTakesAnItemWithIt: all have the same index by different answers, and the items' means
// would give it away.
func TestHiddenConstructTakesAnItemWithIt(t *testing.T) {
	t.Parallel()
	got := disclosure.Standard().Publish(score.Result{
		Answers: 7, Constructs: []score.Measure{{Key: "HS", N: 7, Index: 50, Same: true}},
		Items: []score.Measure{{Key: "HS1", Construct: "HS", N: 7}, {Key: "HS2", Construct: "HS", N: 6}},
	})
	if got.Constructs[0].Hidden != score.Same || got.Items[0].Hidden != "" || got.Items[1].Hidden != score.Complement {
		t.Errorf("published %+v", got)
	}
}

func TestProjectRule(t *testing.T) {
	t.Parallel()
	ru := disclosure.Standard()
	cases := []struct {
		n    []int
		want disclosure.Withheld
	}{
		{[]int{20, 10}, disclosure.TooFew},
		{[]int{20, 10, 5}, ""},
		{[]int{60, 20, 20}, ""},
		{[]int{61, 20, 19}, disclosure.Dominant},
		{nil, disclosure.TooFew},
	}
	for _, c := range cases {
		var parts []score.Part
		for _, n := range c.n {
			parts = append(parts, score.Part{N: n, Index: 50})
		}
		if got := ru.Project(parts); got != c.want {
			t.Errorf("municipalities with %v answers: %q, want %q", c.n, got, c.want)
		}
	}
}

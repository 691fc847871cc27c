package expr

import "testing"

// What forms are made of; sizes and costs are those of a submission's check.
func BenchmarkEval(b *testing.B) {
	for _, src := range []string{
		"${one} = 'accepted'",
		"${int} >= 18 and ${int} <= 120",
		"selected(${multi}, 'CT5')",
		"${date} <= today()",
		"if(${int} > 3, ${one}, '')",
		"coalesce(${int}, 0) + 1",
		"regex(., '^[0-9]{5}$')",
		"round(sum(${whole}) div count(${whole}), 1)",
		"concat(${text}, ' ', ${int})",
	} {
		b.Run(src, func(b *testing.B) {
			x, err := Parse(src)
			if err != nil {
				b.Fatal(err)
			}
			var env Env = world{names: x.Names(), values: values, self: TextOf("38100")}
			b.ReportAllocs()
			for b.Loop() {
				x.Eval(env)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("selected(${types}, 'CT1') and (${number} > 3 or ${decision} = 'accepted')"); err != nil {
			b.Fatal(err)
		}
	}
}

// Simple comparisons make nothing that must be cleaned up.
func TestComparisonsAllocateNothing(t *testing.T) {
	for _, src := range []string{
		"${one} = 'accepted'", "${int} >= 18 and ${int} <= 120", "${int} = '30'", "${date} <= today()", "${date} = '2026-03-01'",
		"selected(${multi}, 'CT5')", "${code} > 6", "not(${one} = 'x') or count(${rows}) > 2", "sum(${whole}) < 0",
	} {
		x, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		var env Env = world{names: x.Names(), values: values}
		if n := testing.AllocsPerRun(100, func() { x.Bool(env) }); n > 0 {
			t.Errorf("%s allocates %v times", src, n)
		}
	}
}

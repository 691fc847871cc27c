package forms

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/form"
	"kokoma/shared/survey"
)

// compiling is compared with parsing the same YAML and nothing else.
func (b *bench) compiling() error {
	fmt.Fprint(b.out, "\n### Compiling a definition\n\n"+
		"The floor parses the same YAML into nodes. The survey is compiled from the definition that is made of its file and the item bank,\n"+
		"and once more beginning with those files.\n\n"+
		"| | ms | CPU ms | allocated KB | allocations | times the floor, time | times the floor, memory |\n|---|---|---|---|---|---|---|\n")
	for _, f := range []filled{b.survey, b.interest} {
		ours := &subject{name: f.name + ", compiled", do: func() error {
			_, err := form.Compile("bench.yaml", f.source)
			return err
		}}
		floor := &subject{name: f.name + ", YAML parsed", do: func() error {
			var n yaml.Node
			return yaml.Unmarshal(f.source, &n)
		}}
		all := []*subject{ours, floor}
		if f.name == b.survey.name {
			all = append(all, &subject{name: f.name + ", from its files", do: func() error {
				_, err := survey.Instruments().Instrument("S_T2")
				return err
			}})
		}
		if err := b.measure(all...); err != nil {
			return err
		}
		for _, s := range all {
			fmt.Fprintf(b.out, "| %s (%s KB) | %s | %s | %s | %d | %s | %.1f |\n", s.name, kb(uint64(len(f.source))), ms(s.best), ms(s.cpu), kb(s.bytes), s.allocs,
				ratio(s.best, floor.best), float64(s.bytes)/float64(floor.bytes))
		}
	}
	return nil
}

// copies is how many forms are kept at once to see what one of them keeps.
const copies = 20

// keeping says what a compiled form holds in memory for as long as it is used.
func (b *bench) keeping() error {
	fmt.Fprintf(b.out, "\n### Memory of a compiled form\n\n"+
		"What stays on the heap after the garbage is collected, for one of %d.\n\n"+
		"| | live KB | times its source | times its YAML nodes |\n|---|---|---|---|\n", copies)
	for _, f := range []filled{b.survey, b.interest} {
		compiled, err := kept(copies, func() (any, error) { return form.Compile("bench.yaml", f.source) })
		if err != nil {
			return err
		}
		nodes, err := kept(copies, func() (any, error) {
			var n yaml.Node
			err := yaml.Unmarshal(f.source, &n)
			return &n, err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s, compiled | %s | %.1f | %.2f |\n", f.name, kb(compiled), float64(compiled)/float64(len(f.source)), float64(compiled)/float64(nodes))
		fmt.Fprintf(b.out, "| %s, YAML nodes | %s | %.1f | 1.00 |\n", f.name, kb(nodes), float64(nodes)/float64(len(f.source)))
	}
	return nil
}

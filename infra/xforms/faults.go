package main

// faults are forms whose XForm says something else than the definition.
func faults() []*Case {
	survey := q("integer", "n", "constraint", ". > 3") + q("text", "t", "relevant", "${n} > 5") + calc("c", "${n} + 1")
	one := func(name, from, to string) *Case {
		return &Case{Name: name, YAML: definition(survey), swap: [2]string{from, to}, Sequences: steps(sets("n", "4"), sets("n", "5"), sets("n", "3"))}
	}
	return []*Case{
		one("planted value", "/data/n  + 1", "/data/n  + 2"),
		one("planted relevance", "/data/n  &gt; 5", "/data/n  &gt; 4"),
		one("planted validity", ". &gt; 3", ". &gt;= 3"),
	}
}

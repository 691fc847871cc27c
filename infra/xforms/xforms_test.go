package main

import (
	"strings"
	"testing"

	"kokoma/shared/form/define"
)

func prepared(t *testing.T, c *Case) *Case {
	t.Helper()
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	return c
}

// The command itself needs Node.js; what it compares is checked here without.
func TestTheCorpusCompilesAndIsLargeEnough(t *testing.T) {
	t.Parallel()
	corpus := append(core(), generate(1, 20, 12)...)
	names, runs := map[string]bool{}, 0
	for _, c := range corpus {
		if err := c.prepare(); err != nil {
			t.Error(err)
		}
		if names[c.Name] {
			t.Errorf("two forms are called %s", c.Name)
		}
		names[c.Name] = true
		runs += len(c.Sequences)
	}
	if hand := len(core()); hand+180 < leastForms {
		t.Errorf("%d forms are written by hand, with 180 by chance they are too few", hand)
	}
	if runs < 36*sequences {
		t.Errorf("there are %d sequences only", runs)
	}
}

func TestEveryFormRunsThroughOurs(t *testing.T) {
	t.Parallel()
	for _, c := range append(core(), generate(7, 10, 3)...) {
		prepared(t, c)
		for _, s := range c.Sequences {
			states, err := c.ours(s)
			if err != nil || len(states) != len(s) {
				t.Fatalf("%s: %d states of %d, %v", c.Name, len(states), len(s), err)
			}
		}
	}
}

func TestTheSameSeedGivesTheSameForms(t *testing.T) {
	t.Parallel()
	a, b := generate(3, 5, 2), generate(3, 5, 2)
	for i := range a {
		if a[i].YAML != b[i].YAML || spell(a[i].Sequences[1]) != spell(b[i].Sequences[1]) {
			t.Errorf("form %d differs", i)
		}
	}
}

func TestReferencesFollowPyxform(t *testing.T) {
	t.Parallel()
	c := prepared(t, &Case{Name: "t", YAML: definition(q("integer", "n") + block("repeat", "r", q("text", "key")+q("integer", "x")+
		block("group", "g", q("integer", "y", "relevant", "${x} > ${n}"))+
		block("repeat", "s", q("text", "skey")+calc("a", "${x} + count(${s}) + count(${r})")+calc("i", "indexed-repeat(${y}, ${r}, ${n} + (1))"))) +
		calc("total", "sum(${x})"))})
	for _, want := range []string{
		`nodeset="/data/r/g/y" type="int" relevant=" ../../x  &gt;  /data/n "`,
		`calculate=" ../../x  + count( ../../s ) + count( /data/r )"`,
		`calculate="indexed-repeat( /data/r/g/y ,  /data/r ,  /data/n  + (1))"`,
		`calculate="sum( /data/r/x )"`,
	} {
		if !strings.Contains(c.xml, want) {
			t.Errorf("%s is missing in\n%s", want, c.xml)
		}
	}
}

func TestFiltersAndCountsAreWritten(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*Case{
		`root/item[area =  /data/where  and people`: cascade(),
		`jr:count="/data/r_count"`:                  counted("t", "${n}"),
	} {
		if prepared(t, c); !strings.Contains(c.xml, want) {
			t.Errorf("%s is missing in\n%s", want, c.xml)
		}
	}
}

// A comparison that finds nothing proves nothing (the command plants faults in
// XForms, too): each kind of difference is found.
func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	c := prepared(t, &Case{Name: "t", YAML: definition(q("integer", "n", "required", "yes") + q("text", "t")), Sequences: steps(sets("n", "5"), sets("n", ""))})
	ours, err := c.ours(c.Sequences[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(States){
		"value":     func(s States) { s["n"] = State{Relevant: true, Value: "6"} },
		"relevance": func(s States) { s["t"] = State{} },
		"validity":  func(s States) { s["n"] = State{Relevant: true, Value: "5", Violation: "constraint"} },
		"missing":   func(s States) { delete(s, "t") },
		"more":      func(s States) { s["u"] = State{} },
		"nothing":   func(States) {},
	} {
		theirs, err := c.ours(c.Sequences[0])
		if err != nil {
			t.Fatal(err)
		}
		change(theirs[0])
		var r Result
		r.sequence(c, 0, ours, theirs)
		if found := len(r.Mismatches) > 0; found == (name == "nothing") {
			t.Errorf("a difference in %s: found %v", name, found)
		}
	}
	if got := ours[1]["n"].Violation; got != "required" {
		t.Errorf("the violation of an open question is %q", got)
	}
}

func TestSpellingsOfTheClockAreEqual(t *testing.T) {
	t.Parallel()
	c := prepared(t, &Case{Name: "t", YAML: definition(q("time", "clock") + q("datetime", "at") + q("text", "t"))})
	for field, pair := range map[string][2]string{
		"clock": {"09:00", "09:00:00"}, "at": {"2026-03-01T09:30", "2026-03-01T09:30:00.000"}, "t": {"x:00", "x:00"},
	} {
		if a, b := c.plainValue(field, pair[0]), c.plainValue(field, pair[1]); a != b {
			t.Errorf("%s: %q and %q", field, a, b)
		}
	}
	if got := c.plainValue("t", "09:00:00"); got != "09:00:00" {
		t.Errorf("a text became %q", got)
	}
	if n := c.node("at"); n.Kind != define.Datetime {
		t.Errorf("the kind is %d", n.Kind)
	}
}

package process

import (
	"slices"
	"testing"

	"kokoma/shared/lang"
)

func may(n int) lang.Date { return lang.Date{Year: 2026, Month: 5, Day: n} }

// TestWhoIsAskedOnADay goes through who holds a role, is away, left, or cannot
// be reached; who is asked is written "address" or "address for address".
func TestWhoIsAskedOnADay(t *testing.T) {
	t.Parallel()
	away := func(from, to int, deputy string) []Period {
		return []Period{{From: may(from), To: may(to), Deputy: deputy}}
	}
	tests := []struct {
		name string
		kuf  []Person
		lei  []Person // another role, which deputies can hold
		want []string
		gap  Gap
	}{
		{"nobody was named", nil, nil, nil, Unnamed},
		{"one who is there", []Person{{Email: "a"}}, nil, []string{"a"}, ""},
		{"two who are there", []Person{{Email: "a"}, {Email: "b"}}, nil, []string{"a", "b"}, ""},
		{"from today", []Person{{Email: "a", From: may(10)}}, nil, []string{"a"}, ""},
		{"from tomorrow", []Person{{Email: "a", From: may(11)}}, nil, nil, Unnamed},
		{"until today", []Person{{Email: "a", To: may(10)}}, nil, []string{"a"}, ""},
		{"until yesterday", []Person{{Email: "a", To: may(9)}}, nil, nil, Left},
		{"left, with a deputy", []Person{{Email: "a", To: may(9), Deputy: "d"}}, nil, nil, Left},
		{"left, and the next one", []Person{{Email: "a", To: may(9)}, {Email: "b", From: may(10)}}, nil, []string{"b"}, ""},
		{"away, with a deputy", []Person{{Email: "a", Away: away(10, 10, ""), Deputy: "d"}}, nil, []string{"d for a"}, ""},
		{"away from tomorrow", []Person{{Email: "a", Away: away(11, 20, ""), Deputy: "d"}}, nil, []string{"a"}, ""},
		{"away until yesterday", []Person{{Email: "a", Away: away(1, 9, ""), Deputy: "d"}}, nil, []string{"a"}, ""},
		{"away, with a deputy for the time", []Person{{Email: "a", Away: away(1, 20, "e"), Deputy: "d"}}, nil, []string{"e for a"}, ""},
		{"away, nobody stands in", []Person{{Email: "a", Away: away(1, 20, "")}}, nil, nil, Absent},
		{"away, the deputy as well", []Person{{Email: "a", Away: away(1, 20, ""), Deputy: "d"}}, []Person{{Email: "d", Away: away(5, 12, "")}}, nil, Absent},
		{"the deputy for the time is away, the other one is not", []Person{{Email: "a", Away: away(1, 20, "e"), Deputy: "d"}}, []Person{{Email: "e", Away: away(5, 12, "")}}, []string{"d for a"}, ""},
		{"away, the deputy left", []Person{{Email: "a", Away: away(1, 20, ""), Deputy: "d"}}, []Person{{Email: "d", To: may(1)}}, nil, Absent},
		{"away, the deputy's mail comes back", []Person{{Email: "a", Away: away(1, 20, ""), Deputy: "d", DeputyBounced: may(2)}}, nil, nil, Absent},
		{"away without deputy, but another holder", []Person{{Email: "a", Away: away(1, 20, "")}, {Email: "b"}}, nil, []string{"b"}, ""},
		{"away, the deputy holds the role as well", []Person{{Email: "a", Away: away(1, 20, ""), Deputy: "b"}, {Email: "b"}}, nil, []string{"b"}, ""},
		{"mail comes back, with a deputy", []Person{{Email: "a", Bounced: may(1), Deputy: "d"}}, nil, []string{"d for a"}, ""},
		{"mail comes back, nobody stands in", []Person{{Email: "a", Bounced: may(1)}}, nil, nil, Bounced},
		{"the weightiest reason is told", []Person{{Email: "a", To: may(1)}, {Email: "b", Away: away(1, 20, "")}}, nil, nil, Absent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{People: People{"KUF": tt.kuf, "LEI": tt.lei}}
			asked, gap := s.Ask(&Template{Acts: []string{"KUF"}}, 0, may(10))
			var got []string
			for _, a := range asked {
				if a.StandsIn() {
					a.Email += " for " + a.For
				}
				got = append(got, a.Email)
			}
			if !slices.Equal(got, tt.want) || gap != tt.gap {
				t.Errorf("asked %q (%q), want %q (%q)", got, gap, tt.want, tt.gap)
			}
		})
	}
}

// TestNextTurnOfPeople: a role that begins turns on its first day, one that ends
// on the day after its last.
func TestNextTurnOfPeople(t *testing.T) {
	t.Parallel()
	p := People{
		"KUF": {{Email: "a", To: may(14)}, {Email: "b", From: may(15), Away: []Period{{From: may(20), To: may(22)}}}},
		"LEI": {{Email: "c", From: may(1)}},
	}
	var got []int
	for today := may(2); ; {
		next, ok := p.Turn(today)
		if !ok {
			break
		}
		got, today = append(got, next.Day), next
	}
	if want := []int{15, 20, 23}; !slices.Equal(got, want) {
		t.Errorf("turns on the days %v, want %v", got, want)
	}
}

func TestRolesEndWithTheirLastDay(t *testing.T) {
	t.Parallel()
	p := People{"KUF": {{Email: "a", To: may(14)}}, "LEI": {{Email: "a", From: may(16)}}}
	for n, want := range map[int][]string{14: {"KUF"}, 15: nil, 16: {"LEI"}} {
		if got := p.RolesOf("a", may(n)); !slices.Equal(got, want) {
			t.Errorf("on the %dth: roles %v, want %v", n, got, want)
		}
	}
}

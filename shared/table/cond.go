package table

// Want is what a condition asks of the item before the write.
type Want int

// What conditions ask.
const (
	WantAbsent Want = iota + 1
	WantExists
	WantVersion
	WantCounter
	WantBelow
	WantDue
)

// Cond is a condition of an operation: made by the functions below, read by
// implementations.
type Cond struct {
	Want  Want
	Name  string // of the counter
	N     int64  // version, or the counter's value or bound
	Place Place
}

// Absent asks that there is no such item.
func Absent() Cond { return Cond{Want: WantAbsent} }

// Exists asks that the item is there.
func Exists() Cond { return Cond{Want: WantExists} }

// AtVersion asks that the item has this version. An absent item has version 0,
// as has one that was stored without: AtVersion(0) creates, too.
func AtVersion(v int64) Cond { return Cond{Want: WantVersion, N: v} }

// CounterIs asks that the counter has this value; one that is not there, even
// because the item is absent, is 0.
func CounterIs(name string, n int64) Cond { return Cond{Want: WantCounter, Name: name, N: n} }

// CounterBelow asks that the counter is less than n; one that is not there,
// even because the item is absent, is 0.
func CounterBelow(name string, n int64) Cond { return Cond{Want: WantBelow, Name: name, N: n} }

// DueIs asks that the item stands at this place of index Due, note included;
// the zero Place asks that it stands at none.
func DueIs(p Place) Cond { return Cond{Want: WantDue, Place: p} }

func (c Cond) holds(before *Item) bool {
	there, it := before != nil, Item{}
	if there {
		it = *before
	}
	switch c.Want {
	case WantAbsent:
		return !there
	case WantExists:
		return there
	case WantVersion:
		return it.Version == c.N
	case WantCounter:
		return it.Counters[c.Name] == c.N
	case WantBelow:
		return it.Counters[c.Name] < c.N
	case WantDue:
		return it.Due == c.Place
	}
	return false
}

package table

import (
	"iter"
	"math"
	"strconv"
	"strings"
)

// Attribute is a part of an item as DynamoDB stores it, and as its size is
// counted.
type Attribute struct {
	Name   string
	Number bool
	Text   string // of a number, its decimal digits
}

// Attributes gives the item's attributes: this is the stored shape.
func (it Item) Attributes() iter.Seq[Attribute] {
	return func(yield func(Attribute) bool) {
		text := func(name, s string) bool {
			return s == "" || yield(Attribute{Name: name, Text: s})
		}
		number := func(name string, n int64) bool {
			return yield(Attribute{Name: name, Number: true, Text: strconv.FormatInt(n, 10)})
		}
		ok := text("pk", it.PK) && text("sk", it.SK) && text("k", it.Kind) &&
			(it.Version == 0 || number("v", it.Version)) &&
			text("b", string(it.Body)) &&
			(it.Expires.IsZero() || number("ttl", it.Expires.Unix()))
		for _, ix := range []Index{Due, By} {
			p := it.Place(ix)
			ok = ok && text(string(ix)+"_pk", p.PK) && text(string(ix)+"_sk", p.SK) && text(string(ix)+"_note", p.Note)
		}
		for name, n := range it.Counters {
			ok = ok && number("n_"+name, n)
		}
	}
}

// Size is the item's size in bytes by DynamoDB's rules: names and values of
// its attributes.
func Size(it Item) int {
	sum := 0
	if n := len(it.Body); n > 0 { // without making a string of it
		sum, it.Body = len("b")+n, nil
	}
	for a := range it.Attributes() {
		sum += a.size()
	}
	return sum
}

// Entry is what an index keeps of the item.
func (it Item) Entry(ix Index) Item {
	entry := Item{Key: it.Key, Kind: it.Kind}
	switch ix {
	case Due:
		entry.Due = it.Due
	case By:
		entry.By = it.By
	}
	return entry
}

func (a Attribute) size() int {
	if !a.Number {
		return len(a.Name) + len(a.Text)
	}
	digits := strings.TrimPrefix(a.Text, "-")
	n := 1 + len(a.Text) - len(digits)
	return len(a.Name) + n + (len(strings.TrimRight(digits, "0"))+1)/2
}

// ReadUnits is what reading so many bytes costs: one unit for each started 4
// KB, half of it when eventually consistent, and one when nothing is found.
func ReadUnits(bytes int, eventual bool) Units {
	n := max(1, math.Ceil(float64(bytes)/4096))
	if eventual {
		n /= 2
	}
	return Units{Read: n}
}

// WriteUnits is what an operation costs that turns before into after, nil
// being "no item": one unit for each started KB of the larger one, double in a
// transaction, and the same for each entry of an index that it adds, changes
// or removes, where moving is removing and adding. Entries are not doubled: AWS
// does not say, and the engine that the conformance suite runs against reports
// it so.
func WriteUnits(before, after *Item, transaction bool) Units {
	u := RefusedUnits(before, after, transaction)
	for _, ix := range []Index{Due, By} {
		u.Write += entryUnits(before, after, ix)
	}
	return u
}

// RefusedUnits is what an operation costs whose write was refused: as much,
// without the indexes.
func RefusedUnits(before, after *Item, transaction bool) Units {
	n := 0
	for _, it := range []*Item{before, after} {
		if it != nil {
			n = max(n, Size(*it))
		}
	}
	u := Units{Write: kilobytes(n)}
	if transaction {
		u.Write *= 2
	}
	return u
}

func entryUnits(before, after *Item, ix Index) float64 {
	old, was := entryOf(before, ix)
	now, is := entryOf(after, ix)
	from, to := old.Place(ix), now.Place(ix)
	switch {
	case !was && !is:
		return 0
	case !was:
		return kilobytes(Size(now))
	case !is:
		return kilobytes(Size(old))
	case from.PK != to.PK || from.SK != to.SK:
		return kilobytes(Size(old)) + kilobytes(Size(now))
	case from.Note != to.Note || old.Kind != now.Kind:
		return kilobytes(max(Size(old), Size(now)))
	}
	return 0
}

func entryOf(it *Item, ix Index) (Item, bool) {
	if it == nil || it.Place(ix).PK == "" {
		return Item{}, false
	}
	return it.Entry(ix), true
}

func kilobytes(bytes int) float64 { return max(1, math.Ceil(float64(bytes)/1024)) }

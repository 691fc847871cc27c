package table

import (
	"maps"
	"time"
)

// Verb is what an operation does.
type Verb int

// The verbs.
const (
	Putting Verb = iota + 1
	Updating
	Deleting
	Checking
)

// Op is one operation of a write: made by Put, Update, Delete and Check, read
// by implementations.
type Op struct {
	Verb   Verb
	Item   Item   // all of it when putting, else its Key alone
	Change Change // when updating
	Conds  []Cond // all have to hold
}

// Put stores the item, in place of the one that is there.
func Put(it Item, c ...Cond) Op { return Op{Verb: Putting, Item: it, Conds: c} }

// Update changes the item, and makes it when it is absent and no condition
// forbids that.
func Update(k Key, ch Change, c ...Cond) Op {
	return Op{Verb: Updating, Item: Item{Key: k}, Change: ch, Conds: c}
}

// Delete removes the item; that it is absent is no error.
func Delete(k Key, c ...Cond) Op { return Op{Verb: Deleting, Item: Item{Key: k}, Conds: c} }

// Check changes nothing, but the write happens only if its conditions hold.
func Check(k Key, c ...Cond) Op { return Op{Verb: Checking, Item: Item{Key: k}, Conds: c} }

// Change is what an update does; its zero value keeps everything.
type Change struct {
	Add     map[string]int64 // added to the counters
	Body    []byte           // nil keeps
	Version int64            // 0 keeps
	Kind    string           // "" keeps
	Due, By *Place           // nil keeps, the zero Place leaves the index
	Expires *time.Time       // nil keeps, the zero time is "never"
}

func (ch Change) empty() bool {
	return len(ch.Add) == 0 && ch.Body == nil && ch.Version == 0 && ch.Kind == "" &&
		ch.Due == nil && ch.By == nil && ch.Expires == nil
}

// Apply gives the item after the operation. Nil is "no item", before as after.
// What it gives shares no map with what it was given.
func (o Op) Apply(before *Item) *Item {
	switch o.Verb {
	case Putting:
		return o.Item.canonical()
	case Deleting:
		return nil
	case Updating:
		if before == nil {
			before = &Item{Key: o.Item.Key}
		}
		return o.Change.apply(*before).canonical()
	}
	return before
}

func (ch Change) apply(it Item) Item {
	if len(ch.Add) > 0 {
		sums := make(map[string]int64, len(it.Counters)+len(ch.Add))
		maps.Copy(sums, it.Counters)
		for name, n := range ch.Add {
			sums[name] += n
		}
		it.Counters = sums
	}
	if ch.Body != nil {
		it.Body = ch.Body
	}
	if ch.Version != 0 {
		it.Version = ch.Version
	}
	if ch.Kind != "" {
		it.Kind = ch.Kind
	}
	if ch.Due != nil {
		it.Due = *ch.Due
	}
	if ch.By != nil {
		it.By = *ch.By
	}
	if ch.Expires != nil {
		it.Expires = *ch.Expires
	}
	return it
}

// canonical is the item as every implementation gives it back: no empty body
// or map, times in whole seconds UTC.
func (it Item) canonical() *Item {
	if len(it.Body) == 0 {
		it.Body = nil
	}
	if len(it.Counters) == 0 {
		it.Counters = nil
	}
	it.Counters = maps.Clone(it.Counters)
	if !it.Expires.IsZero() {
		it.Expires = time.Unix(it.Expires.Unix(), 0).UTC()
	}
	return &it
}

// Holds says whether all conditions of the operation hold for the item before;
// nil is "no item".
func (o Op) Holds(before *Item) bool {
	for _, c := range o.Conds {
		if !c.holds(before) {
			return false
		}
	}
	return true
}

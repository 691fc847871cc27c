// Package table is the one door to stored data: a small DynamoDB-shaped
// interface of get, query and an all-or-nothing write. Package bolt keeps it in
// a file on this machine, package aws/dynamo in DynamoDB; a noun never sees
// which one it has. DynamoDB's limits hold in both, and both tell the Meter of
// the context how many write and read units each call consumed.
//
// Who stores what: every noun begins its partition keys with its own prefix
// (mail#, case#, survey#, evaluation, intake#, account#, municipality#, form#) and
// describes its keys in its package comment. Two partitions belong to nobody:
//
//	index due   due#0 … due#3   what has to be looked at, by time (DueAt)
//	index by    noun's own      a second way to find an item
//
// Indexes follow the table with a delay and project little: what they answer
// is a hint, and whoever acts on it reads the item first.
package table

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Name names one of the two tables.
type Name string

// Main holds everything; Answers holds survey answers alone, nothing in it
// leads to a person. Main is the zero Name, so that a key has one spelling.
const (
	Main    Name = ""
	Answers Name = "answers"
)

// String gives the name as people write it.
func (n Name) String() string {
	if n == Main {
		return "main"
	}
	return string(n)
}

// Key is where an item stands. Items of one PK are read together, in byte
// order of SK.
type Key struct {
	Table  Name
	PK, SK string
}

// String gives the key for logs and errors.
func (k Key) String() string { return k.Table.String() + ":" + k.PK + "/" + k.SK }

// Index names a sparse index of Main.
type Index string

// Primary is the table itself, Due what falls due by time, By a noun's own
// second way to find an item.
const (
	Primary Index = ""
	Due     Index = "due"
	By      Index = "by"
)

// Place is where an item stands in an index; the zero Place is "not in it".
// Several items may share a place. The Note travels with it, so keep it small.
type Place struct{ PK, SK, Note string }

// Item is what is stored under a key.
type Item struct {
	Key
	Version  int64            // counted by the writer; 0 is "not versioned"
	Kind     string           // the noun's name for this sort of item
	Body     []byte           // JSON; empty is none
	Counters map[string]int64 // a counter that is not there counts as 0
	Due, By  Place            // items of Answers stand in no index
	Expires  time.Time        // whole seconds; zero is "never"
}

// Place gives the item's place in an index.
func (it Item) Place(ix Index) Place {
	switch ix {
	case Due:
		return it.Due
	case By:
		return it.By
	}
	return Place{PK: it.PK, SK: it.SK}
}

// ExpiredAt says whether the item's time is over. An expired item counts as
// absent everywhere, conditions included; when it is removed is left open.
func (it Item) ExpiredAt(now time.Time) bool {
	return !it.Expires.IsZero() && it.Expires.Unix() <= now.Unix()
}

// Table is the door.
type Table interface {
	// Get reads one item, strongly consistent, or gives ErrNotFound.
	Get(ctx context.Context, k Key) (Item, error)
	// Query reads one page; All follows its cursors.
	Query(ctx context.Context, q Query) (Page, error)
	// Write does all of its operations or none. One operation is a plain write,
	// several are a transaction, which costs double.
	Write(ctx context.Context, ops ...Op) error
}

// The errors that callers tell apart; all other errors are faults.
var (
	ErrNotFound  = errors.New("table: no such item")
	ErrConflict  = errors.New("table: somebody else was faster, or a condition does not hold")
	ErrThrottled = errors.New("table: too many requests at the moment")
	ErrTooLarge  = errors.New("table: larger than a table can keep")
	ErrCursor    = errors.New("table: this cursor does not belong to this query")
	ErrKey       = errors.New("table: no item can have this key") // empty, too long or not UTF-8
)

// ConflictError is an ErrConflict that says which operation of the write it
// was.
type ConflictError struct {
	Op       int  // index into the operations of the write
	Collided bool // two transactions met: the same write may be tried again as it is
}

// Error names the operation.
func (e *ConflictError) Error() string {
	if e.Collided {
		return fmt.Sprintf("table: operation %d met another transaction", e.Op)
	}
	return fmt.Sprintf("table: the condition of operation %d does not hold", e.Op)
}

// Is makes it an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

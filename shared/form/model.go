package form

import (
	"time"

	"kokoma/shared/lang"
)

// Form is a compiled definition. It never changes and may be used by many at
// once.
type Form struct {
	ID      string
	Version string
	Hash    string // sha256 of the canonical definition, in hex
	Title   lang.Text

	canonical []byte
	nodes     []*node // all, in document order; a node's index is its number
	top       []*node
	byName    map[string]*node
	slots     int // how many nodes stand outside of rows
}

// Page is a top-level group.
type Page struct {
	Name  string
	Label lang.Text
}

// Choice is one answer of a list.
type Choice struct {
	Name  string
	Label lang.Text
}

// List is a choice list.
type List struct {
	Name    string
	Label   lang.Text // what it lists; zero for a form's own lists
	Choices []Choice
}

// Choice finds an answer by its name.
func (l List) Choice(name string) (Choice, bool) {
	for _, c := range l.Choices {
		if c.Name == name {
			return c, true
		}
	}
	return Choice{}, false
}

// Field describes a question for exports, scoring and roles.
type Field struct {
	Name       string
	Path       string // "actors.actor_label" inside a repeat, else the name
	Page       string // the top-level group it stands in, "" for none
	Repeat     string // the repeat it stands in, "" for none
	Type       string // text, integer, …, select_one, repeat
	Appearance string
	List       string // name of the choice list
	Choices    []Choice
	Label      lang.Text
	Hint       lang.Text
	Class      string // org case sens pers rec anon
	Construct  string
	Scale      string
	Reversed   bool
	Required   bool // always; a required field with a condition is not
}

// Env is the world around a form while it is judged or shown.
type Env struct {
	Today lang.Date
	Now   time.Time
	Lang  lang.Lang
	// Lookup knows the municipalities: the name for a key.
	Lookup func(key string) (label string, ok bool)
	// Search, when given, offers municipalities for what somebody typed.
	Search func(typed string) []Found
}

// Found is a municipality that a search came up with.
type Found struct {
	Key, Label string
}

// Package codebook says what a form asks, in words: every variable with its
// names, type, options, bounds and conditions.
package codebook

import "kokoma/shared/lang"

// Book is the codebook of one version of a form in one language.
type Book struct {
	FormID, Version, Hash string
	Title                 string
	Lang                  lang.Lang
	Entries               []Entry // in the order of the form
}

// Entry is a variable, or what stands between variables: a page, a group, a
// repeat, a note.
type Entry struct {
	Name    string
	Path    string   // with the repeats that it stands in: "actors.contacts.phone"
	Aliases []string // earlier names
	Page    string   // the label of its page
	Depth   int      // how many groups and repeats are around it
	// Structure says that it asks nothing: a page, a group, a note. A repeat is
	// structure, too, though its rows are answers.
	Structure bool
	Type      string // in words: "eine Auswahl"
	TypeCode  string // as authors write it: "select_one yn"

	Label, Hint, Guidance string
	Options               []Option
	List                  string // name of the choice list
	Bounds                string // in words

	// Conditions in words.
	Relevant          string
	Required          string // "ja", or when
	Constraint        string
	ConstraintMessage string
	Calculation       string
	Default           string
	ChoiceFilter      string
	Rows              string // how many rows a repeat has
	Checks            []Check

	Scale, Construct, Reversed string
	Indicator, Wave            string
	Role, Step                 string
	Class, Sensitive           string // Class in words
	ClassCode                  string // org case sens pers rec anon
}

// Option is a choice with its code.
type Option struct {
	Code, Label string
}

// Check is one of the further rules: when it holds, people see the message.
type Check struct {
	When, Level, Message string
}

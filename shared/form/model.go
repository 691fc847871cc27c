package form

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// Form is a compiled definition. It never changes and may be used by many at
// once.
type Form struct {
	ID      string
	Version string
	Hash    string // sha256 of the canonical definition, in hex
	Title   lang.Text

	model *model.Form
}

// Page is a top-level group.
type Page struct {
	Name  string
	Label lang.Text
}

// Choice is one answer of a list, List a choice list.
type (
	Choice = define.Choice
	List   = define.List
)

// Lists are the choice lists that every definition may name: the OL-… lists
// of the domain, its scales, and YN.
func Lists() map[string]List {
	lists, _ := define.Lists() // a test reads the file
	return maps.Clone(lists)
}

// Field describes a question for exports, scoring and roles.
type Field struct {
	Name       string
	Path       string // "actors.contacts.phone" inside repeats, else the name
	Page       string // the top-level group it stands in, "" for none
	Repeat     string // the innermost repeat it stands in, "" for none
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
	Required   bool     // always; a required field with a condition is not
	Aliases    []string // earlier names of the variable
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
type Found = entry.Found

// Option changes how Compile reads.
type Option func(*options)

type options struct {
	stored bool
}

// Stored is for canonical definitions that were published before: keys that
// this version does not know are passed over, and lists are taken from the
// definition even if the shipped ones have changed since.
func Stored() Option { return func(o *options) { o.stored = true } }

// Definition is a form as its author wrote it.
type Definition = define.Definition

// Finding is a fault or a warning about a definition, with its Place.
type (
	Finding = define.Finding
	Place   = define.Place
)

// Compile reads a definition in YAML and checks all of it, as what we ship must
// be: warnings count as faults. name is how people find the file; every fault
// begins with it and the line, and all are reported at once.
func Compile(name string, src []byte, o ...Option) (*Form, error) {
	var opt options
	for _, set := range o {
		set(&opt)
	}
	f, found, err := Examine(name, src, o...)
	if err != nil || f != nil && opt.stored { // with its warnings it was let through before
		return f, err
	}
	var faults []error
	for _, one := range found {
		faults = append(faults, one)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return f, nil
}

// Examine reads a definition in YAML and says all that is to be said about it;
// the form is nil when it can't be used as it is.
func Examine(name string, src []byte, o ...Option) (*Form, []*Finding, error) {
	var opt options
	for _, set := range o {
		set(&opt)
	}
	r := &define.Report{File: name}
	d := define.ReadYAML(src, opt.stored, r)
	if d == nil {
		return nil, r.Findings(), nil
	}
	return assemble(d, r, opt)
}

// ExamineDefinition does the same for a definition that was read elsewhere,
// from a workbook, with what was found there; nil is one that could not be read.
func ExamineDefinition(d *Definition, r *define.Report) (*Form, []*Finding, error) {
	if d == nil {
		return nil, r.Findings(), nil
	}
	return assemble(d, r, options{})
}

func assemble(d *Definition, r *define.Report, opt options) (*Form, []*Finding, error) {
	m, err := model.Compile(d, r, opt.stored)
	if err != nil {
		return nil, nil, err
	}
	if m == nil {
		return nil, r.Findings(), nil
	}
	return &Form{
		ID: m.Settings.ID, Version: m.Settings.Version, Hash: m.Hash, Title: m.Settings.Title, model: m,
	}, r.Findings(), nil
}

// Load compiles a definition that is embedded or on disk.
func Load(fsys fs.FS, name string) (*Form, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("reading the form %s: %w", name, err)
	}
	return Compile(name, src)
}

package evaluation

import (
	"embed"
	"errors"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/survey/disclosure"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Texts, and what the pages are made of.
var (
	//go:embed texts.yaml
	Texts embed.FS
	//go:embed tmpl/*.html
	templates embed.FS
)

// Wave is one survey form, asked in several municipalities, with what is published over all of them.
type Wave struct {
	Form   string  `json:"form"`
	Taken  int     `json:"taken"` // surveys in it so far, which is the number of the last
	Made   int     `json:"made"`  // how many of them the values were made of
	Values []Value `json:"values,omitempty"`
}

// Value is a construct over all municipalities of a wave that have a value of their own, as it was last
// published: it may be behind the surveys that have closed (over.go).
type Value struct {
	Construct      string              `json:"construct"`
	Withheld       disclosure.Withheld `json:"withheld,omitempty"`
	Municipalities int                 `json:"municipalities"`
	Last           int                 `json:"last,omitempty"` // number of the last survey when it was published; 0: never yet
	As             lang.Date           `json:"as,omitzero"`    // the last day of the surveys in it
	N              int                 `json:"n,omitempty"`
	Unweighted     float64             `json:"unweighted,omitempty"` // each municipality counts once: the headline
	Weighted       float64             `json:"weighted,omitempty"`   // each answer counts once
}

// Entry names an evaluated survey on the lists.
type Entry struct {
	ID   string    `json:"id"`
	Form string    `json:"form"`
	Name string    `json:"name"` // of the municipality
	To   lang.Date `json:"to"`
}

// order of the waves, as they are asked.
var order = []string{"S_T0", "S_PULSE", "S_T1", "S_T2"}

// Deps is what the noun works with.
type Deps struct {
	Table       table.Table
	Site        *web.Site
	Instruments *instrument.Set // nil: the shipped ones
	Library     *form.Library   // versions of the surveys that the office published; nil: none
}

// Service is the noun.
type Service struct {
	Deps
	pages *web.Pages
}

// New returns the noun.
func New(d Deps) (*Service, error) {
	if d.Table == nil || d.Site == nil {
		return nil, errors.New("evaluation: table and site are needed")
	}
	if d.Instruments == nil {
		d.Instruments = survey.Instruments()
	}
	return &Service{Deps: d, pages: d.Site.Pages(templates)}, nil
}

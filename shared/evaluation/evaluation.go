package evaluation

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"

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

// Overview is everything over all municipalities, by wave. It is made of snapshots and of the steps in
// which they were published, so making it again gives the same.
type Overview struct {
	Waves []Wave `json:"waves"`
}

// Wave is one survey form, asked in several municipalities.
type Wave struct {
	Form    string  `json:"form"`
	Values  []Value `json:"values,omitempty"`
	Surveys []Entry `json:"surveys"`
}

// Value is a construct over all municipalities of a wave that have a value of their own, as it was last
// published: it may be behind the surveys that have closed (over.go).
type Value struct {
	Construct      string              `json:"construct"`
	Withheld       disclosure.Withheld `json:"withheld,omitempty"`
	Municipalities int                 `json:"municipalities"`
	As             lang.Date           `json:"as,omitzero"` // the last day of the surveys in it
	N              int                 `json:"n,omitempty"`
	Unweighted     float64             `json:"unweighted,omitempty"` // each municipality counts once: the headline
	Weighted       float64             `json:"weighted,omitempty"`   // each answer counts once
}

// Entry names a closed survey.
type Entry struct {
	ID     string    `json:"id"`
	Case   string    `json:"case"`
	CaseNo string    `json:"no,omitempty"`
	Key    string    `json:"key,omitempty"`
	Name   string    `json:"name"`
	To     lang.Date `json:"to"`
	Step   int       `json:"step,omitempty"` // the publication over all that it came in with; 0: none yet
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

// maxTries is how often the overview is made anew when another survey closed at the same moment.
const maxTries = 10

// Closed takes a survey that has closed into the overview. It may be called again with the same survey,
// and has to be when the process died: it makes the whole overview from the snapshots each time.
func (x *Service) Closed(ctx context.Context, surveyID string, _ time.Time) error {
	for range maxTries {
		old, version, err := x.overview(ctx)
		if err != nil {
			return err
		}
		now, err := x.build(ctx, old.with(surveyID), old.steps())
		if err != nil {
			return err
		}
		err = x.Table.Write(ctx, put(now, version))
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("taking survey %s into the evaluation: %w", surveyID, table.ErrConflict)
}

// with lists the surveys of the overview and one more.
func (o Overview) with(id string) []string {
	ids := []string{id}
	for _, w := range o.Waves {
		for _, s := range w.Surveys {
			if s.ID != id {
				ids = append(ids, s.ID)
			}
		}
	}
	return ids
}

func (x *Service) build(ctx context.Context, ids []string, done steps) (Overview, error) {
	byForm := map[string][]survey.Snapshot{}
	for _, id := range ids {
		snap, err := survey.LoadSnapshot(ctx, x.Table, id)
		if err != nil {
			return Overview{}, fmt.Errorf("making the overview: %w", err)
		}
		byForm[snap.Form] = append(byForm[snap.Form], snap)
	}
	return overviewOf(disclosure.Standard(), byForm, done), nil
}

// overviewOf is pure: the same snapshots and steps give the same overview, in whatever order they come.
func overviewOf(ru disclosure.Rules, byForm map[string][]survey.Snapshot, done steps) Overview {
	var o Overview
	for key, snaps := range byForm {
		slices.SortFunc(snaps, func(a, b survey.Snapshot) int {
			return cmp.Or(b.To.Compare(a.To), cmp.Compare(a.Municipality.Name, b.Municipality.Name), cmp.Compare(a.Survey, b.Survey))
		})
		w := Wave{Form: key}
		over := wave{ru, snaps, done}.renewed()
		w.Values = over.values()
		for _, s := range snaps {
			w.Surveys = append(w.Surveys, Entry{
				ID: s.Survey, Case: s.Case, CaseNo: s.CaseNo, Key: s.Municipality.Key, Name: s.Municipality.Name, To: s.To, Step: over.done[s.Survey],
			})
		}
		o.Waves = append(o.Waves, w)
	}
	slices.SortFunc(o.Waves, func(a, b Wave) int {
		return cmp.Or(cmp.Compare(rank(a.Form), rank(b.Form)), cmp.Compare(a.Form, b.Form))
	})
	return o
}

func rank(form string) int {
	if i := slices.Index(order, form); i >= 0 {
		return i
	}
	return len(order)
}

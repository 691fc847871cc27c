package page

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// fill is what the case itself knows and puts into a form, as long as nothing was
// saved. The first draft keeps it, so that who confirms figures sees the same
// ones again.
func (x *Service) fill(ctx context.Context, v *Visit) (form.Answers, error) {
	switch v.T.Source {
	case process.FromFigures:
		return x.figures(ctx, v)
	case process.FromPeople:
		return x.people(v), nil
	}
	return nil, nil
}

// figures are those of the quarter before the report was asked for.
func (x *Service) figures(ctx context.Context, v *Visit) (form.Answers, error) {
	s := v.Case.State
	steps, err := x.AllSteps(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("counting what a report says: %w", err)
	}
	records, err := x.Records(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("counting what a report says: %w", err)
	}
	s.Steps, s.Records = steps, map[string]process.Record{}
	for _, r := range records {
		s.Records[r.ID] = r
	}
	return s.Figures(v.Case.Def, process.QuarterBefore(v.Step.Opened)), nil
}

// people are who holds which role today, in the language of the case. Links are opened
// by scanners too, so addresses are shortened.
func (x *Service) people(v *Visit) form.Answers {
	var rows []form.Answers
	today := lang.DateOf(v.Case.Now(x.Now()))
	for _, role := range slices.Sorted(maps.Keys(v.Case.People)) {
		for _, h := range v.Case.People[role] {
			if !h.Holds(today) {
				continue
			}
			rows = append(rows, form.Answers{
				"person_role": {Text: x.Site.Catalog.T(v.Case.Head.Lang, "workflow.role."+role)}, "person_name": {Text: h.Name},
				"person_contact": {Text: Masked(h.Email)}, "person_deputy": {Text: Masked(h.Deputy)},
			})
		}
	}
	return form.Answers{"people": {Rows: rows}, "people_count": {Text: strconv.Itoa(len(rows))}}
}

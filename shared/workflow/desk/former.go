package desk

import (
	"context"
	"errors"
	"maps"
	"slices"

	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// This file tells of what a move to another version of the process left behind.

// addFormer adds the steps that the version of the case has no more to their
// phases, as they were left.
func (x *Service) addFormer(ctx context.Context, p *casePage, d *desk) error {
	for _, key := range slices.Sorted(maps.Keys(d.Head.Steps)) {
		st, ok := d.Current(key)
		if !ok || d.Def.Template(key) != nil {
			continue
		}
		row := stepRow{Key: key, State: p.T("workflow.state." + string(st.State)), Kind: stateKind[st.State]}
		t, err := x.TemplateOf(ctx, d.Record, st)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return err
		}
		if t != nil {
			row = x.stepRow(p.Page, d, t)
		}
		row.Title += " " + p.T("workflow.case.former")
		if at := slices.IndexFunc(p.Phases, func(ph phaseRows) bool { return ph.Code == key[:1] }); at >= 0 {
			p.Phases[at].Steps = append(p.Phases[at].Steps, row)
		}
	}
	return nil
}

// titleOf is how the history calls a step.
func titleOf(p web.Page, d *desk, key string) string {
	if t := d.Def.Template(key); t != nil {
		return t.Key + " " + p.In(t.Title)
	}
	return key
}

// merelyCarried says that nothing became of a step but that it goes on.
func merelyCarried(e process.Event) bool {
	return e.Kind == process.Carried && e.Into == (process.Ref{}) && e.Due.IsZero()
}

func (x *Service) carried(p web.Page, d *desk, title string, e process.Event) string {
	switch {
	case e.Into == (process.Ref{}):
		return p.T("workflow.history.carried.due", title, p.Short(e.Due))
	case e.Due.IsZero():
		return p.T("workflow.history.carried", title, titleOf(p, d, e.Into.Step))
	}
	return p.T("workflow.history.carried.both", title, titleOf(p, d, e.Into.Step), p.Short(e.Due))
}

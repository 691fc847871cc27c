package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// showRound is a step as it was answered in an earlier iteration: last month's
// status, the meeting before, what was returned.
func (x *Service) showRound(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	t := d.Def.Template(r.PathValue("step"))
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || t == nil || !t.HasForm() || !d.overview() {
		return web.ErrNotFound
	}
	if n == d.Head.Steps[t.Key].Iteration {
		return web.Redirect(w, r, stepPath(d.ID, t.Key))
	}
	st, err := x.Step(r.Context(), d.ID, process.Ref{Step: t.Key, Iteration: n})
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	v := &page.Visit{Case: d.Record, ID: d.ID, Step: st, User: d.user, Lang: lang.From(r.Context())}
	if err := x.Prepare(r.Context(), v); err != nil {
		return err
	}
	return x.showAnswers(w, r, d, v)
}

func stepPath(caseID, step string) string { return "/vorgaenge/" + caseID + "/schritte/" + step }

// isNow says whether a visit is to the step in its present iteration.
func (d *desk) isNow(v *page.Visit) bool {
	return d.Head.Steps[v.T.Key].Iteration == v.Step.Iteration
}

// stateOf is the state of the step in words, and how it looks.
func (x *Service) stateOf(p web.Page, d *desk, v *page.Visit) (text, kind string) {
	if d.isNow(v) {
		row := x.stepRow(p, d, v.T)
		return row.State, row.Kind
	}
	round := p.T("workflow.case.again", v.Step.Iteration)
	return round + ", " + p.T("workflow.state."+string(v.Step.State)), stateKind[v.Step.State]
}

// answersActions are what can be done with answers: nothing with those of an
// earlier iteration, but a report can always be printed.
func (x *Service) answersActions(p web.Page, d *desk, v *page.Visit) []page.Link {
	var out []page.Link
	if v.T.Source == process.FromFigures && v.Step.State == process.Done {
		out = append(out, page.Link{Path: reportPath(d.ID, v.Step.Iteration), Label: p.T("workflow.report.open")})
	}
	if d.isNow(v) {
		out = append(out, x.stepActions(p, d, v)...)
	}
	return out
}

// rounds lead to the step in its other iterations, the newest first.
func (x *Service) rounds(ctx context.Context, p web.Page, d *desk, v *page.Visit) ([]page.Link, error) {
	last := d.Head.Steps[v.T.Key].Iteration
	if last < 2 || !d.overview() {
		return nil, nil
	}
	all, err := x.AllSteps(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	var out []page.Link
	if v.Step.Iteration != last {
		out = append(out, page.Link{Path: stepPath(d.ID, v.T.Key), Label: p.T("workflow.rounds.now")})
	}
	for n := last - 1; n > 0; n-- {
		st, ok := all[process.Ref{Step: v.T.Key, Iteration: n}]
		if !ok || st.At.IsZero() || n == v.Step.Iteration {
			continue
		}
		out = append(out, page.Link{
			Path:  stepPath(d.ID, v.T.Key) + "/durchgang/" + strconv.Itoa(n),
			Label: p.T("workflow.rounds.one", n, p.T("workflow.state."+string(st.State)), p.Short(lang.DateOf(st.At))),
		})
	}
	return out, nil
}

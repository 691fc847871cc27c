package desk

import (
	"net/url"
	"slices"
	"strings"

	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// perHistory is how many lines of a history a page shows.
const perHistory = 30

type historyRow struct {
	When, Text, Reason string
	step               string
}

// pastPage is the history of a case, of one step or of all.
type pastPage struct {
	paging
	Rows  []historyRow
	Steps []option
}

// past is the part of the history that was asked for.
func (x *Service) past(p web.Page, d *desk, rows []process.Row, q url.Values) pastPage {
	all := x.tell(p, d, rows)
	step := q.Get("verlauf")
	out := pastPage{}
	for _, t := range d.Def.Templates {
		if slices.ContainsFunc(all, func(h historyRow) bool { return h.step == t.Key }) {
			out.Steps = append(out.Steps, option{t.Key, t.Key + " " + p.In(t.Title), t.Key == step})
		}
	}
	found := keep(all, func(h historyRow) bool { return step == "" || h.step == step })
	out.Rows, out.paging = turn(found, perHistory, "/vorgaenge/"+d.ID, q)
	for _, way := range []*string{&out.Previous, &out.Next} {
		if *way != "" {
			*way += "#verlauf"
		}
	}
	return out
}

// tell writes what happened in words, newest first.
func (x *Service) tell(p web.Page, d *desk, rows []process.Row) []historyRow {
	slices.SortStableFunc(rows, func(a, b process.Row) int { return a.At.Compare(b.At) })
	var out []historyRow
	for _, row := range rows {
		for _, e := range row.Events {
			if e.Kind == process.Rested || e.Kind == process.Resumed || e.Kind == process.Reopened || merelyCarried(e) || e.Kind == process.Configured && e.Step != "" {
				continue // the case's own line, or the step's opening, says it
			}
			out = append(out, historyRow{
				When: p.DateTime(row.At), Text: x.sentence(p, d, row, e), Reason: x.Reason(p, d.Def, e.Reason), step: e.Step,
			})
		}
	}
	slices.Reverse(out)
	return out
}

func (x *Service) sentence(p web.Page, d *desk, row process.Row, e process.Event) string {
	title := titleOf(p, d, e.Step)
	if e.Iteration > 1 {
		title = p.T("workflow.history.again", title, e.Iteration)
	}
	by := p.T("workflow.role." + row.By.Role)
	if row.By.For != "" {
		by = p.T("workflow.history.for", by, p.T("workflow.role."+row.By.For))
	}
	if text := x.ofPeople(p, d, e, title, by); text != "" {
		return text
	}
	return x.happened(p, d, row, e, title, by)
}

// happened is the sentence on what is not about people.
func (x *Service) happened(p web.Page, d *desk, row process.Row, e process.Event, title, by string) string {
	key := "workflow.history." + string(e.Kind)
	if e.Record != "" {
		return ofRecord(p, d, e, key, by)
	}
	switch e.Kind {
	case process.Scheduled:
		return p.T(key, title, p.Short(e.On))
	case process.Opened:
		return opened(p, row, e, title, by)
	case process.Extended:
		return p.T(key, title, p.Short(e.Due), by)
	case process.StatusChanged:
		return status(p, row, e, key, by)
	case process.Reminded:
		if slices.Equal(e.Roles, []string{"SVC"}) {
			return p.T("workflow.history.tandem.office", title)
		}
		return p.T("workflow.history."+stageName(e.Stage), title)
	case process.Moved:
		return p.T(key, e.Process, by)
	case process.Carried:
		return x.carried(p, d, title, e)
	case process.Settled:
		return settled(p, d, e, key, by)
	case process.Started, process.Configured:
		return p.T(key, by)
	case process.Closed:
		if row.Events[0].Kind == process.Moved {
			key += ".moved"
		}
		return p.T(key, title)
	case process.SafetyRaised, process.Unscheduled:
		return p.T(key, title)
	}
	return p.T(key, title, by)
}

// opened says by when a step is to be done, why nobody is asked, and who opened
// again what was done.
func opened(p web.Page, row process.Row, e process.Event, title, by string) string {
	key, args := "workflow.history.opened", []any{title}
	again := slices.ContainsFunc(row.Events, func(o process.Event) bool { return o.Kind == process.Reopened && o.Ref() == e.Ref() })
	if again {
		key = "workflow.history.reopened"
	}
	switch {
	case e.Due.IsZero():
		key += ".any"
	case e.Gap == "":
		args = append(args, p.Short(e.Due))
	default:
		key, args = key+".gap", append(args, p.Short(e.Due), p.T("workflow.gap."+string(e.Gap)))
	}
	if again {
		args = append(args, by)
	}
	return p.T(key, args...)
}

// status also says by how much dates moved when a case goes on.
func status(p web.Page, row process.Row, e process.Event, key, by string) string {
	lost := 0
	for _, o := range row.Events {
		if o.Kind == process.Resumed {
			lost = max(lost, o.WT)
		}
	}
	to := p.T("workflow.status." + string(e.Status))
	switch lost {
	case 0:
		return p.T(key, to, by)
	case 1:
		return p.T(key+".day", to, by)
	}
	return p.T(key+".days", to, lost, by)
}

// ofRecord says which agreement or document it is about, as it is called now.
func ofRecord(p web.Page, d *desk, e process.Event, key, by string) string {
	kind, _, _ := strings.Cut(e.Record, "#")
	what, state, name := p.T("workflow.record.kind."+kind), p.T("workflow.record.state."+e.To), p.In(d.Records[e.Record].Title)
	if name == "" {
		return p.T(key, what, state, by)
	}
	return p.T(key+".of", what, state, name, by)
}

// settled says of which agreement or step a task was, where it was of one.
func settled(p web.Page, d *desk, e process.Event, key, by string) string {
	kind, of, _ := strings.Cut(e.Task, "#")
	step, _, _ := strings.Cut(of, "#")
	why, name := p.T("workflow.why."+kind), p.In(d.Records[e.Task].Title)
	if name == "" && d.Def.Template(step) != nil {
		name = titleOf(p, d, step)
	}
	if name == "" {
		return p.T(key, why, by)
	}
	return p.T(key+".of", name, why, by)
}

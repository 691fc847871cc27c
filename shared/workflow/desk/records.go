package desk

import (
	"context"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// recordParam names the agreement or document that an action is about.
const recordParam = "eintrag"

// setRecordPath is where somebody says what became of an agreement or document.
func setRecordPath(caseID string, r process.Record) string {
	return "/vorgaenge/" + caseID + "/stand?" + recordParam + "=" + strings.ReplaceAll(r.ID, "#", ".")
}

// toReview is the agreement that a task asks to look at again; false for other
// tasks, and where nothing can be said of it any more.
func (x *Service) toReview(ctx context.Context, d *desk, task string) (process.Record, bool, error) {
	if !strings.HasPrefix(task, cases.TaskReview+"#") {
		return process.Record{}, false, nil
	}
	list, err := x.Records(ctx, d.ID)
	at := slices.IndexFunc(list, func(r process.Record) bool { return r.ID == task })
	if err != nil || at < 0 {
		return process.Record{}, false, err
	}
	return list[at], d.maySet(list[at]), nil
}

// maySet says whether the person says what became of a record.
func (d *desk) maySet(r process.Record) bool {
	return d.has(command.RecordRoles()...) && r.MaySet(d.Head.Status)
}

// recordAction is the action about one of the case's records.
func (x *Service) recordAction(ctx context.Context, d *desk, name string) (action, error) {
	list, err := x.Records(ctx, d.ID)
	if err != nil {
		return action{}, err
	}
	at := slices.IndexFunc(list, func(r process.Record) bool { return strings.ReplaceAll(r.ID, "#", ".") == name })
	if at < 0 || !list[at].MaySet(d.Head.Status) {
		return action{}, web.ErrNotFound
	}
	rec := list[at]
	return action{
		name: "stand", roles: command.RecordRoles(), about: rec.Title, choices: rec.Moves(),
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.SetRecord{Meta: m, Record: rec.ID, State: a.Text("state"), Reason: reasonOf(a)}
		},
	}, nil
}

// onlyChoices leaves out of the selects what can't be chosen now.
func onlyChoices(v form.View, allowed []string) {
	for _, it := range v.Items {
		if it.Select != nil {
			it.Select.Options = slices.DeleteFunc(it.Select.Options, func(o form.Offer) bool { return !slices.Contains(allowed, o.Value) })
		}
	}
}

// recordRow is an agreement or a document on the case's page.
type recordRow struct {
	Kind, Title, Version string
	State, Since, Due    string
	Path                 string // to say what became of it
}

// recordRows reads what the case's steps left behind; the history names it.
func (x *Service) recordRows(ctx context.Context, p web.Page, d *desk) ([]recordRow, error) {
	list, err := x.Records(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	var out []recordRow
	d.Records = map[string]process.Record{}
	for _, r := range list {
		d.Records[r.ID] = r
		row := recordRow{
			Kind: p.T("workflow.record.kind." + r.Kind), Title: p.In(r.Title), Version: r.Version,
			State: p.T("workflow.record.state." + r.State), Since: p.Short(r.Since), Due: p.Short(r.Due),
		}
		if d.maySet(r) {
			row.Path = setRecordPath(d.ID, r)
		}
		out = append(out, row)
	}
	return out, nil
}

package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// taskRow is a line of somebody's open work.
type taskRow struct {
	Path, Title      string
	No, Municipality string
	Due              string
	Late             bool
	Why              string // in words, when it is not simply a step to do
	sort             string
}

type tasksPage struct {
	web.Page
	Rows   []taskRow
	Office bool
}

// showTasks lists what waits for the person who is signed in, by due date.
func (x *Service) showTasks(w http.ResponseWriter, r *http.Request) error {
	p := tasksPage{Page: x.Site.Page(r, "workflow.tasks.title")}
	u := p.User
	p.Office = u.HasIn("", "SVC")
	var err error
	if p.Office {
		p.Rows, err = x.officeTasks(r.Context(), p.Page)
	} else {
		p.Rows, err = x.ownTasks(r.Context(), p.Page, u)
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(p.Rows, func(a, b taskRow) int { return cmp.Compare(a.sort, b.sort) })
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "tasks", p)
}

// officeTasks reads the service office's desk: its own steps, steps of nobody,
// what is long overdue, and what is no step.
func (x *Service) officeTasks(ctx context.Context, p web.Page) ([]taskRow, error) {
	d, err := x.Current()
	if err != nil {
		return nil, err
	}
	all, err := x.Desk(ctx)
	if err != nil {
		return nil, err
	}
	today := lang.DateOf(x.Now())
	var out []taskRow
	for _, on := range all {
		row := taskRow{
			Path: "/vorgaenge/" + on.ID, Title: on.Step, No: on.No, Municipality: on.Name,
			Due: p.Short(on.Due), Late: !on.Due.IsZero() && on.Due.Before(today), sort: on.Order,
		}
		if t := d.Template(on.Step); t != nil {
			row.Title = p.In(t.Title)
		}
		if on.IsStep {
			row.Path += "/schritte/" + on.Step
		}
		if on.Why != cases.WhyOwn {
			row.Why = p.T("workflow.why." + on.Why)
		}
		if on.Gap != "" {
			row.Why = p.T("workflow.gap." + string(on.Gap))
		}
		out = append(out, row)
	}
	return out, nil
}

// ownTasks reads the open steps of the cases in which the person holds a role.
func (x *Service) ownTasks(ctx context.Context, p web.Page, u *web.User) ([]taskRow, error) {
	cases, err := x.mine(ctx, u)
	if err != nil {
		return nil, err
	}
	today := lang.DateOf(x.Now())
	var out []taskRow
	for _, c := range cases {
		if !c.Head.Status.Running() {
			continue
		}
		if err := x.Want(ctx, c.Record, c.Head.Open()...); err != nil {
			return nil, err
		}
		for _, ref := range c.Head.Open() {
			st, ok := c.Steps[ref]
			t := c.Def.Template(ref.Step)
			if !ok || t == nil || !c.asks(t, st) {
				continue
			}
			out = append(out, taskRow{
				Path:  "/vorgaenge/" + c.ID + "/schritte/" + ref.Step,
				Title: p.In(t.Title), No: c.Head.No, Municipality: c.Head.Municipality.Name,
				Due: p.Short(st.Due), Late: st.Late(today), sort: st.Due.String() + c.Head.No + ref.Step,
			})
		}
	}
	return out, nil
}

// asks says whether a step waits for this person: by role, or because it was
// handed over to their address.
func (d *desk) asks(t *process.Template, st process.Step) bool {
	email := process.Address(d.user.Email)
	if slices.ContainsFunc(cases.Recipients(st), func(a process.Asked) bool { return a.Email == email }) {
		return true
	}
	return d.doer(t) != ""
}

// mine reads the cases in which a person holds a role. The list of all cases
// carries short hashes of addresses, so that only these cases are read.
func (x *Service) mine(ctx context.Context, u *web.User) ([]*desk, error) {
	all, err := x.List(ctx)
	if err != nil {
		return nil, err
	}
	hash, today := cases.WhoHash(process.Address(u.Email)), lang.DateOf(x.Now())
	var out []*desk
	for _, l := range all {
		may := slices.ContainsFunc(u.Roles, func(r web.Role) bool {
			return r.Municipality != "" && slices.Contains([]string{l.ID, l.No, l.Key}, r.Municipality)
		})
		if !may && !slices.Contains(l.Who, hash) {
			continue
		}
		c, err := x.Load(ctx, l.ID)
		if err != nil {
			return nil, err
		}
		if d := (&desk{Record: c, user: u, roles: held(u, c, today), today: today}); len(d.roles) > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

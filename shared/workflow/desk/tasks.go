package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// The views of the open work.
const (
	viewMine    = ""
	viewTowns   = "kommunen"
	viewOverdue = "ueberfaellig"
	viewRole    = "rolle"
)

// work is something to be done, as far as the list needs it before its page is
// cut out.
type work struct {
	id, no, name string // of the case
	step         string
	due          lang.Date
	order        string // by date
	why          string // a reason of the service office's desk
	gap          process.Gap
	task         string // its name, of what is no step
	mine, over   bool   // over: the case has ended
}

// workload is all open work that a person may see.
type workload struct {
	def   *process.Definition
	all   []work
	desks map[string]*desk // the cases that were read on the way, by id
}

// taskRow is a line of the open work.
type taskRow struct {
	Path, Title      string
	No, Municipality string
	CasePath         string
	Who, Since, Due  string
	Nobody           string // that nobody is asked, and why
	Late             string // in working days
	Why              string // it is on this list
	WhyKind          string
	Nudge            string // names the step if somebody can be reminded of it
	Nudged           bool   // somebody was, today
	Chosen           bool
}

type tasksPage struct {
	web.Page
	paging
	Views, Roles []choice
	Lead         string
	Rows         []taskRow
	Office       bool
	Empty        string
	Sort         choice // turns the order round
	ChooseAll    string // chooses all rows of which can be reminded
	Reminded     string // what the reminders led to that were just sent
}

// showTasks lists open work, by due date.
func (x *Service) showTasks(w http.ResponseWriter, r *http.Request) error {
	p := tasksPage{Page: x.Site.Page(r, "workflow.tasks.title")}
	p.Office = p.User.HasIn("", "SVC")
	l, err := x.workload(r.Context(), p.User)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	view, role := q.Get("sicht"), q.Get("rolle")
	p.Views, p.Roles = l.views(p.Page, q, x.today())
	p.Lead, p.Empty = p.T("workflow.tasks.lead."+viewName(view, p.Office)), p.T("workflow.tasks.empty."+viewName(view, p.Office))
	shown := keep(l.all, func(o work) bool { return l.in(o, view, role, x.today()) })
	latest := q.Get("sort") == "spaet"
	l.sort(shown, latest)
	p.Sort = otherOrder(p.Page, q, latest)
	shown, p.paging = turn(shown, perPage, "/aufgaben", q)
	if p.Rows, err = x.taskRows(r.Context(), p.Page, l, shown, q.Has("auswahl")); err != nil {
		return err
	}
	if slices.ContainsFunc(p.Rows, func(t taskRow) bool { return t.Nudge != "" }) {
		p.ChooseAll = with("/aufgaben", q, "auswahl", "alle")
	}
	p.Reminded = reminded(p.Page, q)
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "tasks", p)
}

// sort sorts by date: first of all what is about danger, and last what a case
// that is over has left.
func (l *workload) sort(shown []work, latest bool) {
	slices.SortStableFunc(shown, func(a, b work) int {
		first := cmp.Compare(l.rank(a), l.rank(b))
		if latest {
			a, b = b, a
		}
		return cmp.Or(first, cmp.Compare(a.order, b.order))
	})
}

func (l *workload) rank(o work) int {
	t := l.def.Template(o.step)
	switch {
	case o.why == cases.TaskSafety, o.task == "" && t != nil && t.OpensOn == process.OnSafety:
		return 0
	case o.why == cases.TaskReview && o.over:
		return 2
	}
	return 1
}

// viewName names a view in texts.
func viewName(view string, office bool) string {
	switch view {
	case viewTowns, viewOverdue, viewRole:
		return view
	}
	if office {
		return "office"
	}
	return "mine"
}

func otherOrder(p web.Page, q url.Values, latest bool) choice {
	if latest {
		return choice{Path: with("/aufgaben", q, "sort", ""), Label: p.T("workflow.tasks.earliest")}
	}
	return choice{Path: with("/aufgaben", q, "sort", "spaet"), Label: p.T("workflow.tasks.latest")}
}

// in says whether a piece of work is in a view. What can be done at any time is
// no work that waits: the case page offers it.
func (l *workload) in(o work, view, role string, today lang.Date) bool {
	if o.task == "" && o.due.IsZero() {
		return false
	}
	switch view {
	case viewTowns:
		return o.task == "" && l.known(o)
	case viewOverdue:
		return o.task == "" && o.due.Before(today)
	case viewRole:
		t := l.def.Template(o.step)
		return o.task == "" && t != nil && (role == "" || t.ActsFor(role))
	}
	return o.mine
}

// known says whether the person sees the case and not only this step.
func (l *workload) known(o work) bool {
	d := l.desks[o.id]
	return d == nil || d.overview()
}

// views are the ways to the views, with how much is in each, and the roles of
// the last one.
func (l *workload) views(p web.Page, q url.Values, today lang.Date) (views, roles []choice) {
	count := func(view, role string) int {
		return len(keep(l.all, func(o work) bool { return l.in(o, view, role, today) }))
	}
	base := url.Values{"sort": q["sort"]}
	for _, v := range []string{viewMine, viewTowns, viewOverdue, viewRole} {
		c := choice{
			Path: with("/aufgaben", base, "sicht", v), Label: p.T("workflow.tasks.view." + cmp.Or(v, "mine")),
			Count: count(v, ""), Current: q.Get("sicht") == v,
		}
		if v == viewRole && c.Current {
			roles = append(roles, choice{Path: c.Path, Label: p.T("workflow.cases.all"), Count: c.Count, Current: q.Get("rolle") == ""})
		}
		views = append(views, c)
	}
	if q.Get("sicht") != viewRole {
		return views, nil
	}
	base.Set("sicht", viewRole)
	for _, role := range taskRoles {
		if n := count(viewRole, role); n > 0 || q.Get("rolle") == role {
			roles = append(roles, choice{
				Path: with("/aufgaben", base, "rolle", role), Label: p.T("workflow.role." + role), Count: n, Current: q.Get("rolle") == role,
			})
		}
	}
	return views, roles
}

// workload reads what is open. For the service office it is its desk and the
// list of all cases, whose notes tell what is open in each; for others the
// cases in which they hold a role, and their open steps.
func (x *Service) workload(ctx context.Context, u *web.User) (*workload, error) {
	d, err := x.Current()
	if err != nil {
		return nil, err
	}
	l := &workload{def: d, desks: map[string]*desk{}}
	if u.HasIn("", "SVC") {
		return l, x.officeWork(ctx, l)
	}
	return l, x.ownWork(ctx, l, u)
}

func (x *Service) officeWork(ctx context.Context, l *workload) error {
	onDesk, err := x.Desk(ctx)
	if err != nil {
		return err
	}
	all, err := x.List(ctx)
	if err != nil {
		return err
	}
	over := map[string]bool{}
	for _, c := range all {
		over[c.ID] = c.Status.Ended()
	}
	own := map[string]bool{} // case and step that stand on the desk
	for _, o := range onDesk {
		l.all = append(l.all, work{
			id: o.ID, no: o.No, name: o.Name, step: o.Step, due: o.Due, order: o.Order, why: o.Why, gap: o.Gap, task: o.Task, mine: true,
			over: over[o.ID],
		})
		if o.IsStep {
			own[o.ID+o.Step] = true
		}
	}
	for _, c := range all {
		if !c.Status.Running() {
			continue
		}
		for _, due := range c.Open {
			if t := l.def.Template(due.Step); !own[c.ID+due.Step] && (t == nil || !t.OnDemand()) {
				l.all = append(l.all, work{id: c.ID, no: c.No, name: c.Name, step: due.Step, due: due.On, order: orderOf(due.On, c.No, due.Step)})
			}
		}
	}
	return nil
}

// orderOf sorts by date, what has none last.
func orderOf(due lang.Date, no, step string) string {
	return cmp.Or(due.String(), "9") + "#" + no + "#" + step
}

func (x *Service) ownWork(ctx context.Context, l *workload, u *web.User) error {
	mine, err := x.mine(ctx, u)
	if err != nil {
		return err
	}
	for _, c := range mine {
		if !c.Head.Status.Running() {
			continue
		}
		if err := x.Want(ctx, c.Record, c.Head.Open()...); err != nil {
			return err
		}
		l.desks[c.ID] = c
		for _, ref := range c.Head.Open() {
			st, ok := c.Steps[ref]
			t := c.Def.Template(ref.Step)
			if !ok || t == nil || (!c.overview() || t.OnDemand()) && !c.asks(t, st) {
				continue
			}
			l.all = append(l.all, work{
				id: c.ID, no: c.Head.No, name: c.Head.Municipality.Name, step: ref.Step, due: st.Due,
				order: orderOf(st.Due, c.Head.No, ref.Step), mine: c.asks(t, st),
			})
		}
	}
	return nil
}

// taskRows writes the rows of a page, and reads the cases that were not yet.
func (x *Service) taskRows(ctx context.Context, p web.Page, l *workload, shown []work, choose bool) ([]taskRow, error) {
	var out []taskRow
	for _, o := range shown {
		row := taskRow{Path: "/vorgaenge/" + o.id, CasePath: "/vorgaenge/" + o.id, Title: o.step, No: o.no, Municipality: o.name}
		if t := l.def.Template(o.step); t != nil {
			row.Title = p.In(t.Title)
		}
		if o.why != "" {
			row.Why, row.WhyKind = p.T("workflow.why."+o.why), whyKind[o.why]
		}
		if o.gap != "" {
			row.Why = p.T("workflow.gap." + string(o.gap))
		}
		add := x.addStep
		if o.task != "" {
			add = x.addTask
		}
		if err := add(ctx, p, l, o, &row); err != nil {
			return nil, err
		}
		row.Chosen = choose && row.Nudge != ""
		out = append(out, row)
	}
	return out, nil
}

// addTask says of what is no step since when it waits, and where it is dealt with.
func (x *Service) addTask(ctx context.Context, p web.Page, l *workload, o work, row *taskRow) error {
	row.Due = p.T("workflow.case.from", p.Short(o.due))
	if o.why != cases.TaskReview {
		return nil
	}
	d, err := x.deskOf(ctx, p.User, l, o.id)
	if err != nil {
		return err
	}
	r, ok, err := x.toReview(ctx, d, o.task)
	if ok {
		row.Title, row.Path, row.Due = p.In(r.Title), setRecordPath(d.ID, r), p.T("workflow.case.from", p.Short(r.Due))
	}
	return err
}

// whyKind says how a reason looks.
var whyKind = map[string]string{
	cases.WhyOwn: "muted", cases.WhyNobody: "warning", cases.WhyLate: "danger", cases.WhyReview: "info",
	cases.TaskSafety: "danger", cases.TaskBounce: "warning",
}

// addStep adds what only the step itself tells.
func (x *Service) addStep(ctx context.Context, p web.Page, l *workload, o work, row *taskRow) error {
	row.Path += "/schritte/" + o.step
	if o.why == cases.WhyLetter {
		row.Path += "/brief"
	}
	row.Due = p.T("workflow.tasks.due", p.Short(o.due))
	d, err := x.deskOf(ctx, p.User, l, o.id)
	if err != nil {
		return err
	}
	ref := process.Ref{Step: o.step, Iteration: d.Head.Steps[o.step].Iteration}
	if err := x.Want(ctx, d.Record, ref); err != nil {
		return err
	}
	st, ok := d.Steps[ref]
	t := d.Def.Template(o.step)
	if !ok || t == nil {
		return nil // the index was behind; the next look finds it gone
	}
	row.Title, row.Due = p.In(t.Title), dueText(p, st, d.today)
	if st.State == process.Open {
		row.Who, row.Since = x.askedOf(p, d, st), p.Short(st.Opened)
		if st.Nobody() {
			row.Nobody = x.unasked(p, d, st)
		}
	}
	if n := st.LateBy(st.Calendar(), x.today()); n > 0 {
		row.Late = p.T("workflow.tasks.days", n)
	}
	if o.why == "" {
		row.Why, row.WhyKind = d.reason(p, t, st)
	}
	if process.MayNudge(st, x.today(), d.roles...) {
		row.Nudge = nudgeName(d.ID, ref)
	}
	row.Nudged = st.Nudged == x.today()
	return nil
}

// dueText says until when a step is to be done, or was.
func dueText(p web.Page, st process.Step, today lang.Date) string {
	switch {
	case st.Due.IsZero():
		return p.T("workflow.tasks.any")
	case st.Late(today):
		return p.T("workflow.tasks.was", p.Short(st.Due))
	}
	return p.T("workflow.tasks.due", p.Short(st.Due))
}

// deskOf is the person before a case, which is read once for a page.
func (x *Service) deskOf(ctx context.Context, u *web.User, l *workload, id string) (*desk, error) {
	if d := l.desks[id]; d != nil {
		return d, nil
	}
	c, err := x.Load(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading the case of a task: %w", err)
	}
	l.desks[id] = x.before(c, u)
	return l.desks[id], nil
}

// reason says why a step is on somebody's list.
func (d *desk) reason(p web.Page, t *process.Template, st process.Step) (text, kind string) {
	email := process.Address(d.user.Email)
	for _, a := range cases.Recipients(st) {
		if a.Email != email {
			continue
		}
		if a.Handed {
			return p.T("workflow.tasks.why.handed"), "info"
		}
		if !slices.ContainsFunc(st.Asked, func(o process.Asked) bool { return o.Email == email }) {
			return p.T("workflow.tasks.why.deputy", p.T("workflow.role."+a.Role)), "info"
		}
		return p.T("workflow.tasks.why.role", p.T("workflow.role."+a.Role)), "info"
	}
	if role := d.doer(t); role != "" {
		return p.T("workflow.tasks.why.role", p.T("workflow.role."+role)), "info"
	}
	if st.Nobody() {
		return p.T("workflow.gap." + string(cmp.Or(st.Gap, process.Unnamed))), "warning"
	}
	return "", ""
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
	hash := cases.WhoHash(process.Address(u.Email))
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
		if d := x.before(c, u); len(d.roles) > 0 {
			d.listed = l
			out = append(out, d)
		}
	}
	return out, nil
}

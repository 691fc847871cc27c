package workflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// casePage is one case: where it stands, who is asked, what happened.
type casePage struct {
	web.Page
	caseFacts
	Base               string
	Status, StatusKind string
	Land, Key          string
	Milestones         []milestoneRow
	Phases             []phaseRows
	Tasks              []taskLine
	People             []peopleRow
	History            []historyRow
	Actions            []actionLink
	Finished           string // the step that was just finished
}

type milestoneRow struct {
	Code, Title, When string
	Reached           bool
}

type phaseRows struct {
	Code, Title   string
	Done, Current bool
	Steps         []stepRow
}

type stepRow struct {
	Path, Key, Title string
	State, Kind      string // in words, and how it looks
	Who, Since, Due  string
	Late             bool
	Next             string // the next timer
	Again            int    // iteration, when it is not the first
}

type taskLine struct{ Title, Why, When, Settle string }

type peopleRow struct{ Role, Who string }

type historyRow struct{ When, Text, Reason string }

func (x *Service) showCase(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if !d.overview() {
		return web.ErrNotFound
	}
	var refs []process.Ref
	for key, m := range d.Head.Steps {
		refs = append(refs, process.Ref{Step: key, Iteration: m.Iteration})
	}
	if err := x.wantAll(r.Context(), d.record, refs); err != nil {
		return err
	}
	p := casePage{Page: x.Site.Page(r, "workflow.case.title", d.Head.No), Base: "/vorgaenge/" + d.id}
	p.caseFacts = x.facts(p.Page, d.record, d.Head.Phase())
	p.Status, p.StatusKind = p.T("workflow.status."+string(d.Head.Status)), statusKind[d.Head.Status]
	p.Land, p.Key = d.Head.Municipality.Land, d.Head.Municipality.Key
	if t := d.def.Template(r.URL.Query().Get("fertig")); t != nil {
		p.Finished = p.In(t.Title)
	}
	p.Milestones, p.Phases = x.milestones(p.Page, d), x.phases(p.Page, d)
	p.Actions = x.caseActions(p.Page, d)
	if err := x.addPast(r.Context(), &p, d); err != nil {
		return err
	}
	p.Wide()
	return x.pages.Render(w, r, http.StatusOK, "case", p)
}

// wantAll reads all steps of a case in one query; the refs say which count.
func (x *Service) wantAll(ctx context.Context, c *record, refs []process.Ref) error {
	for it, err := range table.All(ctx, x.Table, table.Query{PK: prefix + c.id, Prefix: "step#", Eventual: true}) {
		if err != nil {
			return fmt.Errorf("reading a case's steps: %w", err)
		}
		st, err := stepOf(it)
		if err != nil {
			return err
		}
		if slices.Contains(refs, st.Ref) {
			c.Steps[st.Ref] = st
		}
	}
	return nil
}

func (x *Service) milestones(p web.Page, d *desk) []milestoneRow {
	var out []milestoneRow
	for _, t := range d.def.Milestones() {
		row := milestoneRow{Code: t.Milestone, Title: p.T("workflow.milestone." + t.Milestone)}
		if st, ok := d.Current(t.Key); ok && st.State == process.Done {
			row.Reached, row.When = true, p.Short(lang.DateOf(st.At))
		}
		out = append(out, row)
	}
	return out
}

func (x *Service) phases(p web.Page, d *desk) []phaseRows {
	var out []phaseRows
	now := d.Head.Phase()
	for _, code := range d.def.Phases() {
		ph := phaseRows{Code: code, Title: p.T("workflow.phase." + code), Done: true, Current: code == now}
		for _, t := range d.def.Templates {
			if t.Phase != code {
				continue
			}
			ph.Steps = append(ph.Steps, x.stepRow(p, d, t))
			state := d.Head.Steps[t.Key].State
			ph.Done = ph.Done && (state == process.Done || state == process.Skipped)
		}
		out = append(out, ph)
	}
	return out
}

// stateKind says how a state looks.
var stateKind = map[process.StepState]string{
	process.Open: "info", process.Submitted: "info", process.Done: "success", process.Query: "warning",
	process.Void: "warning", process.Skipped: "muted", process.Ended: "muted", process.Locked: "muted",
}

func (x *Service) stepRow(p web.Page, d *desk, t *process.Template) stepRow {
	mark := d.Head.Steps[t.Key]
	row := stepRow{
		Key: t.Key, Title: p.In(t.Title), State: p.T("workflow.state." + cmp.Or(string(mark.State), "l")), Kind: stateKind[mark.State],
	}
	if mark.Iteration > 1 {
		row.Again = mark.Iteration
	}
	st, ok := d.Current(t.Key)
	if !ok {
		return row
	}
	row.Path = "/vorgaenge/" + d.id + "/schritte/" + t.Key
	switch mark.State {
	case process.Open:
		row.Who, row.Since, row.Due = x.askedOf(p, d, st), p.Short(st.Opened), p.Short(st.Due)
		row.Late = st.Due.Before(lang.DateOf(x.Now()))
		if row.Late {
			row.State, row.Kind = p.T("workflow.state.late"), "danger"
		}
		if next, ok := st.Next(municipality.CalendarOf(st.Land)); ok {
			row.Next = p.T("workflow.next."+stageName(next.Stage), p.Short(lang.DateOf(next.At)))
		}
	case process.Submitted:
		row.State = p.T("workflow.state.review")
		if t.Survey != "" {
			row.State = p.T("workflow.state.survey")
		}
	case process.Done, process.Query, process.Void:
		row.Who = p.T("workflow.role." + cmp.Or(st.By.For, st.By.Role))
		row.Since = p.Short(lang.DateOf(st.At))
	}
	return row
}

func stageName(s process.Stage) string {
	return []string{"", "remind1", "remind2", "tandem", "office"}[s]
}

// askedOf names who is asked; addresses only for those who may see contacts.
func (x *Service) askedOf(p web.Page, d *desk, st process.Step) string {
	if st.Nobody() {
		return p.T("workflow.asked.nobody", x.roleNames(p, d.def.Template(st.Ref.Step).Acts))
	}
	var out []string
	for _, a := range st.Asked {
		text := p.T("workflow.role." + a.Role)
		if d.has("SVC", "EXT", "LOK", "FED") {
			text += " (" + cmp.Or(a.Name, a.Email) + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// addPast adds tasks, people and history.
func (x *Service) addPast(ctx context.Context, p *casePage, d *desk) error {
	if d.has("SVC", "EXT") {
		tasks, err := x.tasks(ctx, d.id)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if !t.Closed {
				p.Tasks = append(p.Tasks, x.taskLine(p.Page, d, t))
			}
		}
	}
	if d.has("SVC", "EXT", "LOK", "FED") {
		p.People = x.peopleRows(p.Page, d)
	}
	rows, marks, err := x.history(ctx, d.id)
	if err != nil {
		return err
	}
	p.History = x.tell(p.Page, d, append(rows, marks...))
	return nil
}

func (x *Service) taskLine(p web.Page, d *desk, t task) taskLine {
	line := taskLine{
		Why: p.T("workflow.why." + t.Kind), When: p.Short(t.On),
		Settle: "/vorgaenge/" + d.id + "/erledigen?aufgabe=" + strings.ReplaceAll(t.Name, "#", "."),
	}
	if tpl := d.def.Template(t.Step); tpl != nil {
		line.Title = p.In(tpl.Title)
	}
	return line
}

func (x *Service) peopleRows(p web.Page, d *desk) []peopleRow {
	var out []peopleRow
	for _, role := range taskRoles {
		var who []string
		for _, h := range d.People[role] {
			text := h.Email
			if h.Name != "" {
				text = h.Name + ", " + h.Email
			}
			if h.Deputy != "" {
				text += " (" + p.T("workflow.deputy", h.Deputy) + ")"
			}
			who = append(who, text)
		}
		if len(who) > 0 {
			out = append(out, peopleRow{p.T("workflow.role." + role), strings.Join(who, "; ")})
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
			if e.Kind == process.Rested || e.Kind == process.Resumed || e.Kind == process.Reopened {
				continue // the case's own line, or the step's opening, says it
			}
			out = append(out, historyRow{
				When: p.DateTime(row.At), Text: x.sentence(p, d, row, e), Reason: x.reason(p, d.def, e.Reason),
			})
		}
	}
	slices.Reverse(out)
	return out
}

func (x *Service) sentence(p web.Page, d *desk, row process.Row, e process.Event) string {
	title := e.Step
	if t := d.def.Template(e.Step); t != nil {
		title = t.Key + " " + p.In(t.Title)
	}
	if e.Iteration > 1 {
		title = p.T("workflow.history.again", title, e.Iteration)
	}
	by := p.T("workflow.role." + row.By.Role)
	if row.By.For != "" {
		by = p.T("workflow.history.for", by, p.T("workflow.role."+row.By.For))
	}
	key := "workflow.history." + string(e.Kind)
	switch e.Kind {
	case process.Opened, process.Extended:
		return p.T(key, title, p.Short(e.Due))
	case process.StatusChanged:
		return p.T(key, p.T("workflow.status."+string(e.Status)), by)
	case process.Named:
		return p.T(key, x.roleNames(p, e.Roles), by)
	case process.Reminded:
		return p.T("workflow.history."+stageName(e.Stage), title)
	case process.Settled, process.Started:
		return p.T(key, by)
	case process.Readdressed, process.Closed, process.SafetyRaised:
		return p.T(key, title)
	}
	return p.T(key, title, by)
}

// showStep is a step at the desk: its form while it is open and somebody may do
// it, else what was answered.
func (x *Service) showStep(w http.ResponseWriter, r *http.Request) error {
	d, v, err := x.enterStep(r)
	if err != nil {
		return err
	}
	if v.who.Role == "" {
		return x.showAnswers(w, r, d, v)
	}
	answers := v.draft.Answers
	if v.draft.Saved.IsZero() && v.step.Iteration > 1 {
		if answers, err = x.lastTime(r.Context(), d, v); err != nil {
			return err
		}
	}
	p := x.page(r, v, answers, nil, x.Now())
	p.Saved, p.Empty = r.URL.Query().Has("gespeichert"), r.URL.Query().Has("leer")
	if d.overview() {
		p.Actions = x.stepActions(p.Page, d, v.t, v.step)
	}
	if err := x.addIntake(r.Context(), v, &p); err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "step", p)
}

// lastTime are the answers of the iteration before, as far as the person may
// read them.
func (x *Service) lastTime(ctx context.Context, d *desk, v *visit) (form.Answers, error) {
	before, err := x.step(ctx, v.id, process.Ref{Step: v.step.Ref.Step, Iteration: v.step.Iteration - 1})
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a, _ := d.visible(v.t, v.form, before.Answers)
	return a, nil
}

// enterStep opens a step at the desk. The role stays empty for who may only
// read it.
func (x *Service) enterStep(r *http.Request) (*desk, *visit, error) {
	d, err := x.enterCase(r)
	if err != nil {
		return nil, nil, err
	}
	key := r.PathValue("step")
	mark, ok := d.Head.Steps[key]
	t := d.def.Template(key)
	if !ok || t == nil || !t.HasForm() {
		return nil, nil, web.ErrNotFound
	}
	st, err := x.step(r.Context(), d.id, process.Ref{Step: key, Iteration: mark.Iteration})
	if err != nil {
		return nil, nil, err
	}
	if !d.overview() && !d.asks(t, st) {
		return nil, nil, web.ErrNotFound
	}
	v := &visit{c: d.record, id: d.id, step: st, user: d.user, own: !d.overview(), lang: lang.From(r.Context())}
	v.browser = browserHash(d.id, st.Ref, "desk "+process.Address(d.user.Email))
	if st.State == process.Open && !st.Pause && d.Head.Status.Running() {
		v.who, v.record = d.part(t, st)
	}
	return d, v, x.prepare(r.Context(), v)
}

// part is in which role the person does an open step, and whether they only
// record it for somebody else.
func (d *desk) part(t *process.Template, st process.Step) (process.Asked, bool) {
	email := process.Address(d.user.Email)
	for _, a := range recipients(st) {
		if a.Email == email {
			return a, false
		}
	}
	if role := d.doer(t); role != "" {
		return process.Asked{Role: role, Email: email}, false
	}
	return process.Asked{Role: d.recorder(), Email: email}, true
}

func (x *Service) receiveStep(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	_, v, err := x.enterStep(r)
	if err != nil {
		return err
	}
	if v.who.Role == "" || r.PostFormValue("_iteration") != strconv.Itoa(v.step.Iteration) {
		if cmd := r.PostFormValue("_command"); cmd != "" && v.step.Cmd == process.Short(cmd) {
			return web.Redirect(w, r, v.after())
		}
		return x.tooLate(w, r, v, v.form.Read(r.PostForm, "", nil))
	}
	return x.receive(w, r, v)
}

// addIntake adds the expression of interest to the step that checks it.
func (x *Service) addIntake(ctx context.Context, v *visit, p *stepPage) error {
	if v.user == nil || x.IntakeSummary == nil || !slices.ContainsFunc(v.t.Pre, func(n process.Need) bool {
		return n.Step == v.c.def.Templates[0].Key
	}) {
		return nil
	}
	groups, err := x.IntakeSummary(ctx, v.c.Head.Intake, v.lang)
	p.Intake = groups
	return err
}

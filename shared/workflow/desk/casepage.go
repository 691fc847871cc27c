package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// casePage is one case: where it stands, who is asked, what happens next, what
// happened.
type casePage struct {
	web.Page
	page.Facts
	Base               string
	Status, StatusKind string
	Standing           standingNote
	Land, Key, Town    string
	Phases             []phaseRows
	Open               []openRow
	Planned, AnyTime   []stepRow // what opens on a day to come, what can be done at any time
	Ahead              []comingDay
	Tasks              []taskLine
	Records            []recordRow
	Notes              []page.Link // steps with notes that not everybody reads
	People             []peopleRow
	Past               pastPage
	Actions            []page.Link
	Finished           string // what became of the step that was just sent
	Rehearsal          *rehearsalPart
}

// standingNote explains a case that does not simply run.
type standingNote struct{ Title, Text, Since, Reason, Kind string }

type milestoneRow struct {
	Code, Title, When string
	Reached           bool
}

type phaseRows struct {
	Code, Title   string
	Done, Current bool
	Beside        bool // accompanies the others
	Tally         string
	Milestones    []milestoneRow
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

// openRow is a step that is waited for.
type openRow struct {
	stepRow
	Until  string // the date, or what it was
	Days   string // working days late
	Nobody string // that nobody is asked, and why
	Nudge  string // where somebody can be reminded
	Nudged bool
}

// taskLine is a task, with what ends it.
type taskLine struct{ Title, Why, When, Path, Do string }

type peopleRow struct{ Role, Who string }

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
	if err := x.WantAll(r.Context(), d.Record, refs); err != nil {
		return err
	}
	p := casePage{Page: x.Site.Page(r, "workflow.case.title", d.Head.No), Base: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Head.Phase())
	p.Status, p.StatusKind = p.T("workflow.status."+string(d.Head.Status)), statusKind[d.Head.Status]
	m := d.Head.Municipality
	p.Land, p.Key, p.Town = municipality.LandName(p.Lang, m.Land), m.Key, "/kommunen/"+cmp.Or(m.Key, d.Head.No)
	if d.Rehearsal != nil {
		p.Town = "" // it is in no list
	}
	if t := d.Def.Template(r.URL.Query().Get("fertig")); t != nil {
		p.Finished = p.T(finishedText(d.Head.Steps[t.Key].State), p.In(t.Title))
	}
	x.addSteps(&p, d)
	if err := errors.Join(x.addFormer(r.Context(), &p, d), x.addRehearsal(r, &p, d)); err != nil {
		return err
	}
	p.Actions = append(x.conceptLink(p.Page, d), x.caseActions(p.Page, d)...)
	if p.Records, err = x.recordRows(r.Context(), p.Page, d); err != nil {
		return err
	}
	if err := x.addPast(r, &p, d); err != nil {
		return err
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "case", p)
}

// addSteps adds what is waited for, what the timers do next, and all steps by
// phase.
func (x *Service) addSteps(p *casePage, d *desk) {
	var ahead []coming
	until := d.today.AddDays(foresight).At(23, 59)
	p.Phases = x.phases(p.Page, d)
	for _, t := range d.Def.Templates {
		st, ok := d.Current(t.Key)
		if !ok {
			continue
		}
		if d.Head.Status.Running() {
			ahead = append(ahead, x.ahead(p.Page, d, st, until)...)
		}
		switch {
		case st.State == process.Open && t.OnDemand():
			p.AnyTime = append(p.AnyTime, x.stepRow(p.Page, d, t))
		case st.State == process.Planned:
			p.Planned = append(p.Planned, x.stepRow(p.Page, d, t))
		case slices.Contains([]process.StepState{process.Open, process.Submitted, process.Query}, st.State):
			p.Open = append(p.Open, x.openRow(p.Page, d, t, st))
		}
		if st.State == process.Done && t.Restricted() && d.readsNotes(t) {
			p.Notes = append(p.Notes, page.Link{Path: "/vorgaenge/" + d.ID + "/schritte/" + t.Key, Label: t.Key + " " + p.In(t.Title)})
		}
	}
	p.Ahead = byDay(p.Page, ahead)
}

func (x *Service) openRow(p web.Page, d *desk, t *process.Template, st process.Step) openRow {
	row := openRow{stepRow: x.stepRow(p, d, t), Nudged: st.Nudged == d.today}
	if st.Nobody() {
		row.Nobody = x.unasked(p, d, st)
	}
	if row.Due != "" {
		row.Until = dueText(p, st, d.today)
	}
	if n := st.LateBy(st.Calendar(), d.today); row.Late && n > 0 {
		row.Days = p.T("workflow.tasks.days", n)
	}
	if d.Head.Status.Running() && process.MayNudge(st, d.today, d.roles...) {
		row.Nudge = "/aufgaben/erinnern?schritt=" + nudgeName(d.ID, st.Ref)
	}
	return row
}

// milestones are those that the steps of a phase reach.
func (x *Service) milestones(p web.Page, d *desk, phase string) []milestoneRow {
	var out []milestoneRow
	for _, t := range d.Def.Milestones() {
		if t.Phase != phase {
			continue
		}
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
	for _, code := range d.Def.Phases() {
		ph := phaseRows{
			Code: code, Title: p.T("workflow.phase." + code), Current: code == now, Beside: code == process.Beside,
			Milestones: x.milestones(p, d, code),
		}
		done := 0
		for _, t := range d.Def.Templates {
			if t.Phase != code {
				continue
			}
			ph.Steps = append(ph.Steps, x.stepRow(p, d, t))
			if state := d.Head.Steps[t.Key].State; state == process.Done || state == process.Skipped {
				done++
			}
		}
		ph.Done, ph.Tally = done == len(ph.Steps), p.T("workflow.case.tally", done, len(ph.Steps))
		if ph.Beside { // its steps come again and again
			ph.Tally = p.T("workflow.case.beside")
		}
		out = append(out, ph)
	}
	return out
}

// finishedText is for who has just sent a step: it may have to wait for others.
func finishedText(s process.StepState) string {
	switch s {
	case process.Query:
		return "workflow.case.queried"
	case process.Submitted:
		return "workflow.case.submitted"
	}
	return "workflow.case.finished"
}

// stateKind says how a state looks.
var stateKind = map[process.StepState]string{
	process.Open: "info", process.Submitted: "info", process.Done: "success", process.Query: "warning",
	process.Void: "warning", process.Skipped: "muted", process.Ended: "muted", process.Locked: "muted",
	process.Planned: "muted", process.Withheld: "muted",
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
		return row // not its turn yet, or O01, which the intake keeps
	}
	if mark.State == process.Planned {
		row.Next = opensOn(p, d, st)
	}
	if mark.State == process.Planned || mark.State == process.Withheld {
		return row // nothing to show yet
	}
	row.Path = "/vorgaenge/" + d.ID + "/schritte/" + t.Key
	switch mark.State {
	case process.Open:
		row.Who, row.Since, row.Due = x.askedOf(p, d, st), p.Short(st.Opened), p.Short(st.Due)
		row.Late = d.Head.Status.Running() && st.Late(d.today)
		if row.Late {
			row.State, row.Kind = p.T("workflow.state.late"), "danger"
		}
		row.Next = nextOf(p, d, t, st)
	case process.Submitted:
		row.State = p.T("workflow.state.review")
		if t.Survey != "" {
			row.State = p.T("workflow.state.survey")
		}
	case process.Query:
		row.Who, row.Since = x.RoleNames(p, []string{"FED"}), p.Short(lang.DateOf(st.At))
		row.Next = p.T("workflow.next.query", p.Short(st.Unanswered()))
	case process.Done, process.Void:
		row.Who = p.T("workflow.role." + cmp.Or(st.By.For, st.By.Role))
		row.Since = p.Short(lang.DateOf(st.At))
	}
	return row
}

// opensOn says when a planned step opens. In a case that rests its day can pass.
func opensOn(p web.Page, d *desk, st process.Step) string {
	if d.Head.Status == process.Paused {
		return p.T("workflow.state.opens.after")
	}
	return p.T("workflow.state.opens", p.Short(st.Opens))
}

// nextOf is what comes next of an open step: a timer, or after the last one the
// call by the service office, as its list of tasks has it.
func nextOf(p web.Page, d *desk, t *process.Template, st process.Step) string {
	if next, ok := st.Next(st.Calendar()); ok {
		return p.T("workflow.next."+stageText(d, t, st, next.Stage), p.Short(lang.DateOf(next.At)))
	}
	switch {
	case !d.Head.Status.Running(), st.Stage != process.TellOffice, st.Nobody(), slices.Contains(t.Acts, "SVC"):
		return ""
	case d.has("SVC"):
		return p.T("workflow.why." + cases.WhyLate)
	}
	return p.T("workflow.next.call")
}

func stageName(s process.Stage) string {
	return []string{"", "remind1", "remind2", "tandem", "office"}[s]
}

// stageText names what a stage brings in a case: a reminder after the date goes
// to deputies, where there are any, and without a tandem the service office asks.
func stageText(d *desk, t *process.Template, st process.Step, s process.Stage) string {
	name := stageName(s)
	switch {
	case s > process.Friendly && slices.Contains(t.Acts, "SVC"):
		return "remind2" // the service office reminds itself
	case s == process.Overdue && slices.ContainsFunc(st.Asked, func(a process.Asked) bool { return a.Deputy != "" }):
		return name + ".deputy"
	case s == process.TellTandem && (t.ActsFor("EXT", "LOK") || len(d.Reach("EXT", d.today))+len(d.Reach("LOK", d.today)) == 0):
		return name + ".office"
	}
	return name
}

// askedOf names who is asked; addresses only for those who may see contacts.
func (x *Service) askedOf(p web.Page, d *desk, st process.Step) string {
	if st.Nobody() {
		return p.T("workflow.asked.nobody", x.gapOf(p, d, st))
	}
	var out []string
	for _, a := range st.Asked {
		out = append(out, nameOf(p, d, a))
	}
	return strings.Join(out, ", ")
}

// gapOf says of which roles nobody is asked, and why.
func (x *Service) gapOf(p web.Page, d *desk, st process.Step) string {
	names := x.RoleNames(p, d.Def.Template(st.Ref.Step).Acts)
	return p.T("workflow.asked.gap", names, p.T("workflow.gap."+string(cmp.Or(st.Gap, process.Unnamed))))
}

// unasked is the sentence for a step that nobody is asked for.
func (x *Service) unasked(p web.Page, d *desk, st process.Step) string {
	return p.T("workflow.tasks.unasked", p.Short(st.Opened), x.gapOf(p, d, st))
}

// nameOf is somebody who is asked: the role, and who it is for those who may see
// contacts.
func nameOf(p web.Page, d *desk, a process.Asked) string {
	text := p.T("workflow.role." + a.Role)
	if d.contacts() {
		text = called(text, cmp.Or(a.Name, a.Email))
	}
	if a.StandsIn() {
		text = p.T("workflow.asked.deputy", text)
	}
	return text
}

// called adds to a role who it is, unless they are called like it.
func called(role, name string) string {
	if strings.EqualFold(name, role) {
		return role
	}
	return role + " (" + name + ")"
}

// addPast adds tasks, people and history, and why the case does not run.
func (x *Service) addPast(r *http.Request, p *casePage, d *desk) error {
	if d.has("SVC", "EXT") {
		tasks, err := x.Tasks(r.Context(), d.ID)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if t.Closed {
				continue
			}
			line, err := x.taskLine(r.Context(), p.Page, d, t)
			if err != nil {
				return err
			}
			p.Tasks = append(p.Tasks, line)
		}
	}
	if d.contacts() {
		p.People = x.peopleRows(p.Page, d)
	}
	rows, marks, err := x.History(r.Context(), d.ID)
	if err != nil {
		return err
	}
	p.Standing = x.standingNote(p.Page, d, rows)
	q := r.URL.Query()
	q.Del("fertig") // said once
	p.Past = x.past(p.Page, d, append(rows, marks...), q)
	return nil
}

// standingNote says since when and why a case rests or is over, and what that
// means.
func (x *Service) standingNote(p web.Page, d *desk, rows []process.Row) standingNote {
	s := d.Head.Status
	if s.Running() {
		return standingNote{}
	}
	out := standingNote{
		Title: p.T("workflow.status." + string(s)), Text: p.T("workflow.standing.text." + string(s)), Kind: cmp.Or(statusKind[s], "info"),
	}
	if out.Kind == "muted" {
		out.Kind = "info"
	}
	for _, row := range rows {
		for _, e := range row.Events {
			if e.Kind == process.StatusChanged && e.Status == s {
				out.Since, out.Reason = p.Short(lang.DateOf(row.At)), x.Reason(p, d.Def, e.Reason)
			}
		}
	}
	return out
}

func (x *Service) taskLine(ctx context.Context, p web.Page, d *desk, t cases.Task) (taskLine, error) {
	line := taskLine{
		Why: p.T("workflow.why." + t.Kind), When: p.Short(t.On), Do: p.T("workflow.do.erledigen"),
		Path: "/vorgaenge/" + d.ID + "/erledigen?aufgabe=" + strings.ReplaceAll(t.Name, "#", "."),
	}
	if tpl := d.Def.Template(t.Step); tpl != nil {
		line.Title = p.In(tpl.Title)
	}
	r, ok, err := x.toReview(ctx, d, t.Name)
	if ok {
		line.Title, line.When, line.Do, line.Path = p.In(r.Title), p.Short(r.Due), p.T("workflow.do.stand"), setRecordPath(d.ID, r)
	}
	return line, err
}

func (x *Service) peopleRows(p web.Page, d *desk) []peopleRow {
	var out []peopleRow
	for _, role := range taskRoles {
		var who []string
		title := p.T("workflow.role." + role)
		for _, h := range d.People[role] {
			if h.Left(d.today) {
				continue
			}
			text := h.Email
			if h.Name != "" && !strings.EqualFold(h.Name, title) {
				text = h.Name + ", " + h.Email
			}
			if h.Deputy != "" {
				text += " (" + p.T("workflow.deputy", h.Deputy) + ")"
			}
			who = append(who, text)
		}
		if len(who) > 0 {
			out = append(out, peopleRow{title, strings.Join(who, "; ")})
		}
	}
	return out
}

package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// casePage is one case: where it stands, who is asked, what happened.
type casePage struct {
	web.Page
	page.Facts
	Base               string
	Status, StatusKind string
	Land, Key          string
	Milestones         []milestoneRow
	Phases             []phaseRows
	Tasks              []taskLine
	Records            []recordRow
	People             []peopleRow
	History            []historyRow
	Actions            []page.Link
	Finished           string // the step that was just finished
	Rehearsal          *rehearsalPart
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
	if err := x.WantAll(r.Context(), d.Record, refs); err != nil {
		return err
	}
	p := casePage{Page: x.Site.Page(r, "workflow.case.title", d.Head.No), Base: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Head.Phase())
	p.Status, p.StatusKind = p.T("workflow.status."+string(d.Head.Status)), statusKind[d.Head.Status]
	p.Land, p.Key = municipality.LandName(p.Lang, d.Head.Municipality.Land), d.Head.Municipality.Key
	if t := d.Def.Template(r.URL.Query().Get("fertig")); t != nil {
		p.Finished = p.In(t.Title)
	}
	p.Milestones, p.Phases = x.milestones(p.Page, d), x.phases(p.Page, d)
	if err := errors.Join(x.addFormer(r.Context(), &p, d), x.addRehearsal(r, &p, d)); err != nil {
		return err
	}
	p.Actions = append(x.conceptLink(p.Page, d), x.caseActions(p.Page, d)...)
	if p.Records, err = x.recordRows(r.Context(), p.Page, d); err != nil {
		return err
	}
	if err := x.addPast(r.Context(), &p, d); err != nil {
		return err
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "case", p)
}

func (x *Service) milestones(p web.Page, d *desk) []milestoneRow {
	var out []milestoneRow
	for _, t := range d.Def.Milestones() {
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
		ph := phaseRows{Code: code, Title: p.T("workflow.phase." + code), Done: true, Current: code == now}
		for _, t := range d.Def.Templates {
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
		row.Next = p.T("workflow.state.opens", p.Short(st.Opens))
	}
	if mark.State == process.Planned || mark.State == process.Withheld {
		return row // nothing to show yet
	}
	row.Path = "/vorgaenge/" + d.ID + "/schritte/" + t.Key
	switch mark.State {
	case process.Open:
		row.Who, row.Since, row.Due = x.askedOf(p, d, st), p.Short(st.Opened), p.Short(st.Due)
		row.Late = st.Late(lang.DateOf(d.Now(x.Now())))
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
		names := x.RoleNames(p, d.Def.Template(st.Ref.Step).Acts)
		if st.Gap != "" {
			return p.T("workflow.asked.gap", p.T("workflow.gap."+string(st.Gap)), names)
		}
		return p.T("workflow.asked.nobody", names)
	}
	var out []string
	for _, a := range st.Asked {
		text := p.T("workflow.role." + a.Role)
		if d.contacts() {
			text += " (" + cmp.Or(a.Name, a.Email) + ")"
		}
		if a.StandsIn() {
			text = p.T("workflow.asked.deputy", text)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// addPast adds tasks, people and history.
func (x *Service) addPast(ctx context.Context, p *casePage, d *desk) error {
	if d.has("SVC", "EXT") {
		tasks, err := x.Tasks(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if !t.Closed {
				p.Tasks = append(p.Tasks, x.taskLine(p.Page, d, t))
			}
		}
	}
	if d.contacts() {
		p.People = x.peopleRows(p.Page, d)
	}
	rows, marks, err := x.History(ctx, d.ID)
	if err != nil {
		return err
	}
	p.History = x.tell(p.Page, d, append(rows, marks...))
	return nil
}

func (x *Service) taskLine(p web.Page, d *desk, t cases.Task) taskLine {
	line := taskLine{
		Why: p.T("workflow.why." + t.Kind), When: p.Short(t.On),
		Settle: "/vorgaenge/" + d.ID + "/erledigen?aufgabe=" + strings.ReplaceAll(t.Name, "#", "."),
	}
	if tpl := d.Def.Template(t.Step); tpl != nil {
		line.Title = p.In(tpl.Title)
	}
	return line
}

func (x *Service) peopleRows(p web.Page, d *desk) []peopleRow {
	var out []peopleRow
	for _, role := range taskRoles {
		var who []string
		for _, h := range d.People[role] {
			if h.Left(lang.DateOf(x.Now())) {
				continue
			}
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

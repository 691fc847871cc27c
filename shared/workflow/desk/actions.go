package desk

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// action is something that can be done at the desk with a step or a case.
type action struct {
	name    string // the last part of its address, and its form
	step    bool   // with a step
	roles   []string
	states  []process.StepState
	running bool // only in a case that runs
	danger  bool
	then    string // the page of the case that follows; "" for the case itself
	command func(m command.Meta, ref process.Ref, a form.Answers) command.Command
	about   lang.Text // what it is about, if neither a step nor the case
	choices []string  // nil: all that the form offers
	// offered says more exactly when it can be done.
	offered func(d *desk, t *process.Template) bool
}

func reasonOf(a form.Answers) string { return strings.TrimSpace(a.Text("reason")) }

func personOf(a form.Answers) process.Person {
	return process.Person{
		Name: strings.TrimSpace(a.Text("name")), Email: page.Address(a.Text("email")), Phone: strings.TrimSpace(a.Text("phone")),
		Deputy: page.Address(a.Text("deputy")), DeputyName: strings.TrimSpace(a.Text("deputy_name")),
		From: cases.DateIn(a, "from"), To: cases.DateIn(a, "to"),
	}
}

var stepActions = []action{
	{
		name: "annehmen", step: true, states: []process.StepState{process.Submitted}, running: true, offered: reviews,
		command: func(m command.Meta, ref process.Ref, _ form.Answers) command.Command {
			return command.Accept{Meta: m, Ref: ref}
		},
	},
	{
		name: "zurueckgeben", step: true, states: []process.StepState{process.Submitted}, running: true, offered: reviews,
		command: func(m command.Meta, ref process.Ref, a form.Answers) command.Command {
			return command.SendBack{Meta: m, Ref: ref, Comment: reasonOf(a)}
		},
	},
	{
		name: "verlaengern", step: true, roles: []string{"SVC", "EXT"}, states: []process.StepState{process.Open}, running: true,
		command: func(m command.Meta, ref process.Ref, a form.Answers) command.Command {
			return command.Extend{Meta: m, Ref: ref, Due: cases.DateIn(a, "due"), Reason: reasonOf(a)}
		},
	},
	{
		name: "beauftragen", step: true, roles: []string{"SVC", "EXT", "LOK", "FED"}, states: []process.StepState{process.Open}, running: true,
		offered: func(d *desk, t *process.Template) bool {
			return slices.ContainsFunc(d.roles, func(r string) bool { return command.MayAsk(r, t) })
		},
		command: func(m command.Meta, ref process.Ref, a form.Answers) command.Command {
			return command.Handover{Meta: m, Ref: ref, To: personOf(a), Reason: reasonOf(a)}
		},
	},
	{
		name: "ueberspringen", step: true, roles: []string{"SVC", "EXT"}, states: []process.StepState{process.Open}, running: true, danger: true,
		offered: func(d *desk, t *process.Template) bool { return d.Def.Skippable(t) },
		command: func(m command.Meta, ref process.Ref, a form.Answers) command.Command {
			return command.Skip{Meta: m, Ref: ref, Reason: reasonOf(a)}
		},
	},
	{
		name: "wieder-oeffnen", step: true, roles: []string{"SVC"}, states: []process.StepState{process.Done, process.Skipped},
		offered: func(d *desk, t *process.Template) bool {
			return command.MayReopen(d.Def, d.Head, t)
		},
		command: func(m command.Meta, ref process.Ref, a form.Answers) command.Command {
			return command.Reopen{Meta: m, Step: ref.Step, Reason: reasonOf(a)}
		},
	},
}

var caseActions = []action{
	{
		name: "rolle", roles: []string{"SVC", "FED"}, then: "/rollen",
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Assign{Meta: m, Role: a.Text("role"), Person: personOf(a), Add: slices.Contains(a.Choices("add"), "Y"), Reason: reasonOf(a)}
		},
	},
	{
		name: "pausieren", roles: []string{"SVC"}, running: true,
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Pause{Meta: m, Reason: reasonOf(a)}
		},
	},
	{
		name: "fortsetzen", roles: []string{"SVC"},
		offered: func(d *desk, _ *process.Template) bool { return d.Head.Status == process.Paused },
		command: func(m command.Meta, _ process.Ref, _ form.Answers) command.Command { return command.Resume{Meta: m} },
	},
	{
		name: "verweisen", roles: []string{"SVC"}, offered: underWay, danger: true,
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Refer{Meta: m, Reason: reasonOf(a)}
		},
	},
	{
		name: "beenden", roles: []string{"SVC"}, offered: underWay, danger: true,
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Stop{Meta: m, Reason: reasonOf(a)}
		},
	},
	{
		name: "zurueckziehen", roles: []string{"SVC", "FED"}, running: true, danger: true,
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Withdraw{Meta: m, Reason: reasonOf(a)}
		},
	},
}

func underWay(d *desk, _ *process.Template) bool { return !d.Head.Status.Ended() }

// settle closes a task; which one is in the address.
func settle(name string) action {
	return action{
		name: "erledigen", roles: []string{"SVC", "EXT"},
		command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
			return command.Settle{Meta: m, Task: name, Reason: reasonOf(a)}
		},
	}
}

func reviews(d *desk, t *process.Template) bool { return d.accepter(t) != "" }

// accepter is the role in which the person accepts a step, "" for none.
func (d *desk) accepter(t *process.Template) string {
	at := slices.IndexFunc(d.roles, func(r string) bool { return command.MayAccept(r, t) })
	if at < 0 {
		return ""
	}
	return d.roles[at]
}

// may says whether the action can be done now, by this person.
func (a action) may(d *desk, t *process.Template, state process.StepState) bool {
	if len(a.roles) > 0 && !d.has(a.roles...) || a.running && !d.Head.Status.Running() {
		return false
	}
	if a.step && (t == nil || !slices.Contains(a.states, state)) {
		return false
	}
	return a.offered == nil || a.offered(d, t)
}

// role is the one that the person acts in.
func (a action) role(d *desk, t *process.Template) string {
	if t != nil && slices.Contains(a.states, process.Submitted) {
		return d.accepter(t)
	}
	for _, r := range a.roles {
		if d.has(r) {
			return r
		}
	}
	return d.roles[0]
}

func (x *Service) stepActions(p web.Page, d *desk, v *page.Visit) []page.Link {
	base := "/vorgaenge/" + d.ID + "/schritte/" + v.T.Key
	var out []page.Link
	for _, a := range stepActions {
		if a.may(d, v.T, v.Step.State) {
			out = append(out, page.Link{Path: base + "/" + a.name, Label: p.T("workflow.do." + a.name), Danger: a.danger})
		}
	}
	if _, waiting := v.Step.Letter(); waiting && d.has("SVC") {
		out = append(out, page.Link{Path: base + "/brief", Label: p.T("workflow.letter.title")})
	}
	if d.mayCorrect(v.T, v.Form, v.Step) {
		out = append(out, page.Link{Path: base + "/korrigieren", Label: p.T("workflow.do.korrigieren")})
	}
	return out
}

func (x *Service) caseActions(p web.Page, d *desk) []page.Link {
	var out []page.Link
	if d.contacts() {
		out = append(out, page.Link{Path: "/vorgaenge/" + d.ID + "/rollen", Label: p.T("workflow.roles.title")})
	}
	for _, a := range append(slices.Clone(caseActions), d.own()...) {
		if a.may(d, nil, process.Locked) {
			out = append(out, page.Link{Path: "/vorgaenge/" + d.ID + "/" + a.name, Label: p.T("workflow.do." + a.name), Danger: a.danger})
		}
	}
	if d.has(command.MayConfigure...) && !d.Head.Status.Ended() {
		out = append(out, page.Link{Path: "/vorgaenge/" + d.ID + "/kalender", Label: p.T("workflow.calendar.title")})
	}
	return out
}

// actionPage asks for what an action needs to know.
type actionPage struct {
	web.Page
	page.Facts
	Heading, Step, Lead string
	Base, Back          string
	View                form.View
	Command, Iteration  string
	Button              string
	Danger              bool
}

// doing is a request to do something at the desk.
type doing struct {
	action
	d    *desk
	t    *process.Template
	ref  process.Ref
	form *form.Form
	path string
}

// enterAction finds what is to be done, and whether this person may do it now.
func (x *Service) enterAction(r *http.Request) (*doing, error) {
	d, err := x.enterCase(r)
	if err != nil {
		return nil, err
	}
	if !d.overview() {
		return nil, web.ErrNotFound
	}
	g := &doing{d: d, path: r.URL.Path}
	list := append(slices.Clone(caseActions), d.own()...)
	if who := r.URL.Query().Get("wer"); who != "" {
		list = d.withPerson(who)
		g.path += "?wer=" + url.QueryEscape(who)
	}
	if name := strings.ReplaceAll(r.URL.Query().Get("aufgabe"), ".", "#"); name != "" {
		if open, err := x.TaskOpen(r.Context(), d.ID, name); err != nil || !open {
			return nil, cmp.Or(err, web.ErrNotFound)
		}
		list = []action{settle(name)}
		g.path += "?aufgabe=" + r.URL.Query().Get("aufgabe")
	}
	if name := r.URL.Query().Get(recordParam); name != "" {
		a, err := x.recordAction(r.Context(), d, name)
		if err != nil {
			return nil, err
		}
		list = []action{a}
		g.path += "?" + recordParam + "=" + name
	}
	state := process.Locked
	if key := r.PathValue("step"); key != "" {
		mark := d.Head.Steps[key]
		g.t, g.ref, state, list = d.Def.Template(key), process.Ref{Step: key, Iteration: mark.Iteration}, mark.State, stepActions
	}
	at := slices.IndexFunc(list, func(a action) bool { return a.name == r.PathValue("do") })
	if at < 0 || !list[at].may(d, g.t, state) {
		return nil, web.ErrNotFound
	}
	g.action = list[at]
	g.form, err = x.Action(g.name)
	return g, err
}

func (x *Service) actionPage(r *http.Request, g *doing, a form.Answers, problems form.Problems) actionPage {
	p := actionPage{Page: x.Site.Page(r, "workflow.do."+g.name), Base: g.path, Back: "/vorgaenge/" + g.d.ID, Danger: g.danger}
	p.Facts = x.Facts(p.Page, g.d.Record, g.d.Head.Phase())
	p.Heading, p.Lead, p.Button = p.T("workflow.do."+g.name), p.T("workflow.do."+g.name+".lead"), p.T("workflow.do."+g.name)
	if g.t != nil {
		p.Step, p.Back = p.In(g.t.Title), p.Back+"/schritte/"+g.t.Key
	}
	p.Command, p.Iteration = rand.Text(), fmt.Sprint(g.ref.Iteration)
	p.View = g.form.View(a, "", problems, x.Env(r.Context(), p.Lang, g.d.Now(x.Now())))
	if g.choices != nil {
		p.Step = p.In(g.about)
		onlyChoices(p.View, g.choices)
	}
	if g.name == "rolle" {
		onlyNameable(p.View, g.role(g.d, g.t))
	}
	return p
}

// onlyNameable leaves out the roles that somebody cannot name anybody for.
func onlyNameable(v form.View, by string) {
	for _, it := range v.Items {
		if it.Select != nil {
			it.Select.Options = slices.DeleteFunc(it.Select.Options, func(o form.Offer) bool { return !command.MayName(by, o.Value) })
		}
	}
}

func (x *Service) showAction(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("do") == "korrigieren" {
		return x.showCorrect(w, r)
	}
	g, err := x.enterAction(r)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "action", x.actionPage(r, g, nil, nil))
}

func (x *Service) receiveAction(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if r.PathValue("do") == "korrigieren" {
		return x.receiveCorrect(w, r)
	}
	g, err := x.enterAction(r)
	if errors.Is(err, web.ErrNotFound) {
		return x.doneBefore(w, r)
	}
	if err != nil {
		return err
	}
	now := x.Now()
	env := x.Env(r.Context(), lang.From(r.Context()), g.d.Now(now))
	act := page.ReadAct(g.form, r.PostForm, env)
	if !act.Problems.Errors() && r.PostFormValue("_iteration") == fmt.Sprint(g.ref.Iteration) {
		m := command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{
			Role: g.role(g.d, g.t), Who: cases.WhoHash(process.Address(g.d.user.Email)),
		}}
		cmd := g.command(m, g.ref, act.Answers)
		_, err := x.Do(r.Context(), g.d.ID, cmd, now)
		if err == nil || errors.Is(err, command.ErrAlready) {
			if err := x.inAllCases(r.Context(), g.d, cmd, now); err != nil {
				return err
			}
			return web.Redirect(w, r, "/vorgaenge/"+g.d.ID+g.then)
		}
		problem, ok := refused(g.form, err)
		if !ok {
			return err
		}
		act.Problems = append(act.Problems, problem)
	}
	p := x.actionPage(r, g, act.Typed, act.Problems)
	p.Fault(true)
	p.Command = cmp.Or(r.PostFormValue("_command"), p.Command)
	return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "action", p)
}

// doneBefore answers a post that found nothing to do: the second press of a
// button leads where the first one led.
func (x *Service) doneBefore(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if cmd := process.Short(r.PostFormValue("_command")); cmd != "" && slices.Contains(d.Head.Recent, cmd) {
		return web.Redirect(w, r, "/vorgaenge/"+d.ID)
	}
	return web.ErrNotFound
}

// has is the name of a question if the form asks it.
func has(f *form.Form, name string) string {
	if _, ok := f.Field(name); !ok {
		return ""
	}
	return name
}

// refused says what a rule has against an action, at the field that can mend
// it.
func refused(f *form.Form, err error) (form.Problem, bool) {
	for _, c := range []struct {
		err     error
		field   string
		message lang.Text
	}{
		{command.ErrDate, "due", lang.Text{
			DE: "Der neue Termin muss nach heute liegen und ein anderer sein als bisher. Bitte wählen Sie einen späteren Tag.",
			EN: "The new date must be after today and differ from the present one. Please choose a later day.",
		}},
		{command.ErrNobody, "email", page.SameAddress},
		{command.ErrRole, "role", lang.Text{
			DE: "Diese Rolle besetzt die Servicestelle. Bitte wenden Sie sich an sie.",
			EN: "The service office names who holds this role. Please contact it.",
		}},
		{command.ErrPeriod, "to", page.WrongPeriod},
		{command.ErrAway, cmp.Or(has(f, "email"), "deputy"), page.NobodyThere},
		{command.ErrReason, "reason", lang.Text{
			DE: "Bitte nennen Sie einen Grund, beim Überspringen, Verweisen und Beenden mit mindestens 20 Zeichen.",
			EN: "Please give a reason; for skipping, referring and stopping with at least 20 characters.",
		}},
		{command.ErrMove, "state", lang.Text{
			DE: "Diesen Stand kann es von hier aus nicht geben. Bitte sehen Sie im Vorgang nach und wählen Sie einen anderen.",
			EN: "This state cannot follow the present one. Please look at the case and choose another.",
		}},
		{command.ErrSame, "reason", lang.Text{
			DE: "Hier gilt das Vier-Augen-Prinzip: Bitte lassen Sie jemand anderen annehmen, was Sie eingereicht haben.",
			EN: "This needs a second person: please let somebody else accept what you submitted.",
		}},
		{command.ErrNotOpen, "reason", lang.Text{
			DE: "Der Schritt hat sich inzwischen geändert. Bitte sehen Sie im Vorgang nach.",
			EN: "The step has changed in the meantime. Please look at the case.",
		}},
		{command.ErrResting, "reason", lang.Text{
			DE: "Der Vorgang ruht oder ist beendet.",
			EN: "The case rests or has ended.",
		}},
	} {
		if errors.Is(err, c.err) {
			return form.Problem{Field: c.field, Level: form.Error, Label: page.LabelOf(f, c.field), Message: c.message}, true
		}
	}
	return form.Problem{}, false
}

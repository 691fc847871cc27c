package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// This file moves running cases to the shipped version: what is different, what
// it means for each case, the decisions, and a few cases with each request.

const (
	moveAtOnce = 40  // cases a request
	moveListed = 200 // cases on the page
)

type diffRow struct{ Step, What string }

type foreseenRow struct {
	Path, No, Municipality string
	What                   []string
	Mails                  int
	Undecided              bool
}

type movePage struct {
	web.Page
	Base, Back string
	From, To   string
	Diff       []diffRow
	TextsOnly  bool
	Cases      int // that stand on the version
	Listed     []foreseenRow
	More       int // that are not listed
	Mails      int
	Undecided  int
	View       form.View
	Begun      bool // by a plan that is kept
}

// moving is a request about one version.
type moving struct {
	old, new *process.Definition
	diff     process.Diff
	plan     process.Plan
	begun    bool
	seen     []cases.Foreseen
	form     *form.Form
}

// enterMove compares the version of a request with the shipped one, and runs the
// plan over all cases: the one that a move was begun by, or what was posted.
func (x *Service) enterMove(r *http.Request, posted bool) (*moving, form.Answers, error) {
	old, new, err := x.versions(r)
	if err != nil {
		return nil, nil, err
	}
	m := &moving{old: old, new: new}
	if m.diff, err = process.Compare(old, new); err != nil {
		return nil, nil, err
	}
	if m.plan, m.begun, err = x.Plan(r.Context(), old.Hash, new.Hash); err != nil {
		return nil, nil, err
	}
	if !m.begun {
		m.plan = process.Plan{From: old.Hash, To: new.Hash}
	}
	// What can be decided is known from all cases without any decision.
	if m.seen, err = x.Foresee(r.Context(), process.Plan{From: old.Hash, To: new.Hash}, new, x.Now()); err != nil {
		return nil, nil, err
	}
	if m.form, err = m.decisions(); err != nil {
		return nil, nil, err
	}
	answers := m.answers()
	if posted {
		answers = m.form.Read(r.PostForm, "", nil)
		m.plan = m.planOf(answers)
	}
	if m.plan.Check(old, new) == nil || posted {
		m.seen, err = x.Foresee(r.Context(), m.plan, new, x.Now())
	}
	return m, answers, err
}

// field is the question of the form by which something of a step is decided.
func field(what, step string) string { return what + "_" + strings.ToLower(step) }

// asks are the questions of a difference: the key of the plan, and the choices.
func asks(t cases.Total) (key string, offers []string) {
	switch t.What {
	case command.Gone, command.Lost, command.Stuck:
		return "open", t.Offers
	case command.Opens:
		return "ready", t.Offers
	case command.Due:
		return "due", []string{process.Keep, process.Recount}
	case command.Asked:
		return "asked", []string{process.Keep, process.Again}
	}
	return "", nil
}

// decisions is the form that makes a plan of what the cases need.
func (m *moving) decisions() (*form.Form, error) {
	d := &define.Definition{
		Settings: define.Settings{ID: "workflow_move", Version: "1", Language: "de", Title: lang.Text{DE: "Vorgänge umstellen", EN: "Move cases"}},
		Choices:  map[string][]define.Choice{},
	}
	for _, t := range cases.Totals(m.seen) {
		key, offers := asks(t)
		name := field(key, t.Step)
		if key == "" || d.Choices[name] != nil {
			continue
		}
		q := &define.Question{Type: "select_one " + name, Name: name, Label: m.label(t), Appearance: "minimal", Class: "org"}
		if t.Undecided > 0 || len(t.Offers) > 0 {
			q.Required = "yes"
		}
		for _, o := range offers {
			d.Choices[name] = append(d.Choices[name], define.Choice{Name: o, Label: offerText(key, o)})
		}
		if t.What == command.Gone {
			d.Choices[name] = append(d.Choices[name], m.successors()...)
		}
		d.Survey = append(d.Survey, q)
	}
	d.Survey = append(d.Survey, closing()...)
	d.Choices["mailing"] = []define.Choice{{Name: "no", Label: mailNo}, {Name: "yes", Label: mailYes}}
	f, found, err := form.ExamineDefinition(d, &define.Report{File: "move"})
	if err == nil && f == nil {
		err = fmt.Errorf("making the form of a move: %v", found[0].Text.EN)
	}
	return f, err
}

// successors are the steps that one that is gone can become: those that are new.
func (m *moving) successors() []define.Choice {
	var out []define.Choice
	for _, s := range m.diff {
		if t := m.new.Template(s.Step); s.Added && t.HasForm() && t.Survey == "" {
			out = append(out, define.Choice{Name: t.Key, Label: lang.Text{
				DE: fmt.Sprintf("geht weiter als %s %s", t.Key, t.Title.DE), EN: fmt.Sprintf("goes on as %s %s", t.Key, t.Title.EN),
			}})
		}
	}
	return out
}

func (m *moving) label(t cases.Total) lang.Text {
	title := lang.Text{DE: t.Step, EN: t.Step}
	for _, d := range []*process.Definition{m.old, m.new} {
		if tpl := d.Template(t.Step); tpl != nil {
			title = lang.Text{DE: t.Step + " " + tpl.Title.DE, EN: t.Step + " " + tpl.Title.EN}
		}
	}
	what := whats[t.What]
	return lang.Text{
		DE: fmt.Sprintf("%s %s (Vorgänge: %d)", title.DE, what.DE, t.Cases), EN: fmt.Sprintf("%s %s (cases: %d)", title.EN, what.EN, t.Cases),
	}
}

// answers are the plan as the form has it. Where it need not decide, what holds
// without it is chosen.
func (m *moving) answers() form.Answers {
	out := form.Answers{"mailing": {Text: "no"}}
	for _, t := range cases.Totals(m.seen) {
		if key, _ := asks(t); key == "due" || key == "asked" {
			out[field(key, t.Step)] = form.Value{Text: process.Keep}
		}
	}
	if m.plan.Reason != process.ReasonTexts {
		out["reason"] = form.Value{Text: m.plan.Reason}
	}
	if m.plan.Mail {
		out["mailing"] = form.Value{Text: "yes"}
	}
	for key, d := range m.plan.Steps {
		for what, word := range map[string]string{"open": d.Open, "ready": d.Ready, "due": d.Due, "asked": d.Asked} {
			if word != "" {
				out[field(what, key)] = form.Value{Text: word}
			}
		}
	}
	return out
}

func (m *moving) planOf(a form.Answers) process.Plan {
	p := process.Plan{From: m.old.Hash, To: m.new.Hash, Reason: strings.TrimSpace(a.Text("reason")), Mail: a.Text("mailing") == "yes"}
	p.Steps = map[string]process.Decision{}
	for _, f := range m.form.Fields() {
		what, step, ok := strings.Cut(f.Name, "_")
		if word := a.Text(f.Name); ok && word != "" {
			key := strings.ToUpper(step)
			d := p.Steps[key]
			*map[string]*string{"open": &d.Open, "ready": &d.Ready, "due": &d.Due, "asked": &d.Asked}[what] = word
			p.Steps[key] = d
		}
	}
	return p
}

func (x *Service) movePage(r *http.Request, m *moving, a form.Answers, problems form.Problems) movePage {
	p := movePage{
		Page: x.Site.Page(r, "workflow.process.move"), Base: movePath(m.old.Hash), Back: processPath,
		From: m.old.Hash, To: m.new.Hash, TextsOnly: m.diff.TextsOnly(), Cases: len(m.seen), Begun: m.begun,
	}
	for _, s := range m.diff {
		p.Diff = append(p.Diff, diffRow{titleIn(p.Page, s.Step, m.new, m.old), p.differences(s)})
	}
	for _, f := range m.seen {
		p.Mails += len(f.Mails)
		row := x.foreseen(p.Page, m, f)
		if row.Undecided {
			p.Undecided++
		}
		if len(p.Listed) == moveListed {
			p.More++
			continue
		}
		p.Listed = append(p.Listed, row)
	}
	p.View = m.form.View(a, "", problems, x.Env(r.Context(), p.Lang, x.Now()))
	p.Wide()
	return p
}

func titleIn(p web.Page, key string, in ...*process.Definition) string {
	for _, d := range in {
		if t := d.Template(key); t != nil {
			return key + " " + p.In(t.Title)
		}
	}
	return key
}

func (p *movePage) differences(s process.StepDiff) string {
	switch {
	case s.Added:
		return p.T("workflow.process.added")
	case s.Removed:
		return p.T("workflow.process.removed")
	}
	var out []string
	for _, part := range s.Parts {
		out = append(out, p.T("workflow.part."+string(part)))
	}
	return strings.Join(out, ", ")
}

func (x *Service) foreseen(p web.Page, m *moving, f cases.Foreseen) foreseenRow {
	row := foreseenRow{
		Path: "/vorgaenge/" + f.ID, No: f.No, Municipality: f.Municipality, Mails: len(f.Mails), Undecided: f.Undecided() || f.Fault != nil,
	}
	for _, c := range f.Changes {
		text := titleIn(p, c.Step, m.old, m.new) + " " + p.In(whats[c.What])
		if !c.Due.IsZero() {
			text += ": " + p.T("workflow.process.due", p.Short(c.Was), p.Short(c.Due))
		}
		var who []string
		for _, a := range c.Asked {
			who = append(who, called(p.T("workflow.role."+a.Role), cmp.Or(a.Name, a.Email)))
		}
		if len(who) > 0 {
			text += ": " + strings.Join(who, ", ")
		}
		row.What = append(row.What, text)
	}
	if f.Fault != nil {
		row.What = append(row.What, p.T("workflow.process.fault"))
	}
	return row
}

func (x *Service) showMove(w http.ResponseWriter, r *http.Request) error {
	m, answers, err := x.enterMove(r, false)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "move", x.movePage(r, m, answers, nil))
}

// receiveMove shows what the posted plan would do, or carries it out once the
// word is typed and every case is decided.
func (x *Service) receiveMove(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	switch {
	case r.PostForm.Has("_on"):
		return x.goOn(w, r)
	case r.PostForm.Has("_texts"):
		return x.applyTexts(w, r)
	}
	m, answers, err := x.enterMove(r, true)
	if err != nil {
		return err
	}
	if r.PostForm.Has("_preview") {
		return x.Pages.Render(w, r, http.StatusOK, "move", x.movePage(r, m, answers, nil))
	}
	problems := m.form.Check(answers, "", x.Env(r.Context(), lang.From(r.Context()), x.Now()))
	if !problems.Errors() && (m.plan.Check(m.old, m.new) != nil || slices.ContainsFunc(m.seen, func(f cases.Foreseen) bool { return f.Undecided() || f.Fault != nil })) {
		problems = append(problems, form.Problem{Field: "word", Level: form.Error, Label: wordLabel, Message: notAll})
	}
	if problems.Errors() {
		p := x.movePage(r, m, answers, problems)
		p.Fault(true)
		return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "move", p)
	}
	if err := x.KeepPlan(r.Context(), m.plan); err != nil {
		return err
	}
	return x.carryOut(w, r, m.plan, m.new)
}

// applyTexts moves cases to a version that says the same in other words.
func (x *Service) applyTexts(w http.ResponseWriter, r *http.Request) error {
	old, new, err := x.versions(r)
	if err != nil {
		return err
	}
	plan := process.TextsPlan(old.Hash, new.Hash)
	if plan.Check(old, new) != nil {
		return web.ErrNotFound
	}
	if err := x.KeepPlan(r.Context(), plan); err != nil {
		return err
	}
	return x.carryOut(w, r, plan, new)
}

// goOn carries on with a move that was begun.
func (x *Service) goOn(w http.ResponseWriter, r *http.Request) error {
	old, new, err := x.versions(r)
	if err != nil {
		return err
	}
	plan, begun, err := x.Plan(r.Context(), old.Hash, new.Hash)
	if err != nil {
		return err
	}
	if !begun {
		return web.Redirect(w, r, movePath(old.Hash))
	}
	return x.carryOut(w, r, plan, new)
}

// progressPage says how far a move has got.
type progressPage struct {
	web.Page
	Base, Back  string
	Moved, Left int
	Stays       []diffRow
}

func (x *Service) carryOut(w http.ResponseWriter, r *http.Request, plan process.Plan, to *process.Definition) error {
	done, left, err := x.Move(r.Context(), plan, to, moveAtOnce, x.Now())
	if err != nil {
		return err
	}
	if left == 0 {
		return web.Redirect(w, r, processPath+"?umgestellt")
	}
	p := progressPage{Page: x.Site.Page(r, "workflow.process.move"), Base: movePath(plan.From), Back: processPath, Left: left}
	for _, d := range done {
		undecided := (*command.Undecided)(nil)
		switch {
		case d.Fault == nil:
			p.Moved++
		case errors.As(d.Fault, &undecided):
			p.Stays = append(p.Stays, diffRow{d.No, p.T("workflow.process.undecided", undecided.Changes[0].Step)})
		default:
			p.Stays = append(p.Stays, diffRow{d.No, p.T("workflow.process.fault")})
		}
	}
	return x.Pages.Render(w, r, http.StatusOK, "moving", p)
}

package workflow

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// visit is a request to one open step, by link or at the desk.
type visit struct {
	c       *record
	id      string
	step    process.Step
	t       *process.Template
	form    *form.Form
	who     process.Asked // in which role, for whom the link was made
	lang    lang.Lang
	browser string // hash under which drafts are kept; "" before anything was saved
	draft   draft

	token  string    // by link
	user   *web.User // at the desk
	record bool      // at the desk, for somebody else: with a reason
	own    bool      // at the desk, by who sees only their own steps of the case
}

// base is where the pages of the step are.
func (v *visit) base() string {
	if v.user != nil {
		return "/vorgaenge/" + v.id + "/schritte/" + v.step.Ref.Step
	}
	return "/s/" + v.token
}

// after is where somebody is led who has finished the step.
func (v *visit) after() string {
	switch {
	case v.user == nil:
		return v.base() + "/fertig"
	case v.own:
		return "/aufgaben"
	}
	return "/vorgaenge/" + v.id + "?fertig=" + v.step.Ref.Step
}

func (v *visit) whoHash() string { return whoHash(v.who.Email) }

// roles are the roles that the visitor shares the step with.
func (v *visit) roles() []string {
	if v.who.Role == "EXT" || v.who.Role == "LOK" {
		return []string{"EXT", "LOK"}
	}
	return []string{v.who.Role}
}

// actor is who finishes the step.
func (v *visit) actor() process.Actor {
	if !v.record {
		return process.Actor{Role: v.who.Role}
	}
	return process.Actor{Role: v.who.Role, For: v.t.Actors()[0]}
}

// env is the world around a step's form.
func (x *Service) env(ctx context.Context, l lang.Lang, now time.Time) form.Env {
	return form.Env{
		Today: lang.DateOf(now), Now: now, Lang: l,
		Lookup: func(key string) (string, bool) {
			if x.Register == nil {
				return "", false
			}
			m, ok, err := x.Register.Find(ctx, key)
			return m.Name, ok && err == nil
		},
	}
}

// caseFacts are what every page on a case says about it.
type caseFacts struct {
	No, Municipality, Phase string
}

func (x *Service) facts(p web.Page, c *record, phase string) caseFacts {
	return caseFacts{No: c.Head.No, Municipality: c.Head.Municipality.Name, Phase: p.T("workflow.phase." + phase)}
}

// stepPage shows a step with its form.
type stepPage struct {
	web.Page
	caseFacts
	Heading, Asks string
	Due           string
	Late          bool
	View          form.View
	Command, For  string
	Iteration     string
	Base          string
	Saved, Empty  bool   // what the last post did
	Comment       string // why the step is open again; shown once the code was typed
	MayUnlock     bool   // there may be something that this browser does not show
	ByLink        bool
	Again         bool // not the first time

	Record        bool // for somebody else
	Correct       bool // after it was finished
	More          bool // the answers have led to more questions
	ForWhom       string
	Reason        string
	ReasonProblem string
	Intake        []form.SummaryGroup
	CasePath      string
	Actions       []actionLink
}

// page prepares the step for showing.
func (x *Service) page(r *http.Request, v *visit, answers form.Answers, problems form.Problems, now time.Time) stepPage {
	p := stepPage{Page: x.Site.Page(r, "workflow.step.title"), Base: v.base(), ByLink: v.user == nil}
	p.SetTitle(p.In(v.t.Title))
	p.caseFacts = x.facts(p.Page, v.c, v.t.Phase)
	p.Heading, p.Asks = p.In(v.t.Title), p.In(v.t.Asks)
	p.Due, p.Late = p.Long(v.step.Due), v.step.Due.Before(lang.DateOf(now))
	p.View = v.form.View(answers, "", problems, x.env(r.Context(), v.lang, now))
	p.Command, p.CasePath, p.Iteration = rand.Text(), "/vorgaenge/"+v.id, strconv.Itoa(v.step.Iteration)
	p.Again = v.step.Iteration > 1
	p.MayUnlock = p.ByLink && !v.draft.Opened
	if v.draft.Opened || v.user != nil {
		p.Comment = x.reason(p.Page, v.c.def, v.step.Comment)
	}
	if p.Record = v.record; p.Record {
		p.ForWhom = x.roleNames(p.Page, v.t.Actors())
	}
	return p
}

// reason writes a reason that a rule gave in words, and others as they are.
func (x *Service) reason(p web.Page, d *process.Definition, reason string) string {
	if reason == reasonCancelled {
		return p.T("workflow.reason.survey_cancelled")
	}
	if t := d.Template(reason); t != nil {
		return p.T("workflow.reason.step", p.In(t.Title))
	}
	return reason
}

func (x *Service) roleNames(p web.Page, codes []string) string {
	out := ""
	for i, c := range codes {
		if i > 0 {
			out += ", "
		}
		out += p.T("workflow.role." + c)
	}
	return out
}

// sealed is what a step's page carries, so that a post can be told from a
// stranger's even after the step was finished or handed over: whom the link
// was made for.
func (x *Service) sealed(v *visit) string {
	s, err := x.Links.Seal(sealPurpose(v.id, v.step.Ref), []byte(compact(v.who)))
	if err != nil {
		return "" // too long a name; the post then counts as a stranger's
	}
	return s
}

func sealPurpose(id string, ref process.Ref) string { return "step page " + idOf(id, ref) }

// prepare reads what showing the step takes beside the step itself.
func (x *Service) prepare(ctx context.Context, v *visit) error {
	var err error
	if v.c == nil {
		if v.c, err = x.load(ctx, v.id); err != nil {
			return err
		}
	}
	if v.t = v.c.def.Template(v.step.Ref.Step); v.t == nil {
		return web.ErrNotFound
	}
	if v.form, err = v.t.Form(); err != nil {
		return err
	}
	v.draft, err = x.loadDraft(ctx, v.id, v.step.Ref, v.browser)
	return err
}

// surveyProblems judges what a survey step's form cannot: the list of
// addresses, which is shown once before it is taken.
func (x *Service) surveyProblems(v *visit, a form.Answers) form.Problems {
	typed := a.Text(fieldAddresses)
	if v.t.Survey == "" || a.Text("survey_mode") != "closed" || typed == "" || x.ReadAddresses == nil {
		return nil
	}
	field, _ := v.form.Field(fieldAddresses)
	label := field.Label
	found, wrong := x.ReadAddresses(typed)
	var out form.Problems
	for _, w := range wrong {
		out = append(out, form.Problem{Field: fieldAddresses, Level: form.Error, Label: label, Message: w})
	}
	if len(wrong) == 0 {
		out = append(out, form.Problem{Field: fieldAddresses, Level: form.Warning, Label: label, Message: recognised(found)})
	}
	return out
}

const fieldAddresses = "addresses"

// check judges the whole form.
func (x *Service) check(v *visit, a form.Answers, env form.Env) form.Problems {
	p := v.form.Check(a, "", env)
	if slices.ContainsFunc(p, func(q form.Problem) bool { return q.Field == fieldAddresses && q.Level == form.Error }) {
		return p
	}
	return append(p, x.surveyProblems(v, a)...)
}

// recognised says which addresses were read.
func recognised(list []string) lang.Text {
	all := strings.Join(list, ", ")
	return lang.Text{
		DE: fmt.Sprintf("Erkannt wurden %d Adressen: %s. Bitte prüfen Sie sie und bestätigen Sie, dass alle eingeladen werden sollen.", len(list), all),
		EN: fmt.Sprintf("%d addresses were recognised: %s. Please check them and confirm that all of them are to be invited.", len(list), all),
	}
}

// address is the canonical spelling of what somebody typed, "" for none.
func address(typed string) string {
	a, err := mail.Address(typed)
	if err != nil {
		return ""
	}
	return a
}

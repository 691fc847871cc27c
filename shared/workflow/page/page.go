package page

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// Visit is a request to one open step, by link or at the desk.
type Visit struct {
	Case    *cases.Record
	ID      string
	Step    process.Step
	T       *process.Template
	Form    *form.Form
	Shown   string        // hash of the form on the page that was posted; "" when none was
	Who     process.Asked // in which role, for whom the link was made
	Lang    lang.Lang
	Browser string // hash under which drafts are kept; "" before anything was saved
	Draft   Draft

	Token     string    // by link
	User      *web.User // at the desk
	Recording bool      // at the desk, for somebody else: with a reason
	Own       bool      // at the desk, by who sees only their own steps of the case
}

// Base is where the pages of the step are.
func (v *Visit) Base() string {
	if v.User != nil {
		return "/vorgaenge/" + v.ID + "/schritte/" + v.Step.Ref.Step
	}
	return "/s/" + v.Token
}

// After is where somebody is led who has finished the step.
func (v *Visit) After() string {
	switch {
	case v.User == nil:
		return v.Base() + "/fertig"
	case v.Own:
		return "/aufgaben"
	}
	return "/vorgaenge/" + v.ID + "?fertig=" + v.Step.Ref.Step
}

// MayUnlock says whether the mailed code opens what was saved elsewhere or sent
// in before: to who was asked by role, not to whom the step was handed. Whoever
// finds a link can hand its step to themselves.
// Nor to whom somebody who is away lent it by their link.
func (v *Visit) MayUnlock() bool { return v.User == nil && !v.Who.Handed && !v.Who.Lent }

// Whose stands for whose link it is. It is keyed: nobody can look for an
// address that has the same. Under a new link key drafts stay with the browser
// that saved them.
func (x *Service) Whose(v *Visit) string { return x.Links.Hash(v.Who.Email) }

// actor is who finishes the step.
func (v *Visit) actor() process.Actor {
	a := process.Actor{Role: v.Who.Role, Who: cases.WhoHash(v.Who.Email)}
	if v.Recording {
		a.For = v.T.Actors()[0]
	}
	return a
}

// Env is the world around a step's form.
func (x *Service) Env(ctx context.Context, l lang.Lang, now time.Time) form.Env {
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

// Facts are what every page on a case says about it.
type Facts struct {
	No, Municipality, Phase string
}

// Facts says what every page on a case says about it.
func (x *Service) Facts(p web.Page, c *cases.Record, phase string) Facts {
	return Facts{No: c.Head.No, Municipality: c.Head.Municipality.Name, Phase: p.T("workflow.phase." + phase)}
}

// Link leads to something that can be done.
type Link struct {
	Path, Label string
	Danger      bool
}

// Step shows a step with its form.
type Step struct {
	web.Page
	Facts
	Heading, Asks string
	Due           string
	Late          bool
	View          form.View
	Command, For  string
	Iteration     string
	Version       string // hash of the form that is shown
	Base          string
	Saved, Empty  bool   // what the last post did
	SavedAt       string // when what was entered was saved
	Comment       string // why the step is open again; shown once the code was typed
	MayUnlock     bool   // there may be something that this browser does not show
	ByLink        bool
	MayWithdraw   bool   // for the municipality
	Again         bool   // not the first time
	InPlace       string // of whom the visitor is asked, in words
	MayBeAway     bool   // the visitor can say that they are away

	Record        bool // for somebody else
	Correct       bool // after it was finished
	More          bool // the answers have led to more questions
	ForWhom       string
	Reason        string
	ReasonProblem string
	Intake        []form.SummaryGroup
	Advice        []Advice
	AdviceLocked  bool // there are rules for this step; the code has to be typed first
	CasePath      string
	Actions       []Link
	Rounds        []Link // the step in other iterations, at the desk
}

// Show prepares the step for showing.
func (x *Service) Show(r *http.Request, v *Visit, answers form.Answers, problems form.Problems, now time.Time) Step {
	now = v.Case.Now(now)
	p := Step{Page: x.Site.Page(r, "workflow.step.title"), Base: v.Base(), ByLink: v.User == nil}
	p.SetTitle(p.In(v.T.Title))
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading, p.Asks = p.In(v.T.Title), p.In(v.T.Asks)
	p.Due, p.Late = p.Long(v.Step.Due), v.Step.Late(lang.DateOf(now))
	p.View = v.Form.View(answers, "", problems, x.Env(r.Context(), v.Lang, now))
	p.SavedAt = form.Saved(v.Draft.Saved, x.Env(r.Context(), v.Lang, now))
	p.Command, p.CasePath, p.Iteration = rand.Text(), "/vorgaenge/"+v.ID, strconv.Itoa(v.Step.Iteration)
	p.Version, p.InPlace = v.Form.Hash, inPlace(p.Page, v.Who)
	p.MayBeAway = v.User == nil && len(v.Case.People.RolesOf(v.Who.Email, lang.DateOf(now))) > 0
	p.Again = v.Redone()
	p.MayUnlock = v.MayUnlock() && !v.Draft.Opened
	if v.Draft.Opened || v.User != nil {
		p.Comment = x.Reason(p.Page, v.Case.Def, v.Step.Comment)
	}
	if p.Record = v.Recording; p.Record {
		p.ForWhom = x.RoleNames(p.Page, v.T.Actors())
	}
	return p
}

// inPlace says why somebody is asked who does not hold the role.
func inPlace(p web.Page, a process.Asked) string {
	switch {
	case a.StandsIn() && a.ForName != "":
		return p.T("workflow.step.deputy.for", a.ForName, p.T("workflow.role."+a.Role))
	case a.StandsIn():
		return p.T("workflow.step.deputy", p.T("workflow.role."+a.Role))
	case a.Handed && a.By != "":
		return p.T("workflow.step.handed", p.T("workflow.role."+a.By))
	}
	return ""
}

// Reason writes a reason that a rule gave in words, and others as they are.
func (x *Service) Reason(p web.Page, d *process.Definition, reason string) string {
	if reason == cases.ReasonCancelled {
		return p.T("workflow.reason.survey_cancelled")
	}
	if reason == process.ReasonTexts {
		return p.T("workflow.reason.texts_only")
	}
	if t := d.Template(reason); t != nil {
		return p.T("workflow.reason.step", p.In(t.Title))
	}
	return reason
}

// RoleNames lists roles in words.
func (x *Service) RoleNames(p web.Page, codes []string) string {
	out := ""
	for i, c := range codes {
		if i > 0 {
			out += ", "
		}
		out += p.T("workflow.role." + c)
	}
	return out
}

// Sealed is what a step's page carries, so that a post can be told from a
// stranger's even after the step was finished or handed over: whom the link
// was made for.
func (x *Service) Sealed(v *Visit) string {
	s, err := x.Links.Seal(sealPurpose(v.ID, v.Step.Ref), []byte(cases.Compact(v.Who)))
	if err != nil {
		return "" // too long a name; the post then counts as a stranger's
	}
	return s
}

func sealPurpose(id string, ref process.Ref) string { return "step page " + cases.IDOf(id, ref) }

// Prepare reads what showing the step takes beside the step itself.
func (x *Service) Prepare(ctx context.Context, v *Visit) error {
	var err error
	if v.Case == nil {
		if v.Case, err = x.Load(ctx, v.ID); err != nil {
			return err
		}
	}
	if v.T, err = x.TemplateOf(ctx, v.Case, v.Step); err != nil {
		return notFound(err)
	}
	if v.Draft, err = x.LoadDraft(ctx, v.ID, v.Step.Ref, v.Browser); err != nil {
		return err
	}
	if v.Form, err = x.formFor(ctx, v); err != nil {
		return err
	}
	if v.Step.State == process.Open && v.Draft.Saved.IsZero() {
		v.Draft.Answers, err = x.fill(ctx, v)
	}
	return err
}

// formFor is the version of the form that counts: the one on the page that was
// posted, so that nobody is judged by what they have not seen; else that of the
// answers, finished or saved; and where nothing has begun the live one.
func (x *Service) formFor(ctx context.Context, v *Visit) (*form.Form, error) {
	f, err := x.shown(ctx, v)
	switch {
	case err != nil || f != nil:
		return f, err
	case v.Step.State != process.Open:
		_, f, err = x.AnsweredBy(ctx, v.Case, v.Step)
		return f, err
	case !v.Draft.Saved.IsZero():
		return x.drafted(ctx, v)
	}
	return x.LiveForm(ctx, v.Case.Def, v.T)
}

// drafted is the version on which a draft was begun. Where the case was moved to
// a process that can't work with it, the draft goes on with the one that is live:
// what was typed stands at the questions of the same name.
func (x *Service) drafted(ctx context.Context, v *Visit) (*form.Form, error) {
	f, err := x.FormOf(ctx, v.T, v.Draft.Form)
	if err != nil {
		return nil, err
	}
	own, err := v.T.Form()
	if err != nil || f == own {
		return own, err
	}
	if f.ID != own.ID || !x.Fits(ctx, v.Case.Def, v.T, f) {
		return x.LiveForm(ctx, v.Case.Def, v.T)
	}
	return f, nil
}

// notFound is for a step that no version of the process knows any more.
func notFound(err error) error {
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	return err
}

// shown is the version that a post names; nil when it names none of this
// step's. It comes from outside: what this case's process can't work with, or
// what was live for nobody, is judged by the process's own form. A version that
// was replaced since the page was shown still counts.
func (x *Service) shown(ctx context.Context, v *Visit) (*form.Form, error) {
	if len(v.Shown) != 2*sha256.Size {
		return nil, nil
	}
	own, err := v.T.Form()
	if err != nil {
		return nil, err
	}
	f, err := x.FormOf(ctx, v.T, v.Shown)
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrKey) || err == nil && f.ID != own.ID {
		return nil, nil
	}
	if err != nil || f == own {
		return f, err
	}
	if !x.Fits(ctx, v.Case.Def, v.T, f) {
		return own, nil
	}
	ok, err := x.wasOffered(ctx, v, f)
	if !ok {
		f = own
	}
	return f, err
}

// wasOffered says whether a page of the step can have been on a version: it is
// that of the draft, or it is or was live.
func (x *Service) wasOffered(ctx context.Context, v *Visit, f *form.Form) (bool, error) {
	if v.Draft.Form == f.Hash {
		return true, nil
	}
	s, err := x.Forms.Shelf(ctx, f.ID)
	return s.Has(f.Hash), err
}

// addIntake adds the expression of interest to the step that checks it.
func (x *Service) addIntake(ctx context.Context, v *Visit, p *Step) error {
	if v.User == nil || x.IntakeSummary == nil || v.Case.Head.Intake == "" || !slices.ContainsFunc(v.T.Pre, func(n process.Need) bool {
		return n.Step == v.Case.Def.Templates[0].Key
	}) {
		return nil
	}
	groups, err := x.IntakeSummary(ctx, v.Case.Head.Intake, v.Lang)
	p.Intake = groups
	return err
}

// surveyProblems judges what a survey step's form cannot: the list of
// addresses, which is shown once before it is taken.
func (x *Service) surveyProblems(v *Visit, a form.Answers) form.Problems {
	typed := a.Text(cases.AddressesField)
	if v.T.Survey == "" || a.Text("survey_mode") != "closed" || typed == "" || x.ReadAddresses == nil {
		return nil
	}
	field, _ := v.Form.Field(cases.AddressesField)
	label := field.Label
	found, wrong := x.ReadAddresses(typed)
	var out form.Problems
	for _, w := range wrong {
		out = append(out, form.Problem{Field: cases.AddressesField, Level: form.Error, Label: label, Message: w})
	}
	if len(wrong) == 0 {
		out = append(out, form.Problem{Field: cases.AddressesField, Level: form.Warning, Label: label, Message: recognised(found)})
	}
	return out
}

// check judges the whole form.
func (x *Service) check(v *Visit, a form.Answers, env form.Env) form.Problems {
	p := v.Form.Check(a, "", env)
	if slices.ContainsFunc(p, func(q form.Problem) bool { return q.Field == cases.AddressesField && q.Level == form.Error }) {
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

// Address is the canonical spelling of what somebody typed, "" for none.
func Address(typed string) string {
	a, err := mail.Address(typed)
	if err != nil {
		return ""
	}
	return a
}

// Masked lets people recognise an address without telling it.
func Masked(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	return name[:min(1, len(name))] + "…@" + domain
}

package link

import (
	"errors"
	"fmt"
	"net/http"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// linked finds the step of a request's link, good or not.
func (x *Service) linked(r *http.Request) (id string, st process.Step, err error) {
	text, ok := x.Links.ID(r.PathValue("token"))
	if !ok {
		return "", st, web.ErrUnknownLink
	}
	id, ref, ok := cases.ParseID(text)
	if !ok {
		return "", st, web.ErrUnknownLink
	}
	st, err = x.Followed(r.Context(), id, ref)
	if errors.Is(err, table.ErrNotFound) {
		return "", st, web.ErrUnknownLink
	}
	if err != nil {
		return "", st, fmt.Errorf("following a link: %w", err)
	}
	if st.Ref != ref {
		x.relink(r, id, ref, st)
	}
	return id, st, nil
}

// relink lets a link to what a step was before the case was moved count as its
// holder's link to what it became. A link that was not good stays what it is.
func (x *Service) relink(r *http.Request, id string, was process.Ref, st process.Step) {
	for _, a := range cases.Recipients(st) {
		if x.Links.Check(r.PathValue("token"), cases.StepLink(id, was, a.Email, a.Rev)) {
			r.SetPathValue("token", x.Links.Token(cases.StepLink(id, st.Ref, a.Email, a.Rev)))
			return
		}
	}
}

// good finds whom the link of an open step was made for.
func (x *Service) good(token, id string, st process.Step) (process.Asked, bool) {
	if st.State != process.Open {
		return process.Asked{}, false
	}
	for _, a := range cases.Recipients(st) {
		if x.Links.Check(token, cases.StepLink(id, st.Ref, a.Email, a.Rev)) {
			return a, true
		}
	}
	return process.Asked{}, false
}

// enter opens a step by its link.
func (x *Service) enter(r *http.Request, id string, st process.Step) (*page.Visit, error) {
	token := r.PathValue("token")
	who, ok := x.good(token, id, st)
	if !ok {
		return nil, web.ErrUnknownLink
	}
	v := &page.Visit{
		ID: id, Step: st, Token: token, Who: who, Lang: lang.From(r.Context()),
		Browser: page.BrowserHash(id, st.Ref, x.Device(r)), Shown: page.ShownForm(r),
	}
	return v, x.Prepare(r.Context(), v)
}

// byLink is linked and enter for pages that only an open step has.
func (x *Service) byLink(r *http.Request) (*page.Visit, error) {
	id, st, err := x.linked(r)
	if err != nil {
		return nil, err
	}
	return x.enter(r, id, st)
}

func (x *Service) showLink(w http.ResponseWriter, r *http.Request) error {
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	if x.decisionLink(r, id, st) {
		return x.showDecision(w, r, id, st)
	}
	if led, err := x.toPresent(w, r, id, st); led || err != nil {
		return err
	}
	if v, ok, err := x.secondVisit(r, id, st); ok || err != nil {
		if err != nil {
			return err
		}
		return x.showSecond(w, r, v)
	}
	if x.finishedHere(r, id, st) {
		return web.Redirect(w, r, "/s/"+r.PathValue("token")+"/fertig")
	}
	v, err := x.enter(r, id, st)
	if errors.Is(err, web.ErrUnknownLink) {
		return x.showPast(w, r, id, st)
	}
	if err != nil {
		return err
	}
	if st.Pause || !v.Case.Head.Status.Running() {
		return x.showResting(w, r, v)
	}
	answers := v.Draft.Answers
	if answers.Empty() {
		if answers, err = x.Begin(r.Context(), v); err != nil {
			return err
		}
	}
	p := x.Show(r, v, answers, nil, x.Now())
	p.For = x.Sealed(v)
	p.MayWithdraw = mayWithdraw(v)
	p.Saved, p.Empty = r.URL.Query().Has("gespeichert"), r.URL.Query().Has("leer")
	if err := x.Around(r.Context(), v, &p); err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "step", p)
}

func (x *Service) receiveLink(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	v, err := x.enter(r, id, st)
	if errors.Is(err, web.ErrUnknownLink) {
		return x.late(w, r, id, st)
	}
	if err != nil {
		return err
	}
	if st.Pause || !v.Case.Head.Status.Running() {
		return x.TooLate(w, r, v, v.Form.Read(r.PostForm, "", nil))
	}
	if v.Browser == "" {
		v.Browser = page.BrowserHash(id, st.Ref, x.GiveDevice(w, r))
	}
	return x.Receive(w, r, v)
}

// finishedHere says that this browser finished the step by this link.
func (x *Service) finishedHere(r *http.Request, id string, st process.Step) bool {
	here := page.Finisher(page.BrowserHash(id, st.Ref, x.Device(r)), r.PathValue("token"))
	return here != "" && st.Browser == here && st.State != process.Open
}

// donePage thanks, and shows what was entered to the browser that sent it.
type donePage struct {
	web.Page
	page.Facts
	Heading string
	Text    string
	When    string
	Groups  []form.SummaryGroup
}

func (x *Service) showDone(w http.ResponseWriter, r *http.Request) error {
	id, st, err := x.linked(r)
	if err != nil {
		return err
	}
	if !x.finishedHere(r, id, st) {
		return web.ErrUnknownLink
	}
	v := &page.Visit{ID: id, Step: st, Token: r.PathValue("token"), Lang: lang.From(r.Context())}
	if err := x.Prepare(r.Context(), v); err != nil {
		return err
	}
	return x.renderDone(w, r, v)
}

func (x *Service) renderDone(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	p := donePage{Page: x.Site.Page(r, "workflow.done.title")}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading, p.When = p.In(v.T.Title), p.DateTime(v.Step.At)
	p.Text = p.T("workflow.done.text")
	switch v.Step.State {
	case process.Submitted:
		p.Text = p.T("workflow.done.survey")
		if v.T.Survey == "" {
			p.Text = p.T("workflow.done.review")
		}
	case process.Query:
		p.Text = p.T("workflow.done.query")
	}
	p.Groups = v.Form.Summary(v.Step.Answers, x.Env(r.Context(), v.Lang, v.Case.Now(x.Now())))
	return x.Pages.Render(w, r, http.StatusOK, "done", p)
}

// restingPage is for a step that nobody works on at present.
type restingPage struct {
	web.Page
	page.Facts
	Heading string
}

func (x *Service) showResting(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	p := restingPage{Page: x.Site.Page(r, "workflow.resting.title")}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	return x.Pages.Render(w, r, http.StatusOK, "resting", p)
}

// codePage takes the mailed code.
type codePage struct {
	web.Page
	page.Facts
	Base    string
	Address string // masked
	Problem string
	Decides bool // it opens a decision, not a draft
}

func (x *Service) codePage(r *http.Request, v *page.Visit) codePage {
	p := codePage{Page: x.Site.Page(r, "workflow.code.title"), Base: v.Base(), Address: page.Masked(v.Who.Email)}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	return p
}

// reader opens a step or a decision by its link: both take a code.
func (x *Service) reader(r *http.Request) (*page.Visit, error) {
	id, st, err := x.linked(r)
	if err != nil {
		return nil, err
	}
	if x.decisionLink(r, id, st) {
		return x.decisionVisit(r, id, st)
	}
	if v, ok, err := x.secondVisit(r, id, st); ok || err != nil {
		return v, err
	}
	v, err := x.enter(r, id, st)
	if err == nil && !v.MayUnlock() {
		return nil, web.ErrNotFound
	}
	return v, err
}

func (x *Service) sendCode(w http.ResponseWriter, r *http.Request) error {
	v, err := x.reader(r)
	if err != nil {
		return err
	}
	nonce, err := x.askCode(r.Context(), v, x.Now())
	if err != nil {
		return err
	}
	x.Site.SetCookie(w, codeCookie, nonce, codeValid)
	return web.Redirect(w, r, v.Base()+"/code")
}

func (x *Service) showCode(w http.ResponseWriter, r *http.Request) error {
	v, err := x.reader(r)
	if err != nil {
		return err
	}
	return x.Pages.Render(w, r, http.StatusOK, "code", x.codePage(r, v))
}

func (x *Service) receiveCode(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	v, err := x.reader(r)
	if err != nil {
		return err
	}
	right, err := x.tryCode(r.Context(), v, x.Site.Cookie(r, codeCookie), r.PostFormValue("_code"))
	if err != nil {
		return err
	}
	if !right {
		p := x.codePage(r, v)
		p.Fault(true)
		p.Problem = p.T("workflow.code.wrong")
		return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "code", p)
	}
	x.Site.ClearCookie(w, codeCookie)
	v.Browser = page.BrowserHash(v.ID, v.Step.Ref, x.GiveDevice(w, r))
	if v.Step.State != process.Open {
		return x.openDecision(w, r, v)
	}
	if err := x.unlock(r.Context(), v, x.Now()); err != nil {
		return err
	}
	return web.Redirect(w, r, v.Base())
}

// late answers a post to a link that is not good any more. Who had the page
// before sees what they typed; everybody else the page for unknown links.
func (x *Service) late(w http.ResponseWriter, r *http.Request, id string, st process.Step) error {
	v, err := x.Before(r, id, st)
	if err != nil {
		return err
	}
	// The same page sent twice: the first one finished the step.
	if cmd := r.PostFormValue("_command"); cmd != "" && st.Cmd == process.Short(cmd) {
		return web.Redirect(w, r, v.After())
	}
	answers := v.Form.Read(r.PostForm, "", nil)
	if answers.Empty() {
		return web.ErrUnknownLink
	}
	return x.TooLate(w, r, v, answers)
}

// sharing are the roles that the visitor shares the step with.
func sharing(v *page.Visit) []string {
	if v.Who.Role == "EXT" || v.Who.Role == "LOK" {
		return []string{"EXT", "LOK"}
	}
	return []string{v.Who.Role}
}

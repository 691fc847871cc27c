package link

import (
	"fmt"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// A decision that is not an acceptance is mailed to the lead office with a
// link. The reasons stand behind it, and behind a code: they are what somebody
// wrote.

// decisionLink says whether a link leads to a decision, and not to a step to
// be done.
func (x *Service) decisionLink(r *http.Request, id string, st process.Step) bool {
	_, ok := x.decisionFor(r, id, st)
	return ok
}

func (x *Service) decisionFor(r *http.Request, id string, st process.Step) (process.Asked, bool) {
	if st.State != process.Done {
		return process.Asked{}, false
	}
	c, err := x.Load(r.Context(), id)
	if err != nil {
		return process.Asked{}, false
	}
	today := lang.DateOf(c.Now(x.Now()))
	list := slices.DeleteFunc(c.Reach("FED", today), func(a process.Asked) bool { return a.Lent })
	for _, h := range c.People["FED"] {
		if h.Holds(today) { // also while they are away
			list = append(list, process.Asked{Role: "FED", Name: h.Name, Email: h.Email})
		}
	}
	for _, h := range list {
		if x.Links.Check(r.PathValue("token"), cases.DecisionLink(id, st.Ref, h.Email)) {
			return h, true
		}
	}
	return process.Asked{}, false
}

func (x *Service) decisionVisit(r *http.Request, id string, st process.Step) (*page.Visit, error) {
	h, ok := x.decisionFor(r, id, st)
	if !ok {
		return nil, web.ErrUnknownLink
	}
	v := &page.Visit{
		ID: id, Step: st, Token: r.PathValue("token"), Lang: lang.From(r.Context()),
		Who:     h,
		Browser: page.BrowserHash(id, st.Ref, x.Device(r)),
	}
	return v, x.Prepare(r.Context(), v)
}

// decisionPage shows the decision, once the code was typed also the reasons.
type decisionPage struct {
	web.Page
	page.Facts
	Base   string
	Status string
	Groups []form.SummaryGroup
}

func (x *Service) showDecision(w http.ResponseWriter, r *http.Request, id string, st process.Step) error {
	v, err := x.decisionVisit(r, id, st)
	if err != nil {
		return err
	}
	p := decisionPage{Page: x.Site.Page(r, "workflow.decision.title"), Base: v.Base()}
	p.Facts = x.Facts(p.Page, v.Case, v.T.Phase)
	if v.Draft.Opened {
		p.Status = p.T("workflow.status." + string(v.Case.Head.Status))
		p.Groups = v.Form.Summary(v.Step.Answers, x.Env(r.Context(), v.Lang, v.Case.Now(x.Now())))
	}
	return x.Pages.Render(w, r, http.StatusOK, "decision", p)
}

// openDecision remembers that this browser may see the reasons.
func (x *Service) openDecision(w http.ResponseWriter, r *http.Request, v *page.Visit) error {
	d := page.Draft{Who: x.Whose(v), Opened: true, Saved: x.Now()}
	if err := x.SaveDraft(r.Context(), v.ID, v.Step.Ref, v.Browser, d); err != nil {
		return fmt.Errorf("opening a decision: %w", err)
	}
	return web.Redirect(w, r, v.Base())
}

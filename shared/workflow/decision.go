package workflow

import (
	"fmt"
	"net/http"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
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

func (x *Service) decisionFor(r *http.Request, id string, st process.Step) (process.Person, bool) {
	if st.State != process.Done {
		return process.Person{}, false
	}
	c, err := x.load(r.Context(), id)
	if err != nil {
		return process.Person{}, false
	}
	for _, h := range c.People["FED"] {
		link := stepLink(id, st.Ref, h.Email, 0)
		link.Purpose = purposeDecision
		if x.Links.Check(r.PathValue("token"), link) {
			return h, true
		}
	}
	return process.Person{}, false
}

func (x *Service) decisionVisit(r *http.Request, id string, st process.Step) (*visit, error) {
	h, ok := x.decisionFor(r, id, st)
	if !ok {
		return nil, web.ErrUnknownLink
	}
	v := &visit{
		id: id, step: st, token: r.PathValue("token"), lang: lang.From(r.Context()),
		who:     process.Asked{Role: "FED", Email: h.Email, Name: h.Name},
		browser: browserHash(id, st.Ref, x.device(r)),
	}
	return v, x.prepare(r.Context(), v)
}

// decisionPage shows the decision, once the code was typed also the reasons.
type decisionPage struct {
	web.Page
	caseFacts
	Base   string
	Status string
	Groups []form.SummaryGroup
}

func (x *Service) showDecision(w http.ResponseWriter, r *http.Request, id string, st process.Step) error {
	v, err := x.decisionVisit(r, id, st)
	if err != nil {
		return err
	}
	p := decisionPage{Page: x.Site.Page(r, "workflow.decision.title"), Base: v.base()}
	p.caseFacts = x.facts(p.Page, v.c, v.t.Phase)
	if v.draft.Opened {
		p.Status = p.T("workflow.status." + string(v.c.Head.Status))
		p.Groups = v.form.Summary(v.step.Answers, x.env(r.Context(), v.lang, x.Now()))
	}
	return x.pages.Render(w, r, http.StatusOK, "decision", p)
}

// openDecision remembers that this browser may see the reasons.
func (x *Service) openDecision(w http.ResponseWriter, r *http.Request, v *visit) error {
	d := draft{Who: v.whoHash(), Opened: true, Saved: x.Now()}
	if err := x.saveDraft(r.Context(), v.id, v.step.Ref, v.browser, d); err != nil {
		return fmt.Errorf("opening a decision: %w", err)
	}
	return web.Redirect(w, r, v.base())
}

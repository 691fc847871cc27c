package link

import (
	"cmp"
	"net/http"
	"slices"

	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// A step of the tandem is asked of two, and one of them does it. The link of the
// other one is not good any more, but it proves that they were asked: they learn
// that the step is done, and nothing of what was entered.

// sentIn are the states of a step in which somebody has sent it.
var sentIn = []process.StepState{process.Done, process.Submitted, process.Query, process.Void}

// halfDone opens a step that somebody else did, for who was asked as well and
// still holds their role.
func (x *Service) halfDone(r *http.Request, id string, st process.Step) (*page.Visit, error) {
	if !slices.Contains(sentIn, st.State) {
		return nil, web.ErrUnknownLink
	}
	v := &page.Visit{ID: id, Step: st, Token: r.PathValue("token"), Lang: lang.From(r.Context())}
	if err := x.Prepare(r.Context(), v); err != nil {
		return nil, err
	}
	for _, role := range v.T.Actors() {
		if role == cmp.Or(st.By.For, st.By.Role) {
			continue
		}
		for _, h := range v.Case.People[role] {
			today := lang.DateOf(v.Case.Now(x.Now()))
			if h.Holds(today) && cases.WhoHash(h.Email) != st.By.Who && x.wasAsked(v, h.Email) {
				v.Who = process.Asked{Role: role, Email: h.Email}
				return v, nil
			}
		}
	}
	return nil, web.ErrUnknownLink
}

// wasAsked says whether a link was made for an address, before the step was done:
// before or after any of its handovers.
func (x *Service) wasAsked(v *page.Visit, email string) bool {
	for rev := range v.Step.Rev + 1 {
		if x.Links.Check(v.Token, cases.StepLink(v.ID, v.Step.Ref, email, rev)) {
			return true
		}
	}
	return false
}

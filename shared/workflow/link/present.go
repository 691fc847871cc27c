package link

import (
	"errors"
	"fmt"
	"net/http"

	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// present leads who holds a link to a round that is over to the present one of
// a step that can be done at any time: they were mailed about the first alone.
// It is "" where there is none for them.
func (x *Service) present(r *http.Request, id string, st process.Step) (string, error) {
	if st.State != process.Done || !st.Due.IsZero() {
		return "", nil
	}
	c, err := x.Load(r.Context(), id)
	if err != nil {
		return "", err
	}
	now, err := x.Step(r.Context(), id, process.Ref{Step: st.Ref.Step, Iteration: c.Head.Steps[st.Ref.Step].Iteration})
	if errors.Is(err, table.ErrNotFound) || err == nil && now.State != process.Open {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for the present round of a step: %w", err)
	}
	for _, a := range cases.Recipients(now) {
		for rev := range st.Rev + 1 {
			if x.Links.Check(r.PathValue("token"), cases.StepLink(id, st.Ref, a.Email, rev)) {
				return "/s/" + x.Links.Token(cases.StepLink(id, now.Ref, a.Email, a.Rev)), nil
			}
		}
	}
	return "", nil
}

// toPresent answers with the way to the present round, if there is one.
func (x *Service) toPresent(w http.ResponseWriter, r *http.Request, id string, st process.Step) (bool, error) {
	path, err := x.present(r, id, st)
	if err != nil || path == "" {
		return false, err
	}
	return true, web.Redirect(w, r, path)
}

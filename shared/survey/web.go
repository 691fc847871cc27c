package survey

import (
	"cmp"
	"errors"
	"net/http"

	"kokoma/shared/mail"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// The purposes of the links. An open survey has one link for everybody.
const (
	purposeClosed = "survey"
	purposeOpen   = "surveyopen"
)

// Routes adds the pages of the noun.
func (x *Service) Routes(mux web.Mux) {
	answer := func(pattern string, h web.HandlerFunc) { mux.Handle(pattern, x.Site.HandleMax(maxPost, h)) }
	answer("GET /b/{token}", x.showInvitation)
	answer("POST /b/{token}", x.answerInvitation)
	answer("GET /b/o/{token}", x.showShared)
	answer("POST /b/o/{token}", x.answerShared)
	answer("GET "+thanksPath, x.showThanks)

	desk := func(pattern string, h web.HandlerFunc, roles ...string) {
		mux.Handle(pattern, x.Site.Handle(web.RequireUser(h, roles...)))
	}
	desk("GET /befragungen", x.showList, deskRoles...)
	desk("GET /befragungen/{survey}", x.showSurvey, deskRoles...)
	desk("POST /befragungen/{survey}/verlaengern", x.receiveExtension, "SVC")
	desk("POST /befragungen/{survey}/abbrechen", x.receiveCancellation, "SVC")
}

// way is how somebody came to a survey: by an invitation, or by the shared link.
type way struct {
	survey     Survey
	invitation *invitation // nil: open mode
	linkID     string
	path       string // of the page, without language
}

// byInvitation finds the survey of a personal link. Whatever is wrong with it, the answer is the same.
func (x *Service) byInvitation(r *http.Request) (way, error) {
	token := r.PathValue("token")
	linkID, ok := x.Links.ID(token)
	if !ok {
		return way{}, web.ErrUnknownLink
	}
	inv, err := x.invitationOf(r.Context(), linkID)
	if notThere(err) {
		return way{}, web.ErrUnknownLink
	}
	if err != nil {
		return way{}, err
	}
	w := way{invitation: &inv, linkID: linkID, path: "/b/" + token}
	if inv.State == invitationUsed || !x.Links.Check(token, inv.link()) {
		return w, web.ErrUnknownLink
	}
	w.survey, err = x.running(r, linkID[:idLen], Closed)
	return w, err
}

// byShared finds the survey of the link that everybody has.
func (x *Service) byShared(r *http.Request) (way, error) {
	token := r.PathValue("token")
	id, ok := x.Links.ID(token)
	if !ok || !x.Links.Check(token, sharedLink(id)) {
		return way{}, web.ErrUnknownLink
	}
	s, err := x.running(r, id, Open)
	return way{survey: s, linkID: id, path: "/b/o/" + token}, err
}

func sharedLink(id string) mail.Link { return mail.Link{Purpose: purposeOpen, ID: id} }

func (x *Service) running(r *http.Request, id string, m Mode) (Survey, error) {
	s, err := x.survey(r.Context(), id)
	if notThere(err) || err == nil && (s.State != StateRunning || s.Mode != m || !x.Now().Before(s.end())) {
		return Survey{}, web.ErrUnknownLink
	}
	return s, err
}

type startPage struct {
	web.Page
	Name    string
	Minutes string
	Until   string
	Action  string
	Open    bool
}

func (x *Service) showInvitation(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byInvitation(r)
	if err != nil {
		return err
	}
	return x.showStart(w, r, v)
}

func (x *Service) showShared(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byShared(r)
	if err != nil {
		return err
	}
	return x.showStart(w, r, v)
}

// showStart is the information page: what the survey is for, how long it takes, that it is voluntary and
// anonymous. Nothing is asked or kept before its button.
func (x *Service) showStart(w http.ResponseWriter, r *http.Request, v way) error {
	in, err := x.Instruments.Instrument(v.survey.Form)
	if err != nil {
		return err
	}
	p := startPage{Page: x.anonymousPage(r, "survey.start.title"), Name: v.survey.Municipality.Name, Minutes: cmp.Or(v.survey.Minutes, in.Minutes), Open: v.survey.Mode == Open}
	p.Until, p.Action = p.Long(v.survey.To), p.Path(v.path)
	return x.pages.Render(w, r, http.StatusOK, "start", p)
}

// thanksPath is the last page. It is the same for everybody and carries no token, so reloading it or going
// back to it does nothing.
const thanksPath = "/b/danke"

type thanksPage struct{ web.Page }

func (x *Service) showThanks(w http.ResponseWriter, r *http.Request) error {
	return x.pages.Render(w, r, http.StatusOK, "thanks", thanksPage{x.anonymousPage(r, "survey.thanks.title")})
}

// anonymousPage shows nobody as signed in, not even who is: it would look as if the answers had a name.
func (x *Service) anonymousPage(r *http.Request, titleKey string) web.Page {
	p := x.Site.Page(r, titleKey)
	p.User = nil
	return p
}

// mapMissing turns what is not there into the page for it.
func mapMissing(err error) error {
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	return err
}

// title is the name of a survey's form; the key when it is not shipped any more.
func title(set *instrument.Set, p web.Page, key string) string {
	in, err := set.Instrument(key)
	if err != nil {
		return key
	}
	return p.In(in.Title)
}

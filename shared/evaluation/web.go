package evaluation

import (
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Who sees what (kokoma.md 6.1, design.md 11.12): service office and evaluation see every municipality,
// the others their own; the alliance body sees its own results, but not the values over all.
var (
	everywhere = []string{"SVC", "EVA"}
	own        = []string{"EXT", "LOK", "TAN", "FED", "KUF", "LEI", "STG", "BUE"}
	project    = []string{"SVC", "EVA", "EXT", "LOK", "TAN", "FED", "KUF", "LEI", "STG", "KM"}
	anybody    = []string{"SVC", "EVA", "EXT", "LOK", "TAN", "FED", "KUF", "LEI", "STG", "KM", "BUE"}
)

// sees: roles are bound to a case, by its id or its number, or to a municipality. An empty name binds
// nobody.
func sees(u *web.User, bound ...string) bool {
	return u.Has(everywhere...) ||
		slices.ContainsFunc(bound, func(name string) bool { return name != "" && u.HasIn(name, own...) })
}

// whose lists the person sees: that of all, or those of the cases and municipalities of their roles.
func whose(u *web.User) []string {
	var out []string
	for _, r := range u.Roles {
		switch {
		case slices.Contains(everywhere, r.Code) || slices.Contains(own, r.Code) && r.Municipality == "":
			return []string{everybody}
		case slices.Contains(own, r.Code) && !slices.Contains(out, r.Municipality):
			out = append(out, r.Municipality)
		}
	}
	return out
}

// Routes adds the pages of the noun.
func (x *Service) Routes(mux web.Mux) {
	mux.Handle("GET /auswertung", x.Site.Handle(web.RequireUser(x.showOverview, anybody...)))
	mux.Handle("GET /auswertung/{survey}", x.Site.Handle(web.RequireUser(x.showSurvey, anybody...)))
}

func (x *Service) showOverview(w http.ResponseWriter, r *http.Request) error {
	p := x.Site.Page(r, "evaluation.title")
	var waves []Wave
	var err error
	if p.User.Has(project...) {
		if waves, err = x.waves(r.Context()); err != nil {
			return err
		}
	}
	surveys, next, err := x.listed(r.Context(), p.User, r.URL.Query().Get(upTo))
	if err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "overview", x.overviewPage(p, waves, surveys, next))
}

// showSurvey finds nothing while the survey runs, as for one that does not exist.
func (x *Service) showSurvey(w http.ResponseWriter, r *http.Request) error {
	snap, err := survey.LoadSnapshot(r.Context(), x.Table, r.PathValue("survey"))
	if errors.Is(err, table.ErrNotFound) {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	p := x.Site.Page(r, "evaluation.one.title", snap.Municipality.Name)
	if !sees(p.User, snap.Case, snap.CaseNo, snap.Municipality.Key) {
		return web.ErrNotFound
	}
	f, err := x.asked(r.Context(), snap)
	if err != nil {
		return err
	}
	return x.pages.Render(w, r, http.StatusOK, "survey", x.surveyPage(p, snap, f))
}

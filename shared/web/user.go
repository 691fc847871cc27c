package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// User is somebody who is signed in at the desk.
type User struct {
	Email, Name string
	Roles       []Role
}

// Role is a role of kokoma.md 1.3, bound to one municipality (or case) or, when that is empty, to all.
type Role struct {
	Code         string `json:"code"`
	Municipality string `json:"municipality,omitempty"`
}

// Has reports whether the person has one of the roles, wherever. Without codes: any role.
func (u *User) Has(codes ...string) bool {
	if u == nil {
		return false
	}
	return slices.ContainsFunc(u.Roles, func(r Role) bool {
		return len(codes) == 0 || slices.Contains(codes, r.Code)
	})
}

// HasIn reports whether the person has one of the roles for this municipality, or for all.
func (u *User) HasIn(municipality string, codes ...string) bool {
	if u == nil {
		return false
	}
	return slices.ContainsFunc(u.Roles, func(r Role) bool {
		return (r.Municipality == "" || r.Municipality == municipality) &&
			(len(codes) == 0 || slices.Contains(codes, r.Code))
	})
}

// Label is what the page calls the person: the name, or the address when there is none.
func (u *User) Label() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Email
}

type userKey struct{}

// WithUser says who is signed in.
func WithUser(ctx context.Context, u *User) context.Context {
	return context.WithValue(ctx, userKey{}, u)
}

// UserFrom returns who is signed in, nil when nobody is.
func UserFrom(ctx context.Context) *User {
	u, _ := ctx.Value(userKey{}).(*User)
	return u
}

// desk is the navigation of who is signed in, by kokoma.md 6.1 and design.md 11.12.
var desk = []struct {
	path, key string
	roles     []string
}{
	{"/aufgaben", "web.nav.tasks", []string{"SVC", "EXT", "LOK", "TAN", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM"}},
	{"/vorgaenge", "web.nav.cases", []string{"SVC", "EXT", "LOK", "TAN", "FED", "KUF", "LEI", "STG"}},
	{"/kommunen", "web.nav.municipalities", []string{"SVC", "EXT", "LOK", "TAN", "FED", "KUF"}},
	{"/befragungen", "web.nav.surveys", []string{"SVC", "EXT", "LOK", "TAN", "FED", "KUF"}},
	{"/auswertung", "web.nav.evaluation", []string{"SVC", "EXT", "LOK", "TAN", "FED", "KUF", "LEI", "STG", "BUE", "KM", "EVA"}},
	{"/verwaltung", "web.nav.administration", []string{"SVC", "ADM", "DSB"}},
	{"/formulare", "web.nav.forms", []string{"SVC", "ADM", "EXT"}},
}

// Home is where the person begins: the first page of the desk that they may see.
func (u *User) Home() string {
	for _, d := range desk {
		if u.Has(d.roles...) {
			return d.path
		}
	}
	return "/"
}

// RequireUser lets only people with one of the roles in (without roles: everybody who is signed in).
// Others are led to the sign-in; who lacks the role finds nothing.
func RequireUser(h HandlerFunc, roles ...string) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		u := UserFrom(r.Context())
		if u == nil {
			return errSignIn
		}
		if !u.Has(roles...) {
			return ErrNotFound
		}
		return h(w, r)
	}
}

// errSignIn is for a page that needs somebody signed in.
var errSignIn = errors.New("sign-in needed")

// resend is what was posted after the session had ended, to be sent again after the next sign-in.
type resend struct {
	Action string
	Fields []field
}

type field struct{ Name, Value string }

// askSignIn leads to the sign-in. What was posted is not lost: it comes back in the page, to be sent
// again once the person has signed in in another window.
func (s *Site) askSignIn(w *recorder, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		s.toSignIn(w, r)
		return
	}
	if err := ParseForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	p := failure{Page: s.Page(r, "web.ended.title")}
	p.Heading, p.Text = p.T("web.ended.title"), p.T("web.ended.text")
	p.Resend = &resend{Action: Path(r.Context(), r.URL.RequestURI())}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, v := range r.PostForm[name] {
			p.Resend.Fields = append(p.Resend.Fields, field{name, v})
		}
	}
	if err := s.own.Render(w, r, http.StatusUnauthorized, "failure", p); err != nil {
		s.log(r, err)
		s.toSignIn(w, r)
	}
}

func (s *Site) toSignIn(w http.ResponseWriter, r *http.Request) {
	next := ""
	if r.Method == http.MethodGet {
		next = "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, Path(r.Context(), "/anmelden")+next, http.StatusSeeOther)
}

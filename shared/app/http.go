package app

import (
	"errors"
	"net/http"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Handler serves the named nouns, or all of them when none is named, with what
// stands in front of every page.
func (a *App) Handler(nouns ...string) http.Handler {
	mux := http.NewServeMux()
	for _, n := range a.nouns() {
		if len(nouns) == 0 || contains(nouns, n.name) {
			n.routes(mux)
		}
	}
	mux.Handle("GET /healthz", a.site.Handle(a.health))
	a.site.Routes(mux)
	return a.InFront(mux)
}

// InFront puts before a mux what every page has: headers, the refusal of posts
// from elsewhere, the language of the address and the signed-in person.
func (a *App) InFront(mux http.Handler) http.Handler {
	return a.site.Protect(inLanguage(a.sameOrigin(a.account.Sessions(mux))))
}

// inLanguage takes /en off the address and puts the language into the context.
func inLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, english := strings.CutPrefix(r.URL.Path, "/en")
		if !english || rest != "" && rest[0] != '/' {
			next.ServeHTTP(w, r.WithContext(lang.With(r.Context(), lang.DE)))
			return
		}
		if rest == "" {
			rest = "/"
		}
		r = r.WithContext(lang.With(r.Context(), lang.EN))
		u := *r.URL
		u.Path = rest
		u.RawPath = strings.TrimPrefix(u.RawPath, "/en")
		r.URL = &u
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what another site makes a browser post. A post that names
// no origin at all is no browser's of today: it passes only under /local/.
func (a *App) sameOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(a.site.Base); err != nil {
		a.log.Error("the base address is no origin", "error", err)
	}
	refuse := a.site.Handle(func(http.ResponseWriter, *http.Request) error {
		return web.Status(http.StatusForbidden, "web.crossorigin")
	})
	p.SetDenyHandler(refuse)
	protected := p.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		named := r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
		if !safe && !named && !strings.HasPrefix(r.URL.Path, "/local/") {
			refuse.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// health answers 200 when the table answers.
func (a *App) health(w http.ResponseWriter, r *http.Request) error {
	_, err := a.table.Get(r.Context(), table.Key{PK: "app#health", SK: "none"})
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write([]byte("ok\n"))
	return err
}

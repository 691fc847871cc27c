package account

import (
	"context"
	"net/http"
	"strings"

	"kokoma/shared/web"
)

const (
	sessionCookie = "session"
	loginCookie   = "login"
)

// Sessions says who sends a request: it puts the web.User of the browser's session into the context.
// It reads the session and the person, and nothing when there is no cookie.
func (s *Service) Sessions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie := s.Site.Cookie(r, sessionCookie)
		if cookie == "" || nobody(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		u, err := s.signedIn(r.Context(), cookie)
		if err != nil {
			s.Site.Handle(func(http.ResponseWriter, *http.Request) error { return err }).ServeHTTP(w, r)
			return
		}
		if u != nil {
			r = r.WithContext(web.WithUser(r.Context(), u))
		}
		next.ServeHTTP(w, r)
	})
}

// nobody reports whether a path is the same for everybody. A survey is among them: who answers it
// must not even be looked up.
func nobody(path string) bool {
	return path == "/healthz" || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/b/")
}

// signedIn returns who the session belongs to, nil when it is over.
func (s *Service) signedIn(ctx context.Context, cookie string) (*web.User, error) {
	now := s.Now()
	x, ok, err := s.store.session(ctx, cookie, now)
	if err != nil || !ok {
		return nil, err
	}
	p, ok, err := s.store.person(ctx, x.User)
	if err != nil || !ok || p.Epoch != x.Epoch {
		return nil, err
	}
	if now.Sub(x.Seen) >= sessionTouch {
		x.Seen = now
		if err := s.store.touch(ctx, cookie, x); err != nil {
			return nil, err
		}
	}
	return p.user(), nil
}

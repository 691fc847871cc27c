package web

import (
	"net/http"
	"time"
)

// cookieName is the name a cookie has in the browser. The prefix binds it to this host and to TLS;
// a browser refuses it on the plain http of the local platform.
func (s *Site) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// SetCookie gives the browser a cookie for the whole site that no script can read. A lifetime of
// zero lasts until the browser is closed.
func (s *Site) SetCookie(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(lifetime.Seconds()),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Cookie returns the value of a cookie, empty when there is none.
func (s *Site) Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// ClearCookie takes a cookie back.
func (s *Site) ClearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(name), Path: "/", MaxAge: -1,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

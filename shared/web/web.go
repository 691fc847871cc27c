// Package web is the shell around every page: it turns a handler's error into a calm page, puts the
// security headers on every answer, renders templates into a buffer, and knows the language, the
// signed-in person and the cookies of a request. It holds no rule of the platform.
//
// Read in the request's order: headers.go (Protect), web.go (Handle), page.go and pages.go (what a
// page is and how it is rendered), errors.go (what people see when something is wrong), user.go
// (who is signed in), limit.go (how often).
//
// Keys in the main table, all expiring by themselves:
//
//	PK web#limit#<hash of limit, caller and window>   SK count   counter "n"   how often somebody came in a window
package web

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"kokoma/shared/lang"
)

// Texts holds the texts of the shell and of the error pages, for lang.LoadCatalog.
//
//go:embed texts.yaml
var Texts embed.FS

//go:embed tmpl/*.html
var templates embed.FS

// MaxBody is how much a request may bring when its route does not say otherwise.
const MaxBody = 1 << 20

// HandlerFunc is a handler that says what went wrong instead of writing it. It writes nothing
// before it knows that it succeeds.
type HandlerFunc func(http.ResponseWriter, *http.Request) error

// Deps is what a Site is made of.
type Deps struct {
	Base    string        // public address without a slash at the end, "https://kokoma.example"
	Catalog *lang.Catalog // must contain Texts
	Log     *slog.Logger
	Local   bool // the platform on one machine: shows where its mails and its clock are

	// NewLink is the page where people ask for a new link; the page for unknown links leads there.
	// Empty: the page names the contact only.
	NewLink string
	// Proxies are the addresses whose X-Forwarded-For is believed. Empty: nobody's.
	Proxies []netip.Prefix
}

// Site renders and answers for the whole platform.
type Site struct {
	Deps
	secure  bool   // the public address is https
	version string // content hash of the static files
	own     *Pages
	buffers sync.Pool

	base func() (*templateSet, error) // shell and form templates, parsed once
}

// New returns the site of one public address.
func New(d Deps) *Site {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	u, err := url.Parse(d.Base)
	local := err == nil && u.Scheme == "http"
	s := &Site{Deps: d, secure: !local, version: staticVersion()}
	s.base = sync.OnceValues(parseBase)
	s.own = s.Pages(templates)
	return s
}

// Routes adds what the shell itself serves: the static files, and the calm page for every address
// (and method) that no noun serves.
func (s *Site) Routes(mux Mux) {
	mux.Handle("GET /static/{version}/{file}", s.Handle(s.static))
	mux.Handle("/", s.Handle(func(http.ResponseWriter, *http.Request) error { return ErrNotFound }))
}

// Handle makes an http.Handler of h: errors become pages, panics too, and a body has its limit.
func (s *Site) Handle(h HandlerFunc) http.Handler { return s.HandleMax(MaxBody, h) }

// HandleMax is Handle for a route whose body may be larger or must be smaller.
func (s *Site) HandleMax(limit int64, h HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secureHeaders(w.Header())
		out := &recorder{ResponseWriter: w}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		if err := s.guarded(h, out, r); err != nil {
			s.fail(out, r, err)
		}
	})
}

// guarded runs h and makes an error of its panic.
func (s *Site) guarded(h HandlerFunc, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
			panic(v) // net/http's own way to give up a connection
		}
		err = newPanicError(v)
	}()
	return h(w, r)
}

// recorder remembers whether something was written: then no error page can follow.
type recorder struct {
	http.ResponseWriter
	wrote bool
}

func (w *recorder) WriteHeader(code int) {
	w.wrote = true
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Path returns the address of a page in the language of the context: "/anmelden" or "/en/anmelden".
func Path(ctx context.Context, path string) string { return pathIn(lang.From(ctx), path) }

func pathIn(l lang.Lang, path string) string {
	if l != lang.EN {
		return path
	}
	if path == "/" {
		return "/en/"
	}
	return "/en" + path
}

// LocalPath reports whether path stays on this site when a browser follows it.
func LocalPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Scheme == "" && u.Host == ""
}

// Redirect leads to another page of the site in the same language, by 303: what follows is a GET.
// A path that would leave the site leads to the start page.
func Redirect(w http.ResponseWriter, r *http.Request, path string) error {
	if !LocalPath(path) {
		path = "/"
	}
	http.Redirect(w, r, Path(r.Context(), path), http.StatusSeeOther)
	return nil
}

// ParseForm reads what was posted into r.Form and r.PostForm. A body that is too large is
// ErrTooLarge, one that cannot be read is a 400: never a fault of ours.
func ParseForm(r *http.Request) error {
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(maxMemory)
	}
	if err == nil || errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ErrTooLarge
	}
	return Status(http.StatusBadRequest, "web.malformed")
}

// maxMemory is above every route's limit: nothing of a body is ever put into a file.
const maxMemory = 64 << 20

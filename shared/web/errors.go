package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/table"
)

// What handlers return so that people see the right page.
var (
	// ErrNotFound is for what does not exist and for what somebody may not see.
	ErrNotFound = errors.New("not found")
	// ErrUnknownLink is for every link that does not lead on: unknown, expired, revoked, used.
	// They share one page and one status, so that nobody learns which it was.
	ErrUnknownLink = errors.New("unknown link")
	// ErrTooLarge is for entries beyond what we take.
	ErrTooLarge = errors.New("too large")
)

// Status is an error with a page of its own: the texts <key>.title and <key>.text.
func Status(code int, key string) error { return &statusError{code: code, key: key} }

type statusError struct {
	code int
	key  string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d (%s)", e.code, e.key) }

// TooManyError is for somebody who came too often; After is when to come again.
type TooManyError struct{ After time.Duration }

func (e *TooManyError) Error() string { return "too many requests" }

// Seconds is the value of Retry-After: full seconds, at least one.
func (e *TooManyError) Seconds() int { return max(1, int(math.Ceil(e.After.Seconds()))) }

// Minutes is the same for people.
func (e *TooManyError) Minutes() int { return max(1, int(math.Ceil(e.After.Minutes()))) }

// panicError is a caught panic: where it happened, never what was in it.
type panicError struct {
	what  string
	where string
}

func (e *panicError) Error() string { return "panic: " + e.what }

func newPanicError(v any) *panicError {
	what := fmt.Sprintf("%T", v)
	if e, ok := v.(runtime.Error); ok {
		what = e.Error() // written by the runtime: indexes and types, no values of ours
	}
	var where []string
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for more := true; more && len(where) < 8; {
		var f runtime.Frame
		f, more = frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			where = append(where, f.Function+":"+strconv.Itoa(f.Line))
		}
	}
	return &panicError{what: what, where: strings.Join(where, " ")}
}

// failure is the page of an error.
type failure struct {
	Page
	Heading, Text string
	Unknown       bool // an unknown link: say how to come by a new one
	Contact       bool
	NewLink       string
	Resend        *resend
}

// fail answers with the page of err.
func (s *Site) fail(w *recorder, r *http.Request, err error) {
	if w.wrote {
		s.log(r, err)
		return
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is listening any more
	}
	if errors.Is(err, errSignIn) {
		s.askSignIn(w, r)
		return
	}
	code, key := s.classify(w, r, err)
	s.failPage(w, r, code, key)
}

// classify says which page and status an error has.
func (s *Site) classify(w http.ResponseWriter, r *http.Request, err error) (code int, key string) {
	if e, ok := errors.AsType[*TooManyError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(e.Seconds()))
		return http.StatusTooManyRequests, "web.toomany"
	}
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.code, e.key
	}
	_, oversize := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, ErrUnknownLink):
		return http.StatusNotFound, "web.unknownlink"
	case errors.Is(err, ErrNotFound), errors.Is(err, table.ErrKey): // a hand-made id
		return http.StatusNotFound, "web.notfound"
	case oversize, errors.Is(err, ErrTooLarge), errors.Is(err, table.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, "web.toolarge"
	case errors.Is(err, table.ErrThrottled):
		s.log(r, err)
		w.Header().Set("Retry-After", "10")
		return http.StatusServiceUnavailable, "web.busy"
	}
	s.log(r, err)
	return http.StatusInternalServerError, "web.fault"
}

func (s *Site) failPage(w http.ResponseWriter, r *http.Request, code int, key string) {
	p := failure{Page: s.Page(r, key+".title")}
	p.Heading, p.Text = p.T(key+".title"), p.T(key+".text")
	p.Unknown = key == "web.unknownlink"
	p.Contact = p.Unknown || code >= http.StatusInternalServerError
	p.NewLink = s.NewLink
	if err := s.own.Render(w, r, code, "failure", p); err != nil {
		s.log(r, err)
		http.Error(w, p.Heading+"\n\n"+p.Text, code)
	}
}

// log writes what went wrong without anything that somebody typed: the route's pattern instead of
// the address (which holds tokens), and the error's text without what is quoted in it.
func (s *Site) log(r *http.Request, err error) {
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("route", r.Pattern),
		slog.String("error", scrub(err.Error())),
	}
	if e, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("where", e.where))
	}
	s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", attrs...)
}

// What of an error's text may hold content: quoted values, addresses, long words (tokens, digests)
// and everything that is not plain ASCII. Ids of ours are short and stay.
var private = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|`[^`]*`|„[^“]*“|[^\\s]*@[^\\s]*|\\S{25,}|[^\\x20-\\x7e]+")

func scrub(text string) string {
	text = private.ReplaceAllString(text, "…")
	if len(text) > 400 {
		text = text[:400]
	}
	return strings.ToValidUTF8(text, "")
}

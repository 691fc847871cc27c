// Package apigw lets an http.Handler answer API Gateway HTTP API events
// (payload format 2.0).
//
// It keeps what a server on a socket would keep: cookies arrive in a field of
// their own and are put back into one Cookie header, header values are not
// split at commas, a handler that writes nothing answers 200, and only the
// first WriteHeader counts. Bodies that are not UTF-8 travel in base64.
package apigw

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Handle is what a Lambda runtime calls with one HTTP API event.
type Handle func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// Wrap turns h into a Lambda handler.
func Wrap(h http.Handler) Handle {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r, err := request(ctx, e)
		if err != nil {
			// The event is API Gateway's, but its path and body are anybody's:
			// what cannot be read is the sender's fault, not a crash, and gets the
			// page of an address that does not exist.
			r, err = http.NewRequestWithContext(ctx, http.MethodGet, "/unreadable", nil)
			if err != nil {
				return events.APIGatewayV2HTTPResponse{}, err
			}
		}
		w := &response{header: http.Header{}}
		h.ServeHTTP(w, r)
		return w.event(r.Method), nil
	}
}

// request rebuilds the request that the client sent to the gateway.
func request(ctx context.Context, e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	target := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		target = strings.TrimPrefix(target, "/"+stage)
	}
	if target == "" {
		target = "/"
	}
	if e.RawQueryString != "" {
		target += "?" + e.RawQueryString
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("reading the path: %w", err)
	}
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, fmt.Errorf("reading the body: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("building the request: %w", err)
	}
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = r.Header.Get("Host")
	if r.Host == "" {
		r.Host = e.RequestContext.DomainName
	}
	r.Header.Del("Host")
	r.RequestURI = target
	r.RemoteAddr = net.JoinHostPort(e.RequestContext.HTTP.SourceIP, "0") // IPv6 needs its brackets
	r.URL.Host, r.URL.Scheme = "", ""
	r.ContentLength = int64(len(body))
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	return r, nil
}

// response collects what the handler writes.
type response struct {
	header http.Header
	sent   http.Header // as it was at the first WriteHeader
	status int
	body   bytes.Buffer
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status != 0 || status < 200 { // informational answers don't pass the gateway
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(p)
}

// ReadFrom lets io.Copy write without a buffer of its own.
func (w *response) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

func (w *response) event(method string) events.APIGatewayV2HTTPResponse {
	w.WriteHeader(http.StatusOK)
	out := events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: map[string]string{}}
	for name, values := range w.sent {
		if name == "Set-Cookie" {
			out.Cookies = values
			continue
		}
		out.Headers[name] = strings.Join(values, ", ")
	}
	if method == http.MethodHead || !bodyAllowed(w.status) {
		return out
	}
	if body := w.body.Bytes(); utf8.Valid(body) {
		out.Body = string(body)
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return out
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// Package webtest helps to test pages from outside: a site with its texts, and a browser without
// scripts that keeps cookies and follows nothing by itself.
package webtest

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kokoma/shared/lang"
	"kokoma/shared/web"
)

// Base is the address of the tested site.
const Base = "https://kokoma.example"

// Site returns a site with the shell's texts and those given.
func Site(t testing.TB, texts ...fs.FS) *web.Site {
	t.Helper()
	catalog, err := lang.LoadCatalog(append([]fs.FS{web.Texts}, texts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return web.New(web.Deps{Base: Base, Catalog: catalog, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
}

// Browser is a person's browser: its cookies, and where its connection comes from.
type Browser struct {
	t       testing.TB
	handler http.Handler
	jar     *cookiejar.Jar
	From    string // remote address
}

// NewBrowser returns a browser without cookies in front of handler.
func NewBrowser(t testing.TB, handler http.Handler) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, handler: handler, jar: jar, From: "192.0.2.1:1234"}
}

// Response is an answer with its body read.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Location is where the answer leads.
func (r *Response) Location() string { return r.Header.Get("Location") }

// Get opens a page; a redirect is not followed.
func (b *Browser) Get(path string) *Response {
	b.t.Helper()
	return b.Do(httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil))
}

// Post sends a form as a page of the site would.
func (b *Browser) Post(path string, form url.Values) *Response {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", Base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

// Do sends a request with the browser's cookies. /en is taken off the address as app does.
func (b *Browser) Do(r *http.Request) *Response {
	b.t.Helper()
	at, err := url.Parse(Base)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Host, r.RemoteAddr = at.Host, b.From
	for _, c := range b.jar.Cookies(at) {
		r.AddCookie(c)
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/en/"); ok {
		r.URL.Path = "/" + rest
		r = r.WithContext(lang.With(r.Context(), lang.EN))
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	res := rec.Result()
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.jar.SetCookies(at, res.Cookies())
	return &Response{res.StatusCode, res.Header, string(body)}
}

// Copy is another window of the same browser: it begins with the same cookies.
func (b *Browser) Copy() *Browser {
	b.t.Helper()
	other := NewBrowser(b.t, b.handler)
	at, err := url.Parse(Base)
	if err != nil {
		b.t.Fatal(err)
	}
	cookies := b.jar.Cookies(at)
	for _, c := range cookies {
		c.Path, c.Secure = "/", true
	}
	other.jar.SetCookies(at, cookies)
	return other
}

// Text is what a reader of the page sees, in one line; what a template keeps
// ready for a script is not seen.
func (r *Response) Text() string {
	var words []string
	kept := 0 // templates around
	z := html.NewTokenizer(strings.NewReader(r.Body))
	for {
		switch token := z.Next(); token {
		case html.ErrorToken:
			return strings.Join(words, " ")
		case html.TextToken:
			if kept == 0 {
				words = append(words, strings.Fields(string(z.Text()))...)
			}
		case html.StartTagToken, html.EndTagToken:
			if name, _ := z.TagName(); string(name) != "template" {
				continue
			}
			if token == html.StartTagToken {
				kept++
			} else {
				kept--
			}
		}
	}
}

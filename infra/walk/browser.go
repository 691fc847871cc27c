// Package walk acts as the platform's users do: it opens pages, fills in the
// forms that stand there, presses buttons, reads mails and follows their links.
// The demo cohort, the end-to-end tests and the load of the benchmarks are made
// of it. It knows no type of the platform: only HTTP, HTML and the mailbox.
package walk

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Browser is one person's browser: cookies, no scripts.
type Browser struct {
	Base   string // http://127.0.0.1:8080
	client *http.Client
}

// NewBrowser opens an empty browser. A nil transport goes over the network.
func NewBrowser(base string, transport http.RoundTripper) *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never: New has no failing option
	}
	return &Browser{Base: base, client: &http.Client{Transport: transport, Jar: jar}}
}

// Direct is a transport that calls a handler without a network.
func Direct(h http.Handler) http.RoundTripper { return direct{h} }

type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.Host = r.URL.Host
	in.RemoteAddr = "127.0.0.1:1"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &answer{header: http.Header{}, status: http.StatusOK}
	d.handler.ServeHTTP(w, in)
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

// Page is what the browser shows after following redirects.
type Page struct {
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
	Doc    *html.Node
}

// Open follows a link; path may be a whole address.
func (b *Browser) Open(path string) (*Page, error) {
	return b.do(http.MethodGet, path, nil)
}

// Head asks for the headers alone, as a mail scanner does.
func (b *Browser) Head(path string) (*Page, error) {
	return b.do(http.MethodHead, path, nil)
}

// Post sends values as a form would.
func (b *Browser) Post(path string, v url.Values) (*Page, error) {
	return b.do(http.MethodPost, path, v)
}

func (b *Browser) do(method, path string, v url.Values) (*Page, error) {
	if strings.HasPrefix(path, "/") {
		path = b.Base + path
	}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(v.Encode())
	}
	return b.send(method, path, body, "application/x-www-form-urlencoded")
}

// fetch sends a request and reads the page that answers it.
func (b *Browser) fetch(r *http.Request) (*Page, error) {
	res, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // read to the end below
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	p := &Page{Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, Body: string(raw)}
	if p.Doc, err = html.Parse(bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	return p, nil
}

// Submit presses a button of a form; button is "name=value", or "" for the
// first one, as Enter does.
func (b *Browser) Submit(f *Form, button string) (*Page, error) {
	v := url.Values{}
	for name, values := range f.Values {
		v[name] = slices.Clone(values)
	}
	if button == "" {
		button = f.first
	} else if !slices.Contains(f.Buttons, button) {
		return nil, fmt.Errorf("the form at %s has no button %s, only %v", f.action, button, f.Buttons)
	}
	if name, value, ok := strings.Cut(button, "="); ok && name != "" {
		v.Add(name, value)
	}
	if f.method == http.MethodGet {
		return b.Open(f.action + "?" + v.Encode())
	}
	return b.Post(f.action, v)
}

// Text is what a person reads on the page, blanks folded.
func (p *Page) Text() string {
	var words []string
	walkNodes(p.Doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && (n.Data == "head" || n.Data == "style" || n.Data == "script") {
			return false
		}
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		return true
	})
	return strings.Join(words, " ")
}

// Has reports whether a person reads this text on the page.
func (p *Page) Has(text string) bool { return strings.Contains(p.Text(), text) }

// Title is the title of the page.
func (p *Page) Title() string {
	title := ""
	walkNodes(p.Doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "title" && n.FirstChild != nil {
			title = n.FirstChild.Data
		}
		return true
	})
	return title
}

// Link finds the address of the first link whose text or address contains part.
func (p *Page) Link(part string) (string, bool) {
	found := ""
	walkNodes(p.Doc, func(n *html.Node) bool {
		if found == "" && n.Type == html.ElementNode && n.Data == "a" {
			if href := attr(n, "href"); strings.Contains(href, part) || strings.Contains(nodeText(n), part) {
				found = href
			}
		}
		return true
	})
	return found, found != ""
}

func nodeText(n *html.Node) string {
	var words []string
	walkNodes(n, func(n *html.Node) bool {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		return true
	})
	return strings.Join(words, " ")
}

func walkNodes(n *html.Node, visit func(*html.Node) bool) {
	if !visit(n) {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walkNodes(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// At is the same browser, its cookies included, on a platform that has moved to
// another address: a restart on one machine may change the port.
func (b *Browser) At(base string) *Browser { return &Browser{Base: base, client: b.client} }

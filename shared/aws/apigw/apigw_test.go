package apigw

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// TestAnswersAsAServerWould sends one corpus through a socket and through the
// adapter: status, body and the headers that handlers set must be equal.
func TestAnswersAsAServerWould(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /nothing", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /twice", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK)
	})
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "text")
		w.Header().Set("X-Late", "1")
	})
	mux.HandleFunc("GET /binary", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		_, _ = w.Write([]byte{0xff, 0xfe, 0x00})
	})
	mux.HandleFunc("GET /cookies", func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.Cookies() {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value + "!", Path: "/"})
		}
		w.Header().Add("Vary", "A")
		w.Header().Add("Vary", "B")
		fmt.Fprint(w, r.Header.Get("X-List"), r.Host != "")
	})
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/nothing?ä=1", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /echo/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		fmt.Fprint(w, r.PathValue("name"), "|", r.URL.RawQuery, "|", r.ContentLength, "|", string(body))
	})
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, r.Form["a"])
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	handle := Wrap(mux)

	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, c := range []struct {
		method, target, body string
		header               http.Header
	}{
		{method: "GET", target: "/nothing"},
		{method: "HEAD", target: "/late"},
		{method: "GET", target: "/twice"},
		{method: "GET", target: "/late"},
		{method: "GET", target: "/binary"},
		{method: "GET", target: "/cookies", header: http.Header{"Cookie": {"a=1; b=2"}, "X-List": {"x, y"}}},
		{method: "GET", target: "/away"},
		{method: "GET", target: "/empty"},
		{method: "GET", target: "/unknown"},
		{method: "DELETE", target: "/nothing"},
		{method: "POST", target: "/echo/M%C3%BCll%2Fx?q=a%20b&q=c", body: "Grüße"},
		{method: "POST", target: "/echo/x", body: "\xff\xfe"},
		{method: "POST", target: "/form", body: "a=1&a=%C3%A4", header: form},
		{method: "POST", target: "/form", body: "a=%zz", header: form},
		{method: "POST", target: "/form", header: form},
	} {
		name := c.method + " " + c.target
		want := overSocket(t, server, c.method, c.target, c.body, c.header)
		e := events.APIGatewayV2HTTPRequest{Headers: map[string]string{"host": strings.TrimPrefix(server.URL, "http://")}}
		e.RawPath, e.RawQueryString, _ = strings.Cut(c.target, "?")
		e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP = c.method, "127.0.0.1"
		e.RequestContext.Stage = "$default"
		for k, v := range c.header {
			if k == "Cookie" {
				e.Cookies = strings.Split(v[0], "; ")
				continue
			}
			e.Headers[strings.ToLower(k)] = v[0]
		}
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(c.body)), true
		out, err := handle(t.Context(), e)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := answer{status: out.StatusCode, body: out.Body, cookies: out.Cookies, location: out.Headers["Location"], vary: out.Headers["Vary"], late: out.Headers["X-Late"]}
		if out.IsBase64Encoded {
			raw, err := base64.StdEncoding.DecodeString(out.Body)
			if err != nil {
				t.Fatal(err)
			}
			got.body = string(raw)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: through the gateway %+v, over the socket %+v", name, got, want)
		}
	}
}

type answer struct {
	status               int
	body                 string
	cookies              []string
	location, vary, late string
}

func overSocket(t *testing.T, s *httptest.Server, method, target, body string, h http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range h {
		r.Header[k] = slices.Clone(v)
	}
	res, err := s.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{
		status: res.StatusCode, body: string(b), cookies: res.Header["Set-Cookie"], location: res.Header.Get("Location"),
		vary: strings.Join(res.Header.Values("Vary"), ", "), late: res.Header.Get("X-Late"),
	}
}

// TestABrokenEventGetsAPage hands over a body that is no base64 and a path that
// is no path: the site answers, with its own headers.
func TestABrokenEventGetsAPage(t *testing.T) {
	t.Parallel()
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Site", r.Method)
		http.NotFound(w, r)
	})
	for _, e := range []events.APIGatewayV2HTTPRequest{
		{RawPath: "/", Body: "%%%", IsBase64Encoded: true},
		{RawPath: "/%zz"},
	} {
		e.RequestContext.HTTP.Method = "POST"
		out, err := Wrap(site)(t.Context(), e)
		if err != nil || out.StatusCode != http.StatusNotFound || out.Headers["X-Site"] != "GET" {
			t.Errorf("%q: %d %v, %v; want the site's 404", e.RawPath, out.StatusCode, out.Headers, err)
		}
	}
}

func TestIPv6AddressesStayWhole(t *testing.T) {
	t.Parallel()
	const address = "2001:db8:1:2:3:4:5:6"
	got := ""
	h := Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _, _ = net.SplitHostPort(r.RemoteAddr) }))
	e := events.APIGatewayV2HTTPRequest{RawPath: "/"}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP = "GET", address
	if _, err := h(t.Context(), e); err != nil || got != address {
		t.Errorf("the handler sees %q, %v; want %s", got, err, address)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("GET", "/a/b", "q=1", "body", false)
	f.Add("POST", "//x", "%zz", "%%", true)
	f.Fuzz(func(t *testing.T, method, path, query, body string, b64 bool) {
		e := events.APIGatewayV2HTTPRequest{RawPath: path, RawQueryString: query, Body: body, IsBase64Encoded: b64}
		e.RequestContext.HTTP.Method = method
		out, err := Wrap(http.NotFoundHandler())(t.Context(), e)
		if err != nil || out.StatusCode < 400 {
			t.Errorf("%q %q: %d, %v; want an answer of 400 or 404", method, path, out.StatusCode, err)
		}
	})
}

package walk

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
)

// Upload chooses a file in the form that part names and sends it, as a browser
// does.
func (d *Desk) Upload(path, part, file string, raw []byte) (*Page, error) {
	p, err := d.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := p.Form(part)
	if err != nil {
		return nil, err
	}
	if !f.Has("file") {
		return nil, fmt.Errorf("the form at %s takes no file", f.action)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range f.Values {
		for _, v := range values {
			if name == "file" {
				continue
			}
			if err := w.WriteField(name, v); err != nil {
				return nil, err
			}
		}
	}
	field, err := w.CreateFormFile("file", file)
	if err != nil {
		return nil, err
	}
	if _, err := field.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return d.browser.send(http.MethodPost, f.action, &body, w.FormDataContentType())
}

// send is a request whose body is ready, nil for none.
func (b *Browser) send(method, address string, body io.Reader, kind string) (*Page, error) {
	r, err := http.NewRequest(method, address, body) //nolint:noctx // a person waits as long as it takes
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", b.Base)
	}
	return b.fetch(r)
}

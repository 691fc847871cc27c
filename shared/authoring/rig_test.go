package authoring_test

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/authoring"
	"kokoma/shared/form"
	"kokoma/shared/form/export"
	"kokoma/shared/form/workbook"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
	"kokoma/shared/web/webtest"
)

// desk is the desk of authors over two forms: one of an intake, one of a survey.
type desk struct {
	t       *testing.T
	mux     *http.ServeMux
	library *form.Library
	table   *counting
	log     *bytes.Buffer
	service *authoring.Service

	mu  sync.Mutex
	now time.Time
}

// counting counts the writes.
type counting struct {
	table.Table
	writes int
	before func() // happens once, right before the next write
}

func (c *counting) Write(ctx context.Context, ops ...table.Op) error {
	c.writes++
	if f := c.before; f != nil {
		c.before = nil
		f()
	}
	return c.Table.Write(ctx, ops...)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{
		t: t, mux: http.NewServeMux(), table: &counting{Table: tabletest.New(t)}, log: &bytes.Buffer{},
		now: time.Date(2027, 4, 13, 9, 0, 0, 0, time.UTC),
	}
	d.library = form.NewLibrary(d.table, d.clock)
	site := webtest.Site(t, authoring.Texts)
	s, err := authoring.New(authoring.Deps{
		Site: site, Library: d.library, Register: municipality.New(d.table), Now: d.clock,
		Log:       slog.New(slog.NewTextHandler(d.log, nil)),
		Workbooks: authoring.Workbooks{Read: workbook.Read, Write: workbook.Write, WriteSheets: workbook.WriteSheets},
		Records:   d.records,
		MaxUpload: 1 << 20,
		Sources: []authoring.Source{
			{Kind: "intake", Noun: nounOf(t, "testdata/talk.yaml", true), Leave: leaveSpecial},
			{Kind: "surveys", Sealed: true, Noun: nounOf(t, "testdata/mood.yaml", false)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.service = s
	s.Routes(d.mux)
	site.Routes(d.mux)
	return d
}

// noun is a part of the platform with one form. It needs the question contact,
// if contact is set.
type noun struct {
	form    *form.Form
	contact bool
}

func nounOf(t *testing.T, file string, contact bool) noun {
	t.Helper()
	f, err := form.Load(os.DirFS("."), file)
	if err != nil {
		t.Fatal(err)
	}
	return noun{f, contact}
}

func (n noun) Forms() []*form.Form { return []*form.Form{n.form} }

func (n noun) Uses(string) []lang.Text {
	return []lang.Text{{DE: "Erster Schritt", EN: "First step"}}
}

func (n noun) Accept(f *form.Form) []lang.Text {
	if _, ok := f.Field("contact"); ok || !n.contact {
		return nil
	}
	return []lang.Text{{DE: "Die Frage contact fehlt. An diese Adresse gehen alle E-Mails.", EN: "The question contact is missing."}}
}

func leaveSpecial(string) (func(form.Field) bool, error) {
	return func(f form.Field) bool { return f.Name == "special" }, nil
}

// records are one submission of the shipped form.
func (d *desk) records(_ context.Context, id string) iter.Seq2[export.Record, error] {
	f := nounOf(d.t, "testdata/"+id+".yaml", false).form
	return func(yield func(export.Record, error) bool) {
		yield(export.Record{Case: "KK-2027-0001", Key: "1", Form: f.Hash, At: d.clock(), Lang: lang.DE, Answers: form.Answers{
			"contact": {Text: "amt@musterstadt.example"}, "where": {Text: "hall"}, "special": {Text: "Vertraulich"}, "kind": {Text: "x"},
			"groups": {Rows: []form.Answers{{"group_name": {Text: "Ortsverein"}}}}, "rooms": {Choices: []string{"hall"}},
		}}, nil)
	}
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) later(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// as is the browser of somebody at the desk; without roles nobody is signed in.
func (d *desk) as(name string, roles ...string) *webtest.Browser {
	d.t.Helper()
	var u *web.User
	if len(roles) > 0 {
		u = &web.User{Email: name + "@example.org", Name: name}
	}
	for _, code := range roles {
		u.Roles = append(u.Roles, web.Role{Code: code})
	}
	return webtest.NewBrowser(d.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mux.ServeHTTP(w, r.WithContext(web.WithUser(r.Context(), u)))
	}))
}

// source is the shipped form with changes: pairs of old and new text.
func source(t *testing.T, file string, change ...string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			t.Fatalf("%s has no %q", file, change[i])
		}
		text = strings.Replace(text, change[i], change[i+1], 1)
	}
	return text
}

// upload sends a file from the list, or with fields as pairs from a form's page.
func (d *desk) upload(b *webtest.Browser, name, src string, fields ...string) *webtest.Response {
	d.t.Helper()
	return b.Do(uploadRequest(d.t, name, src, fields...))
}

func uploadRequest(t *testing.T, name, src string, fields ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(src)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/formulare", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// shows opens a page that has to be there and to say something.
func shows(t *testing.T, r *webtest.Response, status int, want ...string) {
	t.Helper()
	text := r.Text()
	if r.Status != status {
		t.Fatalf("status %d, want %d:\n%s", r.Status, status, text)
	}
	for _, s := range want {
		if !strings.Contains(text, s) {
			t.Errorf("%q is missing in:\n%s", s, text)
		}
	}
	if strings.Contains(r.Body, "⟦") {
		t.Errorf("a text is missing:\n%s", text)
	}
}

const talk = "/formulare/talk"

// draft uploads a good draft of the talk form in version 2.
func (d *desk) draft(b *webtest.Browser, change ...string) {
	d.t.Helper()
	change = append([]string{`version: "1"`, `version: "2"`}, change...)
	r := d.upload(b, "talk.yaml", source(d.t, "testdata/talk.yaml", change...))
	if r.Status != http.StatusSeeOther || r.Location() != talk+"?ok=entwurf" {
		d.t.Fatalf("uploading: %d %s\n%s", r.Status, r.Location(), r.Text())
	}
}

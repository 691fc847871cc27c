package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kokoma/infra/folder"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/web"
)

//go:embed tmpl/*.html
var pages embed.FS

// localPages serves what exists on one machine only: every mail, and the clock.
type localPages struct {
	site   *web.Site
	pages  *web.Pages
	box    *mailbox
	clock  *folder.Clock
	queued func(context.Context) ([]mail.Record, error)
	turn   func(context.Context, time.Time) error
}

func (p *localPages) Routes(mux *http.ServeMux) {
	mux.Handle("GET /local/mail", p.site.Handle(p.showMail))
	mux.Handle("GET /local/mail/{id}", p.site.Handle(p.showLetter))
	mux.Handle("GET /local/mail.json", p.site.Handle(p.mailJSON))
	mux.Handle("GET /local/clock", p.site.Handle(p.showClock))
	mux.Handle("POST /local/clock", p.site.Handle(p.turnClock))
}

type mailPage struct {
	web.Page
	Queued  []mail.Record
	Letters []letter
}

func (p *localPages) showMail(w http.ResponseWriter, r *http.Request) error {
	queued, err := p.queued(r.Context())
	if err != nil {
		return fmt.Errorf("listing what is queued: %w", err)
	}
	return p.pages.Render(w, r, http.StatusOK, "mail", mailPage{
		Page: p.site.Page(r, "local.mail.title"), Queued: queued, Letters: p.box.newest(),
	})
}

type letterPage struct {
	web.Page
	Letter letter
	Lines  []line
}

// line is one line of a mail's text, cut so that its addresses can be clicked.
type line struct{ Before, URL, After string }

func (p *localPages) showLetter(w http.ResponseWriter, r *http.Request) error {
	for _, l := range p.box.newest() {
		if l.ID != r.PathValue("id") {
			continue
		}
		page := letterPage{Page: p.site.Page(r, "local.mail.title"), Letter: l}
		for text := range strings.Lines(l.Text) {
			page.Lines = append(page.Lines, linked(strings.TrimRight(text, "\r\n")))
		}
		return p.pages.Render(w, r, http.StatusOK, "letter", page)
	}
	return web.ErrNotFound
}

func linked(text string) line {
	at := strings.Index(text, "http")
	if at < 0 || !strings.Contains(text[at:], "://") {
		return line{Before: text}
	}
	end := strings.IndexAny(text[at:], " \t>)")
	if end < 0 {
		end = len(text) - at
	}
	return line{Before: text[:at], URL: text[at : at+end], After: text[at+end:]}
}

// mailJSON gives every mail, newest first, or those after the one that after
// names.
func (p *localPages) mailJSON(w http.ResponseWriter, r *http.Request) error {
	all := p.box.newest()
	after := r.URL.Query().Get("after")
	if i := slices.IndexFunc(all, func(l letter) bool { return l.ID == after }); i >= 0 {
		all = all[:i]
	}
	raw, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = w.Write(raw)
	return err
}

type clockPage struct {
	web.Page
	Now     string
	Problem string
}

func (p *localPages) clockPage(r *http.Request, problem string) clockPage {
	now := p.clock.Now()
	l := lang.From(r.Context())
	return clockPage{
		Page:    p.site.Page(r, "local.clock.title"),
		Now:     lang.Long(l, lang.DateOf(now)) + ", " + lang.DateTime(l, now),
		Problem: problem,
	}
}

func (p *localPages) showClock(w http.ResponseWriter, r *http.Request) error {
	return p.pages.Render(w, r, http.StatusOK, "clock", p.clockPage(r, ""))
}

func (p *localPages) turnClock(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	to, err := target(p.clock.Now(), strings.TrimSpace(r.PostForm.Get("advance")), strings.TrimSpace(r.PostForm.Get("to")))
	if err != nil {
		return p.pages.Render(w, r, http.StatusUnprocessableEntity, "clock", p.clockPage(r, err.Error()))
	}
	if err := p.turn(r.Context(), to); err != nil {
		return fmt.Errorf("running what fell due: %w", err)
	}
	return web.Redirect(w, r, "/local/clock")
}

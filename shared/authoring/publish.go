package authoring

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"unicode/utf8"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Bounds of the note on a change, in characters.
const (
	minNote = 10
	maxNote = 1000
)

// decision is what somebody decided on the page of the comparison: which form
// is to become live, and what they saw to be live then.
type decision struct {
	hash, live string
	note       string
}

// publish makes a draft, or an earlier version, live. It is one write of the
// library's: if the process dies before it, the page is sent again; after it,
// the same page sent again finds its publication and changes nothing.
func (s *Service) publish(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	d := decision{r.PostForm.Get("hash"), r.PostForm.Get("live"), strings.TrimSpace(r.PostForm.Get("note"))}
	if x.just(d) {
		return web.Redirect(w, r, pathOf(x.id)+"?ok=live")
	}
	which := d.hash
	if x.shelf.Draft != nil && x.shelf.Draft.Hash == d.hash {
		which = draftVersion
	}
	if d.live != x.live() || which != draftVersion && !x.shelf.Has(which) {
		return s.overtaken(w, r, x, d)
	}
	p, err := s.comparison(r, x, which)
	if err != nil {
		return err
	}
	p.Note = d.note
	if n := utf8.RuneCountInString(d.note); n < minNote || n > maxNote {
		p.Problem = p.T("authoring.publish.note.length", minNote, maxNote)
	}
	if p.Blocked || p.Problem != "" {
		p.Fault(true)
		return s.pages.Render(w, r, http.StatusUnprocessableEntity, "compare", p)
	}
	return s.write(w, r, x, d, p)
}

// just says that this very decision was carried out a moment ago.
func (x subject) just(d decision) bool {
	v := x.shelf.Live
	return v != nil && v.Hash == d.hash && v.By == x.user.Label() && v.Note == d.note
}

func (s *Service) write(w http.ResponseWriter, r *http.Request, x subject, d decision, p *comparePage) error {
	_, err := s.Library.Publish(r.Context(), form.Publication{
		ID: x.id, Hash: d.hash, Live: d.live, By: x.user.Label(), Note: d.note, Shipped: x.shipped,
	}, s.Now())
	if errors.Is(err, table.ErrConflict) {
		if x, err = s.subject(r); err != nil {
			return err
		}
		return s.overtaken(w, r, x, d)
	}
	if refused, ok := errors.AsType[*form.RefusedError](err); ok {
		p.Refusals = append(p.Refusals, p.In(refused.Text))
		p.Blocked = true
		p.Fault(true)
		return s.pages.Render(w, r, http.StatusUnprocessableEntity, "compare", p)
	}
	if err != nil {
		return err
	}
	s.noteDone(r.Context(), "form published", x, d.hash)
	return web.Redirect(w, r, pathOf(x.id)+"?ok=live")
}

// overtakenPage tells the second of two authors about the first.
type overtakenPage struct {
	web.Page
	Head heading
	Text string
	Note string // what they had written, to copy
}

func (s *Service) overtaken(w http.ResponseWriter, r *http.Request, x subject, d decision) error {
	p := overtakenPage{Page: s.Site.Page(r, "authoring.overtaken.title"), Note: d.note}
	live, err := s.version(r.Context(), x, liveVersion)
	if err != nil {
		return err
	}
	p.Head = s.heading(p.Page, x, live)
	switch draft := x.shelf.Draft; {
	case d.live != x.live() && x.shelf.Live != nil:
		v := x.shelf.Live
		p.Text = p.T("authoring.overtaken.live", who(p.Page, v.By), p.DateTime(v.At), v.Version)
	case draft != nil:
		p.Text = p.T("authoring.overtaken.draft", who(p.Page, draft.By), p.DateTime(draft.At), draft.Version)
	default:
		p.Text = p.T("authoring.overtaken.gone")
	}
	p.Fault(true)
	return s.pages.Render(w, r, http.StatusConflict, "overtaken", p)
}

// drop forgets the draft that was shown. It is one write; dropped again,
// nothing happens.
func (s *Service) drop(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	d := decision{hash: r.PostForm.Get("hash"), live: x.live()}
	err = s.Library.DropDraft(r.Context(), x.id, d.hash)
	if errors.Is(err, table.ErrConflict) {
		if x, err = s.subject(r); err != nil {
			return err
		}
		return s.overtaken(w, r, x, d)
	}
	if err != nil {
		return err
	}
	s.noteDone(r.Context(), "form draft dropped", x, d.hash)
	return web.Redirect(w, r, pathOf(x.id)+"?ok=weg")
}

// noteDone logs what was done to which form: its id and hash, no content.
func (s *Service) noteDone(ctx context.Context, message string, x subject, hash string) {
	s.Log.LogAttrs(ctx, slog.LevelInfo, message, slog.String("form", x.id), slog.String("hash", hash[:min(8, len(hash))]))
}

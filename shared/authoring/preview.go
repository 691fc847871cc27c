package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/web"
)

// A preview is the form as a respondent fills it in. Nothing is stored: what
// was answered travels in a field of the page, so a preview is gone with its
// window and costs nobody anything.

const (
	// wholePage is the address of the only page of a form without pages, endPage
	// that of the summary; no group can be named so.
	wholePage = "-alles"
	endPage   = "-ende"

	answersField  = "_answers"
	hiddenField   = "_hidden:" // what the platform itself would fill in
	goField       = "_go"      // value: the page to go to, unjudged
	languageField = "_language"
)

// preview is one look at one version of a form.
type preview struct {
	subject
	form    *form.Form
	which   string // as in the address
	pages   []form.Page
	page    string // its name, "" for the whole form
	answers form.Answers
	env     form.Env
}

type previewPage struct {
	web.Page
	Head     heading
	Which    string
	View     form.View
	Section  string
	Number   int
	Count    int
	Action   string
	Back     string // page before this one, "" on the first
	State    string
	Steps    []previewStep
	Hidden   []hiddenInput
	Revealed bool
	Switch   languageButton
	Other    *web.OtherPage // hides the shell's link, which would lose what was entered
}

type previewStep struct {
	Name, Label string
	Current     bool
}

// hiddenInput lets the author play the platform, which fills in hidden
// questions.
type hiddenInput struct{ ID, Name, Label, Value string }

// languageButton is the same page in the other language, with what was entered.
type languageButton struct {
	Lang          lang.Lang
	Action, Label string
}

type previewEndPage struct {
	web.Page
	Head   heading
	Which  string
	Action string
	Back   string
	State  string
	Faults form.Faults
	Groups []form.SummaryGroup
	Switch languageButton
	Other  *web.OtherPage
}

// beginPreview leads to the first page.
func (s *Service) beginPreview(w http.ResponseWriter, r *http.Request) error {
	p, err := s.preview(r)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, p.address(p.pages[0].Name))
}

// showPreview shows a page with nothing filled in yet.
func (s *Service) showPreview(w http.ResponseWriter, r *http.Request) error {
	p, err := s.preview(r)
	if err != nil {
		return err
	}
	return s.renderPreview(w, r, p, http.StatusOK, nil, false)
}

// preview finds the version and the page of a request.
func (s *Service) preview(r *http.Request) (preview, error) {
	x, err := s.subject(r)
	if err != nil {
		return preview{}, err
	}
	p := preview{subject: x, which: r.FormValue("version"), answers: form.Answers{}}
	if p.which == "" {
		p.which = x.standard()
	}
	if p.form, err = s.version(r.Context(), x, p.which); err != nil {
		return preview{}, err
	}
	p.env = s.env(r.Context())
	p.pages = pagesOf(p.form, x.whole())
	p.page = r.PathValue("page")
	known := func(o form.Page) bool { return o.Name == p.page }
	if p.page != "" && p.page != endPage && !slices.ContainsFunc(p.pages, known) {
		return preview{}, web.ErrNotFound
	}
	return p, nil
}

// pagesOf are the pages as respondents see them: a form that is shown whole, or
// whose questions stand outside of groups, has one.
func pagesOf(f *form.Form, whole bool) []form.Page {
	outside := slices.ContainsFunc(f.Fields(), func(q form.Field) bool { return q.Page == "" && q.Type != "hidden" && q.Type != "calculate" })
	if pages := f.Pages(); len(pages) > 0 && !outside && !whole {
		return pages
	}
	return []form.Page{{Name: wholePage, Label: f.Title}}
}

func (p preview) address(page string) string {
	return "/formulare/" + url.PathEscape(p.id) + "/vorschau/" + page + "?version=" + url.QueryEscape(p.which)
}

// asked is what the engine calls the page.
func (p preview) asked() string {
	if p.page == wholePage {
		return ""
	}
	return p.page
}

// relevant are the pages that have something to show.
func (p preview) relevant() []form.Page {
	if len(p.pages) == 1 {
		return p.pages
	}
	return p.form.RelevantPages(p.answers, p.env)
}

// beside are the relevant pages before and after this one; "" where there is
// none before, endPage where there is none after.
func (p preview) beside() (before, after string) {
	after = endPage
	passed := false
	seen := p.relevant()
	for _, o := range p.pages {
		switch {
		case o.Name == p.page:
			passed = true
		case !slices.Contains(seen, o):
		case !passed:
			before = o.Name
		default:
			return before, o.Name
		}
	}
	return before, after
}

// receivePreview takes a page and shows the next one, or this one again with
// what is wrong.
func (s *Service) receivePreview(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	p, err := s.preview(r)
	if err != nil {
		return err
	}
	before := form.Answers{}
	if raw := r.PostForm.Get(answersField); raw != "" {
		if err := json.Unmarshal([]byte(raw), &before); err != nil {
			return web.Status(http.StatusBadRequest, "web.malformed")
		}
	}
	before = withoutNull(before)
	p.answers = before
	if p.page != endPage {
		p.answers = p.form.Read(r.PostForm, p.asked(), before)
	}
	for name, values := range r.PostForm {
		if question, ok := strings.CutPrefix(name, hiddenField); ok {
			p.answers[question] = form.Value{Text: values[0]}
		}
	}
	p.answers = p.form.Settle(p.answers, p.env)
	return s.followPreview(w, r, p, before)
}

// withoutNull puts empty answers where null came, so that others can be written
// into them.
func withoutNull(a form.Answers) form.Answers {
	if a == nil {
		return form.Answers{}
	}
	for _, v := range a {
		for i, row := range v.Rows {
			v.Rows[i] = withoutNull(row)
		}
	}
	return a
}

func (s *Service) followPreview(w http.ResponseWriter, r *http.Request, p preview, before form.Answers) error {
	_, changed := form.Pressed(r.PostForm)
	goal := r.PostForm.Get(goField)
	switch {
	case changed || r.PostForm.Has(languageField):
		return s.renderPreview(w, r, p, http.StatusOK, nil, false)
	case goal != "":
		if goal != endPage && !slices.ContainsFunc(p.pages, func(o form.Page) bool { return o.Name == goal }) {
			return web.ErrNotFound
		}
		p.page = goal
		return s.renderPreview(w, r, p, http.StatusOK, nil, false)
	case p.page == endPage:
		return s.renderPreview(w, r, p, http.StatusOK, nil, false)
	}
	problems := p.form.Check(p.answers, p.asked(), p.env)
	if problems.Blocking(p.answers.Confirmed) {
		return s.renderPreview(w, r, p, http.StatusUnprocessableEntity, problems, false)
	}
	unseen := func(name string) bool { return p.answers[name].Empty() }
	if slices.ContainsFunc(p.form.Revealed(before, p.answers, p.asked(), p.env), unseen) {
		return s.renderPreview(w, r, p, http.StatusUnprocessableEntity, nil, true)
	}
	_, p.page = p.beside()
	return s.renderPreview(w, r, p, http.StatusOK, nil, false)
}

func (s *Service) renderPreview(w http.ResponseWriter, r *http.Request, p preview, status int, problems form.Problems, revealed bool) error {
	state, err := json.Marshal(p.answers)
	if err != nil {
		return fmt.Errorf("writing the answers of a preview: %w", err)
	}
	if p.page == endPage {
		return s.renderPreviewEnd(w, r, p, string(state))
	}
	out := previewPage{
		Page: s.Site.Page(r, "authoring.preview.title"), Which: p.which, State: string(state), Revealed: revealed,
		View: p.form.View(p.answers, p.asked(), problems, p.env),
	}
	out.Head = s.heading(out.Page, p.subject, p.form)
	out.Action, out.Switch = p.actions(out.Page)
	out.Back, _ = p.beside()
	pages := p.relevant()
	for i, o := range pages {
		out.Steps = append(out.Steps, previewStep{o.Name, out.In(o.Label), o.Name == p.page})
		if o.Name == p.page {
			out.Number = i + 1
		}
	}
	out.Count, out.Hidden = len(pages), p.hidden()
	for _, o := range p.pages {
		if o.Name == p.page {
			out.Section = out.In(o.Label)
		}
	}
	out.Fault(status == http.StatusUnprocessableEntity && !revealed)
	return s.pages.Render(w, r, status, "preview", out)
}

// renderPreviewEnd shows all answers in words, and what is wrong with them as
// a whole.
func (s *Service) renderPreviewEnd(w http.ResponseWriter, r *http.Request, p preview, state string) error {
	out := previewEndPage{
		Page: s.Site.Page(r, "authoring.preview.end.title"), Which: p.which, State: state,
		Groups: p.form.Summary(p.answers, p.env),
	}
	out.Head = s.heading(out.Page, p.subject, p.form)
	out.Action, out.Switch = p.actions(out.Page)
	out.Faults = form.NewFaults(p.form.Check(p.answers, "", p.env), p.answers, out.Lang, func(form.Problem) string { return "" })
	seen := p.relevant()
	out.Back = p.pages[0].Name
	if len(seen) > 0 {
		out.Back = seen[len(seen)-1].Name
	}
	return s.pages.Render(w, r, http.StatusOK, "previewend", out)
}

// actions are where the page's form goes, in this language and in the other.
func (p preview) actions(page web.Page) (string, languageButton) {
	other := languageButton{Lang: lang.EN, Action: "/en" + p.address(p.page), Label: "In English"}
	if page.Lang == lang.EN {
		other = languageButton{Lang: lang.DE, Action: p.address(p.page), Label: "Auf Deutsch"}
	}
	return page.Path(p.address(p.page)), other
}

// hidden are the questions that the platform fills in.
func (p preview) hidden() []hiddenInput {
	var out []hiddenInput
	for _, q := range p.form.Fields() {
		if q.Type == "hidden" && q.Repeat == "" {
			out = append(out, hiddenInput{ID: "f-hidden-" + q.Name, Name: hiddenField + q.Name, Label: q.Name, Value: p.answers.Text(q.Name)})
		}
	}
	return out
}

// env is the world around a form that is tried out.
func (s *Service) env(ctx context.Context) form.Env {
	now := s.Now()
	return form.Env{
		Today: lang.DateOf(now), Now: now, Lang: lang.From(ctx),
		Lookup: func(key string) (string, bool) {
			m, ok, err := s.Register.Find(ctx, key)
			s.noteRegister(ctx, err)
			return m.Name, ok
		},
		Search: func(typed string) []form.Found {
			found, err := s.Register.Search(ctx, typed, 12)
			s.noteRegister(ctx, err)
			return offers(found)
		},
	}
}

func offers(found []municipality.Municipality) []form.Found {
	out := make([]form.Found, len(found))
	for i, m := range found {
		out[i] = form.Found{Key: m.Key, Label: m.Name + " (" + m.Key + ")"}
	}
	return out
}

// noteRegister logs that the register could not be read; a preview goes on
// without it.
func (s *Service) noteRegister(ctx context.Context, err error) {
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "register of municipalities not read", slog.String("kind", fmt.Sprintf("%T", err)))
	}
}

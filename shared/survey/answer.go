package survey

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// The server keeps no draft: everything entered so far travels in the page, encrypted and authenticated,
// in this field. It is good for one link only. Names that begin with _ are never a question's.
const stateField = "_state"

// goField is the button: start, next, back, send, or stay for the same page in the other language.
const goField = "_go"

// seenField says that the page was shown with the questions that an answer
// brought up.
const seenField = "_seen"

// sealPurpose keeps these texts apart from what else is sealed.
const sealPurpose = "survey pages"

// maxPost is the largest page: two free texts at their longest in four-byte letters, percent-encoded,
// beside the same again sealed.
const maxPost = 128 << 10

// sheet is a survey half-way, as it travels in the page.
type sheet struct {
	Link    string       `json:"l"`
	Page    int          `json:"p"`           // the page that was shown
	Answer  string       `json:"a,omitempty"` // open mode: the key of the answer, so that sending twice stores once
	Answers form.Answers `json:"x,omitempty"`
}

// empty is the sheet to begin with. A personal link knows without a key that it was used, and an answer
// that came by it gets a key that no page has seen.
func (v way) empty() sheet {
	s := sheet{Link: v.linkID}
	if v.invitation == nil {
		s.Answer = uuid()
	}
	return s
}

func (x *Service) answerInvitation(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byInvitation(r)
	if errors.Is(err, web.ErrUnknownLink) && x.alreadySent(r, v) {
		return web.Redirect(w, r, thanksPath)
	}
	if err != nil {
		return err
	}
	return x.answer(w, r, v)
}

// alreadySent recognises who pressed twice: their page proves that they had the link when it was good.
func (x *Service) alreadySent(r *http.Request, v way) bool {
	if v.invitation == nil || v.invitation.State != invitationUsed || web.ParseForm(r) != nil {
		return false
	}
	_, err := x.unseal(r, v)
	return err == nil && r.PostForm.Get(goField) == "send"
}

func (x *Service) answerShared(w http.ResponseWriter, r *http.Request) error {
	v, err := x.byShared(r)
	if err != nil {
		return err
	}
	return x.answer(w, r, v)
}

// answer takes a page and shows the next one, or stores the whole when the last is sent.
func (x *Service) answer(w http.ResponseWriter, r *http.Request, v way) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f, err := x.form(r.Context(), v.survey)
	if err != nil {
		return err
	}
	if r.PostForm.Get(stateField) == "" {
		return x.showPage(w, r, v, f, v.empty(), asked{status: http.StatusOK})
	}
	s, err := x.unseal(r, v)
	if err != nil || s.Page < 0 || s.Page >= len(f.Pages()) {
		return web.Status(http.StatusBadRequest, "web.malformed")
	}
	before := s.Answers
	s.Answers = f.Settle(f.Read(r.PostForm, f.Pages()[s.Page].Name, before), x.env(r.Context()))
	return x.move(w, r, v, f, s, before)
}

// move does what the button says. Going back and changing rows judge nothing,
// going on judges the page, and shows it once more when an answer brought up a
// question that nobody has seen yet.
func (x *Service) move(w http.ResponseWriter, r *http.Request, v way, f *form.Form, s sheet, before form.Answers) error {
	pressed, env := r.PostForm.Get(goField), x.env(r.Context())
	again := asked{status: http.StatusOK}
	if _, rows := form.Pressed(r.PostForm); rows || pressed == "stay" {
		return x.showPage(w, r, v, f, s, again)
	}
	if pressed == "back" {
		s.Page = neighbour(f, s, env, -1)
		return x.showPage(w, r, v, f, s, again)
	}
	here := f.Pages()[s.Page].Name
	if p := f.Check(s.Answers, here, env); p.Errors() {
		return x.showPage(w, r, v, f, s, asked{status: http.StatusUnprocessableEntity, problems: p})
	}
	if len(f.Revealed(before, s.Answers, here, env)) > 0 && !r.PostForm.Has(seenField) {
		again.seen = true
		return x.showPage(w, r, v, f, s, again)
	}
	if next := neighbour(f, s, env, 1); pressed != "send" || next != s.Page {
		s.Page = next
		return x.showPage(w, r, v, f, s, again)
	}
	return x.send(w, r, v, f, s)
}

// neighbour is the next page in a direction that has something to ask; the page
// itself where there is none.
func neighbour(f *form.Form, s sheet, env form.Env, step int) int {
	relevant, pages := f.RelevantPages(s.Answers, env), f.Pages()
	for i := s.Page + step; i >= 0 && i < len(pages); i += step {
		if slices.ContainsFunc(relevant, func(p form.Page) bool { return p.Name == pages[i].Name }) {
			return i
		}
	}
	return s.Page
}

// send judges the whole once more, since the pages came from outside, and stores it.
func (x *Service) send(w http.ResponseWriter, r *http.Request, v way, f *form.Form, s sheet) error {
	env := x.env(r.Context())
	if p := f.Check(s.Answers, "", env); p.Errors() {
		s.Page = pageOf(f, p)
		return x.showPage(w, r, v, f, s, asked{status: http.StatusUnprocessableEntity, problems: p})
	}
	clean := f.Clean(s.Answers, env)
	if !answered(f, clean) {
		return x.showPage(w, r, v, f, s, asked{status: http.StatusUnprocessableEntity, empty: true})
	}
	switch err := x.store(r.Context(), v, s.Answer, clean); {
	case errors.Is(err, errUsed):
		return web.Redirect(w, r, thanksPath)
	case err != nil:
		return err
	}
	return web.Redirect(w, r, thanksPath)
}

func pageOf(f *form.Form, p form.Problems) int {
	for i, page := range f.Pages() {
		if page.Name == p[0].Page {
			return i
		}
	}
	return 0
}

// answered says whether anything was answered that the survey is about. Somebody who only told where they
// come from has answered nothing, and so has a program that pressed every button.
func answered(f *form.Form, a form.Answers) bool {
	for _, q := range f.Fields() {
		if q.Page != instrument.ProfilePage && q.Type != "calculate" && q.Type != "hidden" && !a[q.Name].Empty() {
			return true
		}
	}
	return false
}

// asked is how a page of questions is shown.
type asked struct {
	status   int
	problems form.Problems
	empty    bool // sent without any answer
	seen     bool // shown for questions that an answer brought up
}

type questionPage struct {
	web.Page
	Heading     string
	Action      string
	State       string
	Form        form.View
	Step, Steps int
	First, Last bool
	Empty       bool
	Seen        bool // there are new questions
	Switch      language
	// Other hides the shell's link to the other language: it would lose what was entered.
	Other *web.OtherPage
}

// language is the same page in the other language, by a button that takes along what was entered.
type language struct {
	Lang          lang.Lang
	Action, Label string
}

func (x *Service) otherLanguage(of lang.Lang, path string) language {
	l, prefix := lang.EN, "/en"
	if of == lang.EN {
		l, prefix = lang.DE, ""
	}
	return language{l, prefix + path, x.Site.Catalog.T(l, "survey.page.switch")}
}

func (x *Service) showPage(w http.ResponseWriter, r *http.Request, v way, f *form.Form, s sheet, how asked) error {
	sealed, err := x.seal(s)
	if err != nil {
		return web.ErrTooLarge
	}
	pages, env := f.Pages(), x.env(r.Context())
	p := questionPage{
		Page: x.anonymousPage(r, "survey.start.title"), State: sealed,
		Form:  f.View(s.Answers, pages[s.Page].Name, how.problems, env),
		First: neighbour(f, s, env, -1) == s.Page, Last: neighbour(f, s, env, 1) == s.Page, Empty: how.empty, Seen: how.seen,
	}
	p.Step, p.Steps = progress(f, s, env)
	p.Heading = p.In(pages[s.Page].Label)
	p.Action = p.Path(v.path)
	p.Switch = x.otherLanguage(p.Lang, v.path)
	p.SetTitle(p.T("survey.page.title", p.Heading, p.Step, p.Steps))
	p.Page.Fault(len(how.problems) > 0 || how.empty)
	return x.pages.Render(w, r, how.status, "questions", p)
}

// progress is the place of the page among those that have something to ask.
func progress(f *form.Form, s sheet, env form.Env) (step, steps int) {
	relevant := f.RelevantPages(s.Answers, env)
	i := slices.IndexFunc(relevant, func(p form.Page) bool { return p.Name == f.Pages()[s.Page].Name })
	return i + 1, len(relevant)
}

func (x *Service) env(ctx context.Context) form.Env {
	now := x.Now()
	return form.Env{Today: lang.DateOf(now), Now: now, Lang: lang.From(ctx)}
}

func (x *Service) seal(s sheet) (string, error) { return x.Links.Seal(sealPurpose, encode(s)) }

func (x *Service) unseal(r *http.Request, v way) (sheet, error) {
	var s sheet
	plain, err := x.Links.Open(sealPurpose, r.PostForm.Get(stateField))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(plain, &s); err != nil {
		return s, fmt.Errorf("reading a page: %v", err)
	}
	if s.Link != v.linkID {
		return s, errors.New("a page of another link")
	}
	return s, nil
}

// errUsed: somebody answered by this link a moment ago, or sent this answer twice.
var errUsed = errors.New("already answered")

// maxTries is how often an answer is stored anew when others came in between.
const maxTries = 20

// store spends the invitation, counts and keeps the answer, all or nothing. The head is asked to be as it
// was read, so no answer gets in once the survey has begun to close. If the process dies before the write,
// the link is good as before and the page in the browser still holds everything; after it, the answer is
// there.
func (x *Service) store(ctx context.Context, v way, answerID string, clean form.Answers) error {
	for try := range maxTries {
		err := x.Table.Write(ctx, x.storing(v, answerID, clean)...)
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
		if err := x.again(ctx, &v, answerID); err != nil {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
	return table.ErrThrottled
}

// again looks why an answer could not be stored: sent already, survey over, or only another one at the
// same moment, which is worth the next try.
func (x *Service) again(ctx context.Context, v *way, answerID string) error {
	var err error
	if v.invitation == nil {
		_, err := x.Table.Get(ctx, answerKey(v.survey.ID, answerID))
		if err == nil {
			return errUsed
		}
		if !notThere(err) {
			return err
		}
	} else {
		inv, err := x.invitationOf(ctx, v.linkID)
		if notThere(err) || err == nil && inv.State == invitationUsed {
			return errUsed
		}
		if err != nil {
			return err
		}
		v.invitation = &inv
	}
	if v.survey, err = x.survey(ctx, v.survey.ID); err != nil {
		return err
	}
	if v.survey.State != StateRunning {
		return web.ErrUnknownLink
	}
	return nil
}

// pause lets transactions that met part: not at all at first, then up to 50 ms.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	t := time.NewTimer(mathrand.N(time.Duration(min(try, 5)) * 10 * time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (x *Service) storing(v way, answerID string, clean form.Answers) []table.Op {
	if v.invitation != nil {
		answerID = uuid() // never one that has been in a page of this link
	}
	ops := []table.Op{
		table.Update(headKey(v.survey.ID), table.Change{Add: map[string]int64{answersCounter: 1}},
			table.Exists(), table.AtVersion(v.survey.version)),
		table.Put(table.Item{
			Key: answerKey(v.survey.ID, answerID), Kind: "response",
			Body: encode(response{Week: v.survey.week(), Answers: clean}), Expires: x.AnswersUntil,
		}, table.Absent()),
	}
	if v.invitation != nil {
		ops = append(ops, v.invitation.become(invitationUsed))
	}
	return ops
}

// uuid is a random UUID, version 4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

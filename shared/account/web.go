package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Routes adds the sign-in and the administration of who may sign in.
func (s *Service) Routes(mux web.Mux) {
	handle := func(pattern string, h web.HandlerFunc) { mux.Handle(pattern, s.Site.Handle(h)) }
	handle("GET /anmelden", s.showSignIn)
	handle("POST /anmelden", s.receiveAddress)
	handle("GET /anmelden/code", s.showCode)
	handle("POST /anmelden/code", s.receiveCode)
	handle("GET /abmelden", web.RequireUser(s.showSignOut))
	handle("POST /abmelden", s.signOut)
	handle("POST /abmelden/ueberall", s.signOutEverywhere)

	handle("GET /verwaltung", web.RequireUser(s.showPeople, "SVC", "ADM", "DSB"))
	handle("POST /verwaltung", web.RequireUser(s.addRole, "SVC", "ADM"))
	handle("POST /verwaltung/entfernen", web.RequireUser(s.removeRole, "SVC", "ADM"))
}

// signInPage asks for an address; Problem is the text of what is wrong.
type signInPage struct {
	web.Page
	Email, Next string
	Problem     string
	SignedOut   bool
}

// codePage asks for the mailed code.
type codePage struct {
	web.Page
	Email   string
	Problem string
}

func (s *Service) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := localNext(r.FormValue("next"))
	if u := web.UserFrom(r.Context()); u != nil {
		return web.Redirect(w, r, home(u, next))
	}
	return s.pages.Render(w, r, http.StatusOK, "signin", signInPage{
		Page: s.Site.Page(r, "account.signin.title"), Next: next, SignedOut: r.FormValue("abgemeldet") != "",
	})
}

// refuse shows the address again with what is wrong.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, status int, email, next, problem string) error {
	p := signInPage{Page: s.Site.Page(r, "account.signin.title"), Email: email, Next: next, Problem: problem}
	p.Fault(true)
	return s.pages.Render(w, r, status, "signin", p)
}

// receiveAddress mails a code to a known address. The answer is the same for an unknown one, and
// so is the number of things that are written.
func (s *Service) receiveAddress(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	typed, next := r.PostForm.Get("email"), localNext(r.PostForm.Get("next"))
	page := s.Site.Page(r, "account.signin.title")
	address, err := mail.Address(typed)
	if err != nil {
		return s.refuse(w, r, http.StatusUnprocessableEntity, typed, next, page.T("account.problem.email"))
	}
	now := s.Now()
	err = s.mayAsk(r, address, now)
	if e, ok := errors.AsType[*web.TooManyError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(e.Seconds()))
		return s.refuse(w, r, http.StatusTooManyRequests, typed, next, page.T("account.problem.toomany", e.Minutes()))
	}
	if err != nil {
		return err
	}
	cookie := rand.Text()
	l := login{Email: address, Nonce: rand.Text(), Next: next, Until: now.Add(codeLife), key: hash(cookie)}
	if err := s.sendCode(r.Context(), l, now); err != nil {
		return err
	}
	s.Site.SetCookie(w, loginCookie, cookie, codeLife)
	return web.Redirect(w, r, "/anmelden/code")
}

func (s *Service) sendCode(ctx context.Context, l login, now time.Time) error {
	asked, err := putLogin(l)
	if err != nil {
		return err
	}
	id := hash(l.Email)
	p, known, err := s.store.person(ctx, id)
	if err != nil {
		return err
	}
	second := table.Check(userKey(id), table.AtVersion(p.version)) // a second write, as long as the first
	if known {
		second = s.Outbox.Op(mail.Entry{
			Key: "account#login#" + l.key, Template: "login_code", To: p.Email, ToName: p.Name,
			Lang: lang.From(ctx), Class: mail.Asked,
			Code: &mail.CodeRef{Purpose: "login", ID: l.key, Nonce: l.Nonce}, NotAfter: l.Until,
		}, now)
	}
	ok, err := s.store.write(ctx, asked, second)
	if err == nil && !ok {
		err = table.ErrConflict // somebody became known in this moment
	}
	if err != nil {
		return fmt.Errorf("asking for a sign-in code: %w", err)
	}
	return nil
}

func (s *Service) showCode(w http.ResponseWriter, r *http.Request) error {
	l, ok, err := s.store.login(r.Context(), s.Site.Cookie(r, loginCookie), s.Now())
	if err != nil {
		return err
	}
	if !ok {
		return web.Redirect(w, r, "/anmelden")
	}
	return s.pages.Render(w, r, http.StatusOK, "code", codePage{Page: s.Site.Page(r, "account.code.title"), Email: l.Email})
}

// receiveCode begins a session. A code that was used, tried too often, is too old or was asked for
// in another browser leads back to the address.
func (s *Service) receiveCode(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	ctx, now := r.Context(), s.Now()
	if err := s.take(r, now, count{allLimits().lineTries, s.Site.ClientAddress(r)}); err != nil {
		return err
	}
	l, ok, err := s.store.login(ctx, s.Site.Cookie(r, loginCookie), now)
	if err != nil {
		return err
	}
	if !ok {
		return s.over(w, r, l)
	}
	if err := s.mayTry(r, l.Email, now); err != nil {
		return err
	}
	counted, err := s.store.countTry(ctx, l)
	if err != nil {
		return err
	}
	if !counted {
		return s.over(w, r, l)
	}
	p, right, err := s.judge(ctx, l, r.PostForm.Get("code"))
	if err != nil {
		return err
	}
	if !right {
		return s.wrongCode(w, r, l)
	}
	return s.begin(w, r, l, p)
}

// over asks for the address again, since the code cannot be used any more.
func (s *Service) over(w http.ResponseWriter, r *http.Request, l login) error {
	s.Site.ClearCookie(w, loginCookie)
	text := s.Site.Page(r, "account.signin.title").T("account.problem.over")
	return s.refuse(w, r, http.StatusUnprocessableEntity, l.Email, l.Next, text)
}

// judge compares the code. An unknown address has no right code.
func (s *Service) judge(ctx context.Context, l login, typed string) (p person, right bool, err error) {
	p, known, err := s.store.person(ctx, hash(l.Email))
	if err != nil {
		return person{}, false, err
	}
	return p, s.Links.CheckCode("login", l.key, l.Nonce, strings.TrimSpace(typed)) && known, nil
}

func (s *Service) wrongCode(w http.ResponseWriter, r *http.Request, l login) error {
	left := codeTries - int(l.tries) - 1
	if left <= 0 {
		return s.over(w, r, l)
	}
	p := codePage{Page: s.Site.Page(r, "account.code.title"), Email: l.Email}
	p.Problem = p.T("account.problem.code", left)
	if left == 1 {
		p.Problem = p.T("account.problem.code.last")
	}
	p.Fault(true)
	return s.pages.Render(w, r, http.StatusUnprocessableEntity, "code", p)
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request, l login, p person) error {
	ctx, now := r.Context(), s.Now()
	cookie := rand.Text()
	x := session{User: hash(l.Email), Epoch: p.Epoch, Started: now, Seen: now}
	ok, err := s.store.begin(ctx, l, cookie, x)
	if err != nil {
		return err
	}
	if !ok {
		return s.over(w, r, l)
	}
	if err := s.store.end(ctx, s.Site.Cookie(r, sessionCookie)); err != nil {
		return err
	}
	if err := s.remember(w, x.User, now); err != nil {
		return err
	}
	s.Site.ClearCookie(w, loginCookie)
	s.Site.SetCookie(w, sessionCookie, cookie, sessionLife)
	return web.Redirect(w, r, home(p.user(), l.Next))
}

// localNext is where to go after the sign-in, empty unless it is a page of ours.
func localNext(next string) string {
	if !web.LocalPath(next) || strings.HasPrefix(next, "/anmelden") || strings.HasPrefix(next, "/abmelden") || len(next) > 500 {
		return ""
	}
	return next
}

func home(u *web.User, next string) string {
	if next != "" {
		return next
	}
	return u.Home()
}

// signOutPage offers to sign out here or everywhere.
type signOutPage struct{ web.Page }

func (s *Service) showSignOut(w http.ResponseWriter, r *http.Request) error {
	return s.pages.Render(w, r, http.StatusOK, "signout", signOutPage{s.Site.Page(r, "account.signout.title")})
}

func (s *Service) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.store.end(r.Context(), s.Site.Cookie(r, sessionCookie)); err != nil {
		return err
	}
	s.Site.ClearCookie(w, sessionCookie)
	return web.Redirect(w, r, "/anmelden?abgemeldet=1")
}

// signOutEverywhere ends all sessions of the person by beginning a new epoch.
func (s *Service) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	if u := web.UserFrom(r.Context()); u != nil {
		err := s.store.change(r.Context(), hash(u.Email), func(p *person, found bool) bool {
			p.Epoch++
			return found
		})
		if err != nil {
			return err
		}
	}
	return s.signOut(w, r)
}

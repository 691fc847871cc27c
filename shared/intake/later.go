package intake

import (
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/intake/draft"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// codePage asks for the mail's code.
type codePage struct {
	web.Page
	Base    string
	Action  string
	Problem string
	Saved   bool   // what was posted is kept
	Mailed  bool   // a code was just asked for
	Waits   bool   // the code could not be mailed yet
	Known   bool   // there is an address to mail to
	Confirm bool   // it confirms the address, rather than opening the draft
	Edit    bool   // the entries can be changed before they are confirmed
	Address string // only for who may see the draft
}

// overviewPage is where a draft is gone on with.
type overviewPage struct {
	web.Page
	Base      string
	Progress  []progress
	Acute     bool
	Questions []draft.Question
	Place     string
	Until     lang.Date // then it is deleted if nobody changes it
	Done      int
	Next      string // where to go on
	NextKey   string
	More      bool // something is not complete
}

// showOverview is the page behind the mailed link. It shows the draft only to a
// browser that may see it; to others the question for the code.
func (x *Service) showOverview(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	switch {
	case v.State == draft.StateSubmitted, v.State == draft.StateConfirmed:
		return x.redirect(w, r, v, "/bestaetigen")
	case !v.may:
		return x.renderCode(w, r, http.StatusOK, v, "")
	}
	f, err := x.forms.Form(r.Context(), v.Form)
	if err != nil {
		return err
	}
	env := x.env(r.Context(), v.now)
	p := overviewPage{
		Page: x.Site.Page(r, "intake.overview.title"), Base: web.Path(r.Context(), v.base()),
		Acute: draft.Acute(v.Answers), Questions: v.Questions, Place: v.Answers.Text("muni_name"),
	}
	if v.Temporary() {
		p.Until = lang.DateOf(v.Changed.Add(draft.DeleteAfter))
	}
	if name, ok := env.Lookup(v.Answers.Text("muni_key")); ok && !draft.ByHand(v.Answers) {
		p.Place = name
	}
	p.Progress = progressOf(p.Page, v, f, f.Check(v.Answers, "", env), "")
	p.Next, p.NextKey = p.Base+"/pruefen", "intake.overview.check"
	for _, line := range slices.Backward(p.Progress) {
		if line.Look == "done" {
			p.Done++
			continue
		}
		p.Next, p.NextKey, p.More = line.Href, "intake.overview.goon", true
	}
	return x.pages.Render(w, r, http.StatusOK, "overview", p)
}

func (x *Service) renderCode(w http.ResponseWriter, r *http.Request, status int, v visit, problem string) error {
	p := codePage{
		Page: x.Site.Page(r, "intake.open.title"), Base: web.Path(r.Context(), v.base()), Problem: problem,
		Saved: r.URL.Query().Has("gespeichert"), Mailed: r.URL.Query().Has("gesendet"),
		Waits: v.Unmailed && v.State == draft.StateSubmitted,
		Known: v.Address != "", Confirm: v.State == draft.StateSubmitted || v.State == draft.StateConfirmed,
	}
	p.Action = p.Base
	if p.Confirm {
		p.SetTitle(p.T("intake.confirm.title"))
		p.Action, p.Known = p.Base+"/bestaetigen", true
	}
	if v.may {
		p.Address, p.Edit = v.Contact(), p.Confirm
	}
	p.Fault(problem != "")
	return x.pages.Render(w, r, status, "code", p)
}

// openDraft takes the code that opens a draft in this browser.
func (x *Service) openDraft(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if v.State == draft.StateConfirmed {
		return web.ErrUnknownLink
	}
	got, left, err := x.codes.Try(r.Context(), v.ID, draft.KindResume, r.PostForm.Get("code"), v.now)
	if err != nil {
		return err
	}
	if got != draft.Right {
		return x.renderCode(w, r, http.StatusUnprocessableEntity, v, x.codeProblem(r, got, left))
	}
	hash := draft.Browser(x.Site, w, r, v.ID)
	_, err = x.drafts.Change(r.Context(), v.ID, func(e *draft.Entry) ([]table.Op, error) {
		e.Admit(hash)
		return nil, nil
	})
	if err != nil {
		return err
	}
	return x.redirect(w, r, v, "")
}

// codeProblem says what is wrong with a code and what one can do.
func (x *Service) codeProblem(r *http.Request, got draft.Verdict, left int) string {
	p := x.Site.Page(r, "intake.open.title")
	switch got {
	case draft.Malformed:
		return p.T("intake.code.malformed")
	case draft.Wrong:
		if left > 0 {
			return p.T("intake.code.wrong", left)
		}
	}
	return p.T("intake.code.usedup")
}

// sendCode mails a code to the address that is known; which one is not shown.
func (x *Service) sendCode(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	asked, back := false, ""
	again := false
	_, err = x.drafts.Change(r.Context(), v.ID, func(e *draft.Entry) ([]table.Op, error) {
		l, ok := codeLetter(e)
		asked, back = ok, l.Page
		if !ok {
			return nil, draft.ErrNoChange
		}
		l.Again, again = again, true
		return x.codes.Mail(r.Context(), e, l, v.now)
	})
	if errors.Is(err, draft.ErrTooMany) {
		return x.renderCode(w, r, http.StatusTooManyRequests, v, x.Site.Page(r, "intake.open.title").T("intake.code.toomany"))
	}
	if err != nil {
		return err
	}
	if asked {
		back += "?gesendet=1"
	}
	return x.redirect(w, r, v, back)
}

// codeLetter is the letter with the code that the entry waits for, if any and
// if there is an address.
func codeLetter(e *draft.Entry) (draft.Letter, bool) {
	l := draft.Letter{Template: "m_resume", Kind: draft.KindResume, To: e.Address}
	if e.State == draft.StateSubmitted {
		l = draft.Letter{Template: "m_confirm", Kind: draft.KindConfirm, To: e.Contact(), Page: "/bestaetigen"}
	}
	return l, l.To != "" && e.State != draft.StateConfirmed
}

// laterPage is for who wants to go on another day.
type laterPage struct {
	web.Page
	Base    string
	Address string
	Problem string
	Mailed  bool
	Until   lang.Date
	Acute   bool
}

func (x *Service) showLater(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if !v.may || !v.Open() {
		return x.redirect(w, r, v, "")
	}
	address := v.Address
	if address == "" {
		address = v.Answers.Text("contact_email")
	}
	return x.renderLater(w, r, http.StatusOK, v, address, "")
}

func (x *Service) renderLater(w http.ResponseWriter, r *http.Request, status int, v visit, address, problem string) error {
	p := laterPage{
		Page: x.Site.Page(r, "intake.later.title"), Base: web.Path(r.Context(), v.base()), Address: address,
		Mailed: r.URL.Query().Has("gesendet"), Acute: draft.Acute(v.Answers),
	}
	if v.Temporary() {
		p.Until = lang.DateOf(v.Changed.Add(draft.DeleteAfter))
	}
	if problem != "" {
		p.Problem = p.T(problem)
	}
	p.Fault(problem != "")
	return x.pages.Render(w, r, status, "later", p)
}

// mailLater mails the link to the address that was typed.
func (x *Service) mailLater(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if !v.may || !v.Open() {
		return x.redirect(w, r, v, "")
	}
	typed := r.PostForm.Get("email")
	address, err := mail.Address(typed)
	if err != nil {
		return x.renderLater(w, r, http.StatusUnprocessableEntity, v, typed, "intake.later.noaddress")
	}
	_, err = x.drafts.Change(r.Context(), v.ID, func(e *draft.Entry) ([]table.Op, error) {
		fresh := e.Address != address // a code that went elsewhere opens nothing any more
		e.Address = address
		return x.codes.Mail(r.Context(), e, draft.Letter{Template: "m_resume", Kind: draft.KindResume, To: address, Fresh: fresh}, v.now)
	})
	if errors.Is(err, draft.ErrTooMany) {
		return x.renderLater(w, r, http.StatusTooManyRequests, v, typed, "intake.code.toomany")
	}
	if err != nil {
		return err
	}
	return x.redirect(w, r, v, "/speichern?gesendet=1")
}

// calendar is that of the municipality an entry is about.
func calendar(m municipality.Municipality) municipality.Calendar {
	return municipality.CalendarOf(m.Land)
}

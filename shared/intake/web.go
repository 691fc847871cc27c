package intake

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/intake/legal"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Texts and Mails are the texts of this noun, for lang.LoadCatalog and
// mail.LoadTemplates; Forms its definitions, for the check of all of them.
var (
	//go:embed texts.yaml
	Texts embed.FS
	//go:embed mail.yaml
	Mails embed.FS
	//go:embed forms/*.yaml
	Forms embed.FS

	//go:embed tmpl/*.html
	templates embed.FS
)

// Deps is what the expression of interest works with; all are needed.
type Deps struct {
	Table    table.Table
	Site     *web.Site
	Outbox   *mail.Outbox
	Links    *mail.Links
	Register *municipality.Register
	Log      *slog.Logger
	Now      func() time.Time
	Office   string // address of the service office, for what is urgent

	// OpenCase gives the operations that begin the case of a confirmed
	// expression of interest, and its number.
	OpenCase func(ctx context.Context, c Confirmed) (ops []table.Op, caseNo string, err error)
	// Answered gives the operations that tell the case that the municipality
	// has answered the service office's questions.
	Answered func(ctx context.Context, intakeID, caseNo string, now time.Time) ([]table.Op, error)
}

// Service serves the expression of interest.
type Service struct {
	Deps
	pages  *web.Pages
	forms  *form.Library
	limits *web.Limiter
	legal  *legal.Service
	source []byte
}

// New returns the service.
func New(d Deps) (*Service, error) {
	source, err := fs.ReadFile(Forms, "forms/intake.yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the definition of the expression of interest: %w", err)
	}
	l, err := legal.New(legal.Deps{
		Table: d.Table, Site: d.Site, Outbox: d.Outbox, Now: d.Now, Office: d.Office, Forms: Forms,
	})
	if err != nil {
		return nil, err
	}
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), forms: form.NewLibrary(d.Table),
		limits: web.NewLimiter(d.Table), legal: l, source: source,
	}, nil
}

// Check compiles the definitions that are shipped, for the start and for CI.
func Check() error {
	_, interest := form.Load(Forms, "forms/intake.yaml")
	_, barrier := form.Load(Forms, "forms/barrier.yaml")
	return errors.Join(interest, barrier)
}

// pathBase is where a draft's pages are; its token follows.
const pathBase = "/interessenbekundung/"

// Routes adds the pages of the expression of interest, the start page and the
// legal pages.
func (x *Service) Routes(mux web.Mux) {
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /{$}":                                      x.showStart,
		"GET /interessenbekundung":                      x.showBegin,
		"POST /interessenbekundung":                     x.begin,
		"GET /interessenbekundung/{token}":              x.showOverview,
		"POST /interessenbekundung/{token}":             x.openDraft,
		"POST /interessenbekundung/{token}/code":        x.sendCode,
		"GET /interessenbekundung/{token}/speichern":    x.showLater,
		"POST /interessenbekundung/{token}/speichern":   x.mailLater,
		"GET /interessenbekundung/{token}/pruefen":      x.showCheck,
		"POST /interessenbekundung/{token}/pruefen":     x.send,
		"GET /interessenbekundung/{token}/bestaetigen":  x.showConfirm,
		"POST /interessenbekundung/{token}/bestaetigen": x.confirm,
		"GET /interessenbekundung/{token}/{section}":    x.showSection,
		"POST /interessenbekundung/{token}/{section}":   x.receiveSection,
		"GET /interessenbekundungen/{id}":               web.RequireUser(x.showDesk, "SVC"),
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
	x.legal.Routes(mux)
}

// visit is a request to one draft.
type visit struct {
	entry
	token string
	may   bool // the browser may see the answers
	now   time.Time
}

// base is where the pages of the draft are.
func (v visit) base() string { return pathBase + v.token }

func resumeLink(id string) mail.Link { return mail.Link{Purpose: "resume", ID: id} }

// visit finds the draft of a request's link. Links that lead nowhere and drafts
// that are gone look the same.
func (x *Service) visit(r *http.Request) (visit, error) {
	token := r.PathValue("token")
	id, ok := x.Links.ID(token)
	if !ok {
		return visit{}, web.ErrUnknownLink
	}
	e, err := x.load(r.Context(), id)
	if errors.Is(err, table.ErrNotFound) || err == nil && !x.leadsTo(token, e) {
		return visit{}, web.ErrUnknownLink
	}
	if err != nil {
		return visit{}, err
	}
	hash := browserHash(id, x.Site.Cookie(r, browserCookie))
	return visit{entry: e, token: token, may: slices.Contains(e.Browsers, hash), now: x.Now()}, nil
}

// leadsTo checks a token. The link of a mail is bound to its recipient: when the
// draft's address changes, the link that went to the old one is void.
func (x *Service) leadsTo(token string, e entry) bool {
	link := resumeLink(e.id)
	return slices.ContainsFunc([]string{"", e.Address, e.contact(), e.Confirmed}, func(to string) bool {
		link.Recipient = to
		return x.Links.Check(token, link)
	})
}

// browserCookie holds what tells this browser from others: one random text for
// all drafts that it began. It lasts until the browser is closed.
const browserCookie = "entwurf"

// browser returns the browser's text, and gives it one when it has none.
func (x *Service) browser(w http.ResponseWriter, r *http.Request) string {
	secret := x.Site.Cookie(r, browserCookie)
	if len(secret) < 20 || len(secret) > 100 {
		secret = rand.Text()
		x.Site.SetCookie(w, browserCookie, secret, 0)
	}
	return secret
}

// browserHash is what a draft keeps of a browser. It differs from draft to
// draft, so that stored drafts cannot be joined by who filled them in.
func browserHash(id, secret string) string {
	sum := sha256.Sum256([]byte("browser\x00" + id + "\x00" + secret))
	return hex.EncodeToString(sum[:])
}

// env is the world around the form.
func (x *Service) env(ctx context.Context, now time.Time) form.Env {
	return form.Env{
		Today: lang.DateOf(now), Now: now, Lang: lang.From(ctx),
		Lookup: func(key string) (string, bool) {
			m, ok, err := x.Register.Find(ctx, key)
			return m.Name, ok && err == nil
		},
		Search: func(typed string) []form.Found {
			found, err := x.find(ctx, typed, 12)
			if err != nil {
				return nil
			}
			return offers(found)
		},
	}
}

var wholeNumber = regexp.MustCompile(`^[0-9]{5}([0-9]{3})?$`)

// find searches the register for what somebody typed into a field. A whole key
// or postcode means itself: that the key of an unknown county begins one key of
// the register does not make it that municipality.
func (x *Service) find(ctx context.Context, typed string, limit int) ([]municipality.Municipality, error) {
	typed = strings.TrimSpace(typed)
	found, err := x.Register.Search(ctx, typed, limit)
	if wholeNumber.MatchString(typed) {
		found = slices.DeleteFunc(found, func(m municipality.Municipality) bool {
			return m.Key != typed && m.Postcode != typed
		})
	}
	return found, err
}

func offers(found []municipality.Municipality) []form.Found {
	out := make([]form.Found, len(found))
	for i, m := range found {
		out[i] = form.Found{Key: m.Key, Label: m.Name + " (" + m.Key + ")"}
	}
	return out
}

// redirect leads to a page of the draft.
func (x *Service) redirect(w http.ResponseWriter, r *http.Request, v visit, page string) error {
	return web.Redirect(w, r, v.base()+page)
}
